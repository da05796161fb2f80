"""`make faults`: every fault tried in full, and the table of docs/reliability.md written from what came of it.

python -m tests.faults                       # all of it; most of an hour on two cores
python -m tests.faults --folder /tmp/faults  # the same, kept there: run again after a stop, it goes on where it was
python -m tests.faults --share 0.1           # a tenth of the kills; the table is printed and not written
python -m tests.faults --only kills,clock    # some of it; the same
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.machine import hostile, kills, machine_faults, rig, serving
from tests.faults.machine.bench import Bench
from tests.faults.machine.ledger import Ledger
from tests.faults.machine.trial import table

PAGE = rig.ROOT / "docs" / "reliability.md"
KILLS = {kills.Landing: 41, kills.Publishing: 40, kills.Drawing: 80, serving.Reading: 30}
KILLS |= {kills.Building: 6, serving.Rebuilding: 3}
FAULTS = {
    "disk": machine_faults.full_disk,
    "door": machine_faults.closed_door,
    "damage": machine_faults.damaged_warehouse,
    "two": machine_faults.two_at_once,
    "clock": machine_faults.jumping_clock,
    "large": machine_faults.large_extract,
    "hostile": hostile.hostile_inputs,
}


def main():
    stages = {stage.name: stage for stage in KILLS}
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="share of the 200 kills to try (default 1)")
    parser.add_argument("--only", default="", help="some of: kills, " + ", ".join([*stages, *FAULTS]))
    parser.add_argument("--sample", type=Path, help="a sample drawn already (default: draw one)")
    parser.add_argument("--folder", type=Path, help="work here, and go on with what is here (default: begin anew)")
    asked = parser.parse_args()
    only = set(asked.only.split(",")) - {""} or {"kills", *FAULTS}
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        trials = _try(asked.folder.resolve(), asked, only)
    else:
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            trials = _try(Path(folder), asked, only)
    if not asked.only and asked.share == 1:
        page = PAGE.read_text(encoding="utf-8")
        text = f"{table(trials)}\n\n{_account(trials)}"
        PAGE.write_text(
            re.sub(r"(<!-- faults -->\n).*(\n<!-- /faults -->)", lambda m: m[1] + text + m[2], page, flags=re.S)
        )
    print(table(trials), _account(trials), sep="\n\n")
    return 1 if any(trial.survived < trial.tried for trial in trials) else 0


def _try(folder, asked, only):
    bench, ledger = Bench(folder, sample=asked.sample), Ledger(folder / "trials.jsonl")
    trials = []
    for kind, count in KILLS.items():
        if only & {"kills", kind.name}:
            trials.append(_kill(kind, bench, ledger, max(1, round(count * asked.share / kind.kills_a_round))))
            _tell(trials[-1])
    for name, fault in FAULTS.items():
        if name in only:
            if not ledger.of(name):
                began = time.monotonic()
                trial = fault(bench)
                trial.seconds = time.monotonic() - began
                ledger.add(name, trial)
            trials.append(ledger.of(name)[-1])
            _tell(trials[-1])
    return trials


def _kill(kind, bench, ledger, rounds):
    done = ledger.of(kind.name)[:rounds]
    if len(done) < rounds:
        stage = kind(bench)
        print(f"{kind.name}: {stage.seconds:.1f} seconds undisturbed", flush=True)
        for number in range(len(done), rounds):
            done.append(stage.round(number))
            ledger.add(kind.name, done[-1])
    return sum(done[1:], start=done[0])


def _account(trials):
    killed = sum(trial.tried for trial in trials if trial.fault.startswith("kill"))
    tried, survived = sum(trial.tried for trial in trials), sum(trial.survived for trial in trials)
    lost, doubled = sum(trial.lost for trial in trials), sum(trial.doubled for trial in trials)
    minutes = sum(trial.seconds for trial in trials) / 60
    return (
        f"{killed} kills; {survived} of {tried} trials survived; {lost} rows lost, {doubled} doubled. "
        f"Taken in {minutes:.0f} minutes."
    )


def _tell(trial):
    print(f"{trial.fault}: {trial.survived} of {trial.tried} survived in {trial.seconds:.0f} s", flush=True)
    for line in trial.trouble:
        print(f"  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
