"""What a period came to: attainment of each key result, their mean beside the share achieved, roll-ups and the key one.

Labels are never averaged. A roll-up shows the weakest label, the weighted mean progress and the count of each label.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from metrics_py._columns import labels_of, require_columns
from metrics_py.errors import ConfigurationError, OutOfRangeError, UnusableInputError
from metrics_py.okr.progress import clamped, progress

WEAKEST_FIRST = (
    "missed",
    "off_track",
    "at_risk",
    "no_data",
    "stale",
    "no_target",
    "too_early",
    "on_track",
    "achieved",
)
"""What is unknown is weaker than what is too early to know, and both are weaker than on track."""


def attainments(closed: pl.DataFrame) -> pl.DataFrame:
    """Attainment of each key result when its period closed: its progress, raw, against the target in force.

    Args:
        closed: one row per key result with `baseline`, `target` and `closing_value`; optionally `original_target`,
            where the target was changed in mid-period.
    Returns: `closed` with `attainment` (share of the way, raw), `is_achieved` (unrounded, either direction) and
        `attainment_of_original` against the first target (the same where it never changed). Null without a closing
        value.
    Raises: MissingColumnError

    Examples:
        >>> closed = pl.DataFrame({"baseline": [58.0], "target": [72.0], "closing_value": [68.5]})
        >>> attainments(closed).select("attainment", "is_achieved").row(0)
        (0.75, False)
    """
    require_columns(closed.schema, ["baseline", "target", "closing_value"])
    original = pl.col("original_target") if "original_target" in closed.columns else pl.lit(None, dtype=pl.Float64)
    rows = closed.with_columns(original.fill_null(pl.col("target")).alias("_original")).iter_rows(named=True)
    against = [
        [progress(row["closing_value"], baseline=row["baseline"], target=row[name]) for name in ("target", "_original")]
        for row in rows
    ]
    return closed.with_columns(
        pl.Series("attainment", [pair[0] for pair in against], dtype=pl.Float64),
        pl.Series("is_achieved", [None if pair[0] is None else pair[0] >= 1 for pair in against], dtype=pl.Boolean),
        pl.Series("attainment_of_original", [pair[1] for pair in against], dtype=pl.Float64),
    )


def period_attainment(closed: pl.DataFrame, *, by: str | Sequence[str] = (), weight: str | None = None) -> pl.DataFrame:
    """Mean attainment of a period, against which "70%" is read, and the share of key results achieved beside it.

    Args:
        closed: rows of `attainments`.
        by: columns to group by; none gives one row.
        weight: column with the weight of a key result; none weighs all alike.
    Returns: `key_results`, `measured` (with an attainment), `achieved`, `mean_attainment` (each clamped to 0..1; null
        when none was measured), `mean_attainment_of_original`, `achieved_share` of the measured. A key result that
        nobody measured is counted, never read as 0.
    Raises: MissingColumnError; OutOfRangeError for a weight that is missing or not above 0.

    Examples:
        >>> closed = pl.DataFrame({"baseline": [58.0, 71.0, 11.0], "target": [72.0, 78.0, 15.0],
        ...                        "closing_value": [68.5, 76.2, 13.4]})
        >>> period_attainment(attainments(closed)).select(
        ...     (100 * pl.col("mean_attainment")).round(2), "achieved", "achieved_share"
        ... ).row(0)
        (69.76, 0, 0.0)
    """
    by = labels_of(by, ("key_results", "measured", "achieved", "mean_attainment", "achieved_share"))
    required = ["attainment", "is_achieved", "attainment_of_original"]
    require_columns(closed.schema, [*by, *required, *([weight] if weight else [])])
    weights = pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)
    if weight and closed.filter((pl.col(weight) > 0).fill_null(False)).height < closed.height:
        raise OutOfRangeError(f"{weight} must be above 0 for every key result; leave out what weighs nothing")
    weighed = closed.with_columns(weights.alias("_weight"))
    measured = pl.col("attainment").is_not_null()
    sums = [
        pl.len().cast(pl.Int64).alias("key_results"),
        measured.sum().cast(pl.Int64).alias("measured"),
        pl.col("is_achieved").sum().cast(pl.Int64).alias("achieved"),
        _weighted("attainment").alias("mean_attainment"),
        _weighted("attainment_of_original").alias("mean_attainment_of_original"),
        pl.col("is_achieved").cast(pl.Float64).mean().alias("achieved_share"),
    ]
    return weighed.group_by(by).agg(sums).sort(by) if by else weighed.select(sums)


def weakest(labels: Iterable[str]) -> str:
    """The label that a roll-up shows: the weakest that occurs; `no_data` for nothing at all.

    Raises: ConfigurationError for an unknown label.

    Examples:
        >>> weakest(["on_track", "too_early", "achieved"]), weakest([])
        ('too_early', 'no_data')
    """
    present = set(labels)
    if unknown := present - set(WEAKEST_FIRST):
        raise ConfigurationError(f"a label is one of {', '.join(WEAKEST_FIRST)}; found {sorted(unknown)[0]!r}")
    return next((label for label in WEAKEST_FIRST if label in present), "no_data")


def roll_up(statuses: pl.DataFrame, *, by: str | Sequence[str] = (), weight: str | None = None) -> pl.DataFrame:
    """Several key results as one: the weakest label, the weighted mean of clamped progress, and the counts.

    Args:
        statuses: one row per key result with `status` and `progress` (null where there is none).
        by: columns to group by, such as the objective; none gives one row.
        weight: column with the weight of a key result; none weighs all alike.
    Returns: `weakest_status`, `mean_progress` (over those that have a progress; null without any), `key_results`,
        `with_progress` and one count per label.
    Raises: MissingColumnError; ConfigurationError for an unknown label; OutOfRangeError for a bad weight.

    Examples:
        >>> statuses = pl.DataFrame({"status": ["on_track", "off_track"], "progress": [1.4, 0.2]})
        >>> roll_up(statuses).select("weakest_status", "mean_progress", "off_track").row(0)
        ('off_track', 0.6, 1)
    """
    by = labels_of(by, ("weakest_status", "mean_progress", "key_results", *WEAKEST_FIRST))
    require_columns(statuses.schema, [*by, "status", "progress", *([weight] if weight else [])])
    weakest(statuses["status"].to_list())
    if weight and statuses.filter((pl.col(weight) > 0).fill_null(False)).height < statuses.height:
        raise OutOfRangeError(f"{weight} must be above 0 for every key result; leave out what weighs nothing")
    ranks = {label: rank for rank, label in enumerate(WEAKEST_FIRST)}
    labels = dict(enumerate(WEAKEST_FIRST))
    ranked = statuses.with_columns(
        pl.col("status").replace_strict(ranks, return_dtype=pl.Int64).alias("_rank"),
        (pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0)).alias("_weight"),
    )
    sums = [
        pl.col("_rank").min().replace_strict(labels, return_dtype=pl.String, default="no_data").alias("weakest_status"),
        _weighted("progress").alias("mean_progress"),
        pl.len().cast(pl.Int64).alias("key_results"),
        pl.col("progress").is_not_null().sum().cast(pl.Int64).alias("with_progress"),
        *((pl.col("status") == label).sum().cast(pl.Int64).alias(label) for label in WEAKEST_FIRST),
    ]
    return ranked.group_by(by).agg(sums).sort(by) if by else ranked.select(sums)


def most_important(weights: Mapping[str, float], links: Iterable[tuple[str, str]] = ()) -> tuple[str, str]:
    """The key result that the others depend on, directly or through others; else the heaviest.

    Args:
        weights: weight of each key result.
        links: pairs (dependent, what it depends on); those that name a key result of another set are left out.
    Returns: its id and the sentence that says why. Equal claims go to the heavier, then to the first by id.
    Raises: UnusableInputError without key results, or where key results depend on each other in a circle.

    Examples:
        >>> most_important({"a": 1, "b": 3, "c": 1}, [("b", "a"), ("c", "b")])
        ('a', '2 other key results depend on it')
        >>> most_important({"a": 1, "b": 3})
        ('b', 'none depends on another, and it weighs most')
    """
    if not weights:
        raise UnusableInputError("there is no most important key result among none; give at least one")
    dependents: dict[str, set[str]] = {name: set() for name in weights}
    for dependent, needed in links:
        if dependent in weights and needed in weights:
            dependents[needed].add(dependent)
    reached = {name: _all_dependents(name, dependents) for name in weights}
    if circle := sorted(name for name, found in reached.items() if name in found):
        raise UnusableInputError(f"key results depend on each other in a circle: {', '.join(circle)}. Drop one link")
    first = min(weights, key=lambda name: (-len(reached[name]), -weights[name], name))
    count = len(reached[first])
    if not count:
        return first, "none depends on another, and it weighs most"
    return first, "1 other key result depends on it" if count == 1 else f"{count} other key results depend on it"


def _all_dependents(name: str, dependents: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = set(dependents[name])
    while waiting:
        found |= waiting
        waiting = {further for near in waiting for further in dependents[near]} - found
    return found


def _weighted(column: str) -> pl.Expr:
    held = pl.col(column).map_elements(clamped, return_dtype=pl.Float64)
    weights = pl.col("_weight").filter(pl.col(column).is_not_null())
    return pl.when(pl.col(column).is_not_null().any()).then((held * pl.col("_weight")).sum() / weights.sum())
