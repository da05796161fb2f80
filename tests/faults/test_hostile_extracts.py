"""Extracts made to do harm: what is not a record is refused or quarantined by name, and nothing else is touched."""

import gzip
import io
import json
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metrics_py.land import files, land

PROJECT = Path(__file__).parents[2]
TIME = "2025-03-03T060000Z"
NOTES, READINGS = "productboard/notes", "product_ops/feature_kpi_reading"
TWO = b'{"id": "n-1"}\n{"id": "n-2"}\n'
INJECTION = "n'); drop table raw_productboard.notes; --"


@pytest.fixture(scope="module")
def empty_warehouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    (folder / "extracts").mkdir()
    land(folder / "extracts", folder / "warehouse.duckdb", project=PROJECT)
    return folder / "warehouse.duckdb"


@pytest.fixture
def landed(tmp_path, empty_warehouse):
    """Land files, given by name, and ask the warehouse."""
    shutil.copy(empty_warehouse, tmp_path / "warehouse.duckdb")

    def go(contents):
        for name, content in contents.items():
            path = tmp_path / "extracts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        report = land(tmp_path / "extracts", tmp_path / "warehouse.duckdb", project=PROJECT)

        def ask(query):
            with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
                return connection.execute(query).fetchall()

        return report, ask

    return go


def parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def ids(ask):
    return [value for (value,) in ask("select id from raw_productboard.notes order by id")]


def test_sql_in_values_and_column_names_is_text(landed):
    row = json.dumps({"id": INJECTION, "name": "'; drop schema raw cascade; --", 'x"; drop table y; --': 1})
    header = b'id,"name","x"" ; drop table raw.raw_extracts; --"\nn-2,a,b\n'
    report, ask = landed({f"{NOTES}/{TIME}-1.jsonl": row.encode() + b"\n", f"{NOTES}/{TIME}-2.csv": header})
    assert not report.refused
    assert ids(ask) == [INJECTION, "n-2"]
    assert ask("select count(*) from raw.raw_extracts") == [(2,)]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("name", ['it\'s "q" \\ 😀\nnew;line', "[ab]*?", "id=evil"])
def test_strange_file_names_are_read_as_they_stand(landed, monkeypatch, name, ending):
    monkeypatch.setattr("metrics_py.land.csv_files._LARGE", 1)
    contents = {"jsonl": TWO, "csv": b"id\nn-1\nn-2\n", "parquet": parquet(id=["n-1", "n-2"])}
    other = {"jsonl": b'{"id": "n-3"}\n', "csv": b"id\nn-3\n", "parquet": parquet(id=["n-3"])}
    report, ask = landed(
        {
            f"{NOTES}/{name}/{TIME}-{name if '*' in name else 'x'}.{ending}": contents[ending],
            f"{NOTES}/{name}/{TIME}-axy.{ending}": other[ending],
        }
    )
    assert not report.refused
    assert ids(ask) == ["n-1", "n-2", "n-3"]


def test_a_file_name_that_is_not_text_is_refused_in_letters_that_can_be_shown(landed, tmp_path):
    folder = tmp_path / "extracts" / NOTES
    folder.mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(folder) + f"/{TIME}-".encode() + b"\xff.jsonl")).write_bytes(TWO)
    report, ask = landed({f"{NOTES}/{TIME}.jsonl": b'{"id": "n-3"}\n'})
    assert [str(file) for file in report.refused] == [
        f"{NOTES}/{TIME}-\\xff.jsonl: its name is not valid UTF-8; rename it"
    ]
    assert ids(ask) == ["n-3"]


def test_links_that_lead_outside_the_extracts_folder_are_refused(landed, tmp_path):
    secret = tmp_path / "secret.jsonl"
    secret.write_bytes(b'{"id": "secret"}\n')
    folder = tmp_path / "extracts" / NOTES
    folder.mkdir(parents=True)
    (folder / f"{TIME}-link.jsonl").symlink_to(secret)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / f"{TIME}.jsonl").write_bytes(b'{"id": "secret"}\n')
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    report, ask = landed({f"{NOTES}/{TIME}.jsonl": TWO})
    assert all("outside the extracts folder; copy the file itself there" in file.message for file in report.refused)
    assert report.refused
    assert ids(ask) == ["n-1", "n-2"]


def test_archives_are_refused_whatever_they_are_called_and_no_member_is_written(landed, tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../../escaped.jsonl", TWO)
    tape = io.BytesIO()
    with tarfile.open(fileobj=tape, mode="w") as archive:
        member = tarfile.TarInfo("../../../escaped.jsonl")
        member.size = len(TWO)
        archive.addfile(member, io.BytesIO(TWO))
    report, ask = landed(
        {
            f"{NOTES}/{TIME}.zip": packed.getvalue(),
            f"{NOTES}/{TIME}.tar": tape.getvalue(),
            f"{NOTES}/{TIME}.tar.gz": gzip.compress(tape.getvalue()),
            f"{NOTES}/{TIME}-1.jsonl": packed.getvalue(),
            f"{NOTES}/{TIME}-2.csv": tape.getvalue(),
            f"{NOTES}/{TIME}-3.jsonl.gz": gzip.compress(tape.getvalue()),
            f"{NOTES}/{TIME}-4.csv.gz": gzip.compress(packed.getvalue()),
        }
    )
    assert len(report.refused) == 7
    assert ids(ask) == []
    assert not list(tmp_path.rglob("escaped*"))


@pytest.mark.parametrize(
    ("ending", "start", "piece"),
    [
        ("jsonl", b"", b'{"id": "n-1"}\n'),
        ("jsonl", b'{"id": "', b"aaaaaaaaaaaaaa"),
        ("csv", b"id\n", b"n-1\nn-2\nn-3\n"),
        ("csv", b'id\n"', b"aaaaaaaaaaaaaa"),
    ],
)
def test_a_gzip_file_that_grows_without_end_is_refused(landed, monkeypatch, ending, start, piece):
    monkeypatch.setattr(files, "_BIG", 1 << 20)
    bomb = gzip.compress(start + piece * 300_000)
    report, ask = landed({f"{NOTES}/{TIME}.{ending}.gz": bomb, f"{NOTES}/{TIME}-2.jsonl": TWO})
    assert [file.message.partition(",")[0] for file in report.refused] == [
        "it grows to more than 100 times its size when it is unpacked"
    ]
    assert ids(ask) == ["n-1", "n-2"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("jsonl", b"x\n" * 30), ("jsonl", b"{}\n" * 30), ("csv", b"id,name\n" + b"x\n" * 30)],
    ids=["no objects", "no keys", "short records"],
)
def test_a_file_of_nothing_but_bad_records_is_refused_before_it_fills_the_quarantine(
    landed, monkeypatch, name, content
):
    monkeypatch.setattr("metrics_py.land.incoming.MOST_REJECTED", 20)
    monkeypatch.setattr("metrics_py.land.json_lines.MOST_REJECTED", 20)
    monkeypatch.setattr("metrics_py.land.json_lines.BLOCK", 1)
    monkeypatch.setattr("metrics_py.land.csv_files.BLOCK", 50)
    report, ask = landed({f"{NOTES}/{TIME}.{name}": content})
    assert len(report.refused) == 1
    assert "more than 20 of its" in report.refused[0].message
    assert ask("select count(*) from raw.raw_quarantine") == [(0,)]


def test_a_header_with_an_open_quote_is_refused(landed):
    report, _ = landed({f"{NOTES}/{TIME}.csv": b'"id,name\nn-1,x\n'})
    assert "the quotes of the header do not pair up" in report.refused[0].message


def test_a_line_without_end_is_refused(landed, monkeypatch):
    monkeypatch.setattr("metrics_py.land.csv_records.LONGEST_RECORD", 1000)
    report, _ = landed({f"{NOTES}/{TIME}.csv": b"id,name\nn-1," + b"x" * 5000 + b"\n"})
    assert "a line is longer than 1,000 characters" in report.refused[0].message


def test_deep_nesting_bad_bytes_and_lone_surrogates_touch_no_other_record(landed):
    deep = b'{"id": "n-2", "name": ' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"
    unclosed = b'{"id": "n-3", "name": ' + b"[" * 200_000 + b"\n"
    bad = b'{"id": "n-4", "name": "\xff\xc0\x80"}\n{"id": "n-5", "name": "\\ud800"}\n'
    nul = b'{"id": "n-6", "name": "a\0b"}\n\0\0\n'
    report, ask = landed(
        {f"{NOTES}/{TIME}.jsonl": b'{"id": "n-1"}\n' + deep + unclosed + bad + nul + b'{"id": "n-9"}\n'}
    )
    assert not report.refused
    assert ids(ask) == ["n-1", "n-2", "n-9"]
    assert [row for (row,) in ask("select line from raw.raw_quarantine order by line")] == [3, 4, 5, 6, 7]


def test_of_two_members_of_one_name_the_first_counts(landed):
    _, ask = landed({f"{NOTES}/{TIME}.jsonl": b'{"id": "a", "name": "first", "id": "b", "name": "second"}\n'})
    assert ask("select id, name from raw_productboard.notes") == [("a", "first")]


def test_numbers_that_fit_nowhere_are_quarantined(landed):
    values = ["1e400", "9" * 400, "NaN", "Infinity", "-0", "1e-400"]
    rows = [
        f'{{"feature_id": "f", "kpi_id": "k{number}", "window_days": 30, "value": {value}, '
        '"measured_at": "2025-01-01T00:00:00Z"}'
        for number, value in enumerate(values)
    ]
    _, ask = landed({f"{READINGS}/{TIME}.jsonl": "\n".join(rows).encode()})
    assert ask("select kpi_id, value from raw_product_ops.feature_kpi_reading order by 1") == [("k4", 0.0), ("k5", 0.0)]
    assert ask("select count(*), count(distinct line) from raw.raw_quarantine where column_name = 'value'") == [(4, 4)]


def test_times_outside_the_calendar_are_quarantined_and_never_read_as_others(landed):
    times = [
        "9999-12-31T23:59:59Z",  # what some systems write for "never"
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "0000-01-01T00:00:00Z",
        "2025-01-01T00:00:00+99:99",
        "2025-01-01T00:00:00+05:75",
        "9999999999999999",
        "1e308",
    ]
    rows = [json.dumps({"id": f"n-{number}", "updated_at": time}) for number, time in enumerate(times)]
    _, ask = landed({f"productboard/features/{TIME}.jsonl": "\n".join(rows).encode()})
    assert ask("select id, updated_at from raw_productboard.features order by id") == [
        ("n-1", "0001-01-01T00:00:00Z"),
    ]
    assert ask("select count(*) from raw.raw_quarantine") == [(8,)]


def test_stamps_of_no_possible_extract_are_quarantined(landed):
    stamps = ["9999-12-31T23:59:59.999999-14:00", "0001-01-01T00:00:00Z", 1e308, {}, [1], True, "2025-01-01T00:00:00Z"]
    rows = [json.dumps({"id": f"n-{number}", "_extracted_at": stamp}) for number, stamp in enumerate(stamps)]
    _, ask = landed({f"{NOTES}/notes.jsonl": "\n".join(rows).encode()})
    assert ids(ask) == ["n-6"]
    assert ask("select line from raw.raw_quarantine order by line") == [(line,) for line in range(1, 7)]


def test_thousands_of_columns_and_endless_column_names_are_ignored(landed):
    row = {"id": "n-1", **{f"c{number}": number for number in range(5000)}, "c" * 100_000: 1}
    _, ask = landed({f"{NOTES}/{TIME}.jsonl": json.dumps(row).encode()})
    assert ids(ask) == ["n-1"]
    ((ignored,),) = ask("select ignored_columns from raw.raw_extracts")
    assert len(json.loads(ignored)) == 5001
