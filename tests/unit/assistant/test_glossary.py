"""The glossary that assistants read is the one of the documentation."""

from pathlib import Path

from metrics_py.assistant.resources import GLOSSARY

DOCUMENTED = Path(__file__).resolve().parents[3] / "docs" / "glossary.md"


def test_assistants_read_the_documented_glossary() -> None:
    assert GLOSSARY.read_text(encoding="utf-8") == DOCUMENTED.read_text(encoding="utf-8")
