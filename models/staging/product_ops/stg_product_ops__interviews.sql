-- One row per interview note and person in it, in the version that landed first.
with

interviews as (

    {{ first_known_rows('product_ops', 'interview', ['page_id', 'person_id']) }}

)

select
    page_id as interview_page_id,
    person_id as interviewee_id,
    customer_id,
    is_external,
    {{ utc_timestamp('held_at', 'product_ops') }} as held_at,
    first_seen_at,
    previous_extract_at,
    _source_file as source_file,
    _source_row as source_row

from interviews
