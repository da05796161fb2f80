"""Faults in the interviews behind a Develop pass: too few, too late, nobody's customers, the same ones again."""

from datetime import datetime

from tests.faults.gate_faults.fault import fault, near_miss
from tests.faults.gate_faults.tables import DAY, HOUR, SECOND, Feature, Tables, interviewed


def keep_interviews(record: Tables, feature: Feature, count: int) -> list[str]:
    """Leave this many interviews in the brief, and no note that does not count; give the notes that stay."""
    kept = list(feature.interviews[:count])
    for page_id in record.rows("brief_interview", brief_page_id=feature.brief)["interview_page_id"]:
        if page_id not in kept:
            record.remove("brief_interview", brief_page_id=feature.brief, interview_page_id=page_id)
    return kept


def add_interview(record: Tables, feature: Feature, *, held_at: datetime, linked_at: datetime | None) -> str:
    """Hold one more interview with a customer, link it if a time is given, and give its note."""
    page_id = f"{feature}-interview"
    record.add(
        "interview",
        {
            "page_id": page_id,
            "person_id": f"{page_id}-person",
            "customer_id": "c-one-more",
            "is_external": "true",
            "held_at": held_at,
        },
    )
    if linked_at is not None:
        link(record, feature, page_id, linked_at)
    return page_id


def link(record: Tables, feature: Feature, page_id: str, linked_at: datetime) -> None:
    record.add(
        "brief_interview", {"brief_page_id": feature.brief, "interview_page_id": page_id, "linked_at": linked_at}
    )


TOO_FEW = {"too_few_interviews": ["{0.develop}"]}
LINKED_LATE = {"interview_linked_after_gate": ["{0}/{0}-interview"]}


@fault(TOO_FEW, suits=interviewed)
def four_interviews(record: Tables, feature: Feature) -> None:
    keep_interviews(record, feature, 4)


@near_miss(suits=interviewed)
def five_interviews(record: Tables, feature: Feature) -> None:
    keep_interviews(record, feature, 5)


@fault(TOO_FEW, suits=interviewed)
def five_interviews_of_which_one_was_held_a_second_after_develop(record: Tables, feature: Feature) -> None:
    last = keep_interviews(record, feature, 5)[-1]
    record.change("interview", {"page_id": last}, held_at=feature.passed["develop"] + SECOND)


@near_miss(suits=interviewed)
def five_interviews_of_which_one_was_held_in_the_second_of_develop(record: Tables, feature: Feature) -> None:
    last = keep_interviews(record, feature, 5)[-1]
    record.change("interview", {"page_id": last}, held_at=feature.passed["develop"])


@fault(TOO_FEW, suits=interviewed)
def five_interviews_of_which_one_was_with_a_colleague(record: Tables, feature: Feature) -> None:
    last = keep_interviews(record, feature, 5)[-1]
    record.change("interview", {"page_id": last}, is_external="false")


@fault(TOO_FEW, suits=interviewed)
def five_linked_notes_of_which_one_has_no_interview(record: Tables, feature: Feature) -> None:
    last = keep_interviews(record, feature, 5)[-1]
    record.remove("interview", page_id=last)


@fault(TOO_FEW, suits=interviewed)
def four_interviews_and_two_customers_in_one_of_them(record: Tables, feature: Feature) -> None:
    last = keep_interviews(record, feature, 4)[-1]
    held_at = record.rows("interview", page_id=last)["held_at"].min()
    record.add(
        "interview",
        {
            "page_id": last,
            "person_id": f"{feature}-guest",
            "customer_id": "c-guest",
            "is_external": "true",
            "held_at": held_at,
        },
    )


@fault(TOO_FEW, suits=interviewed)
def a_colleague_was_edited_into_a_customer(record: Tables, feature: Feature) -> None:
    last = keep_interviews(record, feature, 5)[-1]
    record.change("interview", {"page_id": last}, is_external="false")
    record.later.change("interview", {"page_id": last}, is_external="true")


@fault(TOO_FEW)
def four_interviews_stated_by_hand(record: Tables, feature: Feature) -> None:
    record.change("feature_brief", {"feature_id": str(feature)}, page_id=f"{feature}-empty-brief")
    state_by_hand(record, feature, 4, feature.passed["develop"])


@near_miss()
def five_interviews_stated_by_hand_in_the_second_of_develop(record: Tables, feature: Feature) -> None:
    record.change("feature_brief", {"feature_id": str(feature)}, page_id=f"{feature}-empty-brief")
    state_by_hand(record, feature, 5, feature.passed["develop"])


@fault(TOO_FEW)
def five_interviews_stated_by_hand_a_second_after_develop(record: Tables, feature: Feature) -> None:
    record.change("feature_brief", {"feature_id": str(feature)}, page_id=f"{feature}-empty-brief")
    state_by_hand(record, feature, 5, feature.passed["develop"] + SECOND)


def state_by_hand(record: Tables, feature: Feature, count: int, at: datetime) -> None:
    record.add(
        "interview_override",
        {"feature_id": str(feature), "interview_count": str(count), "reason": "no notes were kept", "recorded_at": at},
    )


@fault(LINKED_LATE, suits=interviewed)
def an_interview_linked_a_second_after_develop(record: Tables, feature: Feature) -> None:
    passed = feature.passed["develop"]
    add_interview(record, feature, held_at=passed - DAY, linked_at=passed + SECOND)


@near_miss(suits=interviewed)
def an_interview_linked_in_the_very_second_of_develop(record: Tables, feature: Feature) -> None:
    passed = feature.passed["develop"]
    add_interview(record, feature, held_at=passed - DAY, linked_at=passed)


@fault(LINKED_LATE, suits=interviewed)
def an_interview_slipped_in_later_under_an_old_date(record: Tables, feature: Feature) -> None:
    before = feature.passed["develop"] - DAY
    page_id = add_interview(record, feature, held_at=before, linked_at=None)
    link(record.later, feature, page_id, before)


@fault(LINKED_LATE, suits=interviewed)
def a_late_link_was_edited_to_an_old_date(record: Tables, feature: Feature) -> None:
    passed = feature.passed["develop"]
    page_id = add_interview(record, feature, held_at=passed - DAY, linked_at=passed + HOUR)
    record.later.change("brief_interview", {"interview_page_id": page_id}, linked_at=passed - HOUR)


@fault(TOO_FEW | {"interview_linked_after_gate": ["{0}/{0.interviews[4]}"]}, suits=interviewed)
def the_fifth_interview_was_linked_only_after_develop(record: Tables, feature: Feature) -> None:
    fifth = keep_interviews(record, feature, 5)[-1]
    record.change("brief_interview", {"interview_page_id": fifth}, linked_at=feature.passed["develop"] + SECOND)


@near_miss(suits=interviewed)
def a_link_moved_behind_the_gate_by_a_later_edit_still_counts(record: Tables, feature: Feature) -> None:
    fifth = keep_interviews(record, feature, 5)[-1]
    record.later.change("brief_interview", {"interview_page_id": fifth}, linked_at=feature.passed["develop"] + HOUR)


@fault({"interviews_reused": ["{0.develop}", "{1.develop}", "{2.develop}"]}, suits=interviewed, features=3)
def one_interview_is_evidence_of_three_features(record: Tables, *features: Feature) -> None:
    share_interview(record, *features)


@near_miss(suits=interviewed, features=2)
def one_interview_is_evidence_of_two_features(record: Tables, *features: Feature) -> None:
    share_interview(record, *features)


@fault({"interview_linked_after_gate": ["{2}/{0}-interview"]}, suits=interviewed, features=3)
def one_interview_is_evidence_of_two_features_and_came_too_late_for_a_third(record: Tables, *features: Feature) -> None:
    page_id = share_interview(record, *features[:2])
    link(record, features[2], page_id, features[2].passed["develop"] + SECOND)
    record.change("interview", {"page_id": page_id}, held_at=min(each.passed["develop"] for each in features))


def share_interview(record: Tables, *features: Feature) -> str:
    held_at = min(feature.passed["develop"] for feature in features)
    page_id = add_interview(record, features[0], held_at=held_at, linked_at=None)
    for feature in features:
        link(record, feature, page_id, feature.passed["develop"])
    return page_id
