"""The truth tables, gathered chunk by chunk and written beside the extracts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from metrics_py.sample.truth.cards import known_cards
from metrics_py.sample.truth.customers import Revenue, Waves
from metrics_py.sample.truth.features import feature_rows
from metrics_py.sample.truth.insights import insight_rows
from metrics_py.sample.truth.metrics import COMPANY, CycleTimes, feature_metrics, org_units
from metrics_py.sample.truth.violations import violation_rows
from metrics_py.sample.world.company import World

Row = dict[str, Any]
COMPANY_ONLY_FROM = 10
"""From this scale on the truth of the metrics is the company's alone; facts are complete at every scale."""

_KINDS: dict[str, Any] = {
    "_at": pl.Datetime("us"),
    "_on": pl.Date,
    "_start": pl.Date,
    "_days": pl.Int64,
    "_count": pl.Int64,
}
_COLUMN_KINDS: dict[str, Any] = {
    "value": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "ddqs": pl.Float64,
    "ddqs_confidence_score": pl.Float64,
    "month": pl.Date,
    "n": pl.Int64,
    "nps": pl.Float64,
    "post_stratified_nps": pl.Float64,
    "response_rate": pl.Float64,
    **dict.fromkeys(("arr", "opening_arr", "new", "expansion", "contraction", "churn", "reactivation"), pl.Float64),
    **dict.fromkeys(("sampled", "promoters", "passives", "detractors", "responses", "record"), pl.Int64),
    **dict.fromkeys(("in_quarantine", "is_withdrawn_early", "is_matured", "is_hit", "is_early_hit"), pl.Boolean),
    **dict.fromkeys(("is_any_kpi_met", "is_ever_met"), pl.Boolean),
}


class Ledger:
    """Collects the truth of every chunk; facts go to disk at once, numbers are added up."""

    def __init__(self, folder: Path, scale: int) -> None:
        self._folder = folder
        self._scale = scale
        self._company_only = scale >= COMPANY_ONLY_FROM
        self._features: list[Row] = []
        self._units = {COMPANY}
        self._cycle_times = CycleTimes(company_only=self._company_only)
        self._waves = Waves()
        self._revenue = Revenue()
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, world: World) -> None:
        """Work out one world."""
        cards = known_cards(world)
        insights, left_out = insight_rows(world, cards)
        features = feature_rows(world, cards)
        self._cycle_times.add(insights, world)
        self._waves.add(world.surveys)
        self._revenue.add(world.accounts)
        self._features += features
        if not self._company_only:
            self._units |= set(org_units(world.features))
        self._part("insights", world.chunk, insights)
        self._part("notes_left_out", world.chunk, left_out)
        self._part("features", world.chunk, features)
        self._part("violations", world.chunk, violation_rows(world, cards), _VIOLATION_COLUMNS)

    def write(self, dirt: Iterable[Row]) -> None:
        """Join the parts and write the numbers."""
        units = sorted(self._units)
        rows = [
            *feature_metrics(self._features, units),
            *self._cycle_times.rows(units),
            *self._waves.metrics(),
            *self._revenue.metrics(),
        ]
        frame(rows).write_parquet(self._folder / "metrics.parquet")
        frame(self._waves.rows()).write_parquet(self._folder / "nps.parquet")
        frame(self._revenue.rows()).write_parquet(self._folder / "arr.parquet")
        frame(dirt, _DIRT_COLUMNS).write_parquet(self._folder / "dirt.parquet")
        for name in ("insights", "notes_left_out", "features", "violations"):
            parts = sorted((self._folder / "parts").glob(f"{name}-*.parquet"))
            pl.scan_parquet(parts, missing_columns="insert", extra_columns="ignore").sink_parquet(
                self._folder / f"{name}.parquet"
            )
            for part in parts:
                part.unlink()
        (self._folder / "parts").rmdir()

    def _part(self, name: str, chunk: int, rows: list[Row], columns: tuple[str, ...] = ()) -> None:
        folder = self._folder / "parts"
        folder.mkdir(exist_ok=True)
        frame(rows, columns).write_parquet(folder / f"{name}-{chunk:04d}.parquet")


_VIOLATION_COLUMNS = ("rule_id", "rule", "feature_id", "squad_id", "detail", "planted")
_DIRT_COLUMNS = ("file", "record", "column", "kind", "in_quarantine")


def frame(rows: Iterable[Row], columns: tuple[str, ...] = ()) -> pl.DataFrame:
    """Rows as a frame whose column types follow from the names, so that parts of one table always fit together."""
    rows = list(rows)
    names = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
    schema = {name: _kind(name) for name in names}
    return pl.DataFrame([{name: row.get(name) for name in names} for row in rows], schema=schema, strict=False)


def _kind(name: str) -> Any:
    if name in _COLUMN_KINDS:
        return _COLUMN_KINDS[name]
    return next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), pl.String)
