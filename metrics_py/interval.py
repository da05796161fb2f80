"""Confidence intervals for a share (Wilson, Clopper-Pearson, Jeffreys) and for a mean (Student t).

Shares are on 0..1. Without observations there is no interval: the limits are null, never 0 and 1.
"""

import math
from collections.abc import Callable, Iterable
from statistics import NormalDist, fmean
from typing import Any, Literal, TypeAlias

import polars as pl

from metrics_py.errors import MissingColumnError, OutOfRangeError, UnusableInputError

Limits: TypeAlias = tuple[float | None, float | None]
ProportionMethod: TypeAlias = Literal["wilson", "clopper_pearson", "jeffreys"]


def normal_quantile(confidence: float) -> float:
    """Return the standard normal quantile that leaves `confidence` between itself and its negative.

    Raises: OutOfRangeError when `confidence` is not strictly between 0 and 1.

    Examples:
        >>> round(normal_quantile(0.95), 4)
        1.96
    """
    return NormalDist().inv_cdf(1 - tail(confidence))


def student_quantile(confidence: float, degrees_of_freedom: float) -> float | None:
    """Return the Student t quantile for a two-sided interval; null without degrees of freedom.

    Examples:
        >>> round(student_quantile(0.95, 9), 3)
        2.262
        >>> student_quantile(0.95, 0) is None
        True
    """
    upper_tail = tail(confidence)
    if degrees_of_freedom <= 0:
        return None
    from scipy.special import stdtrit

    return float(stdtrit(degrees_of_freedom, 1 - upper_tail))


def tail(confidence: float) -> float:
    """Return the probability left on each side of a two-sided interval.

    Raises: OutOfRangeError when `confidence` is not strictly between 0 and 1.

    Examples:
        >>> round(tail(0.95), 3)
        0.025
    """
    if not 0 < confidence < 1:
        raise OutOfRangeError(
            f"confidence must be strictly between 0 and 1; found {confidence!r}. Write 95% as confidence=0.95"
        )
    return (1 - confidence) / 2


def wilson_interval(successes: float | None, n: float | None, confidence: float = 0.95) -> Limits:
    """Wilson score interval of a share: the shares that a score test at this level does not reject.

    Args:
        successes: how many of `n` succeeded.
        n: how many were tried; null or 0 gives null limits.
        confidence: coverage aimed at, strictly between 0 and 1.
    Returns: the lower and upper limit on 0..1; exactly 0 when nothing succeeded, exactly 1 when everything did.
    Raises: OutOfRangeError for negative numbers, more successes than trials, or a confidence outside (0, 1).

    Source: Wilson (1927), without continuity correction.

    Examples:
        >>> low, high = wilson_interval(3, 4)
        >>> round(low, 3), round(high, 3)
        (0.301, 0.954)
        >>> wilson_interval(0, 0)
        (None, None)
    """
    return _proportion_limits(_wilson, successes, n, confidence)


def clopper_pearson_interval(successes: float | None, n: float | None, confidence: float = 0.95) -> Limits:
    """Clopper-Pearson ("exact") interval of a share: both binomial tails hold at most half of what is left.

    Args, returns and raises: as `wilson_interval`.

    Source: Clopper and Pearson (1934), by quantiles of the beta distribution.

    Examples:
        >>> low, high = clopper_pearson_interval(9, 10)
        >>> round(low, 3), round(high, 3)
        (0.555, 0.997)
    """
    return _proportion_limits(_clopper_pearson, successes, n, confidence)


def jeffreys_interval(successes: float | None, n: float | None, confidence: float = 0.95) -> Limits:
    """Jeffreys interval of a share: the equal-tailed posterior interval under a Beta(1/2, 1/2) prior.

    The lower limit is 0 when nothing succeeded and the upper one 1 when everything did, as Brown, Cai and DasGupta
    (2001) recommend. Args, returns and raises: as `wilson_interval`.

    Examples:
        >>> low, high = jeffreys_interval(0, 10)
        >>> low, round(high, 3)
        (0.0, 0.217)
    """
    return _proportion_limits(_jeffreys, successes, n, confidence)


def add_interval(
    frame: pl.DataFrame,
    *,
    successes: str,
    n: str,
    method: ProportionMethod = "wilson",
    confidence: float = 0.95,
    low: str = "ci_low",
    high: str = "ci_high",
) -> pl.DataFrame:
    """Frame with the limits of the share `successes / n` in two more columns, row by row.

    Args:
        frame: one row per share.
        successes: column with the count of successes.
        n: column with the count of trials.
        method: "wilson", "clopper_pearson" or "jeffreys", as the functions of those names.
        confidence: coverage aimed at, strictly between 0 and 1.
        low: name of the lower limit's column.
        high: name of the upper limit's column.
    Returns: `frame` with both columns, on 0..1; null where a count is null or `n` is 0.
    Raises: MissingColumnError; OutOfRangeError as `wilson_interval`; UnusableInputError for an unknown method.

    Examples:
        >>> shares = pl.DataFrame({"hits": [3, 0], "matured": [4, 0]})
        >>> add_interval(shares, successes="hits", n="matured")["ci_low"].round(3).to_list()
        [0.301, None]
    """
    if missing := [name for name in (successes, n) if name not in frame.columns]:
        raise MissingColumnError(f"the frame lacks {missing}; it has {frame.columns}")
    if method not in _METHODS:
        raise UnusableInputError(f"method must be one of {sorted(_METHODS)}; found {method!r}")
    limits = [
        _proportion_limits(_METHODS[method], count, trials, confidence)
        for count, trials in frame.select(successes, n).iter_rows()
    ]
    return frame.with_columns(
        pl.Series(low, [limit[0] for limit in limits], dtype=pl.Float64),
        pl.Series(high, [limit[1] for limit in limits], dtype=pl.Float64),
    )


def mean_interval(values: Iterable[float | None], confidence: float = 0.95, population: int | None = None) -> Limits:
    """Student t interval of a mean, narrowed by the finite population correction when `population` is given.

    Args:
        values: the observations, in any unit; nulls are left out.
        confidence: coverage aimed at, strictly between 0 and 1.
        population: how many values exist; when all of them were observed both limits equal the mean.
    Returns: the lower and upper limit in the unit of `values`; null below two observations.
    Raises: OutOfRangeError for NaN or infinite values, a population smaller than the sample, or a bad confidence.

    Examples:
        >>> low, high = mean_interval([60, 65, 70, 90])
        >>> round(low, 2), round(high, 2)
        (50.33, 92.17)
        >>> mean_interval([60, 65, 70, 90], population=4)
        (71.25, 71.25)
        >>> mean_interval([72.5])
        (None, None)
    """
    tail(confidence)
    observed = [float(value) for value in values if value is not None]
    if wrong := [value for value in observed if not math.isfinite(value)]:
        raise OutOfRangeError(f"values must be finite; found {wrong[0]} in {len(wrong)}. Use null for a missing value")
    count = len(observed)
    if population is not None and population < count:
        raise OutOfRangeError(f"population must be at least the {count} values observed; found {population}")
    quantile = student_quantile(confidence, count - 1)
    if quantile is None:
        return None, None
    mean = fmean(observed)
    variance = math.fsum((value - mean) ** 2 for value in observed) / (count - 1)
    unseen_share = 1 - count / population if population is not None else 1.0
    half_width = quantile * math.sqrt(unseen_share * variance / count)
    return mean - half_width, mean + half_width


def _proportion_limits(
    limits: Callable[[float, float, float], tuple[float, float]],
    successes: float | None,
    n: float | None,
    confidence: float,
) -> Limits:
    tail(confidence)
    if successes is None or n is None:
        return None, None
    if not 0 <= successes <= n < math.inf:
        raise OutOfRangeError(f"successes must lie between 0 and n; found {successes} of {n}")
    if n == 0:
        return None, None
    low, high = limits(successes, n, confidence)
    return 0.0 if successes == 0 else low, 1.0 if successes == n else high


def _wilson(successes: float, n: float, confidence: float) -> tuple[float, float]:
    z = normal_quantile(confidence)
    share = successes / n
    centre = share + z * z / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (centre - reach) / scale, (centre + reach) / scale


def _clopper_pearson(successes: float, n: float, confidence: float) -> tuple[float, float]:
    return (
        _beta_quantile(tail(confidence), successes, n - successes + 1) if successes > 0 else 0.0,
        _beta_quantile(1 - tail(confidence), successes + 1, n - successes) if successes < n else 1.0,
    )


def _jeffreys(successes: float, n: float, confidence: float) -> tuple[float, float]:
    alpha, beta = successes + 0.5, n - successes + 0.5
    return _beta_quantile(tail(confidence), alpha, beta), _beta_quantile(1 - tail(confidence), alpha, beta)


def _beta_quantile(probability: float, alpha: float, beta: float) -> float:
    from scipy.special import betaincinv

    return float(betaincinv(alpha, beta, probability))


_METHODS: dict[str, Callable[[Any, Any, float], tuple[float, float]]] = {
    "wilson": _wilson,
    "clopper_pearson": _clopper_pearson,
    "jeffreys": _jeffreys,
}
