"""Faults around the launch: no Deliver pass, outcome reviews missing or early, a feature split at the quarter's end."""

from datetime import date, datetime, timedelta

from tests.faults.gate_faults.fault import fault, near_miss
from tests.faults.gate_faults.gates import decide
from tests.faults.gate_faults.tables import DAY, HOUR, SECOND, Feature, Tables, local_day, midnight, shipped

# Midnight of this day in Arizona is the last one before the extracts were taken.
TODAY = date(2026, 1, 30)


@fault({"launched_without_deliver_pass": ["{0}"]})
def launched_and_deliver_never_held(record: Tables, feature: Feature) -> None:
    record.remove("stage_gate_review", review_id=feature.deliver)


@fault({"launched_without_deliver_pass": ["{0}"]})
def launched_on_a_failed_deliver(record: Tables, feature: Feature) -> None:
    record.change("stage_gate_review", {"review_id": feature.deliver}, outcome="fail")


@fault({"launched_without_deliver_pass": ["{0}"]})
def deliver_passed_a_second_after_launch(record: Tables, feature: Feature) -> None:
    decide(record, feature.deliver, feature.shipped + SECOND)


@near_miss()
def deliver_passed_in_the_very_second_of_the_launch(record: Tables, feature: Feature) -> None:
    decide(record, feature.deliver, feature.shipped)


@near_miss()
def a_beta_before_deliver_is_no_launch(record: Tables, feature: Feature) -> None:
    beta_at = feature.passed["deliver"] - HOUR
    record.repeat("release", {"feature_id": str(feature), "audience": "full"}, audience="beta", released_at=beta_at)


# --- outcome reviews at 14, 30, 60 and 90 days, each held after its window closed


def launch_days_ago(record: Tables, feature: Feature, days: int) -> None:
    """Launch it so many days before today, with no outcome review held yet."""
    record.change(
        "release", {"feature_id": str(feature), "audience": "full"}, released_at=midnight(TODAY - timedelta(days=days))
    )
    record.remove("outcome_review", feature_id=str(feature))


def hold(record: Tables, feature: Feature, window_days: int, at: datetime) -> None:
    record.change("outcome_review", {"feature_id": str(feature), "window_days": str(window_days)}, held_at=at)


def close_of(feature: Feature, window_days: int) -> datetime:
    """The first instant of the day on which a window closes."""
    return midnight(local_day(feature.shipped) + timedelta(days=window_days))


@fault({"outcome_review_missing": ["{0}/30"]})
def the_review_of_day_30_was_not_held(record: Tables, feature: Feature) -> None:
    record.remove("outcome_review", feature_id=str(feature), window_days="30")


@fault({"outcome_review_missing": ["{0}/14", "{0}/30", "{0}/60", "{0}/90"]})
def no_outcome_review_was_held(record: Tables, feature: Feature) -> None:
    record.remove("outcome_review", feature_id=str(feature))


@fault({"outcome_review_missing": ["{0}/14"]})
def the_review_of_day_14_is_ten_days_late_today(record: Tables, feature: Feature) -> None:
    launch_days_ago(record, feature, 14 + 10)


@near_miss()
def the_review_of_day_14_will_be_ten_days_late_tomorrow(record: Tables, feature: Feature) -> None:
    launch_days_ago(record, feature, 14 + 9)


@fault({"outcome_review_early": ["{0}/60"]})
def the_review_of_day_60_was_held_a_second_before_its_window_closed(record: Tables, feature: Feature) -> None:
    hold(record, feature, 60, close_of(feature, 60) - SECOND)


@fault({"outcome_review_early": ["{0}/90"]})
def the_review_of_day_90_was_held_on_the_day_of_the_launch(record: Tables, feature: Feature) -> None:
    hold(record, feature, 90, feature.shipped + SECOND)


@near_miss()
def the_review_of_day_60_was_held_in_the_first_second_of_the_closing_day(record: Tables, feature: Feature) -> None:
    hold(record, feature, 60, close_of(feature, 60))


@near_miss()
def a_review_held_early_was_held_again_on_the_full_window(record: Tables, feature: Feature) -> None:
    record.repeat(
        "outcome_review",
        {"feature_id": str(feature), "window_days": "30"},
        held_at=close_of(feature, 30) - 3 * DAY,
    )


@fault({"outcome_review_missing": ["{0}/30"]})
def a_review_held_twice_for_one_window_is_missing_for_the_other(record: Tables, feature: Feature) -> None:
    (review,) = record.remove("outcome_review", feature_id=str(feature), window_days="30")
    record.add("outcome_review", review | {"window_days": "14", "held_at": review["held_at"] + DAY})


# --- a feature made just before the quarter's end


def quarter_start(day: date) -> date:
    """The first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_end(feature: Feature) -> date:
    """The first day of the quarter after the one it shipped in."""
    return quarter_start(quarter_start(local_day(feature.shipped)) + timedelta(days=95))


def shipped_at_quarter_end(feature: Feature) -> bool:
    """It shipped in the last fourteen days of a quarter."""
    return shipped(feature) and local_day(feature.shipped) >= quarter_end(feature) - timedelta(days=14)


def make_card(record: Tables, feature: Feature, at: datetime) -> None:
    record.change("features", {"id": str(feature)}, created_at=at)


@fault({"split_before_quarter_end": ["{0}"]}, suits=shipped_at_quarter_end)
def a_card_made_fourteen_days_before_the_quarter_ended_shipped_in_it(record: Tables, feature: Feature) -> None:
    make_card(record, feature, midnight(quarter_end(feature) - timedelta(days=14)))


@fault({"split_before_quarter_end": ["{0}"]}, suits=shipped_at_quarter_end)
def a_card_made_in_the_hour_it_shipped_at_the_end_of_a_quarter(record: Tables, feature: Feature) -> None:
    make_card(record, feature, feature.shipped - HOUR)


@near_miss(suits=shipped_at_quarter_end)
def a_card_made_a_second_earlier_than_fourteen_days_before_the_quarter_ended(record: Tables, feature: Feature) -> None:
    make_card(record, feature, midnight(quarter_end(feature) - timedelta(days=14)) - SECOND)


@near_miss()
def a_card_made_at_the_end_of_the_quarter_before_the_one_it_shipped_in(record: Tables, feature: Feature) -> None:
    make_card(record, feature, midnight(quarter_start(local_day(feature.shipped))) - SECOND)
