{#- Observed changes with their bounds: not before the last extract that proves not yet, or the creation of the thing. -#}
{% macro bounded_changes(observed_changes) -%}
select
    change,
    side,
    entity_type,
    entity_id,
    subject_id,
    span_number,
    greatest(not_yet_at, created_at) as lower_at,
    upper_at,
    updated_at,
    not_yet_at is null as is_known_at_first_extract

from {{ observed_changes }}
{%- endmacro %}

{#-
    Observed changes, each with its estimate, its bounds and the method that gave them. A webhook between two extracts
    bounds a change from above; an `updated_at` inside the bounds is the estimate, else the later extract is. `only` narrows
    both to some of their entities.
-#}
{% macro change_times(observed_changes, webhook_events, attributes, only='') -%}
with

observed_changes as (

    select * from {{ observed_changes }}
    {{ only }}

),

webhook_events as (

    select * from {{ webhook_events }}
    {{ only }}

),

attributes as (

    select * from {{ attributes }}

),

webhook_changes as (

    select distinct
        case when webhook_events.event_type like 'feature%' then 'feature' else 'note' end as entity_type,
        webhook_events.entity_id,
        attributes.change,
        webhook_events.received_at

    from webhook_events
    inner join attributes
        on lower(webhook_events.updated_attributes) like '%"' || attributes.attribute || '"%'

),

-- Of several receipts between two extracts the last is the only one sure to be no earlier than the change.
receipts as (

    select
        changes.change,
        changes.side,
        changes.entity_type,
        changes.entity_id,
        changes.subject_id,
        changes.span_number,
        max(webhook_changes.received_at) as received_at

    from observed_changes as changes
    inner join webhook_changes
        on
            changes.entity_type = webhook_changes.entity_type
            and changes.entity_id = webhook_changes.entity_id
            and changes.change = webhook_changes.change
            and changes.upper_at >= webhook_changes.received_at
            and (changes.lower_at <= webhook_changes.received_at or changes.lower_at is null)
    group by
        changes.change,
        changes.side,
        changes.entity_type,
        changes.entity_id,
        changes.subject_id,
        changes.span_number

),

bounded_changes as (

    select
        changes.*,
        receipts.received_at,
        case
            when
                changes.updated_at <= changes.upper_at
                and (changes.updated_at >= changes.lower_at or changes.lower_at is null)
                then changes.updated_at
        end as updated_inside_at

    from observed_changes as changes
    left join receipts
        on
            changes.change = receipts.change
            and changes.side = receipts.side
            and changes.entity_type = receipts.entity_type
            and changes.entity_id = receipts.entity_id
            and changes.subject_id = receipts.subject_id
            and changes.span_number = receipts.span_number

)

select
    change,
    side,
    entity_type,
    entity_id,
    subject_id,
    span_number,
    case
        when received_at is not null then least(received_at, coalesce(updated_inside_at, received_at))
        else coalesce(updated_inside_at, upper_at)
    end as changed_at,
    lower_at,
    coalesce(received_at, upper_at) as upper_at,
    case
        when received_at is not null then 'webhook'
        when updated_inside_at is not null then 'updated_at'
        else 'snapshot'
    end as method,
    is_known_at_first_extract

from bounded_changes
{%- endmacro %}
