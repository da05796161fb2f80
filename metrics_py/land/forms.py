"""Canonical forms: SQL expressions that turn the text of a field into its value, null where it cannot be one.

Each function takes the SQL of a text that is upper-case, trimmed and null when it says nothing (see `said`).
An expression that gives null for a text that is not null marks a field that cannot be typed.
"""

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?"
_OFFSET = "( ?(Z|UTC|GMT)| ?[+-][0-9]{2}(:?[0-9]{2})?)"
_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(E[+-]?[0-9]+)?"

ACCEPTED = {
    "bigint": "a whole number, e.g. 42",
    "double": "a finite number, e.g. 4.2",
    "decimal": "a number that fits, e.g. 1200.50",
    "boolean": "true or false (also yes/no, 1/0)",
    "date": "a date, e.g. 2025-01-31",
    "timestamp": "an ISO time such as 2025-01-31T06:00:00Z (offset optional), a date, or epoch seconds or milliseconds",
}
"""What a column of each kind accepts, for messages."""


def said(text: str) -> str:
    """The text of a typed field, upper-case and trimmed; null when it is empty or says `none` or `null`."""
    return f"nullif(nullif(nullif(upper(trim({text}, ' \t\r\n')), ''), 'NONE'), 'NULL')"


def typed(kind: str, data_type: str, text: str) -> str:
    """Value of a field of a logical type, null when the text cannot be one."""
    match kind:
        case "bigint":
            return (
                f"case when regexp_full_match({text}, '[+-]?[0-9]+([.]0*)?') "
                f"then try_cast(split_part({text}, '.', 1) as bigint) end"
            )
        case "double":
            number = f"try_cast({text} as double)"
            return f"case when regexp_full_match({text}, '{_NUMBER}') and isfinite({number}) then {number} + 0.0 end"
        case "decimal":
            return f"case when regexp_full_match({text}, '{_NUMBER}') then try_cast({text} as {data_type}) end"
        case "boolean":
            return (
                f"case when {text} in ('TRUE', 'T', 'YES', 'Y', '1', '1.0') then true "
                f"when {text} in ('FALSE', 'F', 'NO', 'N', '0', '0.0') then false end"
            )
        case "date":
            midnight = "[T ]00:00(:00([.]0+)?)?(Z|[+-]00:?00)?"
            return (
                f"case when regexp_full_match({text}, '{_DAY}({midnight})?') "
                f"then try_cast(substr({text}, 1, 10) as date) end"
            )
        case "timestamp":
            return _iso_text(text)
        case _:
            raise AssertionError(kind)


def utc(iso: str, source_zone: str, org_zone: str) -> str:
    """UTC timestamp of canonical ISO text: as written with Z, else in the source's zone, a bare date in the org's."""
    return (
        f"case when length({iso}) = 10 then timezone('UTC', timezone('{org_zone}', cast({iso} as timestamp))) "
        f"when {iso} like '%Z' then cast(rtrim({iso}, 'Z') as timestamp) "
        f"else timezone('UTC', timezone('{source_zone}', cast({iso} as timestamp))) end"
    )


def _iso_text(text: str) -> str:
    clock = (
        f"try_cast(substr({text}, 1, 10) || ' ' || "
        f"regexp_extract(replace(substr({text}, 12), ',', '.'), '^[0-9:]+([.][0-9]{{1,6}})?') as timestamp)"
    )
    offset = f"regexp_extract(substr({text}, 12), '([+-])([0-9]{{2}}):?([0-9]{{2}})?$'"
    minutes = (
        f"(case when {offset}, 1) = '-' then -1 else 1 end * "
        f"(coalesce(try_cast({offset}, 2) as integer), 0) * 60 + coalesce(try_cast({offset}, 3) as integer), 0)))"
    )
    number = f"try_cast({text} as decimal(26, 6))"
    epoch = (
        f"make_timestamp(cast(floor(case when {number} < 100000000000 then {number} * 1000000 "
        f"when {number} < 100000000000000 then {number} * 1000 else {number} end) as bigint))"
    )
    return (
        f"case when regexp_full_match({text}, '{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z') "
        f"then case when try_cast(substr({text}, 1, 10) as date) is not null then {text} end "
        f"when regexp_full_match({text}, '{_DAY}') "
        f"then case when try_cast({text} as date) is not null then {text} end "
        f"when regexp_full_match({text}, '{_DAY}[T ]{_CLOCK}') then {_printed(clock)} "
        f"when regexp_full_match({text}, '{_DAY}[T ]{_CLOCK}{_OFFSET}') "
        f"then {_printed(f'({clock} - to_minutes({minutes}))')} || 'Z' "
        f"when regexp_full_match({text}, '[0-9]{{9,16}}([.][0-9]+)?') then {_printed(epoch)} || 'Z' end"
    )


def _printed(instant: str) -> str:
    return (
        f"(strftime({instant}, '%Y-%m-%dT%H:%M:%S') || "
        f"case when date_part('microsecond', {instant}) % 1000000 = 0 then '' else strftime({instant}, '.%f') end)"
    )
