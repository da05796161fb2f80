"""Confluence: Discovery Briefs and interview notes, with versions, labels and properties."""

import json
from datetime import datetime, timedelta

import polars as pl

from metrics_py.sample.calendar import AS_OF
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.world.company import World
from metrics_py.sample.world.process import Process

_WIKI = "https://cxt.atlassian.example/wiki/spaces/PD/pages"


def tables(world: World) -> list[Table]:
    """Every Confluence table."""
    pages, versions, labels, properties = [], [], [], []
    for process in world.processes:
        if process.brief_id is None or process.brief_created_at is None:
            continue
        bodies = _brief_bodies(process)
        pages += _page_rows(
            process.brief_id, f"Discovery Brief: {process.feature.name}", process.brief_created_at, bodies
        )
        versions += _version_rows(process.brief_id, [at for at, _ in bodies])
        labels.append(_label(process.brief_id, "discovery-brief", process.brief_created_at))
        properties += _property_rows(process)
        for interview in process.interviews:
            title = f"Interview {interview.page_id} with {interview.customer_id}"
            body = [(interview.held_at, "<p>Notes of the conversation.</p>")]
            pages += _page_rows(interview.page_id, title, interview.held_at, body)
            versions += _version_rows(interview.page_id, [interview.held_at])
            labels.append(_label(interview.page_id, "customer-interview", interview.held_at))
    properties = properties or [_property_row("0", [], 1, AS_OF + timedelta(days=1))]
    return [
        Table("confluence", "pages", "sheet", _frame(pages)),
        Table("confluence", "page_versions", "incremental", _frame(versions)),
        Table("confluence", "page_labels", "sheet", _frame(labels)),
        Table("confluence", "page_properties", "incremental", _frame(properties)),
    ]


def _frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"_to": pl.Datetime("us")}).sort(
        "_from", maintain_order=True
    )


def _brief_bodies(process: Process) -> list[tuple[datetime, str]]:
    assert process.brief_created_at is not None
    if process.body_versions:
        return [(at, _body(links)) for at, links in process.body_versions if at <= AS_OF]
    written = process.brief_created_at
    return [
        (written, "<p>To be written.</p>"),
        (written + timedelta(days=3), "<p>What hurts, for whom, how often.</p>"),
    ]


def _body(page_ids: tuple[str, ...]) -> str:
    links = "".join(f'<li><a href="{_WIKI}/{page_id}/Interview">Interview</a></li>' for page_id in page_ids)
    # The first note is cited twice; it is one interview all the same.
    again = f'<p>See <a href="{_WIKI}/{page_ids[0]}/Interview">this one</a> again.</p>' if page_ids else ""
    return f"<h2>Evidence</h2><ul>{links}</ul>{again}"


def _page_rows(
    page_id: str, title: str, created: datetime, bodies: list[tuple[datetime, str]]
) -> list[dict[str, object]]:
    ends: list[datetime | None] = [*[at for at, _ in bodies][1:], None][: len(bodies)]
    return [
        {
            "id": page_id,
            "status": "current",
            "title": title,
            "space_id": "98304",
            "parent_id": None,
            "author_id": "5f1a",
            "created_at": created,
            "version_number": number,
            "version_created_at": at,
            "body_storage": body,
            "webui": f"/spaces/PD/pages/{page_id}",
            "_from": at,
            "_to": until,
        }
        for number, ((at, body), until) in enumerate(zip(bodies, ends, strict=True), start=1)
    ]


def _version_rows(page_id: str, saved: list[datetime]) -> list[dict[str, object]]:
    return [
        {
            "page_id": page_id,
            "number": n,
            "created_at": at,
            "author_id": "5f1a",
            "minor_edit": False,
            "_from": at,
            "_to": None,
        }
        for n, at in enumerate(saved, start=1)
    ]


def _label(page_id: str, label: str, at: datetime) -> dict[str, object]:
    return {"page_id": page_id, "label": label, "_from": at, "_to": None}


def _property_row(page_id: str, entries: list[str], number: int, at: datetime) -> dict[str, object]:
    return {
        "page_id": page_id,
        "key": "interviews",
        "value": json.dumps(entries),
        "version_number": number,
        "version_created_at": at,
        "_from": at,
        "_to": None,
    }


def _property_rows(process: Process) -> list[dict[str, object]]:
    """The `interviews` property: each version holds all entries so far; an empty list where the body has them."""
    if process.brief_id is None or process.brief_created_at is None:
        return []
    if process.method == "body_links":
        return [_property_row(process.brief_id, [], 1, process.brief_created_at)]
    if process.method != "interviews_property":
        return []
    rows, entries = [], []
    for number, interview in enumerate(sorted(process.interviews, key=lambda i: i.linked_at), start=1):
        # The first entry was typed in twice; it is one interview all the same.
        entries += [interview.page_id] * (2 if number == 1 else 1)
        rows.append(_property_row(process.brief_id, list(entries), number, interview.linked_at))
    return rows
