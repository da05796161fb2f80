"""Binomial intervals against 441 cases computed in R (binom, PropCIs) and a second time by textbook formulas."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.interval import add_interval, clopper_pearson_interval, jeffreys_interval, wilson_interval

CASES = pl.read_csv(Path(__file__).parent / "cases" / "binom" / "expected.csv").rows(named=True)
METHODS = [("wilson", wilson_interval, "wilson"), ("clopper_pearson", clopper_pearson_interval, "cp")]
METHODS += [("jeffreys", jeffreys_interval, "jeffreys")]


@pytest.mark.parametrize(("method", "interval", "prefix"), METHODS)
def test_every_case_agrees_to_1e_9(method, interval, prefix):
    assert len(CASES) == 441
    for case in CASES:
        low, high = interval(case["k"], case["n"], case["conf"])
        framed = add_interval(
            pl.DataFrame({"k": [case["k"]], "n": [case["n"]]}),
            successes="k",
            n="n",
            method=method,
            confidence=case["conf"],
        )
        expected_low, expected_high = case[f"{prefix}_lo"], case[f"{prefix}_hi"]
        assert framed.row(0)[2:] == (low, high)
        if expected_low is None:
            assert (low, high) == (None, None)
        else:
            assert low == pytest.approx(expected_low, abs=1e-9), case
            assert high == pytest.approx(expected_high, abs=1e-9), case
