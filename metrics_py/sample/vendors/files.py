"""Extract files: how a table's rows are spelt as CSV, JSONL or Parquet."""

import gzip
import io
from datetime import datetime
from typing import Literal

import polars as pl

Form = Literal["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"]

_FORMS: dict[str, Form] = {
    "productboard": "jsonl",
    "productboard/notes": "jsonl.gz",
    "productboard/note_tags": "csv.gz",
    "productboard/note_relationships": "jsonl.gz",
    "confluence": "jsonl.gz",
    "product_ops": "csv",
    "survey": "csv",
    "survey/sampling_frame": "csv.gz",
    "crm": "csv",
    "jira": "jsonl",
    "pendo": "parquet",
}
_SPELLINGS = {
    "product_ops": "%Y-%m-%dT%H:%M:%S",
    "jira": "%Y-%m-%dT%H:%M:%S.000+0000",
    "confluence": "%Y-%m-%dT%H:%M:%S.000Z",
}
LARGE = 10
"""From this scale on every extract is Parquet, whatever the vendor."""


def form_of(source: str, name: str, scale: int) -> Form:
    """How a table's extracts are written at a scale."""
    return "parquet" if scale >= LARGE else _FORMS.get(f"{source}/{name}", _FORMS[source])


def file_name(extracted_at: datetime, form: Form, part: int | None) -> str:
    """Name of an extract file; its time is the extract's.

    Examples:
        >>> file_name(datetime(2025, 1, 6, 6), "jsonl.gz", 2)
        '2025-01-06T060000Z-part-0002.jsonl.gz'
    """
    suffix = "" if part is None else f"-part-{part:04d}"
    return f"{extracted_at:%Y-%m-%dT%H%M%SZ}{suffix}.{form}"


def spell(source: str, rows: pl.DataFrame, dates: tuple[str, ...], form: Form) -> pl.DataFrame:
    """Instants and dates as this vendor writes them: text, or UTC timestamps in Parquet.

    A table's rows are spelt once, before they are cut into extracts.
    """
    own = {name: kind for name, kind in rows.schema.items() if not name.startswith("_")}
    instants = [name for name, kind in own.items() if kind == pl.Datetime("us") and name not in dates]
    days = [name for name in dates if name in own]
    rows = rows.with_columns(pl.col(days).dt.offset_by("-7h").dt.strftime("%Y-%m-%d"))
    if form == "parquet":
        return rows.with_columns(pl.col(instants).dt.replace_time_zone("UTC"))
    text = pl.col(instants).dt.strftime(_SPELLINGS.get(source, "%Y-%m-%dT%H:%M:%SZ"))
    return rows.with_columns(text, pl.col([n for n, k in own.items() if k == pl.Date]).dt.strftime("%Y-%m-%d"))


def encode(rows: pl.DataFrame, form: Form) -> bytes:
    """The bytes of a file; the same rows always give the same bytes."""
    buffer = io.BytesIO()
    if form == "parquet":
        rows.write_parquet(buffer, compression="zstd", statistics=False)
    elif form.startswith("csv"):
        rows.write_csv(buffer)
    else:
        rows.write_ndjson(buffer)
    return compress(buffer.getvalue(), form)


def compress(data: bytes, form: str) -> bytes:
    """Gzip where the form says so, without a time stamp."""
    return gzip.compress(data, compresslevel=5, mtime=0) if form.endswith(".gz") else data
