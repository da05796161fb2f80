import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from metrics_py.scoreboard.rebuild import Rebuilder, state_of
from metrics_py.scoreboard.stamp import Stamp, read_stamp, write_stamp

Make = Callable[..., Rebuilder]


@pytest.fixture
def extracts(tmp_path: Path) -> Path:
    folder = tmp_path / "extracts" / "crm" / "account"
    folder.mkdir(parents=True)
    (folder / "2026-01-31T060000Z.csv").write_text("id\n1\n")
    return tmp_path / "extracts"


@pytest.fixture
def make(tmp_path: Path, extracts: Path) -> Make:
    """A rebuilder whose build is a small Python program that notes that it ran."""
    (tmp_path / "site").mkdir()

    def made(program: str = "") -> Rebuilder:
        noted = f"open({str(tmp_path / 'built')!r}, 'a').write('x'); {program}"
        return Rebuilder(extracts, tmp_path / "site", build=[sys.executable, "-c", noted], tell=lambda _: None)

    return made


def look_until_done(rebuilder: Rebuilder) -> None:
    """Two looks find the files at rest; then until the build is over."""
    for _ in range(2):
        rebuilder.look()
    deadline = time.monotonic() + 60
    while rebuilder.is_building and time.monotonic() < deadline:
        time.sleep(0.02)
        rebuilder.look()
    assert not rebuilder.is_building


def builds(tmp_path: Path) -> int:
    file = tmp_path / "built"
    return len(file.read_text()) if file.exists() else 0


def test_extracts_are_built_once_and_again_when_they_change(make: Make, extracts: Path, tmp_path: Path) -> None:
    rebuilder = make()
    look_until_done(rebuilder)
    look_until_done(rebuilder)
    assert builds(tmp_path) == 1
    (extracts / "crm" / "account" / "2026-02-07T060000Z.csv").write_text("id\n2\n")
    look_until_done(rebuilder)
    assert builds(tmp_path) == 2


def test_after_a_restart_nothing_is_built_that_was_built(make: Make, tmp_path: Path) -> None:
    look_until_done(make())
    look_until_done(make())
    assert builds(tmp_path) == 1


def test_what_arrived_while_nobody_looked_is_built(make: Make, extracts: Path, tmp_path: Path) -> None:
    look_until_done(make())
    (extracts / "crm" / "account" / "2026-02-07T060000Z.csv").write_text("id\n2\n")
    # Whatever wrote the pages meanwhile: they may be younger than the extract and still not hold it.
    write_stamp(tmp_path / "site", Stamp("later"))
    look_until_done(make())
    assert builds(tmp_path) == 2


def test_a_file_that_still_grows_is_not_built(make: Make, extracts: Path, tmp_path: Path) -> None:
    rebuilder = make()
    file = extracts / "crm" / "account" / "2026-01-31T060000Z.csv"
    for size in range(4):
        file.write_text("id\n" + "1\n" * (size + 2))
        rebuilder.look()
    assert builds(tmp_path) == 0
    assert not rebuilder.is_building
    look_until_done(rebuilder)
    assert builds(tmp_path) == 1


def test_an_empty_folder_is_not_built(make: Make, extracts: Path, tmp_path: Path) -> None:
    (extracts / "crm" / "account" / "2026-01-31T060000Z.csv").unlink()
    (extracts / ".partial.csv").write_text("hidden")
    look_until_done(make())
    assert builds(tmp_path) == 0


def test_trouble_is_told_on_the_board_which_keeps_its_version(make: Make, tmp_path: Path) -> None:
    write_stamp(tmp_path / "site", Stamp("a1b2"))
    said = "metrics-py: a warning\nmetrics-py: refused:\n  notes.csv\nMend it."
    look_until_done(make(f"import sys; print({said!r}, file=sys.stderr); sys.exit(2)"))
    stamp = read_stamp(tmp_path / "site")
    assert stamp == Stamp("a1b2", "The newest extracts are not in it: refused: notes.csv Mend it.")


def test_trouble_that_says_nothing_is_told_by_its_code(make: Make, tmp_path: Path) -> None:
    look_until_done(make("raise SystemExit(3)"))
    assert read_stamp(tmp_path / "site").trouble.endswith("the build ended with exit code 3")


def test_failed_checks_are_no_trouble(make: Make, tmp_path: Path) -> None:
    look_until_done(make("raise SystemExit(1)"))
    assert read_stamp(tmp_path / "site").trouble == ""


def test_what_failed_is_tried_again_after_a_restart(make: Make, tmp_path: Path) -> None:
    look_until_done(make("raise SystemExit(2)"))
    look_until_done(make())
    assert builds(tmp_path) == 2


def test_stopping_ends_the_build(make: Make) -> None:
    rebuilder = make("import time; time.sleep(60)")
    rebuilder.look()
    rebuilder.look()
    assert rebuilder.is_building
    started = time.monotonic()
    rebuilder.stop()
    assert time.monotonic() - started < 20


def test_the_state_of_a_folder_changes_with_size_time_and_name(extracts: Path) -> None:
    file = extracts / "crm" / "account" / "2026-01-31T060000Z.csv"
    states = [state_of(extracts)]
    file.write_text("id\n1\n2\n")
    states.append(state_of(extracts))
    file.rename(file.with_name("2026-02-01T060000Z.csv"))
    states.append(state_of(extracts))
    assert len(set(states)) == 3
    assert state_of(extracts) == states[-1]
