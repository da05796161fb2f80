from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from metrics_py.reports.published import Published
from tests.unit.reports.company import AS_OF, okr_tables, publish_tables


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published(publish_tables(tmp_path_factory.mktemp("okr") / "published", okr_tables()))


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Published]:
    """A snapshot of other tables, one after the other in the same folder."""

    def make(tables: Mapping[str, pl.DataFrame], *, as_of: str = AS_OF) -> Published:
        return Published(publish_tables(tmp_path / "published", tables, as_of=as_of))

    return make
