"""What an engine has to load after each landing; the rules of landing itself are tested beside landing."""

import json
from pathlib import Path

import pytest

from metrics_py.engines import raw
from metrics_py.land import land

PROJECT = Path(__file__).parents[3]
NOTES = ("raw_productboard", "notes")


@pytest.fixture
def store(tmp_path):
    """Land notes with a time and say which tables have changed for an engine that had loaded all before."""

    class Store:
        def __init__(self):
            self.loaded = {}

        def land(self, time, *rows, table="productboard/notes"):
            path = tmp_path / "extracts" / table / f"{time}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
            land(tmp_path / "extracts", tmp_path / "w.duckdb", project=PROJECT)

        def changes(self):
            with raw.landed(tmp_path / "w.duckdb") as landed:
                found = {}
                for change in raw.changes(landed, raw.raw_tables(landed), self.loaded):
                    rows = landed.sql(change.query).fetchall()
                    found[change.table.schema, change.table.name] = (change.is_addition, len(rows))
                    self.loaded[change.table.schema, change.table.name] = change.mark
            return found

    return Store()


def note(number, **fields):
    return {"id": f"n-{number}", "name": f"Note {number}", **fields}


def test_an_engine_that_holds_nothing_gets_every_raw_table_its_presence_and_the_two_logs(store):
    store.land("2025-03-03T060000Z", note(1), note(2))
    found = store.changes()
    assert found[NOTES] == (False, 2)
    assert found["raw_productboard", "notes__presence"] == (False, 2)
    assert found["raw", "raw_extracts"] == (False, 1)
    assert {name for schema, name in found if schema == "raw"} == {"raw_extracts", "raw_quarantine"}
    assert not any(name.endswith("__runs") for _, name in found)


def test_nothing_is_loaded_again_when_nothing_has_landed(store):
    store.land("2025-03-03T060000Z", note(1))
    store.changes()
    store.land("2025-03-03T060000Z", note(1))
    assert store.changes() == {}


def test_of_a_newer_extract_only_the_new_versions_are_loaded_and_other_tables_not_at_all(store):
    store.land("2025-03-03T060000Z", *map(note, range(5)))
    store.land("2025-03-03T060000Z", {"note_id": "n-1", "tag_name": "pain"}, table="productboard/note_tags")
    store.changes()
    store.land("2025-03-10T060000Z", *map(note, range(4)), note(4, archived=True), note(5))
    found = store.changes()
    assert found[NOTES] == (True, 2)
    assert {name for _, name in found} == {"notes", "notes__presence", "raw_extracts", "raw_quarantine"}


def test_an_older_extract_that_dates_rows_back_has_the_table_loaded_anew(store):
    store.land("2025-03-10T060000Z", note(1), note(2))
    store.changes()
    store.land("2025-03-03T060000Z", note(1))
    assert store.changes()[NOTES] == (False, 2)


def test_an_older_extract_with_rows_of_its_own_has_the_table_loaded_anew(store):
    store.land("2025-03-10T060000Z", note(1), note(2))
    store.changes()
    store.land("2025-03-03T060000Z", note(3))
    assert store.changes()[NOTES] == (False, 3)
