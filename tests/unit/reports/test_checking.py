from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.errors import UnusableInputError
from metrics_py.reports.binding import Binder, Document, read_document
from metrics_py.reports.checking import check_document, describe, failures
from metrics_py.reports.composing import UnboundNumberError, compose
from metrics_py.reports.health import health
from metrics_py.reports.published import Published
from tests.unit.reports.company import okr_tables

Publish = Callable[..., Published]


@pytest.fixture(scope="module")
def document(published: Published) -> Document:
    return health(published)


def standings(document: Document, published: Published) -> list[str]:
    return [verdict.standing for verdict in failures(check_document(document, published))]


def test_each_number_of_a_document_is_bound(document: Document, published: Published) -> None:
    verdicts = check_document(document, published)
    assert len(verdicts) > 100
    assert {verdict.standing for verdict in verdicts} == {"bound"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("68.7%", "69.7%"),  # value
        ("68.7%", "68.7 pp"),  # unit
        ("68.7%", "-68.7%"),  # sign
        ("68.7%", "69%"),  # rounded further than it is published
        ("28 January 2026", "27 January 2026"),  # date
        ("$9.3M", "$9.3K"),  # scale
        ("4 off track", "3 off track"),  # count
    ],
)
def test_a_number_that_was_changed_is_contradicted(
    right: str, wrong: str, document: Document, published: Published
) -> None:
    assert right in document.text
    edited = replace(document, text=document.text.replace(right, wrong, 1))
    assert standings(edited, published) == ["contradicted"]


def test_a_number_that_was_added_is_unknown_and_names_its_line(document: Document, published: Published) -> None:
    edited = replace(document, text=document.text.replace("\n## ", "\nSales are up by 12%.\n\n## ", 1))
    (wrong,) = failures(check_document(edited, published))
    assert wrong.standing == "unknown"
    assert describe(wrong, edited.text).startswith("line 5: '12%' is unknown: it is bound to no published row")


def test_a_label_that_somebody_changed_is_contradicted(document: Document, published: Published) -> None:
    edited = replace(document, text=document.text.replace("**Off track**", "**On track**", 1))
    (wrong,) = failures(check_document(edited, published))
    assert (wrong.standing, wrong.claim.text, wrong.right) == ("contradicted", "On track", "Off track")


def test_taking_a_sentence_out_leaves_the_other_numbers_bound(document: Document, published: Published) -> None:
    lines = document.text.splitlines(keepends=True)
    kept = "".join(line for line in lines if not line.startswith("- Pace"))
    assert len(kept) < len(document.text)
    assert standings(replace(document, text=kept), published) == []


def test_words_written_between_the_numbers_leave_them_bound(document: Document, published: Published) -> None:
    edited = document.text.replace("- Pace:", "- Pace, as the team sees it:")
    assert standings(replace(document, text=edited), published) == []


def test_a_value_that_has_changed_since_is_stale(document: Document, publish: Publish) -> None:
    tables = okr_tables()
    is_dispatch = (pl.col("key_result_id") == "kr-dispatch") & pl.col("is_latest")
    status = tables["key_result_status"].with_columns(
        current_value=pl.when(is_dispatch).then(15.1).otherwise(pl.col("current_value"))
    )
    found = failures(check_document(document, publish(tables | {"key_result_status": status})))
    assert {verdict.standing for verdict in found} == {"stale"}
    assert [verdict.claim.text for verdict in found] == ["15.9 minutes"]
    assert "now says '15.1 minutes'" in found[0].sentence


def test_a_value_that_changed_too_little_to_show_is_stale_all_the_same(document: Document, publish: Publish) -> None:
    tables = okr_tables()
    moved = tables["key_result_status"].with_columns(pl.col("p_hit") + 0.0001)
    found = failures(check_document(document, publish(tables | {"key_result_status": moved})))
    assert {verdict.standing for verdict in found} == {"stale"}


def test_a_document_of_another_as_of_is_stale_throughout(document: Document, publish: Publish) -> None:
    verdicts = check_document(document, publish(okr_tables(), as_of="2026-02-07T06:00:00Z"))
    assert {verdict.standing for verdict in verdicts} == {"stale"}
    assert "as of 2026-01-31T06:00:00Z" in verdicts[0].sentence


def test_a_row_that_is_gone_is_stale(document: Document, publish: Publish) -> None:
    tables = okr_tables()
    status = tables["key_result_status"].filter(pl.col("key_result_id") != "kr-arr")
    found = failures(check_document(document, publish(tables | {"key_result_status": status})))
    assert found
    assert {verdict.standing for verdict in found} == {"stale"}


def test_a_label_that_has_changed_since_is_stale(document: Document, publish: Publish) -> None:
    tables = okr_tables()
    status = tables["key_result_status"].with_columns(pl.col("status").replace("on_track", "at_risk"))
    found = failures(check_document(document, publish(tables | {"key_result_status": status})))
    assert {(verdict.standing, verdict.claim.text) for verdict in found} == {
        ("stale", "on track"),
        ("stale", "On track"),
    }


def test_the_bindings_of_a_file_are_read_back(document: Document, published: Published) -> None:
    written = document.with_appendix()
    read = read_document(written)
    assert read.text == document.text
    assert len(read.bindings) == len(document.bindings)
    assert standings(read, published) == []
    assert written.count("-->") == 1


def test_a_text_without_bindings_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="carries no bindings"):
        read_document("# Health\n\nAll is well.\n")


def test_damaged_bindings_are_refused(document: Document) -> None:
    damaged = document.with_appendix().replace('"cells"', '"sells"', 1)
    with pytest.raises(UnusableInputError, match="damaged"):
        read_document(damaged)


def test_a_text_of_a_row_cannot_end_the_comment(publish: Publish) -> None:
    tables = okr_tables()
    status = tables["key_result_status"].with_columns(
        name=pl.when(pl.col("key_result_id") == "kr-arr").then(pl.lit("A --> <b>|x</b>")).otherwise(pl.col("name"))
    )
    published = publish(tables | {"key_result_status": status})
    document = health(published)
    assert document.with_appendix().count("-->") == 1 + document.text.count("-->")
    assert "<b>" not in document.text
    assert read_document(document.with_appendix()).text == document.text


def test_a_template_with_a_number_of_its_own_is_not_written(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metrics_py.reports import composing

    class Fixed:
        def get_template(self, name: str) -> "Fixed":
            return self

        def render(self, **parts: object) -> str:
            return "# Update\n\nAll 7 are well.\n"

    monkeypatch.setattr(composing, "_environment", Fixed)
    with pytest.raises(UnboundNumberError, match="line 3: '7' is unknown"):
        compose(Binder(published), "any")


def test_a_template_cannot_print_a_raw_value(published: Published) -> None:
    from metrics_py.reports.composing import _environment

    with pytest.raises(TypeError, match="prints values through `say`"):
        _environment().from_string("{{ value }}").render(value=7.5)


@settings(deadline=None, derandomize=True)
@given(
    st.floats(min_value=-1e6, max_value=1e6, allow_nan=False),
    st.floats(min_value=-1e6, max_value=1e6, allow_nan=False),
    st.sampled_from(["share", "nps", "days", "usd", "%", "count", "minutes"]),
)
def test_no_bound_number_is_flagged_and_no_other_number_passes(value: float, target: float, unit: str) -> None:
    published = Frames({"facts": pl.DataFrame({"id": ["a"], "value": [value], "target": [target], "unit": [unit]})})
    (row,) = published.rows("facts", by=["id"])
    binder = Binder(published)
    document = binder.finish(f"It is {binder.number(row, 'value', against=('target',))} today.")
    assert standings(document, published) == []
    moved = Frames({"facts": pl.DataFrame({"id": ["a"], "value": [value + 1], "target": [target], "unit": [unit]})})
    assert set(standings(document, moved)) == {"stale"}
    edited = replace(document, text=document.text.replace("It is ", "It is 12345"))
    assert set(standings(edited, published)) <= {"contradicted", "unknown"}
    assert standings(edited, published)


class Frames(Published):
    """A snapshot of frames, for tests that need no files."""

    def __init__(self, frames: dict[str, pl.DataFrame]) -> None:
        self.manifest = {"as_of": "2026-01-31T06:00:00Z", "tables": dict.fromkeys(frames)}
        self._frames = frames
        self._indexes = {}

    @property
    def generation(self) -> str:
        return "test"
