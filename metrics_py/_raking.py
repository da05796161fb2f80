"""Iterative proportional fitting, and the margins it can't meet."""

from typing import TYPE_CHECKING

import polars as pl

from metrics_py._population import are_shares
from metrics_py.errors import UnusableInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Margins are met to this share of the population; what is left then is the rounding of the arithmetic.
_MARGIN_TOLERANCE = 1e-12
_MOST_SWEEPS = 20_000


def refuse_impossible_margins(responses: pl.DataFrame, margin_of: dict[str, pl.DataFrame], base: pl.Series) -> None:
    """Refuse margins that no weights can meet, as far as each shows it by itself.

    Args:
        responses: one row per answer, with a column for every variable.
        margin_of: per variable, a frame of its levels and their sizes, in this order.
        base: the weight of each answer before raking.
    Raises: UnusableInputError
    """
    _refuse_unequal_totals({name: float(margin.to_series(1).sum()) for name, margin in margin_of.items()})
    for name, margin in margin_of.items():
        _refuse_impossible_margin(name, margin, responses[name], base)


def _refuse_unequal_totals(totals: dict[str, float]) -> None:
    if not totals:
        raise UnusableInputError("the margins are empty; give one row per variable and level with its size")
    if max(totals.values()) - min(totals.values()) > 1e-9 * max(totals.values()):
        raise UnusableInputError(f"every margin must sum to the same population; found {totals}")
    if max(totals.values()) <= 0:
        raise UnusableInputError(f"the margins must sum to more than 0; found {totals}")


def _refuse_impossible_margin(name: str, margin: pl.DataFrame, answers: pl.Series, base: pl.Series) -> None:
    level, size = margin.columns
    found = (
        pl.DataFrame({"level": answers.cast(pl.String), "base": base.cast(pl.Float64)})
        .group_by("level")
        .agg(pl.len().alias("answers"), pl.col("base").sum())
    )
    wanted = margin.select(pl.col(level).cast(pl.String).alias("level"), pl.col(size).alias("size"))
    if wanted["level"].is_duplicated().any() or wanted["level"].null_count():
        raise UnusableInputError(f"the margin of {name} must name each level once; found {wanted['level'].to_list()}")
    shares = wanted.select(are_shares("size")).item()
    both = wanted.join(found, on="level", how="full", coalesce=True, maintain_order="left")
    for value, people, answered, weight in both.select("level", "size", "answers", "base").iter_rows():
        if people is None:
            raise UnusableInputError(
                f"answers outside the population: {name}={value} is not among the margins, which have "
                f"{wanted['level'].to_list()}"
            )
        if people > 0 and not weight and answers.len():
            raise UnusableInputError(
                f"{name}={value} has the size {people} and no answers to carry it; merge it with another level"
            )
        if people == 0 and weight:
            raise UnusableInputError(
                f"{name}={value} has the size 0 but {answered} answers; correct the margin or leave those answers out"
            )
        if not shares and (answered or 0) > people:
            raise UnusableInputError(
                f"{name}={value} can't have more answers than people; found {answered} of {people}"
            )


def rake(responses: pl.DataFrame, margin_of: dict[str, pl.DataFrame], base: pl.Series) -> pl.Series:
    """Weights, one per response, that meet every margin; see `metrics_py.weighting.raking_weights`.

    Raises: UnusableInputError when they are not met after 20,000 sweeps.
    """
    if responses.is_empty():
        return pl.Series("weight", [], dtype=pl.Float64)
    import numpy as np

    names = list(margin_of)
    keyed = responses.select(pl.col(names).cast(pl.String)).with_columns(base.cast(pl.Float64).alias("__base"))
    patterns = keyed.group_by(names, maintain_order=True).agg(pl.col("__base").sum())
    factors = patterns.select(names)
    weights: NDArray[np.float64] = patterns["__base"].to_numpy().copy()
    targets, positions = [], []
    for name, margin in margin_of.items():
        level, size = margin.columns
        codes = {value: code for code, value in enumerate(margin[level].cast(pl.String))}
        targets.append(margin[size].cast(pl.Float64).to_numpy())
        positions.append(np.array([codes[value] for value in factors[name]]))
    total = targets[0].sum()
    for _ in range(_MOST_SWEEPS):
        for target, position in zip(targets, positions, strict=True):
            reached = np.bincount(position, weights, len(target))
            weights *= np.divide(target, reached, out=np.zeros_like(reached), where=reached > 0)[position]
        errors = [
            np.abs(np.bincount(position, weights, len(target)) - target)
            for target, position in zip(targets, positions, strict=True)
        ]
        if max(error.max() for error in errors) <= _MARGIN_TOLERANCE * total:
            break
    else:
        worst = max(range(len(names)), key=lambda index: float(errors[index].max()))
        at = margin_of[names[worst]].row(int(errors[worst].argmax()))[0]
        raise UnusableInputError(
            f"no weights meet all the margins: {names[worst]}={at} stays {errors[worst].max():.6g} off. The answers "
            f"fall on {factors.height} combinations of {names} only; merge levels, or drop a margin"
        )
    scale = factors.with_columns(pl.Series("__scale", weights) / patterns["__base"])
    return (
        keyed.join(scale, on=names, how="left", maintain_order="left")
        .select(pl.when(pl.col("__base") > 0).then(pl.col("__base") * pl.col("__scale")).otherwise(0.0).alias("weight"))
        .to_series()
    )
