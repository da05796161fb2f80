"""The words of a trace: why a row was left out, what a row is and which part a raw record plays."""

REASONS = {
    "not_shipped": "not shipped yet",
    "launched_before_first_extract": "launched before the first extract, on a day nobody knows",
    "no_develop_pass": "shipped without an honest pass of the Develop gate, so it has no score",
    "no_confidence": "the gate review states no confidence, so it has no score",
    "confidence_off_scale": "the confidence stated is not on the organisation's scale, so it has no score",
    "not_matured_yet": "a decision window is still open, or its readings are not final yet",
    "not_launched_yet": "open: nothing it is linked to had launched by then",
    "archived": "open, and its note was archived",
    "merged": "open, and its note was merged into another or deleted",
    "unlinked": "open, and no longer linked to a feature",
    "untagged": "open, and its note is no longer tagged as pain",
    "wont_do": "open, and the feature it is linked to will not be done",
    "too_young": "its last day to be resolved in time had not passed, so its fate was not known",
    "started_by_first_extract": "its clock had started by the first extract, nobody knows when",
    "launched_before_start": "what it is linked to had launched before its clock started",
    "not_linked": "a painful note that is linked to no feature",
    "linked_to_unknown_feature": "a painful note linked to a feature that no extract holds",
    "never_processed": "a painful note archived without ever being processed",
    "not_processed_yet": "a painful note not processed yet",
    "test": "an answer made to try the survey out",
    "partial": "an answer that was not completed",
    "excluded": "excluded from calculations by somebody in the survey tool",
    "unknown_poll": "an answer to a poll that no extract describes",
    "not_a_score": "the answer is no whole number from 0 to 10",
    "undated": "nobody knows when it was answered",
    "not_sampled": "answered by somebody who was not drawn",
    "late": "answered after the next wave had been drawn",
    "duplicate_in_wave": "the same person answered later in the wave, and the latest counts",
    "other_wave_that_day": "another wave drawn on the same day stands for it",
    "other_currency": "not in the organisation's currency",
    "no_arr": "the account pays nothing in that month",
}
"""What each code of `metric_evidence.reason` means."""

RECORD_REASONS = {
    "ddqs": {
        "not_a_develop_gate": "another gate than Develop, which the score is taken at",
        "not_passed": "not passed",
        "not_shipped": "the feature has not shipped",
        "decided_after_ship": "decided after the ship",
        "backdated": "written down after the ship it precedes",
        "earlier_pass": "passed again later, and the last pass before the ship counts",
        "no_interview_record": "no record of the interview",
        "not_external": "nobody from outside the company was met",
        "held_date_missing": "nobody knows when it was held",
        "held_after_gate": "held after the gate",
        "linked_after_gate": "linked after the gate",
        "brief_linked_after_gate": "its brief was linked after the gate",
        "recorded_after_gate": "an extract after the gate did not hold it yet",
        "other_count_method": "links of a more trusted kind count instead",
        "duplicate": "the same interview counts once",
    },
    "ploar": {
        "not_shipped": "the feature has not shipped",
        "kpi_not_in_force": "of a KPI that is not the feature's",
        "other_window": "of another window than the one that decides",
        "no_value": "without a value",
        "before_ship": "measured before the ship",
        "after_grace": "measured after the grace was over",
        "superseded": "another reading of the window counts",
    },
}
"""Why a raw record does not count for a metric, per code of `metric_evidence_sources.record_reason`.

Only where the record is one of those the metric is made from: a gate review says nothing of an outcome.
"""

ROW_NOUNS = {
    "feature": "feature",
    "insight": "insight",
    "note": "note",
    "survey_response": "answer",
    "sampled_user": "person drawn",
    "account_month": "account",
}

_PLURALS = {"person drawn": "people drawn"}


def reason_text(reason: str) -> str:
    """A reason in plain words; a code without any in its own.

    Examples:
        >>> reason_text("no_arr")
        'the account pays nothing in that month'
    """
    return REASONS.get(reason, reason.replace("_", " "))


def rows_text(row_kind: str, count: int) -> str:
    """How many rows of a kind.

    Examples:
        >>> rows_text("survey_response", 1), rows_text("sampled_user", 1200)
        ('1 answer', '1,200 people drawn')
    """
    noun = ROW_NOUNS.get(row_kind, row_kind)
    return f"{count:,} {noun if count == 1 else _PLURALS.get(noun, f'{noun}s')}"
