-- Every scored answer stands in one stratum, one channel and one pain group (within_45_days repeats within_42_days).
with

groups as (

    select
        wave_id,
        'stratum' as kind,
        sum(scored_count) as scored_count
    from {{ ref('nps_by_stratum') }}
    group by wave_id

    union all

    select
        wave_id,
        'channel' as kind,
        sum(scored_count) as scored_count
    from {{ ref('nps_by_segment') }}
    where segment_kind = 'channel'
    group by wave_id

    union all

    select
        wave_id,
        'pain_resolution' as kind,
        sum(scored_count) as scored_count
    from {{ ref('nps_by_pain_resolution') }}
    where pain_resolution <> 'within_42_days'
    group by wave_id

)

select
    groups.wave_id,
    groups.kind,
    groups.scored_count,
    waves.scored_count as wave_scored_count

from groups
inner join {{ ref('nps_by_wave') }} as waves on groups.wave_id = waves.wave_id
where groups.scored_count <> waves.scored_count
