"""Parquet files into `incoming`: each column as the text that the text formats would have carried."""

import duckdb

from metrics_py.errors import RefusedFileError
from metrics_py.land.files import ExtractFile
from metrics_py.land.incoming import Incoming, LoadedFile
from metrics_py.land.records import check_columns
from metrics_py.land.typing import fields, quoted_name, quoted_path, stamp_columns


def load_parquet(incoming: Incoming, loaded: LoadedFile) -> None:
    """Type a Parquet file into `incoming`.

    Raises: RefusedFileError
    """
    source = parquet_source(loaded.file)
    try:
        types = {
            name.lower(): data_type
            for name, data_type, *_ in incoming.connection.execute(f"describe select * from {source}").fetchall()
            if name != "file_row_number"
        }
        check_columns(set(types), incoming.table, "schema")
        loaded.columns = set(types)
        wanted = [column.name for column in incoming.table.columns if column.name in types]
        stamps = stamp_columns(set(types))
        named = {name: _parquet_text(quoted_name(name), types[name]) for name in wanted}
        shape = (
            f"select {loaded.number} as file_no, file_row_number + 1 as line, cast(null as varchar) as broken, "
            f"{fields(incoming.table, named, [_parquet_text(quoted_name(name), types[name]) for name in stamps])} "
            f"from {source}"
        )
        incoming.type(shape, stamped=bool(stamps))
    except (duckdb.BinderException, duckdb.ParserException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise RefusedFileError(f"not a readable Parquet file ({reason}); export it again") from error


def parquet_source(file: ExtractFile) -> str:
    """SQL of the rows of a Parquet file, with `file_row_number` from 0."""
    return (
        f"read_parquet({quoted_path(file.path)}, file_row_number = true, binary_as_string = true, "
        "hive_partitioning = false)"
    )


def _parquet_text(column: str, data_type: str) -> str:
    """Text of a Parquet column, as the text formats would have carried it."""
    kind = data_type.upper()
    if kind == "VARCHAR":
        return column
    if kind == "TIMESTAMP WITH TIME ZONE":
        instant = f"timezone('UTC', {column})"
        return f"{_iso_text(instant)} || 'Z'"
    if kind.startswith("TIMESTAMP"):
        return _iso_text(f"cast({column} as timestamp)")
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = floor({column}) and abs({column}) < 1e18"
        digits = f"cast(case when {whole} then {column} end as bigint)"
        text = f"coalesce(cast({digits} as varchar), cast({column} as varchar))"
        return f"case when not isnan({column}) then {text} end"
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"


def _iso_text(instant: str) -> str:
    return f"replace(strftime({instant}, '%Y-%m-%dT%H:%M:%S.%f'), '.000000', '')"
