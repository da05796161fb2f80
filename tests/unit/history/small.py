"""A company small enough to read: features that hit or miss, published with their evidence and raw records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from metrics_py.publish import PublishReport, publish

FIRST_EXTRACT = "2025-10-01 06:00:00"


@dataclass(frozen=True)
class Feature:
    """A feature shipped in the third quarter: whether it has matured and hit, whose it is, and its KPI reading."""

    name: str
    hit: int = 0
    is_matured: bool = True
    person: str = "ana@cxt.example"
    read_on: str = "2025-09-01"
    file: str = "product_ops/feature_kpi_reading/2025-10-01T060000Z.csv"
    row: int = 1


@dataclass
class SmallCompany:
    """Publishes features below a folder, as they stand."""

    folder: Path
    as_of: str = FIRST_EXTRACT
    target: float = 0.75
    definition_version: str = "1"
    code: str = "a"
    seeds: dict[str, str] = field(default_factory=lambda: {"goals": "g", "tag_map": "t"})
    versions: list[Feature] = field(default_factory=list)
    extracts: list[tuple[str, str]] = field(default_factory=list)
    contents: dict[str, int] = field(default_factory=dict)
    """Number of the content of an extract file, where it is not 1."""

    @property
    def history(self) -> Path:
        return self.folder / "history"

    def publish(self, features: Sequence[Feature], *, history: Path | None = None) -> PublishReport:
        """Build a warehouse of these features, and publish it into the history."""
        for feature in features:
            self.versions += [feature] if feature not in self.versions else []
            known = (feature.file, f"{feature.file[-22:-12]} 06:00:00")
            self.extracts += [known] if known not in self.extracts else []
        if (newest := ("product_ops/release/newest.csv", self.as_of)) not in self.extracts:
            self.extracts.append(newest)
        warehouse = self.folder / "warehouse.duckdb"
        warehouse.unlink(missing_ok=True)
        with duckdb.connect(warehouse) as connection:
            for statement in self._statements(features):
                connection.execute(statement)
        return publish(warehouse, self.folder / "published", manifest=self._manifest(), history=history or self.history)

    def _statements(self, features: Sequence[Feature]) -> list[str]:
        units = {("company", "company"), *(("person", feature.person) for feature in features)}
        values, evidence = [], []
        for level, unit in sorted(units):
            mine = [feature for feature in features if unit in ("company", feature.person)]
            matured = [feature for feature in mine if feature.is_matured]
            hits = sum(feature.hit for feature in matured)
            person = "null" if level == "company" else f"'{unit}'"
            place = f"'ploar', 'headline', '{level}', '{unit}', 'quarter', date '2025-07-01'"
            values.append(
                f"({place}, date '2025-10-01', '{self.definition_version}', null, {person}, timestamp '{self.as_of}', "
                f"{hits / len(matured) if matured else 'null'}::double, 'share', {hits}::double, "
                f"{len(matured)}::double, {len(matured)}, null::double, null::double, {self.target}::double, "
                "'winning', 'Said so.', 1::double, null::date, null)"
            )
            evidence += [
                f"({place}, date '2025-07-01', 'feature', '{feature.name}', {feature.is_matured}, "
                + ("null, " if feature.is_matured else "'not_matured_yet', ")
                + f"{feature.hit if feature.is_matured else 'null'}::decimal(18,3), "
                + f"{1 if feature.is_matured else 'null'}::decimal(18,3), {feature.hit}::decimal(18,3), "
                + "date '2025-08-01')"
                for feature in mine
            ]
        # As of KPI readings in earnest, every version that landed stays listed.
        landed = {(version.name, version.file, version.row) for version in self.versions}
        sources = [
            f"('feature', '{name}', 'kpi_reading', 'product_ops', 'feature_kpi_reading', '{file}', {row}, '{name}|k1')"
            for name, file, row in sorted(landed)
        ]
        raw = [
            f"('{feature.name}', '{feature.read_on}', timestamp '{feature.file[-22:-12]} 06:00:00', '{feature.file}', "
            f"{feature.row})"
            for feature in {(version.name, version.file, version.row): version for version in self.versions}.values()
        ]
        extracts = [
            f"('product_ops', 'feature_kpi_reading', '{file}', '{self.contents.get(file, 1)}', timestamp '{at}', false)"
            for file, at in self.extracts
        ]
        return [
            "create schema metrics; create schema marts; create schema raw; create schema raw_product_ops",
            _table(
                "metrics.metric_values",
                values,
                "metric_id, reading, org_level, org_unit_id, period_kind, period_start, period_end, "
                "definition_version, squad_id, person_id, as_of, value, unit, numerator, denominator, n, ci_low, "
                "ci_high, target, status, status_reason, matured_share, readable_on, value_reason",
            ),
            _table(
                "metrics.metric_evidence",
                evidence,
                "metric_id, reading, org_level, org_unit_id, period_kind, first_period_start, last_period_start, "
                "row_kind, row_id, is_in, reason, numerator, denominator, amount, event_on",
            ),
            _table(
                "metrics.metric_evidence_sources",
                sources,
                "row_kind, row_id, role, source_name, table_name, source_file, source_row, row_key",
            ),
            "create table metrics.nps_by_stratum (wave_id varchar, stratum varchar, frame_count int, scored_count int)",
            "create table marts.fct_survey_responses (response_id varchar, wave_id varchar, stratum varchar, "
            "nps_class varchar, is_scored boolean)",
            _table(
                "raw_product_ops.feature_kpi_reading",
                raw,
                "feature_id, measured_at, _extracted_at, _source_file, _source_row",
            ),
            _table("raw.raw_extracts", extracts, "source, table_name, file, content_hash, extracted_at, is_full"),
        ]

    def _manifest(self) -> dict[str, Any]:
        def model(layer: str, name: str) -> dict[str, Any]:
            return {
                "resource_type": "model",
                "access": "public",
                "fqn": ["product_metrics", layer, name],
                "name": name,
                "alias": name,
                "schema": layer,
                "checksum": {"checksum": self.code},
                "constraints": [],
                "columns": {},
            }

        metrics = ("metric_values", "metric_evidence", "metric_evidence_sources", "nps_by_stratum")
        nodes = [*(model("metrics", name) for name in metrics), model("marts", "fct_survey_responses")]
        nodes += [
            {"resource_type": "seed", "name": name, "fqn": [], "checksum": {"checksum": checksum}}
            for name, checksum in self.seeds.items()
        ]
        source = {"source_name": "landing", "name": "raw_extracts", "identifier": "raw_extracts", "schema": "raw"}
        readings = {
            "source_name": "product_ops",
            "name": "feature_kpi_reading",
            "identifier": "feature_kpi_reading",
            "schema": "raw_product_ops",
            "config": {"meta": {"key": ["feature_id", "measured_at"], "happened": ["measured_at"]}},
        }
        return {
            "metadata": {"dbt_version": "1.11.16", "project_name": "product_metrics"},
            "nodes": {f"{node['resource_type']}.{node['name']}": node for node in nodes},
            "sources": {"extracts": source, "readings": readings},
        }


def _table(name: str, rows: Sequence[str], columns: str) -> str:
    return f"create table {name} as from (values {', '.join(rows)}) as rows ({columns})"
