from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from metrics_py.errors import MissingColumnError, WarehouseError
from metrics_py.publish.reader import Snapshot
from metrics_py.scoreboard.board import Board, read_board
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.tile import Tile
from tests.unit.scoreboard.company import verdict

Tables = dict[str, pl.DataFrame]
Publish = Callable[..., Path]


def board_of(tables: Tables, publish_frames: Publish, **run: object) -> Board:
    return read_board(Material(Snapshot(publish_frames(tables, **run))))


def tile_of(board: Board, metric: str) -> Tile:
    return next(tile for tile in board.tiles if tile.metric_id == metric)


def with_company(tables: Tables, *rows: dict[str, object]) -> Tables:
    units = tables["scoreboard"].filter(pl.col("org_level") != "company")
    company = pl.DataFrame(list(rows), schema=units.schema)
    return tables | {"scoreboard": pl.concat([company, units])}


def test_goals_run_from_the_outcome_to_the_lead_measures(tables: Tables, publish_frames: Publish) -> None:
    board = board_of(tables, publish_frames)
    assert [(tile.metric_id, tile.mark.word) for tile in board.tiles] == [
        ("arr", "Winning"),
        ("nps", "Losing"),
        ("circt", "Losing"),
        ("ddqs", "Winning"),
        ("ploar", "Too early"),
    ]


@pytest.mark.parametrize(
    ("statuses", "answer", "tally"),
    [
        (["winning", "winning"], "Yes.", "Winning on 2 of 2 goals."),
        (["winning", "losing"], "No.", "Losing on 1 of 2 goals, winning on 1."),
        (["winning", "too_early"], "Too early to say.", "Too early on 1 of 2 goals, winning on 1."),
        (["too_early", "stale"], "We cannot tell.", "Stale on 1 of 2 goals, too early on 1."),
        (["no_data", "no_target"], "We cannot tell.", "No data on 1 of 2 goals, no target on 1."),
    ],
)
def test_the_answer_is_that_of_the_weakest_goal(
    tables: Tables, publish_frames: Publish, statuses: list[str], answer: str, tally: str
) -> None:
    rows = [verdict(metric, status, 1.0) for metric, status in zip(("arr", "nps"), statuses, strict=True)]
    board = board_of(with_company(tables, *rows), publish_frames)
    assert (board.answer, board.tally) == (answer, tally)


def test_the_verdict_is_the_tables_and_not_read_off_the_rounded_value(tables: Tables, publish_frames: Publish) -> None:
    row = verdict("ploar", "losing", 0.74996)
    tile = tile_of(board_of(with_company(tables, row), publish_frames), "ploar")
    assert (tile.mark.word, tile.figure.value, tile.figure.target) == ("Losing", "75.0%", "at least 75.0%")
    assert tile.gap == "less than 0.1\u00a0pp below target"


def test_a_missing_value_stays_missing(tables: Tables, publish_frames: Publish) -> None:
    board = board_of(tables, publish_frames)
    tile = tile_of(board, "ploar")
    assert tile.figure.value is None
    assert tile.gap is None
    assert ("Readable from", "10 Apr 2026") in tile.facts
    keiko = next(unit for unit in board.units if unit.name.text == "Keiko Sato")
    assert [(cell.mark.word, cell.value) for cell in keiko.cells if cell] == [
        ("Too early", None),
        ("No data", None),
        ("Losing", "60.0%"),
    ]


def test_lower_is_better_is_said_in_words(tables: Tables, publish_frames: Publish) -> None:
    tile = tile_of(board_of(with_company(tables, verdict("circt", "losing", 61.0)), publish_frames), "circt")
    assert (tile.figure.target, tile.gap) == ("at most 45.0\u00a0days", "16.0\u00a0days over target")


def test_a_reach_goal_is_held_against_its_line_and_its_end(tables: Tables, publish_frames: Publish) -> None:
    tile = tile_of(board_of(tables, publish_frames), "arr")
    assert (tile.figure.target, tile.gap) == ("at least $9.4M", "$487.7K below the goal of $10.0M")


def test_a_goal_with_two_conditions_shows_the_second_beside_the_headline(
    tables: Tables, publish_frames: Publish
) -> None:
    board = board_of(tables, publish_frames)
    circt = tile_of(board, "circt")
    assert circt.figure.label == "90th percentile of launched insights"
    assert [(figure.label, figure.target) for figure in circt.conditions] == [
        ("Share resolved within 45 days", "at least 90.0%"),
    ]
    assert list(tile_of(board, "ddqs").conditions) == []


def test_a_cell_without_a_value_shows_the_one_before(tables: Tables, publish_frames: Publish) -> None:
    rows = [
        verdict("ploar", "too_early", None),
        verdict("ploar", "too_early", None, previous_value=0.6666, org_level="squad", squad_id="billing"),
        verdict("ploar", "losing", 0.5, previous_value=0.6666, org_level="squad", squad_id="dispatch"),
    ]
    tables["scoreboard"] = pl.DataFrame(rows, schema=tables["scoreboard"].schema)
    cells = {unit.name.text: unit.cells[0] for unit in board_of(tables, publish_frames).units}
    assert {name: cell and (cell.value, cell.before) for name, cell in cells.items()} == {
        "Company": (None, None),
        "billing": (None, "66.7%"),
        "dispatch": ("50.0%", None),
    }


@pytest.mark.parametrize(
    ("p90", "share", "sentence"),
    [
        (True, False, "launched holds, the share of everything that was resolved in time does not."),
        (False, True, "resolved in time holds, the 90th percentile of what was launched does not."),
        (True, True, "Both readings say the same today."),
        (True, None, "One of the two readings has no value today"),
    ],
)
def test_disagreement_of_the_two_readings_is_said_in_words(
    tables: Tables, publish_frames: Publish, p90: bool, share: bool | None, sentence: str
) -> None:
    tables["circt_by_day"] = tables["circt_by_day"].with_columns(
        is_p90_launched_met=pl.lit(p90),
        is_share_within_45_met=pl.lit(share, dtype=pl.Boolean),
        is_disagreement=pl.lit(None if share is None else p90 != share, dtype=pl.Boolean),
    )
    trend = board_of(tables, publish_frames).trend
    assert trend is not None
    assert sentence in trend.agreement


def test_the_biggest_reason_is_a_lead_measure_and_the_one_lost_in_most_squads(
    tables: Tables, publish_frames: Publish
) -> None:
    reason = board_of(tables, publish_frames).biggest_reason
    assert reason is not None
    assert (reason.metric_id, list(reason.losing_squads)) == ("circt", ["billing", "dispatch"])
    rows = [verdict("nps", "losing", 3.0), verdict("ddqs", "winning", 6.1)]
    reason = board_of(with_company(tables, *rows), publish_frames).biggest_reason
    assert reason is not None
    assert reason.metric_id == "nps"


def test_nobody_losing_gives_no_reason(tables: Tables, publish_frames: Publish) -> None:
    assert board_of(with_company(tables, verdict("arr", "winning", 1e7)), publish_frames).biggest_reason is None


def test_the_half_year_stands_beside_the_present_verdict(tables: Tables, publish_frames: Publish) -> None:
    tile = tile_of(board_of(tables, publish_frames), "ddqs")
    assert tile.pooled is not None
    assert (tile.pooled.period, tile.pooled.mark.word, tile.pooled.text) == ("H2 2025", "Losing", "6.1, n 61")
    assert ("Target held", "3 of 5 quarters") in tile.facts
    assert tile_of(board_of(tables, publish_frames), "arr").pooled is None


def test_people_stand_below_their_squad_by_name(tables: Tables, publish_frames: Publish) -> None:
    units = board_of(tables, publish_frames).units
    assert [(unit.level, unit.name.text) for unit in units[:6]] == [
        ("company", "Company"),
        ("squad", "billing"),
        ("person", "Jonas Berg"),
        ("person", "Keiko Sato"),
        ("person", "Liam Murphy"),
        ("squad", "dispatch"),
    ]
    assert len(units) == 17


def test_somebody_without_a_name_goes_by_their_id(tables: Tables, publish_frames: Publish) -> None:
    tables["dim_people"] = tables["dim_people"].filter(pl.col("display_name") != "Ana Silva")
    assert "ana.silva@cxt.example" in [unit.name.text for unit in board_of(tables, publish_frames).units]


def test_rules_broken_as_errors_come_first_and_then_the_most_broken(tables: Tables, publish_frames: Publish) -> None:
    board = board_of(tables, publish_frames)
    assert (board.error_count, board.warning_count) == (6, 11)
    assert [(rule.severity, rule.count) for rule in board.broken_rules] == [("error", 4), ("error", 2), ("warn", 11)]
    assert board.broken_rules[0].latest == "4 Jan 2026, gate review g-003: decided on 3 January"


def test_unknown_trouble_stays_unknown(tables: Tables, publish_frames: Publish) -> None:
    board = board_of(tables, publish_frames, quarantined=None, failed_tests=None)
    assert (board.quarantined, board.failed_tests) == (None, None)


def test_a_missing_table_is_named(tables: Tables, publish_frames: Publish) -> None:
    del tables["dim_people"]
    with pytest.raises(WarehouseError, match="no table dim_people"):
        board_of(tables, publish_frames)


def test_a_missing_column_is_named(tables: Tables, publish_frames: Publish) -> None:
    tables["scoreboard"] = tables["scoreboard"].drop("status_reason")
    with pytest.raises(MissingColumnError, match="scoreboard lacks status_reason"):
        board_of(tables, publish_frames)


def test_a_board_without_a_company_goal_is_refused(tables: Tables, publish_frames: Publish) -> None:
    with pytest.raises(WarehouseError, match="no goal of the company"):
        board_of(with_company(tables), publish_frames)
