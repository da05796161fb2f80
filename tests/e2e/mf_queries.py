"""Several `mf query` commands in one process, since starting MetricFlow takes longer than any of them.

Run in the folder of the dbt project: `python mf_queries.py OUT < queries.json`, where the file holds an object of name
-> arguments of `mf query`; the answer to each is written to OUT/<name>.csv.
"""

import json
import sys
from pathlib import Path

from dbt_metricflow.cli.main import cli


def main() -> None:
    out = Path(sys.argv[1])
    for name, arguments in json.load(sys.stdin).items():
        cli(["query", *arguments, "--csv", str(out / f"{name}.csv"), "--quiet"], standalone_mode=False)


if __name__ == "__main__":
    main()
