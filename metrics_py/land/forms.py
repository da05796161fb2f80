"""Canonical forms: SQL expressions that turn the text of a field into its value, null where it cannot be one.

An expression gives null both for a text that says nothing (see `says_something`) and for one that cannot be typed.
The commonest spelling of each kind is tried first, on the text as it stands; only the rest is trimmed, put in upper
case and tried in every other way. `commonly_typed` stops after the first step, because planning the rest costs more
than typing a small file does.
Word lists are regular expressions, because the engine turns long `in` lists into joins, which it cannot skip.
"""

# Years 1 to 9999, which are all that Python and other engines can hold.
_DAY = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?"
_OFFSET = "( ?(Z|UTC|GMT)| ?[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
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


def says_something(text: str) -> str:
    """True for the text of a typed field, unless it is null, blank, `none` or `null`."""
    return f"coalesce(not regexp_full_match({_plain(text)}, '|NONE|NULL'), false)"


def typed(kind: str, data_type: str, text: str) -> str:
    """Value of a field of a logical type, null when the text says nothing or cannot be one."""
    common, value = _commonly_spelt(kind, data_type, text)
    return f"case when {common} then {value} else {_rarely_spelt(kind, data_type, _plain(text))} end"


def commonly_typed(kind: str, data_type: str, text: str) -> str:
    """Value of a field in the commonest spelling of its logical type, else null."""
    common, value = _commonly_spelt(kind, data_type, text)
    return f"case when {common} then {value} end"


def _commonly_spelt(kind: str, data_type: str, text: str) -> tuple[str, str]:
    spellings = {
        "bigint": (f"regexp_full_match({text}, '-?[0-9]{{1,9}}')", f"cast({text} as bigint)"),
        "boolean": (f"regexp_full_match({text}, '[Tt]rue|[Ff]alse')", f"{text} like '%rue'"),
        "date": (f"regexp_full_match({text}, '{_DAY}')", f"try_cast({text} as date)"),
        "timestamp": (
            f"regexp_full_match({text}, '{_DAY}(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?)?')",
            f"case when try_cast(substr({text}, 1, 10) as date) is not null then {text} end",
        ),
    }
    number = f"regexp_full_match({text}, '-?[0-9]{{1,9}}([.][0-9]{{1,9}})?')"
    spellings["double"] = (number, f"cast({text} as double) + 0.0")
    spellings["decimal"] = (number, f"try_cast({text} as {data_type})")
    return spellings[kind]


def _plain(text: str) -> str:
    """Trimmed, in upper case; a question mark for what is too long to be a value of any kind, which spares copies."""
    return f"case when strlen({text}) <= 100 then upper(trim({text}, ' \t\r\n')) else '?' end"


def _rarely_spelt(kind: str, data_type: str, text: str) -> str:
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
                f"case when regexp_full_match({text}, 'TRUE|T|YES|Y|1|1[.]0') then true "
                f"when regexp_full_match({text}, 'FALSE|F|NO|N|0|0[.]0') then false end"
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
        f"case when regexp_full_match({text}, '{_DAY}') "
        f"then case when try_cast({text} as date) is not null then {text} end "
        f"when regexp_full_match({text}, '{_DAY}[T ]{_CLOCK}') then {_printed(clock)} "
        f"when regexp_full_match({text}, '{_DAY}[T ]{_CLOCK}{_OFFSET}') "
        f"then {_printed(_in_years(f'({clock} - to_minutes({minutes}))'))} || 'Z' "
        f"when regexp_full_match({text}, '[0-9]{{9,16}}([.][0-9]+)?') then {_printed(_in_years(epoch))} || 'Z' end"
    )


def _in_years(instant: str) -> str:
    """The instant, null before the year 1 and after 9999."""
    return f"(case when year({instant}) between 1 and 9999 then {instant} end)"


def _printed(instant: str) -> str:
    return (
        f"(strftime({instant}, '%Y-%m-%dT%H:%M:%S') || "
        f"case when date_part('microsecond', {instant}) % 1000000 = 0 then '' else strftime({instant}, '.%f') end)"
    )
