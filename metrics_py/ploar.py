"""Post-Launch Outcome Achievement Rate: counts of shipped features in, the published figures out."""

from __future__ import annotations

import polars as pl

from metrics_py.errors import MissingColumnError
from metrics_py.interval import add_interval

_COUNTS = ("shipped_count", "matured_count", "hit_count", "pending_count", "any_kpi_met_count", "ever_met_count")


def ploar_statistics(summaries: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Share of matured features that hit, with its Wilson interval, its bounds and its other readings, row by row.

    Args:
        summaries: one row per org unit and period with `shipped_count`, `matured_count`, `hit_count`, `pending_count`,
            `early_hit_count`, `any_kpi_met_count` and `ever_met_count`.
        confidence: coverage aimed at by the interval, strictly between 0 and 1.
    Returns: `summaries` with, on 0..1, `ploar` (hits / matured), `ci_low`, `ci_high`, `hits_of_shipped`,
        `hits_with_early_of_shipped`, `lower_bound` and `upper_bound` (where hits / shipped can still end),
        `any_kpi_met_share` and `ever_met_share` (of matured), `matured_share` (of shipped). Shares of nothing are null.
    Raises: MissingColumnError; OutOfRangeError for more hits than matured features or a confidence outside (0, 1).

    Examples:
        >>> counts = pl.DataFrame({
        ...     "shipped_count": [8], "matured_count": [5], "hit_count": [3], "pending_count": [3],
        ...     "early_hit_count": [1], "any_kpi_met_count": [4], "ever_met_count": [3],
        ... })
        >>> ploar_statistics(counts).select("ploar", "lower_bound", "upper_bound").row(0)
        (0.6, 0.375, 0.75)
    """
    if missing := [name for name in (*_COUNTS, "early_hit_count") if name not in summaries.columns]:
        raise MissingColumnError(f"the summaries lack {missing}; they have {summaries.columns}")
    shipped = pl.when(pl.col("shipped_count") > 0).then(pl.col("shipped_count"))
    matured = pl.when(pl.col("matured_count") > 0).then(pl.col("matured_count"))
    hits = pl.col("hit_count")
    shares = summaries.with_columns(
        (hits / matured).alias("ploar"),
        (hits / shipped).alias("hits_of_shipped"),
        ((hits + pl.col("early_hit_count")) / shipped).alias("hits_with_early_of_shipped"),
        (hits / shipped).alias("lower_bound"),
        ((hits + pl.col("pending_count")) / shipped).alias("upper_bound"),
        (pl.col("any_kpi_met_count") / matured).alias("any_kpi_met_share"),
        (pl.col("ever_met_count") / matured).alias("ever_met_share"),
        (pl.col("matured_count") / shipped).alias("matured_share"),
    )
    return add_interval(shares, successes="hit_count", n="matured_count", confidence=confidence)
