"""Faults in built and published tables: models that compute wrongly, and snapshots that were mixed, cut or edited."""

from tests.faults.quality_faults.fault import Fault


def _published(name: str, change: str, *caught_by: str) -> Fault:
    return Fault(name, "the published tables", change, caught_by)


def _built(name: str, change: str, *caught_by: str) -> Fault:
    return Fault(name, "the built tables", change, caught_by)


FAULTS = (
    _published(
        "rows are lost on the way to the snapshot",
        "delete from metrics.metric_values where hash(org_unit_id, period_start) % 20 = 0",
        "tables_hold_the_rows_their_manifest_states",
        "no_unit_is_missing_from_a_period",
        "the_board_shows_the_value_of_the_metric",
    ),
    _published(
        "a table is loaded twice",
        "insert into marts.fct_insights select * from marts.fct_insights where hash(insight_id) % 10 = 0",
        "published_keys_are_unique",
        "tables_hold_the_rows_their_manifest_states",
    ),
    _published(
        "a share is published as a percentage",
        "update metrics.metric_values set value = value * 100 where metric_id = 'ploar' and reading = 'headline'",
        "shares_are_0_to_1",
        "values_are_their_numerators_over_their_denominators",
        "values_lie_inside_their_intervals",
    ),
    _published(
        "somebody improves a number",
        """
        update metrics.metric_values
        set value = value + 1
        where metric_id = 'ddqs' and reading = 'headline' and org_unit_id = 'billing'
        """,
        "values_are_their_numerators_over_their_denominators",
        "values_lie_inside_their_intervals",
    ),
    _published(
        "a value disappears without a word",
        """
        update metrics.metric_values
        set value = null
        where metric_id = 'circt' and org_level = 'squad'
            and hash(period_start) % 30 = 0
        """,
        "missing_values_are_explained",
        "verdicts_rest_on_values",
    ),
    _published(
        "answers are missing behind an NPS",
        "delete from marts.fct_survey_responses where wave_id = '2025Q4' and hash(response_id) % 5 = 0",
        "waves_count_their_answers",
        "waves_count_their_promoters",
        "tables_hold_the_rows_their_manifest_states",
    ),
    _published(
        "a score lies off the scale",
        "update marts.fct_survey_responses set score = 99 where is_scored and hash(response_id) % 100 = 0",
        "highest_scores_are_at_most_10",
        "waves_count_their_promoters",
    ),
    _published(
        "churn has the wrong sign",
        "update metrics.arr_by_month set churn_arr = -churn_arr",
        "losses_are_not_positive",
        "movements_sum_to_the_change",
    ),
    _published(
        "a month of ARR is missing",
        "delete from metrics.arr_by_month where month_start = '2025-05-01'",
        "published_months_are_contiguous",
        "tables_hold_the_rows_their_manifest_states",
    ),
    _published(
        "respondents are published by their addresses",
        """
        update marts.fct_survey_responses
        set user_id = 'kim.' || response_id || '@customer.example'
        where hash(response_id) % 100 = 0
        """,
        "respondents_are_not_addresses",
    ),
    _published(
        "a dimension loses a person",
        "delete from marts.dim_people where person_id = (select max(ship_person_id) from marts.fct_features)",
        "facts_find_their_dimensions",
        "tables_hold_the_rows_their_manifest_states",
    ),
    _published(
        "tables of two builds are mixed",
        "update metrics.metric_values set as_of = as_of - interval 7 days where metric_id = 'nps'",
        "a_snapshot_looks_from_one_instant",
    ),
    _published(
        "the board is older than its metrics",
        "update metrics.scoreboard set value = value * 0.9 where metric_id = 'arr'",
        "the_board_shows_the_value_of_the_metric",
    ),
    _published(
        "a column is missing from a published table",
        "alter table metrics.nps_by_wave drop column representativeness",
        "published_columns_are_those_of_the_contract",
    ),
    _published(
        "a clock runs backwards",
        """
        update marts.fct_insights
        set cycle_days = -cycle_days,
            triage_days = triage_days - 2 * cycle_days
        where state = 'resolved'
            and hash(insight_id) % 50 = 0
        """,
        "cycle_times_are_plausible",
        "cycles_run_from_start_to_resolution",
    ),
    _published(
        "cycle times of the last quarter treble",
        """
        update marts.fct_insights
        set cycle_days = 3 * cycle_days,
            triage_days = triage_days + 2 * cycle_days,
            started_on = started_on - cast(2 * cycle_days as integer)
        where state = 'resolved' and resolved_on > date '2025-11-01'
        """,
        "recent_facts_are_distributed_as_before",
    ),
    _published(
        "a row is left out of a metric without a reason",
        "update metrics.metric_evidence set reason = null where not is_in and hash(row_id) % 100 = 0",
        "rows_left_out_have_a_reason",
    ),
    _published(
        "the newest evaluation of a key result is lost",
        """
        delete from metrics.key_result_status
        where is_latest and key_result_id = (select min(key_result_id) from metrics.key_result_status)
        """,
        "each_key_result_has_one_latest_evaluation",
        "the_latest_evaluation_is_the_newest",
        "tables_hold_the_rows_their_manifest_states",
    ),
    _built(
        "an estimate lies outside its bounds",
        """
        update marts.fct_insights
        set resolved_at = resolved_upper_at + interval 1 day
        where hash(insight_id) % 50 = 0
        """,
        "assert_estimates_lie_within_their_bounds",
    ),
    _built(
        "two reviews score one feature",
        """
        update marts.fct_gate_reviews set is_scoring = true
        where feature_id = (select min(feature_id) from marts.fct_gate_reviews where is_scoring)
        """,
        "assert_one_review_at_most_scores_a_feature",
    ),
    _built(
        "a day is missing from the calendar",
        "delete from marts.dim_dates where date_on = date '2025-06-30'",
        "assert_fiscal_quarters_tile_the_calendar",
    ),
)
