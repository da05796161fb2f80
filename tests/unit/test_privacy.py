from pathlib import Path

import pytest

from metrics_py.privacy import SALT, forget_salt, salt_warning


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(SALT, raising=False)
    (tmp_path / "dbt_project.yml").write_text("vars: {privacy_salt: \"{{ env_var('X', 'sample-company') }}\"}")
    (tmp_path / "extracts").mkdir()
    return tmp_path


def test_real_extracts_hashed_with_the_public_salt_are_warned_of(project: Path) -> None:
    assert f"set {SALT} to a long secret" in (salt_warning(project, project / "extracts") or "")


def test_the_sample_may_use_its_own_salt(project: Path) -> None:
    (project / "truth").mkdir()
    assert salt_warning(project, project / "extracts") is None
    assert salt_warning(project, project) is None


def test_a_salt_of_the_users_own_is_not_warned_of(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SALT, "our own")
    assert salt_warning(project, project / "extracts") is None


def test_compiled_sql_is_not_left_behind(tmp_path: Path) -> None:
    for name in ("compiled", "run", "kept"):
        (tmp_path / name / "models").mkdir(parents=True)
    forget_salt(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
