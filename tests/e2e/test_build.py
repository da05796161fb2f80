"""The whole way on the sample company: what a second build, another landing order and a clean company give."""

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Company, copy_project, run

FACTS = ("fct_features", "fct_gate_reviews", "fct_insights", "fct_survey_responses", "fct_account_arr_movements")


def parquet_hashes(published: Path) -> dict[str, str]:
    folder = published / "parquet"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_sample_with_violations_is_published_and_exits_with_1(company: Callable[..., Company]) -> None:
    built = company(1)
    assert built.build.code == 1
    assert "test_failures." in built.build.out
    assert (built.project / "site" / "index.html").exists()
    assert json.loads((built.published / "manifest.json").read_text())["as_of"].startswith("2026-01-31T06:00:00")


def test_a_clean_company_breaks_no_rule_and_exits_with_0(company: Callable[..., Company]) -> None:
    built = company(1, clean=True)
    assert built.table("fct_integrity_violations").height == 0
    assert built.build.code == 0, built.build.out


def test_building_again_lands_nothing_and_publishes_the_same_bytes(company: Callable[..., Company]) -> None:
    built = company(1)
    before = parquet_hashes(built.published)
    again = run("build", "--project-dir", built.project, "--extracts", built.sample)
    assert again.code == built.build.code
    assert "0 files landed" in again.out
    assert parquet_hashes(built.published) == before


@pytest.mark.nightly
def test_landing_in_any_order_gives_the_same_facts(company: Callable[..., Company], tmp_path: Path) -> None:
    built = company(1)
    project = copy_project(tmp_path / "project")
    files = sorted(path for path in (built.sample / "extracts").rglob("*") if path.is_file())
    random.Random(7).shuffle(files)
    third = len(files) // 3
    for number, part in enumerate((files[:third], files[third : 2 * third], files[2 * third :])):
        folder = tmp_path / f"part-{number}"
        for path in part:
            target = folder / path.relative_to(built.sample / "extracts")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        landed = run("land", folder, "--project-dir", project)
        assert landed.code == 0, landed.err
    rebuilt = run("build", "--project-dir", project)
    assert rebuilt.code == built.build.code, rebuilt.err
    assert parquet_hashes(project / "published") == parquet_hashes(built.published)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("build", "--extracts", "nowhere"), "no folder nowhere; name another"),
        (("build", "--as-of", "yesterday"), "must be an ISO time like 2025-10-15T06:00:00Z; found 'yesterday'"),
        (("publish",), "run `metrics-py build`"),
        (("scoreboard",), "metrics-py"),
    ],
)
def test_bad_usage_says_the_way_out_and_exits_with_2(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    done = run(*arguments, "--project-dir", project)
    assert done.code == 2
    assert message in done.err


def test_a_refused_file_stops_the_build_and_publishes_nothing(company: Callable[..., Company], tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    folder = tmp_path / "extracts" / "crm" / "account"
    folder.mkdir(parents=True)
    (folder / "2025-01-01T060000Z.parquet").write_text("id,name\na-1,Acme\n")
    done = run("build", "--project-dir", project, "--extracts", tmp_path / "extracts")
    assert done.code == 2
    assert "crm/account/2025-01-01T060000Z.parquet" in done.err
    assert not (project / "published").exists()
