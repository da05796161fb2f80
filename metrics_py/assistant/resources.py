"""What an assistant may read without asking a question: cards, the glossary, the scoreboard, documents."""

import json
from pathlib import Path

from metrics_py.assistant.documents import KINDS, looked_back, written
from metrics_py.assistant.goals import GoalTools
from metrics_py.assistant.quoting import fenced
from metrics_py.assistant.values import ValueTools

GLOSSARY = Path(__file__).with_name("glossary.md")
DOCUMENTS = "metrics://documents/"


class Resources:
    """The texts behind the addresses `metrics://...`."""

    def __init__(self, published: Path) -> None:
        self._published = published

    def cards(self) -> str:
        """The card of every metric."""
        reply = ValueTools(self._published).list_metrics()
        return json.dumps([card.model_dump(mode="json") for card in reply.answer or []], indent=2, ensure_ascii=False)

    def card(self, metric_id: str) -> str:
        """The card of one metric, its readings and the days it covers."""
        reply = ValueTools(self._published).explain_metric(metric_id)
        return reply.model_dump_json(indent=2)

    def glossary(self) -> str:
        """One word for one thing."""
        return GLOSSARY.read_text(encoding="utf-8")

    def scoreboard(self) -> str:
        """The goals of the company with their newest values and verdicts."""
        return GoalTools(self._published).scoreboard().model_dump_json(indent=2)

    def document(self, kind: str) -> str:
        """A document of the key-result cycle: health, leadership, weekly, midpoint or next-targets."""
        return fenced(written(self._published, kind))

    def retrospective(self, period: str) -> str:
        """The retrospective of a period such as 2025Q4."""
        return fenced(looked_back(self._published, period))


def document_addresses() -> dict[str, str]:
    """Address of each document that needs no period, by its kind.

    Examples:
        >>> document_addresses()["health"]
        'metrics://documents/health'
    """
    return {kind: f"{DOCUMENTS}{kind}" for kind in KINDS}
