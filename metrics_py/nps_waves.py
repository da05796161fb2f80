"""NPS of each survey wave, from counts per stratum: weighted to the frame, as it was answered, and beside it."""

from collections.abc import Sequence
from typing import Literal

import polars as pl

from metrics_py._nps_wave_answers import CLASSES, answers_of, both_waves, frame_margins
from metrics_py.errors import MissingColumnError, UnusableInputError
from metrics_py.interval import add_interval
from metrics_py.nps import answers_needed, nps_change, nps_from_counts, nps_post_stratified_from_counts, nps_raked

COUNTS = {f"{name}_count": f"{name}s" for name in CLASSES}
KEYS = ("wave_id", "stratum", "has_frame", "frame_count")
WEIGHTED = ("nps", "se", "ci_low", "ci_high", "n_effective", "population", "population_covered")
DESIGN = ("n_kish", "design_effect", "variance")
UNWEIGHTED = ("nps", "se", "ci_low", "ci_high")
INTERVALS: tuple[Literal["wald", "t", "score"], ...] = ("wald", "t", "score")
CHANGE = {
    **{"previous_wave_id": pl.String, "change_reading": pl.String, "both_answered_count": pl.Int64},
    **dict.fromkeys(("change", "change_se", "change_ci_low", "change_ci_high"), pl.Float64),
}
CAUTIOUS_VARIANCE = 0.75
"""Of one answer on -1..1, as a guess before any wave."""


def nps_of_waves_and_segments(
    strata: pl.DataFrame, moves: pl.DataFrame, segments: pl.DataFrame, goals: pl.DataFrame
) -> pl.DataFrame:
    """Everything published about NPS: a row per wave (`segment_kind` wave) and per segment of a wave.

    Args:
        strata: as in `nps_by_wave`.
        moves: as in `nps_changes`.
        segments: as in `nps_by_segment`.
        goals: rows of the seed `goals`: `metric_id`, `goal_type`, `baseline`, `target`, `period_start`.
    Raises: MissingColumnError, OutOfRangeError, UnusableInputError
    """
    waves = nps_by_wave(strata).join(nps_changes(strata, moves), on="wave_id", how="left")
    waves = with_answers_needed(waves, change=target_change(goals))
    labels = [pl.lit("wave").alias("segment_kind"), pl.lit("all").alias("segment")]
    return pl.concat([waves.with_columns(labels), nps_by_segment(segments)], how="diagonal").sort(
        "wave_id", "segment_kind", "segment"
    )


def target_change(goals: pl.DataFrame) -> float | None:
    """NPS points from baseline to target of the newest goal that is to be reached; null without one.

    Examples:
        >>> goals = pl.DataFrame({"metric_id": ["nps"], "goal_type": ["reach"], "baseline": [6.0], "target": [20.0],
        ...                       "period_start": ["2025-01-01"]})
        >>> target_change(goals)
        14.0
    """
    own = goals.filter((pl.col("metric_id") == "nps") & (pl.col("goal_type") == "reach")).sort("period_start")
    changes = own.select(pl.col("target") - pl.col("baseline")).to_series().drop_nulls()
    return float(changes[-1]) if changes.len() else None


def with_answers_needed(waves: pl.DataFrame, *, change: float | None) -> pl.DataFrame:
    """Waves with the answers that each of two of them needs to see a change of NPS at 80% power and 95% confidence.

    Args:
        waves: rows of `nps_by_wave`.
        change: NPS points; null or 0 gives nulls.
    Returns: `waves` with `target_change`, `answers_needed` (with the variance and the design effect seen in the wave,
        of the unweighted answers where there is no frame) and `answers_needed_cautious` (variance 0.75).
    """

    def needed(variance: float | None, design_effect: float | None) -> int | None:
        if not change or variance is None:
            return None
        return answers_needed(change, variance=min(variance, 1.0), design_effect=design_effect or 1.0)

    seen = waves.select("variance", "design_effect").rows()
    return waves.with_columns(
        pl.lit(change, dtype=pl.Float64).alias("target_change"),
        pl.Series("answers_needed", [needed(*row) for row in seen], dtype=pl.Int64),
        pl.lit(needed(CAUTIOUS_VARIANCE, 1.0), dtype=pl.Int64).alias("answers_needed_cautious"),
    )


def nps_by_segment(segments: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Unweighted NPS of each segment, and the share of its earlier detractors who are promoters now.

    Args:
        segments: one row per `wave_id`, `segment_kind` and `segment`: `promoter_count`, `passive_count`,
            `detractor_count`, `previous_detractor_count`, `became_promoter_count`.
        confidence: coverage aimed at, strictly between 0 and 1.
    Returns: one row per segment: `unweighted_nps` with its error and adjusted Wald interval, `became_promoter_share`
        with its Wilson interval; null where there is nobody.
    Raises: MissingColumnError, OutOfRangeError

    Examples:
        >>> segments = pl.DataFrame({"wave_id": ["w"], "segment_kind": ["channel"], "segment": ["email"],
        ...     "promoter_count": [20], "passive_count": [30], "detractor_count": [10],
        ...     "previous_detractor_count": [8], "became_promoter_count": [2]})
        >>> nps_by_segment(segments).select(pl.col("unweighted_nps").round(1), "became_promoter_share").row(0)
        (16.7, 0.25)
    """
    keys = ["wave_id", "segment_kind", "segment"]
    moved = ["previous_detractor_count", "became_promoter_count"]
    _require(segments, [*keys, *COUNTS, *moved], "segments")
    scores = nps_from_counts(segments.rename(COUNTS), by=keys, confidence=confidence)
    shares = add_interval(
        segments.select(*keys, *(pl.col(name).cast(pl.Int64) for name in moved)),
        successes="became_promoter_count",
        n="previous_detractor_count",
        confidence=confidence,
        low="became_promoter_ci_low",
        high="became_promoter_ci_high",
    )
    share = pl.col("became_promoter_count") / pl.col("previous_detractor_count")
    return (
        _prefixed(scores, "unweighted", UNWEIGHTED, keys)
        .join(shares, on=keys)
        .with_columns(pl.when(pl.col("previous_detractor_count") > 0).then(share).alias("became_promoter_share"))
    )


def nps_changes(strata: pl.DataFrame, moves: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Change of each wave's NPS since the wave before, its error less what the people in both have in common.

    Args:
        strata: as in `nps_by_wave`, with `previous_wave_id`, equal on all rows of a wave.
        moves: people who answered before, counted: `wave_id`, `is_from_wave_before`, `stratum`, `nps_class`,
            `previous_stratum`, `previous_nps_class`, `user_count`.
        confidence: coverage aimed at, strictly between 0 and 1.
    Returns: one row per wave: `previous_wave_id`, `change_reading` (post_stratified where both waves have a frame, else
        unweighted), `both_answered_count`, `change`, `change_se` and its Wald limits; null for the first wave and where
        a wave has no score.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for more people in both waves than answered.
    """
    _require(strata, [*KEYS, *COUNTS, "previous_wave_id"], "strata")
    _require(
        moves,
        [
            *("wave_id", "is_from_wave_before", "user_count"),
            *("stratum", "nps_class", "previous_stratum", "previous_nps_class"),
        ],
        "moves",
    )
    rows = []
    pairs = strata.select("wave_id", "previous_wave_id").unique().sort("wave_id")
    for wave, previous in pairs.iter_rows():
        own, earlier = (strata.filter(pl.col("wave_id").is_in([name])) for name in (wave, previous))
        if previous is None or earlier.is_empty():
            rows.append({"wave_id": wave, "previous_wave_id": previous})
            continue
        common = moves.filter((pl.col("wave_id") == wave) & pl.col("is_from_wave_before"))
        before, after = both_waves(earlier, own, common)
        framed = bool(earlier["has_frame"].all() and own["has_frame"].all())
        change = nps_change(
            before,
            after,
            populations=(_population(earlier), _population(own)) if framed else None,
            cell="stratum" if framed else (),
            size="frame_count",
            single="centre",
            confidence=confidence,
        ).row(0, named=True)
        rows.append(
            {
                "wave_id": wave,
                "previous_wave_id": previous,
                "change_reading": "post_stratified" if framed else "unweighted",
                "both_answered_count": change["n_both"],
                "change": change["change"],
                "change_se": change["se"],
                "change_ci_low": change["ci_low"],
                "change_ci_high": change["ci_high"],
            }
        )
    return pl.DataFrame(rows, schema={"wave_id": pl.String, **CHANGE})


def nps_by_wave(strata: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Post-stratified and unweighted NPS of each wave, on -100..100, both with the adjusted Wald interval.

    The weights are each stratum's share of the sampling frame over its share of the answers. The lone answer of a
    stratum counts with its distance from the overall NPS, so that it adds to the error instead of hiding it.

    Args:
        strata: one row per wave and stratum: `wave_id`, `stratum`, `has_frame`, `frame_count` (users in the frame),
            `promoter_count`, `passive_count`, `detractor_count`.
        confidence: coverage aimed at, strictly between 0 and 1.
    Returns: one row per wave, in the order of `wave_id`: `post_stratified_*` and `unweighted_*`, the latter with Wald,
        t and score limits, too; `n_kish`, `design_effect` and `variance` (of one answer, on -1..1) of the weighted
        ones; `representativeness` (1 less the share of answers that would have to come from another stratum);
        `raked_*`, weighted to the bands of tenure and of engagement on their own. Without answers all are null, never
        0; without a frame the weighted ones are.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for more answers than people in a stratum.

    Examples:
        >>> strata = pl.DataFrame(
        ...     {
        ...         "wave_id": "2025Q1",
        ...         "stratum": ["new|high", "old|low"],
        ...         "has_frame": True,
        ...         "frame_count": [3000, 7000],
        ...         "promoter_count": [20, 12],
        ...         "passive_count": [30, 5],
        ...         "detractor_count": [30, 3],
        ...     }
        ... )
        >>> nps_by_wave(strata).select(pl.col("post_stratified_nps", "unweighted_nps").round(2)).row(0)
        (27.75, -1.0)
    """
    _require(strata, [*KEYS, *COUNTS], "strata")
    counts = strata.select(*KEYS, *COUNTS).rename(COUNTS).sort("wave_id", "stratum")
    waves = counts.select("wave_id").unique().sort("wave_id")
    estimates = nps_from_counts(counts, by="wave_id", confidence=confidence)
    unweighted = _prefixed(estimates, "unweighted", UNWEIGHTED)
    for interval in INTERVALS:
        limits = nps_from_counts(counts, by="wave_id", confidence=confidence, interval=interval)
        unweighted = unweighted.join(_prefixed(limits, f"unweighted_{interval}", ("ci_low", "ci_high")), on="wave_id")
    n = pl.col("promoters") + pl.col("passives") + pl.col("detractors")
    promoters, detractors = pl.col("promoters") / n, pl.col("detractors") / n
    spreads = estimates.select(
        "wave_id", pl.when(n > 0).then(promoters + detractors - (promoters - detractors) ** 2).alias("own_variance")
    )
    weighted = _weighted(counts.filter("has_frame"), confidence)
    return (
        waves.join(unweighted, on="wave_id", how="left")
        .join(weighted, on="wave_id", how="left")
        .join(spreads, on="wave_id", how="left")
        .with_columns(pl.coalesce("variance", "own_variance").alias("variance"))
        .drop("own_variance")
        .sort("wave_id")
    )


def _weighted(framed: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """Post-stratified and raked NPS of waves with a frame, and how alike frame and answers are."""
    names = [f"post_stratified_{name}" for name in WEIGHTED]
    names += [*DESIGN, "representativeness", "raked_nps", "raked_ci_low", "raked_ci_high"]
    if framed.is_empty():
        return pl.DataFrame(schema={"wave_id": pl.String, **dict.fromkeys(names, pl.Float64)})
    weighted = nps_post_stratified_from_counts(
        framed, size="frame_count", by="wave_id", single="centre", confidence=confidence
    )
    answers = pl.col("promoters") + pl.col("passives") + pl.col("detractors")
    distance = (answers / answers.sum() - pl.col("frame_count") / pl.col("frame_count").sum()).abs().sum() / 2
    alike = framed.group_by("wave_id").agg(
        pl.when(answers.sum() > 0).then(1 - distance).cast(pl.Float64).alias("representativeness")
    )
    raked = [_raked(wave, confidence) for _, wave in framed.group_by("wave_id", maintain_order=True)]
    return (
        _prefixed(weighted, "post_stratified", WEIGHTED)
        .join(weighted.select("wave_id", *(pl.col(name).cast(pl.Float64) for name in DESIGN)), on="wave_id")
        .join(alike, on="wave_id")
        .join(pl.concat(raked), on="wave_id")
        .select("wave_id", *names)
    )


def _raked(wave: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """NPS of one wave raked on tenure and engagement; null where no weights meet both margins."""
    names = ("nps", "ci_low", "ci_high")
    nothing = pl.DataFrame({"wave_id": [wave["wave_id"][0]]}).with_columns(
        pl.lit(None, dtype=pl.Float64).alias(f"raked_{name}") for name in names
    )
    margins = frame_margins(wave)
    answers = answers_of(wave)
    if margins is None or answers.is_empty():
        return nothing
    try:
        raked = nps_raked(answers, margins, confidence=confidence)
    except UnusableInputError:
        # A band that nobody answered cannot be weighted up to its size.
        return nothing
    return _prefixed(raked.with_columns(wave_id=pl.lit(wave["wave_id"][0])), "raked", names)


def _population(strata: pl.DataFrame) -> pl.DataFrame:
    return strata.filter(pl.col("frame_count") > 0).select("stratum", pl.col("frame_count").cast(pl.Int64))


def _prefixed(
    estimates: pl.DataFrame, prefix: str, columns: tuple[str, ...], keys: Sequence[str] = ("wave_id",)
) -> pl.DataFrame:
    named = (pl.col(name).cast(pl.Float64).alias(f"{prefix}_{name}") for name in columns)
    return estimates.select(*keys, *named)


def _require(frame: pl.DataFrame, columns: Sequence[str], what: str) -> None:
    missing = sorted(set(columns) - set(frame.columns))
    if missing:
        raise MissingColumnError(f"{what} lacks {missing}; it has {frame.columns}")
