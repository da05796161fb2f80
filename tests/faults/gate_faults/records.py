"""Faults in how decisions are written down: late, backdated, edited, failed and passed in one hour."""

from datetime import timedelta

from tests.faults.gate_faults.fault import fault, near_miss
from tests.faults.gate_faults.gates import fail
from tests.faults.gate_faults.tables import DAY, HOUR, SECOND, Feature, Tables, local_day, midnight


def write_down(record: Tables, review_id: str, at: object) -> None:
    record.change("stage_gate_review", {"review_id": review_id}, recorded_at=at)


# --- backdated


@fault({"backdated_gate": ["{0.develop}"]})
def develop_was_written_down_on_the_day_after_launch(record: Tables, feature: Feature) -> None:
    write_down(record, feature.develop, midnight(local_day(feature.shipped) + DAY))


@fault({"backdated_gate": ["{0.define}", "{0.deliver}"]})
def define_and_deliver_were_written_down_months_after_launch(record: Tables, feature: Feature) -> None:
    write_down(record, feature.define, feature.shipped + 90 * DAY)
    write_down(record, feature.deliver, feature.shipped + 90 * DAY)


@fault({"backdated_gate": ["{0.develop}"]})
def develop_appeared_after_launch_and_claims_to_be_old(record: Tables, feature: Feature) -> None:
    record.later.add("stage_gate_review", *record.remove("stage_gate_review", review_id=feature.develop))


@near_miss()
def deliver_was_written_down_in_the_last_second_of_the_day_of_launch(record: Tables, feature: Feature) -> None:
    write_down(record, feature.deliver, midnight(local_day(feature.shipped) + DAY) - SECOND)


# --- written down late: on a failed Discover, which nothing else hangs on


@fault({"recorded_late": ["{0.discover}-fail"]})
def a_decision_was_written_down_fifteen_days_later(record: Tables, feature: Feature) -> None:
    fail_discover(record, feature, days=15)


@near_miss()
def a_decision_was_written_down_fourteen_days_later(record: Tables, feature: Feature) -> None:
    fail_discover(record, feature, days=14, less=SECOND)


@fault({"recorded_late": ["{0.discover}-fail"]})
def a_failed_decision_appeared_after_launch_and_claims_to_be_old(record: Tables, feature: Feature) -> None:
    fail(record.later, feature.discover, at=feature.passed["discover"] - DAY)


def fail_discover(record: Tables, feature: Feature, *, days: int, less: timedelta = timedelta(0)) -> None:
    """Fail Discover the day before it passed, and write it down `days` later (or `less` before that day ends)."""
    failed_at = feature.passed["discover"] - DAY
    written_at = midnight(local_day(failed_at) + timedelta(days=days + (1 if less else 0))) - less
    fail(record, feature.discover, at=failed_at, recorded_at=written_at)


# --- failed and passed within the hour


@fault({"failed_and_passed_within_the_hour": ["{0.define}"]})
def define_failed_sixty_minutes_before_it_passed(record: Tables, feature: Feature) -> None:
    fail(record, feature.define, at=feature.passed["define"] - HOUR)


@fault({"failed_and_passed_within_the_hour": ["{0.deliver}"]})
def deliver_failed_in_the_second_in_which_it_passed(record: Tables, feature: Feature) -> None:
    fail(record, feature.deliver, at=feature.passed["deliver"])


@fault({"failed_and_passed_within_the_hour": ["{0.develop}"]})
def develop_failed_twice_and_passed_within_the_hour_of_the_second_time(record: Tables, feature: Feature) -> None:
    fail(record, feature.develop, at=feature.passed["develop"] - 2 * DAY, name="first")
    fail(record, feature.develop, at=feature.passed["develop"] - SECOND, name="second")


@near_miss()
def define_failed_an_hour_and_a_second_before_it_passed(record: Tables, feature: Feature) -> None:
    fail(record, feature.define, at=feature.passed["define"] - HOUR - SECOND)


@near_miss()
def define_failed_a_second_after_it_had_passed(record: Tables, feature: Feature) -> None:
    fail(record, feature.define, at=feature.passed["define"] + SECOND)


@near_miss()
def another_gate_failed_within_the_hour(record: Tables, feature: Feature) -> None:
    fail(record, feature.deliver, at=feature.passed["develop"] - SECOND)


# --- edited after the decision


def edit(record: Tables, review_id: str, **values: object) -> None:
    record.later.change("stage_gate_review", {"review_id": review_id}, **values)


@fault({"confidence_raised_after_gate": ["{0.develop}"]})
def confidence_was_raised_by_one_step_after_develop(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="3")
    edit(record, feature.develop, confidence_score="4")


@fault({"confidence_raised_after_gate": ["{0.develop}"], "confidence_not_on_scale": ["{0.develop}"]})
def confidence_was_left_open_and_filled_in_after_develop(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score=None)
    edit(record, feature.develop, confidence_score="1")


@near_miss()
def confidence_was_lowered_after_develop(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.develop}, confidence_score="3")
    edit(record, feature.develop, confidence_score="2")


@fault({"gate_edited_after_decision": ["{0.develop}-fail"]})
def a_failed_develop_was_edited_to_passed(record: Tables, feature: Feature) -> None:
    failed_id = fail(record, feature.develop, at=feature.passed["develop"] - 2 * HOUR)
    edit(record, failed_id, outcome="pass")


@fault({"gate_edited_after_decision": ["{0.discover}"]})
def a_decision_was_moved_by_a_second(record: Tables, feature: Feature) -> None:
    edit(record, feature.discover, decided_at=feature.passed["discover"] - SECOND)


@fault({"gate_edited_after_decision": ["{0.define}-fail"]})
def a_failed_decision_was_removed(record: Tables, feature: Feature) -> None:
    failed_id = fail(record, feature.define, at=feature.passed["define"] - 2 * HOUR)
    record.later.remove("stage_gate_review", review_id=failed_id)


@near_miss()
def another_reviewer_was_named_afterwards(record: Tables, feature: Feature) -> None:
    edit(record, feature.develop, reviewer="somebody.else@cxt.example")
