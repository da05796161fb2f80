"""The served board: an open page follows what is published, and the command starts and stops cleanly."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics_py.publish.generation import current_generation
from tests.e2e.browsing import chromium
from tests.e2e.conftest import ROOT
from tests.unit.scoreboard.company import company_tables, publish_tables

pytestmark = pytest.mark.browser

Served = tuple[str, subprocess.Popen[str]]
Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts the command on a free port and gives its address; whatever still runs at the end is stopped."""
    started = []

    def start(*arguments: object) -> Served:
        command = [sys.executable, "-u", "-m", "metrics_py", "scoreboard", "--serve", "--port", "0"]
        command += ["--published", str(tmp_path / "published"), "--site", str(tmp_path / "site")]
        process = subprocess.Popen(
            [*command, *map(str, arguments)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append(process)
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            found = re.search(r"http://[^ ]+/", line)
            if found:
                return found.group(), process
        pytest.fail("it ended without serving: " + "".join(lines))

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def winning(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return tables | {"scoreboard": tables["scoreboard"].filter(pl.col("status") == "winning")}


def test_an_open_page_shows_what_is_published_within_two_seconds(browser: Any, serve: Serve, tmp_path: Path) -> None:
    published = publish_tables(tmp_path / "published", company_tables())
    url, _ = serve()
    context = browser.new_context()
    board, metric = context.new_page(), context.new_page()
    board.goto(url)
    metric.goto(f"{url}metrics/arr.html")
    assert board.locator("h1 strong").inner_text() == "No."
    before = metric.locator("html").get_attribute("data-version")
    started = time.monotonic()
    publish_tables(published, winning(company_tables()))
    board.locator("h1 strong", has_text="Yes.").wait_for(timeout=10_000)
    took = time.monotonic() - started
    generation = current_generation(published).name
    metric.locator(f"html[data-version='{generation}']").wait_for(timeout=5000, state="attached")
    context.close()
    assert before != generation
    assert took < 2, f"it took {took:.2f} s"


def test_a_reader_never_sees_half_a_page(serve: Serve, tmp_path: Path) -> None:
    import http.client

    published = publish_tables(tmp_path / "published", company_tables())
    url, _ = serve()
    host = url.removeprefix("http://").rstrip("/")
    generations = set()
    connection = http.client.HTTPConnection(host, timeout=10)
    for read in range(400):
        if read % 200 == 100:
            publish_tables(published, winning(company_tables()) if read < 200 else company_tables())
        connection.request("GET", "/metrics/circt.html")
        answer = connection.getresponse()
        content = answer.read().decode()
        assert answer.status == 200
        assert content.endswith("</html>")
        generations.add(re.search(r'data-version="([0-9a-f]+)"', content).group(1))  # type: ignore[union-attr]
        time.sleep(0.005)
    assert len(generations) >= 1


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_when_told_to(serve: Serve, tmp_path: Path, sign: signal.Signals) -> None:
    publish_tables(tmp_path / "published", company_tables())
    _, process = serve()
    process.send_signal(sign)
    assert process.wait(timeout=10) == 0
    assert process.stdout is not None
    said = process.stdout.read()
    assert "Stopping." in said
    assert "Traceback" not in said


def test_a_port_in_use_is_an_answer_and_not_a_traceback(serve: Serve, tmp_path: Path) -> None:
    published = publish_tables(tmp_path / "published", company_tables())
    url, _ = serve()
    port = url.rstrip("/").rsplit(":", 1)[1]
    command = [sys.executable, "-m", "metrics_py", "scoreboard", "--serve", "--port", port]
    command += ["--published", str(published), "--site", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert re.search(rf"port {port} of 127.0.0.1 is in use", done.stderr)
    assert "Traceback" not in done.stderr


def test_without_a_snapshot_it_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "metrics_py", "scoreboard", "--serve", "--port", "0"]
    command += ["--published", str(tmp_path / "published"), "--site", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=60, env=os.environ)
    assert done.returncode == 2
    assert "metrics-py publish" in done.stderr
