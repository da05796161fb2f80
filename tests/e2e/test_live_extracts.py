"""The board that keeps itself: extracts arrive in a folder and an open page follows, good ones and broken ones."""

import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metrics_py.scoreboard.stamp import STAMP_FILE
from tests.e2e.browsing import chromium
from tests.e2e.conftest import copy_project, run
from tests.e2e.serving import Server, served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.nightly]

LATE = "2026-01-31"
BUILD_SECONDS = 400


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


def as_of(page: Any) -> str:
    return str(page.locator("#as-of").get_attribute("datetime"))


def deliver(sample: Path, extracts: Path, *, late: bool) -> None:
    """Copy the extracts of the last day, or all the others, as a loader would drop them."""
    for file in sorted(path for path in sample.rglob("*") if path.is_file()):
        if (LATE in file.name) == late:
            target = extracts / file.relative_to(sample)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def seen_after_replacing(page: Any, site: Path) -> float:
    """Seconds from the site's replacement to the open page's new content."""
    loaded = page.evaluate(
        "performance.timeOrigin + performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
    )
    return float(loaded) / 1000 - (site / STAMP_FILE).stat().st_mtime


def test_an_open_page_follows_the_extracts_and_tells_of_broken_ones(browser: Any, tmp_path: Path) -> None:
    sample = tmp_path / "sample"
    assert run("sample", "--out", sample, "--seed", 1).code == 0
    project, extracts = copy_project(tmp_path / "project"), tmp_path / "extracts"
    extracts.mkdir()
    site = project / "site"
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    with served("--project-dir", project, "--extracts", extracts) as server:
        _first_build(page, server, sample / "extracts", extracts)
        _new_delivery(page, server, sample / "extracts", extracts, site)
        _broken_delivery(page, server, extracts)
        _mended(page, server, extracts)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=20) == 0
        assert "Traceback" not in server.rest()
    with served("--project-dir", project, "--extracts", extracts) as again:
        page.goto(again.url)
        time.sleep(5)
        assert "building" not in again.said, "nothing had changed since the last build"
    page.close()


def _first_build(page: Any, server: Server, sample: Path, extracts: Path) -> None:
    page.goto(server.url)
    assert page.locator("h1").inner_text() == "No board yet"
    deliver(sample, extracts, late=False)
    page.locator(".hero h1").wait_for(timeout=BUILD_SECONDS * 1000)
    assert as_of(page) < LATE
    server.wait_for(r"Built", timeout=60)


def _new_delivery(page: Any, server: Server, sample: Path, extracts: Path, site: Path) -> None:
    before = page.locator("html").get_attribute("data-version")
    deliver(sample, extracts, late=True)
    page.locator(f"#as-of[datetime^='{LATE}']").wait_for(timeout=BUILD_SECONDS * 1000, state="attached")
    took = seen_after_replacing(page, site)
    print(f"site replaced to page seen, after a real build: {took:.2f} s")
    assert page.locator("html").get_attribute("data-version") != before
    assert took < 2
    assert not page.locator("#trouble").is_visible()


def _broken_delivery(page: Any, server: Server, extracts: Path) -> None:
    server.wait_for(r"(?s)Built.*Built", timeout=60)
    shown = page.locator("main").inner_text()
    (extracts / "productboard/notes/2026-02-07T060000Z.parquet").write_bytes(b"not what its name says")
    trouble = page.locator("#trouble", has_text="2026-02-07T060000Z.parquet")
    trouble.wait_for(timeout=BUILD_SECONDS * 1000)
    text = trouble.inner_text()
    assert text.startswith("Not up to date.")
    assert "Mend them or move them away" in text
    assert page.locator("main").inner_text() == shown
    assert as_of(page).startswith(LATE)
    # From across the room: at the top, and in letters that are more than a twentieth of the screen's height.
    box = trouble.bounding_box()
    assert box["y"] < 200
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('#trouble strong')).fontSize)") >= 45
    server.wait_for(r"exit code 2; the board shows what was published before", timeout=10)
    # Whoever opens another page now is told, too.
    page.goto(f"{server.url}metrics/circt.html")
    trouble.wait_for(timeout=5000)
    page.goto(server.url)


def _mended(page: Any, server: Server, extracts: Path) -> None:
    (extracts / "productboard/notes/2026-02-07T060000Z.parquet").unlink()
    trouble = page.locator("#trouble")
    trouble.wait_for(timeout=5000)
    trouble.wait_for(state="hidden", timeout=BUILD_SECONDS * 1000)
    assert as_of(page).startswith(LATE)
    assert len(re.findall("building", server.said)) >= 3
