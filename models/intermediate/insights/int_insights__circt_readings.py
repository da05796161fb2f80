"""One row per org unit and day or goal period: the percentiles and shares of metrics_py.circt."""

import polars as pl

from metrics_py import circt


def model(dbt, session):
    dbt.config(materialized="table")
    settings = dbt.ref("circt_settings").pl().row(0, named=True)
    durations = dbt.ref("int_insights__circt_durations").pl()
    shared = {"percentile": float(settings["percentile"]), "confidence": float(settings["confidence"])}
    by_day = circt.day_readings(
        dbt.ref("int_insights__circt_counts_by_day").pl(),
        durations,
        dbt.ref("int_insights__circt_clocks").pl(),
        window_days=settings["window_days"],
        **shared,
    )
    by_goal_period = circt.goal_period_readings(dbt.ref("int_insights__circt_goal_periods").pl(), durations, **shared)
    return pl.concat(
        [
            by_day.with_columns(period_kind=pl.lit("day")),
            by_goal_period.with_columns(period_kind=pl.lit("goal_period")),
        ],
        how="diagonal",
    )
