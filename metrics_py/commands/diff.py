"""`metrics-py diff`: what changed between two publishes, and why."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.commands import Verbs, find_places, instant, verb
from metrics_py.errors import ConfigurationError

if TYPE_CHECKING:
    from metrics_py.history import History, Publish


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare this verb."""
    diff = verb(
        verbs,
        "diff",
        _diff,
        "explain what changed between two publishes: which values, by how much, because of which rows",
        "metrics-py diff 2025-10-15 2026-01-31",
        "metrics-py diff 2025-10-15 2026-01-31 --metric ploar --squad Payments",
        "metrics-py diff 2025-10-15 2026-01-31 --metric circt --pm ana@example.com --format csv > changes.csv",
        "metrics-py diff --list                             # what was published, and when",
    )
    diff.add_argument("old", nargs="?", metavar="DATE1", help="a day, a time, or the id of a publish")
    diff.add_argument("new", nargs="?", metavar="DATE2", help="a later one (default: the newest publish)")
    diff.add_argument("--list", action="store_true", dest="is_list", help="list the publishes and rebuilds, and stop")
    diff.add_argument("--metric", metavar="M", help="only this metric: ddqs, ploar, circt, nps, arr")
    unit = diff.add_mutually_exclusive_group()
    unit.add_argument("--pm", metavar="EMAIL", help="only the values of this person")
    unit.add_argument("--squad", metavar="SQUAD", help="only the values of this squad")
    diff.add_argument(
        "--format", choices=("text", "json", "csv"), default="text", help="how to write it (default: text)"
    )
    diff.add_argument(
        "--project-dir", type=Path, metavar="DIR", help="folder of dbt_project.yml (default: here or above)"
    )


def _diff(parsed: argparse.Namespace) -> int:
    from metrics_py.history import History
    from metrics_py.history.ledger import restatements
    from metrics_py.history.report import as_json, as_text, only
    from metrics_py.shown import shown
    from metrics_py.spreadsheet import harmless

    history = History(find_places(parsed).history)
    if parsed.is_list:
        for publish in (*history.publishes(), *history.rebuilds()):
            print(publish)
        return 0
    if parsed.old is None:
        raise ConfigurationError("name a day to compare with: metrics-py diff 2025-10-15; --list shows what there is")
    old = _find(history, parsed.old)
    new = _find(history, parsed.new) if parsed.new else _newest(history)
    if old.id == new.id:
        raise ConfigurationError(f"both are the same publish, {old}; metrics-py diff --list shows all there are")
    frame = only(restatements(old, new), metric=parsed.metric, person=parsed.pm, squad=parsed.squad)
    if parsed.format == "csv":
        sys.stdout.write(harmless(frame).write_csv())
    elif parsed.format == "json":
        print(as_json(old, new, frame))
    else:
        print(shown(as_text(old, new, frame)))
    return 0


def _newest(history: History) -> Publish:
    return history.find(datetime.max)


def _find(history: History, text: str) -> Publish:
    by_id = [entry for entry in (*history.rebuilds(), *history.publishes()) if len(text) >= 6 and entry.id == text]
    if by_id:
        return by_id[-1]
    try:
        moment = instant(text).replace(tzinfo=None)
    except argparse.ArgumentTypeError as error:
        raise ConfigurationError(
            f"DATE {error}; or the id of a publish, of which metrics-py diff --list shows all"
        ) from None
    # A day means its end: everything that was extracted on it.
    is_day = len(text) <= len("2025-10-15") and moment.time() == time()
    return history.find(moment + timedelta(days=1, microseconds=-1) if is_day else moment)
