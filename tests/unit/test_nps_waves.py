import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics_py.errors import MissingColumnError, UnusableInputError
from metrics_py.interval import wilson_interval
from metrics_py.nps import nps_change, nps_from_counts, nps_post_stratified, nps_post_stratified_from_counts, nps_raked
from metrics_py.nps_waves import (
    nps_by_segment,
    nps_by_wave,
    nps_changes,
    nps_of_waves_and_segments,
    target_change,
    with_answers_needed,
)


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


CLASS_OF = {10: "promoter", 8: "passive", 0: "detractor"}


def answers(people: range, wave: str) -> pl.DataFrame:
    """Made-up answers: stratum and score depend on the person, the score on the wave, too."""
    shift = 0 if wave == "w1" else 2
    return pl.DataFrame(
        {
            "respondent_id": [f"u{n}" for n in people],
            "stratum": ["new|light" if n % 3 else "old|heavy" for n in people],
            "score": [[0, 8, 10, 10, 0][(n + (shift if n % 4 == 0 else 0)) % 5] for n in people],
        }
    )


def counted(waves: dict[str, pl.DataFrame], sizes: dict[str, int], *, has_frame: bool = True) -> pl.DataFrame:
    previous = dict(zip(list(waves)[1:], waves, strict=False))
    rows = [
        {
            **{"wave_id": wave, "stratum": stratum, "previous_wave_id": previous.get(wave)},
            **{"has_frame": has_frame, "frame_count": size if has_frame else 0},
            **{
                f"{name}_count": given.filter((pl.col("stratum") == stratum) & (pl.col("score") == score)).height
                for score, name in CLASS_OF.items()
            },
        }
        for wave, given in waves.items()
        for stratum, size in sizes.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"previous_wave_id": pl.String})


def moved(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    def named(score: str) -> pl.Expr:
        return pl.col(score).replace_strict(CLASS_OF, return_dtype=pl.String)

    both = after.join(before, on="respondent_id", suffix="_before")
    counts = both.group_by(
        "stratum",
        named("score").alias("nps_class"),
        pl.col("stratum_before").alias("previous_stratum"),
        named("score_before").alias("previous_nps_class"),
    ).agg(pl.len().alias("user_count"))
    return counts.with_columns(wave_id=pl.lit("w2"), is_from_wave_before=pl.lit(True))


SIZES = {"new|light": 400, "old|heavy": 300}
W1, W2 = answers(range(120), "w1"), answers(range(60, 200), "w2")


@pytest.mark.parametrize("has_frame", [True, False])
def test_the_change_from_counts_is_the_one_from_the_answers(has_frame: bool) -> None:
    strata_counts = counted({"w1": W1, "w2": W2}, SIZES, has_frame=has_frame)
    population = pl.DataFrame({"stratum": list(SIZES), "size": list(SIZES.values())})
    weights = {"populations": (population, population), "cell": "stratum", "single": "centre"} if has_frame else {}
    expected = nps_change(W1, W2, **weights).row(0, named=True)  # type: ignore[arg-type]
    found = nps_changes(strata_counts, moved(W1, W2)).row(1, named=True)
    assert found["change_reading"] == ("post_stratified" if has_frame else "unweighted")
    assert found["both_answered_count"] == expected["n_both"] == 60
    for name, reference in {
        "change": "change",
        "change_se": "se",
        "change_ci_low": "ci_low",
        "change_ci_high": "ci_high",
    }.items():
        assert found[name] == pytest.approx(expected[reference])


def test_people_in_both_waves_make_the_change_surer() -> None:
    strata_counts, moves = counted({"w1": W1, "w2": W2}, SIZES), moved(W1, W2)
    known = nps_changes(strata_counts, moves).row(1, named=True)
    unknown = nps_changes(strata_counts, moves.clear()).row(1, named=True)
    assert known["change"] == pytest.approx(unknown["change"])
    assert known["change_se"] < unknown["change_se"]


def test_the_first_wave_and_a_wave_after_silence_have_no_change() -> None:
    changes = nps_changes(counted({"w1": W1.clear(), "w2": W2}, SIZES), moved(W1, W2).clear())
    assert changes["change"].to_list() == [None, None]
    assert changes["previous_wave_id"].to_list() == [None, "w1"]


def test_moves_from_a_wave_further_back_say_nothing_about_this_change() -> None:
    strata_counts, moves = counted({"w1": W1, "w2": W2}, SIZES), moved(W1, W2)
    further = moves.with_columns(is_from_wave_before=pl.lit(False))
    assert nps_changes(strata_counts, further)["both_answered_count"].to_list() == [None, 0]


def test_more_people_in_both_waves_than_in_one_are_refused() -> None:
    moves = moved(W1, W2).with_columns(user_count=pl.lit(500))
    with pytest.raises(UnusableInputError, match="no more people can have answered both waves"):
        nps_changes(counted({"w1": W1, "w2": W2}, SIZES), moves)


def test_is_20_different_from_6_takes_526_answers_a_wave_or_601_to_be_safe() -> None:
    wave = nps_by_wave(strata(("w1", "(none)", False, 0, 36, 34, 30)))
    needed = with_answers_needed(wave, change=14.0).row(0, named=True)
    assert (needed["answers_needed"], needed["answers_needed_cautious"]) == (526, 601)
    assert (needed["unweighted_nps"], round(needed["unweighted_se"], 1)) == (pytest.approx(6.0), 8.1)


@pytest.mark.parametrize("change", [None, 0.0])
def test_without_a_target_no_answers_are_needed(change: float | None) -> None:
    needed = with_answers_needed(nps_by_wave(strata(*FRAMED)), change=change)
    assert needed["answers_needed"].to_list() == needed["answers_needed_cautious"].to_list() == [None]


def test_the_newest_goal_says_which_change_is_wanted() -> None:
    goals = pl.DataFrame(
        {
            "metric_id": ["nps", "nps", "arr"],
            "goal_type": ["reach", "reach", "reach"],
            "baseline": [20.0, 6.0, 8e6],
            "target": [25.0, 20.0, 1e7],
            "period_start": ["2026-01-01", "2025-01-01", "2027-01-01"],
        }
    )
    assert target_change(goals) == 5.0
    assert target_change(goals.clear()) is None


def test_kish_n_of_the_two_strata_is_39() -> None:
    assert nps_by_wave(strata(*FRAMED))["n_kish"][0] == pytest.approx(39.02, abs=0.01)


def test_every_interval_of_the_unweighted_score_is_there() -> None:
    wave = nps_by_wave(strata(*FRAMED)).row(0, named=True)
    counts = pl.DataFrame({"promoters": [32], "passives": [35], "detractors": [33]})
    for interval in ("wald", "t", "score"):
        expected = nps_from_counts(counts, interval=interval).row(0, named=True)
        assert wave[f"unweighted_{interval}_ci_low"] == expected["ci_low"]
        assert wave[f"unweighted_{interval}_ci_high"] == expected["ci_high"]


def test_representativeness_is_what_need_not_come_from_another_stratum() -> None:
    # 80 of 100 answers from 30% of the frame: half of the answers would have to come from the other stratum.
    assert nps_by_wave(strata(*FRAMED))["representativeness"][0] == pytest.approx(0.5)


def test_the_raked_score_is_the_one_from_the_answers() -> None:
    given = answers(range(200), "w1").with_columns(
        tenure_band=pl.col("stratum").str.head(3), engagement_band=pl.lit("light")
    )
    given = given.with_columns(stratum=pl.col("tenure_band") + "|light")
    margins = pl.DataFrame(
        {
            "variable": ["tenure_band", "tenure_band", "engagement_band"],
            "level": ["new", "old", "light"],
            "size": [500, 400, 900],
        }
    )
    expected = nps_raked(given, margins).row(0, named=True)
    found = nps_by_wave(counted({"w1": given}, {"new|light": 500, "old|light": 400})).row(0, named=True)
    for name in ("nps", "ci_low", "ci_high"):
        assert found[f"raked_{name}"] == pytest.approx(expected[name])


def test_a_band_nobody_answered_leaves_no_raked_score() -> None:
    wave = nps_by_wave(strata(*FRAMED, ("w1", "idle|high", True, 2000, 0, 0, 0))).row(0, named=True)
    assert wave["raked_nps"] is None
    assert wave["post_stratified_nps"] is not None


def test_strata_that_are_not_two_bands_are_not_raked() -> None:
    assert nps_by_wave(strata(("w1", "everybody", True, 300, 20, 30, 30)))["raked_nps"].to_list() == [None]


def segments(*rows: tuple[str, int, int, int, int, int]) -> pl.DataFrame:
    names = ["promoter_count", "passive_count", "detractor_count", "previous_detractor_count", "became_promoter_count"]
    frame = pl.DataFrame(rows, schema=["segment", *names], orient="row")
    return frame.with_columns(wave_id=pl.lit("w1"), segment_kind=pl.lit("channel"))


def test_a_segment_has_its_own_score_and_its_converted_detractors() -> None:
    email, in_app = nps_by_segment(segments(("email", 16, 14, 6, 0, 0), ("in-app", 1, 0, 1, 8, 2))).rows(named=True)
    assert [round(email[f"unweighted_{name}"], 1) for name in ("nps", "ci_low", "ci_high")] == [27.8, 2.6, 48.6]
    assert (email["became_promoter_share"], email["became_promoter_ci_low"]) == (None, None)
    assert in_app["became_promoter_share"] == 0.25
    assert (in_app["became_promoter_ci_low"], in_app["became_promoter_ci_high"]) == wilson_interval(2, 8)


def test_waves_and_segments_stand_in_one_frame() -> None:
    goals = pl.DataFrame(
        {"metric_id": ["nps"], "goal_type": ["reach"], "baseline": [6.0], "target": [20.0], "period_start": ["2025"]}
    )
    everything = nps_of_waves_and_segments(
        counted({"w1": W1, "w2": W2}, SIZES), moved(W1, W2), segments(("email", 1, 1, 1, 0, 0)), goals
    )
    keys = everything.select("wave_id", "segment_kind", "segment").rows()
    assert keys == [("w1", "channel", "email"), ("w1", "wave", "all"), ("w2", "wave", "all")]
    assert everything["change"].is_null().to_list() == [True, True, False]


def test_nothing_asked_gives_no_rows_but_every_column() -> None:
    full = counted({"w1": W1, "w2": W2}, SIZES)
    goals = pl.DataFrame(schema=["metric_id", "goal_type", "baseline", "target", "period_start"])
    moves, segment = moved(W1, W2), segments(("email", 1, 1, 1, 0, 0))
    nothing = nps_of_waves_and_segments(full.clear(), moves.clear(), segment.clear(), goals)
    assert nothing.height == 0
    assert nothing.schema == nps_of_waves_and_segments(full, moves, segment, goals).schema
