import polars as pl
import pytest

from metrics_py.engines.python_models import run_python_model
from metrics_py.errors import ConfigurationError, WarehouseError


class Memory:
    """Tables kept in memory, and the names of those that were read."""

    def __init__(self, **tables):
        self.tables = {name.replace("__", "."): frame for name, frame in tables.items()}
        self.was_read = []

    def read(self, name, *, where=None):
        self.was_read.append(name)
        return self.tables[name]

    def write(self, name, frame):
        self.tables[name] = frame


MANIFEST = {
    "nodes": {
        "summary": {"name": "summary", "schema": "intermediate", "alias": "summary"},
        "facts": {"name": "facts", "schema": "marts", "alias": "facts"},
    }
}


@pytest.fixture
def run(tmp_path):
    def go(code, parents=("summary",)):
        (tmp_path / "m.py").write_text(code)
        node = {
            "name": "m",
            "schema": "intermediate",
            "alias": "m_table",
            "original_file_path": "m.py",
            "depends_on": {"nodes": list(parents)},
        }
        tables = Memory(intermediate__summary=pl.DataFrame({"n": [1, 2]}), marts__facts=pl.DataFrame({"n": [9]}))
        run_python_model(node, MANIFEST, project=tmp_path, tables=tables)
        return tables

    return go


def test_a_model_reads_what_it_refers_to_and_nothing_else(run):
    tables = run("def model(dbt, session):\n    return dbt.ref('summary').pl().sum()\n", parents=("summary", "facts"))
    assert tables.was_read == ["intermediate.summary"]
    assert tables.tables["intermediate.m_table"].to_dicts() == [{"n": 3}]


def test_a_model_may_configure_itself_and_ask_for_it(run):
    tables = run(
        "import polars as pl\n"
        "def model(dbt, session):\n"
        "    dbt.config(materialized='table', days=7)\n"
        "    return pl.DataFrame({'days': [dbt.config.get('days')], 'none': [dbt.config.get('other', -1)]})\n"
    )
    assert tables.tables["intermediate.m_table"].to_dicts() == [{"days": 7, "none": -1}]


def test_a_reference_the_manifest_does_not_list_is_named(run):
    with pytest.raises(ConfigurationError, match="m refers to 'facts', which the manifest does not list"):
        run("def model(dbt, session):\n    return dbt.ref('facts').pl()\n")


def test_what_a_model_raises_is_told_with_its_file(run):
    with pytest.raises(WarehouseError, match=r"m\.py: m failed: ZeroDivisionError"):
        run("def model(dbt, session):\n    return 1 / 0\n")


def test_a_model_must_return_a_polars_frame(run):
    with pytest.raises(WarehouseError, match=r"m\.py: must return a polars frame; returned dict"):
        run("def model(dbt, session):\n    return {}\n")
