"""NPS raked on the margins of the population; read it through `metrics_py.nps`."""

import polars as pl

from metrics_py._nps_classes import NET, plain_number, scored
from metrics_py._nps_design import finish
from metrics_py._nps_limits import IntervalKind
from metrics_py._population import are_shares
from metrics_py.weighting import kish_n, raking_weights


def nps_raked(
    responses: pl.DataFrame,
    margins: pl.DataFrame,
    *,
    score: str = "score",
    variable: str = "variable",
    level: str = "level",
    size: str = "size",
    base_weight: str | None = None,
    confidence: float = 0.95,
    interval: IntervalKind = "adjusted_wald",
) -> pl.DataFrame:
    """NPS of a random sample whose answers are weighted to the population's margins, when its cells are too thin.

    Args:
        responses: one row per answer, with a column for every variable of `margins`.
        margins: one row per variable and level, with the size of the level.
        score: column with the answer; what is not a score is left out, before the weights are made.
        variable: column of `margins` with the name of a column of `responses`.
        level: column of `margins` with a value of that column, compared as text.
        size: column of `margins` with the people at that level; sizes that sum to 1 are shares, and then there is no
            finite population correction.
        base_weight: column of `responses` to start from; null: all alike. An answer of weight 0 keeps it and counts in
            `n` only.
        confidence: coverage aimed at, strictly between 0 and 1.
        interval: as in `nps`, on `n_effective`; "wald" and "t" are not held to -100..100.
    Returns: the columns named at the top of `metrics_py.nps`; `se` is the linearised one of a calibration estimator,
        from the residuals of the answers on the margins.
    Raises: MissingColumnError, OutOfRangeError; UnusableInputError for margins that no weights can meet, with the
        reason (see `metrics_py.weighting.raking_weights`).

    Source: Deville and Saerndal (1992).

    Examples:
        >>> answers = pl.DataFrame({"use": ["low"] * 20 + ["high"] * 80, "score": [10] * 14 + [0] * 46 + [9] * 40})
        >>> margins = pl.DataFrame({"variable": ["use"] * 2, "level": ["low", "high"], "size": [7000, 3000]})
        >>> nps_raked(answers, margins).select(pl.col("nps_unweighted", "nps").round(1)).row(0)
        (8.0, 28.0)
    """
    weighted = raking_weights(
        scored(responses, score=score), margins, variable=variable, level=level, size=size, base_weight=base_weight
    )
    sizes = margins.filter(pl.col(variable) == pl.col(variable).first())
    used = weighted.filter(pl.col("weight") > 0)
    n, weight, net = used.height, pl.col("weight"), pl.col(NET)
    people = plain_number(margins, size).sum()
    totals = sizes.select(
        people.alias("population"),
        pl.when(n > 0).then(people).otherwise(0).alias("population_covered"),
        pl.when(are_shares(size)).then(0.0).otherwise(n / people).alias("sampled_share"),
    )
    shares = used.select(
        pl.lit(weighted.height).alias("n"),
        (100 * net.mean()).alias("nps_unweighted"),
        (weight.filter(net == 1).sum() / weight.sum()).alias("promoter_share"),
        (weight.filter(net == -1).sum() / weight.sum()).alias("detractor_share"),
        pl.lit(kish_n(used["weight"]), dtype=pl.Float64).alias("n_kish"),
        pl.lit(n - 1).alias("degrees_of_freedom"),
        pl.lit(_squared_residuals(used, margins[variable], base_weight), dtype=pl.Float64).alias("squares"),
    )
    correction = (1 - pl.col("sampled_share")) * n / (n - 1) if n > 1 else pl.lit(None, dtype=pl.Float64)
    estimate = pl.concat([totals, shares], how="horizontal").with_columns(
        (correction * pl.col("squares")).alias("error_variance")
    )
    return finish(estimate, by=(), confidence=confidence, interval=interval)


def _squared_residuals(used: pl.DataFrame, variables: pl.Series, base_weight: str | None) -> float | None:
    if used.is_empty():
        return None
    import numpy as np

    names = variables.unique(maintain_order=True).to_list()
    indicators = used.select(pl.col(names).cast(pl.String)).to_dummies().to_numpy().astype(float)
    root = np.sqrt(used[base_weight].cast(pl.Float64).to_numpy()) if base_weight else np.ones(used.height)
    share = used["weight"].to_numpy() / used["weight"].sum()
    net = used[NET].to_numpy().astype(float)
    distance = net - (share * net).sum()
    fit = np.linalg.lstsq(indicators * root[:, None], distance * root, rcond=None)[0]
    linearised = share * (distance - indicators @ fit)
    return float(((linearised - linearised.mean()) ** 2).sum())
