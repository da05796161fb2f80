-- One row per thing that insights take from the card of a feature: what the next refresh compares with.
-- depends_on: {{ ref('int_insights__touched_features') }}
select * from {{ ref('int_insights__card_facts') }}
