import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from metrics_py.commands.okr_documents import add_documents
from metrics_py.errors import MetricsError
from tests.unit.reports.company import okr_tables, publish_tables

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """One verb of the documents, on a snapshot of key results."""
    published = publish_tables(tmp_path / "published", okr_tables())
    parser = argparse.ArgumentParser()
    add_documents(parser.add_subparsers(required=True))

    def execute(*arguments: object) -> int:
        parsed = parser.parse_args(
            [*map(str, arguments), "--published", str(published), "--project-dir", str(tmp_path)]
        )
        return int(parsed.command(parsed))

    return execute


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (["health"], "# Health of the key results, 31 January 2026"),
        (["update", "--weekly"], "# Weekly update, 31 January 2026"),
        (["update", "--leadership"], "# Leadership update, 31 January 2026"),
        (["retro", "--period", "2025Q3"], "# Retrospective, Q3 2025"),
        (["retro", "--search", "triage"], "# Learnings with “triage”"),
        (["retro", "--search", "slow", "--period", "2025Q2"], "# Learnings with “slow”"),
        (["next-targets"], "# Next targets, Q2 2026"),
        (["midpoint"], "# Midpoint review, 31 January 2026"),
    ],
)
def test_each_verb_writes_its_document(
    arguments: list[str], title: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 0
    written = capsys.readouterr().out
    assert written.startswith(title)
    assert "<!-- bindings" in written


def test_a_written_file_is_checked_against_what_is_published(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "health.md"
    assert run("health", "--out", file) == 0
    assert run("check-document", file) == 0
    assert "numbers are published as they stand there" in capsys.readouterr().out
    file.write_text(file.read_text(encoding="utf-8").replace("68.7%", "72%", 1), encoding="utf-8")
    assert run("check-document", file) == 1
    assert "'72%' is contradicted" in capsys.readouterr().out
    publish_tables(tmp_path / "published", okr_tables(), as_of="2026-02-07T06:00:00Z")
    assert run("check-document", file) == 1
    assert "is stale: the document is as of 2026-01-31T06:00:00Z" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["retro"], "say which period to look back on"),
        (["retro", "--period", "2025Q5"], "no period '2025Q5'"),
        (["health", "--squad", "dispach"], "Did you mean dispatch"),
        (["health", "--out", "/nowhere/at/all.md"], "there is no folder"),
        (["check-document", "missing.md"], "no file missing.md"),
    ],
)
def test_bad_input_is_refused_with_the_way_out(arguments: list[str], message: str, run: Run) -> None:
    with pytest.raises(MetricsError, match=message):
        run(*arguments)


def test_an_update_is_weekly_or_for_leadership(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("update")
    assert stopped.value.code == 2
    assert "one of the arguments --weekly --leadership is required" in capsys.readouterr().err
