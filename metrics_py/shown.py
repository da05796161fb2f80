"""Text from extracts as it can be shown on a page or a terminal: nothing in it steers, or turns what follows."""

import re

# Tab, line feed and the marks of right-to-left scripts stay; overrides, embeddings and isolates go, since one that
# is not closed turns round the text after it.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """A text without what steers a terminal or turns the direction of the text after it.

    Control characters become the sign for what cannot be shown, a line end of two characters one of one.

    Examples:
        >>> shown("red \\x1b[31m, tidy\\r\\n"), shown("a\\u202egpj.exe")
        ('red \\ufffd[31m, tidy\\n', 'agpj.exe')
    """
    return _TURNING.sub("", _CONTROL.sub("\ufffd", text.replace("\r\n", "\n")))
