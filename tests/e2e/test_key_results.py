"""Key results of the sample company, from extracts to the published tables, against values worked out here anew."""

import re
from collections import defaultdict
from datetime import date, timedelta
from math import isclose, sqrt

import polars as pl
import pytest
from scipy.stats import t as student

TODAY = date(2026, 1, 30)
STATUS_COLUMNS = re.findall(
    r"\w+",
    """
    key_result_id objective_id name goal_type metric_id owner_id squad_id period_start period_end evaluated_on as_of
    baseline target current_value current_on unit progress expected_progress expected_mode pace_ratio pace_per_week
    required_per_week best_per_week p_hit forecast_value forecast_low_80 forecast_high_80 status status_reason
    readable_on confidence n_points matured_share other_rule_pace_gap_status other_rule_ratio_band_status
    rules_disagree override_status override_reason override_by override_expires_on is_override_live key_question
    recommendation has_recovery_plan recovery_plan is_escalated is_latest
    """,
)


@pytest.fixture(scope="module")
def sample(company):
    return company(1)


@pytest.fixture(scope="module")
def statuses(sample):
    return sample.table("key_result_status")


@pytest.fixture(scope="module")
def agreed(sample):
    return {row["key_result_id"]: row for row in sample.table("dim_key_results").iter_rows(named=True)}


@pytest.fixture(scope="module")
def checkins(sample):
    """What was written down, straight from the raw table: readings by series, the last recording of a day standing."""
    raw = sample.query(
        "select key_result_id, observed_on, value from raw_product_ops.key_result_checkin where value is not null "
        "order by key_result_id, observed_on, recorded_at"
    )
    read = defaultdict(dict)
    for series, day, value in raw.iter_rows():
        read[series][day] = value
    return read


def latest(statuses):
    return {row["key_result_id"]: row for row in statuses.filter(pl.col("is_latest")).iter_rows(named=True)}


def test_the_table_has_its_columns_and_one_latest_row_per_key_result_that_has_started(statuses, agreed):
    assert statuses.columns[: len(STATUS_COLUMNS)] == STATUS_COLUMNS
    started = {name for name, row in agreed.items() if row["period_start"] <= TODAY}
    assert set(latest(statuses)) == started
    assert statuses.filter(pl.col("is_latest")).height == len(started)
    assert set(statuses.filter(pl.col("is_latest"))["evaluated_on"]) == {TODAY}


def test_every_key_result_is_judged_on_mondays_on_its_closing_day_and_today(statuses, agreed):
    for name, rows in statuses.partition_by("key_result_id", as_dict=True).items():
        row = agreed[name[0]]
        last = min(TODAY, row["period_end"] + timedelta(days=row["measurement_lag_days"]))
        days = {row["period_start"] + timedelta(days=ahead) for ahead in range((last - row["period_start"]).days + 1)}
        wanted = {day for day in days if day.weekday() == 0} | {TODAY}
        closing = {row["period_end"], last} if row["period_end"] <= TODAY else set()
        closing = {day for day in closing if day == row["period_end"] or day < TODAY}
        assert set(rows["evaluated_on"]) == wanted | closing, name


def test_lead_measures_stand_as_the_scoreboard_says_for_every_squad_and_product_manager(sample, statuses, agreed):
    verdicts = {
        (row["metric_id"], row["org_level"], row["org_unit_id"]): row
        for row in sample.table("scoreboard").iter_rows(named=True)
    }
    labels = {"winning": "on_track", "losing": "off_track", "too_early": "too_early", "no_data": "no_data"}
    compared = 0
    for name, row in latest(statuses).items():
        if row["metric_id"] not in ("ddqs", "ploar", "circt") or row["period_end"] <= TODAY:
            continue
        level = agreed[name]["org_level"]
        unit = {"company": "company", "squad": row["squad_id"], "person": row["owner_id"]}[level]
        board = verdicts[row["metric_id"], level, unit]
        assert (row["status"], row["current_value"]) == (labels[board["status"]], board["value"]), name
        compared += 1
    assert compared == 3 * (1 + 4 + 12)


def test_lead_measures_close_on_the_verdict_over_the_whole_half_year(sample, statuses, agreed):
    pooled = {
        (row["metric_id"], row["org_level"], row["org_unit_id"]): row
        for row in sample.table("metric_values").iter_rows(named=True)
        if row["period_kind"] == "goal_period" and row["reading"] in ("headline", "p90_launched")
    }
    labels = {"winning": "achieved", "losing": "missed", "too_early": "too_early", "no_data": "no_data"}
    compared = 0
    for name, row in latest(statuses).items():
        if row["metric_id"] not in ("ddqs", "ploar", "circt") or row["period_end"] > TODAY:
            continue
        level = agreed[name]["org_level"]
        unit = {"company": "company", "squad": row["squad_id"], "person": row["owner_id"]}[level]
        whole = pooled[row["metric_id"], level, unit]
        assert (row["status"], row["current_value"]) == (labels[whole["status"]], whole["value"]), name
        compared += 1
    assert compared == 3 * (1 + 4 + 12)


def test_what_is_maintained_is_never_interpolated(statuses):
    kept = statuses.filter(pl.col("goal_type") == "maintain")
    for column in ("progress", "expected_progress", "expected_mode", "p_hit", "forecast_value", "required_per_week"):
        assert kept[column].null_count() == kept.height, column


def test_silence_is_never_a_value(statuses):
    silent = statuses.filter(pl.col("status").is_in(["no_data"]) | pl.col("current_on").is_null())
    assert silent.height > 0
    assert not set(silent["status"]) & {"on_track", "achieved", "at_risk", "off_track"}
    assert statuses.filter(pl.col("current_on").is_null())["current_value"].null_count() == (
        statuses["current_on"].null_count()
    )


def points_of(row, series, on):
    """The readings of its period up to a day, its baseline first where that day was not read."""
    read = {day: value for day, value in series.items() if row["period_start"] <= day <= min(on, row["period_end"])}
    read.setdefault(row["baseline_on"], row["baseline"])
    return sorted(read.items())


def chance(points, target, falls, due):
    """Chance of reaching the target: half a least-squares line, half a random walk with drift; days count."""
    n = len(points)
    x = [(day - due).days for day, _ in points]
    y = [value for _, value in points]
    middle, mean = sum(x) / n, sum(y) / n
    spread = sum((day - middle) ** 2 for day in x)
    slope = sum((day - middle) * (value - mean) for day, value in zip(x, y, strict=True)) / spread
    residual = sum((value - mean - slope * (day - middle)) ** 2 for day, value in zip(x, y, strict=True))
    line = mean - slope * middle, sqrt(residual / (n - 2) * (1 + 1 / n + middle**2 / spread))
    ahead, span = -x[-1], x[-1] - x[0]
    drift = (y[-1] - y[0]) / span
    steps = zip(zip(x[1:], y[1:], strict=True), zip(x, y, strict=False), strict=False)
    wander = sum(
        (value - before - drift * (day - since)) ** 2 / (day - since) for (day, value), (since, before) in steps
    )
    walk = y[-1] + drift * ahead, sqrt(wander / (n - 2) * (ahead + ahead**2 / span))
    below = sum(student.cdf((target - centre) / scale, n - 2) for centre, scale in (line, walk)) / 2
    return below if falls else 1 - below


def test_hand_kept_key_results_have_the_progress_and_the_chance_that_their_check_ins_give(statuses, agreed, checkins):
    compared = 0
    for row in statuses.filter(pl.col("metric_id").is_null()).iter_rows(named=True):
        terms, on = agreed[row["key_result_id"]], row["evaluated_on"]
        series = checkins[terms["checkin_series"]]
        read = [day for day in series if terms["period_start"] <= day <= min(on, terms["period_end"])]
        if not read:
            assert row["status"] == "no_data"
            continue
        value = series[max(read)]
        way = row["target"] - terms["baseline"]
        assert isclose(row["current_value"], value, rel_tol=1e-9)
        assert isclose(row["progress"], (value - terms["baseline"]) / way, rel_tol=1e-6)
        points = points_of(terms, series, on)
        assert row["n_points"] == len(points)
        is_open = on < terms["period_end"]
        assert (row["p_hit"] is not None) == (is_open and len(points) >= 4)
        if row["p_hit"] is not None:
            falls = way < 0
            assert isclose(row["p_hit"], chance(points, row["target"], falls, terms["period_end"]), abs_tol=1e-6)
            compared += 1
        if not is_open:
            reached = value <= row["target"] if way < 0 else value >= row["target"]
            assert row["status"] == ("achieved" if reached else "missed")
    assert compared > 30


def test_labels_follow_the_chance_and_no_label_is_better_than_a_pace_never_seen_allows(statuses):
    forecast = statuses.filter(pl.col("p_hit").is_not_null() & (pl.col("status_rule") == "p_hit"))
    expected = (
        pl.when(pl.col("p_hit") >= 0.7)
        .then(pl.lit("on_track"))
        .when(pl.col("p_hit") >= 0.3)
        .then(pl.lit("at_risk"))
        .otherwise(pl.lit("off_track"))
    )
    assert forecast.height > 20
    assert forecast.filter(pl.col("status") != expected).is_empty()
    capped = statuses.filter(pl.col("status_rule") == "best_pace")
    assert set(capped["status"]) <= {"at_risk"}
    assert capped.filter(pl.col("required_per_week").abs() <= pl.col("best_per_week").abs()).is_empty()


def test_escalated_is_what_is_off_track_without_a_plan(statuses):
    wanted = (pl.col("status") == "off_track") & ~pl.col("has_recovery_plan")
    assert statuses.filter(pl.col("is_escalated") != wanted).is_empty()
    assert statuses.filter("is_escalated").height > 0


def test_forecasts_of_closed_key_results_are_scored_on_what_they_closed_on(sample, statuses):
    scores = sample.table("forecast_scores")
    closed = latest(statuses)
    assert set(scores["method"]) == {"mixture", "pace", "last_value"}
    stood = {(row["key_result_id"], row["evaluated_on"]): row for row in statuses.iter_rows(named=True)}
    for row in scores.iter_rows(named=True):
        end, then = closed[row["key_result_id"]], stood[row["key_result_id"], row["made_on"]]
        falls = then["target"] < then["baseline"]
        hit = end["current_value"] <= then["target"] if falls else end["current_value"] >= then["target"]
        assert row["outcome"] == end["current_value"]
        assert row["is_hit"] == hit
        assert isclose(row["last_value_error"], end["current_value"] - then["current_value"], abs_tol=1e-9)
        if row["method"] == "mixture":
            assert isclose(row["brier"], (then["p_hit"] - hit) ** 2, abs_tol=1e-6)
    mixture = scores.filter(pl.col("method") == "mixture")["brier"].mean()
    assert mixture < scores.filter(pl.col("method") == "last_value")["brier"].mean()


def test_initiatives_launch_when_their_feature_shipped_and_orphans_are_named(sample):
    links = sample.table("initiative_links")
    shipped = dict(sample.table("fct_features").select("feature_id", "shipped_on").iter_rows())
    for row in links.filter(pl.col("feature_id").is_not_null()).iter_rows(named=True):
        assert row["launch_on"] == shipped[row["feature_id"]]
    assert links.filter("is_orphan").select("initiative_id", "orphan_reason").rows() == [("new-brand", "no_key_result")]
    assert set(links["status"]) == {"launched", "planned", "late"}


def test_links_between_goals_say_how_much_they_rest_on(sample):
    links = sample.table("goal_links")
    assert links.height == 4
    for row in links.iter_rows(named=True):
        assert row["supports"] <= row["n_quarters"] <= 6
        assert (row["verdict"] == "untested") == (row["n_quarters"] < 4)


def test_check_ins_of_bound_key_results_are_kept_aside_and_every_other_one_counts_once(sample):
    rows = sample.table("fct_key_result_checkins")
    assert set(rows.filter(pl.col("checkin_series") == "kr-arr")["exclusion_reason"]) >= {"read_from_metric"}
    counted = rows.filter(pl.col("exclusion_reason").is_null())
    assert set(counted["checkin_series"]) == {"kr-dispatch-time", "kr-self-serve-invoices"}
    assert counted.height == counted.select("key_result_id", "observed_on").unique().height
