"""What holds of every statistic whatever the data: a peer gives the same, order does not matter, bounds are kept."""

import math
import random
from datetime import date, timedelta
from statistics import fmean, median_low

import hypothesis.strategies as st
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from scipy import stats

from metrics_py.bottleneck import segment_breaks
from metrics_py.ddqs import ddqs_statistics
from metrics_py.forecast import forecast
from metrics_py.ploar import ploar_statistics
from metrics_py.what_if import what_if

MONDAY = date(2025, 1, 6)
EVERY = settings(max_examples=60, deadline=None, derandomize=True)
FEW = settings(max_examples=15, deadline=None, derandomize=True)

features = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), max_size=25)


def ddqs_sums(scored: list[tuple[int, int]], unscored: int) -> dict[str, float]:
    scores = [confidence + interviews for confidence, interviews in scored]
    return {
        "shipped_count": len(scored) + unscored,
        "scored_count": len(scored),
        "at_target_count": sum(score >= 6 for score in scores),
        "score_sum": float(sum(scores)),
        "score_square_sum": float(sum(score**2 for score in scores)),
        "capped_interview_score_sum": float(sum(c + min(i, 5) for c, i in scored)),
        "capped_parts_score_sum": float(sum(min(c, 3) + min(i, 3) for c, i in scored)),
        "confidence_sum": float(sum(c for c, _ in scored)),
        "interview_sum": float(sum(i for _, i in scored)),
    }


@EVERY
@given(units=st.lists(st.tuples(features, st.integers(0, 5)), min_size=1, max_size=5))
def test_ddqs_is_the_mean_of_the_scores_with_scipys_t_interval(units: list[tuple[list[tuple[int, int]], int]]) -> None:
    found = ddqs_statistics(pl.DataFrame([ddqs_sums(*unit) for unit in units])).to_dicts()
    for (scored, unscored), row in zip(units, found, strict=True):
        scores = [confidence + interviews for confidence, interviews in scored]
        assert row["ddqs"] == (pytest.approx(fmean(scores)) if scores else None)
        assert row["coverage"] == (
            pytest.approx(len(scored) / (len(scored) + unscored)) if scored or unscored else None
        )
        if len(scores) < 2:
            assert (row["ci_low"], row["ci_high"]) == (None, None)
            continue
        assert row["mean_both_capped"] <= row["mean_interviews_capped"] <= row["ddqs"] + 1e-12
        error = np.std(scores, ddof=1) / math.sqrt(len(scores))
        low, high = stats.t.interval(0.95, len(scores) - 1, fmean(scores), error) if error else (fmean(scores),) * 2
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), abs=1e-6)


@st.composite
def ploar_counts(draw: st.DrawFn) -> dict[str, int]:
    shipped = draw(st.integers(0, 40))
    matured = draw(st.integers(0, shipped))
    hits = draw(st.integers(0, matured))
    pending = shipped - matured
    return {
        "shipped_count": shipped,
        "matured_count": matured,
        "hit_count": hits,
        "pending_count": pending,
        "early_hit_count": draw(st.integers(0, pending)),
        "any_kpi_met_count": draw(st.integers(hits, matured)),
        "ever_met_count": draw(st.integers(hits, matured)),
    }


@EVERY
@given(counts=st.lists(ploar_counts(), min_size=1, max_size=6))
def test_ploar_lies_in_its_interval_and_where_it_can_end_in_its_bounds(counts: list[dict[str, int]]) -> None:
    for row in ploar_statistics(pl.DataFrame(counts)).to_dicts():
        if row["matured_count"]:
            assert 0 <= row["ci_low"] <= row["ploar"] + 1e-12
            assert row["ploar"] - 1e-12 <= row["ci_high"] <= 1
            peer = stats.binomtest(row["hit_count"], row["matured_count"]).proportion_ci(method="wilson")
            assert (row["ci_low"], row["ci_high"]) == pytest.approx((peer.low, peer.high), abs=1e-9)
            assert row["ploar"] <= row["any_kpi_met_share"]
        else:
            assert row["ploar"] is row["ci_low"] is row["ci_high"] is None
        if row["shipped_count"]:
            # However what is pending ends, hits over shipped ends inside the bounds.
            assert row["lower_bound"] <= row["hits_with_early_of_shipped"] <= row["upper_bound"] <= 1


weekly = st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=4), min_size=1, max_size=30)


def counts_of(series: dict[str, list[list[int]]]) -> pl.DataFrame:
    rows = [
        ("company", segment, MONDAY + timedelta(weeks=week), days, 1)
        for segment, weeks in series.items()
        for week, all_days in enumerate(weeks)
        for days in all_days
    ]
    return pl.DataFrame(rows, ["org_unit", "segment", "week", "days", "insight_count"], orient="row")


@FEW
@given(
    series=st.dictionaries(st.sampled_from(["inbox", "triage", "validation"]), weekly, min_size=1), seed=st.integers()
)
def test_a_break_is_where_brute_force_finds_it_whatever_the_order_of_rows(
    series: dict[str, list[list[int]]], seed: int
) -> None:
    rows = counts_of(series)
    found = segment_breaks(rows, permutations=49)
    order = random.Random(seed).sample(range(rows.height), rows.height)
    assert segment_breaks(rows[order], permutations=49).equals(found)
    assert found["is_bottleneck"].sum() <= 1
    for row in found.to_dicts():
        assert 0 < row["p_value"] <= row["p_value_holm"] <= 1
        medians = [median_low(days) for days in series[row["segment"]]]
        cuts = [cut for cut in range(4, len(medians) - 3) if fmean(medians[cut:]) > fmean(medians[:cut])]
        if row["break_week"] is None:
            assert len(medians) < 16 or not cuts
            continue
        cut = (row["break_week"] - MONDAY).days // 7

        def squares(cut: int, medians: list[int] = medians) -> float:
            parts = (medians[:cut], medians[cut:])
            return sum((value - fmean(part)) ** 2 for part in parts for value in part)

        assert squares(cut) <= min(map(squares, cuts)) + 1e-6
        assert (row["median_before"], row["median_after"]) == pytest.approx(
            (fmean(medians[:cut]), fmean(medians[cut:]))
        )


@st.composite
def open_and_resolved(draw: st.DrawFn) -> pl.DataFrame:
    rows = []
    for number in range(draw(st.integers(1, 12))):
        started = MONDAY + timedelta(days=draw(st.integers(0, 120)))
        days = draw(st.none() | st.integers(0, 100))
        resolved = None if days is None else started + timedelta(days=days)
        is_open = resolved is None or resolved > TODAY
        rows.append((f"n-{number}", started, None if is_open else resolved, None if is_open else days))
    frame = pl.DataFrame(
        [row for row in rows if row[1] <= TODAY] or [("n-0", MONDAY, None, None)],
        {"insight_id": pl.String, "started_on": pl.Date, "resolved_on": pl.Date, "cycle_days": pl.Int64},
        orient="row",
    )
    return frame.with_columns(
        state=pl.when(pl.col("resolved_on").is_null()).then(pl.lit("open")).otherwise(pl.lit("resolved"))
    )


TODAY = MONDAY + timedelta(days=130)


@FEW
@given(insights=open_and_resolved(), later=st.integers(0, 60), data=st.data())
def test_launching_is_what_the_same_readings_say_of_insights_that_were_resolved_that_day(
    insights: pl.DataFrame, later: int, data: st.DataObject
) -> None:
    on = TODAY + timedelta(days=later)
    opened = insights.filter(pl.col("state") == "open")["insight_id"].to_list()
    launch = data.draw(st.lists(st.sampled_from(opened), unique=True)) if opened else []
    settled = {"window_days": 90, "percentile": 0.9, "limit_days": 45}
    answer = what_if(insights, launch=launch, on=on, today=TODAY, **settled)
    shuffled = insights.sample(fraction=1, shuffle=True, seed=1)
    assert what_if(shuffled, launch=launch[::-1], on=on, today=TODAY, **settled) == answer
    chosen = pl.col("insight_id").is_in(launch)
    as_if = insights.with_columns(
        state=pl.when(chosen).then(pl.lit("resolved")).otherwise("state"),
        resolved_on=pl.when(chosen).then(pl.lit(on)).otherwise("resolved_on"),
        cycle_days=pl.when(chosen).then((pl.lit(on) - pl.col("started_on")).dt.total_days()).otherwise("cycle_days"),
    )
    assert what_if(as_if, launch=[], on=on, today=TODAY, **settled).without == answer.launching
    assert answer.launching.launched == answer.without.launched + len(launch)
    assert answer.launching.overdue <= answer.without.overdue
    assert answer.launching.share_within is None or 0 <= answer.launching.share_within <= 1
    in_window = as_if.filter(pl.col("resolved_on").is_between(on - timedelta(days=89), on))["cycle_days"].sort()
    nearest = in_window[math.ceil(0.9 * len(in_window)) - 1] if len(in_window) else None
    assert answer.launching.p90_launched == nearest


readings = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=4, max_size=20)


@FEW
@given(values=readings, due=st.integers(1, 90), others=readings)
def test_a_forecast_is_finite_nested_and_knows_nothing_of_other_series_or_of_later_readings(
    values: list[float], due: int, others: list[float]
) -> None:
    made_on = MONDAY + timedelta(weeks=len(values) - 1)

    def series(name: str, values: list[float], first: date = MONDAY) -> pl.DataFrame:
        days = [first + timedelta(weeks=week) for week in range(len(values))]
        return pl.DataFrame({"kr": name, "observed_on": days, "value": values})

    origins = pl.DataFrame(
        {"kr": ["a"], "made_on": [made_on], "due_on": [made_on + timedelta(days=due)], "target": [0.0]}
    )
    origins = origins.with_columns(is_higher_better=True)
    alone = forecast(series("a", values), origins, by="kr", target="target", higher_is_better="is_higher_better")
    crowded = pl.concat(
        [series("b", others), series("a", others, made_on + timedelta(days=1)), series("a", values).reverse()]
    )
    same = forecast(crowded, origins, by="kr", target="target", higher_is_better="is_higher_better")
    assert same.equals(alone)
    row = alone.row(0, named=True)
    numbers = [value for value in row.values() if isinstance(value, float)]
    assert all(math.isfinite(number) for number in numbers)
    assert row["low_95"] <= row["low_80"] <= row["high_80"] <= row["high_95"]
    assert 0 <= row["p_hit"] <= 1
