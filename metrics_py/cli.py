"""The command `metrics-py`: one verb per thing to do; exit 0 fine, 1 a check failed, 2 bad input or usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from metrics_py.commands import Command, build, check, diff, mcp, okr, sample, scoreboard, trace, what_if
from metrics_py.errors import MetricsError
from metrics_py.shown import shown
from metrics_py.trouble import of_the_system


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        command: Command = parsed.command
        return command(parsed)
    except MetricsError as error:
        print(f"metrics-py: {shown(str(error))}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Who reads the output has read enough; what is left must not fail when Python closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        sentence = of_the_system(error)
        if sentence is None:
            raise
        print(f"metrics-py: {sentence}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package == "metrics_py":
            raise
        print(
            f"metrics-py: this needs the package {package!r}; "
            "install it with: pip install 'metrics-py[build,page,quality,mcp]'",
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
    for group in (sample, build, check, scoreboard, trace, diff, what_if, okr, mcp):
        group.add(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
