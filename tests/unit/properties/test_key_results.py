"""What holds of every key result whatever its numbers: targets, attainment, scores of forecasts, formulas."""

import math
from datetime import date, timedelta
from statistics import fmean

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import assume, given, settings

from metrics_py.okr.attainment import WEAKEST_FIRST, attainments, period_attainment, weakest
from metrics_py.okr.calibrate import brier_score, forecast_scores, reliability
from metrics_py.okr.evaluation import key_result_statuses
from metrics_py.okr.formula import are_redundant, read_formula, value_at
from metrics_py.okr.progress import progress, progress_ratio
from metrics_py.okr.status import status_by_pace_gap, status_by_ratio_bands
from metrics_py.okr.targets import Initiative, check_target, next_target

START = date(2025, 10, 1)
EVERY = settings(max_examples=60, deadline=None, derandomize=True)
FEW = settings(max_examples=20, deadline=None, derandomize=True)

numbers = st.integers(-10_000, 10_000).map(lambda number: number / 100)
initiatives = st.lists(
    st.builds(
        Initiative,
        name=st.text("abc", min_size=1, max_size=4),
        effect=numbers,
        probability=st.integers(0, 10).map(lambda tenths: tenths / 10),
        live_on=st.integers(-20, 120).map(lambda days: START + timedelta(days=days)),
    ),
    max_size=4,
)


@st.composite
def proposals(draw: st.DrawFn) -> dict[str, object]:
    slow, fast = sorted((draw(numbers) / 50, draw(numbers) / 50))
    return {
        "momentum_per_week": (slow, fast),
        "period_start": START,
        "period_end": START + timedelta(days=draw(st.integers(1, 120))),
        "damping": draw(st.integers(0, 10)) / 10,
        "initiatives": draw(initiatives),
        "context": draw(numbers),
        "context_reason": "a price rise",
    }


@EVERY
@given(baseline=numbers, proposal=proposals(), proposed=numbers)
def test_the_terms_sum_to_what_is_expected_and_the_levels_are_in_order(
    baseline: float, proposal: dict[str, object], proposed: float
) -> None:
    up = next_target(baseline, higher_is_better=True, **proposal)  # type: ignore[arg-type]
    assert up.expected == pytest.approx(sum(term.value for term in up.terms))
    assert sum(probability for probability, _, _ in up.outcomes) == pytest.approx(1)
    # The mean of the cases is the sum of the terms.
    assert sum(probability * mean for probability, mean, _ in up.outcomes) == pytest.approx(up.expected, abs=1e-6)
    assert up.commit <= up.target + 1e-6
    assert up.target <= up.stretch + 1e-6
    down = next_target(baseline, higher_is_better=False, **proposal)  # type: ignore[arg-type]
    assert down.commit >= down.target - 1e-6
    assert down.target >= down.stretch - 1e-6
    for proposed_target, of in ((proposed, up), (up.commit, up), (proposed, down)):
        checked = check_target(proposed_target, of)
        assert 0 <= checked.p_hit <= 1 + 1e-9
        assert all(math.isfinite(number) for number in (checked.p_hit, checked.gap))
    assert check_target(up.commit, up).is_supported
    assert check_target(up.commit, up).p_hit >= 0.7 - 1e-6
    further = check_target(proposed + 1, up)
    assert further.p_hit <= check_target(proposed, up).p_hit + 1e-9


closed_rows = st.lists(
    st.fixed_dictionaries(
        {"baseline": numbers, "target": numbers, "closing_value": st.none() | numbers, "weight": st.integers(1, 5)}
    ),
    min_size=1,
    max_size=8,
)
CLOSED = {"baseline": pl.Float64, "target": pl.Float64, "closing_value": pl.Float64, "weight": pl.Int64}


@FEW
@given(rows=closed_rows, seed=st.integers(0, 99), by=numbers)
def test_attainment_is_the_weighted_mean_free_of_order_of_unit_and_of_direction(
    rows: list[dict[str, float | None]], seed: int, by: float
) -> None:
    assume(all(row["baseline"] != row["target"] for row in rows))
    assume(abs(by) >= 0.01)
    closed = pl.DataFrame(rows, schema=CLOSED)
    found = attainments(closed)
    for row in found.to_dicts():
        if row["closing_value"] is None:
            assert row["attainment"] is row["is_achieved"] is None
        else:
            way = (row["closing_value"] - row["baseline"]) / (row["target"] - row["baseline"])
            assert row["attainment"] == pytest.approx(way, abs=1e-9)
            is_up = row["target"] > row["baseline"]
            reached = row["closing_value"] >= row["target"] if is_up else row["closing_value"] <= row["target"]
            assert row["is_achieved"] == reached
    # A key result counted in other units, or from the other side, is attained as far.
    scaled = closed.with_columns(pl.col("baseline", "target", "closing_value") * by)
    for one, other in zip(found["attainment"], attainments(scaled)["attainment"], strict=True):
        assert one == (None if other is None else pytest.approx(other, abs=1e-6))
    period = period_attainment(found, weight="weight").row(0, named=True)
    shuffled = period_attainment(found.sample(fraction=1, shuffle=True, seed=seed), weight="weight").row(0, named=True)
    assert shuffled == {
        name: None if value is None else pytest.approx(value, abs=1e-9) for name, value in period.items()
    }
    known = found.drop_nulls("attainment")
    if known.height:
        mean = (known["attainment"].clip(0, 1) * known["weight"]).sum() / known["weight"].sum()
        assert period["mean_attainment"] == pytest.approx(mean, abs=1e-9)


@EVERY
@given(labels=st.lists(st.sampled_from(WEAKEST_FIRST)), more=st.lists(st.sampled_from(WEAKEST_FIRST), min_size=1))
def test_another_key_result_never_makes_a_roll_up_stronger(labels: list[str], more: list[str]) -> None:
    both = weakest([*labels, *more])
    assert both == weakest([*more, *labels])
    assert WEAKEST_FIRST.index(both) <= WEAKEST_FIRST.index(weakest(more))
    assert both in (weakest(labels), weakest(more))


@EVERY
@given(value=numbers, better=numbers, baseline=numbers, target=numbers, expected=st.none() | st.integers(0, 100))
def test_a_better_value_never_has_a_worse_status(
    value: float, better: float, baseline: float, target: float, expected: int | None
) -> None:
    assume(baseline != target)
    assume((better - value) * (target - baseline) >= 0)
    share = None if expected is None else expected / 100
    order = ("off_track", "at_risk", "on_track", "achieved")
    one, other = (progress(number, baseline=baseline, target=target) for number in (value, better))
    assert one is not None
    assert other is not None
    assert one <= other
    ratios = progress_ratio(one, share), progress_ratio(other, share)
    assert (ratios[0] is None) == (ratios[1] is None)
    if ratios[0] is not None and ratios[1] is not None:
        assert ratios[0] <= ratios[1]
    for rule in (status_by_pace_gap, status_by_ratio_bands):
        worse_label, label = rule(one, share), rule(other, share)
        if worse_label is not None and label is not None:
            assert order.index(worse_label) <= order.index(label), rule


tested_rows = st.lists(
    st.tuples(st.integers(0, 100).map(lambda n: n / 100), st.booleans(), numbers, numbers, numbers), max_size=30
)


@EVERY
@given(rows=tested_rows, bands=st.integers(1, 12))
def test_scores_of_forecasts_are_their_plain_means_and_every_forecast_is_in_one_band(
    rows: list[tuple[float, bool, float, float, float]], bands: int
) -> None:
    columns = ["p_hit", "is_hit", "outcome", "forecast", "last_value"]
    schema = dict.fromkeys(columns, pl.Float64) | {"is_hit": pl.Boolean}
    tested = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        p_hit_last_value=pl.lit(0.5),
        low_80=pl.col("forecast") - 10,
        high_80=pl.col("forecast") + 10,
        low_95=pl.col("forecast") - 20,
        high_95=pl.col("forecast") + 20,
    )
    found = forecast_scores(tested).row(0, named=True)
    assert found["n"] == len(rows)
    if rows:
        assert found["brier"] == pytest.approx(fmean(brier_score(p, hit) or 0.0 for p, hit, *_ in rows), abs=1e-12)
        assert 0 <= found["coverage_80"] <= found["coverage_95"] <= 1
        assert found["mean_absolute_error"] >= abs(found["mean_error"]) - 1e-9
    table = reliability(tested, bands=bands)
    assert table["n"].sum() == len(rows)
    assert table["hits"].sum() == sum(hit for _, hit, *_ in rows)
    for row in table.filter(pl.col("n") > 0).to_dicts():
        assert row["band_low"] - 1e-9 <= row["mean_p_hit"] <= row["band_high"] + 1e-9
        assert 0 <= row["ci_low"] <= row["hit_rate"] + 1e-12
        assert row["hit_rate"] - 1e-12 <= row["ci_high"] <= 1


leaves = st.sampled_from(["a", "b", "c"]) | st.integers(1, 99).map(str)
formulas = st.recursive(
    leaves,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner) | inner.map("(-{})".format),
    max_leaves=8,
)


@EVERY
@given(text=formulas, counts=st.fixed_dictionaries({name: st.integers(-50, 50).map(float) for name in "abc"}))
def test_a_formula_has_the_value_that_python_gives_it(text: str, counts: dict[str, float]) -> None:
    formula = read_formula(text)
    assert set(formula.names) == set("abc") & set(text)
    try:
        expected = eval(text, {"__builtins__": {}}, counts)
    except ZeroDivisionError:
        assert value_at(formula, counts) is None
        return
    assert value_at(formula, counts) == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
    if formula.names and are_redundant(formula, formula):
        assert are_redundant(formula, read_formula(f"2 * ({text})"))
        assert are_redundant(read_formula(f"1 - ({text})"), formula)


said_rows = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(0, 91), numbers, st.none() | st.integers(0, 10).map(lambda n: n / 10)),
    max_size=14,
    unique_by=lambda row: row[:2],
)


@FEW
@given(said=said_rows, on=st.integers(0, 130), targets=st.tuples(st.none() | numbers, numbers), data=st.data())
def test_a_verdict_knows_neither_other_key_results_nor_readings_to_come_nor_the_order_of_rows(
    said: list[tuple[str, int, float, float | None]],
    on: int,
    targets: tuple[float | None, float],
    data: st.DataObject,
) -> None:
    agreed = pl.DataFrame(
        {
            "key_result_id": ["A", "B"],
            "baseline": [10.0, 20.0],
            "baseline_on": START,
            "target": targets,
            "period_start": START,
            "period_end": START + timedelta(days=92),
            "cadence_days": 7,
            "measurement_lag_days": [0, 14],
        },
        schema_overrides={"target": pl.Float64},
    )
    evaluated_on = START + timedelta(days=on)

    def statuses(rows: list[tuple[str, int, float, float | None]], agreed: pl.DataFrame = agreed) -> pl.DataFrame:
        names = {"key_result_id": pl.String, "day": pl.Int64, "value": pl.Float64, "matured_share": pl.Float64}
        frame = pl.DataFrame(rows, schema=names, orient="row")
        days = pl.lit(START) + pl.duration(days=pl.col("day"))
        return key_result_statuses(
            agreed, frame.with_columns(observed_on=days.cast(pl.Date)).drop("day"), evaluated_on=[evaluated_on]
        )

    found = statuses(said)
    assert found["status"].is_in(WEAKEST_FIRST).all()
    numbers_found = found.select(pl.col(pl.Float64)).fill_null(0.0)
    assert numbers_found.select(pl.all().is_finite().all()).row(0) == (True,) * numbers_found.width
    assert statuses(data.draw(st.permutations(said))).equals(found)
    alone = statuses([row for row in said if row[0] == "A"], agreed.head(1))
    assert alone.equals(found.filter(pl.col("key_result_id") == "A"))
    known = [row for row in said if row[1] <= on]
    assert statuses(known).equals(found)
    # Silence is never green.
    for name in "AB":
        if not any(row[0] == name for row in known):
            (status,) = found.filter(pl.col("key_result_id") == name)["status"]
            assert status not in ("on_track", "achieved")
