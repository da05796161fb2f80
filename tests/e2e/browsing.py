"""A real Chromium for the tests that look at pages, and what every page is asked."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"wide": (1440, 900), "tablet": (768, 1024), "phone": (360, 740)}

OUTSIDE = """() => [...document.querySelectorAll("body *:not(.skip):not(.unseen)")]
    .filter(element => !element.closest("symbol, .defs, .unseen"))
    .filter(element => element.checkVisibility() && element.getClientRects().length)
    .filter(element => element.getBoundingClientRect().right > innerWidth + 0.5)
    .map(element => element.outerHTML.slice(0, 120))"""

OVERLAPPING = """() => {
    const named = "h1, h1 *, h2, h3, p, dt, dd, td, th, summary, li > span, li > b, a > span, figcaption *, label";
    const texts = [...document.querySelectorAll(named)]
        .filter(element => element.checkVisibility() && element.getClientRects().length)
        .filter(element => !element.closest(".unseen, thead, .skip") && element.textContent.trim());
    const boxes = texts.map(element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect();
    });
    const order = texts.map((_, place) => place).sort((one, other) => boxes[one].top - boxes[other].top);
    const found = [];
    for (let i = 0; i < order.length; i++)
        for (let j = i + 1; j < order.length && boxes[order[j]].top < boxes[order[i]].bottom - 4; j++) {
            const [one, other] = [order[i], order[j]];
            if (texts[one].contains(texts[other]) || texts[other].contains(texts[one])) continue;
            const wide = Math.min(boxes[one].right, boxes[other].right) - Math.max(boxes[one].left, boxes[other].left);
            const high = Math.min(boxes[one].bottom, boxes[other].bottom) - Math.max(boxes[one].top, boxes[other].top);
            if (wide > 2 && high > 4) found.push([texts[one].textContent.trim(), texts[other].textContent.trim()]);
        }
    return found;
}"""

FOCUSABLE = "a[href], button, input, select, summary, [tabindex='0']"


def unavailable(what: str) -> NoReturn:
    """Skip where somebody works, fail where CI must not pass without having looked."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and in CI the browser tests must run")
    pytest.skip(f"{what}; the pages were not looked at")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser, closed at the end."""
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next((path for path in map(shutil.which, names) if path), None)
    if executable is None:
        unavailable(f"none of {', '.join(names)} is installed")
    with playwright.sync_playwright() as session:
        browser = session.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


def visible_focusable(page: Any) -> list[str]:
    """What the keyboard must reach on a page, as the start of its HTML."""
    found: list[str] = page.evaluate(
        """selector => [...document.querySelectorAll(selector)]
            .filter(element => element.checkVisibility()).map(element => element.outerHTML.slice(0, 200))""",
        FOCUSABLE,
    )
    return found
