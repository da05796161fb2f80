"""Stratified NPS against R's survey package (svymean with each `survey.lonely.psu`), and refusals."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.errors import UnusableInputError
from metrics_py.nps import nps_stratified

HERE = Path(__file__).parent / "cases" / "nps_strat"
RESPONSES, POPULATION = pl.read_csv(HERE / "responses.csv"), pl.read_csv(HERE / "population.csv")
EXPECTED = pl.read_csv(HERE / "expected.csv").rows(named=True)
ANSWERABLE = [row for row in EXPECTED if row["expect_error"] is None]
REFUSED = [row for row in EXPECTED if row["expect_error"] is not None]


def name(row):
    return row["case_id"]


def same(found, expected):
    return found is None if expected is None else found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def result_of(case, **given):
    in_case = pl.col("case_id") == case["case_id"]
    responses, population = RESPONSES.filter(in_case), POPULATION.filter(in_case)
    return nps_stratified(responses, population, stratum="stratum", size="N", **given).row(0, named=True)


@pytest.mark.parametrize("case", ANSWERABLE, ids=name)
def test_estimate_and_what_stands_beside_it_agree(case):
    result = result_of(case)
    assert (result["n"], result["population"]) == (case["n"], case["N_total"])
    assert result["population_covered"] == case["N_covered"]
    assert same(result["nps"], case["nps"])
    assert same(result["nps_unweighted"], case["nps_unweighted"])
    assert same(result["n_kish"], case["n_eff_kish"])
    assert same(result["n"] / result["n_kish"], case["kish_deff"])
    assert same(result["design_effect"], case["deff_wr"])
    assert result["degrees_of_freedom"] == case["df"]
    if case["deff_wor"] is not None:
        assert same(result["design_effect"] / (1 - case["n"] / case["N_covered"]), case["deff_wor"])


@pytest.mark.parametrize("case", ANSWERABLE, ids=name)
@pytest.mark.parametrize(("single", "column"), [("centre", "adjust"), ("remove", "remove"), ("average", "average")])
def test_standard_errors_agree_for_every_treatment_of_single_answers(case, single, column):
    assert same(result_of(case, single=single)["se"], case[f"se_{column}"])


@pytest.mark.parametrize("case", ANSWERABLE, ids=name)
@pytest.mark.parametrize(("interval", "prefix"), [("t", "t"), ("wald", "z")])
def test_limits_agree(case, interval, prefix):
    result = result_of(case, interval=interval)
    assert same(result["ci_low"], case[f"{prefix}_lo"])
    assert same(result["ci_high"], case[f"{prefix}_hi"])


@pytest.mark.parametrize("case", [case for case in ANSWERABLE if case["collapse_nps"] is not None], ids=name)
def test_merged_strata_agree(case):
    result = result_of(case, collapse_to="collapse_to")
    assert same(result["nps"], case["collapse_nps"])
    assert same(result["se"], case["collapse_se_adjust"])


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_more_answers_than_people_are_refused(case):
    assert case["expect_error"] == "n_h>N_h"
    with pytest.raises(UnusableInputError, match="more answers than people"):
        result_of(case)
