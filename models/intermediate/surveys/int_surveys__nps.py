"""One row per survey wave: post-stratified and unweighted NPS with their intervals."""

from metrics_py.nps_waves import nps_by_wave


def model(dbt, session):
    dbt.config(materialized="table")
    return nps_by_wave(dbt.ref("int_surveys__stratum_summary").pl())
