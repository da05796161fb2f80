import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from metrics_py.errors import ConfigurationError, UnusableInputError, WarehouseError
from metrics_py.reports.binding import Document
from metrics_py.reports.checking import check_document, failures
from metrics_py.reports.health import health
from metrics_py.reports.key_results import Scope
from metrics_py.reports.leadership import leadership_update
from metrics_py.reports.learnings import search_learnings
from metrics_py.reports.midpoint import midpoint_review
from metrics_py.reports.next_targets import next_targets
from metrics_py.reports.published import Published
from metrics_py.reports.retrospective import retrospective
from metrics_py.reports.weekly import weekly_update
from metrics_py.reports.words import word_count
from tests.unit.reports.company import KEY_RESULTS, okr_tables

Publish = Callable[..., Published]

DOCUMENTS: Mapping[str, Callable[[Published], Document]] = {
    "health": health,
    "weekly": weekly_update,
    "leadership": leadership_update,
    "retrospective": lambda published: retrospective(published, "2025Q3"),
    "next targets": next_targets,
    "midpoint": midpoint_review,
    "learnings": lambda published: search_learnings(published, "dispatchers"),
}


def sections(text: str) -> dict[str, str]:
    """The text under each heading of a document."""
    parts = re.split(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


BROKEN = (
    r"None\b",
    r"\bnan\b",
    r"\bnull\b",
    r"\bTrue\b|\bFalse\b",
    r"[^\S\n]{2,}(?!\n)",
    r"\.\.(?!\.)",
    r"\(\)|“”|\*{4}|\| \|",
    r" [.,;:](?!\w)",
    r",\.",
    r"(?<![\d.,])1 (?:days|weeks|minutes|readings|key results|evaluations)\b",
    r"[\ue000\ue001]",
    r"\b[a-z]+_[a-z]+\b(?!\.csv)",
)


def faults(text: str) -> list[str]:
    """What no document may hold: empty sections, broken sentences, values printed raw."""
    found = [pattern for pattern in BROKEN if re.search(pattern, text)]
    headings = re.findall(r"^(#+) .*\n+(?=(#+) |\Z)", text, flags=re.MULTILINE)
    found += [f"empty section {one}" for one, other in headings if len(other) <= len(one)]
    items = [line for line in text.splitlines() if line.startswith("- ")]
    found += [item for item in items if not re.search(r"[.?!…](?: \(.*\))?$", item)]
    found += [f"blank in table before {line}" for line in re.findall(r"^\|.*\|\n\n(\|.*)$", text, flags=re.MULTILINE)]
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_no_broken_sentence_and_no_empty_section(name: str, published: Published) -> None:
    assert faults(DOCUMENTS[name](published).text) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_number_of_a_document_is_bound(name: str, published: Published) -> None:
    document = DOCUMENTS[name](published)
    assert failures(check_document(document, published)) == []
    assert document.bindings


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_snapshot_gives_the_same_bytes(name: str, published: Published) -> None:
    assert DOCUMENTS[name](published).with_appendix() == DOCUMENTS[name](published).with_appendix()


def test_escalations_open_every_document_that_is_read_to_act(published: Published) -> None:
    for write in (health, weekly_update, leadership_update, midpoint_review):
        headings = list(sections(write(published).text))
        assert headings[1] == "Needs a recovery plan now"


def test_an_off_track_key_result_with_a_plan_is_not_escalated_and_shows_its_plan(published: Published) -> None:
    found = sections(leadership_update(published).text)
    assert "Median minutes" not in found["Needs a recovery plan now"]
    assert "Plan: Chloe books six ride-alongs by 9 February" in found["Risks and their plans"]


def test_a_withheld_plan_is_said_to_be_withheld(publish: Publish) -> None:
    tables = okr_tables()
    status = tables["key_result_status"].with_columns(pl.lit(None, dtype=pl.String).alias("recovery_plan"))
    text = health(publish(tables | {"key_result_status": status})).text
    assert "There is a recovery plan, but its text is not published; read it in the check-in sheet" in text
    assert "Plan:" not in text


def test_silence_and_earliness_are_named(published: Published) -> None:
    text = health(published).text
    assert "**No data**, low confidence: nothing was ever read" in text
    assert "**Stale**, low confidence: the last reading was 75 days old" in text
    assert "It can be judged from 8 February 2026." in text


def test_a_stale_key_result_has_no_pace_and_no_forecast(published: Published) -> None:
    stale = sections(health(published).text)["Renewal rate reaches 92%"]
    assert "Forecast" not in stale
    assert "Pace" not in stale


def test_an_override_stands_beside_the_computed_label(publish: Publish) -> None:
    tables = okr_tables()
    is_arr = (pl.col("key_result_id") == "kr-arr") & pl.col("is_latest")
    status = tables["key_result_status"].with_columns(
        override_status=pl.when(is_arr).then(pl.lit("at_risk")),
        override_by=pl.when(is_arr).then(pl.lit("Marta Quintero")),
        override_reason=pl.when(is_arr).then(pl.lit("Two contracts are signed, not booked.")),
        override_expires_on=pl.when(is_arr).then(date(2026, 2, 28)),
        is_override_live=is_arr,
    )
    text = sections(health(publish(tables | {"key_result_status": status})).text)[
        "Annual recurring revenue reaches $10M"
    ]
    assert "**Off track**" in text
    assert "Marta Quintero calls it at risk until 27 February 2026: two contracts are signed, not booked." in text


def many(count: int) -> list[tuple[Any, ...]]:
    return [
        (f"{KEY_RESULTS[place % 9][0]}-{place}", f"{KEY_RESULTS[place % 9][1]} in region {'ABC'[place // 9]}",
         *KEY_RESULTS[place % 9][2:])
        for place in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("count", range(1, 21))
def test_the_leadership_update_has_360_to_440_words_for_one_to_twenty_key_results(count: int, publish: Publish) -> None:
    document = leadership_update(publish(okr_tables(many(count))))
    assert 360 <= word_count(document.text) <= 440
    assert faults(document.text) == []


@pytest.mark.parametrize("row", KEY_RESULTS, ids=[row[0] for row in KEY_RESULTS])
def test_the_leadership_update_has_its_words_for_one_key_result_of_any_status(row: Any, publish: Publish) -> None:
    tables = okr_tables([row])
    without_initiatives = tables["initiative_links"].filter(pl.col("key_result_id").is_null())
    document = leadership_update(publish(tables | {"initiative_links": without_initiatives}))
    assert 360 <= word_count(document.text) <= 440
    assert faults(document.text) == []


def test_what_there_is_no_room_for_is_counted(publish: Publish) -> None:
    text = leadership_update(publish(okr_tables(many(20)))).text
    listed = len(re.findall(r"^\| (?!Key result)[^-]", text, flags=re.MULTILINE))
    (rest,) = re.findall(r"Not in the table, for lack of room: (.*)\.", text)
    assert listed + sum(int(number) for number in re.findall(r"\d+", rest)) == 20


def test_a_leadership_update_that_cannot_be_short_enough_is_refused(publish: Publish) -> None:
    row = list(KEY_RESULTS[0])
    row[1] = " ".join(["word"] * 300)
    with pytest.raises(UnusableInputError, match="words, and 360 to 440 are asked for"):
        leadership_update(publish(okr_tables([tuple(row)])))


def test_the_weekly_update_tells_what_changed(published: Published) -> None:
    found = sections(weekly_update(published).text)["What changed"]
    assert "went from no data to too early" in found


def test_a_quiet_week_says_so(publish: Publish) -> None:
    text = weekly_update(publish(okr_tables([KEY_RESULTS[0]]))).text
    assert "No status has changed since the evaluation of a week before." in text


def test_the_retrospective_of_the_worked_example(published: Published) -> None:
    found = sections(retrospective(published, "2025Q3").text)
    assert "| 58% | 72% | 68.5% | 75% | Missed |" in found["Attainment"]
    assert "| 71% | 78% | 76.2% | 74.3% | Missed |" in found["Attainment"]
    assert "| 11 | 15 | 13.4 | 60% | Missed |" in found["Attainment"]
    assert "Mean attainment is 69.8%" in found["Attainment"]
    assert "No key result that closed reached its target." in found["Attainment"]
    assert "“Settlement planner” (19 days after its planned day)" in found["What held the results back"]
    assert "| not yet | missed, 60% attained |" in found["Initiatives"]


def test_peoples_judgement_is_asked_for_and_not_made_up(published: Published) -> None:
    text = retrospective(published, "2025Q3").text
    assert text.count("> **For the team to fill in:**") == 3


def test_attainment_is_shown_against_both_targets_of_a_changed_one(publish: Publish) -> None:
    tables = okr_tables()
    agreed = tables["dim_key_results"].with_columns(
        original_target=pl.when(pl.col("key_result_id") == "kr-a").then(75.0).otherwise(pl.col("original_target"))
    )
    text = retrospective(publish(tables | {"dim_key_results": agreed}), "2025Q3").text
    assert "Its target was changed from 75% to 72%, and nobody has said why." in text
    assert "Against the original target the attainment is 61.8%." in text


def test_a_key_result_that_closed_unread_is_left_out_of_the_mean_and_named(publish: Publish) -> None:
    tables = okr_tables()
    is_c = pl.col("key_result_id") == "kr-c"
    status = tables["key_result_status"].with_columns(
        current_value=pl.when(is_c).then(None).otherwise(pl.col("current_value")),
        status=pl.when(is_c).then(pl.lit("no_data")).otherwise(pl.col("status")),
        status_reason=pl.when(is_c).then(pl.lit("Nothing was ever read.")).otherwise(pl.col("status_reason")),
    )
    text = retrospective(publish(tables | {"key_result_status": status}), "2025Q3").text
    assert "Mean attainment is 74.6%, over 2 key results" in text
    assert "1 was never measured and left out of the mean, not counted as nothing" in text
    assert faults(text) == []


@pytest.mark.parametrize(("period", "hint"), [("2025Q9", "Did you mean 2025Q"), ("soon", "like 2025Q1")])
def test_an_unknown_period_is_refused_with_those_near(period: str, hint: str, published: Published) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        retrospective(published, period)


def test_a_period_that_is_not_over_is_refused(published: Published) -> None:
    with pytest.raises(ConfigurationError, match="metrics-py okr midpoint"):
        retrospective(published, "2026Q1")


@pytest.mark.parametrize("period", ["2025q3", "2025-Q3", "2025 Q3"])
def test_a_period_may_be_written_as_people_write_it(period: str, published: Published) -> None:
    assert retrospective(published, period).text.startswith("# Retrospective, Q3 2025")


def test_learnings_are_found_across_periods_without_regard_to_case_and_accents(published: Published) -> None:
    text = search_learnings(published, "TRÍAGE").text
    assert "Triage was never the slow part. Evidence: segments of the clock by week. (Theo Lang, Q2 2025)" in text


def test_a_search_that_finds_nothing_says_what_there_is(published: Published) -> None:
    with pytest.raises(UnusableInputError, match="no learning holds 'unicorn'; 2 are kept, of 2025Q2, 2025Q3"):
        search_learnings(published, "unicorn")


def test_the_terms_of_a_next_target_sum_to_what_is_expected(published: Published) -> None:
    found = sections(next_targets(published).text)["Median minutes from order to dispatch fall to 12"]
    value, momentum, expected = (
        float(re.search(rf"\| {name} \| ([-+]?[\d.]+) minutes", found)[1])  # type: ignore[index]
        for name in ("Last value", "Momentum", "Expected")
    )
    assert value + momentum == pytest.approx(expected, abs=0.011)


def test_a_planned_initiative_is_a_term_and_a_launched_one_is_in_the_momentum(published: Published) -> None:
    found = sections(next_targets(published).text)["Share of new teams active after 30 days reaches 72%"]
    assert "| Guided set-up for new teams | +1.30 pp | +3 pp if it works, 50% likely" in found
    assert "Already launched, and so in the momentum: “One search box instead of four”." in found


def test_a_target_that_no_term_supports_is_flagged(publish: Publish) -> None:
    row = list(KEY_RESULTS[0])
    row[5], row[9] = 0.99, (date(2025, 10, 1), date(2026, 7, 1))
    found = sections(next_targets(publish(okr_tables([tuple(row)]))).text)
    assert "the target is 99%, and the terms lead to" in found["Targets that no term supports"]


def test_a_proposal_that_the_measure_cannot_reach_names_no_level(publish: Publish) -> None:
    row = list(KEY_RESULTS[6])
    row[6] = -1.0
    text = next_targets(publish(okr_tables([tuple(row)]))).text
    assert "The terms lead beyond what can be measured" in text
    assert "Commit to" not in text


def test_the_most_important_key_result_is_the_one_that_others_depend_on(published: Published) -> None:
    found = sections(midpoint_review(published).text)["The one that matters most"]
    assert "reaches 72%** (Ana Silva): 2 other key results depend on it" in found


def test_without_links_the_heaviest_is_the_most_important(publish: Publish) -> None:
    tables = okr_tables()
    agreed = tables["dim_key_results"].with_columns(pl.lit(None, dtype=pl.String).alias("depends_on"))
    found = sections(midpoint_review(publish(tables | {"dim_key_results": agreed})).text)["The one that matters most"]
    assert "reaches 72%** (Ana Silva): no key result depends on another, and it weighs most." in found


def test_a_change_of_target_is_shown_with_its_reason(published: Published) -> None:
    found = sections(midpoint_review(published).text)["Changes of target"]
    assert "from 13 minutes to 12 minutes on 17 November 2025: the new search step was brought forward." in found


def test_a_squad_that_nobody_knows_is_refused_with_the_nearest(published: Published) -> None:
    with pytest.raises(UnusableInputError, match=r"no key result has the squad 'dispach'. Did you mean dispatch\?"):
        health(published, Scope(squad="dispach"))


def test_persons_are_left_out_unless_asked_for(publish: Publish) -> None:
    tables = okr_tables()
    agreed = tables["dim_key_results"].with_columns(
        org_level=pl.when(pl.col("key_result_id") == "kr-arr").then(pl.lit("person")).otherwise(pl.col("org_level"))
    )
    published = publish(tables | {"dim_key_results": agreed})
    assert "Annual recurring" not in health(published).text
    assert "Annual recurring" in health(published, Scope(levels=("person",))).text


def test_a_missing_table_is_named_with_the_way_out(publish: Publish) -> None:
    tables = {name: frame for name, frame in okr_tables().items() if name != "key_result_status"}
    with pytest.raises(WarehouseError, match=r"the snapshot has no table key_result_status; .*`metrics-py build`"):
        health(publish(tables))


def test_no_running_key_result_is_said_with_the_way_out(publish: Publish) -> None:
    tables = okr_tables()
    status = tables["key_result_status"].filter(pl.col("period_end") <= date(2026, 1, 31))
    with pytest.raises(UnusableInputError, match="no key result is running"):
        health(publish(tables | {"key_result_status": status}))


def test_a_period_in_which_nothing_closed_says_so(publish: Publish) -> None:
    tables = okr_tables()
    later = tables["key_result_status"].with_columns(evaluated_on=pl.col("evaluated_on") + timedelta(days=30))
    text = retrospective(publish(tables | {"key_result_status": later}), "2025Q2").text
    assert "No key result closed in this period." in text
    assert faults(text) == []
