"""Who could be asked in a survey, from the raw layer as it stood at an instant; read through `metrics_py.draw`."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from metrics_py._nps_classes import require_columns
from metrics_py.errors import ConfigurationError, RefusedFileError
from metrics_py.warehouse import Warehouse

ACTIVE_DAYS = 30
USERS = {"user_id": pl.String, "account_id": pl.String, "tenure_days": pl.Int64, "active_days_30": pl.Int64}
PEOPLE = {"email": pl.String, "full_name": pl.String}


def active_users(visitors: pl.DataFrame, uses: pl.DataFrame, *, drawn_at: datetime, zone: str) -> pl.DataFrame:
    """Users with a day of use in the 30 days before the draw, with their tenure and the number of those days.

    Args:
        visitors: one row per version of a visitor: `user_id`, `account_id`, `email`, `full_name`, `first_visit_at`,
            `last_visit_at`, `updated_at`; instants in UTC. A last visit proves a day of use, too.
        uses: one row per use: `user_id`, `account_id`, `used_at`.
        drawn_at: when the sample is drawn, UTC.
        zone: time zone whose days count.
    Returns: one row per user in the order of `user_id`: `user_id`, `account_id`, `email`, `full_name`, `tenure_days`
        (local days since the first visit, else since the first use seen), `active_days_30`.

    Examples:
        >>> visitors = pl.DataFrame({"user_id": ["a"], "account_id": ["x"], "email": [None], "full_name": ["Ann"],
        ...     "first_visit_at": [datetime(2025, 1, 1, 12)], "last_visit_at": [None], "updated_at": [None]},
        ...     schema_overrides={"last_visit_at": pl.Datetime("us"), "updated_at": pl.Datetime("us")})
        >>> uses = pl.DataFrame({"user_id": ["a", "a"], "account_id": "x",
        ...     "used_at": [datetime(2025, 1, 9, 12), datetime(2025, 1, 30, 12)]})
        >>> active_users(visitors, uses, drawn_at=datetime(2025, 1, 31, 12), zone="UTC").select(
        ...     "tenure_days", "active_days_30").row(0)
        (30, 2)
    """
    visits = visitors.select("user_id", "account_id", used_at="last_visit_at")
    seen = pl.concat([uses.select("user_id", "account_id", "used_at"), visits]).filter(
        (pl.col("used_at") < drawn_at) & (pl.col("used_at") >= drawn_at - timedelta(days=ACTIVE_DAYS))
    )
    active = (
        seen.with_columns(_local_date(pl.col("used_at"), zone).alias("day"))
        .sort("user_id", "used_at", "account_id")
        .group_by("user_id")
        .agg(
            pl.col("account_id").drop_nulls().last().alias("used_account_id"),
            # Thirty days to the hour can touch 31 calendar days.
            pl.col("day").n_unique().clip(upper_bound=ACTIVE_DAYS).cast(pl.Int64).alias("active_days_30"),
            pl.col("used_at").min().alias("first_used_at"),
        )
    )
    newest = pl.col("account_id", "email", "full_name").drop_nulls().last()
    known = (
        visitors.sort("user_id", "updated_at", "account_id", "email", "full_name", nulls_last=False)
        .group_by("user_id")
        .agg(newest, pl.col("first_visit_at").min())
    )
    first = pl.min_horizontal("first_visit_at", "first_used_at")
    tenure = (_local_date(pl.lit(drawn_at), zone) - _local_date(first, zone)).dt.total_days()
    return (
        active.join(known, on="user_id", how="left")
        .select(
            "user_id",
            pl.coalesce("account_id", "used_account_id").alias("account_id"),
            "email",
            "full_name",
            tenure.cast(pl.Int64).alias("tenure_days"),
            "active_days_30",
        )
        .sort("user_id")
    )


def known_users(warehouse: Warehouse, *, drawn_at: datetime, source_zone: str, zone: str) -> pl.DataFrame:
    """`active_users` of the Pendo tables, from what extracts up to the draw held.

    Raises: WarehouseError
    """

    def instant(column: str) -> pl.Expr:
        return utc_instant(pl.col(column), source_zone=source_zone, org_zone=zone)

    # Landed instants are ISO text, so that their first day compares as text.
    earliest = f"{drawn_at - timedelta(days=ACTIVE_DAYS + 2):%Y-%m-%d}"
    visitors = _known(warehouse, "raw_pendo.visitor_history", drawn_at).select(
        pl.col("id").str.strip_chars().alias("user_id"),
        "account_id",
        "email",
        "full_name",
        first_visit_at=instant("first_visit"),
        last_visit_at=instant("last_visit"),
        updated_at=instant("last_updated_at"),
    )
    uses = _known(warehouse, "raw_pendo.feature_event", drawn_at, f"\"timestamp\" >= '{earliest}'").select(
        pl.col("visitor_id").str.strip_chars().alias("user_id"), "account_id", used_at=instant("timestamp")
    )
    return active_users(visitors, uses, drawn_at=drawn_at, zone=zone)


def resting_users(
    warehouse: Warehouse, *, wave: str, drawn_at: datetime, source_zone: str, zone: str
) -> tuple[str | None, list[str]]:
    """The last wave before this draw, and who is not to be asked: who was asked in it, or ever unsubscribed.

    Raises: WarehouseError; ConfigurationError for a wave that was drawn before.
    """

    def instant(column: str) -> pl.Expr:
        return utc_instant(pl.col(column), source_zone=source_zone, org_zone=zone)

    frame = _known(warehouse, "raw_survey.sampling_frame", drawn_at).select(
        "wave_id", user_id="user_id", asked_at=instant("drawn_at"), is_asked=pl.col("is_sampled").fill_null(False)
    )
    invitations = _known(warehouse, "raw_survey.survey_invitations", drawn_at).select(
        "wave_id",
        user_id="respondent_id",
        asked_at=instant("sent_at"),
        unsubscribed_at=instant("unsubscribed_at"),
        is_asked=pl.lit(True),
    )
    asked = pl.concat([frame, invitations.drop("unsubscribed_at")]).filter(pl.col("asked_at") < drawn_at)
    if asked.filter(pl.col("wave_id") == wave).height:
        first = asked.filter(pl.col("wave_id") == wave).sort("asked_at")["asked_at"].dt.date()[0]
        raise ConfigurationError(
            f"wave {wave} was drawn or asked on {first.isoformat()} already; give the next wave another name, or "
            "draw it as it was with the instant it was drawn at (as_of)"
        )
    gone = invitations.filter(pl.col("unsubscribed_at") < drawn_at)["user_id"].to_list()
    waves = asked.group_by("wave_id").agg(pl.col("asked_at").min()).sort("asked_at", "wave_id")
    last: str | None = waves["wave_id"][-1] if waves.height else None
    in_last = pl.lit(False) if last is None else pl.col("wave_id") == last
    rested = asked.filter(in_last & pl.col("is_asked"))["user_id"].to_list()
    return last, sorted({user.strip() for user in [*gone, *rested]})


def read_frame_file(path: Path) -> pl.DataFrame:
    """Users from a CSV or Parquet file with `user_id`, `account_id`, `tenure_days`, `active_days_30`, perhaps `email`.

    Raises: RefusedFileError, MissingColumnError
    """
    try:
        users = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
        require_columns(users, list(USERS), f"users of {path}")
        given = {name: kind for name, kind in {**USERS, **PEOPLE}.items() if name in users.columns}
        typed = users.select(pl.col(name).cast(kind) for name, kind in given.items())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RefusedFileError(
            f"{path} is no frame: {str(error).splitlines()[0]}; write a CSV or Parquet file with {', '.join(USERS)}"
        ) from error
    nobody = [pl.lit(None, dtype=kind).alias(name) for name, kind in PEOPLE.items() if name not in given]
    return typed.with_columns(nobody)


def utc_instant(text: pl.Expr, *, source_zone: str, org_zone: str) -> pl.Expr:
    """UTC time of a landed instant: ISO text that ends in Z, has no zone (the source's), or is a bare date (local).

    Examples:
        >>> texts = pl.DataFrame({"at": ["2025-01-31T06:00:00Z", "2025-01-31T06:00:00", "2025-01-31"]})
        >>> utc = texts.select(utc_instant(pl.col("at"), source_zone="Europe/Vienna", org_zone="America/Phoenix"))
        >>> utc["at"].dt.hour().to_list()
        [6, 5, 7]
    """
    naive = (
        pl.when(text.str.len_chars() == 10)
        .then(text + pl.lit("T00:00:00"))
        .otherwise(text.str.strip_suffix("Z"))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us")
    )

    def from_zone(zone: str) -> pl.Expr:
        local = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return local.dt.convert_time_zone("UTC").dt.replace_time_zone(None)

    return (
        pl.when(text.str.len_chars() == 10)
        .then(from_zone(org_zone))
        .when(text.str.ends_with("Z"))
        .then(naive)
        .otherwise(from_zone(source_zone))
    )


def _local_date(instant: pl.Expr, zone: str) -> pl.Expr:
    return instant.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()


def _known(warehouse: Warehouse, table: str, known_at: datetime, condition: str = "true") -> pl.DataFrame:
    # These tables are incremental: of each key the newest version stands.
    newest = (
        f"select _row_hash from (select _row_hash, row_number() over (partition by _row_key order by "
        f"first_seen_extract desc) as version from {table}__presence where first_seen_extract <= '{known_at}') "
        "where version = 1"
    )
    return warehouse.read(table, where=f"{condition} and _row_hash in ({newest})")
