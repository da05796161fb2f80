"""Percentiles and survival over windows, as each day knew them, held to reference cases.

Provenance: inputs are generated; the expected values come from R's `quantile` and `survival::survfit` (delayed entry
at window start - start - 1, `conf.type = "log-log"`), computed a second time in another program.
"""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from metrics_py import km_quantile, km_share_by, rolling_percentile
from metrics_py.survival import rolling_km_quantile, rolling_km_share_by

CASES = Path(__file__).parent / "cases" / "km_window"
items = pl.read_csv(CASES / "items.csv", try_parse_dates=True)
expected = pl.read_csv(CASES / "expected.csv", try_parse_dates=True, infer_schema_length=None)
DATES = {"opened": "start_date", "closed": "launch_date"}
LIFETIME = 10_000


def close(value):
    return None if value is None else pytest.approx(value, abs=1e-9)


def of_case(row):
    return items.filter(pl.col("case_id") == row["case_id"])


def on_the_day(row):
    return of_case(row), {"start": row["as_of"], "end": row["as_of"]}


def known_on_the_day(row):
    """The items started by then, with their age and whether they were launched by then."""
    day = row["as_of"]
    is_launched = (pl.col("launch_date") <= day).fill_null(False)
    last_seen = pl.when(is_launched).then("launch_date").otherwise(day)
    return (
        of_case(row)
        .filter(pl.col("start_date") <= day)
        .with_columns(is_launched=is_launched, age=(last_seen - pl.col("start_date")).dt.total_days())
    )


pytestmark = pytest.mark.parametrize("row", expected.to_dicts(), ids=lambda row: f"{row['case_id']}-{row['as_of']}")


def test_the_percentile_of_launches_equals_the_reference(row):
    frame, day = on_the_day(row)
    launches = frame.with_columns(cycle_days=(pl.col("launch_date") - pl.col("start_date")).dt.total_days())
    for method, column in (("disc", "p90_type1"), ("cont", "p90_type7")):
        found = rolling_percentile(launches, value="cycle_days", at="launch_date", method=method, **day)
        assert found.select("n", "value").row(0) == (row["n_done_90d"], close(row[column]))


@pytest.mark.parametrize(("window_days", "prefix"), [(90, "kmper"), (LIFETIME, "kmall")])
def test_the_rolling_curve_equals_the_reference(row, window_days, prefix):
    frame, day = on_the_day(row)
    found = rolling_km_quantile(frame, **DATES, window_days=window_days, **day).row(0, named=True)
    assert found["n"] == row["kmper_n" if prefix == "kmper" else "n_started"]
    assert (found["value"], found["reached"]) == (row[f"{prefix}_p90_inf"], row[f"{prefix}_p90_inf"] is not None)
    assert (found["ci_low"], found["ci_high"]) == (row[f"{prefix}_lo"], row[f"{prefix}_hi"])
    share = rolling_km_share_by(frame, **DATES, at=45, window_days=window_days, **day)
    assert share["share"][0] == close(row[f"{prefix}_share45"])


def test_items_entering_at_their_age_at_window_start_equal_the_reference(row):
    window_start = row["as_of"] - timedelta(days=89)
    watched = (
        known_on_the_day(row)
        .filter(~pl.col("is_launched") | (pl.col("launch_date") >= window_start))
        .with_columns(entry=(window_start - pl.col("start_date")).dt.total_days() - 1)
    )
    asked = {"time": "age", "event": "is_launched", "entry": "entry"}
    found = km_quantile(watched, **asked).row(0, named=True)
    assert (found["n"], found["value"]) == (row["kmper_n"], row["kmper_p90_inf"])
    assert (found["ci_low"], found["ci_high"]) == (row["kmper_lo"], row["kmper_hi"])
    assert km_share_by(watched, at=45, **asked)["share"][0] == close(row["kmper_share45"])


def test_the_cohort_started_in_the_window_equals_the_reference(row):
    cohort = known_on_the_day(row).filter(pl.col("start_date") >= row["as_of"] - timedelta(days=89))
    asked = {"time": "age", "event": "is_launched"}
    assert km_quantile(cohort, **asked).select("n", "value").row(0) == (row["kmcoh_n"], row["kmcoh_p90_inf"])
    assert km_share_by(cohort, at=45, **asked)["share"][0] == close(row["kmcoh_share45"])


def test_where_every_fate_is_known_the_share_is_the_plain_share(row):
    started_days_ago = (row["as_of"] - pl.col("start_date")).dt.total_days()
    mature = known_on_the_day(row).filter(started_days_ago.is_between(45, 134))
    found = km_share_by(mature, time="age", event="is_launched", at=45).row(0, named=True)
    assert found["n"] == row["mature45_n"]
    if found["events"]:
        assert found["share"] * found["n"] == pytest.approx(row["mature45_k"], abs=1e-9)
    else:
        assert (found["share"], row["mature45_k"] or 0) == (None, 0)
