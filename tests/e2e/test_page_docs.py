"""dbt's documentation beside the board: each metric's page leads to the model that computes it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from metrics_py.scoreboard.serve import BoardServer
from tests.e2e.browsing import chromium
from tests.e2e.conftest import Company, run

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.nightly]

MODELS = {
    "arr": "arr_by_month",
    "nps": "nps_by_wave",
    "ddqs": "ddqs_by_quarter",
    "ploar": "ploar_by_quarter",
    "circt": "circt_by_day",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(company: Callable[..., Company], tmp_path_factory: pytest.TempPathFactory) -> Path:
    built, site = company(1), tmp_path_factory.mktemp("docs") / "site"
    drawn = run("scoreboard", "--docs", "--project-dir", built.project, "--site", site)
    assert drawn.code == 0, drawn.out + drawn.err
    return site


@pytest.mark.parametrize("metric_id", list(MODELS))
def test_a_metrics_page_leads_to_its_model_in_the_documentation(browser: Any, site: Path, metric_id: str) -> None:
    page = browser.new_page()
    requests: list[str] = []
    trouble: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: trouble.append(message.text))
    page.goto((site / "metrics" / f"{metric_id}.html").as_uri())
    page.get_by_role("link", name=f"How it is computed: the model {MODELS[metric_id]}").click()
    page.locator("h1", has_text=MODELS[metric_id]).wait_for(timeout=30_000)
    assert page.locator(".model-markdown").first.inner_text().strip()
    page.close()
    opened = {(site / "metrics" / f"{metric_id}.html").as_uri(), (site / "docs" / "index.html").as_uri()}
    assert {url.partition("#")[0] for url in requests if not url.startswith("data:")} == opened
    assert trouble == []


def test_the_served_documentation_opens(browser: Any, site: Path) -> None:
    import threading

    server = BoardServer(site, host="127.0.0.1", port=0)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    page = browser.new_page()
    page.goto(f"{server.url}metrics/circt.html")
    page.get_by_role("link", name="How it is computed").click()
    page.locator("h1", has_text="circt_by_day").wait_for(timeout=30_000)
    page.close()
    server.shutdown()
    server.server_close()


def test_without_the_documentation_no_page_leads_there(company: Callable[..., Company]) -> None:
    built = company(1)
    for page in (built.project / "site").rglob("*.html"):
        assert "docs/index.html" not in page.read_text(encoding="utf-8"), page.name
