import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics_py.land import LandingReport, land

COPIES = 25
"""Tables of each of the sorts `full` and `log`, so that one landing can try as many orders as four extracts have."""

_COPY = """
      - name: {name}_{number}
        config: {{meta: {{key: [id], mode: {mode}, required: [id]}}}}
        columns:
          - {{name: id, data_type: varchar}}
          - {{name: value, data_type: bigint}}
"""
SOURCES = """
sources:
  - name: shop
    tables:
      - name: things
        config: {meta: {key: [id], mode: full, updated: updated_at, required: [id], happened: [made_at, made_on]}}
        columns:
          - {name: id, data_type: varchar}
          - {name: name, data_type: varchar}
          - {name: size, data_type: bigint}
          - {name: weight, data_type: double}
          - {name: price, data_type: "decimal(18,2)"}
          - {name: is_new, data_type: boolean}
          - {name: made_on, data_type: date}
          - {name: made_at, data_type: timestamp}
          - {name: updated_at, data_type: timestamp}
      - name: plain
        config: {meta: {key: [id], mode: full, required: [id]}}
        columns:
          - {name: id, data_type: varchar}
          - {name: value, data_type: bigint}
      - name: pairs
        config: {meta: {key: [left_id, right_id], mode: full, required: [left_id]}}
        columns:
          - {name: left_id, data_type: varchar}
          - {name: right_id, data_type: bigint}
          - {name: value, data_type: varchar}
      - name: events
        config: {meta: {key: [id], mode: incremental, updated: updated_at, required: [id], happened: [updated_at]}}
        columns:
          - {name: id, data_type: varchar}
          - {name: value, data_type: bigint}
          - {name: updated_at, data_type: timestamp}
  - name: crm
    tables:
      - name: account_arr
        config: {meta: {key: [account_id, month], mode: incremental, required: [account_id, month, currency]}}
        columns:
          - {name: account_id, data_type: varchar}
          - {name: month, data_type: date}
          - {name: arr_amount, data_type: "decimal(18,2)"}
          - {name: currency, data_type: varchar}
"""
ORDERS = "\nsources:\n  - name: shop\n    tables:" + "".join(
    _COPY.format(name=name, number=number, mode=mode)
    for name, mode in (("full", "full"), ("log", "incremental"))
    for number in range(COPIES)
)
PROJECT = """
name: shop
vars:
  org_timezone: America/Phoenix
  org_currency: USD
  source_timezones: {crm: Europe/Berlin}
"""


def make_project(folder: Path, sources: str = SOURCES) -> Path:
    path = folder / "models" / "staging" / "shop" / "_shop__sources.yml"
    path.parent.mkdir(parents=True)
    path.write_text(sources)
    (folder / "dbt_project.yml").write_text(PROJECT)
    return folder


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dbt project with one table of each sort."""
    return make_project(tmp_path_factory.mktemp("project"))


class Shop:
    """An extracts folder and its warehouse."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.extracts = folder / "extracts"
        self.extracts.mkdir(parents=True, exist_ok=True)
        self.warehouse = folder / "warehouse.duckdb"
        self.project = project

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.extracts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def put_rows(self, name: str, rows: Iterable[dict[str, Any]]) -> Path:
        return self.put(name, "".join(json.dumps(row) + "\n" for row in rows))

    def land(self, **options: Any) -> LandingReport:
        return land(self.extracts, self.warehouse, project=self.project, **options)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        connection = duckdb.connect(str(self.warehouse), read_only=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.ask("select file, line, column_name, value, reason from raw.raw_quarantine order by all")

    def presence(self, table: str = "things") -> list[tuple[str, ...]]:
        """Per interval: key, size or value, first and last extract and the one before, as days of January."""
        shown = "size" if table == "things" else "value"
        days = ", ".join(f"day({column})" for column in ("first_seen_extract", "last_seen_extract", "previous_extract"))
        return self.ask(
            f"select _row_key, {shown}, {days} from raw_shop.{table}__presence "
            f"inner join raw_shop.{table} using (_row_hash) order by all"
        )


@pytest.fixture
def shop(tmp_path: Path, project: Path) -> Shop:
    return Shop(tmp_path, project)


@pytest.fixture(scope="session")
def shop_at() -> type[Shop]:
    """Makes shops in folders of one's own, for tests that need several."""
    return Shop


@pytest.fixture(scope="session")
def orders_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of equal tables, `full_<n>` and `log_<n>`, to land the same extracts into in different orders."""
    return make_project(tmp_path_factory.mktemp("orders"), ORDERS)
