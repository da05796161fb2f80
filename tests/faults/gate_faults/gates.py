"""Faults in the order of the gates and in what has to be there before Define and Develop pass."""

from datetime import timedelta

from tests.faults.gate_faults.fault import fault, near_miss
from tests.faults.gate_faults.tables import (
    DAY,
    HOUR,
    SECOND,
    Feature,
    Tables,
    conceived,
    in_progress,
    local_day,
    midnight,
)


def decide(record: Tables, review_id: str, at: object) -> None:
    """Date a decision and its writing down."""
    record.change("stage_gate_review", {"review_id": review_id}, decided_at=at, recorded_at=at)


def fail(record: Tables, review_id: str, *, at: object, name: str = "fail", **values: object) -> str:
    """Add a failed review of the same gate before or after a pass, and give its id."""
    failed_id = f"{review_id}-{name}"
    record.repeat(
        "stage_gate_review",
        {"review_id": review_id},
        **{"review_id": failed_id, "outcome": "fail", "decided_at": at, "recorded_at": at} | values,
    )
    return failed_id


# --- stages in order, none skipped


@fault({"stage_skipped": ["{0}/discover"]})
def discover_was_never_held(record: Tables, feature: Feature) -> None:
    record.remove("stage_gate_review", review_id=feature.discover)


@fault({"stage_skipped": ["{0}/define"]})
def define_was_never_held(record: Tables, feature: Feature) -> None:
    record.remove("stage_gate_review", review_id=feature.define)


@fault({"stage_skipped": ["{0}/develop"]})
def develop_was_failed_and_never_passed(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, outcome="fail")


@fault({"stage_skipped": ["{0}/develop"]})
def develop_is_recorded_under_a_word_nobody_knows(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, gate="devlop")


@fault({"stage_skipped": ["{0}/discover", "{0}/define"]})
def discover_and_define_were_never_held(record: Tables, feature: Feature) -> None:
    record.remove("stage_gate_review", review_id=feature.discover)
    record.remove("stage_gate_review", review_id=feature.define)


@fault({"stage_skipped": ["{0}/deliver"]}, suits=in_progress)
def measure_and_learn_passed_on_a_feature_that_was_never_delivered(record: Tables, feature: Feature) -> None:
    after = feature.passed["develop"] + HOUR
    record.repeat(
        "stage_gate_review",
        {"review_id": feature.develop},
        **{"review_id": f"{feature}-learn", "gate": "measure_learn", "decided_at": after, "recorded_at": after},
    )


@near_miss()
def a_gate_written_in_capitals_and_other_words_is_the_same_gate(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.define}, gate="DEFINE ")
    record.change("stage_gate_review", {"review_id": feature.develop}, gate="Development")


@fault({"gate_out_of_order": ["{0.develop}"]})
def develop_passed_a_second_before_define(record: Tables, feature: Feature) -> None:
    decide(record, feature.define, feature.passed["develop"] + SECOND)


@fault({"gate_out_of_order": ["{0.deliver}"]})
def deliver_passed_a_second_before_develop(record: Tables, feature: Feature) -> None:
    decide(record, feature.deliver, feature.passed["develop"] - SECOND)


@fault({"gate_out_of_order": ["{0.define}"]}, suits=conceived)
def discover_passed_a_second_after_define(record: Tables, feature: Feature) -> None:
    record.change("portal_card_status", feature.card_at("idea"), changed_at=feature.passed["define"])
    decide(record, feature.discover, feature.passed["define"] + SECOND)


@near_miss()
def deliver_passed_in_the_very_second_of_develop(record: Tables, feature: Feature) -> None:
    decide(record, feature.deliver, feature.passed["develop"])


@near_miss()
def develop_failed_before_define_passed(record: Tables, feature: Feature) -> None:
    fail(record, feature.develop, at=feature.passed["define"] - DAY)


@near_miss()
def define_held_again_after_develop(record: Tables, feature: Feature) -> None:
    again = feature.passed["develop"] + HOUR
    record.repeat(
        "stage_gate_review",
        {"review_id": feature.define},
        **{"review_id": f"{feature}-define-again", "decided_at": again, "recorded_at": again},
    )


# --- before Define: a brief, its problem framing, and KPIs


@fault({"brief_not_linked_before_define": ["{0.define}"]})
def brief_linked_a_second_after_define(record: Tables, feature: Feature) -> None:
    record.change("feature_brief", {"feature_id": str(feature)}, linked_at=feature.passed["define"] + SECOND)


@fault({"brief_not_linked_before_define": ["{0.define}"], "too_few_interviews": ["{0.develop}"]})
def brief_never_linked_and_with_it_no_interview(record: Tables, feature: Feature) -> None:
    record.remove("feature_brief", feature_id=str(feature))


@fault({"brief_not_linked_before_define": ["{0.define}"]})
def define_passed_twice_before_the_brief_was_linked(record: Tables, feature: Feature) -> None:
    again = feature.passed["define"] + HOUR
    record.repeat(
        "stage_gate_review",
        {"review_id": feature.define},
        **{"review_id": f"{feature}-define-again", "decided_at": again, "recorded_at": again},
    )
    record.change("feature_brief", {"feature_id": str(feature)}, linked_at=again + SECOND)


@near_miss()
def brief_linked_in_the_very_second_of_define(record: Tables, feature: Feature) -> None:
    record.change("feature_brief", {"feature_id": str(feature)}, linked_at=feature.passed["define"])


@near_miss()
def define_failed_without_a_brief_and_passed_with_one(record: Tables, feature: Feature) -> None:
    failed_at = feature.passed["define"] - 3 * HOUR
    fail(record, feature.define, at=failed_at)
    record.change("feature_brief", {"feature_id": str(feature)}, linked_at=failed_at + HOUR)


@fault({"ipf_not_passed_before_define": ["{0.define}"]})
def problem_framing_never_reviewed(record: Tables, feature: Feature) -> None:
    record.remove("ipf_review", feature_id=str(feature))


@fault({"ipf_not_passed_before_define": ["{0.define}"]})
def problem_framing_passed_a_second_after_define(record: Tables, feature: Feature) -> None:
    record.change("ipf_review", {"review_id": feature.ipf}, decided_at=feature.passed["define"] + SECOND)


@fault({"ipf_not_passed_before_define": ["{0.define}"]})
def problem_framing_failed_after_it_had_passed(record: Tables, feature: Feature) -> None:
    record.repeat(
        "ipf_review",
        {"review_id": feature.ipf},
        **{"review_id": f"{feature.ipf}-fail", "outcome": "fail", "decided_at": feature.passed["define"] - SECOND},
    )


@fault({"ipf_not_passed_before_define": ["{0.define}"]})
def a_failed_problem_framing_was_edited_to_passed(record: Tables, feature: Feature) -> None:
    record.change("ipf_review", {"review_id": feature.ipf}, outcome="fail")
    record.later.change("ipf_review", {"review_id": feature.ipf}, outcome="pass")


@near_miss()
def problem_framing_passed_in_the_very_second_of_define(record: Tables, feature: Feature) -> None:
    record.change("ipf_review", {"review_id": feature.ipf}, decided_at=feature.passed["define"])


@fault({"kpis_not_defined_before_define": ["{0.define}"]})
def success_kpis_without_a_guardrail(record: Tables, feature: Feature) -> None:
    record.remove("feature_kpi_definition", feature_id=str(feature), role="guardrail")


@fault({"kpis_not_defined_before_define": ["{0.define}"]})
def a_guardrail_without_success_kpis(record: Tables, feature: Feature) -> None:
    record.remove("feature_kpi_definition", feature_id=str(feature), role="primary")


@fault({"kpis_not_defined_before_define": ["{0.define}"]})
def kpis_defined_a_second_after_define(record: Tables, feature: Feature) -> None:
    record.change("feature_kpi_definition", {"feature_id": str(feature)}, defined_at=feature.passed["define"] + SECOND)


@fault({"kpis_not_defined_before_define": ["{0.define}"]})
def kpis_slipped_in_later_under_an_old_date(record: Tables, feature: Feature) -> None:
    record.later.add("feature_kpi_definition", *record.remove("feature_kpi_definition", feature_id=str(feature)))


@near_miss()
def kpis_defined_in_the_very_second_of_define(record: Tables, feature: Feature) -> None:
    record.change("feature_kpi_definition", {"feature_id": str(feature)}, defined_at=feature.passed["define"])


# --- Discover within its time-box


@fault({"discover_over_time_box": ["{0}"]}, suits=conceived)
def discover_took_fifteen_days(record: Tables, feature: Feature) -> None:
    record.change("portal_card_status", feature.card_at("idea"), changed_at=days_before_discover(feature, 15))


@near_miss(suits=conceived)
def discover_took_fourteen_days_to_the_last_second(record: Tables, feature: Feature) -> None:
    record.change("portal_card_status", feature.card_at("idea"), changed_at=days_before_discover(feature, 14))
    passed_at = midnight(local_day(feature.passed["discover"]) + DAY) - SECOND
    decide(record, feature.discover, passed_at)


@fault({"discover_over_time_box": ["{0}"]}, suits=conceived)
def discover_passed_a_second_after_its_last_day(record: Tables, feature: Feature) -> None:
    record.change("portal_card_status", feature.card_at("idea"), changed_at=days_before_discover(feature, 14))
    decide(record, feature.discover, midnight(local_day(feature.passed["discover"]) + DAY))


def days_before_discover(feature: Feature, days: int) -> object:
    return midnight(local_day(feature.passed["discover"]) - timedelta(days=days))


# --- the confidence of Develop


@fault({"confidence_not_on_scale": ["{0.develop}"]})
def confidence_above_the_scale(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="6")


@fault({"confidence_not_on_scale": ["{0.develop}"]})
def confidence_of_nought(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="0")


@fault({"confidence_not_on_scale": ["{0.develop}"]})
def confidence_between_two_steps_of_the_scale(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="3.5")


@fault({"confidence_not_on_scale": ["{0.develop}"]})
def confidence_not_stated(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score=None)


@fault({"confidence_not_on_scale": ["{0.develop}"]})
def confidence_put_on_the_scale_only_afterwards(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="9")
    record.later.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="4")


@near_miss()
def the_ends_of_the_scale_are_on_it(record: Tables, feature: Feature) -> None:
    failed_at = feature.passed["develop"] - 3 * HOUR
    fail(record, feature.develop, at=failed_at, confidence_score="1")
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="5")


@near_miss()
def a_failed_develop_needs_no_confidence(record: Tables, feature: Feature) -> None:
    fail(record, feature.develop, at=feature.passed["develop"] - 3 * HOUR, confidence_score=None)
