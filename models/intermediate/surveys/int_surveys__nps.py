"""One row per survey wave, and one per segment of it: NPS with its intervals and what stands beside it."""

from metrics_py.nps_waves import nps_of_waves_and_segments


def model(dbt, session):
    dbt.config(materialized="table")
    return nps_of_waves_and_segments(
        dbt.ref("int_surveys__stratum_summary").pl(),
        dbt.ref("int_surveys__move_summary").pl(),
        dbt.ref("int_surveys__segment_summary").pl(),
        dbt.ref("goals").pl(),
    )
