"""What BI may rely on: contracts, descriptions and cards of every published table, and keys that join."""

import json
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import polars as pl
import pytest

from tests.e2e.conftest import Company

DIMENSIONS = ("dim_accounts", "dim_dates", "dim_features", "dim_goals", "dim_key_results", "dim_metrics", "dim_people")


@pytest.fixture(scope="module")
def manifest(company: Callable[..., Company]) -> Mapping[str, Any]:
    """dbt's manifest of the sample company's build."""
    contents: Mapping[str, Any] = json.loads((company(1).project / "target" / "manifest.json").read_text())
    return contents


@pytest.fixture(scope="module")
def models(manifest: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Models of the marts and metrics, by name."""
    nodes = manifest["nodes"].values()
    return {
        node["name"]: node
        for node in nodes
        if node["resource_type"] == "model" and node["fqn"][1] in ("marts", "metrics")
    }


def test_every_mart_and_metric_is_public_under_contract_and_has_an_owner(
    manifest: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]]
) -> None:
    owners = {group["name"]: group["owner"] for group in manifest["groups"].values()}
    assert len(models) >= 30
    assert [name for name, node in models.items() if node["access"] != "public"] == []
    assert [name for name, node in models.items() if not node["contract"]["enforced"]] == []
    assert [name for name, node in models.items() if node["group"] not in owners] == []
    assert [name for name, owner in owners.items() if not (owner["name"] and owner["email"])] == []


def test_every_mart_and_metric_and_each_of_their_columns_is_described(models: Mapping[str, Mapping[str, Any]]) -> None:
    bare = [name for name, node in models.items() if len(node["description"].strip()) < 10]
    bare += [
        f"{name}.{column}"
        for name, node in models.items()
        for column, properties in node["columns"].items()
        if len(properties["description"].strip()) < 4
    ]
    assert bare == []


def test_the_published_columns_are_those_of_the_contracts(
    company: Callable[..., Company], models: Mapping[str, Mapping[str, Any]]
) -> None:
    for name, node in models.items():
        assert company(1).table(name).columns == list(node["columns"]), name


def test_every_metric_has_a_whole_card(company: Callable[..., Company]) -> None:
    built = company(1)
    cards = built.table("dim_metrics")
    published = built.table("metric_values").select("metric_id", "reading", "definition_version").unique()
    assert set(published["metric_id"]) == set(cards["metric_id"])
    for card in cards.iter_rows(named=True):
        asked = ("name", "question", "numerator", "unit", "direction", "owner_id", "definition_version", "reviewed_on")
        missing = [column for column in (*asked, "why_it_matters", "period_kind") if not card[column]]
        assert missing == [], card["metric_id"]
        assert card["direction"] in ("up", "down")
        headline = published.row(by_predicate=_is(card["metric_id"], card["headline_reading"]), named=True)
        assert headline["definition_version"] == card["definition_version"]


def test_the_semantic_metrics_and_exposures_say_what_they_are(manifest: Mapping[str, Any]) -> None:
    for metric in manifest["metrics"].values():
        assert metric["label"], metric["name"]
        assert len(metric["description"]) >= 10, metric["name"]
    for exposure in manifest["exposures"].values():
        assert len(exposure["description"]) >= 10, exposure["name"]
        assert exposure["depends_on"]["nodes"], exposure["name"]
    public = {node for node, model in manifest["nodes"].items() if model.get("access") == "public"}
    read = {node for exposure in manifest["exposures"].values() for node in exposure["depends_on"]["nodes"]}
    assert read <= public, "a page or document reads what is not published"


def test_every_kind_of_page_is_an_exposure(company: Callable[..., Company], manifest: Mapping[str, Any]) -> None:
    site = company(1).project / "site"
    kinds = {page.relative_to(site).parts[0].removesuffix(".html") for page in site.rglob("*.html")}
    known = {
        "index": "company_board",
        "squads": "squad_page",
        "people": "person_page",
        "metrics": "metric_page",
        "quarters": "quarter_page",
        "key-results": "key_result_page",
        "data": "quality_page",
        "search": "search_page",
    }
    assert kinds == set(known)
    exposures = {exposure["name"] for exposure in manifest["exposures"].values()}
    assert set(known.values()) <= exposures


def test_every_key_of_facts_and_metrics_joins_its_dimension(
    company: Callable[..., Company], models: Mapping[str, Mapping[str, Any]]
) -> None:
    built = company(1)
    keys = list(_keys(models))
    assert {dimension for *_, dimension, _ in keys} == set(DIMENSIONS)
    lost = []
    for table, column, dimension, key in keys:
        known = built.table(dimension)[key].implode()
        values = built.table(table)[column].drop_nulls()
        orphans = values.filter(~values.is_in(known)).unique().sort().head(3).to_list()
        if orphans:
            lost.append(f"{table}.{column} -> {dimension}.{key}: {orphans}")
    assert lost == []


def test_each_dimension_has_one_row_per_key(
    company: Callable[..., Company], models: Mapping[str, Mapping[str, Any]]
) -> None:
    for dimension in DIMENSIONS:
        key = _key_of(models[dimension])[0]
        values = company(1).table(dimension)[key]
        assert values.null_count() == 0, dimension
        assert values.n_unique() == values.len() > 0, dimension


def _is(metric_id: str, reading: str) -> Any:
    return (pl.col("metric_id") == metric_id) & (pl.col("reading") == reading)


def _key_of(dimension: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The key column of a dimension and the names, with wildcards, of the columns that join it."""
    declared = {
        column: properties["config"]["meta"]["joined_by"]
        for column, properties in dimension["columns"].items()
        if "joined_by" in properties["config"]["meta"]
    }
    ((key, names),) = declared.items()
    return key, names


def _keys(models: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """Table, column, dimension and key of every column that joins a dimension."""
    for dimension in DIMENSIONS:
        key, names = _key_of(models[dimension])
        data_type = models[dimension]["columns"][key]["data_type"]
        for table, node in models.items():
            for column, properties in node["columns"].items():
                is_named = any(fnmatchcase(column, name) for name in names)
                if table != dimension and is_named and properties["data_type"] == data_type:
                    yield table, column, dimension, key
