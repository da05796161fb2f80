"""`metrics-py trace`: from a published number back to its rows and their raw records."""

from __future__ import annotations

import argparse
from pathlib import Path

from metrics_py.commands import Verbs, add_places, add_unit, find_places, verb

_TEXT_LIMIT = 10


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    trace = verb(
        verbs,
        "trace",
        _trace,
        "list the rows in and left out of a published number, down to file and record, and add them up again",
        "metrics-py trace circt                                    # the newest value of the company",
        "metrics-py trace circt --period 2025-12-31 --pm ana.silva@cxt.example",
        "metrics-py trace ddqs --period 2025Q4 --squad dispatch --reading coverage",
        "metrics-py trace ploar --period 2025H2 --format csv --out ploar.csv",
    )
    trace.add_argument("metric", metavar="METRIC", help="ddqs, ploar, circt, nps or arr")
    trace.add_argument(
        "--period",
        metavar="WHEN",
        help="2025-12-31, 2025-12, 2025Q4, 2025H2 or 2025-07-01..2025-12-31 (default: the newest)",
    )
    add_unit(trace)
    trace.add_argument("--reading", metavar="NAME", help="which way it is computed (default: the headline)")
    trace.add_argument("--format", choices=("text", "json", "csv"), default="text", help="default: text")
    trace.add_argument(
        "--limit",
        type=_limit,
        metavar="N",
        help=f"rows shown of each group, 0 for all (default: {_TEXT_LIMIT} in text, all in json and csv)",
    )
    trace.add_argument("--out", type=Path, metavar="FILE", help="write there (default: the terminal)")
    add_places(trace, "published")


def _trace(parsed: argparse.Namespace) -> int:
    import sys

    from metrics_py.errors import ConfigurationError
    from metrics_py.publish.trace import trace
    from metrics_py.publish.trace_text import as_csv, as_json, as_text
    from metrics_py.shown import shown

    published = parsed.published or find_places(parsed).published
    traced = trace(
        published,
        parsed.metric,
        period=parsed.period,
        person=parsed.pm,
        squad=parsed.squad,
        reading=parsed.reading,
    )
    limit = parsed.limit or None
    if parsed.format == "text":
        written = shown(as_text(traced, limit=_TEXT_LIMIT if parsed.limit is None else limit))
    else:
        written = {"json": as_json, "csv": as_csv}[parsed.format](traced, limit=limit)
    if parsed.out is None:
        sys.stdout.write(written)
    else:
        try:
            parsed.out.write_text(written, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"cannot write {parsed.out} ({error.strerror}); name another --out") from None
    for difference in traced.recomputed.disagreements:
        print(f"metrics-py: {difference}", file=sys.stderr)
    return 0 if traced.recomputed.agrees else 1


def _limit(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more; found {text}")
    return number
