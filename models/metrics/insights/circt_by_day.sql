-- One row per org unit and day: CIRCT over the 90 days that end with it.
with

counts as (

    select * from {{ ref('int_insights__circt_counts_by_day') }}

),

readings as (

    select * from {{ ref('int_insights__circt_readings') }}
    where period_kind = 'day'

),

settings as (

    select * from {{ ref('circt_settings') }}

),

days as (

    select
        counts.*,
        readings.p90_launched,
        readings.p90_launched_cont,
        readings.share as share_within_45,
        readings.ci_low as share_within_45_ci_low,
        readings.ci_high as share_within_45_ci_high,
        readings.p90_inbox_wait_days,
        readings.p90_triage_days,
        readings.p90_validation_days,
        readings.p90_delivery_days,
        readings.worst_uncertainty_days,
        readings.p90_with_open,
        readings.p90_with_open_ci_low,
        readings.p90_with_open_ci_high,
        coalesce(readings.under_watch_count, 0) as under_watch_count,
        settings.least_at_risk,
        settings.target_days,
        settings.target_share,
        counts.launched_within_count + counts.open_count - counts.overdue_count as within_at_best_count,
        counts.launched_count + counts.open_count as launched_or_open_count,
        readings.p90_launched <= settings.target_days as is_p90_launched_met,
        counts.within_count >= settings.target_share * counts.started_count as is_share_met

    from counts
    cross join settings
    inner join readings
        on
            counts.org_unit = readings.org_unit
            and counts.day = readings.period_start

)

select
    org_unit,
    org_level,
    squad_id,
    person_id,
    day,
    p90_launched,
    p90_launched_cont,
    launched_count,
    share_within_45,
    share_within_45_ci_low,
    share_within_45_ci_high,
    within_count,
    started_count,
    is_p90_launched_met,
    case when started_count > 0 then is_share_met end as is_share_within_45_met,
    case when started_count > 0 and p90_launched is not null then is_p90_launched_met <> is_share_met end
        as is_disagreement,
    p90_with_open,
    p90_with_open_ci_low,
    p90_with_open_ci_high,
    under_watch_count,
    case when under_watch_count >= least_at_risk then coalesce(p90_with_open <= target_days, false) end
        as is_p90_with_open_met,
    case when launched_or_open_count > 0 then {{ float64('launched_within_count') }} / launched_or_open_count end
        as share_within_45_at_worst,
    case when launched_or_open_count > 0 then {{ float64('within_at_best_count') }} / launched_or_open_count end
        as share_within_45_at_best,
    case when launched_or_open_count > 0 then within_at_best_count < target_share * launched_or_open_count end
        as is_failing_whatever_happens,
    open_count,
    overdue_count,
    open_with_reason_count,
    p90_inbox_wait_days,
    p90_triage_days,
    p90_validation_days,
    p90_delivery_days,
    case when launched_count > 0 then {{ float64('webhook_count') }} / launched_count end as webhook_share,
    case when launched_count > 0 then {{ float64('portal_log_count') }} / launched_count end as portal_log_share,
    case when launched_count > 0 then {{ float64('source_history_count') }} / launched_count end
        as source_history_share,
    case when launched_count > 0 then {{ float64('updated_at_count') }} / launched_count end as updated_at_share,
    case when launched_count > 0 then {{ float64('snapshot_count') }} / launched_count end as snapshot_share,
    worst_uncertainty_days

from days
