"""Shares under competing causes held to reference cases.

Provenance: inputs are generated; the expected values come from R's multi-state `survival::survfit` (Aalen-Johansen,
standard error by infinitesimal jackknife), computed a second time from the textbook formulas in another program.
"""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.survival import aj_share_by, km_share_by

CASES = Path(__file__).parent / "cases" / "aj"
items = pl.read_csv(CASES / "input.csv")
expected = pl.read_csv(CASES / "expected.csv", infer_schema_length=None)


@pytest.mark.parametrize("t", expected["t"].unique(maintain_order=True).to_list())
def test_launched_cancelled_and_still_open_equal_the_reference(t):
    asked = {"time": "time", "event": "event", "at": t, "by": "case_id"}
    launched = {row["case_id"]: row for row in aj_share_by(items, **asked).iter_rows(named=True)}
    cancelled = {row["case_id"]: row for row in aj_share_by(items, cause=2, **asked).iter_rows(named=True)}
    ignoring = km_share_by(items.with_columns(pl.col("event") == 1), **asked)
    overstated = {row["case_id"]: row for row in ignoring.iter_rows(named=True)}
    for row in expected.filter(pl.col("t") == t).iter_rows(named=True):
        case = row["case_id"]
        assert launched[case]["n"] == row["n"]
        assert launched[case]["share"] == pytest.approx(row["cif_launch"], abs=1e-9), case
        assert launched[case]["se"] == pytest.approx(row["se_launch"], abs=1e-9), case
        assert cancelled[case]["share"] == pytest.approx(row["cif_cancel"], abs=1e-9), case
        still_open = 1 - launched[case]["share"] - cancelled[case]["share"]
        assert still_open == pytest.approx(row["still_open"], abs=1e-9), case
        assert overstated[case]["share"] == pytest.approx(row["km_cancel_as_censored"], abs=1e-9), case
