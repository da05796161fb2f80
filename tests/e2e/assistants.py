"""What a client asks of the server: every tool, prompt and resource once, and arguments that do not fit."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.conftest import ROOT

CALLS: dict[str, dict[str, Any]] = {
    "list_metrics": {},
    "explain_metric": {"metric": "nps"},
    "get_values": {"metric": "circt", "last": 3},
    "compare": {"metric": "arr", "earlier": "2025-09", "later": "2025-12"},
    "list_restatements": {"metric": "ddqs"},
    "trace": {"metric": "ddqs", "period": "2025Q4"},
    "list_violations": {},
    "list_ageing_insights": {},
    "scoreboard": {},
    "key_result_status": {"limit": 5},
    "key_result_forecast": {"key_result": "kr-arr"},
    "what_if": {"squad": "dispatch"},
    "lint_key_results": {"proposal": "objectives:\n  - objective: Ship\n    key_results:\n      - key_result: Ship 3"},
    "check_framework": {"feature": "Load planner", "metrics": [{"metric_name": "Opens", "role": "metric"}]},
    "check_numbers": {"text": "NPS was 55.5 in 2025Q4."},
}
PROMPTS: dict[str, dict[str, str]] = {
    "metrics_framework": {"feature": "Load planner"},
    "stress_test_indicators": {"metric": "nps"},
    "key_result_proposal": {"objective": "Carriers find loads sooner"},
    "key_result_stress_test": {"key_result": "kr-arr"},
    "health_assessment": {},
    "leadership_update": {},
    "retrospective": {"period": "2025Q4"},
    "next_targets": {},
}
READ = (
    "metrics://cards",
    "metrics://cards/nps",
    "metrics://glossary",
    "metrics://scoreboard",
    "metrics://documents/health",
    "metrics://documents/leadership",
    "metrics://documents/weekly",
    "metrics://documents/midpoint",
    "metrics://documents/next-targets",
    "metrics://retrospectives/2025Q4",
)
# Tool, arguments that do not fit its schema, and the word of the error that names what is wrong.
BAD_ARGUMENTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("get_values", {}, "metric"),
    ("get_values", {"metric": "arr", "last": 0}, "last"),
    ("get_values", {"metric": "arr", "last": "many"}, "last"),
    ("explain_metric", {}, "metric"),
    ("compare", {"metric": "arr"}, "earlier"),
    ("list_restatements", {"metric": "arr", "limit": 0}, "limit"),
    ("trace", {"metric": "ddqs", "limit": -1}, "limit"),
    ("list_violations", {"limit": 2000}, "limit"),
    ("list_ageing_insights", {"limit": 5000}, "limit"),
    ("key_result_status", {"status": "splendid"}, "status"),
    ("key_result_forecast", {}, "key_result"),
    ("what_if", {"on": "tomorrow"}, "on"),
    ("lint_key_results", {"proposal": "x", "format": "docx"}, "format"),
    ("check_framework", {"feature": "X", "metrics": [{"metric_name": "a", "role": "hero"}]}, "role"),
    ("check_numbers", {}, "text"),
    ("run_sql", {"query": "select 1"}, "run_sql"),
)


@contextmanager
def serving(published: Path) -> Iterator[str]:
    """A server over HTTP on a free port of the loopback: its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "metrics_py", "mcp", "--http", "--port", str(port), "--published", str(published)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_port(port)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("the server did not listen within two minutes")
