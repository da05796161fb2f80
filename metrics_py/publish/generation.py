"""Generations: whole snapshots side by side in a folder, with one link that says which is current.

```
published/current              -> generations/<id>      replaced in one step; everything else hangs on it
published/product_metrics.duckdb -> current/product_metrics.duckdb
published/parquet                -> current/parquet
published/manifest.json          -> current/manifest.json
```
A reader who opens several files and wants them of one generation resolves `current` first and reads below it; the
generation before the current one is kept for those who did so before the last swap.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metrics_py.errors import WarehouseError
from metrics_py.files import flush, workshop

DATABASE = "product_metrics.duckdb"
PARQUET = "parquet"
MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"

_CURRENT = "current"
_GENERATIONS = "generations"
_RETIRED = ".retired"


@contextmanager
def next_generation(published: Path) -> Iterator[Path]:
    """An empty folder to build the next generation in; one publisher at a time, and it is gone afterwards."""
    with workshop(published / _GENERATIONS) as unfinished:
        shutil.rmtree(published / _GENERATIONS / _RETIRED, ignore_errors=True)
        (unfinished / PARQUET).mkdir()
        yield unfinished


def install(published: Path, unfinished: Path, generation: str) -> bool:
    """Make a finished folder the current generation; False when that very generation already was.

    Everything is on disk before the link moves, so a kill or a power cut leaves the old generation or the new one.
    """
    generations = published / _GENERATIONS
    previous = _current_name(published)
    is_changed = previous != generation
    if not (generations / generation).is_dir():
        _write_checksums(unfinished)
        for path in sorted(unfinished.rglob("*"), reverse=True):
            if path.is_file():
                path.chmod(0o444)
            flush(path)
        flush(unfinished)
        unfinished.rename(generations / generation)
        flush(generations)
    for name in (DATABASE, PARQUET, MANIFEST):
        _point(published / name, f"{_CURRENT}/{name}")
    _point(published / _CURRENT, f"{_GENERATIONS}/{generation}")
    flush(published)
    if is_changed:
        _retire(generations, keep={generation, previous})
    return is_changed


def generation_of(content: bytes) -> str:
    """Name of the generation with this manifest: the start of the manifest's SHA-256, in hex."""
    return hashlib.sha256(content).hexdigest()[:16]


def current_generation(published: Path) -> Path:
    """The folder of the current generation, resolved once, so that all files read below it belong together.

    Raises: WarehouseError when nothing has been published there.
    """
    folder = (published / _CURRENT).resolve()
    if not (folder / MANIFEST).is_file():
        raise WarehouseError(f"{published} holds no published snapshot; run `metrics-py publish` first")
    return folder


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _current_name(published: Path) -> str | None:
    link = published / _CURRENT
    return link.readlink().name if link.is_symlink() else None


def _retire(generations: Path, *, keep: set[str | None]) -> None:
    for other in generations.iterdir():
        if other.is_dir() and not other.name.startswith(".") and other.name not in keep:
            # Renamed first: half a folder under a generation's own name could later be taken for the whole.
            retired = other.rename(generations / _RETIRED)
            shutil.rmtree(retired)


def _write_checksums(folder: Path) -> None:
    # Of every file, in the form `sha256sum --check` reads. Not part of the manifest: DuckDB writes a random identifier
    # into each database file, and the manifest is to be the same whenever the input is.
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def _point(link: Path, target: str) -> None:
    if link.is_symlink() and link.readlink() == Path(target):
        return
    temporary = link.with_name(f".{link.name}.next")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
