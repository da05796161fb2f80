"""The CRM, the survey tool, Pendo and Jira."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from metrics_py.sample.calendar import AS_OF, EXTRACTS, FIRST_EXTRACT
from metrics_py.sample.organisation import stream
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.vendors.productboard import jira_connections
from metrics_py.sample.world.accounts import MONTHS
from metrics_py.sample.world.company import World
from metrics_py.sample.world.surveys import DRAWS, SURVEY_ID

_NOTHING = pl.lit(None, dtype=pl.Datetime("us"))
_BOOKS_CLOSE_ON = 24
"""Day of the month on which the CRM gives out the month's ARR."""


def tables(world: World) -> list[Table]:
    """Every table of these four vendors."""
    return [*_crm(world), *_survey(world), *_pendo(world), *_jira(world)]


def _crm(world: World) -> list[Table]:
    accounts = world.accounts.accounts.select(
        id="account_id", name="name", domain="domain", _from=pl.lit(FIRST_EXTRACT), _to=_NOTHING
    )
    closed = {month: datetime(month.year, month.month, _BOOKS_CLOSE_ON, 20) for month in MONTHS}
    arr = world.accounts.arr.select(
        "account_id",
        "month",
        arr_amount=(pl.col("cents").cast(pl.Decimal(20, 2)) / 100).cast(pl.Decimal(18, 2)),
        currency=pl.lit("USD"),
        _from=pl.col("month").replace_strict(closed, return_dtype=pl.Datetime("us")),
        _to=_NOTHING,
    )
    return [Table("crm", "account", "sheet", accounts), Table("crm", "account_arr", "incremental", _restated(arr))]


def _restated(arr: pl.DataFrame) -> pl.DataFrame:
    """Some rows come out wrong first and are corrected a fortnight later; the last word is the true amount."""
    number = pl.int_range(pl.len())
    mended = (number % 97 == 0) & (pl.col("_from") < datetime(2025, 12, 1))
    first = arr.filter(mended).with_columns(
        arr_amount=(pl.col("arr_amount") + 600).cast(pl.Decimal(18, 2)), _to=pl.col("_from") + pl.duration(days=14)
    )
    rest = arr.with_columns(_from=pl.when(mended).then(pl.col("_from") + pl.duration(days=14)).otherwise("_from"))
    return pl.concat([first, rest]).sort("account_id", "month", "_from")


def _survey(world: World) -> list[Table]:
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


def _pendo(world: World) -> list[Table]:
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


_JIRA_STATUSES = {"10001": ("To Do", "2"), "10002": ("In Progress", "4"), "10003": ("Done", "3")}


def _jira(world: World) -> list[Table]:
    by_id = {feature.feature_id: feature for feature in world.features}
    issues, history = [], []
    for connection in jira_connections(world).iter_rows(named=True):
        feature = by_id[connection["feature_id"]]
        steps = [(connection["_from"], "10001")]
        steps += [(at, "10002") for at, status in feature.statuses if status == "st-progress"][:1]
        steps += [(at, "10003") for at, status in feature.statuses if status == "st-launched"][:1]
        # A feature without a log can be born after its first Jira day.
        steps = sorted((max(at, steps[0][0]) + timedelta(seconds=n), status) for n, (at, status) in enumerate(steps))
        steps = [(at, status) for at, status in steps if at <= AS_OF]
        ends: list[datetime | None] = [*[at for at, _ in steps][1:], None][: len(steps)]
        for (at, status), until in zip(steps, ends, strict=True):
            issues.append(
                {
                    "id": connection["issue_id"],
                    "key": connection["issue_key"],
                    "summary": f"Build: {feature.name}",
                    "status": status,
                    "issue_type": "Epic",
                    "created": connection["_from"],
                    "updated": at,
                    "resolved": at if status == "10003" else None,
                    "_from": at,
                    "_to": until,
                }
            )
            history.append(
                {
                    "issue_id": connection["issue_id"],
                    "field_id": "status",
                    "time": at,
                    "value": status,
                    "is_active": until is None,
                    "author_id": "5f1a",
                    "_from": at,
                    "_to": until,
                }
            )
    open_end = {"_to": pl.Datetime("us"), "resolved": pl.Datetime("us")}
    result = [
        Table(
            "jira", "issue", "incremental", pl.DataFrame(issues, infer_schema_length=None, schema_overrides=open_end)
        ),
        Table("jira", "issue_field_history", "incremental", pl.DataFrame(history, infer_schema_length=None)),
    ]
    return result + (_jira_settings() if world.chunk == 0 else [])


def _jira_settings() -> list[Table]:
    def fixed(name: str, rows: list[dict[str, object]]) -> Table:
        return Table(
            "jira", name, "incremental", pl.DataFrame(rows).with_columns(_from=pl.lit(FIRST_EXTRACT), _to=_NOTHING)
        )

    statuses = [
        {"id": status, "name": name, "description": "", "status_category_id": category}
        for status, (name, category) in _JIRA_STATUSES.items()
    ]
    categories = [{"id": "2", "name": "To Do"}, {"id": "4", "name": "In Progress"}, {"id": "3", "name": "Done"}]
    return [
        fixed("status", [dict(row) for row in statuses]),
        fixed("status_category", [dict(row) for row in categories]),
        fixed("field", [{"id": "status", "name": "Status", "is_custom": False}]),
    ]
