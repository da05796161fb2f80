"""Every integrity rule against faults written into a clean company, and every score against edits of its past.

All faults stand in one company, each on features of its own, so that a rule that fires on a row it should not, or not
on one it should, is seen for the whole company at once.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics_py.land import land
from tests.e2e.conftest import ROOT, copy_project, run
from tests.faults.gate_faults import gates, interviews, kpis, launches, progress, records
from tests.faults.gate_faults.edits import EDITS, Edit
from tests.faults.gate_faults.fault import FAULTS, Fault, allot, inject
from tests.faults.gate_faults.tables import Feature, Tables, plain_features

pytestmark = pytest.mark.slow

CHAPTERS = (gates, interviews, kpis, launches, progress, records)
RECORDED_AT = datetime(2026, 1, 31, 6, 0, tzinfo=UTC)
EDITED_AT = RECORDED_AT + timedelta(minutes=30)
TABLES = (
    "fct_integrity_violations",
    "fct_gate_evidence_changes",
    "fct_features",
    "ddqs_by_quarter",
    "ploar_by_quarter",
)
SCORES = ("ddqs_by_quarter", "ploar_by_quarter")


@dataclass(frozen=True)
class Sample:
    """A clean company's extracts, and a project with what no fault touches landed in it."""

    extracts: Path
    project: Path

    def tables(self) -> Tables:
        return Tables.read(self.extracts)

    def build(self, record: Tables, folder: Path) -> dict[str, pl.DataFrame]:
        """Land the tables as recorded and as edited half an hour later, build, and give the tables looked at here."""
        record.write(folder / "extracts", RECORDED_AT)
        record.later.write(folder / "extracts", EDITED_AT)
        warehouse = folder / "warehouse.duckdb"
        shutil.copyfile(self.project / "warehouse.duckdb", warehouse)
        landing = land(folder / "extracts", warehouse, project=self.project)
        assert not landing.refused
        dbt = [
            sys.executable,
            "-c",
            "from dbt.cli.main import cli; cli()",
            "--quiet",
            "--log-level-file",
            "none",
            "build",
        ]
        dbt += ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
        dbt += ["--profiles-dir", str(self.project), "--target-path", str(folder / "target")]
        dbt += ["--select", *(f"+{table}" for table in TABLES)]
        done = subprocess.run(
            dbt,
            cwd=self.project,
            env=os.environ | {"METRICS_WAREHOUSE": str(warehouse), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            schemas = {table: "metrics" if table in SCORES else "marts" for table in TABLES}
            assert connection.sql("from raw.raw_quarantine").pl().is_empty()
            return {table: connection.sql(f"from {schema}.{table}").pl() for table, schema in schemas.items()}


@dataclass(frozen=True)
class Faulty:
    """The company with every fault in it: who carries which, and what the rules found."""

    features: dict[str, tuple[Feature, ...]]
    hits: set[tuple[str, str]]

    def of(self, fault: Fault) -> set[tuple[str, str]]:
        """Hits on the features of one fault."""
        return {(rule, entity) for rule, entity in self.hits if self._carries(fault, entity)}

    def _carries(self, fault: Fault, entity: str) -> bool:
        ids = {str(feature) for feature in self.features[fault.name]}
        reviews = {review for feature in self.features[fault.name] for review in feature.reviews.values()}
        return entity.split("/")[0] in ids or any(
            entity == review or entity.startswith(f"{review}-") for review in reviews
        )


@dataclass(frozen=True)
class Edited:
    """The clean company, and the same one after its past was edited."""

    features: dict[str, tuple[Feature, ...]]
    clean: dict[str, pl.DataFrame]
    edited: dict[str, pl.DataFrame]

    def shown(self, feature: Feature) -> set[tuple[str, str, str]]:
        """Review, what changed and its id: what the diff shows for a feature that it did not show before the edit."""
        columns = ("review_id", "changed", "changed_id")
        before, after = (
            set(tables["fct_gate_evidence_changes"].filter(feature_id=str(feature)).select(columns).iter_rows())
            for tables in (self.clean, self.edited)
        )
        return after - before


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("gate-faults")
    drawn = run("sample", "--out", folder / "sample", "--seed", 1, "--scale", 6, "--clean")
    assert drawn.code == 0, drawn.err
    project = copy_project(folder / "project")
    shutil.copyfile(project / "profiles.example.yml", project / "profiles.yml")
    (project / "seeds" / "features" / "wip_limits.csv").write_text(progress.LIMITS)
    shutil.copytree(folder / "sample" / "extracts" / "confluence", folder / "untouched" / "confluence")
    land(folder / "untouched", project / "warehouse.duckdb", project=project)
    return Sample(folder / "sample" / "extracts", project)


@pytest.fixture(scope="module")
def clean(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    return sample.build(sample.tables(), tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def faulty(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    record = sample.tables()
    features = inject(FAULTS, record)
    violations = sample.build(record, tmp_path_factory.mktemp("faulty"))["fct_integrity_violations"]
    return Faulty(features, set(violations.select("rule_id", "entity_id").iter_rows()))


@pytest.fixture(scope="module")
def edited(sample: Sample, clean: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Edited:
    record = sample.tables()
    features = allot(EDITS, plain_features(record))
    for edit in EDITS:
        edit.make(record.later, *features[edit.name])
    return Edited(features, clean, sample.build(record, tmp_path_factory.mktemp("edited")))


def named(each: Fault | Edit) -> str:
    return each.name


def test_a_clean_company_breaks_no_rule(clean: dict[str, pl.DataFrame]) -> None:
    assert clean["fct_features"]["ddqs"].count() > 100
    assert clean["fct_integrity_violations"].is_empty()


@pytest.mark.parametrize("fault", [each for each in FAULTS if each.breaks], ids=named)
def test_a_fault_breaks_its_rules_on_its_rows_and_no_other(faulty: Faulty, fault: Fault) -> None:
    expected = fault.expected(faulty.features[fault.name])
    assert expected <= faulty.hits
    assert faulty.of(fault) <= expected


@pytest.mark.parametrize("fault", [each for each in FAULTS if not each.breaks], ids=named)
def test_what_is_just_allowed_breaks_no_rule(faulty: Faulty, fault: Fault) -> None:
    assert faulty.of(fault) == set()


def test_no_rule_fires_on_a_feature_without_a_fault(faulty: Faulty) -> None:
    expected = set[tuple[str, str]]().union(*(each.expected(faulty.features[each.name]) for each in FAULTS))
    assert faulty.hits - expected == set()


def test_every_rule_is_broken_by_a_fault() -> None:
    rules = pl.read_csv(ROOT / "seeds" / "features" / "integrity_rules.csv")["rule_id"]
    assert {rule for each in FAULTS for rule in each.breaks} == set(rules)
    assert len({each.name for each in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("table", SCORES)
def test_editing_the_past_moves_no_published_score(edited: Edited, table: str) -> None:
    key = [column for column, dtype in edited.clean[table].schema.items() if not dtype.is_float()]
    assert edited.clean[table].height > 100
    assert_frame_equal(edited.clean[table].sort(key), edited.edited[table].sort(key), check_exact=True)


@pytest.mark.parametrize("edit", EDITS, ids=named)
def test_an_edit_of_the_past_is_shown(edited: Edited, edit: Edit) -> None:
    (feature,) = edited.features[edit.name]
    what = (edit.changed, edit.changed_id.format(feature))
    assert (feature.reviews[edit.gate], *what) in edited.shown(feature)
    assert {(changed, changed_id) for _, changed, changed_id in edited.shown(feature)} == {what}
