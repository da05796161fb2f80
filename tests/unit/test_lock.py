import os
import subprocess
import sys
from pathlib import Path

import pytest

from metrics_py.errors import WarehouseError
from metrics_py.lock import hold

HOLDER = """
import sys
from pathlib import Path
from metrics_py.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


@pytest.fixture
def holder(tmp_path: Path):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "w.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    yield child
    if child.poll() is None:
        child.kill()
    child.communicate()


def test_a_held_file_is_refused_with_the_holders_number(tmp_path: Path, holder) -> None:
    with (
        pytest.raises(WarehouseError, match=rf"\(process {holder.pid}\) is working on .*w\.duckdb; .* --wait"),
        hold(tmp_path / "w.duckdb"),
    ):
        pass


def test_waiting_ends_when_the_holder_is_killed(tmp_path: Path, holder, capsys: pytest.CaptureFixture[str]) -> None:
    holder.kill()
    holder.wait()
    with hold(tmp_path / "w.duckdb", wait=True):
        assert (tmp_path / ".w.duckdb.lock").read_text() == f"{os.getpid()}\n"
    assert capsys.readouterr().err == ""


def test_one_place_named_twice_is_locked_once_and_let_go(tmp_path: Path) -> None:
    for _ in range(2):
        with hold(tmp_path / "a" / "target", tmp_path / "w.duckdb", tmp_path / "w.duckdb"):
            pass
