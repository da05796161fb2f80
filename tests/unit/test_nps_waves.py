import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics_py.errors import MissingColumnError
from metrics_py.nps import nps_from_counts, nps_post_stratified, nps_post_stratified_from_counts
from metrics_py.nps_waves import nps_by_wave


def strata(*rows: tuple[str, str, bool, int, int, int, int]) -> pl.DataFrame:
    names = ["wave_id", "stratum", "has_frame", "frame_count", "promoter_count", "passive_count", "detractor_count"]
    return pl.DataFrame(rows, schema=names, orient="row")


FRAMED = [("w1", "new|high", True, 3000, 20, 30, 30), ("w1", "old|low", True, 7000, 12, 5, 3)]


def test_strata_count_as_in_the_frame_and_not_as_they_answered() -> None:
    wave = nps_by_wave(strata(*FRAMED)).row(0, named=True)
    assert wave["unweighted_nps"] == pytest.approx(-1.0)
    assert wave["post_stratified_nps"] == pytest.approx(27.75)
    assert wave["post_stratified_population"] == 10_000
    assert wave["post_stratified_population_covered"] == 10_000


def test_the_headline_from_counts_is_the_one_from_the_answers() -> None:
    answers = pl.DataFrame(
        {
            "stratum": ["new|high"] * 80 + ["old|low"] * 20,
            "score": [9] * 20 + [7] * 30 + [0] * 30 + [10] * 12 + [8] * 5 + [6] * 3,
        }
    )
    frame = pl.DataFrame({"stratum": ["new|high", "old|low"], "size": [3000, 7000]})
    expected = nps_post_stratified(answers, frame, cell="stratum", size="size", single="centre")
    wave = nps_by_wave(strata(*FRAMED))
    for name in ("nps", "se", "ci_low", "ci_high", "n_effective"):
        assert wave[f"post_stratified_{name}"][0] == pytest.approx(expected[name][0])


def test_a_stratum_nobody_answered_is_uncovered_population() -> None:
    wave = nps_by_wave(strata(*FRAMED, ("w1", "old|high", True, 2000, 0, 0, 0))).row(0, named=True)
    assert wave["post_stratified_nps"] == pytest.approx(27.75)
    assert wave["post_stratified_population"] == 12_000
    assert wave["post_stratified_population_covered"] == 10_000


def test_a_lone_answer_adds_to_the_error_instead_of_hiding_it() -> None:
    lone = [*FRAMED, ("w1", "old|high", True, 2000, 1, 0, 0)]
    counts = strata(*lone).rename(
        {"promoter_count": "promoters", "passive_count": "passives", "detractor_count": "detractors"}
    )
    hidden = nps_post_stratified_from_counts(counts, size="frame_count", single="remove")["se"][0]
    assert nps_by_wave(strata(*lone))["post_stratified_se"][0] > hidden


def test_a_wave_without_a_frame_keeps_only_its_unweighted_score() -> None:
    waves = nps_by_wave(strata(("w0", "(none)", False, 0, 5, 3, 2), *FRAMED))
    assert waves["wave_id"].to_list() == ["w0", "w1"]
    assert waves["unweighted_nps"].to_list() == pytest.approx([30.0, -1.0])
    assert waves["post_stratified_nps"][0] is None


def test_without_any_frame_the_columns_are_there_and_null() -> None:
    waves = nps_by_wave(strata(("w0", "(none)", False, 0, 5, 3, 2)))
    assert waves.schema == nps_by_wave(strata(*FRAMED)).schema
    assert waves["post_stratified_nps"].to_list() == [None]


def test_a_framed_wave_without_answers_has_no_score() -> None:
    wave = nps_by_wave(strata(("w1", "new|high", True, 100, 0, 0, 0))).row(0, named=True)
    assert wave["unweighted_nps"] is None
    assert wave["post_stratified_nps"] is None


def test_waves_do_not_mix() -> None:
    later = [("w2", stratum, framed, size, 1, 1, 8) for _, stratum, framed, size, *_ in FRAMED]
    both = nps_by_wave(strata(*later, *FRAMED))
    assert_frame_equal(both.filter(pl.col("wave_id") == "w1"), nps_by_wave(strata(*FRAMED)))


def test_the_unweighted_interval_is_the_adjusted_wald() -> None:
    wave = nps_by_wave(strata(*FRAMED)).row(0, named=True)
    counts = pl.DataFrame({"promoters": [32], "passives": [35], "detractors": [33]})
    expected = nps_from_counts(counts).row(0, named=True)
    assert (wave["unweighted_ci_low"], wave["unweighted_ci_high"]) == (expected["ci_low"], expected["ci_high"])


def test_no_waves_give_no_rows() -> None:
    assert nps_by_wave(strata(*FRAMED).clear()).height == 0


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnError, match="frame_count"):
        nps_by_wave(strata(*FRAMED).drop("frame_count"))
