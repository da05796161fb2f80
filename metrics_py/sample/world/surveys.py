"""NPS waves: the frame and the draw, every invitation's fate and every answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics_py.sample.calendar import AS_OF
from metrics_py.sample.organisation import stream
from metrics_py.sample.world.accounts import Accounts, month_of

INVITATIONS_PER_UNIT = 900
SURVEY_ID = "relationship-nps"
DRAWS = {
    "2024Q3": datetime(2024, 8, 13, 16),
    "2024Q4": datetime(2024, 11, 12, 16),
    "2025Q1": datetime(2025, 2, 11, 16),
    "2025Q2": datetime(2025, 5, 13, 16),
    "2025Q3": datetime(2025, 8, 12, 16),
    "2025Q4": datetime(2025, 11, 11, 16),
}
_LIFT = {"2024Q3": 0.0, "2024Q4": 0.01, "2025Q1": 0.03, "2025Q2": 0.05, "2025Q3": 0.06, "2025Q4": 0.08}
"""How far NPS stands above that of the first wave."""
_BANDS = ("new", "settled", "veteran"), ("light", "regular", "heavy")
_SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True)
class Surveys:
    """The frame of every wave, the invitations and the answers as the survey tool holds them."""

    frame: pl.DataFrame
    invitations: pl.DataFrame
    responses: pl.DataFrame


def draw_surveys(seed: int, chunk: int, units: int, accounts: Accounts, *, clean: bool) -> Surveys:
    """Six waves; in a clean company no answer is out of range."""
    parts = [_wave(seed, chunk, units, accounts, wave, clean=clean) for wave in DRAWS]
    return Surveys(*(pl.concat(frames) for frames in zip(*parts, strict=True)))


def _wave(
    seed: int, chunk: int, units: int, accounts: Accounts, wave: str, *, clean: bool
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    random = stream(seed, chunk, f"survey {wave}")
    frame = _frame(random, units, accounts, wave)
    invitations = _invitations(random, chunk, frame, wave)
    return frame, invitations, _responses(random, chunk, frame, invitations, wave, clean=clean)


def _frame(random: np.random.Generator, units: int, accounts: Accounts, wave: str) -> pl.DataFrame:
    """Everyone of a paying account with a day of use in the 30 days before the draw; the sample is proportional."""
    drawn_at = DRAWS[wave]
    paying = accounts.arr.filter(pl.col("month") == month_of(drawn_at)).select("account_id")
    users = accounts.users.filter(pl.col("joined_on") < drawn_at.date()).join(paying, on="account_id", how="semi")
    users = users.with_columns(
        tenure_days=(pl.lit(drawn_at.date()) - pl.col("joined_on")).dt.total_days(),
        active_days_30=pl.Series(random.binomial(30, users["pace"].to_numpy())),
    ).filter(pl.col("active_days_30") > 0)
    tenure = np.digitize(users["tenure_days"].to_numpy(), [90, 540])
    engagement = np.digitize(users["active_days_30"].to_numpy(), [5, 15])
    stratum = [f"{_BANDS[0][t]}|{_BANDS[1][e]}" for t, e in zip(tenure.tolist(), engagement.tolist(), strict=True)]
    users = users.with_columns(wave_id=pl.lit(wave), drawn_at=pl.lit(drawn_at), stratum=pl.Series(stratum))
    order = users.with_columns(place=pl.Series(random.random(users.height)))
    sizes = dict(users.group_by("stratum").len().sort("stratum").iter_rows())
    wanted = _allocate(sizes, min(INVITATIONS_PER_UNIT * units, users.height))
    rank = pl.col("place").rank("ordinal").over("stratum")
    sampled = rank <= pl.col("stratum").replace_strict(wanted, return_dtype=pl.Int64)
    return order.with_columns(is_sampled=sampled).drop("place").sort("user_id")


def _allocate(sizes: dict[str, int], total: int) -> dict[str, int]:
    """Proportional shares of a total by largest remainder."""
    frame_size = sum(sizes.values())
    shares = {name: total * size / frame_size for name, size in sizes.items()}
    result = {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (result[name] - shares[name], name))
    for name in by_remainder[: total - sum(result.values())]:
        result[name] += 1
    return result


def _after(random: np.random.Generator, base: NDArray[Any], low_hours: float, high_hours: float) -> NDArray[Any]:
    return np.asarray(base + random.integers(int(low_hours * 3600), int(high_hours * 3600), len(base)) * _SECOND)


def _nullable(random: np.random.Generator, instants: NDArray[Any], share: float) -> NDArray[Any]:
    return np.where(random.random(len(instants)) < share, instants, np.datetime64("NaT", "us"))


def _invitations(random: np.random.Generator, chunk: int, frame: pl.DataFrame, wave: str) -> pl.DataFrame:
    sampled = frame.filter(pl.col("is_sampled"))
    count = sampled.height
    base = np.full(count, np.datetime64(DRAWS[wave], "us"))
    sent = _after(random, base, 20, 60)
    in_app = random.random(count) < 0.6
    seen = _nullable(random, _after(random, sent, 0.5, 90), 0.72)
    bounced = np.where(~in_app, _nullable(random, _after(random, sent, 0.01, 0.2), 0.03), np.datetime64("NaT", "us"))
    seen = np.where(np.isnat(bounced), seen, np.datetime64("NaT", "us"))
    first = pl.DataFrame(
        {
            "invitation_id": [f"i{chunk:03d}-{wave}-{n:06d}" for n in range(count)],
            "wave_id": wave,
            "respondent_id": sampled["user_id"],
            "account_id": sampled["account_id"],
            "channel": np.where(in_app, "in-app", "email"),
            "sent_at": sent,
            "seen_at": seen,
            "dismissed_at": _nullable(random, seen + 40 * _SECOND, 0.25),
            "bounced_at": bounced,
            "unsubscribed_at": np.where(
                in_app, np.datetime64("NaT", "us"), _nullable(random, seen + 90 * _SECOND, 0.02)
            ),
        }
    ).with_columns(is_reminder=pl.lit(False), parent_invitation_id=pl.lit(None, dtype=pl.String))
    again = first.filter((pl.col("channel") == "email") & pl.col("bounced_at").is_null() & pl.col("seen_at").is_null())
    nothing = pl.lit(None, dtype=pl.Datetime("us"))
    reminders = again.with_columns(
        parent_invitation_id=pl.col("invitation_id"),
        invitation_id=pl.col("invitation_id") + "-r",
        sent_at=pl.col("sent_at") + pl.duration(days=7),
        seen_at=nothing,
        is_reminder=pl.lit(True),
    )
    return pl.concat([first, reminders])


def _responses(
    random: np.random.Generator, chunk: int, frame: pl.DataFrame, invitations: pl.DataFrame, wave: str, *, clean: bool
) -> pl.DataFrame:
    invited = invitations.filter(~pl.col("is_reminder") & pl.col("bounced_at").is_null()).join(
        frame.select("user_id", "active_days_30", "mood"), left_on="respondent_id", right_on="user_id"
    )
    eager = np.digitize(invited["active_days_30"].to_numpy(), [5, 15])
    answers = random.random(invited.height) < np.array([0.17, 0.30, 0.45])[eager]
    invited = invited.filter(pl.Series(answers))
    count = invited.height
    started = _after(random, invited["sent_at"].to_numpy(), 1, 24 * 16)
    submitted = _after(random, started, 0.01, 0.2)
    score = _scores(random, invited, wave)
    fate = random.random(count)
    text = np.array([str(value) for value in score], dtype=object)
    if not clean:
        wrong = np.array(["11", "-1", "6.5", "n/a", "often"], dtype=object)
        text = np.where(fate < 0.02, wrong[random.integers(0, 5, count)], text)
    late = _next_draw(wave)
    if late is not None:
        overdue = np.full(count, np.datetime64(late, "us"))
        submitted = np.where((fate >= 0.02) & (fate < 0.04), _after(random, overdue, 5, 200), submitted)
    base = pl.DataFrame(
        {
            "response_id": [f"p{chunk:03d}-{wave}-{n:06d}" for n in range(count)],
            "wave_id": wave,
            "invitation_id": invited["invitation_id"],
            "respondent_id": invited["respondent_id"],
            "account_id": invited["account_id"],
            "channel": invited["channel"],
            "score_raw": pl.Series(text.tolist(), dtype=pl.String),
            "comment": pl.Series(_comments(random, count), dtype=pl.String),
            "started_at": started,
            "submitted_at": submitted,
            "is_complete": ~((fate >= 0.04) & (fate < 0.08)),
            "is_test": (fate >= 0.08) & (fate < 0.09),
            "excluded_from_calculations": (fate >= 0.09) & (fate < 0.10),
        }
    )
    twice = base.filter(pl.Series((fate >= 0.10) & (fate < 0.15))).with_columns(
        response_id=pl.col("response_id") + "-first",
        submitted_at=pl.col("started_at") + pl.duration(seconds=5),
        score_raw=pl.lit("5"),
    )
    outsiders = frame.filter(~pl.col("is_sampled")).head(8)
    outside = pl.DataFrame(
        {
            "response_id": [f"p{chunk:03d}-{wave}-x{n:05d}" for n in range(outsiders.height)],
            "wave_id": wave,
            "respondent_id": outsiders["user_id"],
            "account_id": outsiders["account_id"],
            "channel": "in-app",
            "score_raw": "10",
            "started_at": np.full(outsiders.height, np.datetime64(DRAWS[wave], "us") + 500_000 * _SECOND),
        }
    ).with_columns(
        submitted_at=pl.col("started_at") + pl.duration(seconds=60),
        invitation_id=pl.lit(None, dtype=pl.String),
        comment=pl.lit(None, dtype=pl.String),
        is_complete=pl.lit(True),
        is_test=pl.lit(False),
        excluded_from_calculations=pl.lit(False),
    )
    answers_given = pl.concat([base, twice, outside.select(base.columns)])
    return answers_given.filter(pl.col("submitted_at") <= AS_OF).sort("response_id")


def _next_draw(wave: str) -> datetime | None:
    waves = list(DRAWS)
    position = waves.index(wave) + 1
    return DRAWS[waves[position]] if position < len(waves) else None


def _scores(random: np.random.Generator, invited: pl.DataFrame, wave: str) -> list[int]:
    """Happier users answer more: the heavier the use, the higher the place in the wave's spread of scores."""
    ease = (np.digitize(invited["active_days_30"].to_numpy(), [5, 15]) - 1) * 0.3
    feeling = 0.75 * invited["mood"].to_numpy() + 0.66 * random.normal(0, 1, invited.height) + ease
    place = (np.argsort(np.argsort(feeling, kind="stable"), kind="stable") + 0.5) / max(1, invited.height)
    detractors, promoters = 0.29 - _LIFT[wave] / 2, 0.36 + _LIFT[wave] / 2
    low = np.array([0.06, 0.1, 0.18, 0.3, 0.45, 0.68]) * detractors
    middle = detractors + np.array([0.0, 0.4, 1.0]) * (1 - promoters - detractors)
    return [int(value) for value in np.digitize(place, [*low, *middle, 1 - 0.45 * promoters])]


def _comments(random: np.random.Generator, count: int) -> list[str | None]:
    choices = [
        None,
        None,
        None,
        "Works well",
        'The "new" board is slow,\nand the map flickers',
        "Größtenteils gut",
        "ok; but pricey",
    ]
    return [choices[int(n)] for n in random.integers(0, len(choices), count)]
