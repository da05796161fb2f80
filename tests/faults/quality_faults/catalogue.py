"""All faults, and the table of them that the documentation shows."""

from tests.faults.quality_faults import extracts, landed, tables
from tests.faults.quality_faults.fault import Fault

FAULTS: tuple[Fault, ...] = (*extracts.FAULTS, *landed.FAULTS, *tables.FAULTS)

BEGIN = "<!-- faults: begin (python -m tests.faults.quality_faults) -->"
END = "<!-- faults: end -->"


def as_markdown() -> str:
    """One row per fault: what goes wrong, where, and what does not hold because of it."""
    lines = ["| what goes wrong | where | caught by |", "|---|---|---|"]
    for fault in FAULTS:
        kind = "dbt test " if fault.place == "the built tables" else ""
        caught = ", ".join(f"{kind}`{name}`" for name in fault.caught_by)
        table = f" of {fault.table}" if fault.table else ""
        lines.append(f"| {fault.name} | {fault.place}{table} | {caught} |")
    return "\n".join(lines)


def with_table(page: str, table: str) -> str:
    """The page with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
