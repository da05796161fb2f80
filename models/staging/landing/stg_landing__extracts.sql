-- One row per extract file known at as_of.
select
    source,
    table_name,
    file,
    content_hash,
    extracted_at,
    is_full,
    row_count,
    landed_count,
    unchanged_count,
    quarantined_count
from {{ source('landing', 'raw_extracts') }}
where extracted_at <= {{ as_of_instant() }}
