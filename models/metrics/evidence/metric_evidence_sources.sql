-- One row per thing in metric_evidence and raw record behind it, with the part that record plays.
{{ config(
    materialized='incremental',
    on_schema_change='fail',
    meta={'stale': "row_kind not in ('insight', 'note') or row_id in {touched_notes}"},
) }}
{#- Records that name their feature themselves: role, source, table, relation, key #}
{%- set feature_records = [
    ('card', 'productboard', 'features', ref('stg_productboard__feature_versions'), 'feature_id'),
    ('card_status', 'productboard', 'portal_card_status', ref('stg_productboard__portal_card_statuses'),
        "feature_id || '|' || coalesce(portal_name, '') || '|' || card_status"),
    ('release', 'product_ops', 'release', ref('stg_product_ops__releases'), "feature_id || '|' || audience"),
    ('owner', 'product_ops', 'feature_owner', ref('stg_product_ops__feature_owner_versions'), 'feature_id'),
    ('gate_review', 'product_ops', 'stage_gate_review', ref('stg_product_ops__stage_gate_reviews'), 'review_id'),
    ('ipf_review', 'product_ops', 'ipf_review', ref('stg_product_ops__ipf_reviews'), 'review_id'),
    ('brief', 'product_ops', 'feature_brief', ref('stg_product_ops__feature_briefs'),
        "feature_id || '|' || brief_page_id"),
    ('interview_override', 'product_ops', 'interview_override', ref('stg_product_ops__interview_overrides'),
        'feature_id'),
    ('kpi_definition', 'product_ops', 'feature_kpi_definition', ref('stg_product_ops__feature_kpi_definition_versions'),
        "feature_id || '|' || kpi_id"),
    ('outcome_review', 'product_ops', 'outcome_review', ref('stg_product_ops__outcome_reviews'),
        "feature_id || '|' || cast(window_days as " ~ dbt.type_string() ~ ")"),
] %}
{#- Records of a note: role, table, relation, key #}
{%- set note_records = [
    ('note', 'notes', ref('int_insights__note_versions'), 'note_id'),
    ('tag', 'note_tags', ref('int_insights__note_tag_spans'), "note_id || '|' || tag_id"),
    ('link', 'note_relationships', ref('int_insights__note_link_spans'), "note_id || '|' || target_id"),
] %}
with

features as (

    select feature_id from {{ ref('fct_features') }}

),

notes as (

    select
        insight_id as note_id,
        'insight' as row_kind,
        resolved_feature_id,
        case resolved_method
            when 'source_history' then 'release'
            when 'portal_log' then 'card_status'
            else 'card'
        end as launch_role,
        'webhook' in (processed_method, tagged_method, linked_method) as has_webhook

    from {{ ref('fct_insights') }}
    {{ touched_notes_only('insight_id') }}

    union all

    select
        note_id,
        'note' as row_kind,
        cast(null as {{ dbt.type_string() }}) as resolved_feature_id,
        cast(null as {{ dbt.type_string() }}) as launch_role,
        false as has_webhook

    from {{ ref('int_insights__notes_left_out') }}
    {{ touched_notes_only('note_id') }}

),

interview_links as (

    select * from {{ ref('int_features__interview_links') }}

),

-- At the gate that scores the feature; a note offered twice there counts once.
interview_reasons as (

    select
        features.feature_id,
        evidence.interview_page_id,
        case
            when max(case when evidence.is_counted then 1 else 0 end) = 0 then min(evidence.exclusion_reason)
        end as record_reason

    from {{ ref('fct_features') }} as features
    inner join {{ ref('int_features__interview_evidence') }} as evidence on features.ddqs_review_id = evidence.review_id
    group by features.feature_id, evidence.interview_page_id

),

feature_records as (

    {% for role, source_name, table_name, relation, key in feature_records %}
    select
        feature_id,
        '{{ role }}' as role,
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        {{ key }} as row_key,
        source_file,
        source_row

    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- What a note is told by: records of its own, and those of the launch of its feature.
note_entities as (

    select
        notes.*,
        sides.side,
        case sides.side when 'own' then notes.note_id when 'launch' then notes.resolved_feature_id end as entity_id

    from notes
    cross join (
        select 'own' as side
        union all
        select 'launch' as side
    ) as sides

),

entity_records as (

    {% for role, table_name, relation, key in note_records %}
    select
        'own' as side,
        note_id as entity_id,
        '{{ role }}' as role,
        'productboard' as source_name,
        '{{ table_name }}' as table_name,
        {{ key }} as row_key,
        source_file,
        source_row

    from {{ relation }}

    union all
    {% endfor %}
    select
        'own' as side,
        entity_id,
        'webhook' as role,
        'productboard' as source_name,
        'webhook_events' as table_name,
        delivery_id as row_key,
        source_file,
        source_row

    from {{ ref('int_insights__webhook_events') }}

    union all

    select
        'launch' as side,
        feature_id as entity_id,
        role,
        source_name,
        table_name,
        row_key,
        source_file,
        source_row

    from feature_records
    where
        role in ('card', 'card_status')
        or (role = 'release' and row_key = feature_id || '|full')

),

records as (

    select
        'feature' as row_kind,
        feature_records.feature_id as row_id,
        feature_records.role,
        feature_records.source_name,
        feature_records.table_name,
        feature_records.row_key,
        gate_reviews.exclusion_reason as record_reason,
        feature_records.source_file,
        feature_records.source_row

    from feature_records
    inner join features on feature_records.feature_id = features.feature_id
    left join {{ ref('fct_gate_reviews') }} as gate_reviews
        on
            feature_records.role = 'gate_review'
            and feature_records.row_key = gate_reviews.review_id

    union all

    select
        'feature' as row_kind,
        records.feature_id as row_id,
        'kpi_reading' as role,
        'product_ops' as source_name,
        'feature_kpi_reading' as table_name,
        records.feature_id || '|' || records.kpi_id || '|' || cast(records.window_days as {{ dbt.type_string() }}) as row_key,
        readings.exclusion_reason as record_reason,
        records.source_file,
        records.source_row

    from {{ ref('stg_product_ops__feature_kpi_reading_versions') }} as records
    inner join features on records.feature_id = features.feature_id
    left join {{ ref('fct_feature_kpi_readings') }} as readings
        on
            records.feature_id = readings.feature_id
            and records.kpi_id = readings.kpi_id
            and records.window_days = readings.window_days
            and records.measured_at = readings.measured_at

    union all

    select
        'feature' as row_kind,
        links.feature_id as row_id,
        'interview_link' as role,
        'product_ops' as source_name,
        'brief_interview' as table_name,
        records.brief_page_id || '|' || records.interview_page_id as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        records.source_file,
        records.source_row

    from interview_links as links
    inner join {{ ref('stg_product_ops__brief_interviews') }} as records
        on
            links.brief_page_id = records.brief_page_id
            and links.interview_page_id = records.interview_page_id
            and links.count_method = 'brief_interview'

    union all

    select
        'feature' as row_kind,
        links.feature_id as row_id,
        'interview' as role,
        'product_ops' as source_name,
        'interview' as table_name,
        records.interview_page_id as row_key,
        interview_reasons.record_reason,
        records.source_file,
        records.source_row

    from interview_links as links
    inner join {{ ref('stg_product_ops__interviews') }} as records on links.interview_page_id = records.interview_page_id
    left join interview_reasons
        on
            links.feature_id = interview_reasons.feature_id
            and links.interview_page_id = interview_reasons.interview_page_id

    union all

    select
        'feature' as row_kind,
        links.feature_id as row_id,
        'interview_property' as role,
        'confluence' as source_name,
        'page_properties' as table_name,
        records.page_id || '|' || records.property_key
        || '|' || cast(records.version_number as {{ dbt.type_string() }}) as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        records.source_file,
        records.source_row

    from interview_links as links
    inner join {{ ref('stg_confluence__page_properties') }} as records
        on
            links.brief_page_id = records.page_id
            and records.property_key = 'interviews'
            and links.count_method = 'page_property'

    union all

    select
        'feature' as row_kind,
        links.feature_id as row_id,
        'brief_page' as role,
        'confluence' as source_name,
        'pages' as table_name,
        records.page_id as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        records.source_file,
        records.source_row

    from interview_links as links
    inner join {{ ref('stg_confluence__pages') }} as records
        on
            links.brief_page_id = records.page_id
            and links.count_method = 'page_body'

    union all

    select
        notes.row_kind,
        notes.note_id as row_id,
        case notes.side when 'launch' then 'launch' else records.role end as role,
        records.source_name,
        records.table_name,
        records.row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        records.source_file,
        records.source_row

    from note_entities as notes
    inner join entity_records as records
        on
            notes.side = records.side
            and notes.entity_id = records.entity_id
    where
        (notes.side = 'own' and (records.role <> 'webhook' or notes.has_webhook))
        or (notes.side = 'launch' and records.role = notes.launch_role)

    union all

    select
        'survey_response' as row_kind,
        response_id as row_id,
        'answer' as role,
        'survey' as source_name,
        'survey_responses' as table_name,
        response_id as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        source_file,
        source_row

    from {{ ref('stg_survey__responses') }}

    union all

    select
        'survey_response' as row_kind,
        answers.response_id as row_id,
        'answer' as role,
        'pendo' as source_name,
        'poll_event' as table_name,
        records.poll_id || '|' || records.user_id as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        records.source_file,
        records.source_row

    from {{ ref('fct_survey_responses') }} as answers
    inner join {{ ref('stg_pendo__poll_events') }} as records
        on
            answers.survey_id = records.guide_id
            and answers.user_id = records.user_id
            and answers.answered_at = records.answered_at
            and coalesce(answers.score, -1) = coalesce(records.score, -1)
    where answers.response_id like 'pendo-%'

    union all

    select
        'sampled_user' as row_kind,
        wave_id || '|' || user_id as row_id,
        'draw' as role,
        'survey' as source_name,
        'sampling_frame' as table_name,
        wave_id || '|' || user_id as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        source_file,
        source_row

    from {{ ref('stg_survey__sampling_frame') }}
    where is_sampled

    union all

    select
        'account_month' as row_kind,
        account_id || '|' || cast(month_start as {{ dbt.type_string() }}) as row_id,
        'amount' as role,
        'crm' as source_name,
        'account_arr' as table_name,
        account_id || '|' || cast(month_start as {{ dbt.type_string() }}) as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        source_file,
        source_row

    from {{ ref('stg_crm__account_arr') }}

    union all

    -- An account gone from a month has no record of that month; the one it was lost from stands for it.
    select
        'account_month' as row_kind,
        movements.account_id || '|' || cast(movements.month_start as {{ dbt.type_string() }}) as row_id,
        'last_amount' as role,
        'crm' as source_name,
        'account_arr' as table_name,
        records.account_id || '|' || cast(records.month_start as {{ dbt.type_string() }}) as row_key,
        cast(null as {{ dbt.type_string() }}) as record_reason,
        records.source_file,
        records.source_row

    from {{ ref('fct_account_arr_movements') }} as movements
    inner join {{ ref('int_revenue__months') }} as months on movements.month_start = months.month_start
    inner join {{ ref('stg_crm__account_arr') }} as records
        on
            movements.account_id = records.account_id
            and months.previous_covered_month = records.month_start
    where movements.movement_type = 'churn'

)

select distinct
    row_kind,
    row_id,
    role,
    source_name,
    table_name,
    source_file,
    source_row,
    row_key,
    record_reason

from records
