"""Faults that arrive: an extract a day after the last one, damaged as vendors, loaders and people damage them."""

from tests.faults.quality_faults.fault import Fault


def _arriving(name: str, table: str, change: str, *caught_by: str) -> Fault:
    return Fault(name, "a new extract", change, caught_by, table)


FAULTS = (
    _arriving(
        "an extract of notes is cut off half-way",
        "productboard.notes",
        "select * from extract where hash(id) % 2 = 0",
        "whole_tables_do_not_shrink",
    ),
    _arriving(
        "the companies of another workspace come along",
        "productboard.companies",
        "select * from extract union all select * replace ('other-' || id as id) from extract",
        "whole_tables_do_not_swell",
    ),
    _arriving(
        "the pain tags are renamed at the source",
        "productboard.note_tags",
        "select * replace ('topic-' || left(md5(tag_name), 3) as tag_name) from extract",
        "pain_tags_are_there",
    ),
    _arriving(
        "the vendor renames a column of the notes",
        "productboard.notes",
        'select * exclude (created_at), created_at as "createdAt" from extract',
        "columns_do_not_come_empty",
        "extracts_bring_no_unknown_columns",
        "notes_say_when_they_were_made",
    ),
    _arriving(
        "the vendor gives notes a new state",
        "productboard.notes",
        "select * replace (case when hash(id) % 20 = 0 then 'triaged' else state end as state) from extract",
        "note_states_are_known",
    ),
    _arriving(
        "a month of ARR comes in cents",
        "crm.account_arr",
        """
        select * replace (date '2026-02-01' as month, arr_amount * 100 as arr_amount)
        from extract
        where month = '2026-01-01'
        """,
        "arr_amounts_are_plausible",
        "arr_does_not_leap",
        "recent_rows_are_distributed_as_before",
    ),
    _arriving(
        "a third of the accounts is missing from a month of ARR",
        "crm.account_arr",
        """
        select * replace (date '2026-02-01' as month)
        from extract
        where month = '2026-01-01'
            and hash(account_id) % 3 > 0
        """,
        "accounts_do_not_vanish_from_a_month",
        "arr_does_not_collapse",
    ),
    _arriving(
        "ARR names accounts by another system's ids",
        "crm.account_arr",
        """
        select * replace (date '2026-02-01' as month, 'hub-' || account_id as account_id)
        from extract
        where month = '2026-01-01'
        """,
        "references_find_their_rows",
    ),
    _arriving(
        "a tenth of the gate decisions has a date nobody can read",
        "product_ops.stage_gate_review",
        """
        select * replace (case when hash(review_id) % 10 = 0 then 'last Tuesday' else decided_at end as decided_at)
        from extract
        """,
        "hardly_any_record_is_quarantined",
        "no_record_is_quarantined",
    ),
    _arriving(
        "gate outcomes are written in other words",
        "product_ops.stage_gate_review",
        """
        select * replace (case when hash(review_id) % 25 = 0 then 'approved' else outcome end as outcome)
        from extract
        """,
        "gate_outcomes_are_pass_or_fail",
    ),
    _arriving(
        "owners are written as names",
        "product_ops.feature_owner",
        """
        select * replace (case when hash(feature_id) % 9 = 0 then 'Ana Silva' else pm_email end as pm_email)
        from extract
        """,
        "feature_owners_are_addresses",
    ),
    _arriving(
        "the survey moves to a scale of 100",
        "survey.survey_responses",
        """
        select * replace (cast(10 * try_cast(score_raw as integer) as varchar) as score_raw)
        from extract
        where wave_id = '2025Q4'
        """,
        "recent_rows_are_distributed_as_before",
        "survey_scores_are_0_to_10",
    ),
    _arriving(
        "only the happy answers of a wave are sent",
        "survey.survey_responses",
        """
        select * replace (case when try_cast(score_raw as integer) < 7 then '9' else score_raw end as score_raw)
        from extract
        where wave_id = '2025Q4'
        """,
        "recent_rows_are_distributed_as_before",
    ),
    _arriving(
        "the portal calls its last column something else",
        "productboard.portal_card_status",
        """
        select * replace (
            'live' as card_status,
            '2026-01-31T20:00:00Z' as changed_at,
            '2026-01-31T20:00:00Z' as observed_at
        )
        from extract
        where card_status = 'launched' limit 3
        """,
        "card_statuses_are_known",
    ),
)
