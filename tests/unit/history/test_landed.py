"""The raw records that the history keeps: in pieces, and yet what one piece would hold."""

import dataclasses
import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from metrics_py.history import History, Publish
from tests.unit.history.small import Feature, SmallCompany

FIRST = "product_ops/feature_kpi_reading/2025-10-01T060000Z.csv"
SECOND = "product_ops/feature_kpi_reading/2025-10-08T060000Z.csv"
LATE = "product_ops/feature_kpi_reading/2025-09-24T060000Z.csv"
WEEK_2 = "2025-10-08 06:00:00"
A, B = Feature("a", hit=1), Feature("b", row=2)
A_CORRECTED = dataclasses.replace(A, hit=0, file=SECOND)


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return SmallCompany(tmp_path)


def publish(company: SmallCompany, *features: Feature, history: Path | None = None) -> Publish:
    company.publish(features, history=history)
    newest = History(history or company.history).newest()
    assert newest is not None
    return newest


def rows(publish: Publish) -> list[tuple[object, ...]]:
    return sorted(pl.concat(pl.read_parquet(file) for file in publish.landed).rows())


def test_newer_extracts_alone_are_written_anew(company: SmallCompany, tmp_path: Path) -> None:
    first = publish(company, A, B)
    company.as_of = WEEK_2
    second = publish(company, A_CORRECTED, B)
    assert second.landed[: len(first.landed)] == first.landed
    (added,) = second.landed[len(first.landed) :]
    found = pl.read_parquet(added)
    assert found["source_file"].to_list() == [SECOND]
    assert found["first_file"].to_list() == [FIRST], "the record was known before, in another version"
    whole = publish(company, A_CORRECTED, B, history=tmp_path / "whole")
    assert len(whole.landed) == 1
    assert rows(second) == rows(whole)


def test_nothing_new_adds_nothing(company: SmallCompany) -> None:
    first = publish(company, A, B)
    company.code = "b"
    second = publish(company, A, B)
    assert (second.number, second.landed) == (2, first.landed)


def test_an_older_extract_that_lands_late_has_all_written_anew(company: SmallCompany) -> None:
    first = publish(company, A, B)
    second = publish(company, A, B, dataclasses.replace(A, file=LATE))
    assert len(second.landed) == 1
    assert second.landed != first.landed
    assert {row[3] for row in rows(second)} == {FIRST, LATE}


def test_an_extract_of_the_same_name_that_says_something_else_has_all_written_anew(company: SmallCompany) -> None:
    publish(company, A, B)
    company.contents[FIRST] = 2
    company.versions.clear()
    second = publish(company, dataclasses.replace(A, hit=0, row=3), B)
    assert [row[2] for row in rows(second)] == [2, 3]


def test_many_pieces_become_one(company: SmallCompany, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics_py.history.landed.MANY_OBJECTS", 1)
    publish(company, A, B)
    company.as_of = WEEK_2
    second = publish(company, A_CORRECTED, B)
    assert len(second.landed) == 1
    assert len(rows(second)) == 3


def test_an_entry_of_the_format_before_is_compared_with_as_well(company: SmallCompany) -> None:
    _as_format_2(publish(company, A, B))
    company.as_of = WEEK_2
    publish(company, A_CORRECTED, B)
    found = pl.read_parquet(company.folder / "published/parquet/metric_restatements.parquet")
    assert {"corrected_row"} == set(found["cause"])
    _as_format_2(publish(company, A_CORRECTED, B))
    company.as_of = "2025-10-15 06:00:00"
    publish(company, dataclasses.replace(A, file="product_ops/feature_kpi_reading/2025-10-15T060000Z.csv"), B)
    found = pl.read_parquet(company.folder / "published/parquet/metric_restatements.parquet")
    assert set(found.filter(pl.col("publish_number") == 3)["cause"]) == {"corrected_row"}


def _as_format_2(publish: Publish) -> None:
    """Make an entry what it would have been when the records held what is known of them."""
    objects = publish.folder.parents[1] / "objects"
    landed = pl.concat(pl.read_parquet(file) for file in publish.landed)
    records = pl.read_parquet(publish.named("records")).join(
        landed, on=["table_name", "source_file", "source_row"], how="left"
    )
    records.drop("source_name").write_parquet(objects / "next")
    digest = hashlib.sha256((objects / "next").read_bytes()).hexdigest()
    (objects / "next").rename(objects / f"{digest}.parquet")
    facts = dict(publish.facts) | {"format": 2}
    facts["objects"] = {name: kept for name, kept in facts["objects"].items() if name != "landed"}
    facts["objects"]["records"] = digest
    facts.pop("landed")
    file = publish.folder / "publish.json"
    file.chmod(0o644)
    file.write_text(json.dumps(facts), encoding="utf-8")
