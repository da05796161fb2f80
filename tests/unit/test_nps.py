import decimal
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metrics_py
from metrics_py.errors import MissingColumnError, OutOfRangeError, UnusableInputError
from metrics_py.nps import (
    answers_needed,
    classify,
    nps,
    nps_change,
    nps_from_counts,
    nps_post_stratified,
    nps_post_stratified_from_counts,
    nps_raked,
    nps_stratified,
    nps_stratified_from_counts,
)

brisk = settings(max_examples=40, deadline=None)

COLUMNS = ["n", "nps", "se", "ci_low", "ci_high", "n_effective", "population", "population_covered"]
NULL_WITHOUT_ANSWERS = ["nps", "se", "ci_low", "ci_high", "n_effective"]
KINDS = ["adjusted_wald", "adjusted_wald_z2", "wald", "t", "score"]


def answers(promoters, passives, detractors, **columns):
    scores = [10] * promoters + [7] * passives + [0] * detractors
    frame = pl.DataFrame({"score": scores}, schema={"score": pl.Int64})
    return frame.with_columns(pl.lit(value).alias(name) for name, value in columns.items())


def row_of(frame):
    assert frame.height == 1
    return frame.row(0, named=True)


TWO_STRATA = pl.concat([answers(20, 30, 30, band="a"), answers(12, 5, 3, band="b")])
FRAME = pl.DataFrame({"band": ["a", "b"], "users": [3_000, 7_000]})


# Classes


@pytest.mark.parametrize(
    "raw", [True, False, "true", date(2026, 1, 1), "nine", -1, 11, 6.5, float("nan"), float("inf")]
)
def test_what_is_not_a_score_is_never_a_detractor(raw):
    assert classify(raw) == "INVALID"
    assert classify(pl.Series([raw])).to_list() == ["INVALID"]


@pytest.mark.parametrize("raw", [None, "", "  "])
def test_blank_is_missing(raw):
    assert classify(raw) == "MISSING"


@pytest.mark.parametrize("raw", [9, 9.0, "9", "9.0", "+9", decimal.Decimal(9)])
def test_a_score_may_come_as_any_number_or_text(raw):
    assert classify(raw) == "promoter"


def test_a_column_of_nulls_without_a_type_is_missing():
    assert classify(pl.Series([None, None])).to_list() == ["MISSING", "MISSING"]


# Unweighted


def test_one_hundred_answers_with_36_34_30_score_6_with_an_error_of_8_1():
    result = row_of(nps(answers(36, 34, 30)))
    assert result["nps"] == pytest.approx(6)
    assert round(result["se"], 1) == 8.1


def test_results_have_the_stated_columns_first():
    assert nps(answers(1, 1, 1)).columns[:8] == COLUMNS
    assert nps_stratified(TWO_STRATA, FRAME, stratum="band", size="users").columns[:8] == COLUMNS
    assert nps_post_stratified(TWO_STRATA, FRAME, cell="band", size="users").columns[:8] == COLUMNS


@pytest.mark.parametrize("kind", KINDS)
def test_no_answers_are_null_and_not_zero(kind):
    result = row_of(nps(pl.DataFrame({"score": [None, "", "abc", "11"]}), interval=kind))
    assert result["n"] == 0
    assert [result[name] for name in NULL_WITHOUT_ANSWERS] == [None] * 5


def test_counts_without_rows_are_null_and_not_zero():
    empty = pl.DataFrame(schema={"promoters": pl.Int64, "passives": pl.Int64, "detractors": pl.Int64})
    assert row_of(nps_from_counts(empty))["nps"] is None


def test_groups_are_scored_apart_and_an_unscored_group_is_kept():
    responses = pl.DataFrame({"wave": ["Q1", "Q1", "Q2"], "score": ["10", "0", "n/a"]})
    assert nps(responses, by="wave").select("wave", "n", "nps").rows() == [("Q1", 2, 0.0), ("Q2", 0, None)]


def test_invalid_answers_change_nothing():
    dirty = pl.concat([answers(3, 2, 1).cast(pl.String), pl.DataFrame({"score": ["11", "6.5", None, "abc"]})])
    assert nps(dirty).equals(nps(answers(3, 2, 1)))


triples = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)).filter(any)


@brisk
@given(counts=triples, kind=st.sampled_from(KINDS))
def test_every_interval_stays_on_the_scale_and_mirrors_when_promoters_and_detractors_swap(counts, kind):
    result = row_of(nps(answers(*counts), interval=kind))
    mirrored = row_of(nps(answers(*reversed(counts)), interval=kind))
    assert mirrored["nps"] == pytest.approx(-result["nps"])
    if result["ci_low"] is None:
        assert (kind, result["n"]) == ("t", 1)
    else:
        assert -100 <= result["ci_low"] <= result["ci_high"] <= 100
        assert (mirrored["ci_low"], mirrored["ci_high"]) == pytest.approx((-result["ci_high"], -result["ci_low"]))


@brisk
@given(counts=triples)
def test_counts_add_up_over_any_split(counts):
    promoters, passives, detractors = counts
    split = pl.DataFrame(
        {"promoters": [promoters, 0], "passives": [0, passives], "detractors": [detractors, 0]},
        schema_overrides={"promoters": pl.UInt32, "detractors": pl.UInt32},
    )
    assert nps_from_counts(split).equals(nps(answers(*counts)))


def test_counts_that_are_no_counts_are_refused():
    for wrong in (-1, 1.5, None):
        with pytest.raises(OutOfRangeError, match="passives of the counts must be a whole number"):
            nps_from_counts(pl.DataFrame({"promoters": [1.0], "passives": [wrong], "detractors": [1.0]}))


def test_a_population_smaller_than_its_answers_or_of_two_sizes_is_refused():
    counts = pl.DataFrame({"promoters": [3, 1], "passives": [3, 1], "detractors": [3, 1], "users": [8, 100]})
    with pytest.raises(UnusableInputError, match="found 8 for 9 answers"):
        nps_from_counts(counts.head(1), population="users")
    with pytest.raises(UnusableInputError, match="one size per group"):
        nps_from_counts(counts, population="users")


def test_a_missing_column_or_an_unknown_interval_is_refused():
    with pytest.raises(MissingColumnError, match="'score'"):
        nps(pl.DataFrame({"answer": [9]}))
    with pytest.raises(UnusableInputError, match="adjusted_wald"):
        nps(answers(1, 1, 1), interval="bootstrap")
    with pytest.raises(OutOfRangeError, match=r"confidence=0\.95"):
        nps(answers(1, 1, 1), confidence=95)


# Stratified and post-stratified


def test_two_strata_move_the_score_from_minus_1_to_27_75_with_a_kish_n_of_39():
    for result in (
        nps_post_stratified(TWO_STRATA, FRAME, cell="band", size="users"),
        nps_stratified(TWO_STRATA, FRAME, stratum="band", size="users"),
        nps_post_stratified(TWO_STRATA, FRAME.with_columns(pl.col("users") / 10_000), cell="band", size="users"),
    ):
        assert row_of(result)["nps_unweighted"] == pytest.approx(-1)
        assert row_of(result)["nps"] == pytest.approx(27.75)
        assert round(row_of(result)["n_kish"]) == 39


def test_the_interval_is_the_adjusted_wald_on_the_effective_n():
    result = row_of(nps_post_stratified(TWO_STRATA, FRAME, cell="band", size="users"))
    promoters, detractors = 0.3 * 20 / 80 + 0.7 * 12 / 20, 0.3 * 30 / 80 + 0.7 * 3 / 20
    variance = promoters + detractors - (promoters - detractors) ** 2
    effective = variance / (result["se"] / 100) ** 2
    assert result["n_effective"] == pytest.approx(effective)
    adjusted = [(share * effective + 0.75) / (effective + 3) for share in (promoters, detractors)]
    centre = adjusted[0] - adjusted[1]
    reach = 1.959963985 * ((sum(adjusted) - centre**2) / (effective + 3)) ** 0.5
    assert (result["ci_low"], result["ci_high"]) == pytest.approx((100 * (centre - reach), 100 * (centre + reach)))


def test_a_centred_single_answer_enters_with_its_distance_from_the_overall_score():
    responses = pl.concat([answers(4, 3, 3, band="a"), answers(1, 0, 0, band="b")])
    population = pl.DataFrame({"band": ["a", "b"], "users": [60, 40]})
    overall = 0.6 * 0.1 + 0.4
    values = [0.06 * (net - 0.1) for net in [1] * 4 + [0] * 3 + [-1] * 3] + [0.4 * (1 - overall)]
    mean = sum(values) / 11
    expected = 100 * ((1 - 11 / 100) * 11 / 10 * sum((value - mean) ** 2 for value in values)) ** 0.5
    centred = nps_post_stratified(responses, population, cell="band", size="users", single="centre")
    removed = nps_post_stratified(responses, population, cell="band", size="users")
    assert row_of(centred)["se"] == pytest.approx(expected)
    assert row_of(removed)["se"] < row_of(centred)["se"]


def test_merging_cells_by_name_is_merging_them_by_hand():
    population = FRAME.with_columns(into=pl.Series([None, "a"]))
    for estimate, key in ((nps_stratified, "stratum"), (nps_post_stratified, "cell")):
        merged = estimate(TWO_STRATA, population, size="users", collapse_to="into", **{key: "band"})
        by_hand = estimate(
            TWO_STRATA.with_columns(band=pl.lit("a")),
            pl.DataFrame({"band": ["a"], "users": [10_000]}),
            size="users",
            **{key: "band"},
        )
        assert merged.equals(by_hand)
        with pytest.raises(UnusableInputError, match="needs a single cell column"):
            estimate(TWO_STRATA, population, size="users", collapse_to="into", **{key: ["band", "score"]})


def test_a_stratum_nobody_answered_is_reported_as_uncovered():
    population = pl.concat([FRAME, pl.DataFrame({"band": ["c"], "users": [500]})])
    for result in (
        nps_post_stratified(TWO_STRATA, population, cell="band", size="users"),
        nps_stratified(TWO_STRATA, population, stratum="band", size="users"),
    ):
        assert (row_of(result)["population"], row_of(result)["population_covered"]) == (10_500, 10_000)
        assert row_of(result)["nps"] == pytest.approx(27.75)


def test_a_wave_nobody_answered_keeps_its_population_and_has_no_score():
    for responses in (TWO_STRATA.clear(), pl.DataFrame({"band": [None], "score": [None]})):
        for result in (
            nps_post_stratified(responses, FRAME, cell="band", size="users"),
            nps_stratified(responses, FRAME, stratum="band", size="users"),
        ):
            assert [row_of(result)[name] for name in NULL_WITHOUT_ANSWERS] == [None] * 5
            assert (row_of(result)["population"], row_of(result)["population_covered"]) == (10_000, 0)


def test_waves_and_cells_of_several_columns_are_scored_as_if_alone():
    first = answers(5, 3, 2, wave="Q1", tenure="new", use="low")
    second = pl.concat(
        [answers(2, 1, 4, wave="Q2", tenure="new", use="low"), answers(3, 3, 3, wave="Q2", tenure="old", use="low")]
    )
    population = pl.DataFrame(
        {"wave": ["Q1", "Q2", "Q2"], "tenure": ["new", "new", "old"], "use": ["low"] * 3, "users": [90, 40, 60]}
    )
    together = nps_post_stratified(
        pl.concat([first, second]), population, cell=["tenure", "use"], size="users", by="wave"
    )
    alone = nps_post_stratified(second, population.filter(pl.col("wave") == "Q2"), cell=["tenure", "use"], size="users")
    assert together["wave"].to_list() == ["Q1", "Q2"]
    assert together.drop("wave")[1].equals(alone)


def test_when_every_cell_answers_alike_the_effective_n_is_the_number_of_answers():
    responses = pl.concat([answers(10, 0, 0, band="a"), answers(0, 0, 10, band="b")])
    result = row_of(nps_post_stratified(responses, FRAME, cell="band", size="users"))
    assert (result["se"], result["n_effective"]) == (0.0, 20.0)
    assert result["ci_low"] < result["nps"] < result["ci_high"]


def test_one_answer_has_a_score_and_no_error():
    result = row_of(nps_post_stratified(answers(1, 0, 0, band="a"), FRAME, cell="band", size="users"))
    assert (result["nps"], result["se"], result["ci_low"]) == (100.0, None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda frame: frame.head(1), "answers outside the population: band='b'"),
        (lambda frame: pl.concat([frame, frame]), "list each of"),
        (lambda frame: frame.with_columns(users=pl.Series([79, 7_000])), "80 answers for users 79"),
        (lambda frame: frame.with_columns(users=pl.Series([0, 7_000])), "80 answers for users 0"),
        (lambda frame: frame.with_columns(band=pl.Series(["a", None])), "1 rows lack one"),
        (lambda frame: frame.with_columns(band=pl.Series([1, 2])), "cast one of them"),
    ],
)
def test_a_population_that_does_not_fit_the_answers_is_refused(change, reason):
    for estimate, key in ((nps_stratified, "stratum"), (nps_post_stratified, "cell")):
        with pytest.raises(UnusableInputError, match=reason):
            estimate(TWO_STRATA, change(FRAME), size="users", **{key: "band"})


def test_sizes_that_are_no_sizes_are_refused():
    for wrong in (-1, None, float("nan")):
        with pytest.raises(OutOfRangeError, match="users of the population must be 0 or more"):
            nps_stratified(
                TWO_STRATA,
                FRAME.with_columns(users=pl.Series([wrong, 7.0], strict=False)),
                stratum="band",
                size="users",
            )


def test_an_unknown_treatment_of_single_answers_is_refused():
    with pytest.raises(UnusableInputError, match="'centre', 'remove'"):
        nps_post_stratified(TWO_STRATA, FRAME, cell="band", size="users", single="average")


cells = st.lists(st.tuples(triples, st.integers(200, 5_000)), min_size=1, max_size=5)


@brisk
@given(cells=cells)
def test_weights_proportional_to_the_answers_change_nothing(cells):
    rows = [(*counts, 7 * sum(counts)) for counts, _ in cells]
    frame = pl.DataFrame(rows, schema=["promoters", "passives", "detractors", "users"], orient="row")
    weighted, plain = row_of(nps_post_stratified_from_counts(frame, size="users")), row_of(nps_from_counts(frame))
    assert weighted["nps"] == pytest.approx(plain["nps"])
    assert weighted["n_kish"] == pytest.approx(plain["n"])


@brisk
@given(cells=cells)
def test_weighted_scores_lie_between_their_cells_and_errors_are_ordered(cells):
    rows = [(*counts, size) for counts, size in cells]
    frame = pl.DataFrame(rows, schema=["promoters", "passives", "detractors", "users"], orient="row")
    by_cell = [
        100 * (promoters - detractors) / (promoters + passives + detractors)
        for promoters, passives, detractors, _ in rows
    ]
    for estimate in (nps_stratified_from_counts, nps_post_stratified_from_counts):
        result = row_of(estimate(frame, size="users", single="remove"))
        assert min(by_cell) - 1e-9 <= result["nps"] <= max(by_cell) + 1e-9
        assert result["n_kish"] <= result["n"] + 1e-9
    removed = row_of(nps_stratified_from_counts(frame, size="users", single="remove"))
    centred = row_of(nps_stratified_from_counts(frame, size="users", single="centre"))
    assert removed["se"] <= centred["se"] + 1e-9


@brisk
@given(cells=cells, seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(cells, seed):
    rows = [(*counts, size) for counts, size in cells]
    shuffled = seed.sample(rows, len(rows))
    names = ["promoters", "passives", "detractors", "users"]
    results = [
        row_of(nps_post_stratified_from_counts(pl.DataFrame(order, schema=names, orient="row"), size="users"))
        for order in (rows, shuffled)
    ]
    assert results[0] == pytest.approx(results[1], nan_ok=False)


# Raked


def test_raking_on_a_single_margin_is_post_stratification():
    margins = FRAME.select(
        pl.lit("band").alias("variable"), pl.col("band").alias("level"), pl.col("users").alias("size")
    )
    raked = row_of(nps_raked(TWO_STRATA, margins))
    weighted = row_of(nps_post_stratified(TWO_STRATA, FRAME, cell="band", size="users"))
    assert raked == pytest.approx(weighted)


def test_a_raked_wave_nobody_answered_has_no_score():
    margins = FRAME.select(
        pl.lit("band").alias("variable"), pl.col("band").alias("level"), pl.col("users").alias("size")
    )
    result = row_of(nps_raked(TWO_STRATA.clear(), margins))
    assert [result[name] for name in NULL_WITHOUT_ANSWERS] == [None] * 5
    assert (result["population"], result["population_covered"]) == (10_000, 0)


# Change and power


def test_answers_needed_to_see_20_instead_of_6():
    assert answers_needed(14, variance=(0.6564, 0.62)) == 512
    assert answers_needed(14, variance=0.6564) == 526
    assert answers_needed(14) == answers_needed(-14, variance=0.75) == 601
    assert answers_needed(14, design_effect=2) == 1_202


@brisk
@given(change=st.floats(1, 200), variance=st.floats(0.01, 1))
def test_the_answers_needed_give_the_power_and_one_fewer_does_not(change, variance):
    from statistics import NormalDist

    def power(n):
        return NormalDist().cdf(change / (100 * (2 * variance / n) ** 0.5) - NormalDist().inv_cdf(0.975))

    needed = answers_needed(change, variance=variance)
    assert power(needed) >= 0.8 - 1e-9
    assert needed == 1 or power(needed - 1) < 0.8 + 1e-9


@pytest.mark.parametrize(
    "given", [{"change": 0}, {"change": 250}, {"variance": 1.2}, {"variance": -0.1}, {"power": 1}, {"design_effect": 0}]
)
def test_impossible_questions_about_power_are_refused(given):
    with pytest.raises(OutOfRangeError):
        answers_needed(**({"change": 14} | given))


def people(scores, prefix=""):
    names = [f"{prefix}{position}" for position in range(len(scores))]
    return pl.DataFrame({"respondent_id": names, "score": scores}, schema_overrides={"score": pl.Int64})


scores = st.integers(0, 10)


@brisk
@given(pairs=st.lists(st.tuples(scores, scores), min_size=1, max_size=40))
def test_when_the_same_people_answer_the_error_is_that_of_their_own_changes(pairs):
    net = {"promoter": 1, "passive": 0, "detractor": -1}
    moves = [net[classify(after)] - net[classify(before)] for before, after in pairs]
    mean = sum(moves) / len(moves)
    expected = 100 * (sum((move - mean) ** 2 for move in moves)) ** 0.5 / len(moves)
    result = row_of(nps_change(people([first for first, _ in pairs]), people([second for _, second in pairs])))
    assert result["n_both"] == len(pairs)
    assert result["change"] == pytest.approx(100 * mean, abs=1e-9)
    assert result["se"] == pytest.approx(expected, abs=1e-6)


@brisk
@given(first=st.lists(scores, min_size=1, max_size=40), second=st.lists(scores, min_size=1, max_size=40))
def test_different_people_make_independent_waves(first, second):
    before, after = people(first, "a"), people(second, "b")
    result, one, two = row_of(nps_change(before, after)), row_of(nps(before)), row_of(nps(after))
    assert result["n_both"] == 0
    assert result["se"] == pytest.approx((one["se"] ** 2 + two["se"] ** 2) ** 0.5, abs=1e-9)
    assert result["change"] == pytest.approx(two["nps"] - one["nps"], abs=1e-9)


@pytest.mark.parametrize("single", ["remove", "centre"])
def test_the_change_of_two_headlines_has_their_scores_and_errors(single):
    def wave(prefix, *counts):
        parts = [answers(*count, band=band) for count, band in zip(counts, "abc", strict=True)]
        return pl.concat(parts).with_row_index("row").with_columns(respondent_id=prefix + pl.col("row").cast(pl.String))

    population = pl.DataFrame({"band": ["a", "b", "c"], "users": [300, 500, 40]})
    before, after = wave("x", (5, 4, 9), (6, 2, 2), (1, 0, 0)), wave("y", (7, 4, 5), (4, 2, 2), (2, 1, 0))
    given = {"cell": "band", "size": "users", "single": single}
    one, two = (row_of(nps_post_stratified(responses, population, **given)) for responses in (before, after))
    result = row_of(nps_change(before, after, populations=(population, population), **given))
    assert (result["nps_before"], result["nps_after"]) == pytest.approx((one["nps"], two["nps"]))
    assert result["se"] == pytest.approx((one["se"] ** 2 + two["se"] ** 2) ** 0.5)
    same = row_of(nps_change(before, before, populations=(population, population), **given))
    assert (same["change"], same["se"]) == (0.0, pytest.approx(0.0, abs=1e-6))


def test_people_without_a_name_are_matched_with_no_one():
    nameless = people([9, 0, 7]).with_columns(respondent_id=pl.lit(None, dtype=pl.String))
    assert row_of(nps_change(nameless, nameless))["n_both"] == 0


def test_a_wave_without_answers_has_no_change():
    result = row_of(nps_change(people([9, 0]), people([])))
    assert (result["nps_before"], result["change"], result["se"], result["ci_low"]) == (0.0, None, None, None)


def test_a_person_who_answered_twice_or_a_population_without_cells_is_refused():
    twice = pl.concat([people([9, 0]), people([3])])
    with pytest.raises(UnusableInputError, match="latest answer"):
        nps_change(twice, people([9]))
    with pytest.raises(UnusableInputError, match="belong together"):
        nps_change(people([9]), people([9]), populations=(FRAME, FRAME))


def test_the_package_offers_the_weighted_scores_by_name():
    assert metrics_py.nps_post_stratified is nps_post_stratified
    assert metrics_py.nps_stratified is nps_stratified
    assert metrics_py.nps_raked is nps_raked
