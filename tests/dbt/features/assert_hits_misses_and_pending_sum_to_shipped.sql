-- Every shipped feature is a hit, a miss with its stage, or pending, at every level of the organisation.
select
    org_level,
    squad_id,
    person_id,
    quarter_start,
    shipped_count,
    matured_count

from {{ ref('ploar_by_quarter') }}
where
    matured_count + pending_count <> shipped_count
    or hit_count + miss_discover_count + miss_define_count + miss_develop_count + miss_deliver_count
    + miss_undiagnosed_count <> matured_count
    or early_hit_count > pending_count
