"""Typing: from the text of a record's fields to a row of the contract, or to the reason why not.

All formats are brought to one shape first (`file_no, line, broken, s, f0, f1, ...`: the fields as text, `s` the row's
own extract time). One query types the shape; a second one, run only over rows that failed, says which column and why.
"""

from pathlib import Path

from metrics_py.land import forms
from metrics_py.land.contract import STAMP_COLUMNS, Column, Contract, Table

LONGEST_VALUE = 1000
"""Characters of a value that the quarantine shows; the record beside it is whole."""

_NO_VALUE = chr(30)
_BETWEEN = chr(31)


def quoted(text: str) -> str:
    """SQL literal of a text."""
    return "'" + text.replace("'", "''") + "'"


def quoted_path(path: Path) -> str:
    """SQL literal of a file's path for the engine's readers, which take some characters for wildcards.

    Examples:
        >>> print(quoted_path(Path("it's [1].csv")))
        'it''s [[]1].csv'
    """
    return quoted("".join(f"[{character}]" if character in "*?[" else character for character in str(path)))


def quoted_name(name: str) -> str:
    """SQL identifier of a column."""
    return '"' + name.replace('"', '""') + '"'


def incoming_table(table: Table) -> str:
    """Statement that makes the temporary table of typed rows."""
    columns = ", ".join(f'"{column.name}" {column.physical_type}' for column in table.columns)
    return (
        "create or replace temp table incoming (file_no integer, line bigint, stamp timestamp, is_bad boolean, "
        f"updated_rank varchar, _row_key varchar, _row_hash varchar, {columns})"
    )


def fields(table: Table, named: dict[str, str], stamps: list[str]) -> str:
    """Select list of the shape: SQL text of each contract column (null where absent) and of the row's own time."""
    filled = [f"nullif({text}, '')" for text in stamps]
    stamp = f"coalesce({', '.join(filled)})" if filled else "cast(null as varchar)"
    listed = [f"{stamp} as s"]
    for index, column in enumerate(table.columns):
        text = named.get(column.name, "null")
        listed.append(f"nullif(cast({text} as varchar), '') as f{index}")
    return ", ".join(listed)


def stamp_columns(present: set[str]) -> list[str]:
    """The loader's time columns that are present, the one that counts first."""
    return [name for name in STAMP_COLUMNS if name in present]


class Typing:
    """Queries that type the records of one table."""

    def __init__(self, table: Table, contract: Contract) -> None:
        self.table = table
        self._zone = contract.zone_of(table.source)
        self._org_zone = contract.org_timezone
        self._currency = contract.org_currency

    def insert(self, shape: str, *, stamped: bool, commonly: bool = False) -> str:
        """Statement that types a shape into `incoming`, marking the rows that cannot land.

        Args:
            shape: query for the fields as text.
            stamped: whether its rows may carry their own extract time.
            commonly: take only the commonest spellings; a row with another is marked as well.
        """
        columns = ", ".join(f"c{index}" for index in range(len(self.table.columns)))
        problems = " or ".join(f"coalesce({test}, false)" for test, _, _, _ in self._problems(stamped, commonly))
        updated = "null"
        if self.table.updated:
            updated = f"rtrim(cast(c{self.table.position(self.table.updated)} as varchar), 'Z')"
        return (
            f"insert into incoming select file_no, line, stamp, {problems}, {updated}, {self._key()}, {self._hash()}, "
            f"{columns} from ({self._typed(shape, stamped, commonly)})"
        )

    def explain(self, shape: str, *, stamped: bool) -> str:
        """Query for the rows of a shape that cannot land: file_no, line, column_name, value, reason, _row_key."""
        tests = self._problems(stamped)
        cases = " ".join(f"when {test} then {number}" for number, (test, _, _, _) in enumerate(tests))
        column_name = " ".join(
            f"when {number} then {quoted(name)}" for number, (_, name, _, _) in enumerate(tests) if name
        )
        value = " ".join(f"when {number} then {text}" for number, (_, _, text, _) in enumerate(tests) if text)
        reason = " ".join(f"when {number} then {text}" for number, (_, _, _, text) in enumerate(tests))
        return (
            f"select file_no, line, case problem {column_name} else null end as column_name, "
            f"left(case problem {value} else null end, {LONGEST_VALUE}) as value, case problem {reason} end as reason, "
            "_row_key "
            f"from (select *, {self._key()} as _row_key, case {cases} end as problem "
            f"from ({self._typed(shape, stamped)})) where problem is not null"
        )

    def _typed(self, shape: str, stamped: bool, commonly: bool = False) -> str:
        as_typed = forms.commonly_typed if commonly else forms.typed
        typed = ", ".join(
            f"f{index} as c{index}"
            if column.kind == "varchar"
            else f"{as_typed(column.kind, column.data_type, f'f{index}')} as c{index}"
            for index, column in enumerate(self.table.columns)
        )
        if not stamped:
            return (
                f"select shaped.*, {typed}, cast(null as timestamp) as stamp, extract_files.extracted_at, "
                "utc_limit, naive_limit, date_limit "
                f"from ({shape}) as shaped inner join extract_files using (file_no)"
            )
        instant = forms.utc("iso_stamp", self._zone, self._org_zone)
        local = "timezone('{}', timezone('UTC', coalesce(stamp, taken_until, extracted_at)))"
        return (
            "select *, strftime(coalesce(stamp, taken_until, extracted_at), '%Y-%m-%dT%H:%M:%S.%f') as utc_limit, "
            f"strftime({local.format(self._zone)}, '%Y-%m-%dT%H:%M:%S.%f') as naive_limit, "
            f"strftime({local.format(self._org_zone)}, '%Y-%m-%d') as date_limit from ("
            # An extract taken before 1970 or after 9998 has a broken stamp, and such times overflow in other zones.
            f"select *, case when year({instant}) between 1970 and 9998 then {instant} end as stamp from ("
            f"select shaped.*, {typed}, extract_files.extracted_at, extract_files.taken_until, "
            f"{as_typed('timestamp', 'timestamp', 's')} as iso_stamp "
            f"from ({shape}) as shaped inner join extract_files using (file_no)))"
        )

    def _problems(self, stamped: bool, commonly: bool = False) -> list[tuple[str, str | None, str | None, str]]:
        """Tests in order of precedence, each with column name, SQL of the value and SQL of the reason."""
        found: list[tuple[str, str | None, str | None, str]] = [("broken is not null", None, None, "broken")]
        if stamped:
            name = "_extracted_at"
            found += [
                (_fails("s", "stamp", commonly), name, "s", quoted(_untypable("timestamp"))),
                (
                    "stamp is null and extracted_at is null",
                    name,
                    "s",
                    quoted(
                        "the record has no extract time and its file's name carries none; "
                        "put a time in the name or give --extracted-at"
                    ),
                ),
                (
                    "stamp > taken_until",
                    name,
                    "s",
                    "'later than the time in its file''s name, ' || strftime(taken_until, '%Y-%m-%dT%H:%M:%SZ')",
                ),
            ]
        for index, column in enumerate(self.table.columns):
            found += self._column_problems(index, column, commonly)
        return found

    def _column_problems(
        self, index: int, column: Column, commonly: bool
    ) -> list[tuple[str, str | None, str | None, str]]:
        typed, text, name = f"c{index}", f"f{index}", column.name
        found: list[tuple[str, str | None, str | None, str]] = []
        if column.kind != "varchar":
            found.append((_fails(text, typed, commonly), name, text, quoted(_untypable(column.kind))))
        if name in self.table.required:
            found.append((f"{typed} is null", name, text, quoted("empty, but every record needs it")))
        if name in self.table.happened:
            reason = "'later than its extract, ' || replace(utc_limit, '.000000', '') || 'Z'"
            if column.kind == "date":
                found.append((f"cast({typed} as varchar) > date_limit", name, text, reason))
            else:
                late = (
                    f"case when length({typed}) = 10 then {typed} > date_limit "
                    f"when {typed} like '%Z' then rtrim({typed}, 'Z') > utc_limit else {typed} > naive_limit end"
                )
                found.append((late, name, text, reason))
        if (self.table.source, self.table.name) == ("crm", "account_arr"):
            if name == "month":
                found.append((f"day({typed}) <> 1", name, text, quoted("must be the first day of a month")))
            if name == "currency":
                reason = (
                    f"must be {self._currency}, the organisation's currency (var org_currency); nothing is converted"
                )
                found.append((f"upper(trim({typed})) <> {quoted(self._currency)}", name, text, quoted(reason)))
        return found

    def _key(self) -> str:
        parts, unreadable = [], []
        for name in self.table.key:
            index = self.table.position(name)
            column = self.table.columns[index]
            text = f"c{index}" if column.physical_type == "varchar" else f"cast(c{index} as varchar)"
            if name in self.table.required:
                unreadable.append(f"c{index} is null")
            elif column.kind != "varchar":
                unreadable.append(_fails(f"f{index}", f"c{index}"))
            parts.append(text if name in self.table.required else f"coalesce({text}, '{_NO_VALUE}')")
        key = f" || '{_BETWEEN}' || ".join(parts)
        return f"case when {' or '.join(unreadable)} then null else {key} end" if unreadable else key

    def _hash(self) -> str:
        parts = []
        for index, column in enumerate(self.table.columns):
            parts += (
                [f"strlen(c{index})", "':'", f"c{index}"] if column.physical_type == "varchar" else [f"c{index}", "';'"]
            )
        return f"md5(concat({', '.join(parts)}))"


def _untypable(kind: str) -> str:
    return f"cannot be read as {forms.ACCEPTED[kind]}"


def _fails(text: str, typed: str, commonly: bool = False) -> str:
    """Test that a typed field is null although its text says something (or, if `commonly`, although it has a text)."""
    says = "true" if commonly else forms.says_something(text)
    return f"case when {typed} is null and {text} is not null then {says} else false end"
