-- One row per wave, kind of segment and segment: answers of each class, and what earlier detractors said this time.
{%- set kinds = {
    'stratum': 'stratum',
    'tenure': "split_part(stratum, '|', 1)",
    'engagement': "split_part(stratum, '|', 2)",
    'channel': 'channel',
    'pain_resolution': 'pain_resolution',
} %}
with

answers as (

    select * from {{ ref('int_surveys__scored_answers') }}

),

segmented_answers as (

    {% for kind, segment in kinds.items() -%}
    select
        wave_id,
        '{{ kind }}' as segment_kind,
        {{ segment }} as segment,
        nps_class,
        previous_nps_class
    from answers
    {%- if kind in ('tenure', 'engagement') %}
    where stratum like '%|%'
    {%- endif %}

    union all

    {% endfor -%}
    -- Within 45 days counts those within 42 as well.
    select
        wave_id,
        'pain_resolution' as segment_kind,
        'within_45_days' as segment,
        nps_class,
        previous_nps_class
    from answers
    where pain_resolution in ('within_42_days', 'within_43_to_45_days')

)

select
    wave_id,
    segment_kind,
    segment,
    count(case when nps_class = 'promoter' then 1 end) as promoter_count,
    count(case when nps_class = 'passive' then 1 end) as passive_count,
    count(case when nps_class = 'detractor' then 1 end) as detractor_count,
    count(case when previous_nps_class = 'detractor' then 1 end) as previous_detractor_count,
    count(case when previous_nps_class = 'detractor' and nps_class = 'promoter' then 1 end) as became_promoter_count

from segmented_answers
where segment <> 'within_43_to_45_days'
group by wave_id, segment_kind, segment
