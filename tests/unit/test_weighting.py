import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.errors import MissingColumnError, OutOfRangeError, UnusableInputError
from metrics_py.weighting import collapse_cells, kish_n, post_stratification_weights, raking_weights

brisk = settings(max_examples=40, deadline=None)

RESPONSES = pl.DataFrame({"cell": ["low"] * 20 + ["high"] * 80})
POPULATION = pl.DataFrame({"cell": ["low", "high", "never"], "users": [700, 300, 50]})


def margins_of(**variables):
    rows = [(name, level, size) for name, sizes in variables.items() for level, size in sizes.items()]
    return pl.DataFrame(rows, schema=["variable", "level", "size"], orient="row")


def test_a_weight_is_people_per_answer_and_null_where_nobody_answered():
    weights = post_stratification_weights(RESPONSES, POPULATION, cell="cell", size="users")
    assert weights.select("cell", "answers", "weight").rows() == [
        ("low", 20, 35.0),
        ("high", 80, 3.75),
        ("never", 0, None),
    ]
    assert weights["relative_weight"].to_list() == [3.5, 0.375, None]


def test_only_scores_count_as_answers_when_the_score_is_named():
    responses = pl.DataFrame({"cell": ["low", "low", "high"], "score": ["9", "n/a", "0"]})
    weights = post_stratification_weights(responses, POPULATION, cell="cell", size="users", score="score")
    assert weights["answers"].to_list() == [1, 1, 0]


@brisk
@given(answers=st.lists(st.tuples(st.integers(1, 30), st.integers(30, 900)), min_size=1, max_size=6))
def test_post_stratified_answers_add_up_to_the_population(answers):
    cells = [f"c{position}" for position in range(len(answers))]
    responses = pl.DataFrame(
        {"cell": [cell for cell, (count, _) in zip(cells, answers, strict=True) for _ in range(count)]}
    )
    population = pl.DataFrame({"cell": cells, "users": [size for _, size in answers]})
    weights = post_stratification_weights(responses, population, cell="cell", size="users")
    assert weights.select((pl.col("weight") * pl.col("answers")).sum()).item() == pytest.approx(
        population["users"].sum()
    )
    assert weights.select((pl.col("relative_weight") * pl.col("answers")).sum()).item() == pytest.approx(
        responses.height
    )


def test_a_size_named_like_a_count_is_refused():
    population = POPULATION.rename({"users": "answers"})
    with pytest.raises(UnusableInputError, match="rename the column"):
        post_stratification_weights(RESPONSES, population, cell="cell", size="answers")


@brisk
@given(weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=50), scale=st.floats(0.1, 50))
def test_kish_n_is_at_most_the_number_of_answers_and_free_of_scale(weights, scale):
    assert 1 - 1e-9 <= kish_n(weights) <= len(weights) + 1e-9
    assert kish_n([scale * weight for weight in weights]) == pytest.approx(kish_n(weights))


def test_kish_n_counts_equal_weights_leaves_out_zeros_and_refuses_negative_ones():
    assert kish_n([3.0] * 7 + [0.0] * 5) == pytest.approx(7)
    assert kish_n([]) is None
    assert kish_n([0.0]) is None
    with pytest.raises(OutOfRangeError, match=r"found -1\.0"):
        kish_n([2, -1])


def test_merged_cells_carry_their_people_and_their_answers():
    population = POPULATION.with_columns(into=pl.Series([None, None, "low"]))
    responses = pl.DataFrame({"cell": ["never", "high"]})
    merged, people = collapse_cells(responses, population, cell="cell", size="users", collapse_to="into")
    assert merged["cell"].to_list() == ["low", "high"]
    assert people.rows() == [("low", 750), ("high", 300)]


@pytest.mark.parametrize(("target", "reason"), [("gone", "not in the population"), ("high", "merged itself")])
def test_merging_into_an_unknown_or_merged_cell_is_refused(target, reason):
    population = POPULATION.with_columns(into=pl.Series([target, "never", None]))
    with pytest.raises(UnusableInputError, match=reason):
        collapse_cells(RESPONSES, population, cell="cell", size="users", collapse_to="into")


levels = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=6, max_size=60)


@brisk
@given(people=levels, base=st.randoms(use_true_random=False))
def test_raked_answers_meet_every_margin(people, base):
    crossed = people + [(first, second) for first in "ab" for second in "xyz"]
    responses = pl.DataFrame(crossed, schema=["tenure", "use"], orient="row").with_columns(
        start=pl.Series([base.uniform(0.5, 3) for _ in crossed])
    )
    margins = margins_of(tenure={"a": 400, "b": 600}, use={"x": 700, "y": 200, "z": 100})
    weighted = raking_weights(responses, margins, base_weight="start")
    for variable, level, size in margins.iter_rows():
        assert weighted.filter(pl.col(variable) == level)["weight"].sum() == pytest.approx(size, abs=1e-6)
    assert (weighted["weight"] > 0).all()


def test_answers_that_cluster_still_meet_the_margins():
    # Nearly everybody is on the diagonal, where fitting one margin after the other moves the weights by little.
    responses = pl.DataFrame(
        {"tenure": ["a"] * 500 + ["b"] * 500 + ["a", "b"], "use": ["x"] * 500 + ["y"] * 500 + ["y", "x"]}
    )
    weighted = raking_weights(responses, margins_of(tenure={"a": 3_000, "b": 7_000}, use={"x": 5_000, "y": 5_000}))
    assert weighted.filter(pl.col("tenure") == "a")["weight"].sum() == pytest.approx(3_000, abs=1e-7)
    assert weighted.filter(pl.col("use") == "x")["weight"].sum() == pytest.approx(5_000, abs=1e-7)


def test_a_zero_weight_stays_zero_and_numbers_serve_as_levels():
    responses = pl.DataFrame({"band": [1, 1, 2], "start": [0, 2, 1]})
    weighted = raking_weights(responses, margins_of(band={"1": 30, "2": 70}), base_weight="start")
    assert weighted["weight"].to_list() == pytest.approx([0.0, 30.0, 70.0])


def test_shares_serve_as_margins():
    responses = pl.DataFrame({"band": ["a", "a", "b"]})
    assert raking_weights(responses, margins_of(band={"a": 0.5, "b": 0.5}))["weight"].to_list() == [0.25, 0.25, 0.5]


DIAGONAL = pl.DataFrame({"tenure": ["a", "b"] * 5, "use": ["x", "y"] * 5})


@pytest.mark.parametrize(
    ("margins", "reason"),
    [
        (margins_of(tenure={"a": 50, "b": 50}, use={"x": 50, "y": 49}), "sum to the same population"),
        (margins_of(tenure={"a": 100, "b": 0}), "tenure=b has the size 0 but 5 answers"),
        (margins_of(tenure={"a": 50, "b": 40, "c": 10}), "tenure=c has the size 10 and no answers"),
        (margins_of(tenure={"a": 100}), "tenure=b is not among the margins"),
        (margins_of(tenure={"a": 4, "b": 50}), "found 5 of 4"),
        (margins_of(tenure={"a": 50, "b": 50}, use={"x": 30, "y": 70}), "no positive weights meet all the margins"),
        (margins_of(tenure={"a": 0, "b": 0}), "more than 0"),
        (margins_of().cast(pl.String), "margins are empty"),
        (pl.concat([margins_of(tenure={"a": 50, "b": 25})] * 2), "name each level once"),
    ],
)
def test_margins_no_weights_can_meet_are_refused_with_the_reason(margins, reason):
    with pytest.raises(UnusableInputError, match=reason):
        raking_weights(DIAGONAL, margins)


def test_margins_that_leave_an_answer_no_weight_at_all_are_refused():
    responses = pl.concat([DIAGONAL, pl.DataFrame({"tenure": ["a"], "use": ["y"]})])
    with pytest.raises(UnusableInputError, match=r"they leave no weight to \{'tenure': 'a', 'use': 'y'\}"):
        raking_weights(responses, margins_of(tenure={"a": 50, "b": 50}, use={"x": 50, "y": 50}))


@brisk
@given(people=levels, spread=st.randoms(use_true_random=False))
def test_margins_that_some_positive_weights_meet_are_met_however_sparse_the_answers(people, spread):
    responses = pl.DataFrame(people, schema=["tenure", "use"], orient="row")
    responses = responses.with_columns(wanted=pl.Series([10 + 10 ** spread.uniform(0, 4) for _ in people]))
    margins = pl.concat(
        responses.group_by(pl.col(name).alias("level"))
        .agg(pl.col("wanted").sum().alias("size"))
        .select(pl.lit(name).alias("variable"), "level", "size")
        for name in ("tenure", "use")
    )
    weighted = raking_weights(responses, margins)
    for variable, level, size in margins.iter_rows():
        assert weighted.filter(pl.col(variable) == level)["weight"].sum() == pytest.approx(size, rel=1e-6)


def test_negative_sizes_weights_and_missing_variables_are_refused():
    with pytest.raises(OutOfRangeError, match="size of the margins"):
        raking_weights(DIAGONAL, margins_of(tenure={"a": -5, "b": 50}))
    with pytest.raises(OutOfRangeError, match="start of the responses"):
        raking_weights(
            DIAGONAL.with_columns(start=pl.lit(-1)), margins_of(tenure={"a": 50, "b": 50}), base_weight="start"
        )
    with pytest.raises(MissingColumnError, match="country"):
        raking_weights(DIAGONAL, margins_of(country={"a": 50, "b": 50}))
