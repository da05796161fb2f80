"""What a landing did: per table, what came in; and the files that were not what their names said."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class TableReport:
    """Counts of one table: files landed, and records landed, unchanged and quarantined."""

    source: str
    table: str
    files: int = 0
    landed: int = 0
    unchanged: int = 0
    quarantined: int = 0


@dataclass(frozen=True)
class RefusedFile:
    """A file of which nothing was landed, and why."""

    file: str
    message: str

    def __str__(self) -> str:
        """The message, led by the file's name."""
        return f"{self.file}: {self.message}"


@dataclass
class LandingReport:
    """Outcome of one landing.

    Attributes:
        tables: one entry per table that had files, by source and table; counts of this landing alone.
        refused: files of which nothing was landed.
        known: files landed before and left alone.
        empty: zero-byte files, which are no extracts.
    """

    tables: list[TableReport] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    known: int = 0
    empty: list[str] = field(default_factory=list)

    def total(self) -> TableReport:
        """Sum over all tables."""
        return TableReport(
            source="",
            table="",
            files=sum(table.files for table in self.tables),
            landed=sum(table.landed for table in self.tables),
            unchanged=sum(table.unchanged for table in self.tables),
            quarantined=sum(table.quarantined for table in self.tables),
        )

    def refuse(self, refusals: Iterable[RefusedFile]) -> None:
        """Add refused files."""
        self.refused.extend(refusals)
