-- One row per hit of an integrity rule.
with

violations as (

    select
        rule_id,
        entity_type,
        entity_id,
        feature_id,
        cast(null as {{ dbt.type_string() }}) as squad_id,
        happened_at,
        evidence

    from {{ ref('int_features__gate_violations') }}
    union all
    select
        rule_id,
        entity_type,
        entity_id,
        feature_id,
        cast(null as {{ dbt.type_string() }}) as squad_id,
        happened_at,
        evidence

    from {{ ref('int_features__outcome_violations') }}
    union all
    select * from {{ ref('int_features__pattern_violations') }}

),

rules as (

    select * from {{ ref('integrity_rules') }}

),

owners as (

    select * from {{ ref('int_goals__feature_owners') }}

)

select
    md5(violations.rule_id || '|' || violations.entity_type || '|' || violations.entity_id) as violation_id,
    violations.rule_id,
    rules.kind,
    coalesce(rules.stage, gate_reviews.stage) as stage,
    rules.severity,
    violations.entity_type,
    violations.entity_id,
    violations.feature_id,
    owners.person_id,
    coalesce(violations.squad_id, owners.squad_id) as squad_id,
    violations.happened_at,
    {{ org_date('violations.happened_at') }} as happened_on,
    violations.evidence,
    rules.sentence,
    rules.what_to_do

from violations
inner join rules on violations.rule_id = rules.rule_id
left join {{ ref('fct_gate_reviews') }} as gate_reviews
    on
        violations.entity_type = 'gate_review'
        and violations.entity_id = gate_reviews.review_id
left join owners
    on
        violations.feature_id = owners.feature_id
        and violations.happened_at >= owners.owned_from_at
        and (violations.happened_at < owners.owned_until_at or owners.owned_until_at is null)
