"""The recipes that users copy: they parse, and every command in them is one that `metrics-py` knows."""

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from metrics_py import cli

ROOT = Path(__file__).resolve().parents[3]
WORKFLOW = ROOT / "docs" / "ci" / "github-actions.yml"
HOOKS = ROOT / "docs" / "ci" / "pre-commit-config.yaml"


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def commands() -> list[list[str]]:
    """Arguments of every metrics-py command in the recipes."""
    runs = [step["run"] for step in steps(yaml.safe_load(WORKFLOW.read_text())) if "run" in step]
    hooks = yaml.safe_load(HOOKS.read_text())["repos"][0]["hooks"]
    runs += [hook["entry"] for hook in hooks if hook["language"] == "system"]
    found = []
    for line in "\n".join(runs).replace("\\\n", " ").splitlines():
        if ".venv/bin/metrics-py" in line:
            plain = re.sub(r"\$\(date [^)]*\)", "2026-02-01T06:00:00Z", line.partition("||")[0])
            found.append(shlex.split(plain)[1:])
    return found


def test_the_workflow_has_what_a_runner_needs() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    # YAML 1.1 reads the key `on` as true.
    assert {"pull_request", "push", "schedule", "workflow_dispatch"} == set(workflow[True])
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["runs-on"]
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step)
        assert "uses" not in step or re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+", step["uses"])


def test_the_workflow_checks_before_and_after_the_build_and_uploads_the_findings() -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    verbs = [command[:2] for command in commands()]
    assert verbs.index(["land", "extracts"]) < verbs.index(["check", "raw"]) < verbs.index(["build"])
    assert verbs.index(["build"]) < verbs.index(["check", "published"])
    uploads = [step for step in steps(workflow) if "upload-sarif" in step.get("uses", "")]
    assert uploads[0]["with"]["sarif_file"] == "objectives.sarif"
    assert ["okr", "lint", "proposals", "--format", "sarif", "--out", "objectives.sarif"] in commands()


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_is_one_that_metrics_py_knows(command: list[str]) -> None:
    parsed = cli._parser().parse_args(command)
    assert isinstance(parsed, argparse.Namespace)


def test_the_hooks_are_complete_and_their_patterns_compile() -> None:
    (repository,) = yaml.safe_load(HOOKS.read_text())["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert {"id", "name", "entry", "language", "files"} <= set(hook)
        re.compile(hook["files"])
    fail = next(hook for hook in repository["hooks"] if hook["language"] == "fail")
    assert re.search(fail["files"], "published/product_metrics.duckdb")
    assert not re.search(fail["files"], "models/marts/features/fct_features.sql")


@pytest.mark.parametrize("path", [WORKFLOW, HOOKS], ids=lambda path: path.name)
def test_no_recipe_names_a_host(path: Path) -> None:
    assert "://" not in path.read_text()
