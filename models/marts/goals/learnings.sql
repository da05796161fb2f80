-- One row per learning.
select
    learning_id,
    period,
    learned_on,
    key_result_id,
    initiative_id,
    learned,
    evidence,
    written_by,
    tags

from {{ ref('learning_notes') }}
