from pathlib import Path

import pytest

from metrics_py.reports.published import Published
from tests.unit.reports.company import okr_tables, publish_tables


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_tables(tmp_path_factory.mktemp("assisted") / "published", okr_tables())


@pytest.fixture(scope="session")
def published(folder: Path) -> Published:
    return Published(folder)
