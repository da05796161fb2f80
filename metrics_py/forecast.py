"""Where a series of readings will stand on a later date: the equal mixture of a least-squares trend and a random walk.

A trend alone is too sure of itself when the series wanders, a walk alone too unsure when it does not; the mixture of
their Student t predictive distributions keeps its promises on both (see `metrics_py.okr.calibrate`). Distances in time
are days, so that uneven readings count for what they are.

Sources: the predictive distribution of a least-squares line (Draper and Smith, Applied Regression Analysis, 3rd ed.,
section 3.1); the random walk with drift (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed.,
section 5.5), whose error is h(1 + h/T) times the step variance; equal weights (linear pool, Stone 1961).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics_py._columns import labels_of, require_columns, require_dates
from metrics_py.errors import OutOfRangeError, UnusableInputError
from metrics_py.interval import tail

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FEWEST_READINGS = 4
"""Below this there is no forecast: a line through three points leaves one degree of freedom."""

COMPONENTS = ("degrees_of_freedom", "trend_mean", "trend_scale", "drift_mean", "drift_scale")


def forecast(
    readings: pl.DataFrame,
    origins: pl.DataFrame,
    *,
    by: str | Sequence[str],
    made_on: str = "made_on",
    due_on: str = "due_on",
    at: str = "observed_on",
    value: str = "value",
    target: str | None = None,
    higher_is_better: str | None = None,
    confidences: Sequence[float] = (0.8, 0.95),
    fewest: int = FEWEST_READINGS,
) -> pl.DataFrame:
    """Predictive distribution of a series on a later date, from the readings on or before the day it is made.

    Args:
        readings: one row per series and day; null values are left out.
        origins: one row per forecast to make.
        by: columns that name a series, in both frames.
        made_on: column of `origins` with the day the forecast is made; later readings are not looked at.
        due_on: column of `origins` with the day forecast.
        at: column of `readings` with the day of a reading.
        value: column of `readings` with the reading, in any unit.
        target: column of `origins` with the value to reach; with it comes `p_hit`.
        higher_is_better: Boolean column of `origins`; false means that the target is reached from above.
        confidences: one interval each, as columns `low_80` and `high_80` for 0.8.
        fewest: readings below which nothing is forecast; at least 3.
    Returns: `origins` in its order with `n` (readings used), `degrees_of_freedom`, mean and scale of both components,
        `forecast` (mean of the mixture, in the unit of the readings), `p_hit` (share of the mixture at or beyond the
        target) and the intervals. Below `fewest` readings, and when `due_on` is before the last reading, all but `n`
        are null.
    Raises: MissingColumnError; UnusableInputError for two readings of a series on one day; OutOfRangeError for a bad
        confidence or `fewest`.

    Examples:
        >>> from datetime import date, timedelta
        >>> days = [date(2025, 7, 1) + timedelta(days=7 * week) for week in range(5)]
        >>> readings = pl.DataFrame({"kr": "a", "observed_on": days, "value": [58.0, 59.2, 60.4, 60.8, 62.0]})
        >>> origins = pl.DataFrame(
        ...     {"kr": "a", "made_on": days[-1], "due_on": date(2025, 10, 1), "target": 72.0, "up": True}
        ... )
        >>> made = forecast(readings, origins, by="kr", target="target", higher_is_better="up")
        >>> made.select("n", pl.col("forecast", "low_80", "high_80", "p_hit").round(2)).row(0)
        (5, 70.96, 68.47, 73.6, 0.25)
    """
    by = labels_of(by, ("n", "forecast", "p_hit", *COMPONENTS))
    require_columns(readings.schema, [*by, at, value])
    asked = [made_on, due_on, *([target] if target else []), *([higher_is_better] if higher_is_better else [])]
    require_columns(origins.schema, [*by, *asked])
    require_dates(readings.schema, at)
    require_dates(origins.schema, made_on, due_on)
    if (target is None) != (higher_is_better is None):
        raise UnusableInputError("target and higher_is_better go together; name both columns or neither")
    if fewest < 3:
        raise OutOfRangeError(f"fewest must be at least 3, since a line takes two readings; found {fewest}")
    for confidence in confidences:
        tail(confidence)
    numbered = origins.with_row_index("_origin")
    sums = _summaries(readings, numbered, by=by, made_on=made_on, due_on=due_on, at=at, value=value)
    usable = (pl.col("n") >= fewest) & (pl.col("_ahead") >= 0)
    components = _components().items()
    made = (
        numbered.join(sums, on="_origin", how="left", maintain_order="left")
        .with_columns(pl.col("n").fill_null(0))
        .with_columns(pl.when(usable).then(expression).alias(name) for name, expression in components)
        .with_columns(((pl.col("trend_mean") + pl.col("drift_mean")) / 2).alias("forecast"))
    )
    mixture = {name: made[name].cast(pl.Float64).to_numpy() for name in COMPONENTS}
    limits: dict[str, Any] = {}
    if target is not None and higher_is_better is not None:
        directed = made.select(
            pl.when(pl.col(higher_is_better).is_not_null()).then(pl.col(target).cast(pl.Float64)).alias("target"),
            pl.col(higher_is_better).fill_null(True).alias("is_up"),
        )
        limits["p_hit"] = _hit_probability(mixture, directed["target"].to_numpy(), directed["is_up"].to_numpy())
    for confidence in confidences:
        name = f"{100 * confidence:g}"
        limits[f"low_{name}"] = mixture_quantile(mixture, tail(confidence))
        limits[f"high_{name}"] = mixture_quantile(mixture, 1 - tail(confidence))
    return made.select(*origins.columns, "n", *COMPONENTS, "forecast").with_columns(
        pl.Series(name, numbers, dtype=pl.Float64).fill_nan(None) for name, numbers in limits.items()
    )


def mixture_below(mixture: "dict[str, Floats]", value: "Floats") -> "Floats":
    """Probability that the mixture lies below a value; NaN where there is no mixture.

    Examples:
        >>> import numpy as np
        >>> one = {name: np.array([number]) for name, number in zip(COMPONENTS, (6.0, 70.0, 2.0, 70.0, 4.0))}
        >>> float(mixture_below(one, np.array([70.0])).round(3)[0])
        0.5
    """
    freedom = mixture["degrees_of_freedom"]
    trend = _student_below(freedom, value - mixture["trend_mean"], mixture["trend_scale"])
    drift = _student_below(freedom, value - mixture["drift_mean"], mixture["drift_scale"])
    return (trend + drift) / 2


def mixture_quantile(mixture: "dict[str, Floats]", probability: float) -> "Floats":
    """Return the value that the mixture stays below with this probability; NaN where there is no mixture.

    It lies between the quantiles of the two components, where it is found by bisection.

    Examples:
        >>> import numpy as np
        >>> one = {name: np.array([number]) for name, number in zip(COMPONENTS, (6.0, 70.0, 2.0, 70.0, 4.0))}
        >>> float(mixture_quantile(one, 0.9).round(2)[0])
        74.29
    """
    import numpy as np
    from scipy.special import stdtrit

    distance = stdtrit(mixture["degrees_of_freedom"], probability)
    trend = mixture["trend_mean"] + distance * mixture["trend_scale"]
    drift = mixture["drift_mean"] + distance * mixture["drift_scale"]
    low: Floats = np.minimum(trend, drift)
    high: Floats = np.maximum(trend, drift)
    for _ in range(60):
        middle = (low + high) / 2
        is_short = mixture_below(mixture, middle) < probability
        low, high = np.where(is_short, middle, low), np.where(is_short, high, middle)
    return high


def _summaries(
    readings: pl.DataFrame, origins: pl.DataFrame, *, by: list[str], made_on: str, due_on: str, at: str, value: str
) -> pl.DataFrame:
    """One row per origin with readings: what both components need, in days before the due date."""
    known = origins.select("_origin", *by, made_on, due_on).join(
        readings.filter(pl.col(value).is_not_null()).select(
            *by, pl.col(at).alias("_at"), pl.col(value).alias("_value")
        ),
        on=by,
        how="inner",
    )
    known = (
        known.filter(pl.col("_at") <= pl.col(made_on))
        .with_columns((pl.col("_at") - pl.col(due_on)).dt.total_days().cast(pl.Float64).alias("_day"))
        .sort("_origin", "_day")
    )
    twice = known.filter(pl.struct("_origin", "_day").is_duplicated())
    if twice.height:
        raise UnusableInputError(
            f"a series has one reading per day; found {twice.select(*by, '_at').unique().height} days with more, "
            f"first {twice.select(*by, '_at').row(0)}. Keep the one recorded last"
        )
    day, reading = pl.col("_day"), pl.col("_value").cast(pl.Float64)
    off_day, off_value = day - day.mean().over("_origin"), reading - reading.mean().over("_origin")
    step_days = day.diff().over("_origin")
    drift = (reading.last() - reading.first()).over("_origin") / (day.last() - day.first()).over("_origin")
    step = (reading.diff().over("_origin") - drift * step_days) ** 2 / step_days
    known = known.with_columns(off_day.alias("_off_day"), off_value.alias("_off_value"), step.alias("_step"))
    slope = (pl.col("_off_day") * pl.col("_off_value")).sum() / (pl.col("_off_day") ** 2).sum()
    return known.group_by("_origin").agg(
        pl.len().cast(pl.Int64).alias("n"),
        day.mean().alias("_mean_day"),
        reading.mean().alias("_mean_value"),
        (pl.col("_off_day") ** 2).sum().alias("_spread"),
        slope.alias("_slope"),
        ((pl.col("_off_value") - slope * pl.col("_off_day")) ** 2).sum().alias("_residual"),
        (-day.last()).alias("_ahead"),
        (day.last() - day.first()).alias("_span"),
        reading.first().alias("_first"),
        reading.last().alias("_last"),
        pl.col("_step").sum().alias("_steps"),
    )


def _components() -> dict[str, pl.Expr]:
    """Mean and scale of the two t distributions; the due date is day 0, so the line's height there is its intercept."""
    n, ahead, span = pl.col("n").cast(pl.Float64), pl.col("_ahead"), pl.col("_span")
    freedom = n - 2
    return {
        "degrees_of_freedom": freedom,
        "trend_mean": pl.col("_mean_value") - pl.col("_slope") * pl.col("_mean_day"),
        "trend_scale": (
            pl.col("_residual") / freedom * (1 + 1 / n + pl.col("_mean_day") ** 2 / pl.col("_spread"))
        ).sqrt(),
        "drift_mean": pl.col("_last") + (pl.col("_last") - pl.col("_first")) / span * ahead,
        "drift_scale": (pl.col("_steps") / freedom * (ahead + ahead**2 / span)).sqrt(),
    }


def _hit_probability(mixture: "dict[str, Floats]", target: "Floats", is_up: "Floats") -> "Floats":
    # Turned over where higher is better: a series without any spread that sits on its target is a hit both ways.
    import numpy as np

    sign = np.where(is_up, -1.0, 1.0)
    turned = {
        **mixture,
        "trend_mean": sign * mixture["trend_mean"],
        "drift_mean": sign * mixture["drift_mean"],
    }
    return mixture_below(turned, sign * target)


def _student_below(freedom: "Floats", distance: "Floats", scale: "Floats") -> "Floats":
    import numpy as np
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        spread = stdtr(freedom, distance / scale)
    point = np.where(np.isnan(distance), np.nan, (distance >= 0).astype(float))
    return np.where(scale == 0, point, spread)
