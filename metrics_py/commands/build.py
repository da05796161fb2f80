"""`metrics-py land`, `build` and `publish`: from extracts to the snapshot that BI reads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from metrics_py.commands import Verbs, add_places, find_places, instant, verb
from metrics_py.engines import TARGETS
from metrics_py.errors import ConfigurationError


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare these verbs."""
    land = verb(
        verbs,
        "land",
        _land,
        "land extracts into the raw tables",
        "metrics-py land extracts",
        "metrics-py land extracts --extracted-at 2025-10-15T06:00:00Z   # files whose names carry no time",
    )
    land.add_argument("extracts", type=Path, metavar="DIR", help="folder of <source>/<table>/<file>")
    land.add_argument(
        "--extracted-at", type=instant, metavar="TIME", help="when files whose names carry no time were taken"
    )
    _add_wait(land)
    add_places(land, "warehouse")

    build = verb(
        verbs,
        "build",
        _build,
        "land, build, publish and draw the scoreboard in one go",
        "metrics-py build --extracts sample",
        "metrics-py build                                   # what is in ./extracts, else what is landed",
        "metrics-py build --as-of 2025-10-15T00:00:00Z      # what a build on that day gave, in as_of/",
        "metrics-py build --target postgres                 # computed on PostgreSQL, published as ever",
    )
    build.add_argument(
        "--extracts", type=Path, metavar="DIR", help="folder of extracts (default: extracts/ where it exists)"
    )
    build.add_argument(
        "--as-of", type=instant, metavar="TIME", help="look from this instant (default: the newest extract)"
    )
    build.add_argument(
        "--full-refresh",
        action="store_true",
        help="compute everything anew (default: only what newer extracts can have changed, where that is sure)",
    )
    build.add_argument("--target", choices=TARGETS, default="duckdb", help="the engine that computes (default: duckdb)")
    _add_wait(build)
    add_places(build, "warehouse", "published", "site")

    publish = verb(
        verbs,
        "publish",
        _publish,
        "copy the marts and metrics of a built warehouse to the snapshot that BI reads",
        "metrics-py publish",
        "metrics-py publish --published /srv/metrics",
    )
    add_places(publish, "warehouse", "published")


def _add_wait(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait", action="store_true", help="wait for another command that works on the same files (default: refuse)"
    )


def _land(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output, progress
    from metrics_py.land import land
    from metrics_py.lock import hold
    from metrics_py.shown import shown
    from metrics_py.summary import landing_table

    places = find_places(parsed)
    with hold(places.warehouse, wait=parsed.wait), progress("Landing") as step:
        report = land(
            parsed.extracts,
            places.warehouse,
            project=places.project,
            extracted_at=parsed.extracted_at,
            progress=lambda index, total, table, rows: step(index, total, table),
        )
    output().print(landing_table(report))
    for file in report.refused:
        print(f"metrics-py: refused {shown(str(file))}", file=sys.stderr)
    return 2 if report.refused else 0


def _build(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output, progress
    from metrics_py.pipeline import Places, build, find_project
    from metrics_py.privacy import salt_warning
    from metrics_py.summary import build_summary

    project = (parsed.project_dir or find_project()).resolve()
    usual = Places.of(project)
    places = find_places(parsed, as_of=parsed.as_of)
    extracts = parsed.extracts or (project / "extracts" if (project / "extracts").is_dir() else None)
    if extracts is not None and not extracts.is_dir():
        raise ConfigurationError(f"no folder {extracts}; name another, or make one: metrics-py sample --out sample")
    raw_warehouse = usual.warehouse if parsed.as_of else None
    if extracts is None and not (raw_warehouse or places.warehouse).exists():
        raise ConfigurationError("nothing to build from; name --extracts DIR, or try: metrics-py sample --out sample")
    warning = salt_warning(project, extracts)
    if warning:
        print(f"metrics-py: {warning}", file=sys.stderr)
    report = build(
        places,
        extracts=extracts,
        as_of=parsed.as_of,
        raw_warehouse=raw_warehouse,
        target=parsed.target,
        is_full=parsed.full_refresh,
        wait=parsed.wait,
        progress=progress,
    )
    output().print(build_summary(report, places))
    return report.exit_code


def _publish(parsed: argparse.Namespace) -> int:
    import json

    from metrics_py.console import output
    from metrics_py.publish import publish

    places = find_places(parsed)
    manifest = places.project / "target" / "manifest.json"
    if not manifest.exists():
        raise ConfigurationError(f"no {manifest}; run `metrics-py build` or `dbt build` first")
    report = publish(
        places.warehouse,
        places.published,
        manifest=json.loads(manifest.read_text()),
        history=places.history,
    )
    output().print(f"{report.tables} tables, {report.rows:,} rows in {places.published}")
    return 0
