"""A company whose names, notes, comments, squads, owners and ids are hostile, all the way to what people look at."""

import csv
import re
from collections import Counter
from html.parser import HTMLParser

import duckdb
import pytest

from metrics_py.shown import shown
from metrics_py.spreadsheet import harmless_cell
from tests.faults import hostile_company
from tests.faults.machine import rig

pytestmark = pytest.mark.slow

HARMFUL = {"iframe", "object", "embed", "form", "base", "applet", "frame", "img", "animate", "foreignobject", "audio"}


class Markup(HTMLParser):
    """The elements of a page, their attributes, the links and the scripts."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes, self.links, self.scripts = Counter(), set(), set(), []
        self._is_script = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements[tag] += 1
        self._is_script = tag == "script"
        self.attributes |= {name for name, _ in attributes}
        self.links |= {value for name, value in attributes if name in ("href", "src", "action", "xlink:href")}

    handle_startendtag = handle_starttag

    def handle_data(self, text):
        if self._is_script:
            self.scripts.append(text)
            self._is_script = False


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    assert rig.run("sample", "--out", folder / "sample", "--clean").code == 0
    extracts = rig.small_company(folder, sample=folder / "sample")
    project = rig.copy_project(folder / "project")
    changed = hostile_company.spoil_extracts(extracts)
    assert changed > 10_000
    assert hostile_company.spoil_seeds(project / "seeds") > 100
    built = rig.run("build", "--project-dir", project, "--extracts", extracts)
    return project, built


@pytest.fixture(scope="module")
def pages(company):
    project, _ = company
    return {name: page.decode() for name, page in rig.pages(project).items()}


def test_it_is_landed_built_published_and_drawn(company):
    project, built = company
    assert built.code in (0, 1), built.err
    assert "0 quarantined" in built.out
    with duckdb.connect(str(project / "warehouse.duckdb"), read_only=True) as connection:
        (names,) = connection.execute("select list(distinct feature_name) from marts.dim_features").fetchone()
    for text in hostile_company.TEXTS:
        assert any(text.strip() in name for name in names), text[:40]


def test_no_page_holds_live_markup_from_it(pages):
    html = {name: Markup(page) for name, page in pages.items() if name.endswith(".html")}
    assert len(html) > 50
    policy = {name: set(re.findall(r"'sha256-([^']+)'", pages[name])) for name in html}
    for name, markup in html.items():
        assert not HARMFUL & set(markup.elements), name
        assert not {attribute for attribute in markup.attributes if attribute.startswith("on")}, name
        assert not any(re.match(r"\s*(javascript|data:(?!,)|vbscript|https?|//)", link or "") for link in markup.links)
        assert all("alert(" not in script for script in markup.scripts), name
        assert markup.elements["script"] <= len(policy[name]) + 1, name
    shown_as_text = sum("alert(" in page for page in pages.values())
    assert shown_as_text > 20, "the texts never came to the pages"


def test_no_page_holds_a_character_that_steers_or_turns(pages):
    for name, page in pages.items():
        if name.endswith(".html"):
            assert shown(page) == page, name


def test_no_page_is_written_outside_the_site(company, pages):
    project, _ = company
    assert all(re.fullmatch(r"[A-Za-z0-9_./-]+", name) for name in pages)
    assert not list(project.parent.rglob("f000-00005*"))


def test_no_cell_of_an_export_is_a_formula(company, pages):
    exports = [name for name in pages if name.endswith(".csv")]
    assert len(exports) > 5
    cells = [cell for name in exports for row in csv.reader(pages[name].splitlines()) for cell in row]
    assert all(harmless_cell(cell) == cell for cell in cells)
    assert any(cell.startswith("'=") for cell in cells), "no formula came to the exports"


@pytest.mark.parametrize(
    "arguments",
    [
        ("trace", "ddqs"),
        ("trace", "circt", "--limit", "0"),
        ("trace", "nps", "--format", "csv"),
        ("diff", "--list"),
        ("okr", "health"),
        ("okr", "update", "--weekly"),
        ("check", "published", "--no-page", "--suites", rig.ROOT / "quality" / "suites.yml"),
    ],
    ids=lambda arguments: " ".join(map(str, arguments[:2])),
)
def test_no_command_breaks_or_lets_it_through(company, arguments):
    project, _ = company
    done = rig.run(*arguments, "--project-dir", project)
    assert done.code in (0, 1), done.err
    assert "Traceback" not in done.err
    if "csv" in arguments:
        cells = [cell for row in csv.reader(done.out.splitlines()) for cell in row]
        assert all(harmless_cell(cell) == cell for cell in cells)
        return
    assert shown(done.out) == done.out
    if arguments[0] == "okr":
        # What binds a document's numbers to their rows stands in comments, as data.
        text = re.sub(r"<!--.*?-->", "", done.out, flags=re.S)
        assert not re.search(r"<\s*/?\s*(script|img|svg|iframe|style|title)\b", text)


def test_a_document_is_read_back_as_it_was_written(company, tmp_path):
    project, _ = company
    written = rig.run("okr", "health", "--project-dir", project, "--out", tmp_path / "health.md")
    assert written.code == 0, written.err
    checked = rig.run("okr", "check-document", tmp_path / "health.md", "--project-dir", project)
    assert checked.code == 0, checked.out + checked.err


def test_invitations_of_a_wave_hold_no_formula_and_its_frame_lands_as_it_is(company, tmp_path):
    project, _ = company
    frame = tmp_path / "frame.csv"
    with frame.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "account_id", "tenure_days", "active_days_30", "email", "full_name"])
        for number, text in enumerate(hostile_company.TEXTS):
            writer.writerow([f"{text}{number}", text, 200 + number, 5, f"{text}@x.example", text])
    out = tmp_path / "invitations.csv"
    arguments = ("--wave", "2026Q9", "--size", 30, "--frame", frame, "--out", out, "--extracts", tmp_path / "landable")
    done = rig.run("sample-frame", *arguments, "--project-dir", project)
    assert done.code == 0, done.err
    rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    assert len(rows) == len(hostile_company.TEXTS)
    assert sum(row["full_name"].startswith("'") for row in rows) >= 4
    assert all(harmless_cell(cell) == cell for row in rows for cell in row.values())
    (landable,) = (tmp_path / "landable").rglob("*.csv")
    kept = {row["account_id"] for row in csv.DictReader(landable.open(encoding="utf-8", newline=""))}
    assert kept == set(hostile_company.TEXTS)
