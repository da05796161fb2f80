"""Answers of a survey wave, made again from counts, for the functions that read answers one by one."""

import polars as pl

from metrics_py.errors import UnusableInputError

CLASSES = {"promoter": 10, "passive": 8, "detractor": 0}
"""Each class with a score that stands for it."""


def answers_of(strata: pl.DataFrame) -> pl.DataFrame:
    """One row per answer with `stratum`, its two bands and a `score` of its class.

    Args:
        strata: one row per stratum of a wave: `stratum`, `promoters`, `passives`, `detractors`.

    Examples:
        >>> strata = pl.DataFrame({"stratum": ["new|light"], "promoters": [1], "passives": [0], "detractors": [2]})
        >>> answers_of(strata).rows()
        [('new|light', 'new', 'light', 10), ('new|light', 'new', 'light', 0), ('new|light', 'new', 'light', 0)]
    """
    long = strata.unpivot([f"{name}s" for name in CLASSES], index="stratum", variable_name="nps_class", value_name="n")
    rows = long.with_columns(pl.col("nps_class").str.strip_suffix("s"))
    return _repeated(rows).select("stratum", *_bands(), "score")


def frame_margins(strata: pl.DataFrame) -> pl.DataFrame | None:
    """People per tenure band and per engagement band; null when the strata are not made of two bands.

    Examples:
        >>> strata = pl.DataFrame({"stratum": ["new|light", "old|light"], "frame_count": [30, 70]})
        >>> frame_margins(strata).rows()
        [('tenure_band', 'new', 30), ('tenure_band', 'old', 70), ('engagement_band', 'light', 100)]
    """
    if strata.filter(pl.col("stratum").str.count_matches("|", literal=True) != 1).height:
        return None
    banded = strata.filter(pl.col("frame_count") > 0).with_columns(_bands())
    return pl.concat(
        banded.group_by(pl.lit(name).alias("variable"), pl.col(name).alias("level"))
        .agg(pl.col("frame_count").sum().cast(pl.Int64).alias("size"))
        .sort("level")
        for name in ("tenure_band", "engagement_band")
    )


def both_waves(earlier: pl.DataFrame, later: pl.DataFrame, common: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Answers of two waves, of which those of one person share a `respondent_id`; the others have none.

    Args:
        earlier: counts per stratum of the earlier wave.
        later: counts per stratum of the later wave.
        common: people who answered both, counted by stratum and class of both answers.
    Raises: UnusableInputError for more people in both than answered one of them.
    """
    people = (
        common.filter(pl.col("user_count") > 0)
        .sort("previous_stratum", "previous_nps_class", "stratum", "nps_class")
        .select("previous_stratum", "previous_nps_class", "stratum", "nps_class", n="user_count")
    )
    people = _repeated(people).with_row_index("respondent_id")
    known = pl.col("respondent_id").cast(pl.String)
    before = people.select(known, stratum="previous_stratum", nps_class="previous_nps_class")
    after = people.select(known, "stratum", "nps_class")
    return _with_others(before, earlier), _with_others(after, later)


def _with_others(people: pl.DataFrame, strata: pl.DataFrame) -> pl.DataFrame:
    counts = strata.unpivot(
        [f"{name}_count" for name in CLASSES], index="stratum", variable_name="nps_class", value_name="answers"
    ).with_columns(pl.col("nps_class").str.strip_suffix("_count"), pl.col("answers").cast(pl.Int64))
    named = people.group_by("stratum", "nps_class").agg(pl.len().cast(pl.Int64).alias("named"))
    left = counts.join(named, on=["stratum", "nps_class"], how="full", coalesce=True).with_columns(
        n=pl.col("answers").fill_null(0) - pl.col("named").fill_null(0)
    )
    if left.filter(pl.col("n") < 0).height:
        first = left.filter(pl.col("n") < 0).row(0, named=True)
        raise UnusableInputError(
            f"no more people can have answered both waves than answered one; found {first['named']} of "
            f"{first['answers'] or 0} {first['nps_class']}s in stratum {first['stratum']!r}"
        )
    others = _repeated(left.select("stratum", "nps_class", "n").sort("stratum", "nps_class"))
    nobody = others.select(pl.lit(None, dtype=pl.String).alias("respondent_id"), "stratum", "nps_class")
    return pl.concat([people, nobody]).with_columns(_score())


def _repeated(rows: pl.DataFrame) -> pl.DataFrame:
    counted = rows.filter(pl.col("n") > 0)
    return counted.select(pl.exclude("n").repeat_by(pl.col("n").cast(pl.UInt32)).explode()).with_columns(_score())


def _score() -> pl.Expr:
    return pl.col("nps_class").replace_strict(CLASSES, return_dtype=pl.Int64).alias("score")


def _bands() -> list[pl.Expr]:
    parts = pl.col("stratum").str.split("|")
    return [parts.list.get(0).alias("tenure_band"), parts.list.get(1, null_on_oob=True).alias("engagement_band")]
