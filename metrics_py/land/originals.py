"""Original records: the text of chosen records, read from their files once more."""

from collections.abc import Iterator

import duckdb

from metrics_py.land.csv_records import CsvRecords
from metrics_py.land.files import ExtractFile
from metrics_py.land.parquet_files import parquet_source
from metrics_py.land.records import line_blocks


def texts(file: ExtractFile, lines: set[int], connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str]]:
    """The records with the given numbers, as they stand in the file."""
    if file.format == "parquet":
        numbers = ", ".join(str(line - 1) for line in sorted(lines))
        yield from connection.execute(
            "select file_row_number + 1, cast(to_json(struct_pack(*columns(* exclude (file_row_number)))) as varchar) "
            f"from {parquet_source(file)} as records where file_row_number in ({numbers})"
        ).fetchall()
        return
    with file.open() as stream:
        if file.format == "csv":
            records = CsvRecords(stream, file.table)
            for record in records:
                if record.number in lines:
                    yield record.number, records.text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        else:
            first = 1
            for block in line_blocks(stream):
                pieces = block.split(b"\n")
                count = len(pieces) - (block[-1:] == b"\n")
                for line in sorted(number for number in lines if first <= number < first + count):
                    yield line, pieces[line - first].rstrip(b"\r").decode("utf-8", "replace")
                first += count
