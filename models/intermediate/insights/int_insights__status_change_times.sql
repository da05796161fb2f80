-- One row per observed change of a feature's stage with its estimate, its bounds and the method that gave them.
with

feature_events as (

    select * from {{ ref('stg_productboard__webhook_events') }}
    where event_type like 'feature%'

),

change_times as (

    {{ change_times(
        ref('int_insights__observed_status_changes'), 'feature_events', ref('webhook_attribute_map')
    ) }}

)

select * from change_times
