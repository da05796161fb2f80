"""The leadership update in an assistant's words, by the command, on a built company and over a scripted endpoint."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.e2e.conftest import ROOT, Company, Run, run
from tests.unit.assistant.scripted import echoed, scripted

pytest.importorskip("openai")

SECRET = "sk-do-not-show-4711"
LIE = "$77.7M"


def lie(asked: Any) -> str:
    text = echoed(asked)
    start = text.index("$9.")
    return text[:start] + LIE + text[start + len(text[start:].split(" ", 1)[0]) :]


@pytest.fixture(scope="module")
def published(company: Callable[..., Company]) -> Path:
    return company(1).published


def assisted(published: Path, url: str, *arguments: object) -> Run:
    """The command as a user runs it, the key in the environment."""
    command = [sys.executable, "-m", "metrics_py", "okr", "update", "--leadership", "--assist"]
    environment = {
        **os.environ,
        "METRICS_ASSIST_URL": url,
        "METRICS_ASSIST_MODEL": "scripted",
        "METRICS_ASSIST_KEY": SECRET,
    }
    given = [*command, "--published", str(published), *map(str, arguments)]
    done = subprocess.run(given, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=300)
    return Run(done.returncode, done.stdout, done.stderr)


def test_a_lie_that_is_corrected_never_reaches_the_document(published: Path, tmp_path: Path) -> None:
    file = tmp_path / "update.md"
    with scripted(lie, echoed) as endpoint:
        said = assisted(published, endpoint.url, "--out", file)
    assert said.code == 0, said.err
    text = file.read_text(encoding="utf-8")
    assert len(endpoint.bodies) == 2
    assert f"{LIE} is contradicted; published is $9." in endpoint.prompts[1]
    assert "## In our own words" in text
    assert LIE not in text
    assert run("okr", "check-document", file, "--published", published).code == 0
    assert [where for where in (text, said.out, said.err, str(endpoint.bodies)) if SECRET in where] == []


def test_a_lie_that_is_told_again_leaves_the_template(published: Path) -> None:
    with scripted(lie) as endpoint:
        said = assisted(published, endpoint.url)
    plain = run("okr", "update", "--leadership", "--published", published)
    assert len(endpoint.bodies) == 2
    assert said.out == plain.out
    assert LIE not in said.out + said.err
    assert "written by the template, because the assistant's text was wrong" in said.err
    assert SECRET not in said.out + said.err


def test_the_prompt_shown_is_the_prompt_sent_and_holds_nothing_private(
    published: Path, company: Callable[..., Company]
) -> None:
    with scripted(echoed) as endpoint:
        shown = assisted(published, endpoint.url, "--show-prompt", "--level", "person")
        assert endpoint.bodies == []
        assisted(published, endpoint.url, "--level", "person")
    assert shown.out == endpoint.prompts[0]
    private: list[str] = []
    for table, columns in {
        "dim_people": ["display_name", "person_id"],
        "fct_key_result_checkins": ["checkin_comment"],
        "key_result_status": ["recovery_plan", "override_reason"],
        "dim_key_results": ["target_change_reason"],
        "learnings": ["learned", "evidence"],
        "fct_survey_responses": ["comment", "user_id"],
        "dim_accounts": ["account_id"],
    }.items():
        rows = company(1).table(table)
        private += [text for column in columns for text in rows[column].cast(pl.String).drop_nulls().unique()]
    assert len(private) > 100
    assert [text for text in private if text in shown.out] == []
    assert "[Owner A]" in shown.out
