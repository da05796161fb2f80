"""Presence depends on which extracts landed, never on their order: checked against a plain statement of the rules."""

import itertools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

BAD, UNREADABLE = "bad", "unreadable"


def at(day: int, part: int = 0) -> str:
    return f"2025-01-{day:02d}T060000Z-{part}"


@dataclass(frozen=True)
class Part:
    """A file: its day, its part number, its records (key, content); BAD has only a key, UNREADABLE not even that."""

    day: int
    part: int
    records: tuple[tuple[str, int | str], ...]

    def text(self) -> str:
        lines = []
        for key, content in self.records:
            if content == BAD:
                lines.append(f'{{"id": "{key}", "value": "many"}}')
            elif content == UNREADABLE:
                lines.append('{"id": ')
            else:
                lines.append(f'{{"id": "{key}", "value": {content}}}')
        return "\n".join(lines) + "\n"


def expected_presence(parts, is_full=True):
    """The rules, one key at a time."""
    days = sorted({part.day for part in parts})
    seen, bad, complete = {}, set(), {}
    for day in days:
        complete[day] = is_full
        for part in sorted((part for part in parts if part.day == day), key=lambda part: part.part):
            for key, content in part.records:
                if content == UNREADABLE:
                    complete[day] = False
                elif content == BAD:
                    bad.add((key, day))
                else:
                    seen[key, day] = content
    intervals = []
    for key in {key for key, _ in seen}:
        known_before = standing = None
        for day in days:
            if (key, day) in seen:
                content = seen[key, day]
                if standing is not None and standing[1] == content:
                    standing[3] = day
                else:
                    standing = [key, content, day, day, known_before]
                    intervals.append(standing)
                known_before = day
            elif (key, day) in bad:
                if is_full and standing is not None:
                    standing[3] = day
            elif complete[day]:
                standing = None
                known_before = day
    return sorted((tuple(interval) for interval in intervals), key=lambda row: [str(value) for value in row])


def land_orders(shop, orders, sort, in_one_go):
    """Land each order of parts into a table of its own: the first `in_one_go` parts at once, the others one by one."""
    most = max(len(order) for order in orders)
    for step in range(most + 1):
        for number, order in enumerate(orders):
            first = in_one_go[number]
            due = order[:first] if step == 0 else order[first:][step - 1 : step]
            for part in due:
                shop.put(f"shop/{sort}_{number}/{at(part.day, part.part)}.jsonl", part.text())
        shop.land()
        # What has landed is taken away, as a loader may do: nothing must depend on seeing it again.
        shutil.rmtree(shop.extracts / "shop", ignore_errors=True)


def found_presence(shop, table):
    return sorted(shop.presence(table), key=lambda row: [str(value) for value in row])


def contents(shop, table):
    file = "regexp_replace(_source_file, '^.*/', '') as file"
    return shop.ask(f"select * exclude (_source_file), {file} from raw_shop.{table} order by all")


HISTORIES = {
    "A-B-A gives three intervals": [
        Part(1, 0, (("a", 1),)),
        Part(2, 0, (("a", 2),)),
        Part(3, 0, (("a", 1),)),
        Part(4, 0, (("a", 1), ("b", 1))),
    ],
    "gone and back": [
        Part(1, 0, (("a", 1), ("b", 1))),
        Part(2, 0, (("b", 1),)),
        Part(3, 0, (("b", 2),)),
        Part(4, 0, (("a", 1), ("b", 2))),
    ],
    "a quarantined record carries on": [
        Part(1, 0, (("a", 1), ("b", 1))),
        Part(2, 0, (("a", BAD), ("b", 1))),
        Part(3, 0, (("a", 2), ("b", BAD))),
        Part(4, 0, (("a", BAD), ("b", 1), ("c", 1))),
    ],
    "an unreadable key proves no deletion": [
        Part(1, 0, (("a", 1), ("b", 1))),
        Part(2, 0, (("a", 1), ("x", UNREADABLE))),
        Part(3, 0, (("a", 2), ("b", 1), ("c", 1))),
        Part(4, 0, (("a", 2),)),
    ],
    "parts of one extract are one extract": [
        Part(1, 0, (("a", 1),)),
        Part(1, 1, (("b", 1),)),
        Part(2, 0, (("a", 1), ("c", 1))),
        Part(2, 1, (("b", 2), ("c", 2))),
    ],
}


@pytest.mark.parametrize("history", HISTORIES, ids=str)
def test_every_order_of_landing_gives_the_same_presence_and_content(history, shop_at, orders_project, tmp_path):
    parts = HISTORIES[history]
    orders = [parts, *[order for order in itertools.permutations(parts) if list(order) != parts]]
    shop = shop_at(tmp_path, orders_project)
    land_orders(shop, orders, "full", [len(parts)] + [0] * (len(orders) - 1))
    for number, order in enumerate(orders):
        assert found_presence(shop, f"full_{number}") == expected_presence(parts), order
        assert contents(shop, f"full_{number}") == contents(shop, "full_0"), order
    quarantined = shop.ask("select count(*) from raw.raw_quarantine group by table_name")
    assert len(set(quarantined)) <= 1


contents_of_a_record = st.sampled_from([1, 1, 1, 2, 2, BAD, UNREADABLE])
records = st.dictionaries(st.sampled_from("abc"), contents_of_a_record, max_size=3).map(lambda d: tuple(d.items()))


@st.composite
def histories(draw):
    parts = []
    for day in sorted(draw(st.sets(st.integers(1, 6), min_size=2, max_size=5))):
        parts.append(Part(day, 0, draw(records)))
        if draw(st.integers(0, 3)) == 0:
            parts.append(Part(day, 1, draw(records)))
    return [part for part in parts if part.records] or [Part(1, 0, (("a", 1),))]


def check(shop, data, sort, is_full):
    parts = data.draw(histories())
    orders = [data.draw(st.permutations(parts)) for _ in range(6)]
    land_orders(shop, orders, sort, [data.draw(st.integers(0, len(parts))) for _ in orders])
    expected = expected_presence(parts, is_full)
    for number, order in enumerate(orders):
        table = f"{sort}_{number}"
        assert found_presence(shop, table) == expected, order
        landed = shop.ask(f"select id, value from raw_shop.{table}")
        assert len(landed) == len(set(landed))
        assert set(landed) == {row[:2] for row in expected}


several = settings(
    max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@several
@given(data=st.data())
def test_full_extracts_in_any_order_and_grouping(shop_at, orders_project, data):
    with tempfile.TemporaryDirectory() as folder:
        check(shop_at(Path(folder), orders_project), data, "full", True)


@several
@given(data=st.data())
def test_incremental_extracts_in_any_order_and_grouping(shop_at, orders_project, data):
    with tempfile.TemporaryDirectory() as folder:
        check(shop_at(Path(folder), orders_project), data, "log", False)
