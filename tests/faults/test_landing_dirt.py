"""Every kind of dirt an extract can bring: what is wrong is in the quarantine by name, and nothing else is missing."""

import gzip
import io
import json
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metrics_py.land import land

PROJECT = Path(__file__).parents[2]
TIME = "2025-03-03T060000Z"
NOTES, TAGS, LINKS = "productboard/notes", "productboard/note_tags", "productboard/note_relationships"
FEATURES, STATUSES = "productboard/features", "productboard/feature_statuses"
HOOKS, ARR, READINGS = "productboard/webhook_events", "crm/account_arr", "product_ops/feature_kpi_reading"
CHECKINS = "product_ops/key_result_checkin"

TRUE_FALSE = "cannot be read as true or false (also yes/no, 1/0)"
WHOLE = "cannot be read as a whole number, e.g. 42"
INSTANT = (
    "cannot be read as an ISO time such as 2025-01-31T06:00:00Z (offset optional), a date, "
    "or epoch seconds or milliseconds"
)


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    (folder / "extracts").mkdir()
    land(folder / "extracts", folder / "warehouse.duckdb", project=PROJECT)
    return folder / "warehouse.duckdb"


@pytest.fixture
def landed(tmp_path, empty_warehouse):
    """Land files, given by name, and ask the warehouse."""
    shutil.copy(empty_warehouse, tmp_path / "warehouse.duckdb")

    def go(files, **options):
        for name, content in files.items():
            path = tmp_path / "extracts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        report = land(tmp_path / "extracts", tmp_path / "warehouse.duckdb", project=PROJECT, **options)
        return report, lambda query: _ask(tmp_path / "warehouse.duckdb", query)

    return go


def _ask(warehouse, query):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def note(number, **fields):
    return {"id": f"n-{number}", "name": f"Note {number}", **fields}


def parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


THREE = [("n-1", "Note 1"), ("n-2", "Note 2"), ("n-3", "Note 3")]
ID_NAME = f"select id, name from raw_{NOTES.replace('/', '.')} order by all"

# kind -> (files, query, rows it gives, quarantine: file, line, column, value, reason, record)
DIRT = {
    "a byte-order mark before JSON lines": (
        {f"{NOTES}/{TIME}.jsonl": "\ufeff" + lines(note(1), note(2), note(3))},
        ID_NAME,
        THREE,
        [],
    ),
    "a byte-order mark before CSV": (
        {f"{NOTES}/{TIME}.csv": "\ufeffid,name\nn-1,Note 1\nn-2,Note 2\nn-3,Note 3\n"},
        ID_NAME,
        THREE,
        [],
    ),
    "embedded newlines": (
        {f"{NOTES}/{TIME}.csv": 'id,name\nn-1,"one\ntwo\n\nthree"\nn-2,Note 2\nn-3,\n'},
        "select id, name, _source_row from raw_productboard.notes order by all",
        [("n-1", "one\ntwo\n\nthree", 1), ("n-2", "Note 2", 2), ("n-3", None, 3)],
        [],
    ),
    "embedded quotes": (
        {f"{NOTES}/{TIME}.csv": 'id,name\nn-1,"say ""hi"", twice"\nn-2,5" screen\n'},
        ID_NAME,
        [("n-1", 'say "hi", twice'), ("n-2", '5" screen')],
        [],
    ),
    "CRLF in CSV": (
        {f"{NOTES}/{TIME}.csv": 'id,name\r\nn-1,Note 1\r\nn-2,Note 2\r\nn-3,"Note 3"\r\n'},
        ID_NAME,
        THREE,
        [],
    ),
    "CRLF and blank lines in JSON lines": (
        {f"{NOTES}/{TIME}.jsonl": lines(note(1), note(2)).replace("\n", "\r\n") + "\r\n \n" + lines(note(3))},
        "select id, _source_row from raw_productboard.notes order by all",
        [("n-1", 1), ("n-2", 2), ("n-3", 5)],
        [],
    ),
    "a zero-byte file": (
        {f"{NOTES}/2025-02-24T060000Z.jsonl": lines(note(1)), f"{NOTES}/{TIME}.jsonl": ""},
        "select id, last_seen_extract = (select max(extracted_at) from raw.raw_extracts where table_name = 'notes') "
        "from raw_productboard.notes__presence inner join raw_productboard.notes using (_row_hash)",
        [("n-1", True)],
        [],
    ),
    "a header without rows": (
        {f"{NOTES}/2025-02-24T060000Z.csv": "id,name\nn-1,Note 1\n", f"{NOTES}/{TIME}.csv": "id,name\n"},
        "select id, last_seen_extract < (select max(extracted_at) from raw.raw_extracts where is_full) "
        "from raw_productboard.notes__presence inner join raw_productboard.notes using (_row_hash)",
        [("n-1", True)],
        [],
    ),
    "a truncated last line of JSON": (
        {f"{NOTES}/{TIME}.jsonl": lines(note(1), note(2)) + '{"id": "n-3", "na'},
        ID_NAME,
        THREE[:2],
        [(3, None, None, "not valid JSON: the line ends before the object does", '{"id": "n-3", "na')],
    ),
    "a truncated last line of CSV": (
        {f"{NOTES}/{TIME}.csv": 'id,name,content\nn-1,Note 1,x\nn-2,Note 2,"a, b"\nn-3,"Not'},
        ID_NAME,
        THREE[:2],
        [(3, None, None, "its quotes do not pair up, so its fields cannot be told apart", 'n-3,"Not')],
    ),
    "a stray quote in the middle": (
        {f"{NOTES}/{TIME}.csv": 'id,name\nn-1,Note 1\nn-9,"Note\nn-2,Note 2\nn-3,"Note 3"\n'},
        ID_NAME,
        THREE,
        [(2, None, None, "its quotes do not pair up, so its fields cannot be told apart", 'n-9,"Note')],
    ),
    "a row with too few and one with too many fields": (
        {f"{NOTES}/{TIME}.csv": "id,name,content\nn-1,Note 1,x\nn-8,Note\nn-9,a,b,c\nn-2,Note 2,y\n"},
        ID_NAME,
        THREE[:2],
        [
            (2, None, None, "has 2 fields; the header names 3", "n-8,Note"),
            (3, None, None, "has 4 fields; the header names 3", "n-9,a,b,c"),
        ],
    ),
    "bytes that are not UTF-8": (
        {
            f"{NOTES}/{TIME}.jsonl": lines(note(1)).encode()
            + b'{"id": "n-9", "name": "caf\xe9"}\n'
            + lines(note(2)).encode()
        },
        ID_NAME,
        THREE[:2],
        [(2, None, None, "not valid UTF-8", '{"id": "n-9", "name": "caf\ufffd"}')],
    ),
    "the same extract twice": (
        {f"{NOTES}/{TIME}.jsonl": lines(note(1)), f"{NOTES}/copy-of-{TIME}.jsonl": lines(note(1))},
        "select id, (select count(*) from raw.raw_extracts) from raw_productboard.notes",
        [("n-1", 1)],
        [],
    ),
    "overlapping incremental extracts": (
        {
            f"{HOOKS}/2025-03-02T060000Z.jsonl": lines(
                {"delivery_id": "d-1", "received_at": "2025-03-01T00:00:00Z", "event_type": "e", "entity_id": "n"},
                {"delivery_id": "d-2", "received_at": "2025-03-02T00:00:00Z", "event_type": "e", "entity_id": "n"},
            ),
            f"{HOOKS}/{TIME}.jsonl": lines(
                {"delivery_id": "d-2", "received_at": "2025-03-02T00:00:00Z", "event_type": "e", "entity_id": "n"},
                {"delivery_id": "d-3", "received_at": "2025-03-02T08:00:00Z", "event_type": "e", "entity_id": "n"},
            ),
        },
        "select delivery_id, day(_extracted_at) from raw_productboard.webhook_events order by all",
        [("d-1", 2), ("d-2", 2), ("d-3", 3)],
        [],
    ),
    "late rows for an old day": (
        {
            f"{HOOKS}/2025-03-02T060000Z.jsonl": lines(
                {"delivery_id": "d-1", "received_at": "2025-03-01T00:00:00Z", "event_type": "e", "entity_id": "n"}
            ),
            f"{HOOKS}/{TIME}.jsonl": lines(
                {"delivery_id": "d-0", "received_at": "2024-12-24T00:00:00Z", "event_type": "e", "entity_id": "n"}
            ),
        },
        "select delivery_id, received_at from raw_productboard.webhook_events order by all",
        [("d-0", "2024-12-24T00:00:00Z"), ("d-1", "2025-03-01T00:00:00Z")],
        [],
    ),
    "duplicate keys, one newer": (
        {
            f"{NOTES}/{TIME}.jsonl": lines(
                note(1, updated_at="2025-03-02T00:00:00Z", content="new"),
                note(1, updated_at="2025-03-01T00:00:00Z", content="old"),
                note(2),
            )
        },
        "select id, content from raw_productboard.notes order by all",
        [("n-1", "new"), ("n-2", None)],
        [(2, None, None, "duplicate of line 1 (same id)", None)],
    ),
    "duplicate keys without a time": (
        {f"{TAGS}/{TIME}.csv": "note_id,tag_id,tag_name\nn-1,t-1,pain\nn-1,t-2,idea\nn-1,t-1,Pain\n"},
        "select note_id, tag_id, tag_name from raw_productboard.note_tags order by all",
        [("n-1", "t-1", "Pain"), ("n-1", "t-2", "idea")],
        [(1, None, None, "duplicate of line 3 (same note_id, tag_id)", "n-1,t-1,pain")],
    ),
    "orphan links": (
        {
            f"{LINKS}/{TIME}.csv": "note_id,relationship_type,target_type,target_id\n"
            "nobody,link,feature,nothing\nn-1,customer,company,gone\n"
        },
        "select note_id, target_id from raw_productboard.note_relationships order by all",
        [("n-1", "gone"), ("nobody", "nothing")],
        [],
    ),
    "links cut at the first page": (
        {
            f"{LINKS}/2025-02-24T060000Z.csv": "note_id,relationship_type,target_type,target_id\n"
            + "".join(f"n-{number},link,feature,f-1\n" for number in range(150)),
            f"{LINKS}/{TIME}.csv": "note_id,relationship_type,target_type,target_id\n"
            + "".join(f"n-{number},link,feature,f-1\n" for number in range(100)),
        },
        "select day(last_seen_extract), count(*) from raw_productboard.note_relationships__presence "
        "group by 1 order by 1",
        [(3, 100), (24, 50)],
        [],
    ),
    "time zones with and without offset": (
        {
            f"{NOTES}/{TIME}.jsonl": lines(
                note(1, created_at="2025-01-31T14:00:00+0800"),
                note(2, created_at="2025-01-31 06:00:00+00:00"),
                note(3, created_at="2025-01-31T06:00:00.250-07"),
                note(4, created_at="2025-01-31 06:00:00"),
                note(5, created_at="2025-01-31"),
                note(6, created_at="2025-01-31T06:00Z"),
            )
        },
        "select id, created_at from raw_productboard.notes order by all",
        [
            ("n-1", "2025-01-31T06:00:00Z"),
            ("n-2", "2025-01-31T06:00:00Z"),
            ("n-3", "2025-01-31T13:00:00.250000Z"),
            ("n-4", "2025-01-31T06:00:00"),
            ("n-5", "2025-01-31"),
            ("n-6", "2025-01-31T06:00:00Z"),
        ],
        [],
    ),
    "times that cannot be read": (
        {
            f"{NOTES}/{TIME}.jsonl": lines(
                note(1),
                note(7, created_at="31/01/2025"),
                note(8, created_at="2025-02-30T00:00:00Z"),
                note(9, created_at=20250131),
            )
        },
        ID_NAME,
        THREE[:1],
        [
            (2, "created_at", "31/01/2025", INSTANT, None),
            (3, "created_at", "2025-02-30T00:00:00Z", INSTANT, None),
            (4, "created_at", "20250131", INSTANT, None),
        ],
    ),
    "dates as none": (
        {f"{FEATURES}/{TIME}.csv": "id,timeframe_start_date,timeframe_end_date\nf-1,none,\nf-2,2025-01-01,None\n"},
        "select id, timeframe_start_date::varchar, timeframe_end_date from raw_productboard.features order by all",
        [("f-1", None, None), ("f-2", "2025-01-01", None)],
        [],
    ),
    "epoch seconds and milliseconds": (
        {f"{NOTES}/{TIME}.jsonl": lines(note(1, created_at=1738303200), note(2, created_at="1738303200500"))},
        "select id, created_at from raw_productboard.notes order by all",
        [("n-1", "2025-01-31T06:00:00Z"), ("n-2", "2025-01-31T06:00:00.500000Z")],
        [],
    ),
    "numbers and truth values as text": (
        {
            f"{READINGS}/{TIME}.jsonl": lines(
                {
                    "feature_id": "f",
                    "kpi_id": "k",
                    "window_days": "30",
                    "value": "0.5",
                    "is_final": "1",
                    "measured_at": "2025-01-31T06:00:00Z",
                },
                {
                    "feature_id": "f",
                    "kpi_id": "k",
                    "window_days": 60.0,
                    "value": "1e3",
                    "is_final": "False",
                    "measured_at": "2025-01-31T06:00:00Z",
                },
            )
        },
        "select window_days, value, is_final from raw_product_ops.feature_kpi_reading order by all",
        [(30, 0.5, True), (60, 1000.0, False)],
        [],
    ),
    "numbers and truth values that are none": (
        {
            f"{STATUSES}/{TIME}.csv": "id,name,completed,position\ns-1,A,true,1\ns-2,B,maybe,2\ns-3,C,no,2.5\n"
            "s-4,D,,99999999999999999999\n"
        },
        "select id from raw_productboard.feature_statuses",
        [("s-1",)],
        [
            (2, "completed", "maybe", TRUE_FALSE, "s-2,B,maybe,2"),
            (3, "position", "2.5", WHOLE, "s-3,C,no,2.5"),
            (4, "position", "99999999999999999999", WHOLE, "s-4,D,,99999999999999999999"),
        ],
    ),
    "unknown tags and statuses": (
        {
            f"{TAGS}/{TIME}.csv": "note_id,tag_id,tag_name\nn-1,t-1,whatever\n",
            f"{FEATURES}/{TIME}.jsonl": lines({"id": "f-1", "status_id": "st-new", "status_name": "Parked"}),
        },
        "select tag_name from raw_productboard.note_tags union all select status_name from raw_productboard.features",
        [("whatever",), ("Parked",)],
        [],
    ),
    "a renamed status": (
        {
            f"{STATUSES}/2025-02-24T060000Z.csv": "id,name\nst-launched,Launched\n",
            f"{STATUSES}/{TIME}.csv": "id,name\nst-launched,Released\n",
        },
        "select name, day(first_seen_extract), day(last_seen_extract), day(previous_extract) "
        "from raw_productboard.feature_statuses__presence "
        "inner join raw_productboard.feature_statuses using (_row_hash) order by all",
        [("Launched", 24, 24, None), ("Released", 3, 3, 24)],
        [],
    ),
    "a re-opened card": (
        {
            f"{FEATURES}/2025-03-0{day}T060000Z.jsonl": lines({"id": "f-1", "status_id": status})
            for day, status in enumerate(["planned", "launched", "planned"], start=1)
        },
        "select status_id, day(first_seen_extract), day(last_seen_extract), day(previous_extract) "
        "from raw_productboard.features__presence inner join raw_productboard.features using (_row_hash) order by 2",
        [("planned", 1, 1, None), ("launched", 2, 2, 1), ("planned", 3, 3, 2)],
        [],
    ),
    "times later than the extract": (
        {
            f"{CHECKINS}/{TIME}.jsonl": lines(
                {"key_result_id": "k", "observed_on": "2025-03-02", "recorded_at": "2025-03-03T06:00:00Z"},
                {"key_result_id": "k", "observed_on": "2025-03-03", "recorded_at": "2025-03-02"},
                {"key_result_id": "k", "observed_on": "2025-03-01", "recorded_at": "2025-03-03T06:00:01Z"},
                {
                    "key_result_id": "k",
                    "observed_on": "2025-03-01",
                    "recorded_at": "2025-03-03",
                    "override_expires_on": "2030-01-01",
                },
                {
                    "key_result_id": "k",
                    "observed_on": "2025-03-01",
                    "recorded_at": "2025-03-03T05:59:59",
                    "override_expires_on": "2030-01-01",
                },
            )
        },
        "select _source_row from raw_product_ops.key_result_checkin order by all",
        [(1,), (5,)],
        [
            (2, "observed_on", "2025-03-03", "later than its extract, 2025-03-03T06:00:00Z", None),
            (3, "recorded_at", "2025-03-03T06:00:01Z", "later than its extract, 2025-03-03T06:00:00Z", None),
            (4, "recorded_at", "2025-03-03", "later than its extract, 2025-03-03T06:00:00Z", None),
        ],
    ),
    "Unicode and mixed-case tags": (
        {
            f"{TAGS}/{TIME}.jsonl": lines(
                *[{"note_id": "n", "tag_id": tag, "tag_name": tag} for tag in ("DOLOR", "Páin", "痛み")]
            )
        },
        "select tag_name from raw_productboard.note_tags order by all",
        [("DOLOR",), ("Páin",), ("痛み",)],
        [],
    ),
    "an empty required field": (
        {f"{TAGS}/{TIME}.csv": "note_id,tag_id,tag_name\nn-1,t-1,pain\nn-1,,pain\n"},
        "select tag_id from raw_productboard.note_tags",
        [("t-1",)],
        [(2, "tag_id", None, "empty, but every record needs it", "n-1,,pain")],
    ),
    "a month that is not one, and another currency": (
        {
            f"{ARR}/{TIME}.csv": "account_id,month,arr_amount,currency\na-1,2025-01-01,1200.50,USD\n"
            "a-2,2025-01-31,1200,USD\na-3,2025-01-01,1200,EUR\na-4,2025-02-01T00:00:00Z,10,usd\n"
        },
        "select account_id, month::varchar, arr_amount::varchar from raw_crm.account_arr order by all",
        [("a-1", "2025-01-01", "1200.50"), ("a-4", "2025-02-01", "10.00")],
        [
            (2, "month", "2025-01-31", "must be the first day of a month", "a-2,2025-01-31,1200,USD"),
            (
                3,
                "currency",
                "EUR",
                "must be USD, the organisation's currency (var org_currency); nothing is converted",
                "a-3,2025-01-01,1200,EUR",
            ),
        ],
    ),
    "rows stamped later than their file": (
        {
            f"{NOTES}/{TIME}.jsonl": lines(
                note(1, _extracted_at="2025-03-03T05:00:00Z"),
                note(9, _extracted_at="2025-03-03T07:00:00Z"),
                note(2),
                note(8, _extracted_at="soon"),
            )
        },
        ID_NAME,
        THREE[:2],
        [
            (
                2,
                "_extracted_at",
                "2025-03-03T07:00:00Z",
                "later than the time in its file's name, 2025-03-03T06:00:00Z",
                None,
            ),
            (4, "_extracted_at", "soon", INSTANT, None),
        ],
    ),
    "one stamp far in the future, in a file without a time": (
        {
            f"{TAGS}/{TIME}.csv": "note_id,tag_id\nn-1,t-1\n",
            f"{NOTES}/notes.jsonl": lines(
                note(1, _airbyte_extracted_at=1741010400000),
                note(2, _airbyte_extracted_at=1741010400000),
                note(9, _airbyte_extracted_at=4070908800000),
            ),
        },
        "select id, max(extracted_at)::varchar from raw_productboard.notes, raw.raw_extracts group by id order by id",
        [("n-1", "2025-03-03 14:00:00"), ("n-2", "2025-03-03 14:00:00")],
        [(3, "_extracted_at", "2099-01-01T00:00:00Z", "more than a day later than every other extract", None)],
    ),
    "other columns in another order": (
        {f"{NOTES}/{TIME}.csv": "colour,NAME, id \nred,Note 1,n-1\nblue,Note 2,n-2\ngreen,Note 3,n-3\n"},
        "select id, name, ignored_columns from raw_productboard.notes, raw.raw_extracts order by all",
        [(*row, '["colour"]') for row in THREE],
        [],
    ),
    "gzip": (
        {f"{NOTES}/{TIME}.jsonl.gz": gzip.compress(lines(note(1), note(2), note(3)).encode())},
        ID_NAME,
        THREE,
        [],
    ),
    "Parquet with a row that cannot be typed": (
        {
            f"{NOTES}/{TIME}.parquet": parquet(
                id=["n-1", "n-2", "n-3", "n-9"],
                name=["Note 1", "Note 2", "Note 3", "x"],
                processed=["true", None, "0", "perhaps"],
            )
        },
        ID_NAME,
        THREE,
        [(4, "processed", "perhaps", TRUE_FALSE, '{"id":"n-9","name":"x","processed":"perhaps"}')],
    ),
}


@pytest.mark.parametrize("kind", DIRT, ids=str)
def test_dirt_is_quarantined_by_name_and_nothing_else_is_missing(kind, landed):
    files, query, rows, quarantine = DIRT[kind]
    report, ask = landed(files)
    assert report.refused == []
    assert ask(query) == rows
    last = max(files)
    texts = {
        name: content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        for name, content in files.items()
    }
    expected = [
        (last, line, column, value, reason, record or texts[last].splitlines()[line - 1])
        for line, column, value, reason, record in quarantine
    ]
    found = ask("select file, line, column_name, value, reason, record from raw.raw_quarantine order by file, line")
    assert found == expected
    assert report.total().quarantined == len(expected)


REFUSED = {
    "a gzip name on plain text": (f"{NOTES}/{TIME}.jsonl.gz", lines(note(1)), "not a complete gzip file"),
    "a truncated gzip": (
        f"{NOTES}/{TIME}.csv.gz",
        gzip.compress(b"id,name\n" + b"n-1,Note 1\n" * 5000)[:-40],
        "not a complete gzip file",
    ),
    "JSON in a .csv": (
        f"{NOTES}/{TIME}.csv",
        lines(note(1)),
        "line 1: holds JSON, not CSV with a header; name it .jsonl",
    ),
    "CSV in a .jsonl": (
        f"{NOTES}/{TIME}.jsonl",
        "id,name\nn-1,Note 1\n",
        "line 1: not a JSON object, nor is any other",
    ),
    "a JSON array": (
        f"{NOTES}/{TIME}.jsonl",
        json.dumps([note(1)]),
        "line 1: holds a JSON array; write one JSON object",
    ),
    "text in a .parquet": (f"{NOTES}/{TIME}.parquet", "id,name\nn-1,Note 1\n", "not a readable Parquet file"),
    "Parquet in a .csv": (
        f"{NOTES}/{TIME}.csv",
        parquet(id=["n-1"]),
        "line 1: holds Parquet, not CSV; name it .parquet",
    ),
    "a truncated Parquet": (f"{NOTES}/{TIME}.parquet", parquet(id=["n-1"])[:-9], "not a readable Parquet file"),
    "binary junk": (f"{NOTES}/{TIME}.jsonl", bytes(range(256)) * 20, "line 1: holds binary data"),
    "UTF-16": (
        f"{NOTES}/{TIME}.csv",
        "id,name\nn-1,x\n".encode("utf-16"),
        "line 1: holds UTF-16 text, not CSV; write it",
    ),
    "semicolons": (
        f"{NOTES}/{TIME}.csv",
        "id;name\nn-1;x\n",
        "line 1: fields are separated by semicolons; export it with",
    ),
    "no key column": (
        f"{NOTES}/{TIME}.csv",
        "name,content\nx,y\n",
        "line 1: key column id of productboard.notes not found",
    ),
    "no key in any JSON line": (
        f"{NOTES}/{TIME}.jsonl",
        '{"name": "x"}\n',
        "line 1: key column id of productboard.notes",
    ),
    "a column named twice": (f"{NOTES}/{TIME}.csv", "id,name,id\na,b,c\n", "line 1: the header names id twice"),
    "no time anywhere": (
        f"{NOTES}/notes.jsonl",
        lines(note(1)),
        "no extract time, neither in its name nor in its records",
    ),
    "only impossible times": (
        f"{NOTES}/notes.jsonl",
        lines(note(1, _extracted_at="2099-01-01T00:00:00Z")),
        "none of its records has an extract time that can be trusted",
    ),
    "another ending": (f"{NOTES}/{TIME}.xlsx", "x", "an extract ends in .jsonl, .csv, .jsonl.gz, .csv.gz or .parquet"),
    "an unknown table": (
        f"productboard/note/{TIME}.csv",
        "id\n1\n",
        "unknown table 'note' of productboard, did you mean",
    ),
    "an unknown source": (f"productbored/notes/{TIME}.csv", "id\n1\n", "unknown source 'productbored', did you mean"),
}


@pytest.mark.parametrize("kind", REFUSED, ids=str)
def test_a_file_that_is_not_what_its_name_says_is_refused_whole_and_the_others_land(kind, landed):
    name, content, message = REFUSED[kind]
    report, ask = landed({name: content, f"{TAGS}/{TIME}.csv": "note_id,tag_id\nn-1,t-1\n"})
    (refused,) = report.refused
    assert refused.file in (name, name.rpartition("/")[0])
    assert message in refused.message
    assert ask("select note_id from raw_productboard.note_tags") == [("n-1",)]
    assert ask("select file from raw.raw_extracts") == [(f"{TAGS}/{TIME}.csv",)]
    assert ask("select * from raw_productboard.notes") == []
    assert ask("select * from raw.raw_quarantine") == []
    again, _ = landed({})
    assert [file.message for file in again.refused] == [refused.message]
    assert again.known == 1


def test_a_refused_part_leaves_its_extract_unable_to_prove_a_deletion_until_it_is_mended(landed):
    first = {f"{NOTES}/2025-02-24T060000Z.jsonl": lines(note(1), note(2))}
    parts = {f"{NOTES}/{TIME}-1.jsonl": lines(note(1)), f"{NOTES}/{TIME}-2.csv": '{"id": "n-2"}'}
    current = (
        "select id, last_seen_extract >= (select max(extracted_at) from raw.raw_extracts where is_full) "
        "from raw_productboard.notes__presence inner join raw_productboard.notes using (_row_hash) order by all"
    )
    report, ask = landed(first | parts)
    assert len(report.refused) == 1
    assert ask(current) == [("n-1", True), ("n-2", True)]
    report, ask = landed({f"{NOTES}/{TIME}-2.csv": "id,name\nn-3,Note 3\n"})
    assert report.refused == []
    assert ask(current) == [("n-1", True), ("n-2", False), ("n-3", True)]
