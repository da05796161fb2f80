"""t intervals of small samples against R (t.test, and survey::svymean with a finite population correction)."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.interval import mean_interval

HERE = Path(__file__).parent / "cases" / "mean_small"
INPUT = pl.read_csv(HERE / "input.csv")
EXPECTED = pl.read_csv(HERE / "expected.csv").rows(named=True)


def hold(limits, low, high):
    if low is None:
        assert limits == (None, None)
    else:
        assert limits == pytest.approx((low, high), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["case_id"])
def test_limits_agree_to_1e_9(case):
    rows = INPUT.filter(pl.col("case_id") == case["case_id"])
    population = rows["N"].max()
    hold(mean_interval(rows["x"].to_list()), case["t_lo"], case["t_hi"])
    hold(mean_interval(rows["x"], population=population), case["t_lo_fpc"], case["t_hi_fpc"])
