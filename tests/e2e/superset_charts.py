"""A chart per published reading in Apache Superset, made and read through its REST API; run on demand.

    python tests/e2e/superset_charts.py --published published --environment ~/superset-venv

The environment holds Superset and a DuckDB dialect for it; docs/bi/superset.md says which. Superset gets a folder of
its own for this run and is started on the loopback address; every point of every chart is compared with the published
value. Exit code 0 when all are equal, 1 when one is not.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import requests

LOGIN = {"username": "reader", "password": "only-for-this-run", "provider": "db"}
CONFIGURATION = """
SECRET_KEY = "of a server that lives for one run on the loopback address"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
TALISMAN_ENABLED = False
"""
START_SECONDS = 300


class Superset:
    """A running Superset, spoken to as its browser does."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()
        token = self.post("/security/login", {**LOGIN, "refresh": False})["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["X-CSRFToken"] = self.get("/security/csrf_token/")["result"]
        self._session.headers["Referer"] = address

    def get(self, path: str) -> Any:
        """The answer of a GET below /api/v1."""
        return self._answer(self._session.get(f"{self._address}/api/v1{path}", timeout=120))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer of a POST below /api/v1."""
        return self._answer(self._session.post(f"{self._address}/api/v1{path}", json=body, timeout=120))

    @staticmethod
    def _answer(response: requests.Response) -> Any:
        if not response.ok:
            raise SystemExit(f"Superset answered {response.status_code} to {response.url}: {response.text[:500]}")
        return response.json()


@contextmanager
def running(environment: Path) -> Iterator[str]:
    """Address of a fresh Superset of this environment, stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="superset-") as folder:
        configuration = Path(folder) / "superset_config.py"
        configuration.write_text(CONFIGURATION.format(folder=folder))
        settings = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "SUPERSET_CONFIG_PATH": str(configuration),
            "SUPERSET_HOME": folder,
            "FLASK_APP": "superset",
        }
        superset = str(environment / "bin" / "superset")
        user = ["--username", LOGIN["username"], "--password", LOGIN["password"], "--email", "reader@cxt.example"]
        for arguments in (
            ["db", "upgrade"],
            ["fab", "create-admin", *user, "--firstname", "A", "--lastname", "Reader"],
            ["init"],
        ):
            done = subprocess.run([superset, *arguments], env=settings, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"superset {arguments[0]} failed: {done.stderr[-1000:]}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = Path(folder) / "server.log"
        with log.open("w") as output:
            command = [superset, "run", "--host", "127.0.0.1", "--port", str(port)]
            server = subprocess.Popen(command, env=settings, stdout=output, stderr=subprocess.STDOUT)
            try:
                address = f"http://127.0.0.1:{port}"
                wait_for(f"{address}/health", server, log)
                yield address
            except SystemExit:
                print(log.read_text()[-2000:], file=sys.stderr)
                raise
            finally:
                server.terminate()
                server.wait(timeout=60)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers, or SystemExit with the end of its log."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(1)
    raise SystemExit(f"Superset did not start: {log.read_text()[-2000:]}")


def chart_of(dataset: int, metric_id: str, reading: str, period_kind: str) -> dict[str, Any]:
    """What the chart API wants to hear of a line over the company's periods."""
    value = {"expressionType": "SIMPLE", "column": {"column_name": "value"}, "aggregate": "MAX", "label": "value"}
    wanted = {"metric_id": metric_id, "reading": reading, "period_kind": period_kind, "org_level": "company"}
    filters = [{"col": column, "op": "==", "val": word} for column, word in wanted.items()]
    query = {"columns": ["period_start"], "metrics": [value], "filters": filters, "row_limit": 10_000}
    context = {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [query],
        "result_format": "json",
        "result_type": "full",
    }
    looks = {
        "viz_type": "echarts_timeseries_line",
        "datasource": f"{dataset}__table",
        "x_axis": "period_start",
        "metrics": [value],
    }
    return {
        "slice_name": f"{metric_id} {reading} by {period_kind}",
        "viz_type": "echarts_timeseries_line",
        "datasource_id": dataset,
        "datasource_type": "table",
        "params": json.dumps(looks),
        "query_context": json.dumps(context),
    }


def points(answer: Mapping[str, Any]) -> dict[date, float | None]:
    """Value by first day of the period, of a chart's data."""
    rows = answer["result"][0]["data"]
    return {datetime.fromtimestamp(row["period_start"] / 1000, UTC).date(): row["value"] for row in rows}


def main() -> int:
    """Make and read all charts; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--published", type=Path, required=True, help="folder of a published snapshot")
    parser.add_argument("--environment", type=Path, required=True, help="virtual environment that holds Superset")
    parsed = parser.parse_args()
    database = parsed.published.absolute() / "product_metrics.duckdb"
    with duckdb.connect(database, read_only=True) as connection:
        charts = connection.sql("""
            select distinct metric_id, reading, period_kind
            from metrics.metric_values
            where org_level = 'company'
            order by all
        """).fetchall()
        published = {
            chart: dict(
                connection.execute(
                    "select period_start, value from metrics.metric_values where org_level = 'company' "
                    "and metric_id = ? and reading = ? and period_kind = ?",
                    chart,
                ).fetchall()
            )
            for chart in charts
        }
    with running(parsed.environment) as address:
        superset = Superset(address)
        connected = superset.post(
            "/database/",
            {
                "database_name": "Product metrics",
                "sqlalchemy_uri": f"duckdb:///{database}",
                "extra": json.dumps({"engine_params": {"connect_args": {"read_only": True}}}),
            },
        )
        table = {"database": connected["id"], "schema": "metrics", "table_name": "metric_values"}
        dataset = superset.post("/dataset/", table)["id"]
        wrong = 0
        for chart in charts:
            made = superset.post("/chart/", chart_of(dataset, *chart))["id"]
            drawn = points(superset.get(f"/chart/{made}/data/"))
            is_equal = drawn == published[chart]
            wrong += not is_equal
            print(" ".join(chart), f"{len(drawn)} points", "equal" if is_equal else "DIFFERENT")
    print(f"{len(charts)} charts, {wrong} different from what is published")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
