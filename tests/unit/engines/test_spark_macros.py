"""What the macros for Spark promise and can be checked without it."""

import re
import unicodedata
from pathlib import Path

_MACRO = Path(__file__).resolve().parents[3] / "macros" / "spark" / "normalised_text.sql"


def _letters(name: str) -> str:
    block = re.search(rf"set {name} = \[(.*?)\]", _MACRO.read_text(encoding="utf-8"), re.S)
    assert block is not None
    return "".join(re.findall(r"'([^']*)'", block[1]))


def test_every_accented_letter_of_three_scripts_loses_its_accents() -> None:
    scripts = ("LATIN", "GREEK", "CYRILLIC")
    accented = {}
    for letter in map(chr, range(0xC0, 0x2000)):
        plain, *marks = unicodedata.normalize("NFD", letter)
        if letter == letter.lower() and unicodedata.name(letter, "").startswith(scripts) and marks:
            accented[letter] = plain
    found = dict(zip(_letters("accented"), _letters("plain"), strict=True))
    assert {letter: found.get(letter) for letter in accented} == accented
