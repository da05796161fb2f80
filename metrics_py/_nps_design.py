"""Variance of an NPS under a survey design, from counts of promoters, passives and detractors per cell.

In every formula an answer is +1, 0 or -1 (`net`), `share` is a cell's part of the covered population, and shares and
variances are on that scale; only what `finish` returns is on -100..100.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import polars as pl

from metrics_py._nps_classes import CLASSES, plain_number
from metrics_py._nps_limits import IntervalKind, add_limits
from metrics_py._population import are_shares, sampled_share
from metrics_py.errors import UnusableInputError

Single: TypeAlias = Literal["centre", "remove", "average"]
EVERYTHING = "__everything"
SIZE = "__size"
RESULT = ("n", "nps", "se", "ci_low", "ci_high", "n_effective", "population", "population_covered")
BESIDE = (
    "promoter_share",
    "detractor_share",
    "variance",
    "degrees_of_freedom",
    "nps_unweighted",
    "n_kish",
    "design_effect",
)


def check_single(single: str, allowed: Sequence[str]) -> None:
    """Refuse a treatment of single-answer cells that the estimator doesn't have.

    Raises: UnusableInputError
    """
    if single not in allowed:
        raise UnusableInputError(f"single must be one of {list(allowed)}; found {single!r}")


def stratified_variance(cells: pl.DataFrame, *, by: Sequence[str], size: str, single: Single) -> pl.DataFrame:
    """Estimate and variance of a stratified simple random sample drawn without replacement, one row per group.

    A stratum with one answer has no spread of its own: `centre` takes its distance from the overall mean, `remove`
    takes 0, `average` the mean variance of the other strata.
    """
    prepared = _prepare(cells, by, size)
    answers, unseen = pl.col("answers"), 1 - sampled_share("answers", SIZE, _keys(by))
    own = unseen * pl.col("share") ** 2 * pl.col("spread") / ((answers - 1) * answers)
    within = pl.when(answers > 1).then(own).otherwise(0.0).sum()
    variance = within
    if single == "average":
        strata, singles = (answers > 0).sum(), (answers == 1).sum()
        variance = pl.when(strata > singles).then(within * strata / (strata - singles)).otherwise(None)
    elif single == "centre":
        variance = within + (unseen * pl.col("lone_distance") ** 2).sum()
    return _aggregate(prepared, by, variance, answers.sum() - (answers > 0).sum())


def post_stratified_variance(cells: pl.DataFrame, *, by: Sequence[str], size: str, single: Single) -> pl.DataFrame:
    """Estimate and linearised variance of a simple random sample weighted to its cells, one row per group.

    An answer's linearised value is its distance from its cell's mean times its weight; the lone answer of a cell has
    none (`remove`), or its distance from the overall mean (`centre`).
    """
    prepared = _prepare(cells, by, size)
    n, answers = pl.col("answers").sum(), pl.col("answers")
    squares = pl.when(answers > 1).then(pl.col("share") ** 2 * pl.col("spread") / answers**2).otherwise(0.0).sum()
    if single == "centre":
        lone = pl.col("lone_distance")
        squares = squares + (lone**2).sum() - lone.sum() ** 2 / n
    unseen = 1 - pl.col("group_sampled_share").first()
    variance = pl.when(n > 1).then(unseen * n / (n - 1) * squares)
    return _aggregate(prepared, by, variance, n - 1)


def finish(estimates: pl.DataFrame, *, by: Sequence[str], confidence: float, interval: IntervalKind) -> pl.DataFrame:
    """Published columns from the shares and the variance of each estimate; null where nobody answered.

    `n_effective` is the size of a simple random sample with this standard error, and n where the error is 0.
    """
    promoters, detractors = pl.col("promoter_share"), pl.col("detractor_share")
    named = estimates.with_columns(
        (100 * (promoters - detractors)).alias("nps"),
        # What is left of an error of 0 after rounding would otherwise make n_effective astronomical.
        pl.when(pl.col("error_variance") < 1e-22)
        .then(0.0)
        .otherwise(100 * pl.col("error_variance").sqrt())
        .alias("se"),
        (promoters + detractors - (promoters - detractors) ** 2).alias("variance"),
    )
    variance, error_variance, n = pl.col("variance"), pl.col("error_variance"), pl.col("n")
    effective = named.with_columns(
        pl.when(pl.col("se") == 0).then(n.cast(pl.Float64)).otherwise(variance / error_variance).alias("n_effective"),
        pl.when((n > 1) & (variance > 1e-12)).then(error_variance * (n - 1) / variance).alias("design_effect"),
    )
    numbers = ["nps", "se", "n_effective", *BESIDE]
    known = effective.with_columns(pl.when(n > 0).then(pl.col(name)).alias(name) for name in numbers)
    return add_limits(known, confidence=confidence, interval=interval).select(*by, *RESULT, *BESIDE)


def _keys(by: Sequence[str]) -> list[str]:
    return list(by) or [EVERYTHING]


def _prepare(cells: pl.DataFrame, by: Sequence[str], size: str) -> pl.DataFrame:
    keys = _keys(by)
    net, answers = pl.col("promoters") - pl.col("detractors"), pl.col("answers")
    # 1 for a cell without answers, whose share is 0: it adds nothing and divides by nothing.
    divisor = pl.max_horizontal(answers, 1)
    return (
        cells.select(
            *by, pl.col(CLASSES).cast(pl.Int64), plain_number(cells, size).alias(SIZE), pl.lit(0).alias(EVERYTHING)
        )
        .with_columns(
            pl.col(SIZE).cast(pl.Float64).alias("people"),
            (pl.col("promoters") + pl.col("passives") + pl.col("detractors")).alias("answers"),
        )
        .with_columns(pl.when(answers > 0).then(pl.col("people")).otherwise(0.0).alias("covered"))
        .with_columns((pl.col("covered") / pl.col("covered").sum().over(keys)).alias("share"))
        .with_columns(
            (pl.col("share") * pl.col("promoters") / divisor).alias("promoter_share"),
            (pl.col("share") * pl.col("detractors") / divisor).alias("detractor_share"),
            (pl.col("share") ** 2 / divisor).alias("kish_square"),
            (pl.col("promoters") + pl.col("detractors") - net**2 / divisor).alias("spread"),
            answers.sum().over(keys).alias("group_answers"),
            pl.col("people").sum().over(keys).alias("group_people"),
        )
        .with_columns(
            pl.when(answers == 1)
            .then(pl.col("share") * (net - (pl.col("promoter_share") - pl.col("detractor_share")).sum().over(keys)))
            .otherwise(0.0)
            .alias("lone_distance"),
            _group_sampled_share(keys).alias("group_sampled_share"),
        )
    )


def _group_sampled_share(keys: Sequence[str]) -> pl.Expr:
    return pl.when(are_shares(SIZE, keys)).then(0.0).otherwise(pl.col("group_answers") / pl.col("group_people"))


def _aggregate(
    prepared: pl.DataFrame, by: Sequence[str], variance: pl.Expr, degrees_of_freedom: pl.Expr
) -> pl.DataFrame:
    answers, people = pl.col("answers"), pl.col(SIZE)
    return prepared.group_by(_keys(by), maintain_order=True).agg(
        answers.sum().alias("n"),
        pl.col("promoter_share", "detractor_share").sum(),
        variance.alias("error_variance"),
        degrees_of_freedom.cast(pl.Int64).alias("degrees_of_freedom"),
        people.sum().alias("population"),
        people.filter(answers > 0).sum().alias("population_covered"),
        (100 * (pl.col("promoters").sum() - pl.col("detractors").sum()) / answers.sum()).alias("nps_unweighted"),
        (1 / pl.col("kish_square").sum()).alias("n_kish"),
    )
