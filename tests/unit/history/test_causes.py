from datetime import date, datetime

import pytest

from metrics_py.history.causes import Between, Change, Moved

OLD, NEW = datetime(2025, 10, 1, 6), datetime(2025, 10, 8, 6)
BEFORE, SINCE = datetime(2025, 9, 20), datetime(2025, 10, 5)


def moved(metric: str = "ploar", kind: str = "feature", **fields: object) -> Moved:
    row = {
        "metric_id": metric,
        "period_kind": "quarter",
        "row_kind": kind,
        "row_id": "x",
        "was_in": True,
        "is_in": True,
        "old_reason": None,
        "new_reason": None,
        "event_on": date(2025, 8, 1),
        "is_reassigned": False,
        "is_mix": False,
    }
    return Moved(**(row | fields))  # type: ignore[arg-type]


def change(role: str, kind: str = "new", at: datetime | None = BEFORE) -> Change:
    return Change(role, kind, at, "source/table/file.csv", 1)  # type: ignore[arg-type]


ENTERED = {"was_in": False}
INSIGHT = {"metric": "circt", "kind": "insight", "period_kind": "day"}
CASES = {
    "a reading of a day before": (moved(), [change("kpi_reading")], "late_row"),
    "a reading of a day since": (moved(), [change("kpi_reading", at=SINCE)], "matured"),
    "a reading that says something else": (moved(), [change("kpi_reading", "corrected")], "corrected_row"),
    "a release that is gone": (moved(is_in=False), [change("release", "deleted")], "deleted_row"),
    "a feature shipped since": (
        moved(**ENTERED, event_on=date(2025, 10, 5)),
        [change("release", at=SINCE)],
        "matured",
    ),
    "a feature that only waited": (
        moved(**ENTERED, old_reason="not_matured_yet"),
        [change("kpi_reading", at=BEFORE)],
        "matured",
    ),
    "a feature whose release was dated earlier": (
        moved(**ENTERED, old_reason="not_matured_yet"),
        [change("release", "corrected")],
        "corrected_row",
    ),
    "a note that was known is tagged": (moved(**INSIGHT, **ENTERED), [change("tag", at=None)], "retagged_insight"),
    "a note is new, with its tags": (
        moved(**INSIGHT, **ENTERED),
        [change("tag", at=None), change("link", at=None), change("note")],
        "late_row",
    ),
    "a launch that was not known": (
        moved(**INSIGHT, **ENTERED, old_reason="not_launched_yet"),
        [change("tag", at=None), change("launch")],
        "late_row",
    ),
    "a link taken away before the launch": (
        moved(**INSIGHT, is_in=False, new_reason="unlinked"),
        [change("note", "corrected")],
        "retagged_insight",
    ),
    "an insight grown old enough by now": (
        moved("circt", "insight", **ENTERED, period_kind="goal_period", old_reason="too_young"),
        [change("note", "corrected")],
        "matured",
    ),
    "a row that counts for another unit": (moved(is_reassigned=True, **ENTERED), [change("owner")], "moved_owner"),
    "an answer that was corrected": (
        moved("nps", "survey_response"),
        [change("answer", "corrected")],
        "corrected_row",
    ),
    "nothing landed, but time passed": (moved(**ENTERED, old_reason="not_shipped"), [], "matured"),
    "nothing landed and nothing waited": (moved(), [], "changed_definition"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_cause_of_a_row(case: str) -> None:
    row, changes, cause = CASES[case]
    between = Between(OLD, NEW, is_redefined=True, changes={("feature", "x"): changes, (row.row_kind, "x"): changes})
    verdict = between.cause_of(row)
    assert verdict is not None
    assert verdict.cause == cause


def test_a_weight_alone_has_the_cause_of_the_rows_that_moved_it() -> None:
    between = Between(OLD, NEW, is_redefined=True, changes={})
    assert between.cause_of(moved("nps", "survey_response", is_mix=True)) is None


def test_at_the_same_instant_nothing_matures() -> None:
    between = Between(OLD, OLD, is_redefined=False, changes={})
    verdict = between.cause_of(moved(**ENTERED, old_reason="not_matured_yet"))
    assert verdict is not None
    assert verdict.cause == "changed_definition"
