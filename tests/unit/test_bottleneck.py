from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from metrics_py.bottleneck import segment_breaks
from metrics_py.errors import MissingColumnError, OutOfRangeError

MONDAY = date(2024, 7, 1)


def _week(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


def _series(segment: str, days: list[int], unit: str = "company") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "org_unit": unit,
            "segment": segment,
            "week": [_week(number) for number in range(len(days))],
            "days": days,
            "insight_count": 1,
        }
    )


def _noise(weeks: int, seed: int) -> list[int]:
    return np.random.default_rng(seed).integers(4, 9, weeks).tolist()


def test_the_segment_that_rose_first_is_the_bottleneck():
    validation = [days + 8 * (number >= 30) for number, days in enumerate(_noise(60, 1))]
    delivery = [days + 20 * (number >= 44) for number, days in enumerate(_noise(60, 2))]
    triage = _noise(60, 3)
    found = segment_breaks(
        pl.concat([_series("validation", validation), _series("delivery", delivery), _series("triage", triage)])
    )
    assert dict(found.select("segment", "has_expanded").iter_rows()) == {
        "delivery": True,
        "triage": False,
        "validation": True,
    }
    bottleneck = found.filter("is_bottleneck").row(0, named=True)
    assert (bottleneck["segment"], bottleneck["break_week"]) == ("validation", _week(30))
    assert bottleneck["median_after"] - bottleneck["median_before"] == pytest.approx(8, abs=1.5)


def test_a_segment_that_shrank_has_not_expanded():
    found = segment_breaks(_series("triage", [days - 4 * (number >= 30) for number, days in enumerate(_noise(60, 1))]))
    assert not found["has_expanded"].item()
    assert not found["is_bottleneck"].item()


def test_a_constant_series_has_no_break():
    assert segment_breaks(_series("triage", [5] * 40)).select("break_week", "p_value").row(0) == (None, 1.0)


def test_fewer_than_four_blocks_of_weeks_are_too_few():
    row = segment_breaks(_series("triage", [1] * 8 + [50] * 7)).row(0, named=True)
    assert (row["week_count"], row["break_week"], row["p_value"]) == (15, None, 1.0)


def test_noise_is_called_an_expansion_in_about_one_series_of_twenty():
    units = pl.concat([_series("triage", _noise(48, seed), unit=f"u{seed}") for seed in range(200)])
    assert segment_breaks(units, permutations=199)["has_expanded"].mean() == pytest.approx(0.05, abs=0.04)


def test_holms_correction_counts_the_segments_of_the_unit():
    rising = [days + 20 * (number >= 30) for number, days in enumerate(_noise(60, 1))]
    alone = segment_breaks(_series("triage", rising))["p_value_holm"].item()
    segments = [_series("triage", rising), *(_series(name, _noise(60, 5)) for name in ("validation", "delivery"))]
    together = segment_breaks(pl.concat(segments)).filter(pl.col("segment") == "triage")["p_value_holm"].item()
    assert together == pytest.approx(3 * alone)


def test_a_week_is_read_as_its_median_whatever_the_counts():
    weeks = [_week(number) for number in range(40)]
    spread = pl.concat(
        [
            _series("triage", [5] * 20 + [9] * 20).with_columns(insight_count=pl.lit(3)),
            _series("triage", [400] * 40).with_columns(insight_count=pl.lit(2)),
        ]
    )
    row = segment_breaks(spread).row(0, named=True)
    assert (row["break_week"], row["median_before"], row["median_after"]) == (weeks[20], 5.0, 9.0)


def test_the_same_counts_in_another_order_give_the_same_answer():
    counts = _series("triage", [days + 3 * (number >= 30) for number, days in enumerate(_noise(60, 1))])
    assert segment_breaks(counts).equals(segment_breaks(counts.reverse()))


def test_what_cannot_be_used_is_refused():
    with pytest.raises(MissingColumnError, match="week"):
        segment_breaks(_series("triage", [1]).drop("week"))
    with pytest.raises(OutOfRangeError, match="block_weeks"):
        segment_breaks(_series("triage", [1]), block_weeks=0)
