import polars as pl
import pytest

from metrics_py.ddqs import ddqs_statistics
from metrics_py.errors import MissingColumnError, OutOfRangeError
from metrics_py.interval import mean_interval


def sums(features: list[tuple[float, int]], *, shipped: int | None = None) -> pl.DataFrame:
    """One row of sums over (confidence, interviews) pairs, as the SQL summary makes them."""
    scores = [confidence + interviews for confidence, interviews in features]
    some = bool(features)
    return pl.DataFrame(
        {
            "shipped_count": [len(features) if shipped is None else shipped],
            "scored_count": [len(features)],
            "at_target_count": [sum(score >= 6 for score in scores)],
            "score_sum": [sum(scores) if some else None],
            "score_square_sum": [sum(score**2 for score in scores) if some else None],
            "capped_interview_score_sum": [sum(c + min(i, 5) for c, i in features) if some else None],
            "capped_parts_score_sum": [sum(min(c, 3) + min(i, 3) for c, i in features) if some else None],
            "confidence_sum": [sum(c for c, _ in features) if some else None],
            "interview_sum": [sum(i for _, i in features) if some else None],
        },
        schema_overrides={
            name: pl.Decimal(38, 3)
            for name in (
                "score_sum",
                "capped_interview_score_sum",
                "capped_parts_score_sum",
                "confidence_sum",
                "interview_sum",
            )
        }
        | {"score_square_sum": pl.Decimal(38, 6)},
    )


WORKED = [(3, 5), (1, 5), (3, 0), (3, 20)]


def test_the_worked_case_means_ten_and_six_and_a_quarter_and_four_and_three_quarters() -> None:
    row = ddqs_statistics(sums(WORKED)).row(0, named=True)
    assert (row["ddqs"], row["mean_interviews_capped"], row["mean_both_capped"]) == (10, 6.25, 4.75)
    assert (row["mean_confidence"], row["mean_interviews"], row["at_target_share"]) == (2.5, 7.5, 0.75)


def test_the_interval_from_sums_is_the_interval_from_the_scores() -> None:
    row = ddqs_statistics(sums(WORKED)).row(0, named=True)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(mean_interval([8, 6, 3, 23]), abs=1e-9)


def test_another_confidence_gives_a_narrower_interval_around_the_same_mean() -> None:
    wide = ddqs_statistics(sums(WORKED)).row(0, named=True)
    narrow = ddqs_statistics(sums(WORKED), confidence=0.8).row(0, named=True)
    assert wide["ci_low"] < narrow["ci_low"] < narrow["ddqs"] < narrow["ci_high"] < wide["ci_high"]


def test_equal_scores_have_no_width() -> None:
    row = ddqs_statistics(sums([(2.5, 4)] * 3)).row(0, named=True)
    assert (row["ci_low"], row["ci_high"]) == (6.5, 6.5)


def test_one_score_has_a_mean_and_no_interval() -> None:
    row = ddqs_statistics(sums([(3, 4)])).row(0, named=True)
    assert (row["ddqs"], row["ci_low"], row["ci_high"]) == (7, None, None)


def test_unscored_features_lower_coverage_and_leave_the_mean_null() -> None:
    row = ddqs_statistics(sums([], shipped=3)).row(0, named=True)
    assert (row["ddqs"], row["coverage"], row["at_target_share"]) == (None, 0.0, None)


def test_a_period_without_a_ship_has_no_coverage() -> None:
    assert ddqs_statistics(sums([])).row(0, named=True)["coverage"] is None


def test_no_rows_give_no_rows() -> None:
    assert ddqs_statistics(sums(WORKED).clear()).height == 0


def test_a_missing_sum_is_named() -> None:
    with pytest.raises(MissingColumnError, match="score_square_sum"):
        ddqs_statistics(sums(WORKED).drop("score_square_sum"))


def test_a_confidence_of_95_is_refused() -> None:
    with pytest.raises(OutOfRangeError, match=r"confidence=0\.95"):
        ddqs_statistics(sums(WORKED), confidence=95)
