from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics_py.history.decompose import Part, minimum, of_order, of_ratio, of_sum, quantile_cont, quantile_disc

AMOUNTS = st.integers(0, 400)
WEIGHTS = st.integers(1, 9)
SIDES = st.one_of(st.none(), st.tuples(AMOUNTS, WEIGHTS, AMOUNTS))
PARTS = st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=30)
STATISTICS = pytest.mark.parametrize("statistic", [quantile_disc, quantile_cont, minimum])


def parts_of(sides: list[tuple[tuple[int, int, int] | None, tuple[int, int, int] | None]]) -> list[Part]:
    return [Part(f"row-{number}", old, new) for number, (old, new) in enumerate(sides) if old or new]


def totals(parts: list[Part], side: str) -> tuple[int, int]:
    chosen = [getattr(part, side) for part in parts if getattr(part, side) is not None]
    return sum(row[0] for row in chosen), sum(row[1] for row in chosen)


@given(PARTS)
def test_the_parts_of_a_ratio_sum_to_its_change(sides: list) -> None:  # type: ignore[type-arg]
    parts = parts_of(sides)
    old, new = totals(parts, "old"), totals(parts, "new")
    effects = list(of_ratio(parts, old=old, new=new))
    if not old[1] or not new[1]:
        assert {effect.effect for effect in effects} <= {None}
        return
    change = Fraction(new[0], new[1]) - Fraction(old[0], old[1])
    assert abs(sum(Fraction(effect.effect or 0) for effect in effects) - change) < Fraction(1, 10**12)


@given(PARTS, st.lists(st.tuples(AMOUNTS, WEIGHTS, AMOUNTS), max_size=20))
def test_rows_that_are_the_same_account_for_nothing(sides: list, same: list) -> None:  # type: ignore[type-arg]
    kept = [Part(f"same-{number}", row, row) for number, row in enumerate(same)]
    parts = [*parts_of(sides), *kept]
    effects = of_ratio(parts, old=totals(parts, "old"), new=totals(parts, "new"))
    assert not any(effect.effect for effect in effects if effect.row.startswith("same"))


@STATISTICS
@given(sides=PARTS)
def test_the_steps_of_an_order_statistic_sum_to_its_change(sides: list, statistic: object) -> None:  # type: ignore[type-arg]
    parts = parts_of(sides)
    old = sorted(part.old[2] for part in parts if part.old)
    new = sorted(part.new[2] for part in parts if part.new)
    effects = list(of_order(parts, old=old, statistic=statistic))  # type: ignore[arg-type]
    if not old or not new:
        assert {effect.effect for effect in effects} <= {None}
        return
    change = statistic(new) - statistic(old)  # type: ignore[operator]
    assert sum(effect.effect or 0 for effect in effects) == pytest.approx(change, abs=1e-9)


@given(PARTS)
def test_a_sum_is_moved_by_what_each_row_adds(sides: list) -> None:  # type: ignore[type-arg]
    parts = parts_of(sides)
    effects = of_sum(parts, is_defined=True)
    assert sum(effect.effect or 0 for effect in effects) == totals(parts, "new")[0] - totals(parts, "old")[0]


def test_a_row_whose_value_and_weight_both_changed_is_split_into_rate_and_mix() -> None:
    # 30/10 among 100/50 becomes 60/15 among 130/55.
    effects = list(of_ratio([Part("a", (30, 10, 0), (60, 15, 0))], old=(100, 50), new=(130, 55)))
    assert [effect.component for effect in effects] == ["rate", "mix"]
    rate, mix = (effect.effect for effect in effects)
    assert rate == pytest.approx(15 * (4 - 3) / 55)
    assert mix == pytest.approx((3 - 2) * 5 / 55)
    assert (rate or 0) + (mix or 0) == pytest.approx(130 / 55 - 100 / 50)


def test_rows_are_replaced_in_the_order_rate_entry_exit() -> None:
    parts = [Part("gone", (0, 0, 5), None), Part("came", None, (0, 0, 50)), Part("moved", (0, 0, 10), (0, 0, 20))]
    effects = [tuple(effect) for effect in of_order(parts, old=[5, 10], statistic=minimum)]
    assert effects == [("moved", "rate", 0), ("came", "entry", 0), ("gone", "exit", 15)]
