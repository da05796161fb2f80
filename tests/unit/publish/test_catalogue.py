from pathlib import Path
from typing import Any

import pytest

from metrics_py.errors import ConfigurationError
from metrics_py.publish.catalogue import public_models, read_json


def test_only_public_models_of_marts_and_metrics_are_published(manifest: dict[str, Any]) -> None:
    manifest["nodes"]["fct_integrity_violations"]["access"] = "private"
    manifest["nodes"]["int_goals__pace"]["access"] = "public"
    assert [model.name for model in public_models(manifest)] == ["fct_insights", "metric_values"]


def test_a_key_may_be_declared_on_the_model_or_on_its_columns(manifest: dict[str, Any]) -> None:
    manifest["nodes"]["metric_values"]["columns"] = {
        "value_id": {"description": "", "constraints": [{"type": "not_null"}, {"type": "primary_key"}]},
        "value": {"description": "", "constraints": [{"type": "not_null"}]},
    }
    keys = {model.name: model.key for model in public_models(manifest)}
    assert keys["fct_insights"] == ("insight_id",)
    assert keys["metric_values"] == ("value_id",)


def test_two_models_under_one_name_are_refused(manifest: dict[str, Any]) -> None:
    manifest["nodes"]["metric_values"]["alias"] = "fct_insights"
    with pytest.raises(ConfigurationError, match="two public models are called fct_insights"):
        public_models(manifest)


def test_a_manifest_without_public_models_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no model with access public"):
        public_models({"nodes": {}})


def test_a_missing_manifest_says_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"manifest\.json does not exist; run `dbt build`"):
        read_json(tmp_path / "manifest.json")


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("{half")
    with pytest.raises(ConfigurationError, match="is not JSON"):
        read_json(path)
