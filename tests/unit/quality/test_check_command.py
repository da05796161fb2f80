"""`metrics-py check`: exit codes, forms and places, on a warehouse with a single extract."""

import json
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from metrics_py.cli import main
from metrics_py.land import land

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One extract of gate reviews, a day old."""
    folder = tmp_path_factory.mktemp("landed")
    file = folder / "extracts" / "product_ops" / "stage_gate_review" / "2026-01-30T060000Z.csv"
    file.parent.mkdir(parents=True)
    rows = [f"r{i},f{i % 5},develop,pass,{1 + i % 4},2026-01-{i % 28 + 1:02d}T10:00:00Z" for i in range(40)]
    file.write_text("review_id,feature_id,gate,outcome,confidence_score,decided_at\n" + "\n".join(rows) + "\n")
    report = land(folder / "extracts", folder / "warehouse.duckdb", project=ROOT)
    assert not report.refused
    return folder / "warehouse.duckdb"


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    path = tmp_path / "suites.yml"
    path.write_text(
        """
        suites:
          - suite: gates
            side: raw
            about: Gates.
            table: product_ops.stage_gate_review
            rows: [review_id]
            expectations:
              - name: confidence_is_low
                expect: ExpectColumnValuesToBeBetween
                with: {column: confidence_score, max_value: 3}
                severity: error
                meaning: Confidence is at most 3.
                what_to_do: Think again.
        """
    )
    return path


def check(warehouse: Path, *arguments: object) -> int:
    return main(["check", "raw", "--project-dir", str(ROOT), "--warehouse", str(warehouse), *map(str, arguments)])


def test_an_expectation_that_does_not_hold_exits_with_1_and_names_its_rows(
    warehouse: Path, suites: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results" / "checks.json"
    assert check(warehouse, "--suites", suites, "--no-page", "--format", "json", "--out", out) == 1
    (result,) = json.loads(out.read_text())["results"]
    assert result["observed"] == "10 of 40 rows (25.0%)"
    assert result["examples"] == [f"review_id {row}: confidence_score 4" for row in ("r11", "r15", "r19")]


def test_a_warning_exits_with_0(warehouse: Path, suites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suites.write_text(suites.read_text().replace("severity: error", "severity: warn"))
    assert check(warehouse, "--suites", suites, "--no-page") == 0
    assert "warn confidence_is_low" in capsys.readouterr().out


def test_a_mistake_in_the_suites_exits_with_2(
    warehouse: Path, suites: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suites.write_text(suites.read_text().replace("confidence_score", "confidence"))
    assert check(warehouse, "--suites", suites, "--no-page") == 2
    assert "suites.yml:11: confidence_is_low: no column confidence" in capsys.readouterr().err


def test_a_warehouse_that_is_missing_exits_with_2(
    suites: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path / "none.duckdb", "--suites", suites) == 2
    assert "no warehouse at" in capsys.readouterr().err


def test_an_empty_warehouse_exits_with_2(suites: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert check(tmp_path / "empty.duckdb", "--suites", suites) == 2
    assert "nothing is landed" in capsys.readouterr().err


def test_the_page_and_the_junit_file_are_written_where_they_are_wanted(
    warehouse: Path, suites: Path, tmp_path: Path
) -> None:
    page, out = tmp_path / "page.html", tmp_path / "checks.xml"
    assert check(warehouse, "--suites", suites, "--page", page, "--format", "junit", "--out", out) == 1
    assert "confidence_is_low" in page.read_text()
    assert ElementTree.parse(out).getroot().attrib["failures"] == "1"


def test_every_suite_of_the_project_can_be_judged_after_the_first_extract(warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "checks.json"
    assert check(warehouse, "--no-page", "--format", "json", "--out", out) in (0, 1)
    results = json.loads(out.read_text())["results"]
    assert len(results) > 50
    assert [r["name"] for r in results if r["observed"].startswith("could not be evaluated")] == []
    assert [r["name"] for r in results if r["status"] == "failed"] == ["references_find_their_rows"]


def test_what_is_expected_is_listed_without_any_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--list", "--project-dir", str(ROOT)]) == 0
    assert "survey_scores_are_0_to_10" in capsys.readouterr().out
