import io
import json

import duckdb
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from metrics_py.errors import RefusedFileError
from metrics_py.land import loading
from metrics_py.land.contract import load
from metrics_py.land.files import find
from metrics_py.land.records import BLOCK, CsvRecords, broken_json, is_plain_csv, line_blocks
from metrics_py.land.typing import Typing


@pytest.fixture
def things(project):
    return load(project).table("shop", "things")


def csv_records(text, table):
    records = CsvRecords(io.BytesIO(text.encode()), table)
    return [(record.number, record.fields, record.broken is not None, records.text) for record in records]


@pytest.mark.parametrize(
    ("line", "readable"),
    [
        ('{"id": "n-1", "na', {"id": "n-1"}),
        ('{"name": {"id": "inner", "x": [1, 2]}, "id": "n-1", ', {"id": "n-1"}),
        ('{"name": {"id": "inner", ', {}),
        ('{"id": 12', {}),
        ('{"id": 12,', {"id": 12}),
        ('{"id": "n-', {}),
        ('{"id": "a, \\"b\\"", x', {"id": 'a, "b"'}),
        ('{"id": "n-1"} {"id": "n-2"}', {"id": "n-1"}),
        ('{"id" "n-1"', {}),
        ('["id", "n-1"]', {}),
        ("id,name", {}),
    ],
)
def test_only_a_key_that_is_certain_is_read_from_a_broken_line(line, readable):
    assert json.loads(broken_json(line.encode(), ("id",))[1]) == readable


def test_a_key_with_bytes_that_are_not_utf8_is_not_read():
    assert broken_json(b'{"id": "caf\xe9"}', ("id",)) == ("not valid UTF-8", "{}")


def test_blocks_end_with_whole_lines_and_lose_the_byte_order_mark():
    data = b"\xef\xbb\xbf" + b"\n".join(b"x" * 1000 for _ in range(2 * BLOCK // 1000))
    blocks = list(line_blocks(io.BytesIO(data)))
    assert len(blocks) > 2
    assert b"".join(blocks) == data[3:]
    assert all(block.endswith(b"\n") for block in blocks[:-1])


def test_csv_records_are_numbered_without_the_header_and_keep_their_text(things):
    text = 'id,name\r\n1,"a\r\nb"\r\n\r\n2,x\r\n'
    assert csv_records(text, things) == [
        (1, ["1", "a\r\nb"], False, '1,"a\r\nb"'),
        (2, ["2", "x"], False, "2,x"),
    ]


def test_a_quote_that_never_closes_costs_one_line(things):
    text = 'id,name\n1,a\n2,"b\n3,c\n4,"d"\n'
    assert csv_records(text, things) == [
        (1, ["1", "a"], False, "1,a"),
        (2, ["2", None], True, '2,"b'),
        (3, ["3", "c"], False, "3,c"),
        (4, ["4", "d"], False, '4,"d"'),
    ]


def test_a_short_record_gives_its_fields_but_for_the_last_and_a_long_one_none(things):
    text = "id,name,size\n1,a\n2\n3,a,b,c\n"
    assert [record[1] for record in csv_records(text, things)] == [["1", None, None], [None] * 3, [None] * 3]


def test_a_header_without_the_key_shows_what_was_found(things):
    with pytest.raises(RefusedFileError, match=r"line 1: key column id of shop.things not found; found name, nom"):
        CsvRecords(io.BytesIO(b"nom,name\n"), things)


FIELDS = ["x", "", '"q"', '"a,b"', '"a""b"', '"l1\nl2"', 'a"b', '"a"b', '"open', ' "s"', '"s" ', "é", '""', '\\"']
FIELDS += ['"l\r\nx"', " ", '" "', '"""x"""', "#", "\t", "'", '"a, ""b"", c"', ' ""b"', ' """b"', '"a ""b"" c"']


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_the_engines_reader_and_ours_agree_on_every_file(shop, monkeypatch, data):
    width = st.sampled_from([3] * 20 + [1, 2, 4])
    row = width.flatmap(lambda n: st.lists(st.sampled_from(FIELDS[:3] * 8 + FIELDS), min_size=n, max_size=n))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]) | st.just("\n"))
    rows = data.draw(st.lists(row, max_size=5))
    text = end.join(["id,name,other", *[",".join(fields) for fields in rows]]) + data.draw(st.sampled_from(["", end]))
    shop.put("shop/things/2025-01-01T060000Z.csv", text)
    contract = load(shop.project)
    (file,), _ = find(shop.extracts, contract)
    connection = duckdb.connect()
    outcomes = []
    for smallest in (0, 1 << 40):
        monkeypatch.setattr(loading, "_LARGE_CSV", smallest)
        loader = loading.Loading(connection, Typing(file.table, contract), contract)
        loaded = loading.LoadedFile(0, file, "")
        loader.start([loaded], None)
        loader.load(loaded)
        loader.finish([loaded], None, None)
        outcomes.append(
            (
                loaded.refusal,
                connection.execute("select * from incoming order by all").fetchall(),
                connection.execute("select * from rejected order by all").fetchall(),
            )
        )
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ('a,"b, ""c"" d"\n', True),
        ('a, "b"\n', False),
        ('a,"b" \n', False),
        ('a,b,""\n', False),
        ("a,b\rc,d\n", False),
        ("a,b\r\nc,d\r\n", True),
        ("a\0,b\n", False),
    ],
)
def test_csv_that_the_two_readers_split_differently_is_not_plain(text, is_plain):
    assert is_plain_csv(text.encode()) is is_plain
