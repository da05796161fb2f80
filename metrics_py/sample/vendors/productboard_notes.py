"""Productboard's notes, their tags and their links: present state only."""

import polars as pl

from metrics_py.sample.organisation import TAGS
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.world.company import World
from metrics_py.sample.world.notes import API_MIGRATION
from metrics_py.sample.world.traces import note_changes

_TEXTS = (
    "Drivers lose the load when the phone sleeps",
    'The word "delivered" means two things on this page',
    "Invoices arrive twice; accounting is angry",
    "Dock times shift by an hour at the state line",
    "We would love a calendar view",
)


def note_tables(world: World) -> list[Table]:
    """Notes, tags on them and links of them."""
    return [
        Table("productboard", "notes", "full", _note_versions(world)),
        Table("productboard", "note_tags", "full", _note_tags(world.notes)),
        Table("productboard", "note_relationships", "full", _note_relationships(world)),
    ]


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
        target_id=company_id(world.chunk, pl.col("company")),
        _from=pl.col("created_at"),
        _to=pl.col("merged_at"),
    )
    first = links("feature_id", "linked_at", pl.min_horizontal("unlinked_at", "merged_at"))
    second = links("second_feature_id", "second_linked_at", pl.col("merged_at"))
    return pl.concat([customers, first, second]).sort("note_id", "relationship_type", "target_id")


def company_id(chunk: int, number: pl.Expr) -> pl.Expr:
    """Productboard's id of a customer company."""
    return pl.lit(f"c{chunk:03d}-") + number.cast(pl.String).str.zfill(6)
