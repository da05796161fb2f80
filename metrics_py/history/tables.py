"""The history as tables of the snapshot: what changed with each publish, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics_py.history.causes import CAUSES
from metrics_py.history.shelf import CHANGES, RESTATEMENTS, Publish
from metrics_py.publish import quoting

SCHEMA = "metrics"
_VALUE = "As in metric_values."


@dataclass(frozen=True)
class HistoryTable:
    """A table of the history: its key, and what it and its columns hold."""

    name: str
    file: str
    key: tuple[str, ...]
    description: str
    columns: dict[str, str]

    def query(self, publishes: Sequence[Publish]) -> str:
        """Its rows in some publishes, of which there is one at least."""
        files = ", ".join(quoting.text(publish.named(self.file)) for publish in publishes)
        return f"select * from read_parquet([{files}])"


METRIC_VALUE_HISTORY = HistoryTable(
    name="metric_value_history",
    file=CHANGES,
    key=(
        *("publish_number", "metric_id", "reading", "org_level", "org_unit_id", "period_kind", "period_start"),
        "period_end",
    ),
    description=(
        "What each publish changed: one row per publish and value that is new, changed or removed since the publish "
        "before. A value as it was published at some publish is its newest row up to that publish_number."
    ),
    columns={
        "publish_number": "1, 2, 3 ... in the order of publishing.",
        "publish_id": "Start of a hash of the values, their evidence, definitions, seeds and code.",
        "as_of": "The instant that publish looked from, UTC.",
        "change": "new, changed or removed; of a removed value all but the key is null.",
        "code_hash": "Hash of the models, macros and library that made it.",
        "seeds_hash": "Hash of the seeds that made it.",
    },
)
METRIC_RESTATEMENTS = HistoryTable(
    name="metric_restatements",
    file=RESTATEMENTS,
    key=("publish_number", "item_number"),
    description=(
        "Why values changed from one publish to the next: one row per value and row of evidence that moved it, split "
        "into rate, mix, entry and exit, or per target, definition or stretch of time. Over the rows of one value of "
        "one publish, effect sums to change."
    ),
    columns={
        "publish_number": "The publish that changed it.",
        "item_number": "1, 2, 3 ... within the publish.",
        "previous_as_of": "What the publish before looked from, UTC.",
        "as_of": "What this publish looked from, UTC.",
        "unit": "Unit of the values, change and effect.",
        "old_value": "The value in the publish before.",
        "new_value": "The value in this publish.",
        "change": "new_value less old_value; null where one of them is null.",
        "cause": "; ".join(f"{cause}: {text}" for cause, text in CAUSES.items()) + ".",
        "component": (
            "rate: the row is in both and what it adds is other; mix: its weight is; entry: it came in; exit: it went "
            "out. Null where no row of evidence is meant."
        ),
        "effect": "How much of the change this accounts for; null where change is.",
        "row_kind": "As in metric_evidence; null where no row of evidence is meant.",
        "row_id": "As in metric_evidence.",
        "role": "Part of the raw record that shows the cause, as in metric_evidence_sources.",
        "source_file": "Extract file of that record.",
        "source_row": "Number of that record in its file.",
        "explanation": "The same in one sentence.",
    },
)
TABLES = (METRIC_RESTATEMENTS, METRIC_VALUE_HISTORY)


def described(table: HistoryTable, column: str) -> str:
    """Description of a column of a table of the history."""
    if column in table.columns:
        return table.columns[column]
    side, _, name = column.partition("_")
    if side in ("old", "new") and name:
        return f"{name} in {'the publish before' if side == 'old' else 'this publish'}, as in metric_evidence."
    return _VALUE
