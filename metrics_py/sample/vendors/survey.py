"""The survey tool: who was drawn, who was invited and what they answered."""

import polars as pl

from metrics_py.sample.vendors.history import Table
from metrics_py.sample.world.company import World
from metrics_py.sample.world.surveys import SURVEY_ID

_NOTHING = pl.lit(None, dtype=pl.Datetime("us"))


def tables(world: World) -> list[Table]:
    """Every table of the survey tool."""
    invitations = world.surveys.invitations
    sent = invitations.select(
        pl.lit(SURVEY_ID).alias("survey_id"),
        *["invitation_id", "wave_id", "respondent_id", "account_id", "channel", "sent_at"],
        *["seen_at", "dismissed_at", "bounced_at", "unsubscribed_at", "is_reminder", "parent_invitation_id"],
    )
    fates = ["seen_at", "dismissed_at", "bounced_at", "unsubscribed_at"]
    closed = pl.col("sent_at") + pl.duration(days=6)
    # An invitation lands as sent and again when its fate is known.
    fresh = sent.with_columns(pl.lit(None, dtype=pl.Datetime("us")).alias(name) for name in fates)
    fresh = fresh.with_columns(_from=pl.col("sent_at"), _to=closed)
    settled = sent.with_columns(_from=closed, _to=_NOTHING)
    responses = world.surveys.responses.select(
        "response_id",
        pl.lit(SURVEY_ID).alias("survey_id"),
        *["wave_id", "invitation_id", "respondent_id", "account_id", "channel", "score_raw", "comment", "started_at"],
        "submitted_at",
        pl.col("submitted_at").alias("updated_at"),
        *["is_complete", "is_test", "excluded_from_calculations"],
        _from=pl.col("submitted_at"),
        _to=_NOTHING,
    )
    frame = world.surveys.frame.select(
        *["wave_id", "drawn_at", "user_id", "account_id", "tenure_days"],
        pl.col("active_days_30").cast(pl.Int64),
        *["stratum", "is_sampled"],
        seed=pl.lit(world.seed, dtype=pl.Int64),
        _from=pl.col("drawn_at"),
        _to=_NOTHING,
    )
    return [
        Table("survey", "survey_invitations", "incremental", pl.concat([fresh, settled])),
        Table("survey", "survey_responses", "incremental", responses),
        Table("survey", "sampling_frame", "incremental", frame),
    ]
