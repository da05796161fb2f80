"""Three deliveries of a sample company: what it had until a day, the rest as real extracts bring it, and the day after.

The second brings updates, deletions, files that belong long before the first one's end, offsets, epoch seconds, text
that only looks like a number, marks and blanks of every width, and JSON that is no list. The third brings what a
refresh must not miss: rows that are late, gone or back, launches, withdrawals, a feature known at last, new owners.
"""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

CUT = "2026-01-29T000000Z"
AFTER = "2026-02-01T060000Z"
NEXT = "2026-02-02T060000Z"
# Extracts from the middle of the story that arrive with the second delivery.
LATE = (
    "productboard/features/2025-06-09T060000Z.jsonl",
    "productboard/portal_card_status/2025-06-16T060000Z.jsonl",
    "productboard/note_tags/2025-09-01T060000Z.csv.gz",
    "confluence/page_properties/2025-03-10T060000Z.jsonl.gz",
    "product_ops/stage_gate_review/2025-02-10T060000Z.csv",
    "crm/account_arr/2025-01-27T060000Z.csv",
)
TAGS = ("Pain", " PAIN ", "páin", "pain\u00a0", "\u2003pain", "pa\u0301in", "Détractor", "detractor\ufe0f", "идея", "")
SCORES = (
    "9",
    " 9 ",
    "10.0",
    "9.",
    ".0",
    "+7",
    "1e1",
    "0x9",
    "1_0",
    "11",
    "6.5",
    "abc",
    "",
    "inf",
    "nan",
    "９",
    "-0",
    "8\t",
)
INTERVIEWS = (
    '["1000000122", " 1000000120 ", "1000000122", 5, null, true]',
    "[]",
    "{}",
    "not json",
    '["1000000122"',
    '["caf\\u00e9", "\\ud83d\\ude00", "a\\"b"]',
    '  ["1000000120"]  ',
    '"1000000120"',
)
BODY = (
    '<p>See <a href="/wiki/spaces/PD/pages/1000000122/x">one</a>, <a href="?pageId=1000000120">two</a>,\n'
    '<ac:link><ri:page ri:content-title="Interview &quot;one&quot; &amp; more"/></ac:link> '
    '<ac:link><ri:page ri:content-id="1000000122"/></ac:link></p>'
)
Change = Callable[[list[dict]], Iterator[dict]]


def first_delivery(sample: Path, out: Path) -> None:
    """What was extracted until the cut, but for the files that come late."""
    for name in _names(sample):
        if _time(name) < CUT and name not in LATE:
            _copy(sample, out, name)


def second_delivery(sample: Path, out: Path) -> None:
    """The rest, the late files, and one more extract of the tables that matter."""
    for name in _names(sample):
        if _time(name) >= CUT or name in LATE:
            _copy(sample, out, name)
    _change(sample, out, AFTER, _CHANGES)


def third_delivery(sample: Path, second: Path, out: Path) -> None:
    """One more extract of the tables that insights are made of, a day after the second delivery."""
    for earlier, changes in ((second, _LATER_CHANGES), (sample, _FIRST_CHANGES)):
        _change(earlier, out, NEXT, changes)


def _change(earlier: Path, out: Path, at: str, changes: Mapping[str, Change]) -> None:
    for folder, change in changes.items():
        newest = max(name for name in _names(earlier) if name.startswith(f"{folder}/") and _time(name) >= "2025-11")
        kind = "csv" if ".csv" in newest else "jsonl"
        rows = _rows(earlier / "extracts" / newest, kind)
        target = out / "extracts" / folder / f"{at}.{kind}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_written(list(change(rows)), kind))


def _rows(file: Path, kind: str) -> list[dict]:
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8-sig")
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(row) for row in text.split("\n") if row.strip()]


def _names(sample: Path) -> list[str]:
    root = sample / "extracts"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def _time(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def _copy(sample: Path, out: Path, name: str) -> None:
    target = out / "extracts" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sample / "extracts" / name, target)


def _written(rows: list[dict], kind: str) -> bytes:
    """With a byte-order mark, and lines that end as Windows ends them."""
    if kind == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        return ("\ufeff" + text.getvalue()).encode()
    return ("\ufeff" + "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\r\n\r\n").encode()


def _kept(rows: list[dict], one_in: int) -> Iterator[tuple[int, dict]]:
    """All rows but one in so many, which are gone."""
    return ((number, dict(row)) for number, row in enumerate(rows) if number % one_in != one_in - 1)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC)


def _notes(rows: list[dict]) -> Iterator[dict]:
    for number, row in _kept(rows, 61):
        created = _instant(row["created_at"])
        if number % 47 == 0:
            row["created_at"] = created.astimezone(timezone(timedelta(hours=8))).strftime("%Y-%m-%dT%H:%M:%S+0800")
        if number % 71 == 0:
            row["created_at"] = int(created.timestamp())
        if number % 53 == 0:
            row |= {"name": "Renamed, ünïcödé ﬁnish 한", "archived": True, "updated_at": "2026-01-31T23:59:59.123456Z"}
        yield row
    for number in range(40):
        state = ("processed", " Processed", "ARCHIVED", "unprocessed", None)[number % 5]
        yield rows[0] | {
            "id": f"new-{number}",
            "name": f"New\n{number} — “quoted”, \U0001f600",
            "processed": True if number % 5 == 4 else None,
            "archived": None,
            "state": state,
            "created_at": ("2026-01-30T23:30:00-07:00", "2026-01-30", "none", "2026-01-31T06:59:59.9999999Z")[
                number % 4
            ],
            "updated_at": "2026-01-31T12:00:00+05:30",
        }


def _tags(rows: list[dict]) -> Iterator[dict]:
    for number, row in _kept(rows, 83):
        yield row | {"tag_name": TAGS[number % 3]} if row["tag_name"].lower() == "pain" else row
    for number in range(40):
        yield {"note_id": f"new-{number}", "tag_id": f"dirt-{number % 10}", "tag_name": TAGS[number % len(TAGS)]}


def _links(rows: list[dict]) -> Iterator[dict]:
    for _, row in _kept(rows, 97):
        yield row
    features = [row["target_id"] for row in rows if row["relationship_type"] == "link"]
    for number in range(40):
        target = features[number * 7 % len(features)] if number % 9 else "no-such-feature"
        yield {
            "note_id": f"new-{number}",
            "relationship_type": "link",
            "target_type": "feature",
            "target_id": target,
        }


def _properties(rows: list[dict]) -> Iterator[dict]:
    for number, row in enumerate(rows):
        value = INTERVIEWS[number % len(INTERVIEWS)] if number % 2 else row["value"]
        yield row | {"value": value, "version_number": 90, "version_created_at": "2026-01-31T08:00:00.000+0100"}


def _pages(rows: list[dict]) -> Iterator[dict]:
    for number, row in _kept(rows, 41):
        yield row | ({"body_storage": BODY, "version_number": 99} if number % 3 == 0 else {})


def _answers(rows: list[dict]) -> Iterator[dict]:
    for number, row in enumerate(rows[: 3 * len(SCORES)]):
        comment = 'edited,\n"later" and l\'été'
        yield row | {
            "score_raw": SCORES[number % len(SCORES)],
            "updated_at": "2026-01-31T20:00:00Z",
            "comment": comment,
        }


def _reviews(rows: list[dict]) -> Iterator[dict]:
    for number, row in _kept(rows, 29):
        if row["confidence_score"] and number % 5 == 0:
            row["confidence_score"] = ("3", "2.50", " 1", "1e0", "0.333333333333333")[number // 5 % 5]
        yield row


def _releases(rows: list[dict]) -> Iterator[dict]:
    for number, row in enumerate(rows):
        released = _instant(row["released_at"])
        yield row | (
            {"withdrawn_at": (released + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%S+0000")}
            if number % 6 == 0
            else {}
        )


def _revenue(rows: list[dict]) -> Iterator[dict]:
    for number, row in enumerate(rows):
        amounts = {0: "0", 1: "1234.565", 2: "-10.00", 3: "twelve", 4: "99999999.99"}
        changed = {"arr_amount": amounts[number % 5]} if number % 17 == 0 else {}
        yield (
            row
            | changed
            | ({"month": "2025-12-01"} if number % 23 == 0 else {})
            | ({"currency": " usd "} if number % 19 == 0 else {})
        )


_CHANGES: dict[str, Change] = {
    "productboard/notes": _notes,
    "productboard/note_tags": _tags,
    "productboard/note_relationships": _links,
    "confluence/page_properties": _properties,
    "confluence/pages": _pages,
    "survey/survey_responses": _answers,
    "product_ops/stage_gate_review": _reviews,
    "product_ops/release": _releases,
    "crm/account_arr": _revenue,
}


def _later_notes(rows: list[dict]) -> Iterator[dict]:
    for number, row in _kept(rows, 89):
        if number % 67 == 0:
            row |= {"archived": not row["archived"], "state": None, "updated_at": "2026-02-01T11:00:00Z"}
        yield row
    for number in range(30):
        yield rows[0] | {
            "id": f"late-{number}",
            "processed": True,
            "archived": False,
            "state": None,
            "created_at": f"2025-{1 + number % 12:02d}-10T10:00:00Z",
            "updated_at": f"2025-{1 + number % 12:02d}-12T10:00:00Z",
        }


def _later_tags(rows: list[dict]) -> Iterator[dict]:
    for _, row in _kept(rows, 79):
        yield row
    for number in range(30):
        yield {"note_id": f"late-{number}", "tag_id": "t00", "tag_name": "pain"}


def _later_links(rows: list[dict]) -> Iterator[dict]:
    for _, row in _kept(rows, 93):
        yield row
    features = sorted({row["target_id"] for row in rows if row["relationship_type"] == "link"})
    for number in range(30):
        yield {
            "note_id": f"late-{number}",
            "relationship_type": "link",
            "target_type": "feature",
            "target_id": features[number * 5 % len(features)],
        }


def _later_releases(rows: list[dict]) -> Iterator[dict]:
    for number, row in _kept(rows, 17):
        yield row | ({"withdrawn_at": ""} if number % 12 == 0 else {})
    yield rows[1] | {"audience": "full", "released_at": "2026-02-01T09:00:00", "withdrawn_at": ""}


def _features(rows: list[dict]) -> Iterator[dict]:
    for number, row in _kept(rows, 43):
        status = {3: "st-launched", 5: "st-wontdo", 7: "st-planned"}.get(number % 13)
        yield row | ({"status_id": status, "updated_at": "2026-02-01T15:00:00Z"} if status else {})
    yield rows[0] | {"id": "no-such-feature", "name": "Known at last", "status_id": "st-planned", "parent_id": None}


def _cards(rows: list[dict]) -> Iterator[dict]:
    for number, row in enumerate(rows):
        launched = number % 2 == 0
        yield row | {
            "card_status": "launched" if launched else "planned",
            "changed_at": "2026-02-01T10:00:00Z" if launched else "2025-08-01T10:00:00Z",
            "observed_at": "2026-02-01T12:00:00Z",
        }


def _webhooks(rows: list[dict]) -> Iterator[dict]:
    for number, row in enumerate(rows[:40]):
        yield row | {"delivery_id": f"again-{number}", "received_at": "2026-01-30T04:00:00Z"}


def _owners(rows: list[dict]) -> Iterator[dict]:
    yield from rows
    others = sorted({(row["pm_email"], row["squad"]) for row in rows})
    for number, row in enumerate(rows[::6]):
        email, squad = others[number % len(others)]
        day = ("2025-06-01", "2026-02-01", "2026-02-20")[number % 3]
        yield row | {"pm_email": email, "squad": squad, "valid_from": day}


_LATER_CHANGES: dict[str, Change] = {
    "productboard/notes": _later_notes,
    "productboard/note_tags": _later_tags,
    "productboard/note_relationships": _later_links,
    "product_ops/release": _later_releases,
}
_FIRST_CHANGES: dict[str, Change] = {
    "productboard/features": _features,
    "productboard/portal_card_status": _cards,
    "productboard/webhook_events": _webhooks,
    "product_ops/feature_owner": _owners,
}
