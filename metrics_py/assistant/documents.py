"""The documents of the key-result cycle, written from the snapshot as it is now."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias

from metrics_py.errors import ConfigurationError
from metrics_py.reports.binding import Document
from metrics_py.reports.health import health
from metrics_py.reports.leadership import leadership_update
from metrics_py.reports.midpoint import midpoint_review
from metrics_py.reports.next_targets import next_targets
from metrics_py.reports.published import Published
from metrics_py.reports.retrospective import retrospective
from metrics_py.reports.weekly import weekly_update

Kind: TypeAlias = Literal["health", "leadership", "weekly", "midpoint", "next-targets"]

KINDS: dict[Kind, Callable[[Published], Document]] = {
    "health": health,
    "leadership": leadership_update,
    "weekly": weekly_update,
    "midpoint": midpoint_review,
    "next-targets": next_targets,
}


def written(published: Path, kind: str) -> str:
    """A document of that kind, as Markdown.

    Raises: ConfigurationError for another kind.
    """
    for name, compose in KINDS.items():
        if name == kind:
            return compose(Published(published)).text
    raise ConfigurationError(f"no document {kind!r}; there are: {', '.join(KINDS)}")


def looked_back(published: Path, period: str) -> str:
    """The retrospective of a period such as 2025Q4, as Markdown.

    Raises: ConfigurationError for a period without key results.
    """
    return retrospective(Published(published), period).text
