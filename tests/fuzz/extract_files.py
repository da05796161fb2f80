"""Extract files made from a fuzzer's bytes: records of the contract's own columns, and then some bytes changed."""

import csv
import gzip
import io
import json

import polars as pl

ENDINGS = ("jsonl", "csv", "jsonl.gz", "csv.gz", "parquet")
TABLES = (
    "productboard/notes",
    "productboard/note_tags",
    "productboard/webhook_events",
    "product_ops/feature_kpi_reading",
    "product_ops/key_result_checkin",
    "crm/account_arr",
    "survey/survey_responses",
    "confluence/page_properties",
)
VALUES = (
    *("", " ", "none", "NULL", "0", "-1", "1", "true", "FALSE", "1e999", "9" * 30, "1.5", "-.5e3", "NaN", "0x1"),
    *(
        "2025-01-31",
        "2025-02-30",
        "2025-01-31T06:00:00Z",
        "2025-01-31 14:00:00+0800",
        "0001-01-01",
        "9999-12-31T23:59:59Z",
    ),
    *(
        "1738303200",
        "1738303200000",
        "2999-01-01",
        "\0",
        "\ufeff",
        "\r\n",
        '"',
        '""',
        "'",
        ",",
        ";",
        "\\",
        "\x1e",
        "\x1f",
    ),
    *("a", "b", "é", "😀", "\u2028", "[]", "{}", '["x"]', "n-1", "USD", "EUR", "pass", "x" * 1001, "=1+1", "<b>"),
)
_STAMPS = ("_extracted_at", "_airbyte_extracted_at", "_fivetran_synced", "unknown", "ID ", "id")


def extract_file(provider, contract):
    """Name below the extracts folder, and bytes."""
    table, ending = _pick(provider, TABLES), _pick(provider, ENDINGS)
    columns = [column.name for column in contract.table(*table.split("/")).columns]
    columns = [name for name in columns if provider.ConsumeIntInRange(0, 7)]
    columns += [_pick(provider, _STAMPS) for _ in range(provider.ConsumeIntInRange(0, 2))]
    rows = [{name: _value(provider) for name in columns} for _ in range(provider.ConsumeIntInRange(0, 5))]
    content = {"j": _json_lines, "c": _csv, "p": _parquet}[ending[0]](rows, columns, provider)
    for _ in range(provider.ConsumeIntInRange(0, 3)):
        content = _changed(content, provider)
    if ending.endswith(".gz") and provider.ConsumeIntInRange(0, 5):
        content = gzip.compress(content)
        if not provider.ConsumeIntInRange(0, 5):
            content = _changed(content, provider)
    hour, part = provider.ConsumeIntInRange(1, 4), provider.ConsumeIntInRange(0, 2)
    name = _pick(provider, (f"2025-03-0{hour}T060000Z-{part}", f"2025-03-0{hour}", f"extract-{part}"))
    return f"{table}/{name}.{ending}", content


def _pick(provider, values):
    return values[provider.ConsumeIntInRange(0, len(values) - 1)]


def _value(provider):
    kind = provider.ConsumeIntInRange(0, 9)
    if kind < 7:
        return _pick(provider, VALUES)
    if kind == 7:
        return provider.ConsumeUnicode(12)
    return None if kind == 8 else provider.ConsumeInt(8)


def _json_lines(rows, columns, provider):
    # Lone surrogates, nested values and numbers as JSON writes them.
    nested = bool(provider.ConsumeIntInRange(0, 1))
    return "".join(
        json.dumps({name: [value] if nested and value == "a" else value for name, value in row.items()}) + "\n"
        for row in rows
    ).encode()


def _csv(rows, columns, provider):
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=_pick(provider, ("\n", "\r\n")))
    writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return written.getvalue().encode("utf-8", "surrogatepass")


def _parquet(rows, columns, provider):
    sink = io.BytesIO()
    kind = _pick(provider, (pl.String, pl.Binary, pl.Int64))
    made = {
        name: pl.Series([_as(row[name], kind) for row in rows], dtype=kind, strict=False)
        for name in dict.fromkeys(columns)
    }
    pl.DataFrame(made).write_parquet(sink)
    return sink.getvalue()


def _as(value, kind):
    if value is None or (kind == pl.Int64) != isinstance(value, int):
        return None
    if kind == pl.Int64:
        return max(-(2**63), min(value, 2**63 - 1))
    encoded = value.encode("utf-8", "replace")
    return encoded if kind == pl.Binary else encoded.decode()


def _changed(content, provider):
    if not content:
        return provider.ConsumeBytes(8)
    at = provider.ConsumeIntInRange(0, len(content) - 1)
    match provider.ConsumeIntInRange(0, 3):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + provider.ConsumeBytes(provider.ConsumeIntInRange(1, 4)) + content[at:]
        case 2:
            return content[:at] + provider.ConsumeBytes(1) + content[at + 1 :]
        case _:
            return content[at:] + content[:at]
