"""Faults in the landed rows: what hands, half-restored backups and broken loaders leave in the raw tables."""

from tests.faults.quality_faults.fault import Fault


def _landed(name: str, change: str, *caught_by: str) -> Fault:
    return Fault(name, "the landed rows", change, caught_by)


FAULTS = (
    _landed(
        "someone deletes rows of a raw table",
        "delete from raw_survey.survey_responses where hash(response_id) % 50 = 0",
        "landed_rows_are_as_many_as_the_log_says",
    ),
    _landed(
        "a backup is restored over what is there",
        "insert into raw_crm.account_arr select * from raw_crm.account_arr limit 200",
        "each_content_is_stored_once",
        "landed_rows_are_as_many_as_the_log_says",
    ),
    _landed(
        "someone drops a column nobody seemed to use",
        "alter table raw_jira.issue drop column resolved",
        "landed_columns_are_those_of_the_contract",
        "columns_do_not_come_empty",
        "nothing_happened_after_its_extract",
        "nothing_happened_before_2000",
        "times_are_readable",
    ),
    _landed(
        "someone empties a key",
        "update raw_product_ops.release set feature_id = null where hash(feature_id) % 10 = 0",
        "required_values_are_never_empty",
    ),
    _landed(
        "zeros are written as times",
        "update raw_confluence.pages set created_at = '1970-01-01T00:00:00Z' where hash(id) % 40 = 0",
        "nothing_happened_before_2000",
    ),
    _landed("someone clears the quarantine", "delete from raw.raw_quarantine", "every_quarantined_record_is_kept"),
    _landed(
        "the newest wave's invitations are lost",
        "delete from raw_survey.survey_invitations where wave_id = '2025Q4' and hash(respondent_id) % 2 = 0",
        "sampled_people_were_invited",
        "landed_rows_are_as_many_as_the_log_says",
    ),
    _landed(
        "most of a wave's frame is lost",
        "delete from raw_survey.sampling_frame where wave_id = '2025Q4' and not is_sampled",
        "the_sampling_frame_does_not_shrink",
        "landed_rows_are_as_many_as_the_log_says",
    ),
    Fault(
        "a source stops sending, and a fortnight passes",
        "the passing of time",
        "2026-02-14T06:00:00Z",
        (
            "every_source_is_extracted_in_time",
            "full_tables_are_extracted_in_time",
        ),
    ),
)
