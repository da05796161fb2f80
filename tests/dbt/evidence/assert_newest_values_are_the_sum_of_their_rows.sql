-- Numerator, denominator and n of the newest value of each reading and unit, recomputed from its rows.
-- Only the newest: for every day of every unit the join would grow with days times insights.
with

newest_values as (

    select *
    from (
        select
            *,
            row_number() over (
                partition by metric_id, reading, org_level, org_unit_id, period_kind order by period_start desc
            ) as place
        from {{ ref('metric_values') }}
    ) as ordered_values
    where place = 1

),

recomputed as (

    select
        newest_values.metric_id,
        newest_values.reading,
        newest_values.org_level,
        newest_values.org_unit_id,
        newest_values.period_kind,
        newest_values.period_start,
        newest_values.numerator,
        newest_values.denominator,
        newest_values.n,
        coalesce(sum(evidence.numerator), 0) as evidence_numerator,
        coalesce(sum(evidence.denominator), 0) as evidence_denominator,
        coalesce(sum(evidence.n), 0) as evidence_n

    from newest_values
    left join {{ ref('metric_evidence') }} as evidence
        on
            newest_values.metric_id = evidence.metric_id
            and newest_values.reading = evidence.reading
            and newest_values.org_level = evidence.org_level
            and newest_values.org_unit_id = evidence.org_unit_id
            and newest_values.period_kind = evidence.period_kind
            and newest_values.period_start >= evidence.first_period_start
            and newest_values.period_start <= evidence.last_period_start
    group by
        newest_values.metric_id,
        newest_values.reading,
        newest_values.org_level,
        newest_values.org_unit_id,
        newest_values.period_kind,
        newest_values.period_start,
        newest_values.numerator,
        newest_values.denominator,
        newest_values.n

)

select * from recomputed
where
    abs(numerator - evidence_numerator) > 0.0005
    or abs(denominator - evidence_denominator) > 0.0005
    or coalesce(n, 0) <> evidence_n
