"""`metrics-py scoreboard`: the pages, from the published snapshot alone."""

from __future__ import annotations

import argparse

from metrics_py.commands import Verbs, add_places, find_places, verb


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    scoreboard = verb(
        verbs,
        "scoreboard",
        _scoreboard,
        "draw the scoreboard pages from the published snapshot",
        "metrics-py scoreboard",
        "metrics-py scoreboard --site /srv/www",
    )
    add_places(scoreboard, "published", "site")


def _scoreboard(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output
    from metrics_py.scoreboard import render

    places = find_places(parsed)
    report = render(places.published, places.site)
    output().print(f"{report.index}")
    return 0
