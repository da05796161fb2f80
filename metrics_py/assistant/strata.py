"""A change of post-stratified NPS by stratum: from its own NPS, and from its share of the population."""

from collections.abc import Sequence

import polars as pl

from metrics_py.history.decompose import Effect, Part, of_ratio
from metrics_py.publish.reader import Snapshot

SMALL = "small strata"
"""The strata that alone have too few answers to be shown, together."""

_POINTS = {"promoter": 1, "passive": 0, "detractor": -1}


def stratum_effects(snapshot: Snapshot, waves: tuple[Sequence[str], Sequence[str]]) -> tuple[list[Effect], str | None]:
    """How much of the change of post-stratified NPS each stratum accounts for, exactly; or why that cannot be said.

    With F the users of a stratum in the frame over those of all strata that answered, NPS is the sum of F times the
    stratum's own NPS. `rate` is from a stratum's own NPS, `mix` from its F; a stratum that nobody answered in one of
    the waves is `entry` or `exit`. Strata with fewer answers than are shown are one row together.

    Args:
        snapshot: with `fct_survey_responses` and `nps_by_stratum`.
        waves: ids of the scored answers of the earlier and of the later wave.
    """
    frames = snapshot.read_all("nps_by_stratum")
    shown = frames.filter(~pl.col("is_suppressed"))
    if shown.is_empty():
        return [], "Every stratum has too few answers to be shown by itself."
    fewest = int(shown["scored_count"].min())  # type: ignore[arg-type]
    answers = snapshot.read_all("fct_survey_responses").select("response_id", "wave_id", "stratum", "nps_class")
    old, new = (_strata(answers.filter(pl.col("response_id").is_in(list(wave))), frames) for wave in waves)
    groups = _groups(old, new, fewest)
    before, after = (_parts(rows, groups) for rows in (old, new))
    parts = [
        Part(f"stratum:{name}", before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())
    ]
    sums = [(sum(n for n, _, _ in held.values()), sum(d for _, d, _ in held.values())) for held in (before, after)]
    return list(of_ratio(parts, old=sums[0], new=sums[1], scale=100)), None


def _strata(answers: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """One row per answered stratum of a wave: answers, points, and share of the population that answered."""
    counted = answers.group_by("wave_id", "stratum").agg(
        pl.len().alias("answers"), pl.col("nps_class").replace_strict(_POINTS, return_dtype=pl.Int64).sum().alias("sum")
    )
    held = counted.join(frames.select("wave_id", "stratum", "frame_count"), on=["wave_id", "stratum"])
    share = pl.col("frame_count") / pl.col("frame_count").sum()
    return held.select("stratum", "answers", "sum", share.alias("share")).sort("stratum")


def _groups(old: pl.DataFrame, new: pl.DataFrame, fewest: int) -> dict[str, str]:
    """Each stratum with the row it is shown in; those too small in one of the waves are together, and big enough."""
    both = pl.concat([old.select("stratum", "answers"), new.select("stratum", "answers")])
    counts = [dict(rows.select("stratum", "answers").iter_rows()) for rows in (old, new)]
    smallest_first = both.group_by("stratum").agg(pl.col("answers").min()).sort("answers", "stratum")
    small: list[str] = []
    for stratum, answers in smallest_first.iter_rows():
        held = [sum(count.get(name, 0) for name in small) for count in counts]
        if answers >= fewest and (not small or min(held) >= fewest):
            break
        small.append(stratum)
    return {name: SMALL if name in small else name for name in smallest_first["stratum"]}


def _parts(rows: pl.DataFrame, groups: dict[str, str]) -> dict[str, tuple[float, float, None]]:
    found: dict[str, tuple[float, float, None]] = {}
    for stratum, answers, points, share in rows.iter_rows():
        numerator, denominator, _ = found.get(groups[stratum], (0.0, 0.0, None))
        found[groups[stratum]] = (numerator + share * points / answers, denominator + share, None)
    return found
