"""Clients that are not ours: an interpreter for each, and how each reads a published snapshot."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENTS = ROOT / ".build" / "clients"
STAMP = "requirements.txt"


@dataclass(frozen=True)
class Client:
    """A client and what it needs installed."""

    name: str
    requirements: tuple[str, ...]
    modules: tuple[str, ...] = ()
    """Modules that say that it is installed beside us; none: it conflicts with us and needs a place of its own."""
    is_large: bool = False
    """Too long to set up for every run of the tests: only with METRICS_CLIENTS=all, or once it is there."""


DUCKDB_1_4 = Client("duckdb-1.4", ("duckdb>=1.4,<1.5",))
ADBC = Client("adbc", ("adbc-driver-manager>=1.5", "duckdb>=2,<3", "pyarrow"), ("adbc_driver_manager", "pyarrow"))
# The version after this one quietly puts an older duckdb in.
SQLALCHEMY = Client("sqlalchemy", ("duckdb-sqlalchemy==1.5.6.4", "sqlalchemy>=2"), ("duckdb_sqlalchemy",))
PANDAS = Client("pandas", ("pandas", "pyarrow"), ("pandas", "pyarrow"))
POLARS = Client("polars", ("polars",), ("polars",))
READERS = (DUCKDB_1_4, ADBC, SQLALCHEMY, PANDAS, POLARS)


def interpreter(client: Client) -> str:
    """A Python that has the client: this one, else one of its own below .build/clients, made once.

    Skips, with the reason, where the client is not here and cannot be fetched.
    """
    if client.modules and all(importlib.util.find_spec(module) for module in client.modules):
        return sys.executable
    is_made = (ENVIRONMENTS / client.name / STAMP).exists()
    if client.is_large and not is_made and os.environ.get("METRICS_CLIENTS") != "all":
        pytest.skip(f"set METRICS_CLIENTS=all to set {client.name} up ({', '.join(client.requirements)})")
    return environment(client.name, client.requirements)


def environment(name: str, requirements: Sequence[str]) -> str:
    """The Python of a virtual environment with these requirements, made on first use."""
    folder = ENVIRONMENTS / name
    python, stamp = folder / "bin" / "python", folder / STAMP
    wanted = "\n".join(requirements)
    if stamp.exists() and stamp.read_text() == wanted:
        return str(python)
    make = [[sys.executable, "-m", "venv", "--clear", str(folder)]]
    make += [[str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]]
    for command in make:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=_no_python_path())
        if done.returncode != 0:
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
            pytest.skip(f"{name} could not be set up ({', '.join(requirements)}): {' '.join(reason)}")
    stamp.write_text(wanted)
    return str(python)


def _no_python_path() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
