"""CSV beside the pages: the values of each metric and the long lists, for those who want every row."""

from pathlib import Path

import polars as pl

from metrics_py.files import replacing
from metrics_py.scoreboard import address, restatements
from metrics_py.scoreboard.evidence import TABLE, evidence_of, newest_value
from metrics_py.scoreboard.material import Material
from metrics_py.spreadsheet import harmless

_LISTS = {
    "csv/features.csv": "fct_features",
    "csv/ageing-insights.csv": "ageing_insights",
    "csv/violations.csv": "fct_integrity_violations",
}


def write_exports(material: Material, out: Path) -> list[str]:
    """Write the exports, each replaced in one step, and return their addresses.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers are as in the table.
    """
    values = material.snapshot.read_all("metric_values")
    written = []
    for (metric_id,), rows in values.partition_by("metric_id", as_dict=True, maintain_order=True).items():
        written.append(address.metric_csv(str(metric_id)))
        _write(rows, out / written[-1])
    if material.snapshot.has(TABLE):
        for card in material.cards.values():
            value = newest_value(material, card)
            if value is not None:
                written.append(address.evidence_csv(card.metric_id))
                _write(evidence_of(material, value), out / written[-1])
    if material.snapshot.has(restatements.TABLE):
        for metric_id in material.cards:
            written.append(address.changes_csv(metric_id))
            _write(restatements.changes_of(material, metric_id), out / written[-1])
    for name, table in _LISTS.items():
        written.append(name)
        _write(material.snapshot.read_all(table), out / name)
    return written


def _write(frame: pl.DataFrame, path: Path) -> None:
    with replacing(path) as beside:
        harmless(frame).write_csv(beside)
