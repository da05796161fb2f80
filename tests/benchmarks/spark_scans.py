"""Which steps of a build on Spark scan which tables, how often and how many rows: read from Spark's own event log.

`python -m tests.benchmarks.spark_scans FILE [ROWS]` prints, for each table that a build made, the tables of at least
ROWS rows (1,000) that it read more than once, and at the end what every large table costs all steps together.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Execution:
    """One statement as Spark ran it: the statement it belongs to and its plan as it ended, after adaptive changes."""

    root: int
    plan: dict[str, Any]
    target: str | None


@dataclass
class Scans:
    """Scans of one table by one step."""

    count: int = 0
    rows: int = 0


@dataclass
class Log:
    """What an event log says about statements and about the counters of their tasks."""

    executions: dict[int, Execution] = field(default_factory=dict)
    counters: Counter[int] = field(default_factory=Counter)


def read_log(file: Path) -> Log:
    """The statements and counters of an event log."""
    log = Log()
    with file.open() as lines:
        for line in lines:
            kind = line[:140]
            if "SparkListenerSQLExecutionStart" in kind:
                event = json.loads(line)
                identifier, plan = event["executionId"], event["sparkPlanInfo"]
                made = re.search(r"TableAsSelect \S+, ([a-z_]+\.\w+)", plan["simpleString"])
                log.executions[identifier] = Execution(
                    event.get("rootExecutionId", identifier), plan, made[1] if made else None
                )
            elif "SparkListenerSQLAdaptiveExecutionUpdate" in kind:
                event = json.loads(line)
                log.executions[event["executionId"]].plan = event["sparkPlanInfo"]
            elif "SparkListenerTaskEnd" in kind:
                for counter in json.loads(line)["Task Info"]["Accumulables"]:
                    if isinstance(counter.get("Update"), int | str) and str(counter["Update"]).isdigit():
                        log.counters[counter["ID"]] += int(counter["Update"])
    return log


def scans_by_step(log: Log) -> dict[str, dict[str, Scans]]:
    """Per table that was made, the tables it scanned."""
    found: dict[str, dict[str, Scans]] = defaultdict(lambda: defaultdict(Scans))
    for execution in log.executions.values():
        root = log.executions.get(execution.root)
        if root is not None and root.target is not None:
            for table, rows in _scans(execution.plan, log.counters):
                found[root.target][table].count += 1
                found[root.target][table].rows += rows
    return found


def _scans(plan: dict[str, Any], counters: Counter[int]) -> Iterator[tuple[str, int]]:
    # What is reused was scanned where it was made.
    if plan["nodeName"].startswith("ReusedExchange"):
        return
    if plan["nodeName"].startswith("BatchScan"):
        rows = sum(
            counters[metric["accumulatorId"]] for metric in plan["metrics"] if metric["name"] == "number of output rows"
        )
        yield plan["nodeName"].split()[1].removeprefix("lake."), rows
    for child in plan["children"]:
        yield from _scans(child, counters)


def main(file: Path, least: int) -> None:
    """Print what was scanned more than once."""
    steps = scans_by_step(read_log(file))
    totals: dict[str, Scans] = defaultdict(Scans)
    for step, tables in sorted(steps.items()):
        for table, scans in tables.items():
            totals[table].count += scans.count
            totals[table].rows += scans.rows
        twice = {
            table: scans for table, scans in tables.items() if scans.count > 1 and scans.rows // scans.count >= least
        }
        if twice:
            told = ", ".join(f"{table} {scans.count} times" for table, scans in sorted(twice.items()))
            print(f"{step}: {told}")
    print(f"\n{len(steps)} steps; scans of tables of at least {least:,} rows:")
    for table, scans in sorted(totals.items(), key=lambda item: -item[1].rows):
        if scans.rows // scans.count >= least:
            print(f"  {table}: {scans.count} scans, {scans.rows:,} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
