import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from metrics_py.errors import WarehouseError
from metrics_py.land import TableReport, csv_files, json_lines, landing, records

JANUARY = "2025-01-01T060000Z"
ROWS = [
    {"id": "a", "name": 'one, "two"\nthree', "size": 1, "price": "12.50", "is_new": True, "made_at": "2024-12-31"},
    {
        "id": "b",
        "name": None,
        "size": None,
        "weight": 0.25,
        "made_on": "2024-12-30",
        "updated_at": "2024-12-31T05:00:00Z",
    },
    {"id": "ç", "name": "日本", "size": -3, "is_new": False, "made_at": "2024-12-31T06:00:00.5+01:00"},
    {"id": "", "name": "no key"},
    {"id": "d", "size": "large"},
]
COLUMNS = ["id", "name", "size", "weight", "price", "is_new", "made_on", "made_at", "updated_at"]


def jsonl(rows=ROWS):
    return "".join(json.dumps(row) + "\n" for row in rows)


def csv(rows=ROWS):
    def field(value):
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n') else text

    return "\n".join([",".join(COLUMNS), *[",".join(field(row.get(name)) for name in COLUMNS) for row in rows]]) + "\n"


def parquet(rows=ROWS):
    sink = pa.BufferOutputStream()
    columns = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in COLUMNS}
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


def landed(shop):
    rows = shop.ask("select * exclude (_source_file) from raw_shop.things order by all")
    return rows, shop.ask("select line, column_name, value, reason from raw.raw_quarantine order by all")


FORMS = {
    "jsonl": lambda: jsonl(),
    "csv": lambda: csv(),
    "parquet": parquet,
    "jsonl.gz": lambda: gzip.compress(jsonl().encode()),
    "csv.gz": lambda: gzip.compress(csv().encode()),
}


@pytest.mark.parametrize("smallest_large_csv", [0, 1 << 22])
@pytest.mark.parametrize("ending", FORMS)
def test_every_format_gives_the_same_rows_and_the_same_quarantine(
    ending, smallest_large_csv, shop_at, project, tmp_path, monkeypatch
):
    monkeypatch.setattr(csv_files, "_LARGE", smallest_large_csv)
    plain = shop_at(tmp_path / "plain", project)
    plain.put(f"shop/things/{JANUARY}.jsonl", jsonl())
    plain.land()
    other = shop_at(tmp_path / "other", project)
    other.put(f"shop/things/{JANUARY}.{ending}", FORMS[ending]())
    report = other.land()
    assert landed(other) == landed(plain)
    assert report.tables == [TableReport("shop", "things", files=1, landed=3, unchanged=0, quarantined=2)]


def test_typed_parquet_gives_what_text_gives(shop):
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.int32()),
            "size": pa.array([3.0, None], pa.float64()),
            "weight": pa.array([float("nan"), 0.5]),
            "made_on": pa.array([datetime(2024, 12, 31), None], pa.date32()),
            "made_at": pa.array([datetime(2024, 12, 31, 5, tzinfo=UTC), None], pa.timestamp("ms", "Asia/Tokyo")),
            "updated_at": pa.array([datetime(2024, 12, 31, 5), None], pa.timestamp("ns")),
            "name": pa.array([["x", "y"], None]),
            "is_new": pa.array([True, False]),
            "price": pa.array(["1.5", None]).cast(pa.decimal128(9, 3)),
        }
    )
    pq.write_table(table, shop.put(f"shop/things/{JANUARY}.parquet", ""))
    shop.land()
    assert shop.quarantine() == []
    found = shop.ask(
        "select id, size, weight, made_on::varchar, made_at, updated_at, name, is_new, price::varchar "
        "from raw_shop.things order by id"
    )
    assert found == [
        ("1", 3, None, "2024-12-31", "2024-12-31T05:00:00Z", "2024-12-31T05:00:00", '["x","y"]', True, "1.50"),
        ("2", None, 0.5, None, None, None, None, False, None),
    ]


def test_landing_again_changes_nothing(shop):
    shop.put(f"shop/things/{JANUARY}.jsonl", jsonl())
    shop.land()
    tables = ("raw.raw_extracts", "raw.raw_quarantine", "raw.unread_keys", "raw_shop.things", "raw_shop.things__runs")
    before = [shop.ask(f"select * from {table} order by all") for table in tables]
    report = shop.land()
    assert (report.known, report.tables) == (1, [])
    assert [shop.ask(f"select * from {table} order by all") for table in tables] == before


def test_a_large_file_read_in_many_blocks_gives_what_one_block_gives(shop_at, project, tmp_path, monkeypatch):
    rows = [{"id": f"r-{number}", "size": number} for number in range(500)]
    rows[123]["size"] = "bad"
    text = jsonl(rows).replace('"r-77"', '"r-77').encode().replace(b'"r-200"', b'"\xff"')
    whole = shop_at(tmp_path / "whole", project)
    whole.put(f"shop/things/{JANUARY}.jsonl", text)
    whole.land()
    monkeypatch.setattr(records, "BLOCK", 1000)
    monkeypatch.setattr(json_lines, "BLOCK", 1000)
    pieces = shop_at(tmp_path / "pieces", project)
    pieces.put(f"shop/things/{JANUARY}.jsonl", text)
    pieces.land()
    assert landed(pieces) == landed(whole)
    assert [line for line, *_ in landed(whole)[1]] == [78, 124, 201]


def test_a_csv_file_read_in_many_pieces_gives_what_one_piece_gives(shop_at, project, tmp_path, monkeypatch):
    text = "id,name,size\n" + "".join(f'r-{number},"a\nb",{number}\n' for number in range(50)) + 'r-x,"b",many\nr-y,"'
    found = []
    for name, size in (("whole", 50_000), ("pieces", 7)):
        monkeypatch.setattr(csv_files, "_RECORDS", size)
        shop = shop_at(tmp_path / name, project)
        shop.put(f"shop/things/{JANUARY}.csv", text)
        shop.land()
        found.append(landed(shop))
    assert found[0] == found[1]
    assert [line for line, *_ in found[1][1]] == [51, 52]


def test_batches_of_files_give_what_single_files_give(shop_at, project, tmp_path, monkeypatch):
    contents = ["12", "1", "13", "", "13", "123", "123", "2"]
    found = []
    for name, size in (("batches", 1 << 25), ("single", 1)):
        monkeypatch.setattr(landing, "_BATCH_BYTES", size)
        shop = shop_at(tmp_path / name, project)
        for day, keys in enumerate(contents, start=1):
            text = "id,value\n" + "".join(f"{key},{day // 3}\n" for key in keys)
            shop.put(f"shop/plain/2025-01-{day:02d}T060000Z.csv", text)
        shop.land()
        found.append((shop.presence("plain"), shop.ask("select * from raw.raw_extracts order by all")))
    assert found[0] == found[1]


def test_progress_is_told_after_every_file(shop):
    for day in (1, 2, 3):
        shop.put(f"shop/things/2025-01-0{day}T060000Z.csv", "id\na\n")
    told = []
    shop.land(progress=lambda *step: told.append(step))
    assert [step[:3] for step in told] == [(1, 3, "shop.things"), (2, 3, "shop.things"), (3, 3, "shop.things")]


def test_nothing_is_printed(shop, capfd):
    shop.put(f"shop/things/{JANUARY}.csv", "id\na\n")
    shop.land()
    assert capfd.readouterr() == ("", "")


def test_every_contract_table_exists_after_any_landing(shop):
    shop.land()
    assert shop.ask("select count(*) from raw_shop.things__presence") == [(0,)]
    assert shop.ask("select count(*) from raw_crm.account_arr") == [(0,)]


def test_a_file_without_a_time_takes_the_callers(shop):
    shop.put("shop/things/things.csv", "id,made_at\na,2025-01-01T05:00:00Z\nb,2025-01-01T07:00:00Z\n")
    report = shop.land(extracted_at=datetime(2025, 1, 1, 6))
    assert report.refused == []
    assert shop.ask("select id, _extracted_at from raw_shop.things") == [("a", datetime(2025, 1, 1, 6))]
    assert [row[1:3] for row in shop.quarantine()] == [(2, "made_at")]
    assert shop.land(extracted_at=datetime(2025, 1, 1, 6, tzinfo=UTC)).known == 1


def test_the_name_wins_over_the_callers_time_and_the_row_over_the_name(shop):
    shop.put(f"shop/events/{JANUARY}.csv", "id,_fivetran_synced\na,2025-01-01T05:00:00Z\nb,\n")
    shop.land(extracted_at=datetime(2026, 1, 1))
    assert shop.ask("select id, hour(_extracted_at), year(_extracted_at) from raw_shop.events order by id") == [
        ("a", 5, 2025),
        ("b", 6, 2025),
    ]


def test_a_bare_date_in_the_name_lets_events_of_that_day_stand(shop):
    shop.put("shop/things/2025-01-01.csv", "id,made_at\na,2025-01-01T20:00:00Z\nb,2025-01-02T08:00:00Z\n")
    shop.land()
    assert shop.ask("select id, _extracted_at from raw_shop.things") == [("a", datetime(2025, 1, 1, 7))]


def test_rows_of_an_incremental_extract_stand_at_their_own_times(shop):
    shop.put(
        "shop/events/2025-01-05T060000Z.csv",
        "id,value,_extracted_at\na,1,2025-01-01T00:00:00Z\na,2,2025-01-03T00:00:00Z\na,1,2025-01-04T00:00:00Z\n",
    )
    shop.land()
    assert shop.quarantine() == []
    assert shop.presence("events") == [("a", 1, 1, 1, None), ("a", 1, 4, 4, 3), ("a", 2, 3, 3, 1)]


def test_rows_of_a_full_extract_stand_at_the_files_time(shop):
    shop.put("shop/things/2025-01-05T060000Z.csv", "id,size,_extracted_at\na,1,2025-01-01T00:00:00Z\nb,1,\n")
    shop.land()
    assert shop.presence() == [("a", 1, 5, 5, None), ("b", 1, 5, 5, None)]


def test_a_warehouse_that_another_process_holds_is_named(shop):
    shop.land()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(shop.warehouse)!r}); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline()
        with pytest.raises(WarehouseError, match=rf"warehouse.duckdb is held by another process.*{holder.pid}"):
            shop.land()
    finally:
        holder.communicate(b"\n")


def test_a_warehouse_that_is_damaged_is_named_with_the_way_out(shop):
    shop.warehouse.write_text("this is no database, however long one looks at it" * 1000)
    with pytest.raises(WarehouseError, match=r"warehouse.duckdb .*move it away"):
        shop.land()


def test_a_warehouse_landed_under_another_contract_is_left_alone(shop):
    shop.land()
    with duckdb.connect(str(shop.warehouse)) as connection:
        connection.execute("drop view raw_shop.plain__presence; alter table raw_shop.plain drop column value")
    with pytest.raises(
        WarehouseError, match=r"was landed under another contract: it has the columns id, _extracted_at"
    ):
        shop.land()


def test_a_full_disk_is_told_with_the_way_out(shop, monkeypatch):
    shop.put(f"shop/things/{JANUARY}.csv", "id\na\n")

    def no_room(*_):
        raise duckdb.IOException("IO Error: could not write all bytes to file: No space left on device")

    monkeypatch.setattr("metrics_py.land.logs.Logs.write_extracts", no_room)
    with pytest.raises(
        WarehouseError, match=r"there is no room left to write .*; make room and run the same command again"
    ):
        shop.land()


def test_a_stop_in_the_middle_of_an_extract_leaves_nothing_of_it(shop, monkeypatch):
    shop.put(f"shop/things/{JANUARY}.csv", "id\na\n")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("metrics_py.land.logs.Logs.write_extracts", stop)
    with pytest.raises(KeyboardInterrupt):
        shop.land()
    assert shop.ask("select count(*) from raw_shop.things") == [(0,)]
    monkeypatch.undo()
    assert shop.land().total().landed == 1
