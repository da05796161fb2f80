"""Do the forecasts keep their promises? Back-test on closed periods, coverage, Brier score, and "last value" beside it.

Sources: Brier (1950) for the score; Murphy and Winkler (1977) for the table of stated against observed frequency.
"""

from collections.abc import Sequence

import polars as pl

from metrics_py._columns import labels_of, require_columns, require_dates
from metrics_py.errors import OutOfRangeError
from metrics_py.forecast import FEWEST_READINGS, forecast
from metrics_py.interval import add_interval

SCORED = ("p_hit", "is_hit", "p_hit_last_value", "outcome", "forecast", "last_value", "low_80", "high_80")


def back_test(
    readings: pl.DataFrame,
    closed: pl.DataFrame,
    *,
    by: str | Sequence[str],
    at: str = "observed_on",
    value: str = "value",
    due_on: str = "period_end",
    target: str = "target",
    higher_is_better: str = "is_higher_better",
    outcome: str = "closing_value",
    fewest: int = FEWEST_READINGS,
) -> pl.DataFrame:
    """Forecasts that would have been made on each day of reading, beside what then happened.

    Args:
        readings: one row per series and day.
        closed: one row per series whose period is over.
        by: columns that name a series, in both frames.
        at: column of `readings` with the day of a reading.
        value: column of `readings` with the reading.
        due_on: column of `closed` with the day after the period.
        target: column of `closed` with the value to reach.
        higher_is_better: Boolean column of `closed`.
        outcome: column of `closed` with the value the period closed on; a series without one is left out.
        fewest: readings below which nothing is forecast.
    Returns: one row per series and day with at least `fewest` readings and before `due_on`: the columns of
        `forecast`, `outcome`, `is_hit`, and the rival `last_value` with `p_hit_last_value` (1 when the last reading
        already reaches the target, else 0).
    Raises: MissingColumnError; OutOfRangeError and UnusableInputError as `forecast`.

    Examples:
        >>> from datetime import date, timedelta
        >>> days = [date(2025, 7, 1) + timedelta(days=7 * week) for week in range(6)]
        >>> readings = pl.DataFrame({"kr": "a", "observed_on": days, "value": [58.0, 59.2, 60.4, 60.8, 62.0, 63.0]})
        >>> closed = pl.DataFrame({"kr": "a", "period_end": date(2025, 10, 1), "target": 72.0,
        ...                        "is_higher_better": True, "closing_value": 70.5})
        >>> back_test(readings, closed, by="kr").select("n", "last_value", "is_hit").rows()
        [(4, 60.8, False), (5, 62.0, False), (6, 63.0, False)]
    """
    by = labels_of(by, ("made_on", "outcome", "last_value", "is_hit"))
    require_columns(readings.schema, [*by, at, value])
    require_columns(closed.schema, [*by, due_on, target, higher_is_better, outcome])
    require_dates(closed.schema, due_on)
    origins = (
        readings.filter(pl.col(value).is_not_null())
        .select(*by, pl.col(at).alias("made_on"), pl.col(value).cast(pl.Float64).alias("last_value"))
        .join(
            closed.filter(pl.col(outcome).is_not_null()).select(
                *by,
                pl.col(due_on).alias("due_on"),
                pl.col(target).cast(pl.Float64).alias("target"),
                pl.col(higher_is_better).alias("is_higher_better"),
                pl.col(outcome).cast(pl.Float64).alias("outcome"),
            ),
            on=by,
            how="inner",
        )
        .filter(pl.col("made_on") < pl.col("due_on"))
        .sort(*by, "made_on")
    )
    made = forecast(
        readings,
        origins,
        by=by,
        at=at,
        value=value,
        target="target",
        higher_is_better="is_higher_better",
        fewest=fewest,
    )
    return made.filter(pl.col("forecast").is_not_null()).with_columns(
        _reaches("outcome").alias("is_hit"), _reaches("last_value").cast(pl.Float64).alias("p_hit_last_value")
    )


def brier_score(p_hit: float | None, is_hit: bool | None) -> float | None:
    """Squared distance of a stated probability from what happened; 0 is perfect, 0.25 is what "50:50" always gets.

    Null where either is unknown. Raises: OutOfRangeError for a probability outside 0..1. Source: Brier (1950).

    Examples:
        >>> round(brier_score(0.8, True), 2)
        0.04
    """
    if p_hit is None or is_hit is None:
        return None
    if not 0 <= p_hit <= 1:
        raise OutOfRangeError(f"p_hit must be a probability from 0 to 1; found {p_hit}. Write 80% as 0.8")
    return (p_hit - is_hit) ** 2


def forecast_scores(tested: pl.DataFrame, *, by: str | Sequence[str] = ()) -> pl.DataFrame:
    """How well forecasts did: coverage of both intervals, mean Brier score and mean absolute error, rivals beside them.

    Args:
        tested: rows of `back_test`.
        by: columns to group by; none gives one row. Forecasts of one key result lean on each other, so that a group
            holds less evidence than its `n` suggests.
    Returns: one row per group: `n`, `hit_rate`, `coverage_80`, `coverage_95` (shares of outcomes inside), `brier`,
        `brier_last_value`, `brier_skill` (1 - brier / brier_last_value; null when the rival never erred),
        `mean_error` (outcome minus forecast), `mean_absolute_error` and that of the last value, in the readings' unit.
        Without rows all but `n` are null.
    Raises: MissingColumnError

    Examples:
        >>> tested = pl.DataFrame({"p_hit": [0.9, 0.2], "is_hit": [True, False], "p_hit_last_value": [0.0, 0.0],
        ...     "outcome": [72.5, 70.0], "forecast": [73.0, 69.0], "last_value": [68.0, 66.0],
        ...     "low_80": [72.0, 66.0], "high_80": [74.0, 69.5], "low_95": [70.0, 65.0], "high_95": [75.0, 72.0]})
        >>> forecast_scores(tested).select("coverage_80", "coverage_95", pl.col("brier").round(3)).row(0)
        (0.5, 1.0, 0.025)
    """
    by = labels_of(by, ("n", "brier", "hit_rate"))
    require_columns(tested.schema, [*by, *SCORED, "low_95", "high_95"])
    brier, rival = _squared("p_hit").mean(), _squared("p_hit_last_value").mean()
    outcome = pl.col("outcome")
    scores = [
        pl.len().cast(pl.Int64).alias("n"),
        pl.col("is_hit").cast(pl.Float64).mean().alias("hit_rate"),
        outcome.is_between("low_80", "high_80").cast(pl.Float64).mean().alias("coverage_80"),
        outcome.is_between("low_95", "high_95").cast(pl.Float64).mean().alias("coverage_95"),
        brier.alias("brier"),
        rival.alias("brier_last_value"),
        pl.when(rival > 0).then(1 - brier / rival).alias("brier_skill"),
        (outcome - pl.col("forecast")).mean().alias("mean_error"),
        (outcome - pl.col("forecast")).abs().mean().alias("mean_absolute_error"),
        (outcome - pl.col("last_value")).abs().mean().alias("mean_absolute_error_last_value"),
    ]
    return tested.group_by(by).agg(scores).sort(by) if by else tested.select(scores)


def reliability(tested: pl.DataFrame, *, bands: int = 5) -> pl.DataFrame:
    """Stated probability against observed frequency, in equal bands of the stated one.

    Args:
        tested: rows of `back_test`.
        bands: how many.
    Returns: one row per band, also when it is empty: `band_low`, `band_high`, `n`, `mean_p_hit`, `hits`, `hit_rate`
        with its Wilson 95% limits `ci_low` and `ci_high`; shares and limits are null in an empty band.
    Raises: MissingColumnError; OutOfRangeError for fewer than one band.

    Examples:
        >>> tested = pl.DataFrame({"p_hit": [0.1, 0.15, 1.0], "is_hit": [False, True, True]})
        >>> reliability(tested, bands=2).select("n", "hits", "hit_rate").rows()
        [(2, 1, 0.5), (1, 1, 1.0)]
    """
    require_columns(tested.schema, ["p_hit", "is_hit"])
    if bands < 1:
        raise OutOfRangeError(f"bands must be at least 1; found {bands}")
    edges = pl.DataFrame({"_band": range(bands)}, schema={"_band": pl.Int64})
    counts = (
        tested.with_columns((pl.col("p_hit") * bands).floor().clip(0, bands - 1).cast(pl.Int64).alias("_band"))
        .group_by("_band")
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("p_hit").mean().alias("mean_p_hit"),
            pl.col("is_hit").sum().cast(pl.Int64).alias("hits"),
        )
    )
    table = (
        edges.join(counts, on="_band", how="left", maintain_order="left")
        .with_columns(pl.col("n", "hits").fill_null(0))
        .select(
            (pl.col("_band") / bands).alias("band_low"),
            ((pl.col("_band") + 1) / bands).alias("band_high"),
            "n",
            "mean_p_hit",
            "hits",
            pl.when(pl.col("n") > 0).then(pl.col("hits") / pl.col("n")).alias("hit_rate"),
        )
    )
    return add_interval(table, successes="hits", n="n")


def _reaches(column: str) -> pl.Expr:
    up = pl.col("is_higher_better")
    return pl.when(up).then(pl.col(column) >= pl.col("target")).otherwise(pl.col(column) <= pl.col("target"))


def _squared(column: str) -> pl.Expr:
    return (pl.col(column) - pl.col("is_hit").cast(pl.Float64)) ** 2
