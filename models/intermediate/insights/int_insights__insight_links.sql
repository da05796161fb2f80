-- One row per note, linked feature and span of that link, with the card that stands for the feature.
{{ config(materialized='incremental', meta={'stale': 'note_id in {touched_notes}'}) }}
{%- set by_log = var('portal_status_source') == 'portal_card_status' %}
with

link_changes as (

    select * from {{ ref('int_insights__change_times') }}
    where
        change = 'links'
        {{ touched_notes_only('entity_id', 'and') }}

),

feature_versions as (

    select
        *,
        row_number() over (partition by feature_id order by first_seen_at desc) as version_number_from_newest

    from {{ ref('stg_productboard__feature_versions') }}

),

features as (

    select * from feature_versions
    where version_number_from_newest = 1

),

cards as (

    select feature_id from {{ ref('int_insights__card_moves') }}
    {%- if by_log %}
    where method = 'portal_log'
    {%- endif %}

    union

    select feature_id from {{ ref('int_insights__launches') }}
    where launch_method = 'source_history'

),

feature_cards as (

    select
        features.feature_id,
        case
            when cards.feature_id is null and features.feature_type = 'subfeature'
                then coalesce(features.parent_feature_id, features.feature_id)
            else features.feature_id
        end as card_feature_id

    from features
    left join cards on features.feature_id = cards.feature_id

)

select
    links.entity_id as note_id,
    links.subject_id as feature_id,
    links.span_number,
    feature_cards.card_feature_id,
    links.changed_at as linked_at,
    links.lower_at as linked_lower_at,
    links.upper_at as linked_upper_at,
    links.method as link_method,
    unlinks.changed_at as unlinked_at

from link_changes as links
inner join feature_cards on links.subject_id = feature_cards.feature_id
left join link_changes as unlinks
    on
        links.entity_id = unlinks.entity_id
        and links.subject_id = unlinks.subject_id
        and links.span_number = unlinks.span_number
        and unlinks.side = 'end'
where links.side = 'start'
