import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.errors import UnusableInputError
from metrics_py.reports.fitting import Part, Sections, fit
from metrics_py.reports.words import word_count


def text_of(sections: Sections, chosen: frozenset[str]) -> str:
    return "\n".join(text for texts in sections.values() for text in texts)


def words(count: int) -> str:
    return " ".join(["word"] * count)


def test_parts_come_in_by_rank_and_stand_in_their_own_order() -> None:
    parts = [
        Part("late", "list", words(3), 2),
        Part("always", "list", words(2)),
        Part("soon", "list", words(4), 1),
    ]
    sections, chosen = fit(parts, text_of, fewest=6, most=8)
    assert chosen == {"always", "soon"}
    assert sections == {"list": [words(2), words(4)]}


def test_a_sentence_under_an_item_comes_after_it_and_joins_it() -> None:
    parts = [
        Part("more", "list", "further words", 1, under="item"),
        Part("item", "list", "an item", 2),
        Part("more again", "list", "and more", 3, under="item"),
    ]
    sections, _ = fit(parts, text_of, fewest=4, most=4)
    assert sections == {"list": ["an item and more"]}


def test_what_is_too_long_is_passed_over_for_what_fits() -> None:
    parts = [Part("always", "list", words(5)), Part("long", "list", words(50), 1), Part("short", "list", words(5), 2)]
    _, chosen = fit(parts, text_of, fewest=10, most=20)
    assert chosen == {"always", "short"}


@pytest.mark.parametrize("count", [3, 30])
def test_a_length_that_cannot_be_met_is_refused_with_the_rule(count: int) -> None:
    with pytest.raises(
        UnusableInputError, match=f"the document has {count} words, and 10 to 20 are asked for .a word is"
    ):
        fit([Part("always", "list", words(count))], text_of, fewest=10, most=20)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(min_value=1, max_value=40), min_size=30, max_size=60))
def test_parts_no_longer_than_the_room_always_fit(lengths: list[int]) -> None:
    parts = [Part(str(place), "list", words(length), place) for place, length in enumerate(lengths)]
    parts += [Part(f"note {place}", "notes", words(20), 100 + place) for place in range(20)]
    sections, chosen = fit(parts, text_of, fewest=360, most=440)
    assert 360 <= word_count(text_of(sections, chosen)) <= 440
