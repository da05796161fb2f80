{#- Rows of a table of violations that break one rule; the test fails where there are any. -#}
{% test rule_holds(model, rule_id) %}
    select * from {{ model }}
    where rule_id = '{{ rule_id }}'
{% endtest %}
