"""The company board in a real Chromium: what it shows, to whom, and what it never does."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import pytest

from metrics_py.scoreboard import render
from tests.unit.scoreboard.company import company_tables, publish_tables

pytestmark = pytest.mark.browser

AS_OF = datetime.fromisoformat("2026-01-31T06:00:00+00:00")
FRESH = AS_OF + timedelta(hours=3)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (360, 740)}
MEASURES = {"ARR": "Winning", "NPS": "Losing", "CIRCT": "Losing", "DDQS": "Winning", "PLOAR": "Too early"}

OpenPage = Callable[..., Any]


def unavailable(what: str) -> NoReturn:
    """Skip where somebody works, fail where CI must not pass without having looked."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and in CI the browser tests must run")
    pytest.skip(f"{what}; the page was not looked at")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    published = publish_tables(folder / "published", company_tables())
    return render(published, folder / "site").index


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next((path for path in map(shutil.which, names) if path), None)
    if executable is None:
        unavailable(f"none of {', '.join(names)} is installed")
    with playwright.sync_playwright() as session:
        browser = session.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    if shutil.which("npm") is None:
        unavailable("npm is not installed, so axe-core cannot be fetched")
    folder = tmp_path_factory.mktemp("axe")
    fetched = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "axe-core@4.14"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if fetched.returncode != 0:
        unavailable(f"axe-core could not be fetched ({fetched.stderr.strip()[-200:]})")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def open_page(browser: Any, index: Path) -> Iterator[OpenPage]:
    """Opens the board; whatever it logs or asks the network for is kept on the page object."""
    contexts = []

    def opened(
        size: str = "wide", *, scheme: str = "light", now: datetime = FRESH, url: str = "", **settings: Any
    ) -> Any:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=False, **settings
        )
        contexts.append(context)
        page = context.new_page()
        page.trouble, page.requests = [], []
        page.on("console", lambda message: page.trouble.append(message.text))
        page.on("pageerror", lambda error: page.trouble.append(str(error)))
        page.on("request", lambda request: page.requests.append(request.url))
        page.clock.set_fixed_time(now)
        page.goto(url or index.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_from_disk_without_a_request_or_a_complaint(open_page: OpenPage, size: str, scheme: str) -> None:
    page = open_page(size, scheme=scheme)
    page.wait_for_timeout(300)
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.trouble == []
    folder = os.environ.get("PAGE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"board-{size}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_axe_finds_nothing(browser: Any, index: Path, axe: str, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(index.as_uri())
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    context.close()
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in result["violations"]] == []


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wider_than_the_screen_or_laid_over_something_else(open_page: OpenPage, size: str) -> None:
    page = open_page(size)
    outside = page.evaluate("""() => [...document.querySelectorAll("body *:not(.skip):not(.unseen)")]
        .filter(element => !element.closest("symbol, .defs, .unseen"))
        .filter(element => element.getClientRects().length)
        .filter(element => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map(element => element.outerHTML.slice(0, 80))""")
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    overlapping = page.evaluate("""() => {
        const texts = [...document.querySelectorAll("h1 *, h2, h3, p, dt, dd, td, th, li > span, li > b, a > span")]
            .filter(element => element.getClientRects().length && !element.closest(".unseen"))
            .filter(element => element.textContent.trim());
        const boxes = texts.map(element => {
            const range = document.createRange();
            range.selectNodeContents(element);
            return range.getBoundingClientRect();
        });
        const found = [];
        for (let i = 0; i < boxes.length; i++)
            for (let j = i + 1; j < boxes.length; j++) {
                if (texts[i].contains(texts[j]) || texts[j].contains(texts[i])) continue;
                const wide = Math.min(boxes[i].right, boxes[j].right) - Math.max(boxes[i].left, boxes[j].left);
                const high = Math.min(boxes[i].bottom, boxes[j].bottom) - Math.max(boxes[i].top, boxes[j].top);
                if (wide > 2 && high > 4) found.push([texts[i].textContent, texts[j].textContent]);
            }
        return found;
    }""")
    assert overlapping == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("now", [FRESH, AS_OF + timedelta(days=90)], ids=["fresh", "old"])
def test_the_first_screen_holds_the_verdict_each_measures_word_and_the_biggest_reason(
    open_page: OpenPage, size: str, now: datetime
) -> None:
    page = open_page(size, now=now)
    seen = page.evaluate("""() => [...document.querySelectorAll(".answer *, .cascade li")]
        .filter(element => element.getBoundingClientRect().bottom <= innerHeight)
        .map(element => element.innerText)""")
    text = "\n".join(seen)
    assert "No." in text
    assert "Losing on 2 of 5 goals" in text
    assert "Biggest reason: CIRCT" in text
    for measure, word in MEASURES.items():
        assert any(measure in line and word in line for line in seen), (measure, word)


def test_the_keyboard_reaches_everything_and_shows_where_it_is(open_page: OpenPage) -> None:
    page = open_page()
    focusable = page.locator("a[href], button, input, select, summary, [tabindex='0']").count()
    reached = []
    for _ in range(focusable):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("""() => {
            const style = getComputedStyle(document.activeElement);
            return [document.activeElement.getAttribute("href"), style.outlineStyle !== "none"];
        }""")
        )
    assert [target for target, _ in reached] == ["#main", "#arr", "#nps", "#circt", "#ddqs", "#ploar"]
    assert all(is_shown for _, is_shown in reached)
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#ploar"


def test_data_within_its_age_is_dated_and_not_warned_about(open_page: OpenPage) -> None:
    page = open_page()
    assert page.locator(".as-of").inner_text() == "Data as of Saturday 31 January 2026, 06:00 UTC less than a day old"
    assert not page.locator("#old").is_visible()


def test_data_older_than_any_measure_allows_is_warned_about(open_page: OpenPage) -> None:
    page = open_page(now=AS_OF + timedelta(days=11, hours=1))
    assert "11 days old" in page.locator(".as-of").inner_text()
    assert page.locator("#old").is_visible()


def test_without_scripts_the_board_still_says_how_old_it_is(browser: Any, index: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(index.as_uri())
    assert page.locator(".as-of").inner_text().startswith("Data as of Saturday 31 January 2026, 06:00 UTC")
    assert page.locator("h1").inner_text().endswith("No.")
    context.close()


def test_the_charts_follow_the_colour_scheme(open_page: OpenPage) -> None:
    strokes = {
        scheme: open_page(scheme=scheme).evaluate(
            "getComputedStyle(document.querySelector('.chart.wide path[stroke=\"var(--ink)\"]')).stroke"
        )
        for scheme in ("light", "dark")
    }
    assert strokes == {"light": "rgb(22, 24, 29)", "dark": "rgb(236, 234, 229)"}


def test_in_print_a_dark_screen_gives_dark_ink_on_white(open_page: OpenPage) -> None:
    page = open_page(scheme="dark")
    page.emulate_media(media="print")
    body = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    assert body == ["rgb(255, 255, 255)", "rgb(22, 24, 29)"]
    assert not page.locator(".skip").is_visible()


def test_an_open_page_shows_the_next_board_within_two_seconds(browser: Any, tmp_path: Path) -> None:
    published = publish_tables(tmp_path / "published", company_tables())
    index = render(published, tmp_path / "site").index
    os.utime(index, (index.stat().st_mtime - 60,) * 2)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(index.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.wait_for_timeout(300)
        assert page.locator("h1 strong").inner_text() == "No."
        tables = company_tables()
        tables["scoreboard"] = tables["scoreboard"].filter(tables["scoreboard"]["status"] == "winning")
        render(publish_tables(published, tables), tmp_path / "site")
        page.locator("h1 strong", has_text="Yes.").wait_for(timeout=2000)
    finally:
        context.close()
        server.shutdown()
        server.server_close()
