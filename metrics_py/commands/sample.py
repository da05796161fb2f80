"""`metrics-py sample` and `metrics-py sample-frame`: a company to try things on, and a survey wave to draw."""

from __future__ import annotations

import argparse
from pathlib import Path

from metrics_py.commands import Verbs, add_places, find_places, instant, positive, verb
from metrics_py.errors import ConfigurationError


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare these verbs."""
    sample = verb(
        verbs,
        "sample",
        _sample,
        "write a seeded sample company, with the truth it was drawn from",
        "metrics-py sample --out sample",
        "metrics-py sample --out clean --clean --seed 7    # no dirt, no violations",
        "metrics-py sample --out big --scale 100           # 300,000 notes",
        "metrics-py sample --out huge --scale 1000 --teams 10 --every 10    # 3,000,000 notes of 40 squads",
    )
    sample.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write (must be new or empty)")
    sample.add_argument("--scale", type=positive, default=1, metavar="N", help="times 3,000 notes (default 1)")
    sample.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the simulation (default 1)")
    sample.add_argument("--clean", action="store_true", help="leave out the dirt and the process violations")

    sample.add_argument(
        "--teams", type=positive, metavar="N", help="times 4 squads, 12 people and 400 accounts (default: the scale)"
    )
    sample.add_argument(
        "--every",
        type=positive,
        default=1,
        metavar="N",
        help="keep the first, every Nth and the last two of the 110 extracts; the truth is left out then (default 1)",
    )

    frame = verb(
        verbs,
        "sample-frame",
        _sample_frame,
        "draw a survey wave: a seeded, stratified sample of the active users",
        "metrics-py sample-frame --wave 2026Q1 --size 900 --out invitations.csv",
        "metrics-py sample-frame --wave 2026Q1 --size 900 --out invitations.csv --allocation neyman --seed 7",
    )
    frame.add_argument("--wave", required=True, metavar="NAME", help="name of the wave, e.g. 2026Q1")
    frame.add_argument("--size", type=positive, required=True, metavar="N", help="people to draw")
    frame.add_argument("--out", type=Path, required=True, metavar="FILE", help="CSV of invitations for the survey tool")
    frame.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the draw (default 1)")
    frame.add_argument("--as-of", type=instant, metavar="TIME", help="instant of the draw (default: newest extract)")
    frame.add_argument("--allocation", choices=("proportional", "neyman"), default="proportional")
    frame.add_argument(
        "--frame", type=Path, metavar="FILE", help="CSV of active users (default: from the Pendo tables)"
    )
    frame.add_argument("--extracts", type=Path, metavar="DIR", help="where the frame lands (default: beside --out)")
    add_places(frame, "warehouse")


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
            teams=parsed.teams,
            every=parsed.every,
            progress=lambda table, done, total: step(done, total, table),
        )
    output().print(sample_summary(report))
    return 0


def _sample_frame(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output
    from metrics_py.draw import sample_frame

    places = find_places(parsed)
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
