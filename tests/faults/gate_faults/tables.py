"""The extracts of a company as tables that a fault can be written into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

ARIZONA = ZoneInfo("America/Phoenix")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
PRODUCT_OPS = (
    "stage_gate_review",
    "ipf_review",
    "feature_brief",
    "interview",
    "brief_interview",
    "interview_override",
    "release",
    "feature_owner",
    "feature_kpi_definition",
    "feature_kpi_reading",
    "outcome_review",
    "feature_instrumentation",
)
# A dated log: what its last file no longer repeats still happened, so all its files are one table here.
LOGS = ("portal_card_status",)
SNAPSHOTS = ("features", "feature_statuses")


def midnight(day: date) -> datetime:
    """The first instant of a day where the organisation is."""
    return datetime(day.year, day.month, day.day, tzinfo=ARIZONA).astimezone(UTC)


def local_day(at: datetime) -> date:
    """The day an instant belongs to where the organisation is."""
    return at.astimezone(ARIZONA).date()


class Tables:
    """Every table the rules about features read, as one extract holds them, and as the next one does (`later`).

    What is written here stands in both extracts, as if it had been recorded so; what is written into `later` alone is
    an edit made afterwards.
    """

    def __init__(self, frames: dict[str, pl.DataFrame], later: Tables | None = None) -> None:
        self._frames = dict(frames)
        self._later = later

    @classmethod
    def read(cls, extracts: Path) -> Tables:
        """The tables as the last extract of a sample company has them."""
        frames = {}
        for name in PRODUCT_OPS:
            newest = max((extracts / "product_ops" / name).iterdir())
            frames[name] = pl.read_csv(newest, infer_schema=False)
        for name in LOGS:
            files = sorted((extracts / "productboard" / name).iterdir())
            frames[name] = pl.concat([pl.read_ndjson(file) for file in files], how="diagonal_relaxed")
        for name in SNAPSHOTS:
            frames[name] = pl.read_ndjson(max((extracts / "productboard" / name).iterdir()), infer_schema_length=None)
        frames = {name: frame.with_columns(_instants(frame)) for name, frame in frames.items()}
        return cls(frames, later=cls(frames))

    @property
    def later(self) -> Tables:
        """The tables as the next extract holds them."""
        if self._later is None:
            raise LookupError("there is no later extract than this one")
        return self._later

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self._frames[table]

    def rows(self, table: str, **where: Any) -> pl.DataFrame:
        """Rows of a table where the named columns have these values."""
        return self[table].filter(_matches(where))

    def change(self, table: str, where: dict[str, Any], **values: Any) -> None:
        """Write other values into the rows where the named columns have these values; there has to be one."""
        self._must_hold(table, where)
        frame = self[table]
        self._frames[table] = frame.with_columns(
            pl.when(_matches(where)).then(pl.lit(value, dtype=frame.schema[column])).otherwise(column).alias(column)
            for column, value in values.items()
        )
        if self._later is not None:
            self._later.change(table, where, **values)

    def remove(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Take the rows with these values out of a table, and give them back; there has to be one."""
        self._must_hold(table, where)
        removed = self.rows(table, **where)
        self._frames[table] = self[table].filter(~_matches(where))
        if self._later is not None:
            self._later.remove(table, **where)
        return removed.to_dicts()

    def add(self, table: str, *rows: dict[str, Any]) -> None:
        """Put rows into a table; columns not named are empty."""
        frame = self[table]
        types = {column: frame.schema[column] for row in rows for column in row}
        self._frames[table] = pl.concat([frame, pl.DataFrame(list(rows), schema=types)], how="diagonal")
        if self._later is not None:
            self._later.add(table, *rows)

    def repeat(self, table: str, where: dict[str, Any], **values: Any) -> None:
        """Add a second row like the one with these values, but for the values named."""
        (row,) = self.rows(table, **where).to_dicts()
        self.add(table, row | values)

    def write(self, extracts: Path, at: datetime) -> None:
        """Write the tables as the extract taken at an instant."""
        stamp = at.strftime("%Y-%m-%dT%H%M%SZ")
        for name, frame in self._frames.items():
            folder = extracts / ("product_ops" if name in PRODUCT_OPS else "productboard") / name
            folder.mkdir(parents=True, exist_ok=True)
            text = frame.with_columns(pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
            if name in PRODUCT_OPS:
                text.write_csv(folder / f"{stamp}.csv")
            else:
                text.write_ndjson(folder / f"{stamp}.jsonl")

    def _must_hold(self, table: str, where: dict[str, Any]) -> None:
        if self.rows(table, **where).is_empty():
            raise LookupError(f"no row of {table} with {where}; a fault that touches nothing shows nothing")


def _matches(where: dict[str, Any]) -> pl.Expr:
    return pl.all_horizontal(pl.col(column).eq_missing(pl.lit(value)) for column, value in where.items())


def _instants(frame: pl.DataFrame) -> list[pl.Expr]:
    return [
        pl.col(column).str.strip_suffix("Z").str.to_datetime(time_unit="us", strict=True).dt.replace_time_zone("UTC")
        for column, dtype in frame.schema.items()
        if dtype == pl.String and (column.endswith("_at") or column == "valid_from")
    ]


@dataclass(frozen=True)
class Feature:
    """A feature of the clean company that a fault is put on, as it was before."""

    feature_id: str
    reviews: dict[str, str]
    passed: dict[str, datetime]
    shipped_at: datetime | None
    brief: str
    ipf: str
    interviews: tuple[str, ...]
    success_kpi: str
    guardrail: str
    kpi_defined_at: datetime
    has_dated_idea: bool

    def __str__(self) -> str:
        return self.feature_id

    def __getattr__(self, name: str) -> str:
        """`feature.define` is the id of its Define pass."""
        reviews: dict[str, str] = object.__getattribute__(self, "reviews")
        if name not in reviews:
            raise AttributeError(name)
        return reviews[name]

    def kpi(self, kpi_id: str | None = None) -> dict[str, Any]:
        """Where the definition of a KPI stands: the first success KPI if none is named."""
        return {"feature_id": self.feature_id, "kpi_id": kpi_id or self.success_kpi}

    def card_at(self, stage: str) -> dict[str, Any]:
        """Where the portal's log says that the card got to a stage."""
        return {"feature_id": self.feature_id, "portal_name": "roadmap", "card_status": stage}

    @property
    def shipped(self) -> datetime:
        """The instant it shipped."""
        if self.shipped_at is None:
            raise LookupError(f"{self.feature_id} has not shipped")
        return self.shipped_at


def plain_features(tables: Tables) -> list[Feature]:
    """Features that passed each gate once, with one owner, one brief, and a KPI of each role that never changed."""
    found = (
        _plain_feature(tables, feature_id) for feature_id in tables["stage_gate_review"]["feature_id"].unique().sort()
    )
    return [feature for feature in found if feature is not None]


def _plain_feature(tables: Tables, feature_id: str) -> Feature | None:
    def of(table: str, **where: Any) -> pl.DataFrame:
        return tables.rows(table, feature_id=feature_id, **where)

    passes, ipf_passes = of("stage_gate_review", outcome="pass"), of("ipf_review", outcome="pass")
    launches, briefs = of("release", audience="full"), of("feature_brief")
    cards = tables.rows("features", id=feature_id, type="feature")
    kpis = of("feature_kpi_definition").filter(pl.len().over("kpi_id") == 1)
    is_plain = (
        passes["gate"].is_unique().all()
        and {"discover", "define", "develop"} <= set(passes["gate"])
        and launches.height <= 1
        and launches["withdrawn_at"].is_null().all()
        and (launches.height == 1 or set(cards["status_id"]) <= {"st-planned", "st-progress"})
        and cards.height == 1
        and briefs.height == ipf_passes.height == of("feature_owner").height == 1
        and set(kpis["role"]) == {"primary", "guardrail"}
        and of("interview_override").is_empty()
    )
    if not is_plain:
        return None
    passed = dict(passes.select("gate", "decided_at").iter_rows())
    return Feature(
        feature_id=feature_id,
        reviews=dict(passes.select("gate", "review_id").iter_rows()),
        passed=passed,
        shipped_at=launches.item(0, "released_at") if launches.height else None,
        brief=briefs.item(0, "page_id"),
        ipf=ipf_passes.item(0, "review_id"),
        interviews=_counted_interviews(tables, briefs.item(0, "page_id"), passed["develop"]),
        success_kpi=kpis.filter(role="primary").item(0, "kpi_id"),
        guardrail=kpis.filter(role="guardrail").item(0, "kpi_id"),
        kpi_defined_at=kpis.filter(role="primary").item(0, "defined_at"),
        has_dated_idea=of("portal_card_status", card_status="idea").height == 1,
    )


def _counted_interviews(tables: Tables, brief: str, decided_at: datetime) -> tuple[str, ...]:
    """Notes linked in a brief by a decision, of interviews held with a customer by then."""
    links = tables.rows("brief_interview", brief_page_id=brief).filter(pl.col("linked_at") <= decided_at)
    held = tables.rows("interview", is_external="true").filter(pl.col("held_at") <= decided_at)
    counted = links.join(held, left_on="interview_page_id", right_on="page_id", how="semi")
    return tuple(counted.sort("linked_at", "interview_page_id")["interview_page_id"])


Suits = Callable[[Feature], bool]


def shipped(feature: Feature) -> bool:
    """It shipped so long ago that every window of it has closed."""
    return feature.shipped_at is not None and feature.shipped_at < datetime(2025, 10, 20, tzinfo=UTC)


def interviewed(feature: Feature) -> bool:
    """It shipped, and at least five interviews are dated links of its brief."""
    return shipped(feature) and len(feature.interviews) >= 5


def conceived(feature: Feature) -> bool:
    """It shipped, and the portal's log says when it became an idea."""
    return shipped(feature) and feature.has_dated_idea


def in_progress(feature: Feature) -> bool:
    """It has passed Develop and neither Deliver nor shipped."""
    return feature.shipped_at is None and "deliver" not in feature.reviews
