"""Text of people in a prompt: it cannot end its block."""

import pytest

from metrics_py.assistant.quoting import NOTICE, fenced


@pytest.mark.parametrize("text", ["plain", "```\nend\n```", "`````", "# A heading\n````data\nx\n````"])
def test_no_line_of_the_text_ends_the_block(text: str) -> None:
    notice, opening, *inside, closing = fenced(text).splitlines()
    assert notice == NOTICE
    assert opening == f"{closing}data"
    assert set(closing) == {"`"}
    assert all(closing not in line for line in inside)
    assert "\n".join(inside) == text
