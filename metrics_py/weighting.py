"""Survey weights: how many people each answer stands for, by post-stratification or by raking on margins.

Weights are shown, never applied in silence: each function returns a frame in which they can be read.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from metrics_py._nps_classes import column_names, require_columns, require_numbers, scored
from metrics_py._population import join_population
from metrics_py._raking import rake, refuse_impossible_margins
from metrics_py.errors import OutOfRangeError, UnusableInputError


def kish_n(weights: Iterable[float]) -> float | None:
    """Kish effective number of answers: the squared sum of the weights over the sum of their squares.

    Args:
        weights: one weight per answer, on any scale; zeros don't count.
    Returns: between 1 and the number of answers; null when no weight is positive.
    Raises: OutOfRangeError for a negative weight.

    Source: Kish (1965).

    Examples:
        >>> kish_n([1, 1, 1, 1])
        4.0
        >>> round(kish_n([0.375] * 80 + [3.5] * 20))
        39
    """
    values = [float(weight) for weight in weights]
    if any(not value >= 0 for value in values):
        raise OutOfRangeError(f"weights must be 0 or more; found {min(values)}. Drop answers that should not count")
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / squares if squares else None


def post_stratification_weights(
    responses: pl.DataFrame,
    population: pl.DataFrame,
    *,
    cell: str | Sequence[str],
    size: str,
    score: str | None = None,
) -> pl.DataFrame:
    """Weight of an answer per cell of the population: the people in the cell over the answers from it.

    Args:
        responses: one row per answer, with the columns of `cell`.
        population: one row per cell, with its `size`.
        cell: column or columns that name the cell in both frames.
        size: column of `population` with the people in the cell, or with its share when the sizes sum to 1.
        score: column of `responses`; when given, only rows that hold a score count as answers.
    Returns: one row per cell with `size`, `answers`, `weight` (people per answer; the weights of all answers sum to the
        people in answered cells) and `relative_weight` (population share over answer share). Both weights are null
        where nobody answered.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for answers outside the population, cells listed
        twice, or more answers than people.

    Examples:
        >>> responses = pl.DataFrame({"cell": ["low"] * 20 + ["high"] * 80})
        >>> population = pl.DataFrame({"cell": ["low", "high"], "users": [700, 300]})
        >>> post_stratification_weights(responses, population, cell="cell", size="users")["weight"].to_list()
        [35.0, 3.75]
    """
    cells = column_names(cell)
    answers = scored(responses, score=score) if score is not None else responses
    require_columns(answers, cells, "responses")
    counts = answers.group_by(cells, maintain_order=True).agg(pl.len().cast(pl.Int64).alias("answers"))
    joined = join_population(counts, population, cells=cells, size=size)
    answered = pl.col("answers") > 0
    weight = pl.when(answered).then(pl.col(size) / pl.col("answers"))
    return joined.with_columns(
        weight.alias("weight"),
        (weight * pl.col("answers").sum() / pl.col(size).filter(answered).sum()).alias("relative_weight"),
    )


def collapse_cells(
    responses: pl.DataFrame, population: pl.DataFrame, *, cell: str, size: str, collapse_to: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Responses and population with small cells merged into the cell that `collapse_to` names.

    A cell with a single answer says nothing about its own spread; merged with a like one it does.

    Args:
        responses: one row per answer, with the column `cell`.
        population: one row per cell, with its `size` and `collapse_to` (null: the cell stays as it is).
        cell: column that names the cell in both frames.
        size: column of `population` with the people in the cell.
        collapse_to: column of `population` with the cell to merge into.
    Returns: both frames with the merged cells; the population has only `cell` and the summed `size`.
    Raises: MissingColumnError; UnusableInputError when a cell is merged into an unknown or itself merged one.

    Examples:
        >>> responses = pl.DataFrame({"cell": ["a", "b"]})
        >>> population = pl.DataFrame({"cell": ["a", "b"], "users": [100, 80], "into": [None, "a"]})
        >>> collapse_cells(responses, population, cell="cell", size="users", collapse_to="into")[1].row(0)
        ('a', 180)
    """
    require_columns(responses, [cell], "responses")
    require_columns(population, [cell, size, collapse_to], "population's columns")
    moves = dict(population.filter(pl.col(collapse_to).is_not_null()).select(cell, collapse_to).iter_rows())
    known = set(population[cell])
    for source, target in moves.items():
        if target not in known or moves.get(target, target) != target:
            raise UnusableInputError(
                f"{collapse_to} of {source!r} must name a cell that stays; found {target!r}, which is "
                f"{'merged itself' if target in known else 'not in the population'}"
            )
    merged = pl.col(cell).replace(moves)
    return (
        responses.with_columns(merged),
        population.group_by(merged, maintain_order=True).agg(pl.col(size).sum()),
    )


def raking_weights(
    responses: pl.DataFrame,
    margins: pl.DataFrame,
    *,
    variable: str = "variable",
    level: str = "level",
    size: str = "size",
    base_weight: str | None = None,
) -> pl.DataFrame:
    """Weights under which the answers have the population's margins, each as near to its base weight as can be.

    The weights of iterative proportional fitting (Deming and Stephan 1940), which scales one margin after the other:
    base weight times one factor per level. They are accepted when every margin is met, however little they still move.

    Args:
        responses: one row per answer, with a column for every variable of `margins`.
        margins: one row per variable and level, with the size of the level.
        variable: column of `margins` with the name of a column of `responses`.
        level: column of `margins` with a value of that column, compared as text.
        size: column of `margins` with the people at that level, or its share when each margin sums to 1.
        base_weight: column of `responses` to start from; null: all alike. An answer of weight 0 keeps it.
    Returns: `responses` with `weight`; the weights sum to the size of the population.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError when no weights can meet the margins: totals that
        differ, a level of size 0 with answers or of some size with none, a level not listed, more answers than people,
        or answers that fall on too few combinations of levels.

    Examples:
        >>> responses = pl.DataFrame({"tenure": ["new", "old", "old"], "use": ["low", "low", "high"]})
        >>> margins = pl.DataFrame(
        ...     {"variable": ["tenure"] * 2 + ["use"] * 2, "level": ["new", "old", "low", "high"], "size": [4, 6, 5, 5]}
        ... )
        >>> raking_weights(responses, margins)["weight"].round(3).to_list()
        [4.0, 1.0, 5.0]
    """
    require_columns(margins, [variable, level], "margins")
    require_numbers(margins, [size], "margins")
    variables = margins[variable].unique(maintain_order=True).to_list()
    require_columns(responses, variables, "responses")
    if base_weight is not None:
        require_numbers(responses, [base_weight], "responses")
    base = responses[base_weight] if base_weight is not None else pl.Series([1.0] * responses.height, dtype=pl.Float64)
    margin_of = {name: margins.filter(pl.col(variable) == name).select(level, size) for name in variables}
    refuse_impossible_margins(responses, margin_of, base)
    return responses.with_columns(rake(responses, margin_of, base))
