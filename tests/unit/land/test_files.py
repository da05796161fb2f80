from datetime import UTC, datetime, timedelta

import pytest

from metrics_py.errors import UnusableInputError
from metrics_py.land.contract import load
from metrics_py.land.files import by_table, content_hash, find, time_in

SIX = datetime(2025, 1, 31, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    [
        "2025-01-31T060000Z.jsonl",
        "notes-2025-01-31T06:00:00Z.csv",
        "2025-01-31T06-00-00Z-part-2.jsonl",
        "notes_20250131T060000Z.parquet",
        "20250131060000.csv",
        "2025_01_31_06_00_00.csv",
        "2025-01-31T06:00Z.csv",
        "2025-01-30T230000-0700.csv",
        "2025-01-31 06:00:00.csv",
        "2024-12-01_to_2025-01-31T060000Z.csv",
        "2025-01-31T060000Z-20240101.csv",
        "1738303200.csv",
        "2025_1738303200000_0.csv",
        "2025-01-31T060000Z/part-0.parquet",
    ],
)
def test_times_are_found_in_names_as_loaders_write_them(name):
    assert time_in(name, "UTC", "America/Phoenix") == (SIX, SIX)


def test_a_time_without_offset_is_in_the_sources_zone():
    instant, _ = time_in("2025-01-31T070000.csv", "Europe/Berlin", "UTC")
    assert instant == SIX


def test_a_bare_date_is_the_organisations_midnight_and_may_mean_any_moment_of_that_day():
    start, until = time_in("notes-2025-01-31.csv", "UTC", "America/Phoenix")
    assert start == datetime(2025, 1, 31, 7, tzinfo=UTC)
    assert until - start == timedelta(days=1)


@pytest.mark.parametrize(
    "name", ["notes.csv", "notes-2025-13-31.csv", "part-12345678901234.csv", "v2.csv", "0150-01-31"]
)
def test_names_without_a_time_have_none(name):
    assert time_in(name, "UTC", "UTC") is None


def test_milliseconds_in_a_name_are_kept():
    instant, _ = time_in("2025-01-31T060000.250Z.csv", "UTC", "UTC")
    assert instant == SIX + timedelta(milliseconds=250)


def test_hidden_files_and_files_of_loaders_are_passed_over(shop):
    for name in (".DS_Store", "_SUCCESS", "shop/things/.tmp.csv", "shop/things/_manifest.csv", "shop/_logs/a.csv"):
        shop.put(name, "x")
    shop.put("shop/things/2025-01-01T060000Z.csv", "id\n1\n")
    files, refused = find(shop.extracts, load(shop.project))
    assert [file.name for file in files] == ["shop/things/2025-01-01T060000Z.csv"]
    assert refused == []


def test_a_folder_that_holds_an_extracts_folder_will_do(shop):
    shop.put("shop/things/2025-01-01T060000Z.csv", "id\n1\n")
    files, _ = find(shop.extracts.parent, load(shop.project))
    assert [file.name for file in files] == ["shop/things/2025-01-01T060000Z.csv"]


def test_no_folder_is_an_error_that_says_what_to_name(shop):
    with pytest.raises(UnusableInputError, match=r"no extracts folder at .*nowhere; name the folder that holds"):
        find(shop.extracts / "nowhere", load(shop.project))


def test_an_unknown_table_is_refused_once_however_many_files_it_has(shop):
    for day in range(1, 5):
        shop.put(f"shop/thing/2025-01-0{day}.csv", "id\n1\n")
    _, refused = find(shop.extracts, load(shop.project))
    assert [(file.file, "did you mean 'things'" in file.message) for file in refused] == [("shop/thing", True)]


def test_an_extract_outside_a_tables_folder_is_refused(shop):
    shop.put("shop/2025-01-01T060000Z.csv", "id\n1\n")
    _, (refused,) = find(shop.extracts, load(shop.project))
    assert "is not in a table's folder; extracts belong in <source>/<table>/<file>" in refused.message


def test_files_of_a_table_come_in_order_of_time_then_name_and_those_without_time_last(shop):
    names = ["2025-01-02.csv", "b-2025-01-01.csv", "a-2025-01-01.csv", "a.csv"]
    for name in names:
        shop.put(f"shop/things/{name}", "id\n1\n")
    files, _ = find(shop.extracts, load(shop.project))
    ((_, ordered),) = by_table(files)
    assert [file.path.name for file in ordered] == ["a-2025-01-01.csv", "b-2025-01-01.csv", "2025-01-02.csv", "a.csv"]


def test_the_content_hash_is_that_of_the_bytes(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert content_hash(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
