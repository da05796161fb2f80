-- One row per survey wave: when it was drawn, and until when its answers count.
with

frame as (

    select * from {{ ref('stg_survey__sampling_frame') }}

),

invitations as (

    select * from {{ ref('int_surveys__invitations') }}

),

responses as (

    select * from {{ ref('int_surveys__responses') }}

),

-- A wave without a stored draw starts with its first invitation, one without invitations with its first answer.
sightings as (

    select
        wave_id,
        drawn_at as seen_at,
        1 as trust,
        is_sampled as is_draw
    from frame
    union all
    select
        wave_id,
        sent_at as seen_at,
        2 as trust,
        false as is_draw
    from invitations
    where sent_at is not null
    union all
    select
        wave_id,
        submitted_at as seen_at,
        3 as trust,
        false as is_draw
    from responses
    where submitted_at is not null

),

starts as (

    select
        wave_id,
        min(trust) < 3 as is_drawn,
        coalesce(
            min(case when trust = 1 then seen_at end),
            min(case when trust = 2 then seen_at end),
            min(case when trust = 3 then seen_at end)
        ) as drawn_at,
        max(case when is_draw then 1 else 0 end) = 1 as has_frame

    from sightings
    group by wave_id

)

select
    wave_id,
    drawn_at,
    {{ org_date('drawn_at') }} as drawn_on,
    -- A wave known from answers alone may be a misspelt name; it must not close another one.
    min(case when is_drawn then drawn_at end) over (
        order by drawn_at, wave_id rows between 1 following and unbounded following
    ) as next_drawn_at,
    case when is_drawn then lag(wave_id) over (partition by is_drawn order by drawn_at, wave_id) end as previous_wave_id,
    has_frame

from starts
where drawn_at is not null
