"""Names and texts as DuckDB reads them."""


def name(identifier: str) -> str:
    """An identifier in double quotes.

    Examples:
        >>> print(name('a "b" c'))
        "a ""b"" c"
    """
    return '"' + identifier.replace('"', '""') + '"'


def text(value: object) -> str:
    """A value as a text literal.

    Examples:
        >>> text("it's")
        "'it''s'"
    """
    return "'" + str(value).replace("'", "''") + "'"
