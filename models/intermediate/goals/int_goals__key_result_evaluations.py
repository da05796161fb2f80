"""One row per key result and day of evaluation: the verdict and what it rests on, from metrics_py.okr."""

from metrics_py.okr.history import evaluations


def model(dbt, session):
    dbt.config(materialized="table")
    clock = dbt.ref("stg_landing__build_clock").pl()
    return evaluations(
        dbt.ref("dim_key_results").pl(),
        dbt.ref("int_goals__key_result_readings").pl(),
        as_of_on=clock["as_of_on"][0],
        milestones=dbt.ref("key_result_milestones").pl(),
        initiatives=dbt.ref("initiative_links").pl(),
        rules=dbt.ref("key_result_rules").pl(),
    )
