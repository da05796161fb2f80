-- One row per observed change of a feature's stage with its estimate, its bounds and the method that gave them.
{{ change_times(
    ref('int_insights__observed_status_changes'),
    ref('int_insights__webhook_events'),
    ref('webhook_attribute_map')
) }}
