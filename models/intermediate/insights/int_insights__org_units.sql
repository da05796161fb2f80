-- One row per org unit a reading is given for: the company, each squad and each person that ever owned a feature.
with

owners as (

    select * from {{ ref('int_goals__feature_owners') }}

)

select
    'company' as org_unit,
    'company' as org_level,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    cast(null as {{ dbt.type_string() }}) as person_id

union all

select distinct
    'squad:' || squad_id as org_unit,
    'squad' as org_level,
    squad_id,
    cast(null as {{ dbt.type_string() }}) as person_id

from owners
where squad_id is not null

union all

select distinct
    'person:' || person_id as org_unit,
    'person' as org_level,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    person_id

from owners
where person_id is not null
