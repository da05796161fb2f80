"""Productboard: features and statuses in their present state, companies, webhooks and the portal's log."""

from datetime import datetime, timedelta

import polars as pl

from metrics_py.sample.calendar import AS_OF, FIRST_EXTRACT
from metrics_py.sample.organisation import PORTAL, STATUS_NAMES
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.vendors.productboard_notes import company_id, note_tables
from metrics_py.sample.world.company import World
from metrics_py.sample.world.traces import feature_edits, feature_status_versions, webhook_receipts

RENAMED_AT = datetime(2025, 5, 14, 15)
RENAMED_STATUS = ("st-launched", "Released")
_NOTHING = pl.lit(None, dtype=pl.Datetime("us"))
_ATTRIBUTE_WORDS = {"processed": ("processed", "state"), "relationships": ("relationships", "links")}


def tables(world: World) -> list[Table]:
    """Every Productboard table."""
    return [
        *note_tables(world),
        Table(
            "productboard", "features", "full", _features(world), dates=("timeframe_start_date", "timeframe_end_date")
        ),
        *([_statuses()] if world.chunk == 0 else []),
        Table("productboard", "companies", "full", _companies(world)),
        Table("productboard", "jira_connections", "full", jira_connections(world)),
        Table("productboard", "webhook_events", "incremental", _webhook_events(world)),
        Table("productboard", "portal_card_status", "incremental", _portal(world)),
    ]


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
        id=company_id(world.chunk, pl.int_range(count)),
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
