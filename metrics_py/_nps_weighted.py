"""NPS of a stratified or post-stratified sample; read the functions through `metrics_py.nps`."""

from collections.abc import Sequence
from typing import Literal

import polars as pl

from metrics_py._nps_classes import CLASSES, column_names, count_classes
from metrics_py._nps_design import Single, check_single, finish, post_stratified_variance, stratified_variance
from metrics_py._nps_limits import IntervalKind
from metrics_py._population import join_population, require_cells
from metrics_py.errors import UnusableInputError
from metrics_py.weighting import collapse_cells


def nps_stratified(
    responses: pl.DataFrame,
    population: pl.DataFrame,
    *,
    score: str = "score",
    stratum: str | Sequence[str],
    size: str,
    by: str | Sequence[str] = (),
    single: Single = "centre",
    collapse_to: str | None = None,
    confidence: float = 0.95,
    interval: IntervalKind = "adjusted_wald",
) -> pl.DataFrame:
    """NPS of a stratified random sample: the strata's scores, each counting as many people as its stratum holds.

    Args:
        responses: one row per answer.
        population: one row per stratum (within `by`) with its size.
        score: column with the answer; what is not a score is left out.
        stratum: column or columns that name the stratum in both frames.
        size: column of `population` with the people in the stratum; sizes that sum to 1 are shares, and then there is
            no finite population correction.
        by: columns of both frames that separate populations, such as waves.
        single: variance of a stratum with one answer: "centre" (its distance from the overall mean, the cautious one),
            "remove" (0) or "average" (that of the other strata).
        collapse_to: column of `population` with the stratum to merge into, null to stay; needs one `stratum` column.
        confidence: coverage aimed at, strictly between 0 and 1.
        interval: as in `nps`, on `n_effective`; "wald" and "t" (answers minus strata degrees of freedom) are not held
            to -100..100.
    Returns: the columns named at the top of `metrics_py.nps`. A stratum that nobody answered is left out of the
        estimate and of `population_covered`.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for answers outside the population or more answers
        than people.

    Examples:
        >>> answers = pl.DataFrame({"use": ["low"] * 4 + ["high"] * 4, "score": [0, 7, 9, 0, 9, 10, 10, 7]})
        >>> strata = pl.DataFrame({"use": ["low", "high"], "users": [300, 100]})
        >>> nps_stratified(answers, strata, stratum="use", size="users").select("nps", pl.col("se").round(2)).row(0)
        (0.0, 36.19)
    """
    strata = _cells(responses, population, score, stratum, size, by, collapse_to)
    return nps_stratified_from_counts(strata, size=size, by=by, single=single, confidence=confidence, interval=interval)


def nps_stratified_from_counts(
    strata: pl.DataFrame,
    *,
    size: str,
    by: str | Sequence[str] = (),
    single: Single = "centre",
    confidence: float = 0.95,
    interval: IntervalKind = "adjusted_wald",
) -> pl.DataFrame:
    """NPS of a stratified random sample from counts, as `nps_stratified` gives it from the answers.

    Args:
        strata: one row per stratum (within `by`) with `promoters`, `passives`, `detractors` and its `size`.
        size, by, single, confidence, interval: as in `nps_stratified`.
    Returns and raises: as `nps_stratified`.

    Examples:
        >>> strata = pl.DataFrame(
        ...     {"promoters": [1, 3], "passives": [1, 1], "detractors": [2, 0], "users": [300, 100]}
        ... )
        >>> nps_stratified_from_counts(strata, size="users")["nps"].to_list()
        [0.0]
    """
    by = column_names(by)
    check_single(single, ("centre", "remove", "average"))
    require_cells(strata, counts=CLASSES, size=size, by=by)
    estimates = stratified_variance(strata, by=by, size=size, single=single)
    return finish(estimates, by=by, confidence=confidence, interval=interval)


def nps_post_stratified(
    responses: pl.DataFrame,
    population: pl.DataFrame,
    *,
    score: str = "score",
    cell: str | Sequence[str],
    size: str,
    by: str | Sequence[str] = (),
    single: Literal["centre", "remove"] = "remove",
    collapse_to: str | None = None,
    confidence: float = 0.95,
    interval: IntervalKind = "adjusted_wald",
) -> pl.DataFrame:
    """NPS of a simple random sample whose answers are weighted so that each cell counts as it does in the population.

    Args:
        responses: one row per answer.
        population: one row per cell (within `by`) with its size.
        score: column with the answer; what is not a score is left out.
        cell: column or columns that name the cell in both frames.
        size: column of `population` with the people in the cell; sizes that sum to 1 are shares, and then there is no
            finite population correction.
        by: columns of both frames that separate populations, such as waves.
        single: the lone answer of a cell adds nothing to the variance ("remove", as survey packages do), or its
            distance from the overall NPS ("centre").
        collapse_to: column of `population` with the cell to merge into, null to stay; needs one `cell` column.
        confidence: coverage aimed at, strictly between 0 and 1.
        interval: as in `nps`, on `n_effective`; "wald" and "t" (n - 1 degrees of freedom) are not held to -100..100.
    Returns: the columns named at the top of `metrics_py.nps`; `se` is the linearised one with the finite population
        correction over the whole population. A cell that nobody answered is left out of the estimate and of
        `population_covered`. One answer has a score and no error.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for answers outside the population or more answers
        than people.

    Source: Saerndal, Swensson and Wretman (1992), section 7.6.

    Examples:
        >>> scores = [10] * 20 + [8] * 30 + [0] * 30 + [10] * 12 + [8] * 5 + [0] * 3
        >>> answers = pl.DataFrame({"use": ["high"] * 80 + ["low"] * 20, "score": scores})
        >>> frame = pl.DataFrame({"use": ["high", "low"], "users": [3000, 7000]})
        >>> result = nps_post_stratified(answers, frame, cell="use", size="users")
        >>> result.select(pl.col("nps_unweighted", "nps").round(2), pl.col("n_kish").round(0)).row(0)
        (-1.0, 27.75, 39.0)
    """
    cells = _cells(responses, population, score, cell, size, by, collapse_to)
    return nps_post_stratified_from_counts(
        cells, size=size, by=by, single=single, confidence=confidence, interval=interval
    )


def nps_post_stratified_from_counts(
    cells: pl.DataFrame,
    *,
    size: str,
    by: str | Sequence[str] = (),
    single: Literal["centre", "remove"] = "remove",
    confidence: float = 0.95,
    interval: IntervalKind = "adjusted_wald",
) -> pl.DataFrame:
    """Post-stratified NPS from counts, as `nps_post_stratified` gives it from the answers.

    Args:
        cells: one row per cell (within `by`) with `promoters`, `passives`, `detractors` and its `size`.
        size, by, single, confidence, interval: as in `nps_post_stratified`.
    Returns and raises: as `nps_post_stratified`.

    Examples:
        >>> cells = pl.DataFrame(
        ...     {"promoters": [20, 12], "passives": [30, 5], "detractors": [30, 3], "users": [3000, 7000]}
        ... )
        >>> nps_post_stratified_from_counts(cells, size="users")["nps"].round(2).to_list()
        [27.75]
    """
    by = column_names(by)
    check_single(single, ("centre", "remove"))
    require_cells(cells, counts=CLASSES, size=size, by=by)
    estimates = post_stratified_variance(cells, by=by, size=size, single=single)
    return finish(estimates, by=by, confidence=confidence, interval=interval)


def _cells(
    responses: pl.DataFrame,
    population: pl.DataFrame,
    score: str,
    cell: str | Sequence[str],
    size: str,
    by: str | Sequence[str],
    collapse_to: str | None,
) -> pl.DataFrame:
    groups, cells = column_names(by), column_names(cell)
    if collapse_to is not None:
        if groups or len(cells) != 1:
            raise UnusableInputError("collapse_to needs a single cell column and no by; merge the cells beforehand")
        responses, population = collapse_cells(responses, population, cell=cells[0], size=size, collapse_to=collapse_to)
    counts = count_classes(responses, score=score, by=[*groups, *cells])
    answered = counts.filter(pl.sum_horizontal(CLASSES) > 0)
    return join_population(answered, population, cells=cells, size=size, by=groups)
