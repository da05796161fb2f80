from datetime import date

import polars as pl
import pytest

from metrics_py.errors import MissingColumnError, UnusableInputError
from metrics_py.okr.frameworks import COLUMNS, check_framework, framework_sheet

LAUNCH = date(2025, 9, 1)


def metric(name, tier=None, **more):
    row = {
        "metric_name": name,
        "role": "metric" if tier else "guardrail",
        "tier": tier,
        "definition": f"how {name} is counted",
        "formula": None,
        "frequency": "weekly",
        "direction": "up",
        "availability": "tracked",
        "instrumentation_due_on": None,
        "mechanism": "people who do this need not call" if tier == "adoption" else None,
        "is_first_30_days": tier == "adoption",
        "decision": None,
    }
    return row | more


def sheet(*rows):
    types = {"is_first_30_days": pl.Boolean, "instrumentation_due_on": pl.Date}
    return pl.DataFrame(list(rows), schema={column: types.get(column, pl.String) for column in COLUMNS})


SOUND = (
    metric("Renewal share of accounts with the dashboard", "impact"),
    metric("accounts that set up a user themselves", "adoption", formula="self_served / accounts"),
    metric("hours from request to access", "value", direction="down", formula="median(hours_to_access)"),
    metric("access errors", formula="access_errors / self_served", direction="down", decision="roll back above 2%"),
)


def broken(*rows, launch_on=LAUNCH):
    return check_framework(sheet(*rows), feature="f-1", launch_on=launch_on).rules_broken()


def with_change(place, **more):
    rows = [dict(row) for row in SOUND]
    rows[place] |= more
    return rows


def test_a_sound_framework_breaks_nothing():
    assert broken(*SOUND) == set()


def test_open_rate_click_rate_and_time_in_feature_alone_are_adoption_only():
    rows = [metric(name, "adoption") for name in ("open rate", "click rate", "time in feature")]
    report = check_framework(sheet(*rows), feature="f-1", launch_on=LAUNCH)
    assert report.errors
    found = [finding for finding in report.findings if finding.rule == "framework-adoption-only"]
    assert found[0].words == ("open rate", "click rate", "time in feature")


def test_calling_clicks_value_and_opens_impact_does_not_make_them_so():
    rows = [metric("open rate", "impact"), metric("click rate", "value"), metric("time in feature", "adoption")]
    assert {"framework-adoption-only", "framework-tier-doubtful"} <= broken(*rows)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_tier_is_needed(place):
    assert "framework-tier-missing" in broken(*(row for index, row in enumerate(SOUND) if index != place))


@pytest.mark.parametrize(
    ("place", "change", "rule"),
    [
        (1, {"mechanism": None}, "framework-no-mechanism"),
        (2, {"definition": None}, "framework-incomplete-metric"),
        (3, {"frequency": ""}, "framework-incomplete-metric"),
        (2, {"availability": "due"}, "framework-not-instrumented"),
        (2, {"availability": "due", "instrumentation_due_on": LAUNCH}, "framework-not-instrumented"),
        (1, {"is_first_30_days": False}, "framework-first-30-days"),
        (0, {"is_first_30_days": True}, "framework-first-30-days"),
        (3, {"decision": None}, "framework-no-decision"),
        (3, {"direction": "sideways"}, "framework-unreadable"),
        (3, {"formula": "access errors"}, "framework-unreadable"),
        (0, {"tier": "vanity"}, "framework-unreadable"),
    ],
)
def test_what_is_missing_or_late_is_named(place, change, rule):
    assert rule in broken(*with_change(place, **change))


def test_instrumentation_due_before_launch_is_ready_and_without_a_launch_date_it_is_not():
    due = with_change(2, availability="due", instrumentation_due_on=date(2025, 8, 31))
    assert broken(*due) == set()
    assert broken(*due, launch_on=None) == {"framework-not-instrumented"}


def test_an_impact_metric_is_no_first_30_days_metric():
    rows = with_change(1, is_first_30_days=False)
    rows[0]["is_first_30_days"] = True
    assert broken(*rows) == {"framework-first-30-days"}


def test_a_guardrail_that_wants_what_is_meant_to_grow_to_fall_conflicts():
    conflicting = with_change(3, formula="self_served", metric_name="self-served set-ups")
    assert broken(*conflicting) == {"framework-guardrail-conflict"}
    same_number = with_change(3, metric_name="Accounts that set up a user themselves", formula=None)
    assert broken(*same_number) == {"framework-guardrail-conflict"}


def test_two_rates_of_the_same_people_do_not_conflict():
    assert broken(*with_change(3, formula="errors / accounts")) == set()


def test_one_or_two_guardrails_are_needed():
    assert "framework-guardrails" in broken(*SOUND[:3])
    extra = [metric(name, direction="down") for name in ("a", "b")]
    assert "framework-guardrails" in broken(*SOUND, *extra)


def test_the_sheet_goes_from_leading_to_lagging_with_guardrails_last():
    ordered = framework_sheet(sheet(*SOUND), launch_on=LAUNCH)
    assert ordered["timing"].to_list() == ["leading", "value", "lagging", "guardrail"]
    assert ordered["readable_by"].to_list() == [date(2025, 10, 1), None, None, None]
    assert ordered["is_ready_for_launch"].all()


def test_a_feature_without_a_framework_is_refused_with_the_way_out():
    with pytest.raises(UnusableInputError, match="f-9 has no metric framework"):
        check_framework(sheet(), feature="f-9", launch_on=LAUNCH)
    with pytest.raises(MissingColumnError, match="mechanism"):
        check_framework(sheet(*SOUND).drop("mechanism"), feature="f-1", launch_on=LAUNCH)
