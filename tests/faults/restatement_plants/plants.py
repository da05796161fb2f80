"""Changes planted between two builds, each with the row it moves and the cause that is to be found for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tests.faults.restatement_plants.extracts import Extracts, Next, Record

EARLIER = datetime(2026, 1, 31, 6)
LATER = datetime(2026, 1, 31, 6, 30)
LAUNCHED_AT = "2026-01-28T12:00:00"
TOUCHED_AT = "2026-01-26T09:00:00Z"


@dataclass(frozen=True)
class Expected:
    """The thing that a plant moves, the metric it moves, and why; no cause for what must move nothing."""

    metric_id: str
    row_id: str
    cause: str | None
    component: str | None = None


@dataclass
class Company:
    """The extracts before and after, and what is not yet used for a plant."""

    base: Extracts
    later: Next
    sample: Path
    taken: set[str] = field(default_factory=set)

    def truth(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.sample / "truth" / f"{name}.parquet")

    def take(self, ids: pl.Series) -> str:
        """The first id that no other plant has."""
        chosen = next(str(name) for name in ids.sort() if name not in self.taken)
        self.taken.add(chosen)
        return chosen

    def shipped(self, *which: pl.Expr) -> str:
        """A feature that has matured, launched by a release, that no other plant touches."""
        features = self.truth("features").filter("is_matured", pl.col("ship_method") == "source_history", *which)
        return self.take(features["feature_id"])

    def without_card(self, *which: pl.Expr) -> tuple[str, list[Record]]:
        """Such a feature whose launch is taken out of the portal's log, of which the rest stays, and that launch."""
        log = self.base.all("productboard/portal_card_status")
        planned = {row["feature_id"] for row in log if not _is_launch(row)}
        launched = {row["feature_id"] for row in log if _is_launch(row)}
        feature = self.shipped(pl.col("feature_id").is_in(list(planned & launched)), *which)
        launches = [row for row in log if row["feature_id"] == feature and _is_launch(row)]
        self.base.remove(
            "productboard/portal_card_status", lambda row: row["feature_id"] == feature and _is_launch(row)
        )
        return feature, launches

    def open_insights(self, feature: str, count: int) -> list[str]:
        mine = self.truth("insights").filter(state="open", first_card_feature_id=feature)["insight_id"]
        return [self.take(mine) for _ in range(count)]


def _is_launch(row: Record) -> bool:
    return str(row["card_status"]).strip().lower() == "launched"


Plant = Callable[[Company], Expected]
PLANTS: list[Plant] = []


def plant(make: Plant) -> Plant:
    """Register a change between the two builds."""
    PLANTS.append(make)
    return make


def of(name: str, value: Any) -> Callable[[Record], bool]:
    return lambda row: bool(row[name] == value)


def decision_readings(company: Company, feature: str) -> tuple[Record, list[Record]]:
    """The first primary KPI of a feature as it was defined first, and its readings at the decision window."""
    definitions = company.base.newest("product_ops/feature_kpi_definition")
    kpi = next(row for row in definitions if row["feature_id"] == feature and row["role"] == "primary")
    readings = [row for row in company.base.newest("product_ops/feature_kpi_reading") if _is_read_at(row, kpi)]
    return kpi, readings


def _is_read_at(reading: Record, kpi: Record) -> bool:
    return all(reading[name] == kpi[name] for name in ("feature_id", "kpi_id", "window_days"))


@plant
def kpi_reading_arrives_late(company: Company) -> Expected:
    feature = company.shipped(pl.col("is_hit"))
    kpi, readings = decision_readings(company, feature)
    company.base.remove("product_ops/feature_kpi_reading", lambda row: _is_read_at(row, kpi))
    company.later.add("product_ops/feature_kpi_reading", *readings)
    return Expected("ploar", feature, "late_row", "rate")


@plant
def final_kpi_reading_arrives_late(company: Company) -> Expected:
    feature = company.shipped(pl.col("is_hit"))
    kpi, readings = decision_readings(company, feature)
    company.base.remove(
        "product_ops/feature_kpi_reading", lambda row: _is_read_at(row, kpi) and row["is_final"] == "true"
    )
    last = max(readings, key=lambda row: str(row["measured_at"]))
    after = datetime.fromisoformat(last["measured_at"]) + timedelta(days=20)
    missed = "0" if kpi["direction"] == "increase" else "9999"
    late = last | {"measured_at": after.isoformat(), "value": missed, "is_final": "true"}
    company.later.add("product_ops/feature_kpi_reading", late)
    return Expected("ploar", feature, "late_row", "rate")


@plant
def kpi_reading_corrected_after_it_was_final(company: Company) -> Expected:
    feature = company.shipped(pl.col("is_hit"))
    kpi, _ = decision_readings(company, feature)
    missed = "0" if kpi["direction"] == "increase" else "9999"
    company.later.change("product_ops/feature_kpi_reading", lambda row: _is_read_at(row, kpi), value=missed)
    return Expected("ploar", feature, None)


@plant
def release_arrives_late(company: Company) -> Expected:
    feature, _ = company.without_card(pl.col("ddqs").is_not_null())
    company.later.add("product_ops/release", *company.base.remove("product_ops/release", of("feature_id", feature)))
    return Expected("ddqs", feature, "late_row", "entry")


@plant
def release_arrives_late_for_its_outcome(company: Company) -> Expected:
    feature, _ = company.without_card(pl.col("ddqs").is_not_null())
    company.later.add("product_ops/release", *company.base.remove("product_ops/release", of("feature_id", feature)))
    return Expected("ploar", feature, "late_row", "entry")


@plant
def card_status_arrives_late(company: Company) -> Expected:
    feature, launches = company.without_card()
    company.base.remove("product_ops/release", of("feature_id", feature))
    company.later.log("productboard/portal_card_status", launches[0])
    return Expected("ploar", feature, "late_row", "entry")


@plant
def release_is_deleted(company: Company) -> Expected:
    feature, _ = company.without_card()
    company.later.remove("product_ops/release", of("feature_id", feature))
    return Expected("ploar", feature, "deleted_row", "exit")


@plant
def release_is_dated_into_another_quarter(company: Company) -> Expected:
    feature = company.shipped(pl.col("shipped_on").dt.month().is_in([2, 5, 8, 11]))
    release = next(row for row in company.base.newest("product_ops/release") if row["feature_id"] == feature)
    earlier = datetime.fromisoformat(release["released_at"]) - timedelta(days=75)
    company.later.change("product_ops/release", of("feature_id", feature), released_at=earlier.isoformat())
    return Expected("ploar", feature, "corrected_row")


@plant
def release_is_withdrawn(company: Company) -> Expected:
    resolved = company.truth("insights").filter(pl.col("resolved_method") == "source_history")
    features = company.truth("features").filter("is_matured", ~pl.col("is_withdrawn_early"))
    feature = company.take(
        resolved.filter(pl.col("resolved_on") < EARLIER.date() - timedelta(days=60))
        .join(features, left_on="resolved_feature_id", right_on="feature_id", how="semi")["resolved_feature_id"]
        .unique()
    )
    release = next(row for row in company.base.newest("product_ops/release") if row["feature_id"] == feature)
    back = datetime.fromisoformat(release["released_at"]) + timedelta(days=5)
    company.later.change("product_ops/release", of("feature_id", feature), withdrawn_at=back.isoformat())
    insight = company.take(resolved.filter(pl.col("resolved_feature_id") == feature)["insight_id"])
    return Expected("circt", insight, "corrected_row", "exit")


@plant
def owner_is_replaced(company: Company) -> Expected:
    old = pl.col("started_on") < EARLIER.date() - timedelta(days=60)
    waiting = company.truth("insights").filter(
        pl.col("state") == "open", old, pl.col("started_on") >= datetime(2025, 7, 2)
    )
    insight = company.take(waiting.filter(~pl.col("first_card_feature_id").is_in(list(company.taken)))["insight_id"])
    feature = waiting.filter(insight_id=insight)["first_card_feature_id"][0]
    company.taken.add(feature)
    owners = company.base.newest("product_ops/feature_owner")
    now = max((row for row in owners if row["feature_id"] == feature), key=lambda row: str(row["valid_from"]))
    other = next(row for row in owners if row["squad"] != now["squad"] and row["pm_email"] != now["pm_email"])
    company.later.add(
        "product_ops/feature_owner",
        now | {"pm_email": other["pm_email"], "squad": other["squad"], "valid_from": "2026-01-30"},
    )
    return Expected("circt", insight, "moved_owner")


def launch_of_waiting_insights(company: Company) -> str:
    """A feature that pain waits for, launched between the last extract of notes and the earlier build."""
    counted = company.truth("insights").filter(state="open").group_by("first_card_feature_id").len()
    released = {row["feature_id"] for row in company.base.newest("product_ops/release")}
    enough = counted.filter(pl.col("len") >= 8, ~pl.col("first_card_feature_id").is_in(list(released)))
    feature = company.take(enough["first_card_feature_id"])
    fields = dict.fromkeys(company.base.newest("product_ops/release")[0])
    launch = fields | {"feature_id": feature, "audience": "full", "released_at": LAUNCHED_AT, "withdrawn_at": ""}
    company.base.add("product_ops/release", launch)
    return feature


def touch(company: Company, note: str) -> None:
    company.later.change("productboard/notes", of("id", note), updated_at=TOUCHED_AT)


def notes_of_a_launch(company: Company) -> Iterator[Expected]:
    """What is done to the notes that wait for one launch: unlinked, linked, tagged and extracted late."""
    feature = launch_of_waiting_insights(company)
    unlinked, linked, tagged, unseen = company.open_insights(feature, 4)
    links, tags = "productboard/note_relationships", "productboard/note_tags"
    for note in (unlinked, linked, tagged):
        touch(company, note)
    company.later.remove(links, lambda row: row["note_id"] == unlinked and row["relationship_type"] == "link")
    yield Expected("circt", unlinked, "retagged_insight", "exit")
    company.later.add(
        links, *company.base.remove(links, lambda row: row["note_id"] == linked and row["relationship_type"] == "link")
    )
    yield Expected("circt", linked, "retagged_insight", "entry")
    company.later.add(tags, *company.base.remove(tags, of("note_id", tagged)))
    yield Expected("circt", tagged, "retagged_insight", "entry")
    for table, name in (("productboard/notes", "id"), (links, "note_id"), (tags, "note_id")):
        rows = company.base.remove(table, of(name, unseen))
        if name == "id":
            rows = [row | {"created_at": "2026-01-25T09:00:00Z", "updated_at": TOUCHED_AT} for row in rows]
        company.later.add(table, *rows)
    company.base.remove("productboard/webhook_events", lambda row: row["entity_id"] in (linked, tagged, unseen))
    yield Expected("circt", unseen, "late_row", "entry")


@plant
def note_is_archived(company: Company) -> Expected:
    waiting = company.truth("insights").filter(pl.col("state") == "open", pl.col("reason").is_null())["insight_id"]
    note = company.take(waiting)
    company.later.change("productboard/notes", of("id", note), archived=True, updated_at=TOUCHED_AT)
    return Expected("circt", note, None)


@plant
def tag_is_taken_from_an_open_insight(company: Company) -> Expected:
    waiting = company.truth("insights").filter(pl.col("state") == "open", pl.col("reason").is_null())["insight_id"]
    note = company.take(waiting)
    company.later.remove("productboard/note_tags", of("note_id", note))
    touch(company, note)
    return Expected("circt", note, None)


def answers(company: Company) -> list[Record]:
    """Answers of the last wave that count: whole, no test, of a drawn user, one per user."""
    drawn = {row["user_id"] for row in company.base.newest("survey/sampling_frame") if row["is_sampled"] == "true"}
    rows = [row for row in company.base.all("survey/survey_responses") if row["wave_id"] == "2025Q4"]
    counts = {row["respondent_id"]: 0 for row in rows}
    for row in rows:
        counts[row["respondent_id"]] += 1
    return [
        row
        for row in rows
        if row["respondent_id"] in drawn
        and counts[row["respondent_id"]] == 1
        and row["is_complete"] == "true"
        and row["is_test"] == row["excluded_from_calculations"] == "false"
        and row["score_raw"].isdigit()
        and row["response_id"] not in company.taken
    ]


def take_answer(company: Company) -> Record:
    row = min(answers(company), key=lambda row: str(row["response_id"]))
    company.taken.add(row["response_id"])
    return row


@plant
def answer_arrives_late(company: Company) -> Expected:
    answer = take_answer(company)
    company.base.remove("survey/survey_responses", of("response_id", answer["response_id"]))
    company.later.log("survey/survey_responses", answer)
    return Expected("nps", answer["response_id"], "late_row", "entry")


@plant
def answer_is_corrected(company: Company) -> Expected:
    answer = take_answer(company)
    score = "10" if int(answer["score_raw"]) < 9 else "2"
    company.later.log("survey/survey_responses", answer | {"score_raw": score, "updated_at": "2026-01-31T05:00:00Z"})
    return Expected("nps", answer["response_id"], "corrected_row", "rate")


@plant
def answer_is_taken_out_of_the_calculations(company: Company) -> Expected:
    answer = take_answer(company)
    company.later.log("survey/survey_responses", answer | {"excluded_from_calculations": "true"})
    return Expected("nps", answer["response_id"], "corrected_row", "exit")


@plant
def answer_turns_out_to_be_a_test(company: Company) -> Expected:
    answer = take_answer(company)
    company.later.log("survey/survey_responses", answer | {"is_test": "true"})
    return Expected("nps", answer["response_id"], "corrected_row", "exit")


@plant
def answer_is_emptied(company: Company) -> Expected:
    answer = take_answer(company)
    company.later.log("survey/survey_responses", answer | {"score_raw": ""})
    return Expected("nps", answer["response_id"], "corrected_row", "exit")


@plant
def drawn_user_arrives_late(company: Company) -> Expected:
    answered = {row["respondent_id"] for row in company.base.all("survey/survey_responses")}
    frame = company.base.newest("survey/sampling_frame")
    user = next(row for row in frame if row["is_sampled"] == "true" and row["user_id"] not in answered)
    company.base.remove(
        "survey/sampling_frame", lambda row: row["user_id"] == user["user_id"] and row["wave_id"] == user["wave_id"]
    )
    company.later.log("survey/sampling_frame", user)
    return Expected("nps", f"{user['wave_id']}|{user['user_id']}", "late_row", "entry")


def account(company: Company, month: str) -> Record:
    rows = [row for row in company.base.all("crm/account_arr") if row["month"] == month and float(row["arr_amount"])]
    row = min((row for row in rows if row["account_id"] not in company.taken), key=lambda row: str(row["account_id"]))
    company.taken.add(row["account_id"])
    return row


@plant
def amount_arrives_late(company: Company) -> Expected:
    row = account(company, "2025-12-01")
    company.base.remove("crm/account_arr", lambda other: other == row)
    company.later.log("crm/account_arr", row)
    return Expected("arr", f"{row['account_id']}|2025-12-01", "late_row", "entry")


@plant
def amount_is_corrected(company: Company) -> Expected:
    row = account(company, "2025-11-01")
    company.later.log("crm/account_arr", row | {"arr_amount": f"{float(row['arr_amount']) + 1234.56:.2f}"})
    return Expected("arr", f"{row['account_id']}|2025-11-01", "corrected_row", "rate")


@plant
def amount_comes_again_in_another_currency(company: Company) -> Expected:
    row = account(company, "2025-10-01")
    company.later.log("crm/account_arr", row | {"currency": "EUR"})
    return Expected("arr", f"{row['account_id']}|2025-10-01", None)


@plant
def amount_is_corrected_to_nothing(company: Company) -> Expected:
    row = account(company, "2025-09-01")
    company.later.log("crm/account_arr", row | {"arr_amount": "0.00"})
    return Expected("arr", f"{row['account_id']}|2025-09-01", "corrected_row", "exit")


@plant
def confidence_is_edited_after_the_gate(company: Company) -> Expected:
    feature = company.shipped(pl.col("ddqs").is_not_null())
    company.later.change(
        "product_ops/stage_gate_review",
        lambda row: row["feature_id"] == feature and row["gate"] == "develop",
        confidence_score="4.0",
    )
    return Expected("ddqs", feature, None)


@plant
def interview_is_linked_after_the_gate(company: Company) -> Expected:
    feature = company.shipped(pl.col("ddqs").is_not_null())
    briefs = company.base.newest("product_ops/feature_brief")
    brief = next(row["page_id"] for row in briefs if row["feature_id"] == feature)
    links = company.base.newest("product_ops/brief_interview")
    other = next(row for row in links if row["brief_page_id"] != brief)
    company.later.add("product_ops/brief_interview", other | {"brief_page_id": brief})
    return Expected("ddqs", feature, None)


@plant
def kpi_target_is_moved_after_define(company: Company) -> Expected:
    feature = company.shipped(pl.col("is_hit"))
    kpi, _ = decision_readings(company, feature)
    company.later.change(
        "product_ops/feature_kpi_definition",
        lambda row: row["feature_id"] == feature and row["kpi_id"] == kpi["kpi_id"],
        target_value="9999",
    )
    return Expected("ploar", feature, None)


@plant
def outcome_review_names_another_stage(company: Company) -> Expected:
    feature = company.shipped(~pl.col("is_hit"))
    company.later.change("product_ops/outcome_review", of("feature_id", feature), miss_stage="discover")
    return Expected("ploar", feature, None)
