-- One row per metric: the newest extract of the oldest table it rests on, and whether that is too old today.
with

metric_sources as (

    select * from {{ ref('metric_sources') }}

),

newest_extracts as (

    select
        source,
        table_name,
        max({{ org_date('extracted_at') }}) as extracted_on

    from {{ ref('stg_landing__extracts') }}
    group by source, table_name

),

oldest_tables as (

    select
        metric_sources.metric_id,
        case
            when count(newest_extracts.extracted_on) = count(*) then min(newest_extracts.extracted_on)
        end as newest_extract_on

    from metric_sources
    left join
        newest_extracts
        on
            metric_sources.source = newest_extracts.source
            and metric_sources.table_name = newest_extracts.table_name
    group by metric_sources.metric_id

)

select
    cards.metric_id,
    cards.max_age_days,
    oldest_tables.newest_extract_on,
    {{ days_between('oldest_tables.newest_extract_on', 'build_clock.as_of_on') }} as age_days,
    coalesce(
        {{ days_between('oldest_tables.newest_extract_on', 'build_clock.as_of_on') }} > cards.max_age_days, false
    ) as is_stale

from {{ ref('metric_cards') }} as cards
cross join {{ ref('stg_landing__build_clock') }} as build_clock
left join oldest_tables on cards.metric_id = oldest_tables.metric_id
