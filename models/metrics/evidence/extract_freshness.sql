-- One row per raw table of which an extract has landed: how old the newest is, and how much of it could not be read.
with

extracts as (

    -- A file copied under a second name is one extract.
    select distinct
        source,
        table_name,
        content_hash,
        extracted_at,
        is_full,
        row_count,
        quarantined_count

    from {{ ref('stg_landing__extracts') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

dated_extracts as (

    select
        source,
        table_name,
        extracted_at,
        is_full,
        row_count,
        quarantined_count,
        max(extracted_at) over (partition by source, table_name) as newest_at,
        max(extracted_at) over (partition by source) as source_newest_at

    from extracts

),

tables as (

    select
        source,
        table_name,
        newest_at,
        source_newest_at,
        max(case when is_full then 1 else 0 end) = 1 as is_full,
        count(distinct extracted_at) as extract_count,
        sum(row_count) as row_count,
        sum(case when extracted_at = newest_at then row_count else 0 end) as newest_row_count,
        sum(quarantined_count) as quarantined_count,
        sum(case when extracted_at = newest_at then quarantined_count else 0 end) as newest_quarantined_count,
        {{ source_max_age_days('source') }} as max_age_days

    from dated_extracts
    group by source, table_name, newest_at, source_newest_at

),

aged_tables as (

    select
        tables.*,
        build_clock.as_of,
        {{ days_between(org_date('tables.newest_at'), 'build_clock.as_of_on') }} as age_days,
        {{ days_between(org_date('tables.source_newest_at'), 'build_clock.as_of_on') }} as source_age_days

    from tables
    cross join build_clock

)

select
    source,
    table_name,
    newest_at,
    cast(age_days as integer) as age_days,
    cast(max_age_days as integer) as max_age_days,
    -- A table that sends only what changed may be silent; its source as a whole may not.
    coalesce(case when is_full then age_days else source_age_days end > max_age_days, false) as is_stale,
    is_full,
    cast(extract_count as integer) as extract_count,
    cast(newest_row_count as bigint) as newest_row_count,
    cast(newest_quarantined_count as bigint) as newest_quarantined_count,
    cast(row_count as bigint) as row_count,
    cast(quarantined_count as bigint) as quarantined_count,
    as_of
from aged_tables
