"""The key results that a project keeps as seeds: every slip is named with file, line and field."""

import shutil
from pathlib import Path

import pytest

from metrics_py.okr.lint import lint_path

SEEDS = Path(__file__).parents[3] / "seeds"


@pytest.fixture
def kept(tmp_path):
    """A copy of the project's seeds."""
    shutil.copytree(SEEDS / "okr", tmp_path / "okr")
    shutil.copytree(SEEDS / "goals", tmp_path / "goals")
    return tmp_path / "okr"


def edited(folder, file, old, new):
    text = (folder / file).read_text()
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    (folder / file).write_text(text.replace(old, new, 1))
    return line


@pytest.mark.parametrize(
    ("file", "old", "new", "rule", "words"),
    [
        (
            "key_results.csv",
            ",maintain,up,score",
            ",hold,up,score",
            "seed-value",
            "goal_type must be one of reach, main",
        ),
        ("key_results.csv", "2026-04-01,company", "April,company", "seed-value", "period_end must be a date"),
        ("key_results.csv", ",reach,up,usd,8000000", ",reach,up,usd,eight", "seed-value", "baseline must be a number"),
        ("key_results.csv", "kr-nps,obj-company-growth", "kr-nps,obj-company-grow", "seed-reference", "objective_id"),
        ("key_results.csv", "nps-2026,,91,0,2", "nps-2027,,91,0,2", "seed-reference", "goal_id names 'nps-2027'"),
        (
            "key_results.csv",
            "2025-01-01,2026-07-01,company",
            "2026-07-01,2026-07-01,company",
            "seed-period",
            "period_end",
        ),
        ("key_results.csv", "arr,arr,headline,reach", "arr,arr,,reach", "seed-value", "reading is empty"),
        ("key_results.csv", ",31,0,2,", ",31,0,0,", "seed-value", "weight must be a number above 0"),
        (
            "initiative_effects.csv",
            ",0.6,observed",
            ",60,observed",
            "seed-value",
            "probability must be a number from 0",
        ),
        ("initiative_effects.csv", "observed", "believed", "seed-value", "evidence_grade must be one of asserted"),
        (
            "initiative_effects.csv",
            "route-alerts,",
            "route-alert,",
            "seed-reference",
            "initiative_id names 'route-alert'",
        ),
        ("key_result_milestones.csv", "2025-11-03", "2025-09-03", "seed-period", "outside the period 2025-10-01"),
        ("objectives.csv", "obj-company-2025h2,", "obj-company-growth,", "seed-duplicate", "already"),
        ("learning_notes.csv", "learning-001,2025Q1", "learning-001,", "seed-value", "period is empty"),
        ("key_result_links.csv", "lag_days", "lag_day", "seed-column", "lag_day"),
    ],
)
def test_a_slip_is_named_with_its_file_line_and_field(kept, file, old, new, rule, words):
    line = edited(kept, file, old, new)
    found = [found for found in lint_path(kept).findings if found.rule == rule]
    assert any(
        one.file.endswith(f"okr/{file}") and one.line == line and words in one.message and one.severity == "error"
        for one in found
    ), [(one.file, one.line, one.message) for one in found]


def test_a_slip_in_a_name_comes_with_the_name_that_was_meant(kept):
    edited(kept, "key_results.csv", "kr-nps,obj-company-growth", "kr-nps,obj-company-grwth")
    found = next(one for one in lint_path(kept).findings if one.rule == "seed-reference")
    assert found.rewrite == "write obj-company-growth"


def test_a_changed_target_needs_its_reason_and_its_day_lies_at_the_midpoint(kept):
    reason = '"Carrier alerts moved to 2026, which takes away the largest of the three planned effects."'
    reason = reason if reason in (kept / "key_results.csv").read_text() else reason.strip('"')
    line = edited(kept, "key_results.csv", reason, "")
    found = next(one for one in lint_path(kept).findings if one.rule == "target-change-reason")
    assert (found.line, found.severity) == (line, "error")
    edited(kept, "key_results.csv", "2025-11-17,", "2025-12-17,because")
    midpoint = next(one for one in lint_path(kept).findings if one.rule == "target-change-midpoint")
    assert (midpoint.line, midpoint.severity) == (line, "warning")
    assert "2025-11-16" in midpoint.message


def test_the_sentence_of_a_share_is_held_against_its_fraction(kept):
    assert "key-result-numbers" not in lint_path(kept).rules_broken()
    edited(kept, "key_results.csv", "0.37,2025-07-01,0.39", "0.37,2025-07-01,0.49")
    found = next(one for one in lint_path(kept).findings if one.rule == "key-result-numbers")
    assert "a target of 39 and the field 49" in found.message


def test_a_file_that_is_missing_or_torn_is_a_finding(kept):
    (kept / "objectives.csv").unlink()
    assert any(one.rule == "seed-column" and one.file.endswith("objectives.csv") for one in lint_path(kept).findings)
    (kept / "initiatives.csv").write_text('initiative_id,name,owner_id\n"torn,A name,me\n')
    assert any(one.rule == "unreadable" and one.file.endswith("initiatives.csv") for one in lint_path(kept).findings)


def test_a_key_result_takes_the_initiatives_of_the_one_it_is_a_part_of(kept):
    assert "key-result-initiatives" not in lint_path(kept).rules_broken()
    text = (kept / "initiative_effects.csv").read_text()
    rows = [row for row in text.splitlines() if not row.startswith("interview-panel")]
    (kept / "initiative_effects.csv").write_text("\n".join(rows) + "\n")
    without = [one for one in lint_path(kept).findings if one.rule == "key-result-initiatives"]
    assert len(without) == sum("ddqs" in one.subject.lower() for one in without) > 12
