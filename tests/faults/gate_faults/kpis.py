"""Faults in the KPIs of a feature: changed without a reason, changed after launch, launched unmeasured."""

from typing import Any

from tests.faults.gate_faults.fault import fault, near_miss
from tests.faults.gate_faults.tables import DAY, SECOND, Feature, Tables, in_progress

UNREASONED = {"kpi_target_changed_without_reason": ["{0}/{0.success_kpi}/2"]}
AFTER_LAUNCH = {"kpi_target_changed_after_launch": ["{0}/{0.success_kpi}/2"]}


def redefine(record: Tables, feature: Feature, at: object, *, reason: str | None, **values: Any) -> None:
    """Define the success KPI anew from an instant on."""
    record.repeat("feature_kpi_definition", feature.kpi(), **{"defined_at": at, "change_reason": reason} | values)


@fault(UNREASONED)
def target_changed_a_second_after_define_without_a_reason(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.passed["define"] + SECOND, reason=None, target_value="1")


@fault(UNREASONED)
def target_changed_with_blanks_for_a_reason(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.passed["define"] + DAY, reason="   ", target_value="1")


@fault(UNREASONED)
def target_taken_away_without_a_reason(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.passed["define"] + DAY, reason=None, target_value=None)


@fault(UNREASONED)
def window_changed_without_a_reason(record: Tables, feature: Feature) -> None:
    (kpi,) = record.rows("feature_kpi_definition", **feature.kpi()).to_dicts()
    other = "30" if kpi["window_days"] != "30" else "60"
    redefine(record, feature, feature.passed["define"] + DAY, reason=None, window_days=other)


@fault(UNREASONED)
def direction_turned_round_without_a_reason(record: Tables, feature: Feature) -> None:
    (kpi,) = record.rows("feature_kpi_definition", **feature.kpi()).to_dicts()
    other = "decrease" if kpi["direction"] == "increase" else "increase"
    redefine(record, feature, feature.passed["define"] + DAY, reason=None, direction=other)


@fault(UNREASONED)
def success_kpi_made_a_guardrail_without_a_reason(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.passed["define"] + DAY, reason=None, role="guardrail")


@fault(UNREASONED)
def target_changed_in_the_very_second_of_the_launch_without_a_reason(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.shipped, reason=None, target_value="1")


@near_miss()
def target_changed_between_define_and_launch_with_a_reason(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.passed["define"] + DAY, reason="the market moved", target_value="1")


@near_miss()
def target_changed_in_the_very_second_of_define(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.passed["define"], reason=None, target_value="1")


@near_miss()
def kpi_renamed_with_the_same_target(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.passed["define"] + DAY, reason=None, name="The same under another name")


@fault(
    {"kpi_target_changed_without_reason": ["{0}/{0.success_kpi}/{0.kpi_defined_at:%Y-%m-%d %H:%M:%S} edited 2"]},
    suits=in_progress,
)
def target_written_over_in_place_before_launch(record: Tables, feature: Feature) -> None:
    record.later.change("feature_kpi_definition", feature.kpi(), target_value="1", change_reason="a reason, afterwards")


@fault({"kpi_target_changed_after_launch": ["{0}/{0.success_kpi}/{0.kpi_defined_at:%Y-%m-%d %H:%M:%S} edited 2"]})
def target_written_over_in_place_after_launch(record: Tables, feature: Feature) -> None:
    record.later.change("feature_kpi_definition", feature.kpi(), target_value="1")


@fault(AFTER_LAUNCH)
def target_changed_a_second_after_launch(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.shipped + SECOND, reason=None, target_value="1")


@fault(AFTER_LAUNCH)
def target_changed_after_launch_with_a_good_reason(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.shipped + DAY, reason="it was set too high", target_value="1")


@fault(AFTER_LAUNCH)
def target_slipped_in_after_launch_under_an_old_date(record: Tables, feature: Feature) -> None:
    redefine(record.later, feature, feature.passed["define"] - SECOND, reason=None, target_value="1")


# --- instrumentation verified before launch


def verify(record: Tables, feature: Feature, kpi_id: str, at: object) -> None:
    record.change("feature_instrumentation", feature.kpi(kpi_id), verified_at=at)


@fault({"instrumentation_not_verified": ["{0}/{0.success_kpi}"]})
def success_kpi_verified_a_second_after_launch(record: Tables, feature: Feature) -> None:
    verify(record, feature, feature.success_kpi, feature.shipped + SECOND)


@fault({"instrumentation_not_verified": ["{0}/{0.guardrail}"]})
def guardrail_still_to_be_verified(record: Tables, feature: Feature) -> None:
    verify(record, feature, feature.guardrail, None)


@fault({"instrumentation_not_verified": ["{0}/{0.success_kpi}", "{0}/{0.guardrail}"]})
def a_success_kpi_and_the_guardrail_were_never_instrumented(record: Tables, feature: Feature) -> None:
    record.remove("feature_instrumentation", **feature.kpi())
    record.remove("feature_instrumentation", **feature.kpi(feature.guardrail))


@near_miss()
def success_kpi_verified_in_the_very_second_of_the_launch(record: Tables, feature: Feature) -> None:
    verify(record, feature, feature.success_kpi, feature.shipped)


@near_miss()
def a_kpi_first_defined_after_launch_had_nothing_to_verify(record: Tables, feature: Feature) -> None:
    redefine(record, feature, feature.shipped + SECOND, reason=None, kpi_id="added-later")


@near_miss(suits=in_progress)
def a_feature_not_launched_yet_may_still_verify(record: Tables, feature: Feature) -> None:
    record.add("feature_instrumentation", feature.kpi() | {"verified_at": None})
