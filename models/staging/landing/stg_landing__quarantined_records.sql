-- One row per record that could not be landed, known at as_of; the value itself stays in the raw layer.
select
    source,
    table_name,
    file,
    line,
    column_name,
    reason,
    extracted_at
from {{ source('landing', 'raw_quarantine') }}
where extracted_at <= {{ as_of_instant() }}
