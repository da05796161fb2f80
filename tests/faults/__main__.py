"""`make faults`: every fault tried in full, and the table of docs/reliability.md written from what came of it.

python -m tests.faults                      # all of it; about half an hour on an idle machine of two cores
python -m tests.faults --share 0.1          # a tenth of the kills
python -m tests.faults --only kills,clock   # some of it; the table is printed and not written
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.machine import kills, machine_faults, rig
from tests.faults.machine.trial import table

PAGE = rig.ROOT / "docs" / "reliability.md"
KILLS = {"land": 70, "build": 30, "publish": 60, "draw": 40}
FAULTS = {
    "disk": machine_faults.full_disk,
    "door": machine_faults.closed_door,
    "damage": machine_faults.damaged_warehouse,
    "two": machine_faults.two_at_once,
    "clock": machine_faults.jumping_clock,
    "large": machine_faults.large_extract,
}


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="share of the 200 kills to try (default 1)")
    parser.add_argument("--only", default="", help="some of: kills, " + ", ".join([*KILLS, *FAULTS]))
    parser.add_argument("--sample", type=Path, help="a sample drawn already (default: draw one)")
    asked = parser.parse_args()
    only = set(asked.only.split(",")) - {""} or {"kills", *FAULTS}
    trials = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        bench = kills.Bench(Path(folder), sample=asked.sample)
        for stage, count in KILLS.items():
            if only & {"kills", stage}:
                trials.append(kills.STAGES[stage](bench, max(1, round(count * asked.share))).trial())
                _tell(trials[-1])
        for name, fault in FAULTS.items():
            if name in only:
                trials.append(fault(bench))
                _tell(trials[-1])
    minutes = (time.monotonic() - began) / 60
    if not asked.only and asked.share == 1:
        page = PAGE.read_text(encoding="utf-8")
        text = f"{table(trials)}\n\nTaken in {minutes:.0f} minutes."
        PAGE.write_text(
            re.sub(r"(<!-- faults -->\n).*(\n<!-- /faults -->)", lambda m: m[1] + text + m[2], page, flags=re.S)
        )
    print(table(trials), f"\n{minutes:.1f} minutes")
    return 1 if any(trial.survived < trial.tried for trial in trials) else 0


def _tell(trial):
    print(f"{trial.fault}: {trial.survived} of {trial.tried} survived", flush=True)
    for line in trial.trouble:
        print(f"  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
