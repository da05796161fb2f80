from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.unit.scoreboard.company import company_tables, publish_tables


@pytest.fixture
def tables() -> dict[str, pl.DataFrame]:
    return company_tables()


@pytest.fixture
def publish_frames(tmp_path: Path) -> Callable[..., Path]:
    return lambda tables, **run: publish_tables(tmp_path / "published", tables, run)
