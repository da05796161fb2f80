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
    numeric_responses,
    id_responses

from polls
