"""Productboard: notes, tags, links, features and statuses in their present state, webhooks and the portal's log."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from metrics_py.sample.calendar import AS_OF, FIRST_EXTRACT
from metrics_py.sample.organisation import PORTAL, STATUS_NAMES, TAGS, stream
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.world.company import World
from metrics_py.sample.world.lifecycle import Feature
from metrics_py.sample.world.notes import API_MIGRATION, WEBHOOKS_FROM

RENAMED_AT = datetime(2025, 5, 14, 15)
RENAMED_STATUS = ("st-launched", "Released")
_NOTHING = pl.lit(None, dtype=pl.Datetime("us"))
_TEXTS = (
    "Drivers lose the load when the phone sleeps",
    'The word "delivered" means two things on this page',
    "Invoices arrive twice; accounting is angry",
    "Dock times shift by an hour at the state line",
    "We would love a calendar view",
)


def tables(world: World) -> list[Table]:
    """Every Productboard table."""
    return [
        Table("productboard", "notes", "full", _note_versions(world)),
        Table("productboard", "note_tags", "full", _note_tags(world.notes)),
        Table("productboard", "note_relationships", "full", _note_relationships(world)),
        Table(
            "productboard", "features", "full", _features(world), dates=("timeframe_start_date", "timeframe_end_date")
        ),
        *([_statuses()] if world.chunk == 0 else []),
        Table("productboard", "companies", "full", _companies(world)),
        Table("productboard", "jira_connections", "full", jira_connections(world)),
        Table("productboard", "webhook_events", "incremental", _webhook_events(world)),
        Table("productboard", "portal_card_status", "incremental", _portal(world)),
    ]


def note_changes(notes: pl.DataFrame) -> pl.DataFrame:
    """Every change of a note (note_id, at, attribute, bumps): `bumps` says whether it moves the note's updated_at."""

    def change(column: str, attribute: str, bumps: pl.Expr | None = None) -> pl.DataFrame:
        chosen = notes.filter(pl.col(column).is_not_null())
        return chosen.select(
            "note_id", at=pl.col(column), attribute=pl.lit(attribute), bumps=bumps if bumps is not None else True
        )

    return pl.concat(
        [
            change("created_at", "created"),
            change("processed_at", "processed"),
            change("archived_at", "archived"),
            change("unarchived_at", "archived"),
            change("tagged_at", "tags"),
            change("untagged_at", "tags"),
            change("other_tagged_at", "tags"),
            change("linked_at", "relationships", pl.col("link_bumps")),
            change("unlinked_at", "relationships"),
            change("second_linked_at", "relationships"),
            change("edited_at", "content"),
            change("edited_again_at", "name"),
        ]
    )


def _note_versions(world: World) -> pl.DataFrame:
    notes = world.notes
    moved = notes.filter(pl.col("is_old_api")).select("note_id", at=pl.lit(API_MIGRATION), bumps=False)
    changes = pl.concat([note_changes(notes).select("note_id", "at", "bumps"), moved])
    changes = changes.group_by("note_id", "at").agg(pl.col("bumps").any()).sort("note_id", "at")
    at, note = pl.col("at"), pl.col("note_id")
    versions = changes.with_columns(
        updated_at=pl.when("bumps").then(at).forward_fill().over("note_id"),
        _to=at.shift(-1).over("note_id"),
    ).join(notes, on="note_id")
    processed = (pl.col("processed_at") <= at).fill_null(False)
    archived = (pl.col("archived_at") <= at).fill_null(False) & ~(pl.col("unarchived_at") <= at).fill_null(False)
    old = pl.col("is_old_api") & (at < API_MIGRATION)
    state = (
        pl.when(archived)
        .then(pl.lit("archived"))
        .when(processed)
        .then(pl.lit("processed"))
        .otherwise(pl.lit("unprocessed"))
    )
    number = note.str.slice(5).cast(pl.Int64)
    return versions.select(
        id=note,
        type=pl.when(number % 7 == 0).then(pl.lit("conversation")).otherwise(pl.lit("simple")),
        name=pl.lit("Feedback ") + number.cast(pl.String),
        content=(number % len(_TEXTS)).replace_strict(dict(enumerate(_TEXTS)), return_dtype=pl.String),
        processed=pl.when(~old).then(processed & ~archived),
        archived=pl.when(~old).then(archived),
        state=pl.when(old).then(state),
        owner_email=pl.lit("ana.silva@cxt.example"),
        creator_email=pl.lit("support@cxt.example"),
        source_system=pl.when(number % 3 == 0).then(pl.lit("zendesk")).otherwise(pl.lit("salesforce")),
        source_record_id=(number % 5000).cast(pl.String),
        created_at=pl.col("created_at"),
        updated_at=pl.col("updated_at"),
        html_url=pl.lit("https://cxt.productboard.example/feedback/") + note,
        _from=at,
        _to=pl.coalesce(pl.min_horizontal("_to", "merged_at"), "_to", "merged_at"),
    ).sort("id", "_from")


def _note_tags(notes: pl.DataFrame) -> pl.DataFrame:
    ids = {tag: f"t{number:02d}" for number, tag in enumerate(TAGS)}

    def tags(tag: str, since: str, until: pl.Expr) -> pl.DataFrame:
        chosen = notes.filter(pl.col(since).is_not_null())
        return chosen.select(
            "note_id",
            tag_id=pl.col(tag).replace_strict(ids, return_dtype=pl.String),
            tag_name=pl.col(tag),
            _from=pl.col(since),
            _to=until,
        )

    pain = tags("pain_tag", "tagged_at", pl.min_horizontal("untagged_at", "merged_at"))
    return pl.concat([pain, tags("other_tag", "other_tagged_at", pl.col("merged_at"))]).sort("note_id", "tag_id")


def _note_relationships(world: World) -> pl.DataFrame:
    notes = world.notes
    kinds = {f.feature_id: "subfeature" if f.is_subfeature else "feature" for f in world.features}

    def links(target: str, since: str, until: pl.Expr) -> pl.DataFrame:
        chosen = notes.filter(pl.col(since).is_not_null())
        return chosen.select(
            "note_id",
            relationship_type=pl.lit("link"),
            target_type=pl.col(target).replace_strict(kinds, return_dtype=pl.String),
            target_id=pl.col(target),
            _from=pl.col(since),
            _to=until,
        )

    customers = notes.select(
        "note_id",
        relationship_type=pl.lit("customer"),
        target_type=pl.lit("company"),
        target_id=_company_id(world.chunk, pl.col("company")),
        _from=pl.col("created_at"),
        _to=pl.col("merged_at"),
    )
    first = links("feature_id", "linked_at", pl.min_horizontal("unlinked_at", "merged_at"))
    second = links("second_feature_id", "second_linked_at", pl.col("merged_at"))
    return pl.concat([customers, first, second]).sort("note_id", "relationship_type", "target_id")


def _company_id(chunk: int, number: pl.Expr) -> pl.Expr:
    return pl.lit(f"c{chunk:03d}-") + number.cast(pl.String).str.zfill(6)


def feature_edits(world: World) -> dict[str, list[datetime]]:
    """Instants at which somebody edited a feature without moving it; they move its updated_at all the same."""
    random = stream(world.seed, world.chunk, "feature edits")
    edits: dict[str, list[datetime]] = {}
    for feature in world.features:
        count = int(random.integers(0, 3))
        moments = [feature.created_at + timedelta(hours=int(random.integers(30, 6_000))) for _ in range(count)]
        shipped = feature.shipped_at
        dated_by_status = not feature.has_log and not feature.has_release
        if dated_by_status and shipped and not world.clean and shipped < AS_OF - timedelta(days=130):
            moments.append(shipped + timedelta(hours=30))
        elif dated_by_status:
            moments = [m for m in moments if not shipped or abs(m - shipped) > timedelta(days=9)]
        edits[feature.feature_id] = sorted(m for m in moments if m <= AS_OF)
    return edits


def feature_status_versions(feature: Feature, edits: list[datetime]) -> list[tuple[datetime, str | None, datetime]]:
    """Versions of a feature's row: from when, with which status, and the updated_at it shows."""
    moves = {at: status for at, status in feature.statuses if at <= AS_OF}
    status: str | None = None
    versions = []
    for at in sorted({feature.created_at, *moves, *edits}):
        status = moves.get(at, status)
        versions.append((at, status, at))
    return versions


def _features(world: World) -> pl.DataFrame:
    edits = feature_edits(world)
    rows = []
    for feature in world.features:
        versions = feature_status_versions(feature, edits[feature.feature_id])
        ends: list[datetime | None] = [at for at, _, _ in versions[1:]] + [None]
        planned = feature.plan.launch
        for (at, status, updated), until in zip(versions, ends, strict=True):
            rows.append(
                {
                    "id": feature.feature_id,
                    "type": "subfeature" if feature.is_subfeature else "feature",
                    "name": feature.name,
                    "status_id": status,
                    "archived": False,
                    "owner_email": feature.owners[0].person,
                    "parent_type": "feature" if feature.is_subfeature else None,
                    "parent_id": feature.parent_id,
                    "timeframe_start_date": datetime(planned.year, planned.month, 1, 7) if planned else None,
                    "timeframe_end_date": datetime(planned.year, planned.month, 28, 7) if planned else None,
                    "timeframe_granularity": "month" if planned else None,
                    "created_at": feature.created_at,
                    "updated_at": updated,
                    "_from": at,
                    "_to": until,
                }
            )
    frame = pl.DataFrame(rows, infer_schema_length=None)
    renamed_id, new_name = RENAMED_STATUS
    before = (pl.col("status_id") == renamed_id).fill_null(False) & (pl.col("_from") < RENAMED_AT)
    spans = before & (pl.col("_to").is_null() | (pl.col("_to") > RENAMED_AT))
    frame = pl.concat(
        [
            frame.with_columns(_to=pl.when(spans).then(pl.lit(RENAMED_AT)).otherwise("_to")),
            frame.filter(spans).with_columns(_from=pl.lit(RENAMED_AT)),
        ]
    )
    names = pl.col("status_id").replace_strict(STATUS_NAMES, return_dtype=pl.String)
    renamed = (pl.col("status_id") == renamed_id) & (pl.col("_from") >= RENAMED_AT)
    named = frame.with_columns(status_name=pl.when(renamed).then(pl.lit(new_name)).otherwise(names))
    columns = [c for c in named.columns if c not in ("status_name", "_from", "_to")]
    columns.insert(columns.index("status_id") + 1, "status_name")
    return named.select(*columns, "_from", "_to").sort("id", "_from")


def _statuses() -> Table:
    rows = [
        {
            "id": status,
            "name": name,
            "completed": status == "st-launched",
            "position": place,
            "_from": FIRST_EXTRACT,
            "_to": None,
        }
        for place, (status, name) in enumerate(STATUS_NAMES.items())
    ]
    frame = pl.DataFrame(rows, schema_overrides={"_to": pl.Datetime("us")})
    launched = pl.col("id") == RENAMED_STATUS[0]
    renamed = frame.filter(launched).with_columns(name=pl.lit(RENAMED_STATUS[1]), _from=pl.lit(RENAMED_AT))
    until = pl.when(launched).then(pl.lit(RENAMED_AT))
    return Table("productboard", "feature_statuses", "full", pl.concat([frame.with_columns(_to=until), renamed]))


def _companies(world: World) -> pl.DataFrame:
    count = world.accounts.accounts.height
    return world.accounts.accounts.select(
        id=_company_id(world.chunk, pl.int_range(count)),
        name="name",
        domain="domain",
        source_record_id="account_id",
        _from=pl.lit(FIRST_EXTRACT),
        _to=_NOTHING,
    )


def jira_connections(world: World) -> pl.DataFrame:
    """Features worked on in Jira: those with a Define pass, one issue each."""
    tracked = [f for f in world.features if f.plan.define is not None and not f.is_subfeature]
    rows = [
        {
            "feature_id": f.feature_id,
            "issue_id": f"{10_000 + n + world.chunk * 100_000}",
            "issue_key": f"CXT-{n + 1 + world.chunk * 100_000}",
            "_from": f.created_at + timedelta(days=4),
        }
        for n, f in enumerate(tracked)
    ]
    return pl.DataFrame(rows).with_columns(_to=_NOTHING)


_ATTRIBUTE_WORDS = {"processed": ("processed", "state"), "relationships": ("relationships", "links")}


def webhook_receipts(world: World) -> pl.DataFrame:
    """Deliveries the organisation kept (entity_id, attribute, received_at): half of the notes from June 2025 on."""
    random = stream(world.seed, world.chunk, "webhooks")
    covered = world.notes.filter(pl.col("has_webhooks")).select("note_id")
    changes = note_changes(world.notes).filter((pl.col("at") >= WEBHOOKS_FROM) & (pl.col("attribute") != "created"))
    of_notes = changes.join(covered, on="note_id", how="semi").select(
        entity_id="note_id", attribute="attribute", at="at"
    )
    moves = [
        {"entity_id": f.feature_id, "attribute": "status", "at": at}
        for f in world.features
        if f.status_webhooks
        for at, _ in f.statuses
        if WEBHOOKS_FROM <= at <= AS_OF
    ]
    of_features = pl.DataFrame(moves, schema={"entity_id": pl.String, "attribute": pl.String, "at": pl.Datetime("us")})
    sent = pl.concat([of_notes, of_features]).sort("at", "entity_id", "attribute")
    # Seconds as a rule, now and then an hour; working hours end hours before the next extract.
    delay = np.where(
        random.random(sent.height) < 0.95, random.integers(1, 60, sent.height), random.integers(600, 5_400, sent.height)
    )
    sent = sent.with_columns(delay=pl.Series(delay)).with_columns(
        received_at=pl.col("at") + pl.duration(seconds=pl.col("delay"))
    )
    again = sent.filter(pl.Series(random.random(sent.height) < 0.03)).with_columns(
        received_at=pl.col("received_at") + pl.duration(minutes=10)
    )
    return pl.concat([sent, again]).sort("received_at", "entity_id", "attribute")


def _webhook_events(world: World) -> pl.DataFrame:
    receipts = webhook_receipts(world).with_row_index("number")
    number = pl.col("number").cast(pl.Int64)
    word = pl.col("attribute")
    for attribute, (first, second) in _ATTRIBUTE_WORDS.items():
        spelt = pl.when(number % 2 == 0).then(pl.lit(first)).otherwise(pl.lit(second))
        word = pl.when(pl.col("attribute") == attribute).then(spelt).otherwise(word)
    kind = pl.when(pl.col("attribute") == "status").then(pl.lit("feature.updated")).otherwise(pl.lit("note.updated"))
    return receipts.select(
        "received_at",
        event_type=kind,
        entity_id="entity_id",
        updated_attributes=pl.lit('["') + word + pl.lit('"]'),
        payload=pl.lit('{"id": "') + pl.col("entity_id") + pl.lit('"}'),
        delivery_id=pl.lit(f"d{world.chunk:03d}-") + number.cast(pl.String).str.zfill(8),
        _from="received_at",
        _to=_NOTHING,
    )


def _portal(world: World) -> pl.DataFrame:
    rows = []
    for feature in world.features:
        moves = [(at, status, PORTAL) for at, status in feature.cards]
        if feature.quirk == "second_portal":
            moves += [
                (at + timedelta(days=2), status, "partners") for at, status in feature.cards if status != "launched"
            ]
        for number, (at, status, portal) in enumerate(moves):
            # A move is written down within minutes, now and then days later.
            late = number % 3 == 2 and at < AS_OF - timedelta(days=30)
            observed = at + (timedelta(days=5) if late else timedelta(minutes=11))
            rows.append(
                {
                    "feature_id": feature.feature_id,
                    "portal_name": portal,
                    "card_status": status,
                    "changed_at": at,
                    "observed_at": observed,
                    "recorded_by": feature.owners[0].person,
                    "_from": observed,
                }
            )
    return pl.DataFrame(rows).with_columns(_to=_NOTHING).sort("_from", "feature_id", "portal_name")
