-- An estimate outside what is known for certain would be an invention.
with

insights as (

    select * from {{ ref('fct_insights') }}

),

estimates as (

    {%- for event in ['processed', 'tagged', 'linked', 'started', 'idea', 'planned', 'resolved'] %}
    select
        insight_id,
        '{{ event }}' as event,
        {{ event }}_lower_at as lower_at,
        {{ event }}_at as estimated_at,
        {{ event }}_upper_at as upper_at

    from insights
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

)

select * from estimates
where
    estimated_at < lower_at
    or estimated_at > upper_at
    or (estimated_at is null) <> (upper_at is null)
