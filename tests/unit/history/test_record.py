import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from metrics_py.errors import WarehouseError
from metrics_py.history import History
from tests.unit.history.small import Feature, SmallCompany

WEEK_2 = "2025-10-08 06:00:00"
A, B, C = Feature("a", hit=1), Feature("b"), Feature("c", hit=1, is_matured=False)


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return SmallCompany(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def table(company: SmallCompany, name: str) -> pl.DataFrame:
    return pl.read_parquet(company.folder / "published" / "parquet" / f"{name}.parquet")


def test_the_first_publish_is_all_new_and_restates_nothing(company: SmallCompany) -> None:
    company.publish([A, B, C])
    history = table(company, "metric_value_history")
    assert set(history["change"]) == {"new"}
    assert history["publish_number"].to_list() == [1, 1]
    assert history["definition_version"].to_list() == ["1", "1"]
    assert table(company, "metric_restatements").is_empty()


def test_the_same_publish_twice_appends_nothing(company: SmallCompany) -> None:
    first = company.publish([A, B, C])
    before = contents(company.history)
    again = company.publish([A, B, C])
    assert not again.is_changed
    assert again.generation == first.generation
    assert contents(company.history) == before


def test_what_was_published_before_the_last_time_is_appended_again(company: SmallCompany) -> None:
    company.publish([A, B])
    company.target = 0.8
    company.publish([A, B])
    company.target = 0.75
    company.publish([A, B])
    publishes = History(company.history).publishes()
    assert [publish.number for publish in publishes] == [1, 2, 3]
    assert publishes[0].id == publishes[2].id
    assert table(company, "metric_restatements")["cause"].to_list() == ["changed_target"] * 4


def test_a_change_of_code_alone_is_a_publish_that_changes_nothing(company: SmallCompany) -> None:
    company.publish([A, B])
    company.code = "b"
    company.publish([A, B])
    assert len(History(company.history).publishes()) == 2
    assert table(company, "metric_value_history")["publish_number"].unique().to_list() == [1]


def test_a_build_for_a_past_day_is_no_publish_and_sees_no_later_one(company: SmallCompany) -> None:
    company.publish([A, B])
    company.as_of = WEEK_2
    company.publish([dataclasses.replace(A, hit=0), B])
    company.as_of = "2025-10-01 06:00:00"
    company.publish([A])
    history = History(company.history)
    assert [publish.number for publish in history.publishes()] == [1, 2]
    assert [str(rebuild.as_of) for rebuild in history.rebuilds()] == ["2025-10-01 06:00:00"]
    assert table(company, "metric_value_history")["publish_number"].unique().to_list() == [1]
    company.publish([A, B])
    assert len(history.rebuilds()) == 1, "it is what was published on that day"


def test_a_value_that_is_gone_is_removed(company: SmallCompany) -> None:
    company.publish([A, dataclasses.replace(B, person="ben@cxt.example")])
    company.publish([A, dataclasses.replace(B, person="ana@cxt.example")])
    newest = table(company, "metric_value_history").filter(publish_number=2)
    removed = newest.filter(change="removed")
    assert removed["org_unit_id"].to_list() == ["ben@cxt.example"]
    assert removed["value"].to_list() == [None]


class Stopped(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("kind", ["fsync", "rename", "replace", "chmod"])
def test_a_stop_at_any_step_leaves_whole_entries_and_the_rerun_ends_as_if_undisturbed(
    company: SmallCompany, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.publish([A, B])
    shutil.copytree(company.history, company.folder / "once")
    company.as_of = WEEK_2
    company.publish([A, B, dataclasses.replace(C, is_matured=True)], history=company.folder / "once")
    undisturbed = contents(company.folder / "once")
    before = contents(company.history)
    stops = 0
    while True:
        folder = company.folder / f"history-{stops}"
        shutil.copytree(company.history, folder)
        with monkeypatch.context() as patch:
            stop_at(patch, kind, stops, folder)
            try:
                company.publish([A, B, dataclasses.replace(C, is_matured=True)], history=folder)
                break
            except Stopped:
                stops += 1
        readable = History(folder).publishes()
        assert [publish.number for publish in readable] in ([1], [1, 2])
        for publish in readable:
            pl.read_parquet(publish.named("values"))
            pl.read_parquet(publish.named("changes.parquet"))
        company.publish([A, B, dataclasses.replace(C, is_matured=True)], history=folder)
        assert contents(folder) == undisturbed
    assert stops > 0
    assert contents(company.history) == before


def stop_at(patch: pytest.MonkeyPatch, kind: str, step: int, folder: Path) -> None:
    """Let the process end instead of its step-th call of a kind that touches the history."""
    calls = 0
    owner = os if kind == "fsync" else Path
    original: Callable[..., object] = getattr(owner, kind)

    def stopping(subject: object, *arguments: object, **named: object) -> object:
        nonlocal calls
        if kind == "fsync" or folder in Path(str(subject)).parents:
            calls += 1
            if calls > step:
                raise Stopped
        return original(subject, *arguments, **named)

    patch.setattr(owner, kind, stopping)


def test_a_lost_object_is_named_with_the_way_out(company: SmallCompany) -> None:
    company.publish([A, B])
    publish = History(company.history).publishes()[0]
    lost = publish.named("values")
    lost.unlink()
    with pytest.raises(WarehouseError, match="metrics-py build --as-of 2025-10-01T06:00:00Z"):
        publish.named("values")


def test_an_entry_that_cannot_be_read_is_named(company: SmallCompany) -> None:
    company.publish([A, B])
    facts = History(company.history).publishes()[0].folder / "publish.json"
    facts.chmod(0o644)
    facts.write_text("{")
    with pytest.raises(WarehouseError, match="no readable entry of the history"):
        History(company.history).publishes()
