"""What survival curves say: the age by which a share has resolved, and the share that has resolved by an age."""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from metrics_py._risk_sets import RiskSets
from metrics_py.errors import OutOfRangeError

TOLERANCE = 1e-9  # a product of fractions misses the share it equals in its last bits
ROUNDING = 1e-14  # a share closer than this to 0 or 1 is 0 or 1


def age_at_quantile(risk_sets: RiskSets, quantile: float, confidence: float) -> pl.DataFrame:
    """Each curve's first ages at which S, and each side of its log-log band, has come down to 1 - quantile."""
    if not 0 < quantile < 1:
        raise OutOfRangeError(f"quantile must lie between 0 and 1; found {quantile}; 0.9 is the P90")
    at_risk, events = pl.col("at_risk"), pl.col("events")
    steps = risk_sets.ages.filter(events > 0).with_columns(
        survival=(1 - events / at_risk).cum_prod().over("curve"),
        greenwood=(events / (at_risk * (at_risk - events))).cum_sum().over("curve"),
    )
    low, high = _log_log_limits(pl.col("survival"), pl.col("greenwood").sqrt(), confidence)
    ages_down = {
        name: pl.when(side <= 1 - quantile + TOLERANCE).then("time")
        for name, side in {"value": pl.col("survival"), "ci_low": low, "ci_high": high}.items()
    }
    found = steps.select("curve", **ages_down).group_by("curve").agg(pl.all().min())
    return _answers(risk_sets, found).with_columns(reached=pl.col("value").is_not_null())


def share_by_age(risk_sets: RiskSets, age: float, confidence: float) -> pl.DataFrame:
    """Each curve's share closed by the cause up to and including an age, its standard error and log-log interval.

    The Aalen-Johansen estimate; without competing events it is 1 - S with Greenwood's standard error.
    """
    if not age >= 0:
        raise OutOfRangeError(f"at must be an age of 0 or more; found {age}")
    at_risk, events, others = pl.col("at_risk"), pl.col("events"), pl.col("other_events")
    hazard = (events + others) / at_risk
    steps = (
        risk_sets.ages.filter(pl.col("time") <= age)
        .with_columns(survival=(1 - hazard).cum_prod().over("curve"))
        .with_columns(before=pl.col("survival").shift(1, fill_value=1).over("curve"))
        .with_columns(other_share=(pl.col("before") * others / at_risk).cum_sum().over("curve"))
        # as a remainder, so that without competing events it is 1 - S to the last bit
        .with_columns(share=(1 - pl.col("survival") - pl.col("other_share")).clip(0, 1))
        .with_columns(still_to_come=pl.col("share").last().over("curve") - pl.col("share"))
    )
    # What one item more at an age does to the share: closing by the cause, closing otherwise, merely being there.
    # Their squares add up over ages to the variance: Greenwood's when nothing competes, and without delayed entry the
    # infinitesimal jackknife's, because there the cross terms between ages vanish.
    lost = pl.when(hazard < 1).then(pl.col("still_to_come") / (1 - hazard)).otherwise(0.0)
    by_cause, otherwise = (pl.col("before") - lost) / at_risk, -lost / at_risk
    present = (by_cause * events + otherwise * others) / at_risk
    variance = (
        events * (by_cause - present) ** 2
        + others * (otherwise - present) ** 2
        + (at_risk - events - others) * present**2
    )
    found = steps.group_by("curve").agg(share=pl.col("share").last(), se=variance.sum().sqrt())
    is_known = pl.col("events") + pl.col("other_events") > 0
    shares = _answers(risk_sets, found).with_columns(
        pl.when(is_known).then(pl.col(name).fill_null(0.0)).alias(name) for name in ("share", "se")
    )
    rest = 1 - pl.col("share")
    low, high = _log_log_limits(rest, pl.col("se") / rest, confidence)
    return shares.with_columns(ci_low=1 - high, ci_high=1 - low)


def _log_log_limits(survival: pl.Expr, relative_error: pl.Expr, confidence: float) -> tuple[pl.Expr, pl.Expr]:
    """Limits of a survival share on the log(-log) scale; null where the share is 0 or 1, which have no such scale."""
    if not 0 < confidence < 1:
        raise OutOfRangeError(f"confidence must lie between 0 and 1; found {confidence}; the usual one is 0.95")
    deviations = NormalDist().inv_cdf((1 + confidence) / 2)
    has_scale = (survival > ROUNDING) & (survival < 1 - ROUNDING)
    log_survival = pl.when(has_scale).then(survival).log()
    factor = (deviations * relative_error / log_survival.abs()).exp()
    return (log_survival * factor).exp(), (log_survival / factor).exp()


def _answers(risk_sets: RiskSets, found: pl.DataFrame) -> pl.DataFrame:
    return risk_sets.curves.join(found, on="curve", how="left", maintain_order="left")
