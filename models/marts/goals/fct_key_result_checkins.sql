-- One row per key result, day observed and recording of it.
with

checkins as (

    select * from {{ ref('stg_product_ops__key_result_checkins') }}

),

key_results as (

    select * from {{ ref('dim_key_results') }}

),

observed_days as (

    select distinct
        key_result_id as checkin_series,
        observed_on

    from checkins

),

-- A measure that goes on from quarter to quarter is recorded under one id and belongs to the quarter's key result.
matched_days as (

    select
        observed_days.checkin_series,
        observed_days.observed_on,
        key_results.key_result_id,
        key_results.metric_id,
        key_results.period_start,
        key_results.period_end,
        row_number() over (
            partition by observed_days.checkin_series, observed_days.observed_on
            order by
                case
                    when observed_days.observed_on < key_results.period_start then 1
                    when observed_days.observed_on >= key_results.period_end then 1
                    else 0
                end asc,
                key_results.period_start desc,
                key_results.key_result_id asc
        ) as match_number

    from observed_days
    inner join
        key_results
        on
            observed_days.checkin_series = key_results.checkin_series
            or observed_days.checkin_series = key_results.key_result_id

),

numbered_checkins as (

    select
        coalesce(matched_days.key_result_id, checkins.key_result_id) as key_result_id,
        checkins.key_result_id as checkin_series,
        checkins.observed_on,
        checkins.observed_value,
        checkins.matured_share,
        checkins.recorded_at,
        checkins.recorded_by,
        checkins.checkin_comment,
        checkins.status_override,
        checkins.override_reason,
        checkins.override_expires_on,
        matched_days.key_result_id is null as is_unknown,
        matched_days.metric_id,
        matched_days.period_start,
        matched_days.period_end,
        row_number() over (
            partition by coalesce(matched_days.key_result_id, checkins.key_result_id), checkins.observed_on
            order by checkins.recorded_at nulls first, checkins.observed_value, checkins.recorded_by, checkins.key_result_id
        ) as recording_number,
        count(*) over (
            partition by coalesce(matched_days.key_result_id, checkins.key_result_id), checkins.observed_on
        ) as recording_count

    from checkins
    left join
        matched_days
        on
            checkins.key_result_id = matched_days.checkin_series
            and checkins.observed_on = matched_days.observed_on
            and matched_days.match_number = 1

)

select
    key_result_id,
    observed_on,
    recording_number,
    observed_value,
    matured_share,
    recorded_at,
    lower({{ trimmed('recorded_by') }}) as recorded_by,
    {{ free_text('checkin_comment') }} as checkin_comment,
    {{ after_marker('checkin_comment', 'recovery plan:') }} as recovery_plan,
    status_override,
    override_reason,
    override_expires_on,
    case
        when is_unknown then 'unknown_key_result'
        when recording_number < recording_count then 'corrected_later'
        when observed_value is null then 'no_value'
        when metric_id is not null then 'read_from_metric'
        when observed_on < period_start then 'before_period'
        when observed_on >= period_end then 'after_period'
    end as exclusion_reason,
    checkin_series

from numbered_checkins
