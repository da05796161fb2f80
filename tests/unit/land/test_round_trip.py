"""The same records land as the same rows whatever form they come in, and the newest of each key stands."""

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from tests.unit.land.conftest import Shop

NAME = "shop/things/2025-02-01T060000Z"
COLUMNS = ("id", "name", "size", "weight", "price", "is_new", "made_on", "updated_at")
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2025, 1, 31)).map(lambda moment: moment.replace(microsecond=0))
records = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from("abcdef") | texts.filter(str.strip),
            "name": st.none() | texts.filter(str.strip),
            "size": st.none() | st.integers(-(2**63), 2**63 - 1),
            "weight": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "price": st.none() | st.decimals(-(10**9), 10**9, places=2),
            "is_new": st.none() | st.booleans(),
            "made_on": st.none() | st.dates(date(1900, 1, 1), date(2025, 1, 31)),
            "updated_at": st.none() | instants,
        }
    ),
    min_size=1,
    max_size=12,
)


def as_text(value: Any) -> Any:
    """A value as a vendor writes it into a text file."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return str(value) if isinstance(value, date) or type(value).__name__ == "Decimal" else value


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps({name: as_text(row[name]) for name in row}) + "\n" for row in rows).encode()


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(COLUMNS)
    writer.writerows([as_text(row[name]) for name in COLUMNS] for row in rows)
    return written.getvalue().encode()


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    schema = {"id": pl.String, "name": pl.String, "size": pl.Int64, "weight": pl.Float64, "price": pl.Decimal(18, 2)}
    schema |= {"is_new": pl.Boolean, "made_on": pl.Date, "updated_at": pl.Datetime("us", "UTC")}
    sink = io.BytesIO()
    pl.DataFrame(rows, schema=schema).write_parquet(sink)
    return sink.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forms")


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=records, data=st.data())
def test_records_land_alike_from_every_form_and_the_newest_of_each_key_stands(
    folder: Path, project: Path, shop_at: type[Shop], rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    landed = []
    for form, write in (("jsonl", as_jsonl), ("csv", as_csv), ("parquet", as_parquet)):
        shop = shop_at(folder / f"{form}-{len(list(folder.iterdir()))}", project)
        shop.put(f"{NAME}.{form}", write(rows))
        report = shop.land()
        assert not report.refused
        found = shop.ask(f"select {', '.join(COLUMNS)}, _source_row from raw_shop.things order by all")
        rejected = shop.ask("select count(*) from raw.raw_quarantine where reason like 'duplicate of line%'")
        assert shop.ask("select count(*) from raw.raw_quarantine where reason not like 'duplicate%'") == [(0,)]
        landed.append((found, rejected))
    assert landed[1:] == landed[:1] * 2
    (found, rejected) = landed[0]
    standing: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        before = standing.get(row["id"])
        moments = (row["updated_at"], None if before is None else rows[before - 1]["updated_at"])
        if before is None or moments[1] is None or (moments[0] is not None and moments[0] >= moments[1]):
            standing[row["id"]] = number
    assert {row[0]: row[-1] for row in found} == standing
    assert rejected == [(len(rows) - len(standing),)]
    for row in found:
        written = rows[row[-1] - 1]
        for name, value in zip(COLUMNS, row[:-1], strict=True):
            assert value == (as_text(written[name]) if name == "updated_at" else written[name]), name
    # Which records come first decides nothing but ties.
    if len({(row["id"], row["updated_at"]) for row in rows}) == len(rows):
        shop = shop_at(folder / f"other-{len(list(folder.iterdir()))}", project)
        shop.put(f"{NAME}.jsonl", as_jsonl([rows[place] for place in order]))
        shop.land()
        again = shop.ask(f"select {', '.join(COLUMNS)} from raw_shop.things order by all")
        assert again == [row[:-1] for row in found]
