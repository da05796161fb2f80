from pathlib import Path

import polars as pl
import pytest

from metrics_py.assistant.strata import SMALL, stratum_effects
from metrics_py.publish.reader import Snapshot
from tests.unit.reports.company import publish_tables

# wave, stratum, frame, promoters, passives, detractors
WAVES = [
    ("2025Q3", "new", 100, 10, 5, 5),
    ("2025Q3", "old", 300, 6, 6, 18),
    ("2025Q3", "rare", 20, 2, 1, 0),
    ("2025Q3", "tiny", 30, 1, 0, 1),
    ("2025Q4", "new", 200, 8, 4, 8),
    ("2025Q4", "old", 280, 12, 6, 12),
    ("2025Q4", "rare", 20, 0, 1, 3),
    ("2025Q4", "tiny", 25, 0, 0, 0),
]
FEWEST = 10


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return made(tmp_path_factory.mktemp("waves") / "published", WAVES)


def made(folder: Path, waves: list[tuple[str, str, int, int, int, int]]) -> Snapshot:
    answers = [
        {"response_id": f"{wave}-{stratum}-{kind}-{number}", "wave_id": wave, "stratum": stratum, "nps_class": kind}
        for wave, stratum, _, *counts in waves
        for kind, count in zip(("promoter", "passive", "detractor"), counts, strict=True)
        for number in range(count)
    ]
    strata = [
        {
            "wave_id": wave,
            "stratum": stratum,
            "frame_count": frame,
            "scored_count": sum(counts),
            "is_suppressed": sum(counts) < FEWEST,
        }
        for wave, stratum, frame, *counts in waves
    ]
    tables = {"fct_survey_responses": pl.DataFrame(answers), "nps_by_stratum": pl.DataFrame(strata)}
    return Snapshot(publish_tables(folder, tables))


def ids(snapshot: Snapshot, wave: str) -> list[str]:
    return snapshot.read_all("fct_survey_responses").filter(wave_id=pl.lit(wave))["response_id"].to_list()


def headline(wave: str, waves: list[tuple[str, str, int, int, int, int]]) -> float:
    """The definition: the mean of the strata that answered, weighted by their users."""
    held = [(frame, counts) for name, _, frame, *counts in waves if name == wave and sum(counts)]
    return sum(frame * 100 * (c[0] - c[2]) / sum(c) for frame, c in held) / sum(frame for frame, _ in held)


def test_the_parts_sum_to_the_change_of_the_weighted_value(snapshot: Snapshot) -> None:
    effects, note = stratum_effects(snapshot, (ids(snapshot, "2025Q3"), ids(snapshot, "2025Q4")))
    assert note is None
    change = headline("2025Q4", WAVES) - headline("2025Q3", WAVES)
    assert sum(effect.effect or 0 for effect in effects) == pytest.approx(change, abs=1e-12)
    assert {effect.component for effect in effects} == {"rate", "mix"}


def test_a_stratum_of_few_answers_is_never_shown_by_itself(snapshot: Snapshot) -> None:
    effects, _ = stratum_effects(snapshot, (ids(snapshot, "2025Q3"), ids(snapshot, "2025Q4")))
    rows = {effect.row.removeprefix("stratum:") for effect in effects}
    # "rare" and "tiny" have 5 and 4 answers together, so that a bigger one has to join them.
    assert rows & {"rare", "tiny"} == set()
    assert SMALL in rows
    together = [name for name in ("new", "old") if name not in rows]
    assert len(together) == 1


def test_when_nothing_but_the_weights_moves_all_is_mix(tmp_path: Path) -> None:
    waves = [("a", "x", 100, 8, 1, 3), ("a", "y", 100, 3, 1, 8), ("b", "x", 300, 8, 1, 3), ("b", "y", 100, 3, 1, 8)]
    snapshot = made(tmp_path / "published", waves)
    effects, _ = stratum_effects(snapshot, (ids(snapshot, "a"), ids(snapshot, "b")))
    assert {effect.component for effect in effects if effect.effect} == {"mix"}
    assert sum(effect.effect or 0 for effect in effects) == pytest.approx(headline("b", waves) - headline("a", waves))


def test_a_stratum_that_nobody_answered_before_enters(tmp_path: Path) -> None:
    waves = [("a", "x", 100, 8, 1, 3), ("b", "x", 100, 8, 1, 3), ("b", "y", 100, 3, 1, 8)]
    snapshot = made(tmp_path / "published", waves)
    effects, _ = stratum_effects(snapshot, (ids(snapshot, "a"), ids(snapshot, "b")))
    assert "entry" in {effect.component for effect in effects}
    assert sum(effect.effect or 0 for effect in effects) == pytest.approx(headline("b", waves) - headline("a", waves))


def test_where_every_stratum_is_small_the_reason_is_said(tmp_path: Path) -> None:
    snapshot = made(tmp_path / "published", [("a", "x", 10, 2, 1, 0), ("b", "x", 10, 1, 1, 1)])
    effects, note = stratum_effects(snapshot, (ids(snapshot, "a"), ids(snapshot, "b")))
    assert effects == []
    assert note is not None
    assert "too few answers" in note
