"""Post-stratified NPS and weights against R's survey package (postStratify, linearised with correction by N_total)."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.nps import nps_post_stratified
from metrics_py.weighting import post_stratification_weights

HERE = Path(__file__).parent / "cases" / "nps_poststrat"
RESPONSES, POPULATION = pl.read_csv(HERE / "responses.csv"), pl.read_csv(HERE / "population.csv")
EXPECTED = pl.read_csv(HERE / "expected.csv").rows(named=True)
WEIGHTS = pl.read_csv(HERE / "expected_weights.csv")
cases = pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["case_id"])


def same(found, expected):
    return found is None if expected is None else found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def frames_of(case):
    in_case = pl.col("case_id") == case["case_id"]
    return RESPONSES.filter(in_case), POPULATION.filter(in_case)


@cases
def test_estimate_error_and_limits_agree(case):
    result = nps_post_stratified(*frames_of(case), cell="cell", size="N", interval="wald").row(0, named=True)
    assert (result["n"], result["population"]) == (case["n"], case["N_total"])
    assert result["population_covered"] == case["N_covered"]
    assert same(result["nps"], case["nps"])
    assert same(result["se"], case["se_lin"])
    assert same(result["ci_low"], case["z_lo"])
    assert same(result["ci_high"], case["z_hi"])
    assert same(result["n_kish"], case["n_eff_kish"])
    assert same(result["n"] / result["n_kish"], case["kish_deff"])
    assert same(result["nps_unweighted"], case["nps_unweighted"])


@cases
def test_weights_agree(case):
    weights = post_stratification_weights(*frames_of(case), cell="cell", size="N")
    expected = WEIGHTS.filter(pl.col("case_id") == case["case_id"]).rows_by_key("cell", named=True, unique=True)
    found = {cell: weight for cell, weight in weights.select("cell", "weight").iter_rows() if weight is not None}
    assert found == pytest.approx({cell: row["weight"] for cell, row in expected.items()}, rel=1e-6)


def test_no_case_is_silently_left_out():
    assert not [case["case_id"] for case in EXPECTED if case["expect_error"] or case["collapse_nps"]]
