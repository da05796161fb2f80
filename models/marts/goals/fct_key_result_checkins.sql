-- One row per series of check-ins, day observed and recording of it.
with

checkins as (

    select * from {{ ref('stg_product_ops__key_result_checkins') }}

),

-- A measure that goes on from quarter to quarter serves several key results.
checkin_series as (

    select
        checkin_series,
        count(metric_id) as metric_count,
        min(period_start) as first_day,
        max(period_end) as end_day

    from {{ ref('dim_key_results') }}
    group by checkin_series

),

numbered_checkins as (

    select
        *,
        row_number() over (
            partition by key_result_id, observed_on order by recorded_at nulls first, observed_value, recorded_by
        ) as recording_number,
        count(*) over (partition by key_result_id, observed_on) as recording_count

    from checkins

)

select
    numbered_checkins.key_result_id,
    numbered_checkins.observed_on,
    numbered_checkins.recording_number,
    numbered_checkins.observed_value,
    numbered_checkins.matured_share,
    numbered_checkins.recorded_at,
    lower(trim(numbered_checkins.recorded_by)) as recorded_by,
    {{ free_text('numbered_checkins.checkin_comment') }} as checkin_comment,
    {{ after_marker('numbered_checkins.checkin_comment', 'recovery plan:') }} as recovery_plan,
    numbered_checkins.status_override,
    numbered_checkins.override_reason,
    numbered_checkins.override_expires_on,
    case
        when checkin_series.checkin_series is null then 'unknown_key_result'
        when numbered_checkins.recording_number < numbered_checkins.recording_count then 'corrected_later'
        when numbered_checkins.observed_value is null then 'no_value'
        when checkin_series.metric_count > 0 then 'read_from_metric'
        when numbered_checkins.observed_on < checkin_series.first_day then 'before_period'
        when numbered_checkins.observed_on >= checkin_series.end_day then 'after_period'
    end as exclusion_reason

from numbered_checkins
left join checkin_series on numbered_checkins.key_result_id = checkin_series.checkin_series
