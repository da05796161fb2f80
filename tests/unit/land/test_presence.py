"""Presence depends on which extracts landed, never on their order: checked against a plain statement of the rules."""

import itertools
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
    """A file: its day, its part number, and its records (key, content); BAD has a key only, UNREADABLE not even that."""

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


def land_in_order(shop, parts, table="plain", one_by_one=True):
    for number, part in enumerate(parts):
        target = shop if not one_by_one else type(shop)(shop.extracts.parent / str(number), shop.project)
        target.warehouse = shop.warehouse
        target.put(f"shop/{table}/{at(part.day, part.part)}.jsonl", part.text())
        if one_by_one:
            target.land()
    if not one_by_one:
        shop.land()


def found_presence(shop, table="plain"):
    return sorted(shop.presence(table), key=lambda row: [str(value) for value in row])


def contents(shop, table="plain"):
    return shop.ask(f"select * exclude (_extracted_at, _source_file, _source_row) from raw_shop.{table} order by all")


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
def test_every_order_of_landing_gives_the_same_presence_and_content(history, make_shop, tmp_path):
    parts = HISTORIES[history]
    in_one_go = make_shop(tmp_path / "in_one_go")
    land_in_order(in_one_go, parts, one_by_one=False)
    assert found_presence(in_one_go) == expected_presence(parts)
    quarantine = in_one_go.ask("select file, line, reason from raw.raw_quarantine order by all")
    for number, order in enumerate(itertools.permutations(parts)):
        shop = make_shop(tmp_path / str(number))
        land_in_order(shop, order)
        assert found_presence(shop) == expected_presence(parts), order
        assert contents(shop) == contents(in_one_go), order
        assert len(shop.ask("select * from raw.raw_quarantine")) == len(quarantine), order


contents_of_a_record = st.sampled_from([1, 1, 1, 2, 2, BAD, UNREADABLE])
records = st.dictionaries(st.sampled_from("abc"), contents_of_a_record, max_size=3).map(lambda d: tuple(d.items()))
two_parts = st.tuples(records, records)


@st.composite
def histories(draw, with_parts):
    parts = []
    for day in sorted(draw(st.sets(st.integers(1, 6), min_size=2, max_size=5))):
        parts.append(Part(day, 0, draw(records)))
        if with_parts and draw(st.integers(0, 3)) == 0:
            parts.append(Part(day, 1, draw(records)))
    return [part for part in parts if part.records] or [Part(1, 0, (("a", 1),))]


def check(make_shop, parts, order, table, is_full, split):
    with tempfile.TemporaryDirectory() as folder:
        shop = make_shop(Path(folder))
        land_in_order(shop, order[:split], table, one_by_one=False)
        land_in_order(shop, order[split:], table)
        assert found_presence(shop, table) == expected_presence(parts, is_full)
        assert shop.ask(
            f"select count(*) - count(distinct _row_hash) from raw_shop.{table}"
        ) == [(0,)]
        standing = {row[:2] for row in expected_presence(parts, is_full)}
        assert set(shop.ask(f"select id, value from raw_shop.{table}")) == standing


quick = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(data=st.data())
def test_full_extracts_in_any_order_and_grouping(make_shop, data):
    parts = data.draw(histories(with_parts=True))
    order = data.draw(st.permutations(parts))
    check(make_shop, parts, order, "plain", True, data.draw(st.integers(0, len(order))))


@quick
@given(data=st.data())
def test_incremental_extracts_in_any_order_and_grouping(make_shop, data):
    parts = data.draw(histories(with_parts=True))
    order = data.draw(st.permutations(parts))
    check(make_shop, parts, order, "events", False, data.draw(st.integers(0, len(order))))
