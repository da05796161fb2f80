"""What may leave the warehouse: the public models of a dbt manifest, with their keys and descriptions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metrics_py.errors import ConfigurationError

PUBLIC_LAYERS = ("marts", "metrics")


@dataclass(frozen=True)
class PublicModel:
    """One table that people outside may read."""

    name: str
    schema: str
    key: tuple[str, ...]
    description: str
    columns: Mapping[str, str] = field(default_factory=dict)
    """Description of each column; empty where the model gives none."""


def read_json(document: Mapping[str, Any] | Path) -> Mapping[str, Any]:
    """A JSON document given as it is or as the path of its file.

    Raises: ConfigurationError when the file is missing or holds no JSON object.
    """
    if isinstance(document, Mapping):
        return document
    try:
        content = json.loads(document.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{document} does not exist; run `dbt build` first, it writes this file") from None
    except ValueError as error:
        raise ConfigurationError(f"{document} is not JSON ({error}); run `dbt build` again, it rewrites it") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{document} must hold a JSON object; found {type(content).__name__}")
    return content


def public_models(manifest: Mapping[str, Any]) -> list[PublicModel]:
    """Models of the marts and metrics layers with access `public`, by name.

    Returns: one entry per model; `key` is its primary key constraint, empty when it declares none.
    Raises: ConfigurationError when there is none, or when two models would be published under one name.

    Examples:
        >>> node = {
        ...     "resource_type": "model", "access": "public", "fqn": ["p", "metrics", "goals", "scoreboard"],
        ...     "alias": "scoreboard", "schema": "metrics", "description": "Verdicts.",
        ...     "constraints": [{"type": "primary_key", "columns": ["goal_id"]}],
        ...     "columns": {"goal_id": {"description": "The goal.", "constraints": []}},
        ... }
        >>> [(model.name, model.key) for model in public_models({"nodes": {"model.p.scoreboard": node}})]
        [('scoreboard', ('goal_id',))]
    """
    found: dict[str, PublicModel] = {}
    for node in manifest.get("nodes", {}).values():
        if not _is_public(node):
            continue
        model = PublicModel(
            name=node["alias"],
            schema=node["schema"],
            key=_primary_key(node),
            description=node.get("description", "").strip(),
            columns={name: column.get("description", "").strip() for name, column in node["columns"].items()},
        )
        if model.name in found:
            raise ConfigurationError(
                f"two public models are called {model.name} (schemas {found[model.name].schema} and {model.schema}); "
                "published names must be unique, so give one of them an alias"
            )
        found[model.name] = model
    if not found:
        raise ConfigurationError(
            f"the dbt manifest has no model with access public under {' or '.join(PUBLIC_LAYERS)}; "
            "is it the manifest of this project?"
        )
    return [found[name] for name in sorted(found)]


def _is_public(node: Mapping[str, Any]) -> bool:
    layer = node.get("fqn", ["", ""])[1:2]
    return node.get("resource_type") == "model" and node.get("access") == "public" and layer[0] in PUBLIC_LAYERS


def _primary_key(node: Mapping[str, Any]) -> tuple[str, ...]:
    for constraint in node.get("constraints", []):
        if constraint["type"] == "primary_key":
            return tuple(constraint["columns"])
    return tuple(
        name
        for name, column in node["columns"].items()
        if any(constraint["type"] == "primary_key" for constraint in column.get("constraints", []))
    )
