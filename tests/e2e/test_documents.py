"""The documents of the built sample, as a user writes them: their words, their numbers, their sentences."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from metrics_py.reports.binding import Document, read_document
from metrics_py.reports.checking import check_document, failures
from metrics_py.reports.published import Published
from metrics_py.reports.words import word_count
from tests.e2e.conftest import Company, run
from tests.unit.reports.test_documents import faults

DOCUMENTS = {
    "health": (["health"], "Health of the key results"),
    "weekly": (["update", "--weekly"], "Weekly update"),
    "leadership": (["update", "--leadership"], "Leadership update"),
    "leadership-company": (["update", "--leadership", "--level", "company"], "Leadership update"),
    "retro-quarter": (["retro", "--period", "2025Q3"], "Retrospective, Q3 2025"),
    "retro-half": (["retro", "--period", "2025H2"], "Retrospective, H2 2025"),
    "learnings": (["retro", "--search", "enablement"], "Learnings with “enablement”"),
    "next-targets": (["next-targets"], "Next targets, Q2 2026"),
    "next-targets-now": (["next-targets", "--period", "2026Q1"], "Next targets, Q1 2026"),
    "midpoint": (["midpoint"], "Midpoint review"),
    "persons": (["health", "--level", "person"], "Health of the key results"),
}

Write = Callable[[str], Document]


@pytest.fixture(scope="module")
def sample(company: Callable[..., Company]) -> Company:
    return company(1)


@pytest.fixture(scope="module")
def write(sample: Company, tmp_path_factory: pytest.TempPathFactory) -> Write:
    folder = tmp_path_factory.mktemp("documents")
    made: dict[str, Document] = {}

    def write_one(name: str) -> Document:
        if name not in made:
            file = folder / f"{name}.md"
            done = run("okr", *DOCUMENTS[name][0], "--project-dir", sample.project, "--out", file)
            assert done.code == 0, done.err
            made[name] = read_document(file.read_text(encoding="utf-8"))
        return made[name]

    return write_one


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_of_the_sample_is_whole(name: str, write: Write) -> None:
    text = write(name).text
    assert text.startswith(f"# {DOCUMENTS[name][1]}")
    assert faults(text) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_number_of_the_sample_is_published(name: str, write: Write, sample: Company) -> None:
    document = write(name)
    verdicts = check_document(document, Published(sample.published))
    assert failures(verdicts) == []
    assert len(verdicts) >= 1


@pytest.mark.parametrize("name", ["leadership", "leadership-company"])
def test_the_leadership_update_of_the_sample_has_its_words(name: str, write: Write) -> None:
    assert 360 <= word_count(write(name).text) <= 440


def test_what_is_escalated_in_the_table_is_escalated_in_the_update(write: Write, sample: Company) -> None:
    status = sample.table("key_result_status").filter("is_latest", "is_escalated")
    names = status.filter(status["org_level"] == "company", status["evaluated_on"] < status["period_end"])["name"]
    text = write("leadership-company").text
    top = text.split("## Where the key results stand")[0]
    assert names.len() > 0
    assert all(name in top for name in names)


def test_the_closing_values_of_a_quarter_are_those_of_the_table(write: Write, sample: Company) -> None:
    status = sample.table("key_result_status").filter("is_latest")
    rows = status.filter(status["key_result_id"].is_in(["kr-dispatch-time-2025q3", "kr-self-serve-invoices-2025q3"]))
    text = write("retro-quarter").text
    assert rows.height == 2
    for row in rows.iter_rows(named=True):
        attained = (row["current_value"] - row["baseline"]) / (row["target"] - row["baseline"])
        (line,) = [line for line in text.splitlines() if line.startswith(f"| {row['name']} |")][:1]
        shown = re.search(r"([\d.]+)% \| (Missed|Achieved) \|", line)
        assert shown is not None
        assert float(shown[1]) == pytest.approx(100 * attained, abs=0.06)


def test_a_stored_document_is_checked_by_a_command(write: Write, sample: Company, tmp_path: Path) -> None:
    file = tmp_path / "leadership.md"
    file.write_text(write("leadership").with_appendix(), encoding="utf-8")
    assert run("okr", "check-document", file, "--project-dir", sample.project).code == 0
    number = re.search(r"\| ([\d.]+%) \|", file.read_text(encoding="utf-8"))
    assert number is not None
    file.write_text(file.read_text(encoding="utf-8").replace(number[0], "| 99.9% |", 1), encoding="utf-8")
    done = run("okr", "check-document", file, "--project-dir", sample.project)
    assert done.code == 1
    assert "'99.9%' is contradicted" in done.out


def test_a_command_without_a_snapshot_says_what_to_do(tmp_path: Path, sample: Company) -> None:
    done = run("okr", "health", "--project-dir", sample.project, "--published", tmp_path / "nothing")
    assert done.code == 2
    assert "holds no published snapshot; run `metrics-py publish` first" in done.err
