"""NPS of each survey wave, from counts per stratum: weighted to the sampling frame, and as it was answered."""

import polars as pl

from metrics_py.errors import MissingColumnError
from metrics_py.nps import nps_from_counts, nps_post_stratified_from_counts

COUNTS = {"promoter_count": "promoters", "passive_count": "passives", "detractor_count": "detractors"}
KEYS = ("wave_id", "stratum", "has_frame", "frame_count")
WEIGHTED = ("nps", "se", "ci_low", "ci_high", "n_effective", "population", "population_covered")
UNWEIGHTED = ("nps", "se", "ci_low", "ci_high")


def nps_by_wave(strata: pl.DataFrame, *, confidence: float = 0.95) -> pl.DataFrame:
    """Post-stratified and unweighted NPS of each wave, on -100..100, both with the adjusted Wald interval.

    The weights are each stratum's share of the sampling frame over its share of the answers. The lone answer of a
    stratum counts with its distance from the overall NPS, so that it adds to the error instead of hiding it.

    Args:
        strata: one row per wave and stratum: `wave_id`, `stratum`, `has_frame`, `frame_count` (users in the frame),
            `promoter_count`, `passive_count`, `detractor_count`.
        confidence: coverage aimed at, strictly between 0 and 1.
    Returns: one row per wave, in the order of `wave_id`: `post_stratified_*` and `unweighted_*`. Without answers both
        are null, never 0; without a frame the post-stratified ones are.
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
    missing = sorted({*KEYS, *COUNTS} - set(strata.columns))
    if missing:
        raise MissingColumnError(f"strata lacks {missing}; it has {strata.columns}")
    counts = strata.select(*KEYS, *COUNTS).rename(COUNTS).sort("wave_id", "stratum")
    waves = counts.select("wave_id").unique().sort("wave_id")
    unweighted = nps_from_counts(counts, by="wave_id", confidence=confidence)
    framed = counts.filter("has_frame")
    if framed.is_empty():
        empty = {f"post_stratified_{name}": pl.lit(None, dtype=pl.Float64) for name in WEIGHTED}
        return waves.join(_prefixed(unweighted, "unweighted", UNWEIGHTED), on="wave_id", how="left").with_columns(
            **empty
        )
    weighted = nps_post_stratified_from_counts(
        framed, size="frame_count", by="wave_id", single="centre", confidence=confidence
    )
    return (
        waves.join(_prefixed(unweighted, "unweighted", UNWEIGHTED), on="wave_id", how="left")
        .join(_prefixed(weighted, "post_stratified", WEIGHTED), on="wave_id", how="left")
        .sort("wave_id")
    )


def _prefixed(estimates: pl.DataFrame, prefix: str, columns: tuple[str, ...]) -> pl.DataFrame:
    named = (pl.col(name).cast(pl.Float64).alias(f"{prefix}_{name}") for name in columns)
    return estimates.select("wave_id", *named)
