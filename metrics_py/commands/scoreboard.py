"""`metrics-py scoreboard`: the pages, from the published snapshot alone, and the server that keeps them current."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.commands import Verbs, add_places, find_places, verb
from metrics_py.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from metrics_py.pipeline import Places
    from metrics_py.scoreboard.rebuild import Rebuilder


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    scoreboard = verb(
        verbs,
        "scoreboard",
        _scoreboard,
        "draw the scoreboard pages from the published snapshot, and serve them",
        "metrics-py scoreboard",
        "metrics-py scoreboard --site /srv/www",
        "metrics-py scoreboard --docs                         # with dbt's documentation beside the board",
        "metrics-py scoreboard --serve                        # http://127.0.0.1:8000/, current by itself",
        "metrics-py scoreboard --serve --extracts extracts    # builds whenever an extract arrives",
    )
    scoreboard.add_argument("--docs", action="store_true", help="generate dbt's documentation and link it")
    scoreboard.add_argument("--serve", action="store_true", help="serve the pages and keep them current, until Ctrl-C")
    scoreboard.add_argument("--port", type=_port, default=8000, metavar="P", help="port to serve on (default 8000)")
    scoreboard.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="HOST",
        help="address to serve on (default 127.0.0.1: this machine alone; another lets everybody there read the board)",
    )
    scoreboard.add_argument(
        "--extracts", type=Path, metavar="DIR", help="with --serve: build whenever something changes in this folder"
    )
    add_places(scoreboard, "warehouse", "published", "site")


def _scoreboard(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output
    from metrics_py.scoreboard import render
    from metrics_py.scoreboard.dbt_docs import write_dbt_docs

    if parsed.extracts is not None and not parsed.serve:
        raise ConfigurationError("--extracts goes with --serve; to build once, run: metrics-py build --extracts DIR")
    places = find_places(parsed)
    if parsed.docs:
        write_dbt_docs(places.project, places.warehouse, places.site)
    if parsed.serve:
        return _serve(parsed, places)
    report = render(places.published, places.site)
    output().print(f"{report.index} and {report.page_count - 1:,} pages below it")
    return 0


def _serve(parsed: argparse.Namespace, places: Places) -> int:
    import signal

    from metrics_py.console import output
    from metrics_py.errors import WarehouseError
    from metrics_py.scoreboard import render
    from metrics_py.scoreboard.live import Keeper
    from metrics_py.scoreboard.serve import BoardServer

    if parsed.extracts is not None and not parsed.extracts.is_dir():
        raise ConfigurationError(f"no folder {parsed.extracts}; name the one that receives the extracts")
    console = output()
    server = BoardServer(places.site, host=parsed.host, port=parsed.port)
    try:
        render(places.published, places.site)
    except WarehouseError:
        if parsed.extracts is None:
            server.server_close()
            raise
        console.print("Nothing is published yet; the board is there after the first build.")
    rebuilder = None if parsed.extracts is None else _rebuilder(parsed.extracts.resolve(), places, console.print)
    keeper = Keeper(places.published, places.site, rebuilder=rebuilder, tell=console.print)
    # What stops a service stops it as cleanly as Ctrl-C does.
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)
    try:
        keeper.start()
        console.print(f"The board: {server.url}   (Ctrl-C to stop)")
        if not server.is_local:
            console.print("Everybody who can reach this address can read it.")
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        console.print("Stopping.")
    finally:
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.SIG_IGN)
        keeper.stop()
        server.server_close()
    return 0


def _rebuilder(extracts: Path, places: Places, tell: Callable[[str], None]) -> Rebuilder:
    from metrics_py.scoreboard.rebuild import Rebuilder

    build = [sys.executable, "-m", "metrics_py", "build", "--wait", "--project-dir", str(places.project)]
    for name in ("warehouse", "published", "site"):
        build += [f"--{name}", str(getattr(places, name))]
    return Rebuilder(extracts, places.site, build=[*build, "--extracts", str(extracts)], tell=tell)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"must be 0 to 65535; found {text}")
    return port
