"""Waves: the models of a manifest cut where Python models stand, so that dbt runs as few times as it can.

An adapter that runs no Python models builds the SQL of wave 0; then this program runs the Python models of wave 0,
whose parents are built by now; then the adapter builds wave 1, and so on. A node's wave is the number of Python models
on the longest way to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BUILT = ("model", "seed", "snapshot")


@dataclass(frozen=True)
class Wave:
    """What one `dbt build` builds and tests, and the Python models that run after it; ids of manifest nodes."""

    nodes: tuple[str, ...]
    tests: tuple[str, ...]
    python_models: tuple[str, ...]


def waves(manifest: Mapping[str, Any]) -> list[Wave]:
    """The waves of a dbt manifest, in the order in which they run.

    A test belongs to the first wave in which all that it reads is built.

    Examples:
        >>> def node(kind, *parents, language="sql"):
        ...     return {"resource_type": kind, "language": language, "depends_on": {"nodes": list(parents)}}
        >>> found = waves({"nodes": {
        ...     "facts": node("model"), "statistics": node("model", "facts", language="python"),
        ...     "metric": node("model", "statistics"), "metric_is_unique": node("test", "metric"),
        ... }})
        >>> [(wave.nodes, wave.tests, wave.python_models) for wave in found]
        [(('facts',), (), ('statistics',)), (('metric',), ('metric_is_unique',), ())]
    """
    nodes = {
        identifier: node
        for identifier, node in manifest["nodes"].items()
        if node["resource_type"] in (*_BUILT, "test") and node.get("config", {}).get("enabled", True)
    }
    number = _numbers(nodes)
    found = []
    for wave in range(max(number.values(), default=-1) + 1):
        mine = [identifier for identifier in nodes if number[identifier] == wave]
        tests = tuple(identifier for identifier in mine if nodes[identifier]["resource_type"] == "test")
        python_models = tuple(identifier for identifier in mine if is_python(nodes[identifier]))
        others = tuple(identifier for identifier in mine if identifier not in {*tests, *python_models})
        found.append(Wave(others, tests, python_models))
    return found


def is_python(node: Mapping[str, Any]) -> bool:
    """True for a model written in Python."""
    return bool(node.get("language") == "python")


def _numbers(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    number: dict[str, int] = {}

    def of(identifier: str) -> int:
        if identifier not in number:
            parents = [parent for parent in nodes[identifier]["depends_on"].get("nodes", []) if parent in nodes]
            number[identifier] = max((of(parent) + is_python(nodes[parent]) for parent in parents), default=0)
        return number[identifier]

    for identifier in nodes:
        of(identifier)
    return number
