"""Kaplan-Meier quantiles and shares held to reference cases.

Provenance: inputs are generated, but for a few hand-made edge cases; the expected values come from R's
`survival::survfit` (`conf.type = "log-log"`), computed a second time from the textbook formulas in another program.
Held are the columns for whole days: `q_inf`, the first day with S <= 1 - p, and the log-log limits; past the last
follow-up the curve stays where it was.
"""

from pathlib import Path

import polars as pl
import pytest

from metrics_py import km_quantile, km_share_by

CASES = Path(__file__).parent / "cases" / "km"
items = pl.read_csv(CASES / "input.csv")
quantiles = pl.read_csv(CASES / "expected_quantiles.csv", infer_schema_length=None)
shares = pl.read_csv(CASES / "expected_share.csv", infer_schema_length=None)
curve = pl.read_csv(CASES / "expected_curve.csv", infer_schema_length=None)


def close(value):
    return None if value is None else pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("p", quantiles["p"].unique(maintain_order=True).to_list())
def test_every_quantile_and_its_limits_equal_the_reference(p):
    found = km_quantile(items, time="time", event="event", quantile=p, by="case_id")
    rows = {row["case_id"]: row for row in found.iter_rows(named=True)}
    for expected in quantiles.filter(pl.col("p") == p).iter_rows(named=True):
        row = rows[expected["case_id"]]
        assert (row["n"], row["events"]) == (expected["n"], expected["events"]), expected
        assert (row["value"], row["reached"]) == (expected["q_inf"], expected["q_inf"] is not None), expected
        assert (row["ci_low"], row["ci_high"]) == (expected["lo_loglog"], expected["hi_loglog"]), expected


@pytest.mark.parametrize("t", shares["t"].unique(maintain_order=True).to_list())
def test_every_share_and_its_limits_equal_the_reference(t):
    found = km_share_by(items, time="time", event="event", at=t, by="case_id")
    rows = {row["case_id"]: row for row in found.iter_rows(named=True)}
    for expected in shares.filter(pl.col("t") == t).iter_rows(named=True):
        row = rows[expected["case_id"]]
        assert row["share"] == close(expected["share_by_t"]), expected
        assert (row["ci_low"], row["ci_high"]) == (close(expected["lo_loglog"]), close(expected["hi_loglog"])), expected


@pytest.mark.parametrize("step", curve.to_dicts(), ids=lambda step: f"{step['case_id']}-{step['time']}")
def test_every_step_of_a_curve_equals_the_reference(step):
    found = km_share_by(
        items.filter(pl.col("case_id") == step["case_id"]), time="time", event="event", at=step["time"]
    ).row(0, named=True)
    assert 1 - found["share"] == close(step["surv"])
    lower, upper = (None if found[side] is None else 1 - found[side] for side in ("ci_high", "ci_low"))
    assert (lower, upper) == (close(step["lo_loglog"]), close(step["hi_loglog"]))
