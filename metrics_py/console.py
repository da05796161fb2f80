"""What a person sees on the terminal: plain text, colour only on a terminal, progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

Step = Callable[[int, int, str], None]
"""Reports progress: units done, units in all (0 when not yet known), and what is being worked on."""


def output() -> Console:
    """Console on standard output; rich drops the colours where it is not a terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


@contextmanager
def progress(title: str) -> Iterator[Step]:
    """A bar on standard error while a step runs; on a pipe, one line when it starts and one every tenth of the way."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with _bar(console, title) as step:
            yield step
    else:
        console.print(title)
        yield _milestones(console, title)


@contextmanager
def _bar(console: Console, title: str) -> Iterator[Step]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[item]}"),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(title, total=None, item="")

        def step(done: int, total: int, item: str) -> None:
            bars.update(task, completed=done, total=total or None, item=item[:60])

        yield step


def _milestones(console: Console, title: str) -> Step:
    last_tenth = 0

    def step(done: int, total: int, item: str) -> None:
        nonlocal last_tenth
        tenth = 10 * done // total if total else 0
        if tenth > last_tenth:
            last_tenth = tenth
            console.print(f"{title} {done:,} of {total:,}")

    return step
