"""What a command says when it is done: tables and sentences for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from metrics_py.land import LandingReport
    from metrics_py.outlook import KnownInsights
    from metrics_py.pipeline import BuildReport, Places
    from metrics_py.refresh import Scope
    from metrics_py.sample import SampleReport
    from metrics_py.what_if import Outlook, WhatIf

_COLOURS = {"winning": "green", "losing": "red", "stale": "yellow", "too_early": "cyan"}
_NAMED_TABLES = 8


def sample_summary(report: SampleReport) -> str:
    """What was written and what to do with it."""
    truth = (
        f"the truth behind them in {report.out / 'truth'}" if report.has_truth else "no truth, as extracts are left out"
    )
    return (
        f"{report.files:,} files, {report.rows:,} rows, {report.bytes / 1e6:,.0f} MB in {report.out / 'extracts'}; "
        f"{truth}\n"
        f"Next: metrics-py build --extracts {report.out}"
    )


def landing_table(report: LandingReport) -> RenderableType:
    """One row per table that had new files, with its counts, and their sum."""
    notes = [f"{report.known:,} files were landed before and left alone."] if report.known else []
    notes += [f"{name} is empty and so no extract." for name in report.empty]
    if not report.tables:
        return Text("\n".join(notes or ["No files found."]))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table")
    for heading in ("files", "rows landed", "unchanged", "quarantined"):
        table.add_column(heading, justify="right")
    total = report.total()
    for row in (*report.tables, total):
        name = f"{row.source}.{row.table}" if row.source else "in all"
        counts = (row.files, row.landed, row.unchanged, row.quarantined)
        table.add_row(name, *(f"{count:,}" for count in counts), style="bold" if row is total else "")
    return Group(table, *notes)


def build_summary(report: BuildReport, places: Places) -> RenderableType:
    """The verdict per measure, what was left out, what failed, and where the page is."""
    return Group(
        "",
        Text(f"{report.page.answer} {report.page.tally}", style="bold"),
        Padding(_verdicts(places), (1, 0)),
        *_landed(report),
        *_failures(report),
        f"{report.dbt.models:,} models, {report.dbt.tests:,} tests; {_scope(report.dbt.scope)}",
        f"{report.publishing.tables:,} tables published in {places.published}",
        Text.assemble("The page: ", (str(report.page.index), "bold")),
    )


def _scope(scope: Scope) -> str:
    if scope.since is None:
        return f"everything computed anew ({scope.reason})"
    return f"refreshed with what came after {scope.since.isoformat()}Z"


def _verdicts(places: Places) -> Table:
    # Only a build has drawn the page; a landing must not wait a second for the charting library behind these.
    from metrics_py.publish.reader import Snapshot
    from metrics_py.scoreboard.number import value_text
    from metrics_py.scoreboard.words import STATUS_WORDS

    columns = ["goal_level", "goal_name", "org_level", "value", "unit", "status", "status_reason"]
    board = Snapshot(places.published).read("scoreboard", columns)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for row in board.filter(board["org_level"] == "company").sort("goal_level", "goal_name").iter_rows(named=True):
        status = row["status"]
        value = "-" if row["value"] is None else value_text(row["value"], row["unit"])
        word = Text(STATUS_WORDS[status], style=f"bold {_COLOURS.get(status, 'dim')}")
        table.add_row(word, Text(row["goal_name"], style="bold"), Text(value, justify="right"), row["status_reason"])
    return table


def _landed(report: BuildReport) -> Iterator[str]:
    landing = report.landing
    if landing is None:
        return
    total = landing.total()
    yield (
        f"{total.files:,} files landed, {landing.known:,} known before: {total.landed:,} new rows, "
        f"{total.unchanged:,} unchanged, {total.quarantined:,} quarantined"
    )
    quarantined = sorted(
        (t for t in landing.tables if t.quarantined), key=lambda t: (-t.quarantined, t.source, t.table)
    )
    if quarantined:
        named = ", ".join(f"{t.source}.{t.table} {t.quarantined:,}" for t in quarantined[:_NAMED_TABLES])
        more = f" and {len(quarantined) - _NAMED_TABLES} more tables" if len(quarantined) > _NAMED_TABLES else ""
        yield f"Quarantined, each with its reason in raw.raw_quarantine: {named}{more}"


def _failures(report: BuildReport) -> Iterator[RenderableType]:
    failures = sorted(report.dbt.failures, key=lambda failure: (failure.severity, failure.name))
    if not failures:
        yield Text("Every data test and integrity rule holds.", style="green")
        return
    yield Text(f"{len(failures)} data tests or rules found rows, kept in {report.dbt.place}:", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 2))
    for failure in failures:
        colour = "red" if failure.severity == "error" else "yellow"
        table.add_row(Text(failure.severity, style=colour), f"{failure.rows:,} rows", failure.table)
    yield table


def what_if_table(answer: WhatIf, known: KnownInsights) -> RenderableType:
    """The readings of today and of the day asked for, without and with the launches, and what that means."""
    days = sorted(answer.cycle_days.values())
    if len(days) == 1:
        who = f"1 open insight of {known.name} launches on {answer.launching.day}, {days[0]} days after it started"
    else:
        span = f"{days[0]} to {days[-1]} days after they started"
        who = f"{len(days)} open insights of {known.name} launch on {answer.launching.day}, {span}"
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("reading")
    for heading in (f"today, {answer.today.day}", f"{answer.without.day}, no launch", f"{answer.launching.day}, if so"):
        table.add_column(heading, justify="right")
    outlooks = (answer.today, answer.without, answer.launching)
    within = f"Share within {known.limit_days} days"
    table.add_row("P90 of what was launched", *(_days(o.p90_launched) for o in outlooks))
    table.add_row("P90 with the open ones", *(_days(o.p90_with_open, "not reached") for o in outlooks))
    table.add_row(within, *(_share(o) for o in outlooks))
    table.add_row("Launched in the window", *(f"{o.launched:,}" for o in outlooks))
    table.add_row(f"Open past {known.limit_days} days", *(f"{o.overdue:,}" for o in outlooks))
    return Group(f"If {who}:", Padding(table, (1, 0)), _what_if_verdict(answer, known))


def _days(value: int | None, nothing: str = "no launches") -> str:
    return nothing if value is None else f"{value} days"


def _share(outlook: Outlook) -> str:
    if outlook.share_within is None:
        return "none started"
    return f"{outlook.share_within:.1%} of {outlook.started:,}"


def _what_if_verdict(answer: WhatIf, known: KnownInsights) -> str:
    then = answer.launching
    fast = then.p90_launched is not None and then.p90_launched <= known.limit_days
    kept = then.share_within is not None and then.share_within >= known.target_share
    target = f"P90 at most {known.limit_days} days and at least {known.target_share:.0%} within {known.limit_days} days"
    if fast and kept:
        return f"CIRCT would be winning: {target} both hold."
    missed = [
        text for text, holds in (("the P90", fast), (f"the share within {known.limit_days} days", kept)) if not holds
    ]
    return f"CIRCT would be losing, by {' and '.join(missed)}. Winning needs {target}."
