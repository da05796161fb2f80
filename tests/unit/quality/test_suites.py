"""Suites as people write them, and every mistake in them with its line and the way out."""

from pathlib import Path

import pytest

from metrics_py.errors import ConfigurationError
from metrics_py.quality.runner import Checker
from metrics_py.quality.suites import read_suites

ROOT = Path(__file__).resolve().parents[3]

GOOD = """\
suites:
  - suite: answers
    side: raw
    about: Answers.
    table: survey.survey_responses
    rows: [response_id]
    expectations:
      - name: scores_are_there
        expect: ExpectColumnValuesToNotBeNull
        with: {column: score_raw, mostly: 0.9}
        meaning: Most answers have a score.
        what_to_do: Ask again.
"""


def load(folder: Path, text: str) -> Checker:
    path = folder / "suites.yml"
    path.write_text(text)
    return Checker.load(path, ROOT, ("raw", "published"))


def test_a_suite_is_read_with_what_it_means(tmp_path: Path) -> None:
    (suite,) = load(tmp_path, GOOD).file.suites
    (expectation,) = suite.expectations
    assert (suite.side, suite.table, suite.rows) == ("raw", "survey.survey_responses", ("response_id",))
    assert (expectation.severity, expectation.meaning) == ("error", "Most answers have a score.")
    assert expectation.arguments == {"column": "score_raw", "mostly": 0.9}


@pytest.mark.parametrize(
    ("found", "written", "line", "told"),
    [
        ("ToNotBeNull", "ToNotBeNul", 9, "did you mean ExpectColumnValuesToNotBeNull?"),
        ("mostly", "mosty", 10, "takes no argument mosty; did you mean mostly?"),
        ("mostly: 0.9", "mostly: many", 10, "does not take these arguments"),
        ("score_raw", "score", 10, "no column score; did you mean score_raw?"),
        ("survey_responses", "survey_response", 5, "did you mean survey.survey_responses?"),
        ("[response_id]", "[response]", 2, "rows of suite answers names response; did you mean response_id?"),
        ("table: survey.survey_responses", "sql: select score from nowhere", 5, "does not fit the tables"),
        ("table: survey.survey_responses", "sql: select 1 as {{ x }}", 5, "cannot be made: 'x' is undefined"),
        (
            "table: survey.survey_responses",
            "sql: select * from {{ newest('survey.answers') }}",
            5,
            "there is no raw table survey.answers",
        ),
        ("ExpectColumnValuesToNotBeNull", "ExpectColumnQuantileValuesToBeBetween", 10, "cannot be used with numpy 2"),
    ],
)
def test_what_a_suite_names_must_exist(tmp_path: Path, found: str, written: str, line: int, told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, GOOD.replace(found, written))
    assert f"suites.yml:{line}: " in str(refused.value)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("found", "written", "line", "told"),
    [
        ("side: raw", "side: landed", 3, "allowed are raw and published"),
        ("meaning:", "meanning:", 11, "did you mean meaning?"),
        ("        meaning: Most answers have a score.\n", "", 8, "needs the field meaning; add it"),
        ("mostly: 0.9}", "mostly: 0.9}\n        severity: fatal", 11, "allowed are error and warn"),
        ("    table:", "    sql: select 1\n    table:", 2, "either table or sql"),
        ("        meaning:", "       meaning:", 11, "YAML cannot be read here"),
        ("        meaning:", "        with: {}\n        meaning:", 11, "with is given twice"),
        ("{column: score_raw, mostly: 0.9}", "score_raw", 10, "with is a mapping"),
        ("suites:", "suite:", 1, "did you mean suites?"),
        ("scores_are_there", "answers", 8, "answers is the name in line 2"),
    ],
)
def test_a_suite_must_have_its_form(tmp_path: Path, found: str, written: str, line: int, told: str) -> None:
    path = tmp_path / "suites.yml"
    path.write_text(GOOD.replace(found, written))
    with pytest.raises(ConfigurationError) as refused:
        read_suites(path)
    assert f"suites.yml:{line}: " in str(refused.value)
    assert told in str(refused.value)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, GOOD.replace("score_raw", "score").replace("[response_id]", "[response]"))
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == ["2", "10"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no suites at .*; name the file with --suites"):
        read_suites(tmp_path / "suites.yml")


def test_the_suites_of_the_project_fit_its_contracts() -> None:
    file = Checker.load(ROOT / "quality" / "suites.yml", ROOT, ("raw", "published")).file
    assert len(file.suites) >= 40
    for suite in file.suites:
        for expectation in suite.expectations:
            assert expectation.meaning.endswith("."), expectation.name
            assert expectation.what_to_do.endswith("."), expectation.name
