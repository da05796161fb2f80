"""Wall time and peak memory of `metrics-py build` on the sample company, at scale 1 and 100.

The yardstick is the build itself: at a hundred times the notes it may take ten times as long. Warm means that the same
build ran once before, so that nothing is compiled, parsed or landed for the first time.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.conftest import ROOT, copy_project


def timed(*arguments: object) -> tuple[float, float, int]:
    """Seconds, peak memory in GB and exit code of one command, its output dropped."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "metrics_py", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - started, usage.ru_maxrss / 1e6, os.waitstatus_to_exitcode(status)


def measure(scale: int, folder: Path) -> float:
    """Print the figures of one scale and return the seconds of its warm build."""
    project = copy_project(folder / "project")
    sample = folder / "sample"
    steps = {
        "sample": ("sample", "--out", sample, "--scale", scale),
        "land": ("land", sample, "--project-dir", project),
        "first build": ("build", "--extracts", sample, "--project-dir", project),
        "warm build": ("build", "--extracts", sample, "--project-dir", project),
    }
    seconds = 0.0
    for name, arguments in steps.items():
        seconds, memory, code = timed(*arguments)
        if code not in (0, 1):
            raise SystemExit(f"{name} at scale {scale} exited with {code}")
        print(f"{scale:>6,}  {name:<12} {seconds:>7.1f} s  {memory:>5.2f} GB", flush=True)
    return seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each scale asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_build", description=__doc__)
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 100])
    scales = parser.parse_args(arguments).scales
    print(f"{'scale':>6}  {'step':<12} {'wall':>9}  {'peak':>8}")
    warm = {}
    for scale in scales:
        with tempfile.TemporaryDirectory() as folder:
            warm[scale] = measure(scale, Path(folder))
    if len(warm) > 1:
        small, large = min(warm), max(warm)
        print(f"scale {large} takes {warm[large] / warm[small]:.1f} times as long as scale {small}")


if __name__ == "__main__":
    main()
