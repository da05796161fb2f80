-- One row per feature whose card is another one than at the last build; none unless this is a refresh.
{%- if is_refresh() %}
with

facts as (

    select * from {{ ref('int_insights__card_facts') }}

),

known_facts as (

    select * from {{ last_built('int_insights__known_card_facts', 'intermediate') }}

),

differing as (

    select coalesce(facts.feature_id, known_facts.feature_id) as feature_id

    from facts
    full outer join known_facts
        on
            facts.feature_id = known_facts.feature_id
            and facts.fact = known_facts.fact
            and facts.detail = known_facts.detail
    where
        facts.feature_id is null
        or known_facts.feature_id is null

),

families as (

    select
        feature_id,
        parent_feature_id

    from {{ ref('stg_productboard__feature_versions') }}
    where parent_feature_id is not null

)

select feature_id from differing

union

-- A subfeature without a card of its own has its parent's.
select families.feature_id

from families
inner join differing on families.parent_feature_id = differing.feature_id
{%- else %}
{%- if not execute %}
-- depends_on: {{ ref('int_insights__card_facts') }}, {{ ref('stg_productboard__feature_versions') }}
{%- endif %}
select cast(null as {{ dbt.type_string() }}) as feature_id
where 1 = 0
{%- endif %}
