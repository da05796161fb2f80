"""Net Promoter Score: the share of promoters minus the share of detractors, with the error of the way it was asked.

Every function returns one row per group with `n` (answers that hold a score), `nps`, `se`, `ci_low` and `ci_high` on
-100..100, `n_effective` (the simple random sample with this error), `population` and `population_covered`. Beside them
the weighted ones return `promoter_share`, `detractor_share`, `variance` (of one answer, on -1..1),
`degrees_of_freedom`, `nps_unweighted`, `n_kish` and `design_effect` (over a simple random sample with replacement).
What is not a score from 0 to 10 is not a response. Without answers there is no NPS: null, never 0.
"""

from collections.abc import Sequence

import polars as pl

from metrics_py._nps_change import answers_needed, nps_change
from metrics_py._nps_classes import CLASSES, classify, column_names, count_classes, require_columns, require_numbers
from metrics_py._nps_design import RESULT
from metrics_py._nps_limits import IntervalKind, add_limits, clip_limits
from metrics_py._nps_raked import nps_raked
from metrics_py._nps_weighted import (
    nps_post_stratified,
    nps_post_stratified_from_counts,
    nps_stratified,
    nps_stratified_from_counts,
)
from metrics_py.errors import UnusableInputError

__all__ = [
    "answers_needed",
    "classify",
    "nps",
    "nps_change",
    "nps_from_counts",
    "nps_post_stratified",
    "nps_post_stratified_from_counts",
    "nps_raked",
    "nps_stratified",
    "nps_stratified_from_counts",
]


def nps(
    responses: pl.DataFrame,
    *,
    score: str = "score",
    by: str | Sequence[str] = (),
    confidence: float = 0.95,
    interval: IntervalKind = "adjusted_wald",
) -> pl.DataFrame:
    """NPS of whoever answered, unweighted, as if they were a simple random sample of a large population.

    Args:
        responses: one row per answer.
        score: column with the answer, number or text; what is not a score is left out (see `classify`).
        by: columns to group by; none gives one row for everybody.
        confidence: coverage aimed at, strictly between 0 and 1.
        interval: "adjusted_wald" (default), "adjusted_wald_z2", "wald", "t" or "score" (Tango); "t" takes the standard
            error with n - 1, the others the one with n.
    Returns: the columns named at the top of this module, and `promoters`, `passives` and `detractors`; the population
        is null, since nothing here knows it.
    Raises: MissingColumnError, OutOfRangeError, UnusableInputError

    Examples:
        >>> answers = pl.DataFrame({"score": [10] * 36 + [8] * 34 + [0] * 30})
        >>> nps(answers).select("n", "nps", pl.col("se").round(1)).row(0)
        (100, 6.0, 8.1)
    """
    by = column_names(by)
    return nps_from_counts(
        count_classes(responses, score=score, by=by), by=by, confidence=confidence, interval=interval
    )


def nps_from_counts(
    counts: pl.DataFrame,
    *,
    by: str | Sequence[str] = (),
    population: str | None = None,
    confidence: float = 0.95,
    interval: IntervalKind = "adjusted_wald",
) -> pl.DataFrame:
    """NPS from counts of promoters, passives and detractors, which may be summed over any rows first.

    Args:
        counts: columns `promoters`, `passives` and `detractors`; the rows of a group are added up.
        by: columns to group by; none gives one row for everything.
        population: column with the people of the group, equal on all its rows. Only the "t" interval and its error use
            it (finite population correction); the adjusted Wald and score intervals have none.
        confidence: coverage aimed at, strictly between 0 and 1.
        interval: as in `nps`.
    Returns: as `nps`, with the population where it is given.
    Raises: MissingColumnError; OutOfRangeError for a negative or missing count; UnusableInputError for a population
        smaller than its answers or given in two sizes.

    Examples:
        >>> counts = pl.DataFrame({"promoters": [16], "passives": [14], "detractors": [6]})
        >>> nps_from_counts(counts).select(pl.col("nps", "ci_low", "ci_high").round(1)).row(0)
        (27.8, 2.6, 48.6)
    """
    by = column_names(by)
    require_numbers(counts, [*CLASSES, *([population] if population else [])], "counts", whole=True)
    require_columns(counts, by, "counts")
    people = pl.col(population).cast(pl.Int64) if population else pl.lit(None, dtype=pl.Int64)
    sums = [
        pl.col(CLASSES).cast(pl.Int64).sum(),
        people.first().alias("population"),
        people.n_unique().alias("sizes"),
    ]
    totals = counts.group_by(by, maintain_order=True).agg(sums) if by else counts.select(sums)
    totals = totals.with_columns((pl.col("promoters") + pl.col("passives") + pl.col("detractors")).alias("n"))
    wrong = totals.filter((pl.col("sizes") > 1) | (pl.col("population") < pl.col("n")))
    if wrong.height:
        raise UnusableInputError(
            f"{population} must hold one size per group and no fewer people than answers; "
            f"found {wrong['population'][0]} for {wrong['n'][0]} answers in {wrong.height} groups"
        )
    n, answered = pl.col("n"), pl.col("n") > 0
    promoters, detractors = pl.col("promoter_share"), pl.col("detractor_share")
    spread = promoters + detractors - (promoters - detractors) ** 2
    unseen = 1 - (n / pl.col("population")).fill_null(0.0)
    # A census of one has no spread, and no error either.
    sample_error = pl.when(unseen == 0).then(0.0).when(n > 1).then(unseen * spread / (n - 1)).otherwise(None)
    squared_error = sample_error if interval == "t" else spread / n
    estimates = (
        totals.with_columns(
            pl.when(answered).then(pl.col("promoters") / n).alias("promoter_share"),
            pl.when(answered).then(pl.col("detractors") / n).alias("detractor_share"),
        )
        .with_columns(
            (100 * (promoters - detractors)).alias("nps"),
            pl.when(answered).then(100 * squared_error.sqrt()).alias("se"),
            pl.when(answered).then(n.cast(pl.Float64)).alias("n_effective"),
            (n - 1).alias("degrees_of_freedom"),
        )
        .with_columns(pl.col("population").alias("population_covered"))
    )
    limits = clip_limits(add_limits(estimates, confidence=confidence, interval=interval))
    return limits.select(*by, *RESULT, *CLASSES)
