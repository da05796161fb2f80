-- One row per key result, day observed and recording of it.
with

checkins as (

    select * from {{ ref('stg_product_ops__key_result_checkins') }}

),

key_results as (

    select * from {{ ref('key_results') }}

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
    numbered_checkins.status_override,
    numbered_checkins.override_reason,
    numbered_checkins.override_expires_on,
    case
        when key_results.key_result_id is null then 'unknown_key_result'
        when numbered_checkins.recording_number < numbered_checkins.recording_count then 'corrected_later'
        when numbered_checkins.observed_value is null then 'no_value'
        when numbered_checkins.observed_on < key_results.period_start then 'before_period'
        when numbered_checkins.observed_on >= key_results.period_end then 'after_period'
    end as exclusion_reason

from numbered_checkins
left join key_results on numbered_checkins.key_result_id = key_results.key_result_id
