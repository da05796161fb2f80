"""Write the sample company: its extracts and the truth they were drawn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from metrics_py.errors import ConfigurationError, UnusableInputError
from metrics_py.sample.calendar import EXTRACTS
from metrics_py.sample.truth.ledger import Ledger
from metrics_py.sample.vendors import confluence, crm, jira, pendo, product_ops, productboard, survey
from metrics_py.sample.vendors.dirt import Dirt
from metrics_py.sample.vendors.files import LARGE, encode, file_name, form_of, spell
from metrics_py.sample.vendors.history import Table, extracts_of
from metrics_py.sample.vendors.spoiling import Record
from metrics_py.sample.world.company import World, draw_world

UNITS_PER_CHUNK = 100
"""Units of scale held in memory at a time; moving it changes what a larger company than this looks like."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SampleReport:
    """What was written."""

    out: Path
    scale: int
    seed: int
    clean: bool
    has_truth: bool
    files: int
    rows: int
    bytes: int


def generate(
    out: Path,
    *,
    scale: int = 1,
    seed: int = 1,
    clean: bool = False,
    teams: int | None = None,
    every: int = 1,
    progress: Progress | None = None,
) -> SampleReport:
    """Write a seeded company's extracts to `out`/extracts and the truth behind them to `out`/truth.

    The same scale, seed and `clean` give the same bytes. Memory does not grow with scale: 100 units of scale are drawn
    at a time, and each writes its own part of every extract.

    Args:
        out: folder to write; it must not hold extracts yet.
        scale: 1 is 4 squads, 3,000 notes and 400 accounts; n is n times that.
        seed: which company.
        clean: without dirt in the files and without violations of the process.
        teams: how many times the squads, people, accounts and surveys of scale 1 share the work; null for `scale`.
        every: 1 for every extract; n for the first, every nth after it and the last two. Fewer extracts bound the times
            of changes less closely than the truth says, so none is written then.
        progress: called with a table's folder, the tables done and the tables in all.

    Raises: ConfigurationError for a scale below 1 or teams that do not fit it, UnusableInputError when `out` already
        holds extracts.
    """
    if scale < 1:
        raise ConfigurationError(f"scale must be 1 or more; found {scale}")
    if (out / "extracts").exists():
        raise UnusableInputError(f"{out / 'extracts'} exists already; name a new folder or remove it first")
    chunks = -(-scale // UNITS_PER_CHUNK)
    teams = scale if teams is None else teams
    if not chunks <= teams <= scale:
        raise ConfigurationError(f"at scale {scale} there can be {chunks} to {scale} teams; found {teams}")
    numbers = _extract_numbers(every)
    ledger = Ledger(out / "truth", scale) if every == 1 else None
    dirt_rows = list[Record]()
    files = rows = size = 0
    for chunk in range(chunks):
        first_unit = chunk * UNITS_PER_CHUNK
        units = min(UNITS_PER_CHUNK, scale - first_unit)
        sharing = range(teams * first_unit // scale, teams * (first_unit + units) // scale)
        world = draw_world(seed, chunk, units, sharing, clean=clean)
        dirt = Dirt(world) if scale < LARGE and not clean else None
        tables = vendor_tables(world)
        for number, table in enumerate(tables):
            if progress is not None:
                progress(table.folder, chunk * len(tables) + number, chunks * len(tables))
            part = chunk if chunks > 1 else None
            written = _write_table(out / "extracts", table, numbers, scale, part, dirt, dirt_rows)
            files, rows, size = files + written[0], rows + written[1], size + written[2]
        if ledger is not None:
            ledger.add(world)
    if scale < LARGE and not clean:
        dirt_rows += _empty_file(out / "extracts")
        files += 1
    if ledger is not None:
        ledger.write(dirt_rows)
    return SampleReport(out, scale, seed, clean, ledger is not None, files, rows, size)


def vendor_tables(world: World) -> list[Table]:
    """Every vendor's tables of a world."""
    vendors = (productboard, confluence, product_ops, crm, survey, pendo, jira)
    return [table for vendor in vendors for table in vendor.tables(world)]


def _extract_numbers(every: int) -> list[int]:
    newest = range(len(EXTRACTS) - 2, len(EXTRACTS))
    return sorted({*range(0, len(EXTRACTS), every), *newest})


def _write_table(
    folder: Path,
    table: Table,
    numbers: Sequence[int],
    scale: int,
    part: int | None,
    dirt: Dirt | None,
    dirt_rows: list[Record],
) -> tuple[int, int, int]:
    form = form_of(table.source, table.name, scale)
    spelt = Table(table.source, table.name, table.mode, spell(table.source, table.rows, tuple(table.dates), form))
    target = folder / table.folder
    target.mkdir(parents=True, exist_ok=True)
    files = rows = size = 0
    for number, shown in extracts_of(spelt, numbers, every_extract=part is not None):
        name = file_name(EXTRACTS[number], form, part)
        spoiled = dirt.spoil(table.folder, number, shown, form) if dirt is not None and form != "parquet" else None
        if spoiled is None:
            contents = {"": encode(shown.select(table.columns), form)}
        else:
            contents = spoiled.files()
            dirt_rows += [{"file": f"{table.folder}/{name}", **row} for row in spoiled.dirt]
        for suffix, data in contents.items():
            (target / name.replace(f".{form}", f"{suffix}.{form}")).write_bytes(data)
            files, size = files + 1, size + len(data)
        rows += shown.height
    return files, rows, size


def _empty_file(folder: Path) -> list[Record]:
    """A file of no bytes, at a time when the table had nothing new: no extract at all."""
    target = folder / "jira" / "field" / file_name(EXTRACTS[30], "jsonl", None)
    target.write_bytes(b"")
    return [{"file": f"jira/field/{target.name}", "kind": "empty file", "in_quarantine": False}]
