from datetime import date

import polars as pl
import pytest

from metrics_py.sample.calendar import quarter_start
from metrics_py.sample.truth.cards import known_cards
from metrics_py.sample.truth.features import feature_rows
from metrics_py.sample.world.accounts import MONTHS
from metrics_py.sample.world.company import World, draw_world
from metrics_py.sample.world.traces import webhook_receipts


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_company_has_the_size_the_documentation_names(seed: int) -> None:
    world = draw_world(seed, 0, 1, range(1), clean=False)
    features = [feature for feature in world.features if not feature.is_subfeature]
    assert 70 <= len(features) <= 85
    assert world.notes.height == 3_000
    assert world.accounts.accounts.height == 400
    assert {owner.squad_id for f in features for owner in f.owners} == {
        "dispatch",
        "driver-app",
        "integrations",
        "billing",
    }
    assert len({owner.person for f in features for owner in f.owners}) == 12
    assert world.surveys.frame.filter("is_sampled")["wave_id"].value_counts()["count"].to_list() == [900] * 6
    pain = world.notes.filter(pl.col("tagged_at").is_not_null() & pl.col("linked_at").is_not_null())
    assert 0.40 <= pain.height / 3_000 <= 0.50


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_between_six_and_fourteen_features_ship_in_every_quarter(seed: int) -> None:
    world = draw_world(seed, 0, 1, range(1), clean=False)
    rows = feature_rows(world, known_cards(world))
    shipped = pl.Series([row["shipped_on"] for row in rows if row.get("shipped_on")])
    by_quarter = pl.Series([quarter_start(day) for day in shipped]).value_counts(name="n")
    counts = dict(by_quarter.iter_rows())
    assert all(6 <= counts[date(year, month, 1)] <= 14 for year, month in [(2024, 7), (2024, 10), (2025, 1), (2025, 4)])
    assert 1 <= counts[date(2026, 1, 1)] <= 6


def test_arr_is_eight_million_in_january_2025_and_on_its_line_a_year_later(world: World) -> None:
    by_month = dict(world.accounts.arr.group_by("month").agg(pl.col("cents").sum()).iter_rows())
    assert by_month[date(2025, 1, 1)] == pytest.approx(8_000_000_00, rel=0.001)
    assert 9_450_000_00 <= by_month[MONTHS[-1]] <= 9_900_000_00


def test_a_table_does_not_depend_on_what_else_was_drawn(world: World) -> None:
    again = draw_world(1, 0, 1, range(1), clean=True)
    assert again.accounts.arr.equals(world.accounts.arr)
    assert again.notes.equals(world.notes)


def test_nothing_happens_to_a_note_before_it_exists(world: World) -> None:
    later = ["processed_at", "tagged_at", "linked_at", "second_linked_at", "archived_at", "merged_at", "edited_at"]
    assert world.notes.filter(pl.min_horizontal(later) <= pl.col("created_at")).is_empty()


def test_a_link_points_to_a_feature_that_exists_by_then(world: World) -> None:
    born = pl.DataFrame(
        {"feature_id": [f.feature_id for f in world.features], "born": [f.created_at for f in world.features]}
    )
    linked = world.notes.filter(pl.col("linked_at").is_not_null()).join(born, on="feature_id", how="left")
    assert linked.filter((pl.col("born") >= pl.col("linked_at")) | pl.col("born").is_null()).is_empty()


def test_a_webhook_is_received_after_the_change_and_before_the_next_extract(world: World) -> None:
    receipts = webhook_receipts(world)
    late = (pl.col("received_at") - pl.col("at")).dt.total_seconds()
    assert receipts.filter((late <= 0) | (late > 2 * 3600)).is_empty()
    crosses = (pl.col("at") - pl.duration(hours=6)).dt.date() != (
        pl.col("received_at") - pl.duration(hours=6)
    ).dt.date()
    assert receipts.filter(crosses).is_empty()


def test_the_story_is_mixed(world: World) -> None:
    frame = pl.DataFrame(
        [row for row in feature_rows(world, known_cards(world)) if row.get("ddqs")], infer_schema_length=None
    )
    people = frame.group_by("ddqs_person_id").agg(pl.col("ddqs").mean())
    assert frame["ddqs"].mean() >= 6
    assert 1 <= people.filter(pl.col("ddqs") < 6).height <= 4
