from pathlib import Path

import pytest

from metrics_py.sample import generate
from metrics_py.sample.world.company import World, draw_world


@pytest.fixture(scope="session")
def world() -> World:
    return draw_world(1, 0, 1, range(1), clean=False)


@pytest.fixture(scope="session")
def clean_world() -> World:
    return draw_world(1, 0, 1, range(1), clean=True)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    generate(out, seed=1)
    return out
