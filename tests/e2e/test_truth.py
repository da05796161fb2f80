"""Every number of the warehouse against the truth the sample company was drawn from, for three companies."""

from collections.abc import Callable, Sequence

import polars as pl
import pytest

from tests.e2e.conftest import Company

SEEDS = (1, 2, pytest.param(3, marks=pytest.mark.nightly))
METRIC_KEY = ("metric_id", "reading", "org_level", "squad_id", "person_id", "period_kind", "period_start")
READINGS = {
    ("ddqs", "headline"),
    ("ploar", "headline"),
    ("circt", "p90_launched"),
    ("circt", "share_within_45"),
    ("nps", "unweighted"),
    ("arr", "headline"),
}
CLOCKS = ("processed", "tagged", "linked", "started")


def differences(truth: pl.DataFrame, found: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """One row per key and column that is not what the truth says; a row on one side alone is a difference, too."""
    shared = [column for column in truth.columns if column in found.columns and column not in key]
    assert shared, "nothing to compare"
    both = truth.select(*key, *shared).join(
        found.select(*key, *shared), on=list(key), how="full", nulls_equal=True, suffix="_found", coalesce=True
    )
    wrong = []
    for column in shared:
        expected, actual = pl.col(column), pl.col(f"{column}_found")
        if truth.schema[column].is_float():
            differs = ((expected - actual).abs() > 1e-9 * expected.abs().clip(1.0)) | (
                expected.is_null() != actual.is_null()
            )
        else:
            differs = expected.ne_missing(actual.cast(truth.schema[column]))
        wrong.append(
            both.filter(differs)
            .select(*key, pl.lit(column).alias("column"), expected.cast(pl.String), found=actual.cast(pl.String))
            .rename({column: "truth"})
        )
    return pl.concat(wrong)


@pytest.fixture(params=SEEDS, scope="module")
def built(request: pytest.FixtureRequest, company: Callable[..., Company]) -> Company:
    return company(request.param)


def test_every_metric_value_equals_the_truth(built: Company) -> None:
    truth = built.truth("metrics")
    assert set(truth.select("metric_id", "reading").unique().iter_rows()) >= READINGS
    # A sum over nothing is null in the warehouse and 0 in the truth, and a minimum is no fraction.
    is_a_sum = (pl.col("metric_id") == "ddqs") & (pl.col("value").is_null() | (pl.col("reading") == "minimum"))
    numerator = pl.when(~is_a_sum).then("numerator")
    # The truth states these readings; others stand beside them and have tests of their own.
    found = built.table("metric_values").join(truth.select(METRIC_KEY), on=METRIC_KEY, how="semi", nulls_equal=True)
    assert differences(
        truth.with_columns(numerator=numerator), found.with_columns(numerator=numerator), METRIC_KEY
    ).is_empty()
    for org_level in ("company", "squad", "person"):
        assert truth.filter(org_level=org_level, metric_id="circt")["value"].is_not_null().any()


def test_no_metric_value_stands_where_the_truth_has_none(built: Company) -> None:
    truth = built.truth("metrics")
    stated = truth.select("metric_id", "reading").unique()
    values = built.table("metric_values").join(stated, on=["metric_id", "reading"], how="semi")
    extra = values.join(truth, on=METRIC_KEY, how="anti", nulls_equal=True).filter(pl.col("value").is_not_null())
    assert extra.is_empty()


def test_every_insight_equals_the_truth(built: Company) -> None:
    truth = built.truth("insights")
    assert set(truth["state"]) == {"resolved", "open", "left_censored", "excluded"}
    assert differences(truth, built.table("fct_insights"), ["insight_id"]).is_empty()


def test_every_feature_equals_the_truth(built: Company) -> None:
    assert differences(built.truth("features"), built.table("fct_features"), ["feature_id"]).is_empty()


def test_revenue_and_its_movements_equal_the_truth(built: Company) -> None:
    movements = ("new", "expansion", "contraction", "churn", "reactivation")
    truth = built.truth("arr").rename({"month": "month_start"} | {name: f"{name}_arr" for name in movements})
    found = built.table("arr_by_month").with_columns(pl.col(pl.Decimal).cast(pl.Float64))
    assert differences(truth, found, ["month_start"]).is_empty()


def test_survey_waves_equal_the_truth(built: Company) -> None:
    names = {"sampled": "sampled_count", "responses": "scored_count", "nps": "unweighted_nps"}
    names |= {f"{kind}s": f"{kind}_count" for kind in ("promoter", "passive", "detractor")}
    truth = built.truth("nps").drop("drawn_on").rename(names)
    assert differences(truth, built.table("nps_by_wave"), ["wave_id"]).is_empty()


def test_each_derived_time_lies_in_its_bounds_and_so_does_the_truth(built: Company) -> None:
    insights = built.table("fct_insights").join(
        built.truth("insights").select("insight_id", *(f"true_{clock}_at" for clock in CLOCKS)), on="insight_id"
    )
    for clock in CLOCKS:
        known = insights.filter(pl.col(f"{clock}_at").is_not_null(), pl.col(f"{clock}_lower_at").is_not_null())
        assert known.height > 500
        for instant in (f"{clock}_at", f"true_{clock}_at"):
            within = pl.col(instant).is_between(pl.col(f"{clock}_lower_at"), pl.col(f"{clock}_upper_at"))
            outside = known.filter(~within)
            assert outside.is_empty(), (clock, instant, outside.select("insight_id", instant).head(3))


def test_each_planted_dirt_is_where_the_truth_says(built: Company) -> None:
    dirt = built.truth("dirt")
    quarantined = built.query("select file, line as record from raw.raw_quarantine").with_columns(found=True)
    expected = dirt.filter("in_quarantine").select("file", "record")
    assert expected.height > 0
    assert expected.join(quarantined, on=["file", "record"], how="anti").is_empty()
    assert quarantined.join(expected, on=["file", "record"], how="anti").is_empty()


def test_the_violations_are_the_planted_ones_and_no_others(built: Company) -> None:
    key = ("rule_id", "feature_id")
    truth = built.truth("violations").select(key).sort(key)
    assert truth.height > 30
    assert built.table("fct_integrity_violations").select(key).sort(key).equals(truth)
