"""`metrics-py what-if`: CIRCT on a day to come, if some open insights launched on it."""

from __future__ import annotations

import argparse
from datetime import date

from metrics_py.commands import Verbs, add_places, add_unit, find_places, verb


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    what_if = verb(
        verbs,
        "what-if",
        _what_if,
        "what CIRCT will read if these open insights launch",
        "metrics-py what-if --feature f000-00052                    # all its open insights, by next Friday",
        "metrics-py what-if --insight n000-0000003 --on 2026-02-13",
        "metrics-py what-if --overdue --pm ana.silva@cxt.example    # everything of hers past the target",
    )
    chosen = what_if.add_argument_group("insights that launch (one of these)").add_mutually_exclusive_group(
        required=True
    )
    chosen.add_argument("--insight", nargs="+", metavar="ID", help="open insights, by id")
    chosen.add_argument("--feature", nargs="+", metavar="ID", help="every open insight that waits for these features")
    chosen.add_argument("--overdue", action="store_true", help="every open insight past the target")
    add_unit(what_if)
    what_if.add_argument("--on", type=_day, metavar="DATE", help="the day they launch (default: the next Friday)")
    add_places(what_if, "published")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a date like 2026-02-06; found {text!r}") from None


def _what_if(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output
    from metrics_py.outlook import read_insights
    from metrics_py.summary import what_if_table
    from metrics_py.what_if import next_friday, what_if

    known = read_insights(find_places(parsed).published, pm=parsed.pm, squad=parsed.squad)
    launch = known.choose(insights=parsed.insight, features=parsed.feature)
    answer = what_if(
        known.insights,
        launch=launch,
        on=parsed.on or next_friday(known.today),
        today=known.today,
        window_days=known.window_days,
        percentile=known.percentile,
        limit_days=known.limit_days,
    )
    output().print(what_if_table(answer, known))
    return 0
