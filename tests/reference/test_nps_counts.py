"""Unweighted NPS and its intervals against R (survey, PropCIs::scoreci.mp) and a second program; score to 1e-5."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.nps import nps, nps_from_counts

HERE = Path(__file__).parent / "cases" / "nps_counts"
INPUT = {row["case_id"]: row for row in pl.read_csv(HERE / "input.csv").rows(named=True)}
EXPECTED = pl.read_csv(HERE / "expected.csv").rows(named=True)
LIMITS = {
    "wald": ("wald", 1e-6),
    "t": ("t", 1e-6),
    "adjusted_wald": ("adjwald", 1e-6),
    "adjusted_wald_z2": ("adjz2", 1e-6),
    "score": ("score", 1e-5),
}


def same(found, expected, tolerance=1e-6):
    return found is None if expected is None else found == pytest.approx(expected, rel=tolerance, abs=1e-9)


def result_of(case, interval):
    counts = {name: [case[name]] for name in ("promoters", "passives", "detractors")}
    given = {"confidence": case["conf"], "interval": interval}
    if case["N"] is None:
        return nps_from_counts(pl.DataFrame(counts), **given).row(0, named=True)
    return nps_from_counts(pl.DataFrame(counts | {"N": [case["N"]]}), population="N", **given).row(0, named=True)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["case_id"])
@pytest.mark.parametrize("interval", LIMITS)
def test_estimate_error_and_limits_agree(expected, interval):
    result = result_of(INPUT[expected["case_id"]], interval)
    prefix, tolerance = LIMITS[interval]
    assert result["n"] == expected["n"]
    assert same(result["nps"], expected["nps"])
    assert same(result["se"], expected["se_srs_fpc" if interval == "t" else "se_wald"])
    assert same(result["ci_low"], expected[f"{prefix}_lo"], tolerance)
    assert same(result["ci_high"], expected[f"{prefix}_hi"], tolerance)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["case_id"])
def test_answers_give_what_their_counts_give(expected):
    case = INPUT[expected["case_id"]]
    scores = [9] * case["promoters"] + [8] * case["passives"] + [6] * case["detractors"]
    responses = pl.DataFrame({"score": scores}, schema={"score": pl.Int64})
    result = nps(responses, confidence=case["conf"]).row(0, named=True)
    assert same(result["nps"], expected["nps"])
    assert same(result["ci_low"], expected["adjwald_lo"])
    assert same(result["ci_high"], expected["adjwald_hi"])
