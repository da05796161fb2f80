"""The command `metrics-py`: one verb per thing to do; exit 0 fine, 1 a check failed, 2 bad input or usage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.errors import ConfigurationError, MetricsError

if TYPE_CHECKING:
    from metrics_py.pipeline import Places

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        command: Command = parsed.command
        return command(parsed)
    except MetricsError as error:
        print(f"metrics-py: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package == "metrics_py":
            raise
        print(
            f"metrics-py: this needs the package {package!r}; install it with: pip install 'metrics-py[build,page]'",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print(
            "metrics-py: stopped; what is landed stays, and the same command picks up from there",
            file=sys.stderr,
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="metrics-py",
        description="Product metrics from raw extracts to the scoreboard, each number with its evidence.",
        epilog="Start with: metrics-py sample --out sample && metrics-py build --extracts sample",
    )
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    sample = _verb(
        verbs,
        "sample",
        _sample,
        "write a seeded sample company, with the truth it was drawn from",
        "metrics-py sample --out sample",
        "metrics-py sample --out clean --clean --seed 7    # no dirt, no violations",
        "metrics-py sample --out big --scale 100           # 300,000 notes",
    )
    sample.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write (must be new or empty)")
    sample.add_argument("--scale", type=_positive, default=1, metavar="N", help="times 3,000 notes (default 1)")
    sample.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the simulation (default 1)")
    sample.add_argument("--clean", action="store_true", help="leave out the dirt and the process violations")

    land = _verb(
        verbs,
        "land",
        _land,
        "land extracts into the raw tables",
        "metrics-py land extracts",
        "metrics-py land extracts --extracted-at 2025-10-15T06:00:00Z   # files whose names carry no time",
    )
    land.add_argument("extracts", type=Path, metavar="DIR", help="folder of <source>/<table>/<file>")
    land.add_argument(
        "--extracted-at", type=_instant, metavar="TIME", help="when files whose names carry no time were taken"
    )
    _places(land, "warehouse")

    build = _verb(
        verbs,
        "build",
        _build,
        "land, build, publish and draw the scoreboard in one go",
        "metrics-py build --extracts sample",
        "metrics-py build                                   # what is in ./extracts, else what is landed",
        "metrics-py build --as-of 2025-10-15T00:00:00Z      # what a build on that day gave, in as_of/",
    )
    build.add_argument(
        "--extracts", type=Path, metavar="DIR", help="folder of extracts (default: extracts/ where it exists)"
    )
    build.add_argument(
        "--as-of", type=_instant, metavar="TIME", help="look from this instant (default: the newest extract)"
    )
    _places(build, "warehouse", "published", "site")

    frame = _verb(
        verbs,
        "sample-frame",
        _sample_frame,
        "draw a survey wave: a seeded, stratified sample of the active users",
        "metrics-py sample-frame --wave 2026Q1 --size 900 --out invitations.csv",
        "metrics-py sample-frame --wave 2026Q1 --size 900 --out invitations.csv --allocation neyman --seed 7",
    )
    frame.add_argument("--wave", required=True, metavar="NAME", help="name of the wave, e.g. 2026Q1")
    frame.add_argument("--size", type=_positive, required=True, metavar="N", help="people to draw")
    frame.add_argument("--out", type=Path, required=True, metavar="FILE", help="CSV of invitations for the survey tool")
    frame.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the draw (default 1)")
    frame.add_argument("--as-of", type=_instant, metavar="TIME", help="instant of the draw (default: newest extract)")
    frame.add_argument("--allocation", choices=("proportional", "neyman"), default="proportional")
    frame.add_argument(
        "--frame", type=Path, metavar="FILE", help="CSV of active users (default: from the Pendo tables)"
    )
    frame.add_argument("--extracts", type=Path, metavar="DIR", help="where the frame lands (default: beside --out)")
    _places(frame, "warehouse")

    publish = _verb(
        verbs,
        "publish",
        _publish,
        "copy the marts and metrics of a built warehouse to the snapshot that BI reads",
        "metrics-py publish",
        "metrics-py publish --published /srv/metrics",
    )
    _places(publish, "warehouse", "published")

    scoreboard = _verb(
        verbs,
        "scoreboard",
        _scoreboard,
        "draw the scoreboard pages from the published snapshot",
        "metrics-py scoreboard",
        "metrics-py scoreboard --site /srv/www",
    )
    _places(scoreboard, "published", "site")
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Command,
    summary: str,
    *examples: str,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog="examples:\n" + "\n".join(f"  {example}" for example in examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command)
    return parser


def _places(parser: argparse.ArgumentParser, *names: str) -> None:
    described = {
        "warehouse": ("FILE", "the DuckDB file (default: warehouse.duckdb of the project)"),
        "published": ("DIR", "the published snapshot (default: published/ of the project)"),
        "site": ("DIR", "the pages (default: site/ of the project)"),
    }
    parser.add_argument(
        "--project-dir", type=Path, metavar="DIR", help="folder of dbt_project.yml (default: here or above)"
    )
    for name in names:
        metavar, text = described[name]
        parser.add_argument(f"--{name}", type=Path, metavar=metavar, help=text)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; found {text}")
    return number


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an ISO time like 2025-10-15T06:00:00Z; found {text!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _sample(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output, progress
    from metrics_py.sample import generate
    from metrics_py.summary import sample_summary

    if parsed.out.exists() and any(parsed.out.iterdir()):
        raise ConfigurationError(f"{parsed.out} is not empty; name a new folder, or remove it first")
    with progress("Sampling") as step:
        report = generate(
            parsed.out,
            scale=parsed.scale,
            seed=parsed.seed,
            clean=parsed.clean,
            progress=lambda table, done, total: step(done, total, table),
        )
    output().print(sample_summary(report))
    return 0


def _land(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output, progress
    from metrics_py.land import land
    from metrics_py.summary import landing_table

    places = _find_places(parsed)
    with progress("Landing") as step:
        report = land(
            parsed.extracts,
            places.warehouse,
            project=places.project,
            extracted_at=parsed.extracted_at,
            progress=lambda index, total, table, rows: step(index, total, table),
        )
    output().print(landing_table(report))
    for file in report.refused:
        print(f"metrics-py: refused {file}", file=sys.stderr)
    return 2 if report.refused else 0


def _build(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output, progress
    from metrics_py.pipeline import Places, build, find_project
    from metrics_py.summary import build_summary

    project = (parsed.project_dir or find_project()).resolve()
    usual = Places.of(project)
    places = _find_places(parsed, as_of=parsed.as_of)
    extracts = parsed.extracts or (project / "extracts" if (project / "extracts").is_dir() else None)
    if extracts is not None and not extracts.is_dir():
        raise ConfigurationError(f"no folder {extracts}; name another, or make one: metrics-py sample --out sample")
    raw_warehouse = usual.warehouse if parsed.as_of else None
    if extracts is None and not (raw_warehouse or places.warehouse).exists():
        raise ConfigurationError("nothing to build from; name --extracts DIR, or try: metrics-py sample --out sample")
    report = build(places, extracts=extracts, as_of=parsed.as_of, raw_warehouse=raw_warehouse, progress=progress)
    output().print(build_summary(report, places))
    return report.exit_code


def _sample_frame(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output
    from metrics_py.draw import sample_frame

    places = _find_places(parsed)
    written = sample_frame(
        places.warehouse,
        project=places.project,
        wave=parsed.wave,
        size=parsed.size,
        out=parsed.out,
        seed=parsed.seed,
        as_of=parsed.as_of,
        allocation=parsed.allocation,
        frame_file=parsed.frame,
        extracts=parsed.extracts,
    )
    drawn = written.draw
    console = output()
    console.print(f"{drawn.sampled_count:,} of {drawn.frame.height:,} active users drawn; {drawn.resting_count:,} rest")
    if drawn.sampled_count < parsed.size:
        console.print(f"That is everyone who may be asked; {parsed.size - drawn.sampled_count:,} fewer than wanted.")
    console.print(f"Invitations: {written.invitations}\nThe frame, to be landed with the next build: {written.frame}")
    return 0


def _publish(parsed: argparse.Namespace) -> int:
    import json

    from metrics_py.console import output
    from metrics_py.publish import publish

    places = _find_places(parsed)
    manifest = places.project / "target" / "manifest.json"
    if not manifest.exists():
        raise ConfigurationError(f"no {manifest}; run `metrics-py build` or `dbt build` first")
    report = publish(places.warehouse, places.published, manifest=json.loads(manifest.read_text()))
    output().print(f"{report.tables} tables, {report.rows:,} rows in {places.published}")
    return 0


def _scoreboard(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output
    from metrics_py.scoreboard import render

    places = _find_places(parsed)
    report = render(places.published, places.site)
    output().print(f"{report.index}")
    return 0


def _find_places(parsed: argparse.Namespace, as_of: datetime | None = None) -> Places:
    from dataclasses import replace

    from metrics_py.pipeline import Places, find_project

    places = Places.of((parsed.project_dir or find_project()).resolve(), as_of)
    named = {name: getattr(parsed, name, None) for name in ("warehouse", "published", "site")}
    return replace(places, **{name: path.resolve() for name, path in named.items() if path is not None})


if __name__ == "__main__":
    sys.exit(main())
