import json
import subprocess
import sys

import pytest

import metrics_py

HEAVY = {"duckdb", "scipy", "numpy", "dbt", "rich", "jinja2", "altair", "yaml", "pandas", "pyarrow"}


def _modules_after(statement: str) -> set[str]:
    program = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return {name.split(".")[0] for name in json.loads(printed)}


def test_importing_the_library_brings_no_heavy_package() -> None:
    # What polars itself imports is polars' business; everything beyond it is ours.
    assert not (_modules_after("import metrics_py") - _modules_after("import polars")) & HEAVY


def test_every_public_name_is_found() -> None:
    for name in metrics_py.__all__:
        assert callable(getattr(metrics_py, name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'wilson'"):
        _ = metrics_py.wilson
