-- One row: the first and last day that CIRCT is read on, and the lengths its windows have.
{{ config(materialized='ephemeral') }}
select
    settings.target_days,
    settings.window_days,
    first_extract.first_day,
    build_clock.as_of_on as last_day,
    {{ days_after('build_clock.as_of_on', '-settings.target_days') }} as old_enough_on

from {{ ref('circt_settings') }} as settings
cross join {{ ref('stg_landing__build_clock') }} as build_clock
cross join (
    select {{ org_date('min(extracted_at)') }} as first_day
    from {{ ref('int_insights__extract_times') }}
    where table_name = 'notes'
) as first_extract
