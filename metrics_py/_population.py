"""The population behind a survey: which cells it has, how many people are in each, and who of them answered."""

from collections.abc import Sequence

import polars as pl

from metrics_py._nps_classes import require_columns, require_numbers
from metrics_py.errors import UnusableInputError


def join_population(
    counts: pl.DataFrame, population: pl.DataFrame, *, cells: Sequence[str], size: str, by: Sequence[str] = ()
) -> pl.DataFrame:
    """Cells of the population with the counts of their answers, 0 where nobody answered.

    Args:
        counts: one row per cell that answered; every column but the keys is a count, together the cell's answers.
        population: one row per cell with its `size`; sizes that sum to 1 within `by` are shares.
        cells: columns that name the cell within `by`.
        size: column with the people in the cell.
        by: columns within which the cells make up a population of their own.
    Returns: one row per cell of `population` with the keys, `size` and the counts.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for answers outside the population, cells listed
        twice or unnamed, or more answers than people.
    """
    keys = [*by, *cells]
    require_columns(population, keys, "population's columns")
    require_numbers(population, [size], "population")
    unnamed = population.filter(pl.any_horizontal(pl.col(keys).is_null()))
    if unnamed.height:
        raise UnusableInputError(f"every row of the population needs {keys}; {unnamed.height} rows lack one")
    twice = population.filter(population.select(keys).is_duplicated())
    if twice.height:
        raise UnusableInputError(
            f"the population must list each of {keys} once; found {_named(twice, keys)} more often"
        )
    numbers = [name for name in counts.columns if name not in keys]
    if size in numbers:
        raise UnusableInputError(f"the size can't be called {size!r}, which is the name of a count; rename the column")
    if counts.is_empty():
        joined = population.select(*keys, size).with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in numbers)
    else:
        _refuse_strangers(counts, population, keys)
        joined = population.select(*keys, size).join(counts, on=keys, how="left", maintain_order="left")
        joined = joined.with_columns(pl.col(numbers).fill_null(0))
    require_cells(joined, counts=numbers, size=size, by=by)
    return joined


def require_cells(cells: pl.DataFrame, *, counts: Sequence[str], size: str, by: Sequence[str]) -> None:
    """Refuse cells without usable counts and sizes, or with more answers than people.

    Raises: MissingColumnError, OutOfRangeError, UnusableInputError
    """
    require_columns(cells, by, "cells")
    require_numbers(cells, counts, "cells", whole=True)
    require_numbers(cells, [size], "cells")
    if cells.is_empty():
        raise UnusableInputError("the population has no rows; give one per cell with its size")
    answers, people = pl.sum_horizontal(counts), pl.col(size)
    too_many = cells.filter((answers > 0) & ((people == 0) | (~are_shares(size, by) & (answers > people))))
    if too_many.height:
        raise UnusableInputError(
            f"a cell can't have more answers than people; found {too_many.select(answers).item(0, 0)} answers for "
            f"{size} {too_many[size][0]} in {too_many.row(0, named=True)}. "
            "Count the population as it was at the draw, or give shares that sum to 1"
        )


def are_shares(size: str, by: Sequence[str] = ()) -> pl.Expr:
    """Whether these sizes are shares of a population of unknown size: fractions that sum to 1."""
    # A population of one person sums to 1 too, so one of them must also be a fraction.
    people = pl.col(size).cast(pl.Float64)
    shares = ((people.sum() - 1).abs() < 1e-9) & (people != people.floor()).any()
    return shares.over(by) if by else shares


def sampled_share(answers: str, size: str, by: Sequence[str]) -> pl.Expr:
    """Share of the people of a cell that answered, for the finite population correction; 0 when unknown."""
    unknown = are_shares(size, by) | (pl.col(size) == 0)
    return pl.when(unknown).then(0.0).otherwise(pl.col(answers) / pl.col(size))


def _refuse_strangers(counts: pl.DataFrame, population: pl.DataFrame, keys: Sequence[str]) -> None:
    kinds = [(key, counts.schema[key], population.schema[key]) for key in keys]
    for key, ours, theirs in kinds:
        if ours != theirs and not (ours.is_integer() and theirs.is_integer()):
            raise UnusableInputError(
                f"{key} is {ours} in the responses and {theirs} in the population; cast one of them"
            )
    strangers = counts.join(population, on=keys, how="anti")
    if strangers.height:
        raise UnusableInputError(
            f"answers outside the population: {_named(strangers, keys)} is not in it "
            f"({strangers.height} such groups). Add it to the population, or leave those answers out"
        )


def _named(frame: pl.DataFrame, keys: Sequence[str]) -> str:
    return ", ".join(f"{key}={frame[key][0]!r}" for key in keys)
