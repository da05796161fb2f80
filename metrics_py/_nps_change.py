"""Change of an NPS between two waves, and the answers it takes to see one; read both through `metrics_py.nps`."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Literal

import polars as pl

from metrics_py._nps_classes import NET, column_names, require_columns, scored
from metrics_py._nps_design import check_single
from metrics_py._population import are_shares, join_population
from metrics_py.errors import OutOfRangeError, UnusableInputError
from metrics_py.interval import normal_quantile


def answers_needed(
    change: float,
    *,
    variance: float | tuple[float, float] = 0.75,
    confidence: float = 0.95,
    power: float = 0.8,
    design_effect: float = 1.0,
) -> int:
    """Answers needed in each of two independent waves to see this change of NPS with the given power.

    Args:
        change: the difference to see, in NPS points; its sign doesn't matter.
        variance: of one answer on -1..1, `promoters + detractors - (promoters - detractors)**2` of the shares; one for
            both waves or one for each. 0.75 is a cautious guess before any wave; 1 is the most it can be.
        confidence: of the two-sided interval of the change, strictly between 0 and 1.
        power: chance that the interval excludes 0 when the change is real, strictly between 0 and 1.
        design_effect: how many weighted answers say as much as one of a simple random sample.
    Returns: whole answers per wave, rounded up.
    Raises: OutOfRangeError

    Examples:
        >>> answers_needed(14), answers_needed(14, variance=0.6564), answers_needed(14, variance=(0.6564, 0.62))
        (601, 526, 512)
    """
    variances = variance if isinstance(variance, tuple) else (variance, variance)
    if not 0 < abs(change) <= 200:
        raise OutOfRangeError(f"change must be between -200 and 200 NPS points and not 0; found {change}")
    if not all(0 <= value <= 1 for value in variances):
        raise OutOfRangeError(
            f"variance of one answer must lie between 0 and 1 (answers are -1, 0 or 1); found {variance}"
        )
    if not 0 < power < 1:
        raise OutOfRangeError(f"power must be strictly between 0 and 1; found {power!r}. Write 80% as power=0.8")
    if not 0 < design_effect < math.inf:
        raise OutOfRangeError(f"design_effect must be more than 0; found {design_effect!r}")
    quantiles = normal_quantile(confidence) + NormalDist().inv_cdf(power)
    return max(1, math.ceil(design_effect * sum(variances) * (100 * quantiles / change) ** 2))


def nps_change(
    before: pl.DataFrame,
    after: pl.DataFrame,
    *,
    score: str = "score",
    respondent: str = "respondent_id",
    populations: tuple[pl.DataFrame, pl.DataFrame] | None = None,
    cell: str | Sequence[str] = (),
    size: str = "size",
    single: Literal["centre", "remove"] = "remove",
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Change of NPS from one wave to the next, its error less what people who answered both times have in common.

    Without `populations` both scores are the unweighted ones of `nps`, with them the post-stratified ones of
    `nps_post_stratified`, errors included.

    Args:
        before: one row per answer of the earlier wave.
        after: one row per answer of the later wave.
        score: column with the answer; what is not a score is left out.
        respondent: column that names the person, compared as text; null is nobody's and is matched with no one.
        populations: the population of the earlier and of the later wave, one row per cell.
        cell: with `populations`, column or columns that name the cell.
        size: with `populations`, column with the people in the cell, or its share.
        single: with `populations`, as in `nps_post_stratified`.
        confidence: coverage aimed at, strictly between 0 and 1.
    Returns: one row with `n_before`, `n_after`, `n_both`, `nps_before`, `nps_after`, `change`, `se`, `ci_low` and
        `ci_high` (Wald, in NPS points); null where a wave has no score or no error.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for a person who answered twice in a wave, and as
        `nps_post_stratified`.

    Examples:
        >>> before = pl.DataFrame({"respondent_id": ["a", "b", "c", "d"], "score": [3, 8, 9, 10]})
        >>> after = pl.DataFrame({"respondent_id": ["a", "b", "c", "e"], "score": [7, 9, 10, 2]})
        >>> nps_change(before, after).select("n_both", "change", pl.col("se").round(1)).row(0)
        (3, 0.0, 50.8)
    """
    z = normal_quantile(confidence)
    check_single(single, ("centre", "remove"))
    cells = column_names(cell)
    if (populations is None) != (not cells):
        raise UnusableInputError("populations and cell belong together; give both, or neither for unweighted scores")
    waves = []
    for responses, population in zip((before, after), populations or (None, None), strict=True):
        require_columns(responses, [respondent, *cells], "responses")
        answers = scored(responses, score=score).select(pl.col(respondent).cast(pl.String), *cells, NET)
        _refuse_repeated(answers, respondent)
        waves.append(_linearise(answers, population, cells, size, single))
    (first, first_nps), (second, second_nps) = waves
    both = first.select(respondent, "linearised").join(second.select(respondent, "linearised"), on=respondent)
    change = None if first_nps is None or second_nps is None else second_nps - first_nps
    se = None
    if not first["linearised"].has_nulls() and not second["linearised"].has_nulls() and change is not None:
        squares = float((first["linearised"] ** 2).sum()) + float((second["linearised"] ** 2).sum())
        se = math.sqrt(max(0.0, squares - 2 * float((both["linearised"] * both["linearised_right"]).sum())))
    columns = {
        "nps_before": first_nps,
        "nps_after": second_nps,
        "change": change,
        "se": se,
        "ci_low": None if change is None or se is None else change - z * se,
        "ci_high": None if change is None or se is None else change + z * se,
    }
    return pl.DataFrame(
        {"n_before": first.height, "n_after": second.height, "n_both": both.height, **columns},
        schema_overrides=dict.fromkeys(columns, pl.Float64),
    )


def _refuse_repeated(answers: pl.DataFrame, respondent: str) -> None:
    named = answers.filter(pl.col(respondent).is_not_null())[respondent]
    if named.is_duplicated().any():
        repeated = named.filter(named.is_duplicated())[0]
        raise UnusableInputError(
            f"{respondent} must occur once per wave; found {repeated!r} more often. Keep a person's latest answer"
        )


def _linearise(
    answers: pl.DataFrame, population: pl.DataFrame | None, cells: list[str], size: str, single: str
) -> tuple[pl.DataFrame, float | None]:
    # One value per answer, in NPS points, whose sum of squares is the squared standard error of the wave's score.
    n, net, part = answers.height, pl.col(NET), pl.col("part")
    if n == 0:
        return answers.with_columns(pl.lit(None, dtype=pl.Float64).alias("linearised")), None
    if population is None:
        weighted = answers.with_columns(pl.lit(1 / n).alias("part"))
        value, factor = part * (net - net.mean()), 1.0
    else:
        counts = answers.group_by(cells).agg(pl.len().cast(pl.Int64).alias("answers"))
        joined = join_population(counts, population, cells=cells, size=size)
        covered = pl.col(size).filter(pl.col("answers") > 0).sum()
        parts = joined.select(
            *cells,
            "answers",
            (pl.col(size) / covered / pl.col("answers")).alias("part"),
            pl.when(are_shares(size)).then(0.0).otherwise(n / pl.col(size).sum()).alias("sampled_share"),
        )
        weighted = answers.join(parts, on=cells, how="left", maintain_order="left")
        alone = (pl.col("answers") == 1) & (single == "centre")
        distance = pl.when(alone).then(net - (part * net).sum()).otherwise(net - net.mean().over(cells))
        value = part * distance - (part * distance).mean()
        factor = math.sqrt((1 - parts["sampled_share"][0]) * n / (n - 1)) if n > 1 else math.nan
    score = float(weighted.select(100 * (net * part).sum()).item())
    return weighted.with_columns((100 * factor * value).fill_nan(None).alias("linearised")), score
