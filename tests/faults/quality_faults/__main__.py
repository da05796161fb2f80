"""Writes the table of faults into docs/quality.md: python -m tests.faults.quality_faults. The tests prove each row."""

from pathlib import Path

from tests.faults.quality_faults.catalogue import as_markdown, with_table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "quality.md"

if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), as_markdown()), encoding="utf-8")
    print(f"{PAGE}: the table of faults is written")
