"""What events leave behind for others to see: moved `updated_at`s, webhook deliveries, edits of features."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from metrics_py.sample.calendar import AS_OF
from metrics_py.sample.organisation import stream
from metrics_py.sample.world.company import World
from metrics_py.sample.world.lifecycle import Feature
from metrics_py.sample.world.notes import WEBHOOKS_FROM


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
