"""Quantile definitions held to reference cases: `disc` is type 1, `cont` is type 7.

Provenance: generated samples; the expected values are R's `quantile(x, p, type = 1..9)`, computed a second time from
Hyndman and Fan (1996) in another program.
"""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from metrics_py import rolling_percentile

CASES = Path(__file__).parent / "cases" / "quantile_types"
expected = pl.read_csv(CASES / "expected.csv", infer_schema_length=None)
samples = pl.read_csv(CASES / "input.csv").with_columns(launched_on=date(2025, 1, 1))


@pytest.mark.parametrize(("method", "column"), [("disc", "type1"), ("cont", "type7")])
def test_every_sample_and_probability_equals_the_reference(method, column):
    found = rolling_percentile(
        samples,
        value="x",
        at="launched_on",
        by="case_id",
        quantile=expected["p"].unique(maintain_order=True).to_list(),
        method=method,
    ).rename({"quantile": "p"})
    compared = expected.join(found, on=["case_id", "p"], suffix="_found")
    assert compared.height == expected.height
    assert compared["value"].to_list() == pytest.approx(compared[column].to_list(), abs=1e-9)
    assert compared["n_found"].to_list() == compared["n"].to_list()
