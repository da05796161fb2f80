import datetime
from decimal import Decimal

import duckdb
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from metrics_py.land import forms


def typed(kind, texts, data_type=None):
    expression = forms.typed(kind, data_type or kind, "text")
    relation = duckdb.execute(f"select {expression} from (select unnest(?::varchar[]) as text)", [texts])
    return [value for (value,) in relation.fetchall()]


CASES = {
    "bigint": {"42": 42, "-7": -7, "+5": 5, " 12 ": 12, "3.0": 3, "9223372036854775807": 2**63 - 1}
    | dict.fromkeys(["2.5", "1,000", "1_000", "99999999999999999999", "1e3", "0x10", "abc", "", "none", "1 2"]),
    "double": {"1.5": 1.5, "-.5": -0.5, "1e3": 1000.0, "7": 7.0, "1.": 1.0}
    | dict.fromkeys(["nan", "inf", "1e999", "1_0", "1,5", "", "null"]),
    "decimal": {"1200.5": Decimal("1200.50"), "1e2": Decimal("100.00"), "-3": Decimal("-3.00")}
    | dict.fromkeys(["1e30", "USD 5", "", "None"]),
    "boolean": {"true": True, "FALSE": False, "t": True, "no": False, "1": True, "0": False, "1.0": True}
    | dict.fromkeys(["2", "maybe", "", "NULL"]),
    "date": {
        "2025-01-31": datetime.date(2025, 1, 31),
        "2025-01-31T00:00:00Z": datetime.date(2025, 1, 31),
        "2025-01-31 00:00:00.000": datetime.date(2025, 1, 31),
    }
    | dict.fromkeys(["2025-02-30", "2025-01-31T06:00:00Z", "31/01/2025", "2025-1-1", "none", ""]),
    "timestamp": {
        "2025-01-31T06:00:00Z": "2025-01-31T06:00:00Z",
        "2025-01-31t06:00:00z": "2025-01-31T06:00:00Z",
        "2025-01-31T14:00:00+0800": "2025-01-31T06:00:00Z",
        "2025-01-31T14:00:00+08:00": "2025-01-31T06:00:00Z",
        "2025-01-30T23:00:00.5-07": "2025-01-31T06:00:00.500000Z",
        "2025-01-31 11:30:00 +0530": "2025-01-31T06:00:00Z",
        "2025-01-31 06:00:00 UTC": "2025-01-31T06:00:00Z",
        "2025-01-31T06:00:00.123456789Z": "2025-01-31T06:00:00.123456Z",
        "2025-01-31T06:00:00.000Z": "2025-01-31T06:00:00Z",
        "2025-01-31T06:00:00": "2025-01-31T06:00:00",
        "2025-01-31 06:00": "2025-01-31T06:00:00",
        "2025-01-31": "2025-01-31",
        "1738303200": "2025-01-31T06:00:00Z",
        "1738303200.25": "2025-01-31T06:00:00.250000Z",
        "1738303200500": "2025-01-31T06:00:00.500000Z",
        "1738303200000000": "2025-01-31T06:00:00Z",
        "2024-12-31T23:59:59-0100": "2025-01-01T00:59:59Z",
    }
    | dict.fromkeys(
        [
            "2025-02-30",
            "2025-02-30T00:00:00Z",
            "2025-01-31T24:00:00Z",
            "2025-01-31T06:60:00Z",
            "0000-00-00 00:00:00",
            "20250131",
            "31/01/2025",
            "soon",
            "none",
            "",
        ]
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_spellings_of_a_kind_and_what_is_not_one(kind):
    texts = list(CASES[kind])
    found = typed(kind, texts, "decimal(18, 2)" if kind == "decimal" else kind)
    assert dict(zip(texts, found, strict=True)) == CASES[kind]


@pytest.mark.parametrize("text", ["", "  ", "none", "NULL", " None\t"])
def test_blank_none_and_null_say_nothing(text):
    assert duckdb.execute(f"select {forms.says_something('text')} from (select ? as text)", [text]).fetchall() == [
        (False,)
    ]


@pytest.mark.parametrize("text", ["x", "0", "nil", "x" * 1000])
def test_anything_else_says_something(text):
    assert duckdb.execute(f"select {forms.says_something('text')} from (select ? as text)", [text]).fetchall() == [
        (True,)
    ]


def test_a_text_too_long_for_any_value_is_none():
    assert typed("bigint", ["1" + " " * 200, "1" + " " * 50]) == [None, 1]


@pytest.mark.parametrize(
    ("iso", "expected"),
    [
        ("2025-01-31T06:00:00.500000Z", datetime.datetime(2025, 1, 31, 6, 0, 0, 500000)),
        ("2025-01-31T06:00:00", datetime.datetime(2025, 1, 31, 5)),
        ("2025-01-31", datetime.datetime(2025, 1, 31, 7)),
    ],
)
def test_utc_reads_a_naive_time_in_the_sources_zone_and_a_date_in_the_organisations(iso, expected):
    query = f"select {forms.utc('iso', 'Europe/Berlin', 'America/Phoenix')} from (select ? as iso)"
    assert duckdb.execute(query, [iso]).fetchall() == [(expected,)]


spellings = st.one_of(
    st.sampled_from([text for texts in CASES.values() for text in texts]),
    st.text(alphabet="0123456789-+:TZ. eE", max_size=24),
    st.datetimes(min_value=datetime.datetime(1900, 1, 1)).map(datetime.datetime.isoformat),
)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(texts=st.lists(spellings, min_size=1, max_size=40))
def test_what_the_common_spelling_gives_is_what_the_careful_one_gives(texts):
    for kind in CASES:
        data_type = "decimal(18, 2)" if kind == "decimal" else kind
        common = forms.commonly_typed(kind, data_type, "text")
        careful = forms._rarely_spelt(kind, data_type, forms._plain("text"))
        differing = duckdb.execute(
            f"select text, {common}, {careful} from (select unnest(?::varchar[]) as text) "
            f"where {common} is not null and {common} is distinct from {careful}",
            [texts],
        ).fetchall()
        assert differing == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(moment=st.datetimes(min_value=datetime.datetime(1900, 1, 1)), minutes=st.integers(-14 * 60, 14 * 60))
def test_an_instant_with_an_offset_is_the_instant_pythons_library_reads(moment, minutes):
    zoned = moment.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    try:
        expected = zoned.astimezone(datetime.UTC).replace(tzinfo=None)
    except OverflowError:
        return
    (found,) = typed("timestamp", [zoned.isoformat()])
    assert datetime.datetime.fromisoformat(found.removesuffix("Z")) == expected
