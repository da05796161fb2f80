"""The sample company with hostile texts wherever somebody may write one: names, notes, comments, squads, owners."""

import csv
import gzip
import io
import json
from itertools import cycle

import polars as pl

TEXTS = (
    '<script>alert("in")</script>',
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</script></style></title><iframe src=javascript:alert(1)>",
    "'); drop schema marts cascade; --",
    '=HYPERLINK("http://harm.example","prize")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-2+3+cmd|' /C calc'!A0",
    "\u202egpj.exe\u2066\u200f",
    "\x1b]0;owned\x07\x1b[31mred\x01\x08",
    "{{ 7 * 7 }}{% for x in [] %}${7*7}",
    "[a](javascript:alert(1)) ![b](http://harm.example/b.png) | c | `d`",
    "%3Cscript%3E&lt;b&gt;&#x3C;i&#x3E;<!-- ]]>",
    "\u2028\u2029\r\nX-Injected: yes\n\n",
    "../../../etc/passwd\\..\\",
    "Z\u0335\u0321\u0489\u0353a" * 50,
    "\ue00099\ue001 \ufffe",
    "long " * 20_000,
)
# Names that stand for one thing in many tables are changed alike everywhere.
SAME = {
    "dispatch": 'dispatch"><script>alert(2)</script>',
    "ana.silva@cxt.example": "ana<script>alert(3)</script>'--@cxt.example",
    "ben.okafor@cxt.example": "=ben|'cmd'!A1@cxt.example",
    "f000-00003": "f\"><img src=x onerror=alert(4)>'; --",
    "f000-00005": "../../f000-00005",
    "n000-0000006": "=n000<svg onload=alert(5)>",
    "kr-arr": "kr-arr<script>alert(6)</script>",
}
COLUMNS = {
    *("name", "content", "comment", "change_reason", "miss_reason", "override_reason", "reason", "title"),
    *("body_storage", "response_text", "full_name", "display_name", "objective", "mechanism", "learned", "evidence"),
    *("recorded_by", "written_by", "reviewer", "source_system", "summary", "measure", "target_change_reason", "tags"),
    *("card_comment", "definition", "formula", "decision"),
}
# What these name is looked up by what they hold, and a file name for it would be no company's.
KEPT = {"feature_statuses", "status", "status_category", "field", "metric_cards", "key_result_metrics"}


def spoil_extracts(extracts):
    """Change every text of extracts in place; files that have one, and the number of texts changed."""
    texts, changed = cycle(TEXTS), 0
    for path in sorted(path for path in extracts.glob("*/*/*") if path.parent.name not in KEPT):
        changed += _spoil(path, texts)
    return changed


def spoil_seeds(seeds):
    """Change every text that an organisation writes into its seeds."""
    texts, changed = cycle(TEXTS[:-1]), 0
    for area in ("goals/people", "goals/causal_links", "features/wip_limits", "okr/*"):
        for path in sorted(seeds.glob(f"{area}.csv")):
            if path.stem not in KEPT:
                changed += _spoil(path, texts)
    return changed


def _spoil(path, texts):
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        rows = frame.to_dicts()
        changed = _spoil_rows(rows, texts)
        pl.DataFrame(rows, schema=frame.schema).write_parquet(path)
        return changed
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    is_csv = ".csv" in path.name
    rows = list(csv.DictReader(io.StringIO(text))) if is_csv else [json.loads(line) for line in text.splitlines()]
    changed = _spoil_rows(rows, texts)
    written = _csv(rows) if is_csv else "".join(json.dumps(row) + "\n" for row in rows)
    path.write_bytes(gzip.compress(written.encode()) if path.suffix == ".gz" else written.encode())
    return changed


def _spoil_rows(rows, texts):
    changed = 0
    for row in rows:
        for column, value in row.items():
            if value in SAME:
                row[column] = SAME[value]
            elif column in COLUMNS and isinstance(value, str) and value:
                text = next(texts)
                # In front and behind: a formula harms at the start, markup anywhere.
                row[column] = f"{text} {value}" if changed // len(TEXTS) % 2 else f"{value} {text}"
            else:
                continue
            changed += 1
    return changed


def _csv(rows):
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
