"""Records of text files: lines or CSV records first, numbered before anything is read into them."""

from collections.abc import Iterator
from typing import IO

from metrics_py.errors import RefusedFileError
from metrics_py.land.contract import STAMP_COLUMNS, Table

BLOCK = 1 << 25
"""Bytes read at a time."""

_LONGEST_LINE = 1 << 30
_BOM = b"\xef\xbb\xbf"


def check_start(start: bytes, format: str) -> None:
    """Refuse a text file whose first bytes show that it is something else.

    Raises: RefusedFileError
    """
    for magic, found, way_out in (
        (b"PAR1", "Parquet", "name it .parquet"),
        (b"\x1f\x8b", "gzip", "name it .gz"),
        (b"PK\x03\x04", "a zip archive", "unpack it"),
        (b"\xff\xfe", "UTF-16 text", "write it as UTF-8"),
        (b"\xfe\xff", "UTF-16 text", "write it as UTF-8"),
    ):
        if start.startswith(magic):
            raise RefusedFileError(f"line 1: holds {found}, not {_named(format)}; {way_out}")
    if b"\0" in start:
        raise RefusedFileError(f"line 1: holds binary data, not {_named(format)}; export it again as {format} in UTF-8")
    text = start.removeprefix(_BOM).lstrip()
    if format == "jsonl" and text.startswith(b"["):
        raise RefusedFileError("line 1: holds a JSON array; write one JSON object per line")
    if format == "csv" and text.startswith((b"{", b"[")):
        raise RefusedFileError("line 1: holds JSON, not CSV with a header; name it .jsonl (one object per line)")


def line_blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Bytes of a file in blocks of whole lines, without a byte-order mark.

    Raises: RefusedFileError when a line is longer than 1 GB.
    """
    pieces: list[bytes] = []
    first, waiting = True, 0
    while piece := stream.read(BLOCK):
        if first:
            piece, first = piece.removeprefix(_BOM), False
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join([*pieces, piece[:end]])
            pieces = [piece[end:]] if end < len(piece) else []
            waiting = len(piece) - end
        else:
            pieces.append(piece)
            waiting += len(piece)
        if waiting > _LONGEST_LINE:
            raise RefusedFileError("a line is longer than 1 GB; export the file again, one record per line")
    if pieces:
        yield b"".join(pieces)


def check_columns(found: set[str], table: Table, where: str) -> None:
    """Refuse a file without the key columns of its table.

    Raises: RefusedFileError
    """
    missing = [name for name in table.key if name in table.required and name not in found]
    if missing:
        raise RefusedFileError(
            f"{where}: key column{'s' if len(missing) > 1 else ''} {', '.join(missing)} of {table.source}.{table.name} "
            f"not found; found {', '.join(sorted(found)[:20]) or 'no columns'}. Is the file in the right folder?"
        )


def ignored(found: set[str], table: Table) -> list[str]:
    """Columns of a file that the contract does not name, sorted."""
    return sorted(found - {column.name for column in table.columns} - set(STAMP_COLUMNS))


def _named(format: str) -> str:
    return {"jsonl": "one JSON object per line", "csv": "CSV"}[format]
