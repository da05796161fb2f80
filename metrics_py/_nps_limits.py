"""The limits around an NPS: four intervals from the shares of promoters and detractors and an effective n."""

import math
from typing import Literal, TypeAlias

import polars as pl

from metrics_py.errors import UnusableInputError
from metrics_py.interval import normal_quantile, student_quantile, tail

IntervalKind: TypeAlias = Literal["adjusted_wald", "adjusted_wald_z2", "wald", "t", "score"]
_KINDS = ("adjusted_wald", "adjusted_wald_z2", "wald", "t", "score")


def add_limits(estimates: pl.DataFrame, *, confidence: float, interval: IntervalKind) -> pl.DataFrame:
    """Estimates with `ci_low` and `ci_high` on -100..100.

    `adjusted_wald` adds 3/4 promoters, 3/2 passives and 3/4 detractors to `n_effective` answers (Rocks 2016, as Lewis
    and Sauro advise), `adjusted_wald_z2` a third of the squared normal quantile to each; `score` inverts Tango's (1998)
    score test for a difference of paired shares; `wald` and `t` are the estimate and its standard error, and may pass
    100, as survey packages print them.

    Args:
        estimates: one row per estimate with `promoter_share`, `detractor_share`, `nps`, `se`, `n_effective` and
            `degrees_of_freedom`.
        confidence: coverage aimed at, strictly between 0 and 1.
        interval: one of the five kinds above.
    Returns: `estimates` with both columns; null where there is no standard error to build them on.
    Raises: OutOfRangeError for a bad confidence, UnusableInputError for an unknown kind.
    """
    tail(confidence)
    if interval not in _KINDS:
        raise UnusableInputError(f"interval must be one of {list(_KINDS)}; found {interval!r}")
    if interval == "score":
        return _with_limits(estimates, [_tango(row, confidence) for row in estimates.iter_rows(named=True)])
    if interval == "t":
        quantiles = [student_quantile(confidence, df or 0) for df in estimates["degrees_of_freedom"]]
        quantile = pl.lit(pl.Series(quantiles, dtype=pl.Float64))
        return estimates.with_columns(
            (pl.col("nps") - quantile * pl.col("se")).alias("ci_low"),
            (pl.col("nps") + quantile * pl.col("se")).alias("ci_high"),
        )
    z = normal_quantile(confidence)
    if interval == "wald":
        centre, se = pl.col("nps"), pl.col("se")
    else:
        centre, se = _adjusted(0.75, 1.5) if interval == "adjusted_wald" else _adjusted(z * z / 3, z * z / 3)
    limits = estimates.with_columns((centre - z * se).alias("ci_low"), (centre + z * se).alias("ci_high"))
    return limits if interval == "wald" else clip_limits(limits)


def clip_limits(estimates: pl.DataFrame) -> pl.DataFrame:
    """Estimates with their limits held to -100..100."""
    return estimates.with_columns(pl.col("ci_low", "ci_high").clip(-100, 100))


def _adjusted(extreme: float, passive: float) -> tuple[pl.Expr, pl.Expr]:
    n = pl.col("n_effective") + 2 * extreme + passive
    promoters = (pl.col("promoter_share") * pl.col("n_effective") + extreme) / n
    detractors = (pl.col("detractor_share") * pl.col("n_effective") + extreme) / n
    net = promoters - detractors
    return 100 * net, 100 * ((promoters + detractors - net**2) / n).sqrt()


def _tango(estimate: dict[str, float | None], confidence: float) -> tuple[float | None, float | None]:
    n, promoter_share, detractor_share = (
        estimate["n_effective"],
        estimate["promoter_share"],
        estimate["detractor_share"],
    )
    if n is None or promoter_share is None or detractor_share is None:
        return None, None
    promoters, detractors, z = promoter_share * n, detractor_share * n, normal_quantile(confidence)
    net = promoter_share - detractor_share
    low = _crossing(promoters, detractors, n, z, -1.0, net)
    high = -_crossing(detractors, promoters, n, z, -1.0, -net)
    return 100 * low, 100 * high


def _crossing(promoters: float, detractors: float, n: float, z: float, below: float, above: float) -> float:
    # The statistic falls as the difference rises; 60 halvings of an interval no wider than 2 reach 2e-18.
    for _ in range(60):
        middle = (below + above) / 2
        if _score_statistic(promoters, detractors, n, middle) > z:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def _score_statistic(promoters: float, detractors: float, n: float, difference: float) -> float:
    # Tango (1998), equation 4: the detractor share most likely under this difference, then the standardised distance.
    b = -promoters - detractors + (2 * n - promoters + detractors) * difference
    c = -detractors * difference * (1 - difference)
    detractor_share = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    variance = n * (2 * detractor_share + difference * (1 - difference))
    distance = promoters - detractors - n * difference
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def _with_limits(estimates: pl.DataFrame, limits: list[tuple[float | None, float | None]]) -> pl.DataFrame:
    return estimates.with_columns(
        pl.Series("ci_low", [low for low, _ in limits], dtype=pl.Float64),
        pl.Series("ci_high", [high for _, high in limits], dtype=pl.Float64),
    )
