-- One row per Productboard table and extract known at as_of.
with

extracts as (

    select * from {{ ref('stg_landing__extracts') }}
    where source = 'productboard'

),

extract_times as (

    select
        table_name,
        extracted_at,
        min(case when is_full then extracted_at end) as full_extracted_at

    from extracts
    group by table_name, extracted_at

)

select
    table_name,
    extracted_at,
    min(extracted_at) over (partition by table_name) as first_extracted_at,
    min(full_extracted_at) over (
        partition by table_name
        order by extracted_at
        rows between 1 following and unbounded following
    ) as next_full_extracted_at

from extract_times
