"""Rolling percentiles held to reference cases.

Provenance: inputs are generated; the expected values were computed in R (`quantile(type = 1)` and `type = 7` of the
rows dated in [as_of - 89, as_of]) and a second time from the textbook formulas in another program.
"""

from pathlib import Path

import polars as pl
import pytest

from metrics_py import rolling_percentile

CASES = Path(__file__).parent / "cases" / "rolling"
expected = pl.read_csv(CASES / "expected.csv", try_parse_dates=True, infer_schema_length=None)
items = pl.read_csv(CASES / "items.csv", try_parse_dates=True, schema_overrides={"cycle_days": pl.Int64})


@pytest.fixture(scope="module")
def computed():
    """All cases as groups of one call, on every day from the first to the last that is asked about."""
    asked = {"value": "cycle_days", "at": "launch_date", "by": "case_id"}
    days = {"start": expected["as_of"].min(), "end": expected["as_of"].max()}
    found = None
    for column, changes in {
        "p90_type1": {"quantile": 0.9},
        "p90_type7": {"quantile": 0.9, "method": "cont"},
        "p50_type1": {"quantile": 0.5},
        "p50_type7": {"quantile": 0.5, "method": "cont"},
        "trap_p90_type7_91d": {"quantile": 0.9, "method": "cont", "window_days": 91},
    }.items():
        part = rolling_percentile(items, **asked, **days, **changes).rename(
            {"day": "as_of", "value": column, "n": "trap_n_91d" if column.startswith("trap") else "n"}
        )
        if found is not None:
            part = part.drop("n", strict=False)
        found = part if found is None else found.join(part, on=["case_id", "as_of"])
    return {(row["case_id"], row["as_of"]): row for row in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    "row", list(expected.iter_rows(named=True)), ids=lambda row: f"{row['case_id']}-{row['as_of']}"
)
def test_counts_and_percentiles_equal_the_reference(row, computed):
    found = computed[row["case_id"], row["as_of"]]
    for column in ("n", "p90_type1", "p90_type7", "p50_type1", "p50_type7", "trap_n_91d", "trap_p90_type7_91d"):
        assert found[column] == (None if row[column] is None else pytest.approx(row[column], abs=1e-9)), column
