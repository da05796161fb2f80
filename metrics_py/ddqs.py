"""Discovery & Definition Quality Score: sums over shipped features in, the published figures out."""

from __future__ import annotations

import math

import polars as pl

from metrics_py.errors import MissingColumnError
from metrics_py.interval import Limits, student_quantile

_SUMS = {
    "score_sum": "ddqs",
    "capped_interview_score_sum": "mean_interviews_capped",
    "capped_parts_score_sum": "mean_both_capped",
    "confidence_sum": "mean_confidence",
    "interview_sum": "mean_interviews",
}
_NEEDED = ("shipped_count", "scored_count", "at_target_count", "score_square_sum", *_SUMS)


def ddqs_statistics(summaries: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Mean score, its companions and a t interval, for each row of sums.

    The features of a period are a census; the interval treats them as a sample from the way the unit works.

    Args:
        summaries: one row per org unit and period with `shipped_count`, `scored_count`, `at_target_count` and, over the
            scored features, `score_sum`, `score_square_sum`, `capped_interview_score_sum`, `capped_parts_score_sum`,
            `confidence_sum` and `interview_sum`, in score points.
        confidence: coverage aimed at by the interval, strictly between 0 and 1.
    Returns: `summaries` with `ddqs`, `mean_interviews_capped`, `mean_both_capped`, `mean_confidence`,
        `mean_interviews`, `coverage` and `at_target_share` (0..1), `ci_low`, `ci_high`. Means are null when nothing
        is scored, `coverage` when nothing shipped, the interval below two scores.
    Raises: MissingColumnError; OutOfRangeError for a confidence outside (0, 1).

    Examples:
        >>> sums = pl.DataFrame({
        ...     "shipped_count": [4], "scored_count": [4], "at_target_count": [3], "score_sum": [40.0],
        ...     "score_square_sum": [638.0], "capped_interview_score_sum": [25.0], "capped_parts_score_sum": [19.0],
        ...     "confidence_sum": [10.0], "interview_sum": [30.0],
        ... })
        >>> ddqs_statistics(sums).select("ddqs", "mean_interviews_capped", "mean_both_capped").row(0)
        (10.0, 6.25, 4.75)
    """
    if missing := [name for name in _NEEDED if name not in summaries.columns]:
        raise MissingColumnError(f"the summaries lack {missing}; they have {summaries.columns}")
    scored = pl.when(pl.col("scored_count") > 0).then(pl.col("scored_count"))
    means = summaries.with_columns(
        *((pl.col(total).cast(pl.Float64) / scored).alias(mean) for total, mean in _SUMS.items()),
        (pl.col("at_target_count") / scored).alias("at_target_share"),
        (pl.col("scored_count") / pl.when(pl.col("shipped_count") > 0).then(pl.col("shipped_count"))).alias("coverage"),
    )
    sums = summaries.select("scored_count", pl.col("score_sum", "score_square_sum").cast(pl.Float64))
    limits = [_interval(count, total, squares, confidence) for count, total, squares in sums.iter_rows()]
    return means.with_columns(
        pl.Series("ci_low", [low for low, _ in limits], dtype=pl.Float64),
        pl.Series("ci_high", [high for _, high in limits], dtype=pl.Float64),
    )


def _interval(count: int, total: float | None, squares: float | None, confidence: float) -> Limits:
    quantile = student_quantile(confidence, count - 1)
    if quantile is None or total is None or squares is None:
        return None, None
    # Scores have at most three decimals and are few, so the subtraction loses nothing that shows.
    variance = max(squares - total * total / count, 0.0) / (count - 1)
    half_width = quantile * math.sqrt(variance / count)
    return total / count - half_width, total / count + half_width
