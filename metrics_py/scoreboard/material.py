"""Everything the pages are drawn from, read from one snapshot once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

import polars as pl

from metrics_py.publish.reader import Snapshot
from metrics_py.scoreboard import address, words
from metrics_py.scoreboard.parts import Cell
from metrics_py.scoreboard.rows import (
    Ageing,
    Bottleneck,
    Card,
    Goal,
    Person,
    Value,
    Verdict,
    Violation,
    read_rows,
    rows_of,
)
from metrics_py.scoreboard.timeline import Quarter, Timeline

UnitKey = tuple[str, str | None, str | None]

COMPANY: UnitKey = ("company", None, None)


class Feature(NamedTuple):
    """A feature with where it is in the process and what became of it, from the three tables that say so."""

    feature_id: str
    feature_name: str
    person_id: str | None
    squad_id: str | None
    is_archived: bool | None
    stage: str | None
    entered_on: date | None
    days_in_stage: int | None
    shipped_on: date | None
    ship_quarter_start: date | None
    ship_person_id: str | None
    ship_squad_id: str | None
    ddqs: float | None
    ddqs_reason: str | None
    kpi_count: float | None
    kpi_met_count: float | None
    guardrail_breach_count: float | None
    matured_on: date | None
    is_matured: bool | None
    is_hit: bool | None
    is_early_hit: bool | None
    miss_stage: str | None
    exclusion_reason: str | None

    @property
    def is_awaiting(self) -> bool:
        """Whether it has shipped and not every decision window has closed."""
        return self.shipped_on is not None and self.is_matured is False


class Material:
    """What a snapshot holds for the pages."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.as_of = datetime.fromisoformat(snapshot.manifest["as_of"])
        self.verdicts = read_rows(snapshot, Verdict)
        self.cards: Mapping[str, Card] = {card.metric_id: card for card in read_rows(snapshot, Card)}
        self.goals: Mapping[str, Goal] = {goal.goal_id: goal for goal in read_rows(snapshot, Goal)}
        self.people: Mapping[str, Person] = {person.person_id: person for person in read_rows(snapshot, Person)}
        self.violations = read_rows(snapshot, Violation)
        self.ageing = read_rows(snapshot, Ageing)
        self.bottlenecks = read_rows(snapshot, Bottleneck)
        self.company_values = read_rows(snapshot, Value, pl.col("org_level") == "company")
        self.verdicts_of = _by_unit(self.verdicts)

    @cached_property
    def judged(self) -> Sequence[tuple[str, str]]:
        """Metric and reading of every value that a goal is judged by, the headline first."""
        headlines = [(verdict.metric_id, verdict.reading) for verdict in self.verdicts_of.get(COMPANY, [])]
        others = {(value.metric_id, value.reading) for value in self.company_values if value.target is not None}
        return [*headlines, *sorted(others - set(headlines))]

    @cached_property
    def timelines(self) -> Mapping[UnitKey, Timeline]:
        """The values of the company, and the judged readings of each squad and person."""
        pairs = pl.DataFrame(self.judged, schema=["metric_id", "reading"], orient="row")
        wanted = (pl.col("org_level") != "company") & (pl.col("period_kind") != "goal_period")
        frame = self.snapshot.read("metric_values", Value._fields, where=wanted)
        frame = frame.join(pairs, on=["metric_id", "reading"], how="semi", maintain_order="left")
        # A person's values belong to the person, whichever squad they were in.
        squad = pl.when(pl.col("org_level") != "person").then("squad_id").alias("unit_squad_id")
        by_unit = frame.with_columns(squad).partition_by(
            ["org_level", "unit_squad_id", "person_id"], as_dict=True, maintain_order=True
        )
        units = {
            (level, squad_id, person_id): Timeline(rows_of(Value, rows))
            for (level, squad_id, person_id), rows in by_unit.items()
        }
        return {COMPANY: Timeline(self.company_values)} | units

    @cached_property
    def publish_number(self) -> int | None:
        """How many publishes the history of values holds, this one included; null where no history is kept."""
        if not self.snapshot.has("metric_value_history"):
            return None
        newest = self.snapshot.read("metric_value_history", ["publish_number"])["publish_number"].max()
        return None if newest is None else int(newest)  # type: ignore[arg-type]

    @cached_property
    def quarters(self) -> Sequence[Quarter]:
        """The quarters of the company's values, oldest first."""
        spans = {(v.period_start, v.period_end) for v in self.company_values if v.period_kind == "quarter"}
        return [Quarter(words.period_text("quarter", start, end), start, end) for start, end in sorted(spans)]

    @cached_property
    def features(self) -> Sequence[Feature]:
        """Every feature that is not a part of another, newest ship date first, then newest stage first."""
        read = self.snapshot.read
        known = read(
            "dim_features",
            ["feature_id", "feature_name", "person_id", "squad_id", "is_archived"],
            where=~pl.col("is_subfeature"),
        )
        stages = read(
            "fct_feature_stages",
            ["feature_id", "stage", "stage_position", "entered_on", "days_in_stage"],
            where=pl.col("left_on").is_null(),
        )
        stages = stages.sort("stage_position", maintain_order=True)
        stages = stages.unique("feature_id", keep="last", maintain_order=True)
        columns = list(Feature._fields)
        facts = read("fct_features", ["feature_id", *(columns[columns.index("shipped_on") :])])
        joined = known.join(stages, on="feature_id", how="left").join(facts, on="feature_id", how="left")
        ordered = joined.sort(
            ["shipped_on", "entered_on", "feature_id"], descending=[True, True, False], nulls_last=True
        )
        return list(map(Feature._make, ordered.select(columns).rows()))

    @cached_property
    def feature_names(self) -> Mapping[str, Feature]:
        """Features by identifier."""
        return {feature.feature_id: feature for feature in self.features}

    @cached_property
    def people_with_pages(self) -> Sequence[Person]:
        """Those who own features or have a goal of their own, by name."""
        judged = {person for _, _, person in self.verdicts_of if person}
        found = [p for p in self.people.values() if p.is_feature_owner or p.person_id in judged]
        unknown = sorted(judged - set(self.people))
        found += [Person(identifier, identifier, None, None, True) for identifier in unknown]
        return sorted(found, key=lambda person: (person.display_name, person.person_id))

    @cached_property
    def squads(self) -> Sequence[str]:
        """Squads that have a goal or a product manager."""
        judged = {squad for level, squad, _ in self.verdicts_of if level == "squad" and squad}
        return sorted(judged | {person.squad_id for person in self.people_with_pages if person.squad_id})

    @cached_property
    def _addresses(self) -> Mapping[str, str]:
        return {person.person_id: address.person_page(person.person_id) for person in self.people_with_pages}

    def person(self, person_id: str | None) -> Cell:
        """A person by name, with the way to their page where they have one."""
        if person_id is None:
            return Cell("nobody")
        known = self.people.get(person_id)
        return Cell(known.display_name if known else person_id, self._addresses.get(person_id))

    def squad(self, squad_id: str | None) -> Cell:
        """A squad, with the way to its page."""
        if squad_id is None:
            return Cell("no squad")
        return Cell(squad_id, address.squad_page(squad_id) if squad_id in self.squads else None)

    def feature(self, feature_id: str | None) -> Cell:
        """A feature by name, with the way to its row on its owner's page."""
        if feature_id is None:
            return Cell("no feature")
        known = self.feature_names.get(feature_id)
        if known is None:
            return Cell(feature_id)
        return Cell(known.feature_name, self.feature_page(known), note=feature_id)

    def feature_page(self, feature: Feature) -> str | None:
        """Address of a feature's row; null when nobody with a page owns it."""
        page = self._addresses.get(feature.person_id or "")
        return f"{page}#{address.feature_anchor(feature.feature_id)}" if page else None


def _by_unit(verdicts: Iterable[Verdict]) -> dict[UnitKey, list[Verdict]]:
    found: dict[UnitKey, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        is_person = verdict.org_level == "person"
        found[verdict.org_level, None if is_person else verdict.squad_id, verdict.person_id].append(verdict)
    return found
