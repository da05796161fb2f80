"""Changes planted between builds of one company: each is explained by its cause, and the parts of each sum to it.

Five builds: as recorded; half an hour later, with late, corrected and deleted records; with other targets; with other
definitions; and seven weeks later, when time has passed and nothing else.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from metrics_py.history import History
from metrics_py.history.changes import KEY
from metrics_py.history.record import TABLES
from metrics_py.land import land
from metrics_py.publish import publish
from metrics_py.publish.catalogue import read_json
from tests.e2e.conftest import ROOT, copy_project, run
from tests.faults.restatement_plants.extracts import Extracts, Next
from tests.faults.restatement_plants.plants import LATER, PLANTS, Company, Expected, notes_of_a_launch

pytestmark = pytest.mark.nightly

WEEKS_LATER = datetime(2026, 3, 20, 6)
NUMBERS = ("value", "numerator", "denominator", "n", "target", "status", "definition_version")


@dataclass(frozen=True)
class Published:
    """What a project published, build after build."""

    project: Path

    @property
    def history(self) -> History:
        return History(self.project / "history")

    def build(self) -> None:
        """Build what the history needs, and publish it."""
        dbt = [
            sys.executable,
            "-c",
            "from dbt.cli.main import cli; cli()",
            "--quiet",
            "--log-level-file",
            "none",
            "build",
        ]
        dbt += ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test", "--profiles-dir", "."]
        dbt += ["--select", *(f"+{table}" for table in TABLES)]
        done = subprocess.run(
            dbt,
            cwd=self.project,
            env=os.environ | {"PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1"},
            capture_output=True,
            text=True,
            timeout=1200,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        manifest = dict(read_json(self.project / "target" / "manifest.json"))
        manifest["nodes"] = {
            key: node
            for key, node in manifest["nodes"].items()
            if node.get("access") != "public" or node["name"] in TABLES
        }
        warehouse = self.project / "warehouse.duckdb"
        publish(warehouse, self.project / "published", manifest=manifest, history=self.project / "history")

    def edit_seed(self, path: str, edit: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
        file = self.project / "seeds" / path
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
        edited = edit([dict(row) for row in rows])
        assert edited != rows
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(edited)
        file.write_text(out.getvalue(), encoding="utf-8")

    def restatements(self, number: int) -> pl.DataFrame:
        frame = pl.read_parquet(self.project / "published" / "parquet" / "metric_restatements.parquet")
        return frame.filter(publish_number=number)

    def values(self, number: int) -> pl.DataFrame:
        return pl.read_parquet(self.history.publishes()[number - 1].named("values"))


def setting(name: str, value: str, **which: str) -> Callable[[list[dict[str, str]]], list[dict[str, str]]]:
    """An edit that sets one field of the rows with the given values."""

    def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [row | {name: value} if which.items() <= row.items() else row for row in rows]

    return edit


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Published, dict[str, Expected]]:
    folder = tmp_path_factory.mktemp("restatements")
    sample = folder / "sample"
    drawn = run("sample", "--out", sample, "--seed", 1, "--clean")
    assert drawn.code == 0, drawn.err
    project = copy_project(folder / "project")
    shutil.copyfile(project / "profiles.example.yml", project / "profiles.yml")
    published = Published(project)
    return published, build_all(published, sample, folder)


def build_all(published: Published, sample: Path, folder: Path) -> dict[str, Expected]:
    """Plant everything, and build and publish five times."""
    base = Extracts.cut_down(sample, folder / "before")
    company = Company(base, Next(base), sample)
    expected = {make.__name__: make(company) for make in PLANTS}
    names = ("note_is_unlinked", "note_is_linked_late", "note_is_tagged_late", "note_arrives_late")
    expected |= dict(zip(names, notes_of_a_launch(company), strict=True))
    warehouse = published.project / "warehouse.duckdb"

    def landed(extracts: Path) -> None:
        report = land(extracts, warehouse, project=published.project)
        assert not report.refused

    landed(base.folder)
    published.build()
    landed(company.later.write(folder / "after", LATER))
    published.build()

    published.edit_seed("goals/goal_conditions.csv", setting("target", "0.8", metric_id="ploar"))
    published.edit_seed("goals/goals.csv", setting("target", "0.8", metric_id="ploar"))
    published.edit_seed("goals/goal_conditions.csv", setting("target", "12000000", metric_id="arr"))
    published.edit_seed("goals/goals.csv", setting("target", "12000000", metric_id="arr"))
    published.build()

    published.edit_seed("insights/tag_map.csv", setting("kind", "other", tag="frustration"))
    published.edit_seed("features/feature_thresholds.csv", setting("ddqs_target_score", "7"))
    published.edit_seed("features/feature_thresholds.csv", setting("interview_cap", "4"))
    published.edit_seed("goals/metric_cards.csv", setting("definition_version", "2", metric_id="arr"))
    published.edit_seed("features/confidence_scale.csv", lambda rows: rows[:-2])
    published.build()

    releases = company.later.records("product_ops/release")
    reviews = base.newest("product_ops/stage_gate_review")
    used = company.taken | {row["feature_id"] for row in releases}
    coming = min(row["feature_id"] for row in reviews if row["gate"] == "develop" and row["feature_id"] not in used)
    launch = {"feature_id": coming, "audience": "full", "released_at": "2026-02-10T12:00:00", "withdrawn_at": ""}
    time_passes = Next(base)
    time_passes.remove("product_ops/release", lambda row: True)
    time_passes.add("product_ops/release", *releases, launch)
    landed(time_passes.write(folder / "weeks-later", WEEKS_LATER))
    published.build()
    return expected | {"feature_is_launched_since": Expected("ploar", coming, "matured", "entry")}


def expectations() -> Iterator[str]:
    yield from (make.__name__ for make in PLANTS)
    yield from ("note_is_unlinked", "note_is_linked_late", "note_is_tagged_late", "note_arrives_late")


@pytest.mark.parametrize("name", list(expectations()))
def test_a_planted_change_is_explained_by_its_cause(planted: tuple[Published, dict[str, Expected]], name: str) -> None:
    published, expected = planted
    plant = expected[name]
    found = published.restatements(2).filter(row_id=plant.row_id, metric_id=plant.metric_id)
    if plant.cause is None:
        assert found.is_empty(), found
        return
    assert set(found["cause"]) == {plant.cause}, found.select(
        "reading", "org_level", "cause", "component", "explanation"
    )
    assert plant.component is None or plant.component in set(found["component"])
    # For the company it does not matter whose a row is.
    assert found.filter(org_level="squad" if plant.cause == "moved_owner" else "company").height > 0


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_the_parts_of_every_change_sum_to_it(planted: tuple[Published, dict[str, Expected]], number: int) -> None:
    restatements = planted[0].restatements(number)
    summed = (
        restatements.filter(pl.col("change").is_not_null())
        .group_by(KEY)
        .agg(pl.col("change").first(), pl.col("effect").sum())
    )
    assert summed.height > 0
    assert summed.filter((pl.col("change") - pl.col("effect")).abs() > 1e-9).is_empty()
    # Nothing is put down to a rest that no row explains.
    assert restatements.filter(pl.col("row_id").is_null(), pl.col("effect").is_not_null()).is_empty()


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_every_changed_value_is_in_the_ledger_and_no_other(
    planted: tuple[Published, dict[str, Expected]], number: int
) -> None:
    published, _ = planted
    before, after = published.values(number - 1), published.values(number)
    both = after.join(before, on=list(KEY), how="full", suffix="_before", coalesce=True)
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in NUMBERS)
    changed = both.filter(differs).select(*KEY, new_value="value", old_value="value_before")
    ledger = published.restatements(number).select(*KEY, "new_value", "old_value").unique()
    assert changed.height > 0
    assert ledger.sort(KEY).equals(changed.sort(KEY))


def test_a_changed_target_is_the_cause_of_its_verdicts_alone(planted: tuple[Published, dict[str, Expected]]) -> None:
    restatements = planted[0].restatements(3)
    assert set(restatements["cause"]) == {"changed_target"}
    targets = restatements.select("metric_id", "old_target", "new_target").unique()
    assert ("ploar", 0.75, 0.8) in set(targets.iter_rows())
    assert ("arr", 10_000_000.0, 12_000_000.0) in set(targets.iter_rows())
    assert restatements.filter(pl.col("old_value").ne_missing(pl.col("new_value"))).is_empty()


@pytest.mark.parametrize(
    ("metric", "reading", "component"),
    [
        ("circt", "p90_launched", "exit"),
        ("circt", "share_within_45", "exit"),
        ("ddqs", "share_at_least_6", "rate"),
        ("ddqs", "mean_interviews_capped_5", "rate"),
        ("ddqs", "coverage", "rate"),
        ("ddqs", "headline", "exit"),
        ("arr", "headline", None),
    ],
)
def test_a_changed_definition_is_the_cause_of_what_it_moves(
    planted: tuple[Published, dict[str, Expected]], metric: str, reading: str, component: str | None
) -> None:
    restatements = planted[0].restatements(4)
    assert set(restatements["cause"]) == {"changed_definition"}
    found = restatements.filter(metric_id=metric, reading=reading)
    assert component in set(found["component"])


def test_what_time_brings_is_matured_or_a_new_period(planted: tuple[Published, dict[str, Expected]]) -> None:
    published, expected = planted
    restatements = published.restatements(5)
    # What was open is credited to the owner at launch once it is resolved.
    assert set(restatements["cause"]) <= {"matured", "new_period", "moved_owner"}
    waited = restatements.filter(old_reason="not_matured_yet", component="entry")
    assert set(waited["metric_id"]) == {"ploar"}
    grown = restatements.filter(old_reason="too_young", component="entry")
    assert set(grown["reading"]) == {"share_within_45"}
    launched = restatements.filter(row_id=expected["feature_is_launched_since"].row_id)
    assert set(launched["cause"]) == {"matured"}
    assert restatements.filter(cause="new_period", period_kind="day").height > 0


def test_the_weights_of_the_other_answers_are_mix(planted: tuple[Published, dict[str, Expected]]) -> None:
    found = planted[0].restatements(2).filter(reading="post_stratified", component="mix")
    assert found.height > 1
    assert set(found["cause"]) <= {"late_row", "corrected_row"}


def test_the_history_gives_back_each_publish(planted: tuple[Published, dict[str, Expected]]) -> None:
    published, _ = planted
    history = pl.read_parquet(published.project / "published" / "parquet" / "metric_value_history.parquet")
    for publish_ in published.history.publishes():
        assert publish_.number is not None
        standing = (
            history.filter(pl.col("publish_number") <= publish_.number)
            .sort("publish_number")
            .group_by(KEY, maintain_order=True)
            .last()
            .filter(pl.col("change") != "removed")
        )
        wanted = published.values(publish_.number)
        columns = [name for name in wanted.columns if name in standing.columns and name != "as_of"]
        assert standing.select(columns).sort(KEY).equals(wanted.select(columns).sort(KEY))
