"""The draw of a survey wave: everyone who could be asked, in strata, and the random sample of them who are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import polars as pl

from metrics_py._draw_strata import BANDED, allocate, answer_spreads, with_strata
from metrics_py._draw_users import PEOPLE, known_users, read_frame_file, resting_users
from metrics_py._nps_classes import require_columns
from metrics_py.errors import ConfigurationError, OutOfRangeError, UnusableInputError
from metrics_py.land.contract import load
from metrics_py.spreadsheet import harmless
from metrics_py.warehouse import Warehouse

Allocation = Literal["proportional", "neyman"]
__all__ = ["Draw", "WrittenDraw", "allocate", "answer_spreads", "draw", "draw_wave", "sample_frame", "with_strata"]

ALLOCATIONS = ("proportional", "neyman")
FRAME = (
    *("wave_id", "drawn_at", "user_id", "account_id", "tenure_days", "active_days_30"),
    *("stratum", "is_sampled", "seed"),
)


@dataclass(frozen=True)
class Draw:
    """A drawn wave: its frame, as `raw_survey.sampling_frame` holds it, and how many of it may rest."""

    frame: pl.DataFrame
    """The columns of `FRAME`, with `email` and `full_name` where they are known."""
    size: int
    """How many were wanted."""
    resting_count: int
    """Users of the frame who are not asked, because they were in the last wave or do not want to be."""

    @property
    def sampled_count(self) -> int:
        """How many were drawn; fewer than `size` only when nobody was left who may be asked."""
        return int(self.frame["is_sampled"].sum())

    def invitations(self) -> pl.DataFrame:
        """One row per user drawn; the ids are numbers, since a user's id may be an e-mail address."""
        drawn = self.frame.filter("is_sampled")
        number = pl.int_range(1, drawn.height + 1, eager=True).cast(pl.String).str.zfill(5)
        return drawn.select(
            "wave_id",
            (pl.col("wave_id") + "-" + number).alias("invitation_id"),
            pl.col("user_id").alias("respondent_id"),
            "account_id",
            *(pl.col(name) if name in drawn.columns else pl.lit(None, dtype=pl.String).alias(name) for name in PEOPLE),
        )

    def summary(self) -> pl.DataFrame:
        """Users in the frame and users drawn per stratum."""
        return (
            self.frame.group_by("stratum")
            .agg(pl.len().cast(pl.Int64).alias("frame_count"), pl.col("is_sampled").sum().cast(pl.Int64))
            .rename({"is_sampled": "sampled_count"})
            .sort("stratum")
        )


@dataclass(frozen=True)
class WrittenDraw:
    """A draw and the files it was written to."""

    draw: Draw
    invitations: Path
    frame: Path


def draw(
    users: pl.DataFrame,
    bands: pl.DataFrame,
    *,
    wave: str,
    drawn_at: datetime,
    size: int,
    seed: int,
    allocation: Allocation = "proportional",
    spreads: pl.DataFrame | None = None,
    resting: Iterable[str] = (),
) -> Draw:
    """Stratified random sample of active users, without replacement; the same seed, wave and users give the same draw.

    Who rests stays in the frame, since the score is about them too, and is not drawn. Where a stratum has too few to
    ask, the others take its places; where nobody is left, everybody who may be asked is drawn.

    Args:
        users: one row per user active in the 30 days before the draw: `user_id`, `account_id`, `tenure_days`,
            `active_days_30`, in any order.
        bands: as in `with_strata`.
        wave: name of the wave; part of the seed, so that one seed draws different people in each wave.
        drawn_at: when, UTC.
        size: users wanted.
        seed: 0 or more.
        allocation: "proportional" to the users of a stratum, or "neyman": to users times spread of their answers.
        spreads: for "neyman", as `answer_spreads` gives them; a stratum without one takes the mean of the others.
        resting: ids of users not to ask.
    Returns: the draw, its frame in the order of `user_id`.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for a user listed twice or a draw without users.

    Examples:
        >>> users = pl.DataFrame({"user_id": ["a", "b", "c", "d"], "account_id": "x",
        ...                       "tenure_days": [5, 400, 9, 30], "active_days_30": [1, 9, 2, 3]})
        >>> bands = pl.DataFrame({"variable": ["tenure", "tenure", "engagement"], "band": ["new", "old", "any"],
        ...                       "at_least": [0, 90, 1]})
        >>> drawn = draw(users, bands, wave="2026Q1", drawn_at=datetime(2026, 2, 10), size=2, seed=1, resting=["a"])
        >>> drawn.summary().rows()
        [('new|any', 3, 2), ('old|any', 1, 0)]
    """
    import numpy as np

    _check(users, wave=wave, size=size, seed=seed, allocation=allocation)
    if allocation == "neyman" and spreads is None:
        raise UnusableInputError(
            "allocation neyman needs the spread of earlier answers; found none. Draw the first wave proportional"
        )
    resting_ids = pl.Series("user_id", sorted(set(resting)), dtype=pl.String)
    order = np.random.default_rng([seed, *wave.encode()]).random(users.height)
    frame = (
        with_strata(users, bands)
        .sort("user_id")
        .with_columns(place=pl.Series(order), rests=pl.col("user_id").is_in(resting_ids.implode()))
    )
    strata = (
        frame.group_by("stratum")
        .agg(pl.len().cast(pl.Float64).alias("weight"), (~pl.col("rests")).sum().alias("available"))
        .sort("stratum")
    )
    if allocation == "neyman" and spreads is not None:
        strata = _weigh_by_spread(strata, spreads)
    quotas = allocate(strata, total=size)
    rank = pl.struct("rests", "place", "user_id").rank("ordinal").over("stratum")
    drawn = frame.join(quotas, on="stratum", how="left", maintain_order="left").with_columns(
        wave_id=pl.lit(wave),
        drawn_at=pl.lit(drawn_at),
        is_sampled=rank <= pl.col("quota"),
        seed=pl.lit(seed, dtype=pl.Int64),
    )
    people = [name for name in PEOPLE if name in users.columns]
    return Draw(drawn.select(*FRAME, *people), size=size, resting_count=int(frame["rests"].sum()))


def draw_wave(
    warehouse: Path,
    *,
    project: Path,
    wave: str,
    size: int,
    seed: int = 1,
    as_of: datetime | None = None,
    allocation: Allocation = "proportional",
    frame_file: Path | None = None,
) -> Draw:
    """Draw a wave from the landed Pendo tables, or from a given frame, as of an instant; nothing is written.

    Args:
        warehouse: the file with the raw layer.
        project: folder of the dbt project, for its time zone and the seed `survey_strata`.
        wave: name of the wave.
        size: users wanted.
        seed: of the draw.
        as_of: instant of the draw, UTC; null for the newest extract landed.
        allocation: as in `draw`; "neyman" reads the last wave's counts, which a build makes.
        frame_file: CSV or Parquet file with `user_id`, `account_id`, `tenure_days`, `active_days_30` and, where known,
            `email` and `full_name`; null for the users active in Pendo.
    Returns: the draw. Who was asked in the last wave, or ever unsubscribed, rests.
    Raises: WarehouseError, ConfigurationError (the wave was drawn before), RefusedFileError, and as `draw`.
    """
    contract = load(project)
    zone = contract.org_timezone
    bands = pl.read_csv(project / "seeds" / "surveys" / "survey_strata.csv")
    with Warehouse(warehouse) as opened:
        drawn_at = _whole_second(as_of or _newest_extract(opened))
        last, resting = resting_users(
            opened, wave=wave, drawn_at=drawn_at, source_zone=contract.zone_of("survey"), zone=zone
        )
        users = (
            read_frame_file(frame_file)
            if frame_file
            else known_users(opened, drawn_at=drawn_at, source_zone=contract.zone_of("pendo"), zone=zone)
        )
        spreads = None
        if allocation == "neyman" and last is not None:
            counts = opened.read("intermediate.int_surveys__stratum_summary")
            spreads = answer_spreads(counts.filter(pl.col("wave_id") == last))
    return draw(
        users,
        bands,
        wave=wave,
        drawn_at=drawn_at,
        size=size,
        seed=seed,
        allocation=allocation,
        spreads=spreads,
        resting=resting,
    )


def sample_frame(
    warehouse: Path,
    *,
    project: Path,
    wave: str,
    size: int,
    out: Path,
    seed: int = 1,
    as_of: datetime | None = None,
    allocation: Allocation = "proportional",
    frame_file: Path | None = None,
    extracts: Path | None = None,
) -> WrittenDraw:
    """Draw a wave and write its invitation list and its frame, the latter as an extract that lands as it is.

    Args:
        warehouse: as in `draw_wave`, like every argument not named here.
        out: CSV file of the invitations, one row per user drawn, for a survey tool to import: `wave_id`,
            `invitation_id`, `respondent_id`, `account_id`, `email`, `full_name`; a text that a spreadsheet would take
            for a formula has an apostrophe in front.
        extracts: folder of extracts to write the frame into, as it stands; null for `extracts` beside `out`.
    Raises: as `draw_wave`; ConfigurationError when another draw of the wave stands in either file.
    """
    drawn = draw_wave(
        warehouse,
        project=project,
        wave=wave,
        size=size,
        seed=seed,
        as_of=as_of,
        allocation=allocation,
        frame_file=frame_file,
    )
    drawn_at = drawn.frame["drawn_at"][0]
    folder = (extracts or out.parent / "extracts") / "survey" / "sampling_frame"
    frame_path = folder / f"{drawn_at:%Y-%m-%dT%H%M%SZ}-{_file_name(wave)}.csv"
    others = [path for path in folder.glob(f"*Z-{_file_name(wave)}.csv") if path != frame_path]
    if others:
        raise ConfigurationError(f"wave {wave} is drawn already, in {others[0]}; remove that file to draw it anew")
    texts = {out: harmless(drawn.invitations()).write_csv(), frame_path: _landable(drawn.frame).write_csv()}
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise ConfigurationError(f"{path} holds another draw; remove it to draw wave {wave} anew")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return WrittenDraw(drawn, invitations=out, frame=frame_path)


def _newest_extract(warehouse: Warehouse) -> datetime:
    newest = warehouse.read("raw.raw_extracts")["extracted_at"].max()
    if not isinstance(newest, datetime):
        raise ConfigurationError("no extract is landed; run `metrics-py land` first, or name the instant of the draw")
    return newest


def _whole_second(instant: datetime) -> datetime:
    # Up, so that what landed at the instant is known by then; file names carry no fractions.
    utc = instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
    return utc.replace(microsecond=0) + timedelta(seconds=1 if utc.microsecond else 0)


def _landable(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(FRAME).with_columns(pl.col("drawn_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _file_name(wave: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", wave)


def _weigh_by_spread(strata: pl.DataFrame, spreads: pl.DataFrame) -> pl.DataFrame:
    joined = strata.join(spreads.select("stratum", "spread"), on="stratum", how="left")
    spread = pl.col("spread").fill_null(pl.col("spread").mean()).fill_null(1.0)
    return joined.select("stratum", (pl.col("weight") * spread).alias("weight"), "available")


def _check(users: pl.DataFrame, *, wave: str, size: int, seed: int, allocation: str) -> None:
    require_columns(users, ["user_id", "account_id", *BANDED.values()], "users")
    if not wave.strip():
        raise OutOfRangeError("wave must be a name such as 2026Q1; found a blank")
    if size < 1:
        raise OutOfRangeError(f"size must be 1 or more; found {size}")
    if seed < 0:
        raise OutOfRangeError(f"seed must be 0 or more; found {seed}")
    if allocation not in ALLOCATIONS:
        raise UnusableInputError(f"allocation must be one of {list(ALLOCATIONS)}; found {allocation!r}")
    if users.is_empty():
        raise UnusableInputError(
            "nobody was active in the 30 days before the draw, so there is nobody to draw; land the newest visitors "
            "and feature events, or give a frame file"
        )
    listed = users.filter(pl.col("user_id").is_duplicated() | pl.col("user_id").is_null())
    if listed.height:
        raise UnusableInputError(
            f"user_id must name each user once; found {listed['user_id'][0]!r} in {listed.height} rows"
        )
