"""Raked NPS and weights against R's survey package (calibrate with raking, GREG residuals), and refusals."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.errors import UnusableInputError
from metrics_py.nps import nps_raked
from metrics_py.weighting import raking_weights

HERE = Path(__file__).parent / "cases" / "nps_rake"
RESPONSES, MARGINS = pl.read_csv(HERE / "responses.csv"), pl.read_csv(HERE / "margins.csv")
EXPECTED = pl.read_csv(HERE / "expected.csv").rows(named=True)
WEIGHTS = pl.read_csv(HERE / "expected_weights.csv")
ANSWERABLE = [row for row in EXPECTED if row["expect_error"] is None]
REASONS = {
    "zero_target_with_resp_ERROR": "tenure=mid has the size 0 but",
    "confounded_inconsistent_ERROR": "fall on 2 combinations",
}


def name(row):
    return row["case_id"]


def frames_of(case):
    in_case = pl.col("case_id") == case["case_id"]
    return RESPONSES.filter(in_case), MARGINS.filter(in_case)


@pytest.mark.parametrize("case", ANSWERABLE, ids=name)
def test_estimate_and_error_agree(case):
    result = nps_raked(*frames_of(case), size="N", base_weight="base_weight").row(0, named=True)
    assert (result["n"], result["population"]) == (case["n"], case["N"])
    assert result["nps"] == pytest.approx(case["nps"], rel=1e-6)
    assert result["se"] == pytest.approx(case["se_cal"], rel=1e-6)
    assert result["n_kish"] == pytest.approx(case["n_eff_kish"], rel=1e-6)
    assert result["nps_unweighted"] == pytest.approx(case["nps_unweighted"], rel=1e-6)


@pytest.mark.parametrize("case", ANSWERABLE, ids=name)
def test_weights_agree_and_meet_every_margin(case):
    responses, margins = frames_of(case)
    weighted = raking_weights(responses, margins, size="N", base_weight="base_weight")
    expected = WEIGHTS.filter(pl.col("case_id") == case["case_id"])
    both = weighted.join(expected, on="respondent_id", suffix="_expected", validate="1:1")
    assert both.height == case["n"]
    assert both["weight"].to_list() == pytest.approx(both["weight_expected"].to_list(), rel=1e-5, abs=1e-9)
    for variable, level, people in margins.select("variable", "level", "N").iter_rows():
        assert weighted.filter(pl.col(variable) == level)["weight"].sum() == pytest.approx(people, abs=1e-7)


@pytest.mark.parametrize("case", [row for row in EXPECTED if row["expect_error"]], ids=name)
def test_impossible_margins_are_refused_with_the_reason(case):
    with pytest.raises(UnusableInputError, match=REASONS[case["case_id"]]):
        nps_raked(*frames_of(case), size="N", base_weight="base_weight")
