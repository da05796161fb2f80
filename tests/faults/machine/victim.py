"""A command run in a child that is killed with SIGKILL after a while.

Children are forked from a process that has imported everything, so that it is work that is killed, not imports.
"""

import multiprocessing
import os
import time

_IMPORTS = ["metrics_py.cli", "metrics_py.pipeline", "metrics_py.land", "metrics_py.publish", "metrics_py.dbt_run"]
_IMPORTS += [
    "metrics_py.scoreboard",
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
    child = _start(arguments, log)
    child.join()
    return time.monotonic() - began, child.exitcode


def kill_after(arguments, seconds, log):
    """Start a command and kill it; True when it was still running then."""
    child = _start(arguments, log)
    child.join(seconds)
    if child.exitcode is not None:
        return False
    child.kill()
    child.join()
    return child.exitcode == -9


def _start(arguments, log):
    child = _context.Process(target=_work, args=([str(argument) for argument in arguments], str(log)))
    child.start()
    return child


def _work(arguments, log):
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    from metrics_py.cli import main

    os._exit(main(arguments))
