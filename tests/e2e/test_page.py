"""The pages in a real Chromium: what they show, to whom, and what they never do."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics_py.scoreboard import render
from tests.e2e.browsing import OUTSIDE, OVERLAPPING, SIZES, chromium, unavailable, visible_focusable
from tests.unit.scoreboard.company import company_tables, publish_tables

pytestmark = pytest.mark.browser

AS_OF = datetime.fromisoformat("2026-01-31T06:00:00+00:00")
FRESH = AS_OF + timedelta(hours=3)
MEASURES = {"ARR": "Winning", "NPS": "Losing", "CIRCT": "Losing", "DDQS": "Winning", "PLOAR": "Too early"}
KINDS = {
    "company": "index.html",
    "quarter": "quarters/q4-2025-*.html",
    "squad": "squads/billing.html",
    "person": "people/keiko-sato-*.html",
    "circt": "metrics/circt.html",
    "nps": "metrics/nps.html",
    "arr": "metrics/arr.html",
    "key results": "key-results.html",
    "key result": "key-results/kr-minutes.html",
    "data": "data.html",
    "search": "search.html",
}

OpenPage = Callable[..., Any]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    published = publish_tables(folder / "published", company_tables())
    return render(published, folder / "site").index


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


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
def page_of(index: Path) -> Callable[[str], Path]:
    """The file of a kind of page."""
    return lambda kind: next(index.parent.glob(KINDS[kind]))


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


def test_every_page_opens_from_disk_without_a_request_or_a_complaint(open_page: OpenPage, index: Path) -> None:
    page = open_page()
    for file in sorted(index.parent.rglob("*.html")):
        page.goto(file.as_uri())
        page.wait_for_timeout(30)
        assert page.title()
        assert page.locator("h1").count() == 1
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.trouble == []


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("wide", "dark"), ("phone", "dark")])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(
    browser: Any, page_of: Callable[[str], Path], axe: str, kind: str, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(page_of(kind).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    page.evaluate(axe)
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    folder = os.environ.get("PAGE_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{kind.replace(' ', '-')}-{size}-{scheme}.png", full_page=True)
    context.close()
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in result["violations"]] == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_the_screen_or_laid_over_something_else(
    open_page: OpenPage, page_of: Callable[[str], Path], kind: str, size: str
) -> None:
    page = open_page(size, url=page_of(kind).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERLAPPING) == []


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


@pytest.mark.parametrize("kind", ["company", "person", "circt", "key result", "search"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    open_page: OpenPage, page_of: Callable[[str], Path], kind: str
) -> None:
    page = open_page(url=page_of(kind).as_uri())
    wanted = visible_focusable(page)
    reached = []
    for _ in wanted:
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("""() => {
            const style = getComputedStyle(document.activeElement);
            const box = document.activeElement.getBoundingClientRect();
            return [document.activeElement.outerHTML.slice(0, 200), style.outlineStyle !== "none" && box.height > 0];
        }""")
        )
    assert sorted(html for html, _ in reached) == sorted(wanted)
    assert all(is_shown for _, is_shown in reached)


def test_from_the_cascade_enter_leads_to_the_measure(open_page: OpenPage) -> None:
    page = open_page()
    page.locator(".cascade a").last.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#ploar"


@pytest.mark.parametrize("kind", ["person", "circt"])
def test_the_quarter_switch_works_by_keyboard_and_without_scripts(
    browser: Any, page_of: Callable[[str], Path], kind: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_of(kind).as_uri())
    shown = page.locator(".panel:visible h3")
    assert shown.all_inner_texts() == ["Q1 2026"]
    page.get_by_role("navigation", name="Quarter", exact=True).get_by_role("link", name="Q3 2025").focus()
    page.keyboard.press("Enter")
    assert shown.all_inner_texts() == ["Q3 2025"]
    context.close()


def test_search_finds_people_and_features_from_disk(open_page: OpenPage, page_of: Callable[[str], Path]) -> None:
    page = open_page(url=page_of("search").as_uri())
    page.keyboard.press("Tab")
    page.get_by_label("Name of a product manager").fill("ines")
    page.locator("#found a", has_text="Inês Moreau").wait_for(timeout=3000)
    page.get_by_label("Name of a product manager").fill("ROUTE planner")
    page.locator("#found a", has_text="Route planner 0").wait_for(timeout=3000)
    assert re.fullmatch(r"\d+ found", page.locator("#found-count").inner_text())
    page.locator("#found a").first.click()
    assert page.url.split("#")[1].startswith("f-f0000")
    assert page.locator("tr:target th").inner_text().startswith("Route planner")
    page.go_back()
    page.get_by_label("Name of a product manager").fill("<b>nobody</b>")
    page.locator("#found-count", has_text="0 found").wait_for(timeout=3000)
    assert page.trouble == []


def test_a_product_managers_page_prints_on_one_sheet(
    browser: Any, page_of: Callable[[str], Path], tmp_path: Path
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(page_of("person").as_uri())
    printed = page.pdf(format="A4", prefer_css_page_size=True, path=tmp_path / "page.pdf")
    context.close()
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


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
