-- One row per poll and guide.
with

polls as (

    {{ known_rows('pendo', 'poll') }}

)

select
    id as poll_id,
    guide_id,
    question,
    type as poll_type,
    case
        when lower(type) = 'npsrating' then 'score'
        when lower(type) in ('npsreason', 'freeform') then 'comment'
        else 'other'
    end as poll_kind,
    numeric_responses,
    id_responses

from polls
