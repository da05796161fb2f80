"""A command run in a child that is killed with SIGKILL after a while.

Children are forked from a process that has imported everything, so that it is work that is killed, not imports.
"""

import multiprocessing
import os
import signal
import time
from pathlib import Path

_IMPORTS = ["metrics_py.cli", "metrics_py.pipeline", "metrics_py.land", "metrics_py.publish", "metrics_py.dbt_run"]
_IMPORTS += [
    "metrics_py.scoreboard",
    "metrics_py.scoreboard.live",
    "metrics_py.scoreboard.serve",
    "metrics_py.summary",
    "rich.console",
    "dbt.cli.main",
    "dbt.adapters.duckdb",
    "scipy.stats",
]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([*_IMPORTS, __name__])


def undisturbed(arguments, log):
    """Seconds of a command that is left alone, and its exit code."""
    began = time.monotonic()
    child = start(arguments, log)
    child.join()
    return time.monotonic() - began, child.exitcode


def kill_after(arguments, seconds, log):
    """Start a command and kill it; True when it was still running then."""
    child = start(arguments, log)
    child.join(seconds)
    if child.exitcode is not None:
        return False
    child.kill()
    child.join()
    return child.exitcode == -signal.SIGKILL


def start(arguments, log):
    """Start a command; the process."""
    child = _context.Process(target=_work, args=([str(argument) for argument in arguments], str(log)))
    child.start()
    return child


def children(pid):
    """Processes that a process has started and that are still there."""
    return [
        int(child) for thread in Path(f"/proc/{pid}/task").glob("*/children") for child in thread.read_text().split()
    ]


def end(pid):
    """Kill a process of which nobody here is the parent, and wait until it is gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_for(pid)


def wait_for(pid):
    """Wait until a process of which nobody here is the parent is gone; one that nobody has reaped yet is."""
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.02)


def _work(arguments, log):
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    from metrics_py.cli import main

    os._exit(main(arguments))
