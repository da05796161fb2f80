"""Dirt in the files: each kind a few times, where the facts stay what they are.

A record that will be quarantined is one whose earlier and later copies are good, or an extra one that nobody misses.
Files of a company large enough for Parquet are left clean: dirt is a matter of text.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl

from metrics_py.sample.vendors.files import Form
from metrics_py.sample.vendors.spoiling import Extract, Record
from metrics_py.sample.world.company import World

_ISO = "%Y-%m-%dT%H:%M:%SZ"


class Dirt:
    """Spoils chosen extracts of one company; the same company is always spoiled the same way."""

    def __init__(self, world: World) -> None:
        calm = world.notes.filter(pl.col("tagged_at").is_null() & pl.col("linked_at").is_null())
        self._calm_notes = set(calm["note_id"].to_list())
        self._written: dict[str, int] = {}
        self._to_resend: dict[str, list[Record]] = {}
        self._plan: dict[tuple[str, int], Callable[[Extract], None]] = {
            **_PLAN,
            ("productboard/notes", 20): self._note_not_typed,
            ("productboard/notes", 42): self._note_from_the_future,
            ("productboard/notes", 55): self._stale_duplicate,
            ("jira/issue_field_history", 30): self._truncated,
            ("jira/issue_field_history", 31): self._sent_again,
            ("survey/survey_responses", 4): self._remember_a_page,
            ("survey/survey_responses", 5): self._sent_again,
        }

    def spoil(self, folder: str, number: int, shown: pl.DataFrame, form: Form) -> Extract | None:
        """The spoiled extract, None where it stays clean. `shown` has `_first` and `_last`."""
        ordinal = self._written.get(folder, 0)
        self._written[folder] = ordinal + 1
        change = self._plan.get((folder, ordinal))
        if change is None:
            return None
        extract = Extract(number, shown, form)
        self._folder = folder
        change(extract)
        return extract

    def _calm(self, extract: Extract, place: int) -> int:
        """A steady note without tags or links, for whose clock no version matters."""
        return [steady for steady in extract.steady() if extract.records[steady]["id"] in self._calm_notes][place]

    def _note_not_typed(self, extract: Extract) -> None:
        place = self._calm(extract, 3)
        extract.change(place, "processed", "maybe", "value that cannot be typed", in_quarantine=True)

    def _note_from_the_future(self, extract: Extract) -> None:
        place = self._calm(extract, 5)
        extract.change(place, "updated_at", "2031-01-01T00:00:00Z", "time later than its extract", in_quarantine=True)

    def _stale_duplicate(self, extract: Extract) -> None:
        good = extract.records[self._calm(extract, 9)]
        before = datetime.strptime(good["updated_at"], _ISO) - timedelta(hours=1)
        stale = {**good, "name": "An older copy", "updated_at": before.strftime(_ISO)}
        extract.append(stale, "duplicate key with an older updated_at", "id", in_quarantine=True)

    def _truncated(self, extract: Extract) -> None:
        self._to_resend[self._folder] = [dict(extract.records[-1])]
        extract.truncate("truncated last line")

    def _remember_a_page(self, extract: Extract) -> None:
        self._to_resend[self._folder] = [dict(record) for record in extract.records[:20]]
        extract.append(
            {**extract.records[0], "response_id": "p-nobody", "respondent_id": None},
            "required value missing",
            "respondent_id",
            in_quarantine=True,
        )

    def _sent_again(self, extract: Extract) -> None:
        for record in self._to_resend.pop(self._folder):
            extract.append(record, "overlapping extract: a record of the one before sent again")


def _orphan_link(extract: Extract) -> None:
    feature = next(record["target_id"] for record in extract.records if record["relationship_type"] == "link")
    link = {"note_id": "n-gone", "relationship_type": "link", "target_type": "feature", "target_id": feature}
    extract.append(link, "link of a note that does not exist")


def _orphan_tag(extract: Extract) -> None:
    extract.append({"note_id": "n-gone", "tag_id": "t00", "tag_name": "pain"}, "tag of a note that does not exist")


def _first_page_only(extract: Extract) -> None:
    """The API gave only the first page of some notes' links: customers are missing, and back in the next extract."""
    lost = {place for place in extract.steady() if extract.records[place]["relationship_type"] == "customer"}
    cut = set(sorted(lost)[:25])
    extract.records = [record for place, record in enumerate(extract.records) if place not in cut]
    extract.note("links cut at the first page")


def _offset(extract: Extract) -> None:
    for place, record in enumerate(extract.records[:12]):
        there = datetime.strptime(record["updated_at"], _ISO) + timedelta(hours=8)
        extract.change(place, "updated_at", there.strftime("%Y-%m-%dT%H:%M:%S+0800"), "offset +0800")


def _epoch_seconds(extract: Extract) -> None:
    for place, record in enumerate(extract.records[:12]):
        seconds = (datetime.strptime(record["created_at"], _ISO) - datetime(1970, 1, 1)).total_seconds()
        extract.change(place, "created_at", int(seconds), "epoch seconds")


def _none_dates(column: str) -> Callable[[Extract], None]:
    def change(extract: Extract) -> None:
        empty = [place for place, record in enumerate(extract.records) if record[column] is None]
        for place in empty[:5]:
            extract.change(place, column, "none", 'date written as "none"')

    return change


def _number_as_text(extract: Extract) -> None:
    for place, record in enumerate(extract.records):
        extract.change(place, "position", str(record["position"]), "number as text")


def _not_typed(column: str, value: str) -> Callable[[Extract], None]:
    def change(extract: Extract) -> None:
        extract.change(extract.steady()[1], column, value, "value that cannot be typed", in_quarantine=True)

    return change


def _last_wins(extract: Extract) -> None:
    """Two records of one key without an updated_at: the last one stands, so the wrong one comes first."""
    wrong = {**extract.records[0], "name": "A wrong name"}
    extract.records.insert(0, wrong)
    extract.note("duplicate key, the last record stands", 1, "id", in_quarantine=True)


def _foreign_currency(extract: Extract) -> None:
    euro = {"account_id": "a-euro", "month": extract.records[0]["month"], "arr_amount": "12000.00", "currency": "EUR"}
    extract.append(euro, "another currency", "currency", in_quarantine=True)


def _amount_in_words(extract: Extract) -> None:
    words = {"account_id": "a-words", "month": extract.records[0]["month"], "arr_amount": "twelve", "currency": "USD"}
    extract.append(words, "value that cannot be typed", "arr_amount", in_quarantine=True)


_PLAN: dict[tuple[str, int], Callable[[Extract], None]] = {
    ("productboard/note_relationships", 42): _orphan_link,
    ("productboard/note_relationships", 55): _first_page_only,
    ("productboard/note_tags", 42): _orphan_tag,
    ("productboard/features", 20): _offset,
    ("productboard/features", 42): _epoch_seconds,
    ("productboard/features", 55): _none_dates("timeframe_start_date"),
    ("productboard/feature_statuses", 42): _number_as_text,
    ("productboard/companies", 42): _last_wins,
    ("product_ops/feature_kpi_definition", 25): _not_typed("window_days", "ninety"),
    ("product_ops/stage_gate_review", 40): lambda extract: extract.end_lines_with("\r\n", "CRLF line ends"),
    ("product_ops/stage_gate_review", 60): _not_typed("decided_at", "last Tuesday"),
    ("product_ops/release", 20): lambda extract: extract.begin_with(b"\xef\xbb\xbf", "byte order mark"),
    ("product_ops/release", 25): _none_dates("withdrawn_at"),
    ("product_ops/feature_owner", 20): lambda extract: extract.copy_as("-copy", "same extract landed twice"),
    ("product_ops/interview", 50): lambda extract: extract.reorder(
        "row_colour", "columns in another order, one unknown"
    ),
    ("product_ops/outcome_review", 40): lambda extract: extract.drop_column("page_id", "empty column left out"),
    ("crm/account_arr", 10): _foreign_currency,
    ("crm/account_arr", 12): _amount_in_words,
    ("confluence/page_labels", 30): lambda extract: extract.begin_with(b"\xef\xbb\xbf", "byte order mark"),
}
