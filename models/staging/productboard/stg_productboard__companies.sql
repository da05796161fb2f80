-- One row per customer company as it stands at as_of.
with

companies as (

    {{ known_rows('productboard', 'companies') }}

)

select
    id as company_id,
    name as company_name,
    domain as company_domain,
    source_record_id

from companies
