import polars as pl
import pytest

from metrics_py.errors import MissingColumnError, OutOfRangeError
from metrics_py.ploar import ploar_statistics


def counts(
    *, shipped: int, matured: int, hits: int, early: int = 0, any_met: int | None = None, ever: int | None = None
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "shipped_count": [shipped],
            "matured_count": [matured],
            "hit_count": [hits],
            "pending_count": [shipped - matured],
            "early_hit_count": [early],
            "any_kpi_met_count": [hits if any_met is None else any_met],
            "ever_met_count": [hits if ever is None else ever],
        }
    )


def test_eight_shipped_five_matured_three_hits_one_early_is_60_percent_between_37_and_a_half_and_75() -> None:
    row = ploar_statistics(counts(shipped=8, matured=5, hits=3, early=1)).row(0, named=True)
    assert (row["ploar"], row["hits_of_shipped"], row["hits_with_early_of_shipped"]) == (0.6, 0.375, 0.5)
    assert (row["lower_bound"], row["upper_bound"], row["matured_share"]) == (0.375, 0.75, 0.625)


def test_three_of_four_lies_between_30_and_95_percent() -> None:
    row = ploar_statistics(counts(shipped=4, matured=4, hits=3)).row(0, named=True)
    assert (row["ploar"], round(row["ci_low"], 2), round(row["ci_high"], 2)) == (0.75, 0.3, 0.95)


def test_nothing_matured_is_null_and_anything_is_still_possible() -> None:
    row = ploar_statistics(counts(shipped=2, matured=0, hits=0, early=2)).row(0, named=True)
    assert [row[name] for name in ("ploar", "ci_low", "ci_high", "any_kpi_met_share", "ever_met_share")] == [None] * 5
    assert (row["lower_bound"], row["upper_bound"]) == (0, 1)


def test_nothing_shipped_is_null_throughout() -> None:
    row = ploar_statistics(counts(shipped=0, matured=0, hits=0)).row(0, named=True)
    assert {row[name] for name in ("ploar", "hits_of_shipped", "lower_bound", "upper_bound", "matured_share")} == {None}


def test_the_lenient_readings_divide_by_matured_features() -> None:
    row = ploar_statistics(counts(shipped=8, matured=4, hits=1, any_met=3, ever=2)).row(0, named=True)
    assert (row["any_kpi_met_share"], row["ever_met_share"]) == (0.75, 0.5)


def test_a_missing_count_is_named() -> None:
    with pytest.raises(MissingColumnError, match="early_hit_count"):
        ploar_statistics(counts(shipped=1, matured=1, hits=1).drop("early_hit_count"))


def test_more_hits_than_matured_features_are_refused() -> None:
    with pytest.raises(OutOfRangeError):
        ploar_statistics(counts(shipped=4, matured=2, hits=3))
