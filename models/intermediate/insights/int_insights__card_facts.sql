-- One row per thing that insights and their evidence take from the card of a feature, as text.
{{ config(materialized='ephemeral') }}
{%- set facts = {
    'launch': (ref('int_insights__launches'), 'feature_id', [
        'launch_number', 'launched_at', 'launched_lower_at', 'launched_upper_at', 'launch_method', 'withdrawn_at',
        'is_withdrawn_early',
    ]),
    'entry': (ref('int_insights__card_stage_entries'), 'feature_id', [
        'stage', 'entered_at', 'entered_lower_at', 'entered_upper_at', 'method'
    ]),
    'move': (ref('int_insights__card_moves'), 'feature_id', ['method']),
    'feature_record': (ref('stg_productboard__feature_versions'), 'feature_id', ['source_file', 'source_row']),
    'card_record': (ref('stg_productboard__portal_card_statuses'), 'feature_id', [
        'portal_name', 'card_status', 'source_file', 'source_row'
    ]),
    'release_record': (ref('stg_product_ops__releases'), 'feature_id', ['audience', 'source_file', 'source_row']),
    'owner': (ref('int_insights__card_owners'), 'card_feature_id', [
        'person_id', 'squad_id', 'owned_from_at', 'owned_until_at'
    ]),
} %}
with

feature_versions as (

    select
        *,
        row_number() over (partition by feature_id order by first_seen_at desc) as version_number_from_newest

    from {{ ref('stg_productboard__feature_versions') }}

),

statuses as (

    select * from {{ ref('status_stage_map') }}

),

versions as (

    select
        feature_versions.feature_id,
        feature_versions.feature_type,
        feature_versions.parent_feature_id,
        case when feature_versions.is_current then coalesce(statuses.stage, 'unknown') end as stage

    from feature_versions
    left join statuses on feature_versions.status_id = statuses.status_id
    where feature_versions.version_number_from_newest = 1

)

select distinct
    feature_id,
    'version' as fact,
    {{ as_text(['feature_type', 'parent_feature_id', 'stage']) }} as detail

from versions
{% for fact, (relation, feature_id, columns) in facts.items() %}
union all

select distinct
    {{ feature_id }} as feature_id,
    '{{ fact }}' as fact,
    {{ as_text(columns) }} as detail

from {{ relation }}
{%- endfor %}
