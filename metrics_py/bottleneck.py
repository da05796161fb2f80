"""Which segment of a process expanded first: one break in each series of weekly medians, and how sure it is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics_py._columns import require_columns
from metrics_py.errors import OutOfRangeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.integer[Any]]
    Reals = NDArray[np.floating[Any]]

SEED = 20250101


def segment_breaks(
    counts: pl.DataFrame,
    *,
    block_weeks: int = 4,
    permutations: int = 999,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Break of each segment's weekly medians that explains most, whether it is an expansion, and which came first.

    A series of weekly medians is cut where two means leave the smallest sum of squares, at least `block_weeks` weeks
    from either end, and only where the mean rises. Its p-value is the share of series with their blocks of
    `block_weeks` weeks in another order (neighbouring weeks stay together) that break at least as hard; Holm's
    correction covers the segments of a unit. The bottleneck is the expanded segment that broke first.

    Args:
        counts: one row per `org_unit`, `segment`, `week` (date) and `days` (integer) with `insight_count`: how many
            insights left the segment that week after so many days.
        block_weeks: weeks in a block.
        permutations: orders drawn, from a fixed seed.
        confidence: an adjusted p-value of at most 1 - confidence is an expansion.

    Returns:
        One row per org unit and segment, sorted: `org_unit`, `segment`, `week_count`, `break_week` (first week after
        the break), `median_before`, `median_after` (days, means of the weekly medians), `p_value`, `p_value_holm`,
        `has_expanded`, `is_bottleneck`. With fewer than four blocks of weeks, or where nothing rises, the break is
        null and the p-value 1.

    Raises:
        MissingColumnError: a column named above is not in the frame.
        OutOfRangeError: block_weeks or permutations below 1.

    Source: least-squares break (Bai 1994); block permutation; Holm (1979).

    Examples:
        >>> from datetime import date, timedelta
        >>> weeks = [date(2025, 1, 6) + timedelta(weeks=number) for number in range(40)]
        >>> days = [5 + number % 3 + 10 * (number >= 24) for number in range(40)]
        >>> counts = pl.DataFrame({"org_unit": "company", "segment": "triage", "week": weeks, "days": days})
        >>> found = segment_breaks(counts.with_columns(insight_count=1))
        >>> found.select("break_week", "is_bottleneck").row(0)
        (datetime.date(2025, 6, 23), True)
    """
    require_columns(counts.schema, ["org_unit", "segment", "week", "days", "insight_count"])
    if block_weeks < 1 or permutations < 1:
        raise OutOfRangeError(f"block_weeks and permutations must be 1 or more; found {block_weeks} and {permutations}")
    keys = ["org_unit", "segment"]
    rows = []
    for (unit, segment), series in _weekly_medians(counts).group_by(keys, maintain_order=True):
        rows.append({"org_unit": unit, "segment": segment, **_break(series, block_weeks, permutations)})
    schema = {
        "org_unit": pl.String,
        "segment": pl.String,
        "week_count": pl.Int64,
        "break_week": pl.Date,
        "median_before": pl.Float64,
        "median_after": pl.Float64,
        "p_value": pl.Float64,
    }
    rank = pl.col("p_value").rank("ordinal").over("org_unit").cast(pl.Int64)
    adjusted = (pl.col("p_value") * (pl.len().over("org_unit") - rank + 1)).clip(upper_bound=1.0)
    expanded = pl.DataFrame(rows, schema).with_columns(raw_adjusted=adjusted).sort("org_unit", "p_value", "segment")
    expanded = expanded.with_columns(p_value_holm=pl.col("raw_adjusted").cum_max().over("org_unit")).with_columns(
        has_expanded=(pl.col("p_value_holm") <= 1 - confidence + 1e-12) & pl.col("break_week").is_not_null()
    )
    first = pl.when("has_expanded").then("break_week").min().over("org_unit")
    return (
        expanded.with_columns(is_first=(pl.col("has_expanded") & (pl.col("break_week") == first)).fill_null(False))
        .sort("org_unit", "p_value", "segment")
        .with_columns(is_bottleneck=pl.col("is_first") & (pl.col("is_first").cum_sum().over("org_unit") == 1))
        .drop("raw_adjusted", "is_first")
        .sort(keys)
    )


def _weekly_medians(counts: pl.DataFrame) -> pl.DataFrame:
    """Median days (lower of the middle two) of each unit, segment and week, sorted by week."""
    keys = ["org_unit", "segment", "week"]
    running = counts.sort(*keys, "days").with_columns(
        upto=pl.col("insight_count").cum_sum().over(keys), total=pl.col("insight_count").sum().over(keys)
    )
    reached = running.filter(2 * pl.col("upto") >= pl.col("total"))
    return reached.group_by(keys).agg(median=pl.col("days").min().cast(pl.Float64)).sort(keys)


def _break(series: pl.DataFrame, block_weeks: int, permutations: int) -> dict[str, Any]:

    medians = series["median"].to_numpy()
    weeks = len(medians)
    found: dict[str, Any] = {"week_count": weeks, "p_value": 1.0}
    if weeks < 4 * block_weeks:
        return found
    explained = _explained(medians[None, :], block_weeks)[0]
    place = int(explained.argmax())
    if explained[place] <= 0:
        return found
    shuffled = medians[_shuffles(weeks, block_weeks, permutations)]
    as_hard = _explained(shuffled, block_weeks).max(axis=1) >= explained[place] * (1 - 1e-9)
    cut = place + block_weeks
    return found | {
        "break_week": series["week"][cut],
        "median_before": float(medians[:cut].mean()),
        "median_after": float(medians[cut:].mean()),
        "p_value": (1 + int(as_hard.sum())) / (1 + permutations),
    }


@cache
def _shuffles(weeks: int, block_weeks: int, permutations: int) -> Integers:
    """Positions of the weeks with their blocks shuffled, one shuffle per row; the same for every series as long."""
    import numpy as np

    blocks = [np.arange(at, min(at + block_weeks, weeks)) for at in range(0, weeks, block_weeks)]
    random = np.random.default_rng(SEED)
    return np.stack(
        [np.concatenate([blocks[at] for at in random.permutation(len(blocks))]) for _ in range(permutations)]
    )


def _explained(series: Reals, margin: int) -> Reals:
    """Sum of squares that a rise at each cut explains, for each row; 0 where the mean does not rise."""
    import numpy as np

    weeks = series.shape[1]
    before = np.arange(margin, weeks - margin + 1)
    sums = series.cumsum(axis=1)
    first = sums[:, before - 1] / before
    second = (sums[:, -1:] - sums[:, before - 1]) / (weeks - before)
    rise = np.maximum(second - first, 0)
    explained: Reals = before * (weeks - before) / weeks * rise**2
    return explained
