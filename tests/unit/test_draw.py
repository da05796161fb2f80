from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics_py._draw_users import active_users, utc_instant
from metrics_py.draw import Draw, allocate, answer_spreads, draw, draw_wave, sample_frame, with_strata
from metrics_py.errors import ConfigurationError, MissingColumnError, OutOfRangeError, UnusableInputError
from metrics_py.land import land
from metrics_py.warehouse import Warehouse

PROJECT = Path(__file__).parents[2]
DRAWN_AT = datetime(2026, 2, 10, 16)
BANDS = pl.read_csv(PROJECT / "seeds" / "surveys" / "survey_strata.csv")


def users(count: int = 600) -> pl.DataFrame:
    number = range(count)
    return pl.DataFrame(
        {
            "user_id": [f"u{n:04d}" for n in number],
            "account_id": [f"a{n % 50}" for n in number],
            "tenure_days": [n * 7 % 900 for n in number],
            "active_days_30": [1 + n % 30 for n in number],
        }
    )


def drawn(people: pl.DataFrame, *, size: int = 90, seed: int = 1, wave: str = "2026Q1", **rest: object) -> Draw:
    return draw(people, BANDS, wave=wave, drawn_at=DRAWN_AT, size=size, seed=seed, **rest)  # type: ignore[arg-type]


def sampled(result: Draw) -> set[str]:
    return set(result.frame.filter("is_sampled")["user_id"])


def test_the_same_seed_draws_the_same_people_in_whatever_order_they_come() -> None:
    shuffled = users().sample(fraction=1.0, shuffle=True, seed=3)
    assert_frame_equal(drawn(users()).frame, drawn(shuffled).frame)


def test_another_seed_or_another_wave_draws_other_people() -> None:
    first = sampled(drawn(users()))
    assert first != sampled(drawn(users(), seed=2))
    assert first != sampled(drawn(users(), wave="2026Q2"))


def test_each_stratum_has_its_share_of_the_sample_to_within_one() -> None:
    summary = drawn(users(), size=97).summary()
    assert summary["sampled_count"].sum() == 97
    share = summary["frame_count"] * 97 / 600
    assert (summary["sampled_count"] - share).abs().max() < 1  # type: ignore[operator]


def test_within_a_stratum_everyone_is_as_likely_to_be_drawn() -> None:
    people = users(40).with_columns(tenure_days=pl.lit(5), active_days_30=pl.lit(5))
    counts = dict.fromkeys(people["user_id"], 0)
    for seed in range(400):
        for user in sampled(drawn(people, size=10, seed=seed)):
            counts[user] += 1
    # 100 expected, standard deviation 8.7; four of them is one in 15,000 for each of 40 users.
    assert 65 < min(counts.values()) <= max(counts.values()) < 135


def test_who_rests_stays_in_the_frame_and_is_not_drawn() -> None:
    resting = [f"u{n:04d}" for n in range(0, 600, 3)]
    result = drawn(users(), resting=resting)
    assert result.frame.height == 600
    assert result.resting_count == 200
    assert result.sampled_count == 90
    assert not sampled(result) & set(resting)


def test_when_too_few_are_left_everybody_who_may_be_asked_is_drawn() -> None:
    result = drawn(users(100), size=90, resting=[f"u{n:04d}" for n in range(30)])
    assert (result.size, result.sampled_count) == (90, 70)


def test_neyman_gives_more_places_to_strata_that_disagree() -> None:
    people = pl.concat(
        [
            users(200).with_columns(active_days_30=pl.lit(1), tenure_days=pl.lit(5)),
            users(200).with_columns(
                pl.lit(20).alias("active_days_30"), tenure_days=pl.lit(5), user_id="v" + pl.col("user_id")
            ),
        ]
    )
    spreads = pl.DataFrame({"stratum": ["new|light", "new|heavy"], "spread": [0.9, 0.3]})
    assert drawn(people, size=100, allocation="neyman", spreads=spreads).summary().rows() == [
        ("new|heavy", 200, 25),
        ("new|light", 200, 75),
    ]


def test_a_stratum_without_earlier_answers_takes_the_mean_spread() -> None:
    spreads = pl.DataFrame({"stratum": ["new|light"], "spread": [0.5]})
    assert drawn(users(), allocation="neyman", spreads=spreads).summary().equals(drawn(users()).summary())


def test_like_minded_strata_keep_a_place() -> None:
    counts = pl.DataFrame({"stratum": ["x"], "promoter_count": [500], "passive_count": [0], "detractor_count": [0]})
    assert 0 < answer_spreads(counts)["spread"][0] < 0.2


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), min_size=1, max_size=9), st.integers(1, 3000))
def test_places_are_all_given_out_and_no_stratum_gets_more_than_it_has(rows: list[tuple[int, int]], total: int) -> None:
    strata = pl.DataFrame(
        {
            "stratum": [f"s{n}" for n in range(len(rows))],
            "weight": [float(weight) for weight, _ in rows],
            "available": [room for _, room in rows],
        }
    )
    quotas = allocate(strata, total=total).join(strata, on="stratum")
    assert quotas["quota"].sum() == min(total, strata["available"].sum())
    assert quotas.filter((pl.col("quota") > pl.col("available")) | (pl.col("quota") < 0)).is_empty()


def test_ties_of_the_remainder_go_by_the_name_of_the_stratum() -> None:
    strata = pl.DataFrame({"stratum": ["b", "a"], "weight": [1.0, 1.0], "available": [5, 5]})
    assert allocate(strata, total=3).rows() == [("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    ("tenure", "active", "stratum"),
    [(0, 1, "new|light"), (89, 4, "new|light"), (90, 5, "settled|regular"), (540, 15, "veteran|heavy")],
)
def test_bands_start_at_their_bound(tenure: int, active: int, stratum: str) -> None:
    one = pl.DataFrame({"tenure_days": [tenure], "active_days_30": [active]})
    assert with_strata(one, BANDS)["stratum"].to_list() == [stratum]


def test_bad_input_is_refused_with_what_was_found() -> None:
    with pytest.raises(OutOfRangeError, match="size must be 1 or more; found 0"):
        drawn(users(), size=0)
    with pytest.raises(OutOfRangeError, match="seed must be 0 or more; found -1"):
        drawn(users(), seed=-1)
    with pytest.raises(UnusableInputError, match="each user once; found 'u0000' in 2 rows"):
        drawn(pl.concat([users(3), users(1)]))
    with pytest.raises(UnusableInputError, match="nobody was active"):
        drawn(users(0))
    with pytest.raises(OutOfRangeError, match="lowest band of engagement starts; found 0"):
        drawn(users(5).with_columns(active_days_30=pl.lit(0)))
    with pytest.raises(UnusableInputError, match="earlier answers"):
        drawn(users(), allocation="neyman")
    with pytest.raises(UnusableInputError, match="allocation must be one of"):
        drawn(users(), allocation="equal")
    with pytest.raises(MissingColumnError, match="tenure_days"):
        drawn(users().drop("tenure_days"))


def visitor(user: str, *, first: datetime | None = None, last: datetime | None = None) -> dict[str, object]:
    return {
        **{"user_id": user, "account_id": "a", "email": None, "full_name": None},
        **{"first_visit_at": first, "last_visit_at": last, "updated_at": last},
    }


VISITORS = {
    **dict.fromkeys(("user_id", "account_id", "email", "full_name"), pl.String),
    **dict.fromkeys(("first_visit_at", "last_visit_at", "updated_at"), pl.Datetime("us")),
}
USES = {"user_id": pl.String, "account_id": pl.String, "used_at": pl.Datetime("us")}


def test_only_days_of_the_30_before_the_draw_make_a_user_active() -> None:
    uses = pl.DataFrame(
        [
            ("in", "a", datetime(2026, 1, 11, 16)),
            ("in", "a", datetime(2026, 1, 11, 17)),
            ("in", "a", datetime(2026, 2, 10, 15, 59)),
            ("early", "a", datetime(2026, 1, 11, 15, 59)),
            ("late", "a", datetime(2026, 2, 10, 16)),
        ],
        schema=USES,
        orient="row",
    )
    visitors = pl.DataFrame([visitor("in", first=datetime(2026, 2, 9, 16))], schema=VISITORS)
    found = active_users(visitors, uses, drawn_at=DRAWN_AT, zone="UTC")
    assert found.select("user_id", "active_days_30").rows() == [("in", 2)]


def test_a_last_visit_is_a_day_of_use_and_tenure_counts_local_days() -> None:
    # 03:00 UTC is still the day before in Phoenix.
    visitors = pl.DataFrame(
        [visitor("a", first=datetime(2026, 2, 1, 3), last=datetime(2026, 2, 9, 3))], schema=VISITORS
    )
    found = active_users(visitors, pl.DataFrame(schema=USES), drawn_at=DRAWN_AT, zone="America/Phoenix")
    assert found.select("tenure_days", "active_days_30").rows() == [(10, 1)]


def test_landed_instants_of_all_three_forms_are_read() -> None:
    texts = pl.DataFrame({"at": ["2025-01-31T06:00:00.25Z", "2025-01-31T06:00:00", "2025-01-31", None]})
    read = texts.select(utc_instant(pl.col("at"), source_zone="Asia/Tokyo", org_zone="America/Phoenix"))
    assert read["at"].to_list() == [
        datetime(2025, 1, 31, 6, 0, 0, 250_000),
        datetime(2025, 1, 30, 21),
        datetime(2025, 1, 31, 7),
        None,
    ]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    folder = tmp_path / "landed"
    newest = "2026-02-01T060000Z.csv"
    files = {
        f"pendo/visitor_history/{newest}": "id,last_updated_at,first_visit,last_visit,email,full_name,account_id\n"
        + "".join(
            f"u{n},2026-01-30T00:00:00Z,2025-01-01T00:00:00Z,,u{n}@customer.example,User {n},a{n}\n" for n in range(40)
        ),
        f"pendo/feature_event/{newest}": "visitor_id,account_id,feature_id,timestamp,num_events,num_minutes\n"
        + "".join(f"u{n},a{n},f1,2026-01-20T00:00:00Z,1,1\n" for n in range(30)),
        "survey/sampling_frame/2025-11-11T160000Z.csv": (
            "wave_id,drawn_at,user_id,account_id,tenure_days,active_days_30,stratum,is_sampled,seed\n"
            + "".join(
                f"2025Q4,2025-11-11T16:00:00Z,u{n},a{n},300,2,settled|light,{'true' if n < 5 else 'false'},1\n"
                for n in range(20)
            )
        ),
        f"survey/survey_invitations/{newest}": (
            "invitation_id,wave_id,respondent_id,sent_at,unsubscribed_at\n"
            "i1,2025Q3,u7,2025-08-12T16:00:00Z,2025-08-13T00:00:00Z\ni2,2025Q3,u8,2025-08-12T16:00:00Z,\n"
        ),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    land(folder, tmp_path / "warehouse.duckdb", project=PROJECT)
    return tmp_path / "warehouse.duckdb"


def test_a_wave_is_drawn_from_landed_use_with_the_last_wave_and_the_unsubscribed_resting(warehouse: Path) -> None:
    result = draw_wave(warehouse, project=PROJECT, wave="2026Q1", size=100)
    assert result.frame.height == 30
    assert result.frame["drawn_at"].unique().to_list() == [datetime(2026, 2, 1, 6)]
    assert sampled(result) == {f"u{n}" for n in range(5, 30) if n != 7}


def test_a_drawn_frame_lands_as_it_is_and_can_be_drawn_again_but_not_otherwise(warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "wave" / "invitations.csv"
    arguments = {"project": PROJECT, "wave": "2026Q1", "size": 10, "out": out}
    written = sample_frame(warehouse, **arguments)  # type: ignore[arg-type]
    invitations = pl.read_csv(out)
    assert invitations.height == 10
    assert invitations["email"].str.ends_with("@customer.example").all()
    report = land(tmp_path / "wave" / "extracts", warehouse, project=PROJECT)
    assert [(table.table, table.landed, table.quarantined) for table in report.tables] == [("sampling_frame", 30, 0)]
    again = sample_frame(warehouse, **arguments, as_of=datetime(2026, 2, 1, 6))  # type: ignore[arg-type]
    assert_frame_equal(again.draw.frame, written.draw.frame)
    with pytest.raises(ConfigurationError, match="holds another draw"):
        sample_frame(warehouse, **arguments, seed=2)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="2026Q1 was drawn or asked on 2026-02-01 already"):
        sample_frame(warehouse, **arguments, as_of=datetime(2026, 2, 2))  # type: ignore[arg-type]


def test_a_frame_that_did_not_land_yet_keeps_its_wave_from_being_drawn_anew(warehouse: Path, tmp_path: Path) -> None:
    out = tmp_path / "wave" / "invitations.csv"
    arguments = {"project": PROJECT, "wave": "2026Q1", "size": 10, "out": out}
    sample_frame(warehouse, **arguments)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="is drawn already"):
        sample_frame(warehouse, **arguments, as_of=datetime(2026, 2, 2))  # type: ignore[arg-type]


def test_a_wave_that_was_drawn_before_is_not_drawn_again(warehouse: Path) -> None:
    with pytest.raises(ConfigurationError, match="2025Q4 was drawn or asked on 2025-11-11 already"):
        draw_wave(warehouse, project=PROJECT, wave="2025Q4", size=5)


def test_an_earlier_instant_sees_only_what_had_landed_by_then(warehouse: Path) -> None:
    with pytest.raises(UnusableInputError, match="nobody was active"):
        draw_wave(warehouse, project=PROJECT, wave="2026Q1", size=5, as_of=datetime(2026, 1, 25))


def test_a_frame_can_be_given_as_a_file(warehouse: Path, tmp_path: Path) -> None:
    given_frame = tmp_path / "frame.csv"
    users(50).write_csv(given_frame)
    result = draw_wave(warehouse, project=PROJECT, wave="2026Q1", size=20, frame_file=given_frame)
    assert (result.frame.height, result.sampled_count) == (50, 20)


def test_neyman_reads_the_answers_of_the_last_wave(warehouse: Path) -> None:
    counts = pl.DataFrame(
        {
            "wave_id": ["2025Q4", "2025Q4", "2025Q3"],
            "stratum": ["settled|light", "new|light", "new|light"],
            "promoter_count": [9, 50, 0],
            "passive_count": [0, 0, 50],
            "detractor_count": [9, 50, 0],
        }
    )
    with Warehouse(warehouse, read_only=False) as opened:
        opened.write("intermediate.int_surveys__stratum_summary", counts)
    result = draw_wave(warehouse, project=PROJECT, wave="2026Q1", size=6, allocation="neyman")
    assert result.summary().rows() == [("settled|light", 30, 6)]


def test_neyman_without_an_earlier_wave_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "landed" / "pendo" / "feature_event").mkdir(parents=True)
    (tmp_path / "landed" / "pendo" / "feature_event" / "2026-02-01T060000Z.csv").write_text(
        "visitor_id,account_id,feature_id,timestamp\nu1,a1,f1,2026-01-20T00:00:00Z\n"
    )
    land(tmp_path / "landed", tmp_path / "w.duckdb", project=PROJECT)
    with pytest.raises(UnusableInputError, match="Draw the first wave proportional"):
        draw_wave(tmp_path / "w.duckdb", project=PROJECT, wave="2026Q1", size=6, allocation="neyman")
    alone = draw_wave(tmp_path / "w.duckdb", project=PROJECT, wave="2026Q1", size=6)
    assert alone.frame.select("user_id", "account_id", "tenure_days", "stratum").rows() == [
        ("u1", "a1", 12, "new|light")
    ]


def test_nothing_is_drawn_before_anything_has_landed(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    land(empty, tmp_path / "empty.duckdb", project=PROJECT)
    with pytest.raises(ConfigurationError, match="no extract is landed"):
        draw_wave(tmp_path / "empty.duckdb", project=PROJECT, wave="w", size=5)
