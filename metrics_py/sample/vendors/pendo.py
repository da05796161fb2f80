"""Pendo: polls and their answers, guides, feature use, visitors and accounts."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from metrics_py.sample.calendar import AS_OF, EXTRACTS, FIRST_EXTRACT
from metrics_py.sample.organisation import stream
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.world.company import World
from metrics_py.sample.world.surveys import DRAWS

_NOTHING = pl.lit(None, dtype=pl.Datetime("us"))


def tables(world: World) -> list[Table]:
    """Every Pendo table."""
    random = stream(world.seed, world.chunk, "pendo")
    guides = {wave: f"guide-nps-{wave}" for wave in DRAWS}
    polls = pl.DataFrame(
        [
            {
                "id": f"poll-{kind}-{wave}",
                "guide_id": guides[wave],
                "question": "How likely are you to recommend us?" if kind == "score" else "Why?",
                "type": "NPSRating" if kind == "score" else "FreeForm",
                "numeric_responses": "[0,1,2,3,4,5,6,7,8,9,10]" if kind == "score" else None,
                "id_responses": None,
                "_from": drawn_at,
            }
            for wave, drawn_at in DRAWS.items()
            for kind in ("score", "reason")
        ],
        infer_schema_length=None,
    ).with_columns(pl.col("id_responses").cast(pl.String), _to=_NOTHING)
    in_app = world.surveys.responses.filter(pl.col("channel") == "in-app")
    answers = pl.concat(
        [_poll_events(in_app, "score", "score_raw"), _poll_events(in_app, "reason", "comment"), _orphans(in_app)]
    )
    seen = world.surveys.invitations.filter((pl.col("channel") == "in-app") & pl.col("seen_at").is_not_null())
    users = world.accounts.users
    joined = pl.col("joined_on").cast(pl.Datetime("us")) + pl.duration(hours=15)
    known = pl.max_horizontal(joined, pl.lit(FIRST_EXTRACT - timedelta(days=3)))
    visitors = users.select(
        id="user_id",
        last_updated_at=known,
        first_visit=joined,
        last_visit=known,
        email=pl.col("user_id") + "@customers.example",
        full_name=pl.lit("User ") + pl.col("user_id"),
        account_id="account_id",
        _from=known,
        _to=_NOTHING,
    )
    accounts = world.accounts.accounts.select(
        id="account_id",
        last_updated_at=pl.lit(FIRST_EXTRACT - timedelta(days=3)),
        first_visit=pl.lit(datetime(2022, 6, 1)),
        last_visit=pl.lit(FIRST_EXTRACT - timedelta(days=3)),
        name="name",
        _from=pl.lit(FIRST_EXTRACT - timedelta(days=3)),
        _to=_NOTHING,
    )
    members = visitors.select(
        visitor_id="id", account_id="account_id", visitor_last_updated_at="last_updated_at", _from="_from", _to="_to"
    )
    return [
        *([Table("pendo", "poll", "incremental", polls)] if world.chunk == 0 else []),
        *(
            Table("pendo", name, "incremental", _monthly(rows))
            for name, rows in {
                "poll_event": answers,
                "guide_event": _guide_events(seen),
                "feature_event": _feature_events(random, world),
                "visitor_history": visitors,
                "account_history": accounts,
                "visitor_account_history": members,
            }.items()
        ),
    ]


def _monthly(rows: pl.DataFrame) -> pl.DataFrame:
    """Pendo is exported with every fourth extract and with the last."""
    exports = pl.Series(EXTRACTS[:-1:4] + EXTRACTS[-1:], dtype=pl.Datetime("us"))
    known = rows.filter(pl.col("_from") <= AS_OF)
    return known.with_columns(_from=exports.gather(exports.search_sorted(known["_from"], side="left")))


def _poll_events(in_app: pl.DataFrame, kind: str, answer: str) -> pl.DataFrame:
    return in_app.filter(pl.col(answer).is_not_null()).select(
        visitor_id="respondent_id",
        account_id="account_id",
        guide_id=pl.lit("guide-nps-") + pl.col("wave_id"),
        poll_id=pl.lit(f"poll-{kind}-") + pl.col("wave_id"),
        timestamp="submitted_at",
        poll_response=answer,
        url=pl.lit("https://app.cxt.example/board"),
        app_id=pl.lit("-323232"),
        load_time=pl.lit(0.4),
        guide_step_id=pl.lit("step-1"),
        _from="submitted_at",
        _to=_NOTHING,
    )


def _orphans(in_app: pl.DataFrame) -> pl.DataFrame:
    """Answers to a poll that was deleted with its guide."""
    return _poll_events(in_app.gather_every(40), "score", "score_raw").with_columns(
        poll_id=pl.lit("poll-deleted"), guide_id=pl.lit("guide-deleted")
    )


def _guide_events(seen: pl.DataFrame) -> pl.DataFrame:
    def events(column: str, kind: str) -> pl.DataFrame:
        return seen.filter(pl.col(column).is_not_null()).select(
            visitor_id="respondent_id",
            account_id="account_id",
            guide_id=pl.lit("guide-nps-") + pl.col("wave_id"),
            guide_step_id=pl.lit("step-1"),
            type=pl.lit(kind),
            timestamp=column,
            url=pl.lit("https://app.cxt.example/board"),
            app_id=pl.lit("-323232"),
            _from=column,
            _to=_NOTHING,
        )

    return pl.concat([events("seen_at", "guideSeen"), events("dismissed_at", "guideDismissed")]).sort(
        "_from", "visitor_id"
    )


def _feature_events(random: np.random.Generator, world: World) -> pl.DataFrame:
    """A few users of each launched feature in the weeks after its launch, one row per user and day."""
    launched = [f for f in world.features if f.shipped_at is not None and not f.is_subfeature and f.fate != "legacy"]
    each = 60
    count = len(launched) * each
    place = random.integers(0, world.accounts.users.height, count).tolist()
    users = world.accounts.users[place]
    shipped = pl.Series(np.repeat(np.array([f.shipped_at for f in launched], dtype="datetime64[us]"), each))
    day = (shipped + pl.Series(random.integers(1, 90, count) * 86_400_000_000).cast(pl.Duration("us"))).dt.truncate(
        "1d"
    )
    frame = pl.DataFrame(
        {
            "visitor_id": users["user_id"],
            "account_id": users["account_id"],
            "feature_id": np.repeat(np.array([f.feature_id for f in launched]), each),
            "timestamp": day,
            "num_events": random.integers(1, 30, count),
            "num_minutes": random.integers(1, 50, count),
        }
    )
    frame = frame.unique(["visitor_id", "feature_id", "timestamp"], keep="first", maintain_order=True)
    return frame.with_columns(
        app_id=pl.lit("-323232"), _from=pl.col("timestamp") + pl.duration(hours=26), _to=_NOTHING
    ).sort("_from", "visitor_id", "feature_id")
