"""Raking: the weights that meet the margins, and the margins that no weights can meet."""

from typing import TYPE_CHECKING

import polars as pl

from metrics_py._population import are_shares
from metrics_py.errors import UnusableInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Margins are met to this share of the population; what is left then is the rounding of the arithmetic.
_MARGIN_TOLERANCE = 1e-11
# An answer pushed below this part of its base weight is being pushed out: the margins leave it no room.
_SMALLEST_FACTOR = 1e-9
_MOST_STEPS = 200


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

    Raises: UnusableInputError when no weights do.
    """
    if responses.is_empty():
        return pl.Series("weight", [], dtype=pl.Float64)
    import numpy as np

    names = list(margin_of)
    keyed = responses.select(pl.col(names).cast(pl.String)).with_columns(base.cast(pl.Float64).alias("__base"))
    patterns = keyed.group_by(names, maintain_order=True).agg(pl.col("__base").sum())
    levels = [(name, *row) for name in names for row in margin_of[name].select(pl.all().cast(pl.String)).iter_rows()]
    indicators = np.column_stack([patterns[name].to_numpy() == level for name, level, _ in levels]).astype(float)
    targets = np.array([float(size) for _, _, size in levels])
    start = patterns["__base"].to_numpy()
    total = targets.sum() / len(names)
    weights = _solve(indicators, targets, start * total / start.sum())
    error = np.abs(weights @ indicators - targets)
    factors = np.divide(weights, start, out=np.ones_like(start), where=start > 0)
    trouble = None
    if not error.max() <= _MARGIN_TOLERANCE * total:
        name, level, _ = levels[int(error.argmax())]
        trouble = f"{name}={level} stays {error.max():.3g} off"
    elif factors.min() < _SMALLEST_FACTOR * total / start.sum():
        trouble = f"they leave no weight to {patterns.select(names).row(int(factors.argmin()), named=True)}"
    if trouble is not None:
        raise UnusableInputError(
            f"no positive weights meet all the margins: {trouble}. The answers fall on {patterns.height} combinations "
            f"of {names} only; merge levels, or drop a margin"
        )
    scale = patterns.select(*names, pl.Series("__factor", factors))
    return (
        keyed.join(scale, on=names, how="left", maintain_order="left")
        .select((pl.col("__base") * pl.col("__factor")).alias("weight"))
        .to_series()
    )


def _solve(
    indicators: "NDArray[np.float64]", targets: "NDArray[np.float64]", start: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    """Return the weights proportional to `start` times one factor per level that meet the targets, or come nearest.

    Those are the weights that proportional fitting, one margin after the other, converges to. Its sweeps can stall for
    thousands of rounds when answers cluster, so this minimises the same convex function by Newton's method.
    """
    import numpy as np

    weights, exponents = start, np.zeros(len(targets))
    for _ in range(_MOST_STEPS):
        gap = targets - weights @ indicators
        if np.abs(gap).max() <= _MARGIN_TOLERANCE / 100 * start.sum():
            break
        step = np.linalg.lstsq((indicators * weights[:, None]).T @ indicators, gap, rcond=None)[0]
        value = weights.sum() - targets @ exponents
        length = 1.0
        while True:
            moved = exponents + length * step
            # Too long a step overflows; it is then neither lower nor closer, and is halved.
            with np.errstate(over="ignore", invalid="ignore"):
                candidate = start * np.exp(indicators @ moved)
                falls = candidate.sum() - targets @ moved <= value - 1e-4 * length * (gap @ step)
                closer = np.abs(targets - candidate @ indicators).max() < np.abs(gap).max()
            if falls or closer or length < 1e-9:
                break
            length /= 2
        if not (falls or closer):
            break
        weights, exponents = candidate, moved
    return weights
