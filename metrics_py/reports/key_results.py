"""Key results with everything published about them side by side, which is what the documents are written from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches

from metrics_py.errors import ConfigurationError, UnusableInputError
from metrics_py.reports.published import Published, Row

LEVELS = ("company", "squad", "person")
WEAKEST_FIRST = (
    "off_track", "missed", "at_risk", "no_data", "stale", "no_target", "too_early", "on_track", "achieved",
)  # fmt: skip
GREEN, RED = ("on_track", "achieved"), ("off_track", "missed")
SILENT = ("no_data", "stale", "no_target")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose key results a document is about: levels of the organisation, and one squad or one owner where named."""

    levels: tuple[str, ...] = ("company", "squad")
    squad: str | None = None
    owner: str | None = None

    def holds(self, agreed: Row) -> bool:
        """Whether a row of `dim_key_results` belongs."""
        return (
            agreed.get("org_level", "company") in self.levels
            and self.squad in (None, agreed["squad_id"])
            and self.owner in (None, agreed["owner_id"])
        )


EVERYONE = Scope()
"""The company and its squads."""


@dataclass(frozen=True, slots=True)
class KeyResult:
    """One key result: its newest verdict, what was agreed, and what is published beside it."""

    status: Row
    agreed: Row
    owner: Row | None = None
    overrider: Row | None = None
    """Who said the override, where it was somebody known."""
    earlier: Row | None = None
    """Its verdict a week or more before the newest, where it had one."""
    last_checkin: Row | None = None
    comment: Row | None = None
    """The newest check-in with a comment that is published."""
    initiatives: tuple[Row, ...] = ()
    history: tuple[Row, ...] = field(default=(), repr=False)

    @property
    def key(self) -> str:
        """Its id."""
        return str(self.status["key_result_id"])

    @property
    def label(self) -> str:
        """The computed label."""
        return str(self.status["status"])

    @property
    def depends_on(self) -> list[str]:
        """Ids of the key results that it depends on."""
        return [name for name in str(self.agreed["depends_on"] or "").split("; ") if name]

    @property
    def is_closed(self) -> bool:
        """Whether its period was over when it was last evaluated."""
        return bool(self.status["evaluated_on"] >= self.status["period_end"])

    @property
    def is_judged(self) -> bool:
        """Whether its readings are recent and enough for a pace and a forecast to mean something."""
        return not self.is_closed and self.label in ("on_track", "at_risk", "off_track", "achieved")

    @property
    def is_reach(self) -> bool:
        """Whether it goes from a baseline to a target, and not just holds one."""
        return bool(self.status["goal_type"] != "maintain")

    @property
    def meets_target(self) -> bool:
        """Whether its value alone is at its target or beyond."""
        value, target = self.status["current_value"], self.status["target"]
        if value is None or target is None:
            return False
        return bool(value <= target if self.agreed["direction"] == "down" else value >= target)

    @property
    def changed(self) -> bool:
        """Whether its label is another than a week before."""
        return self.earlier is not None and self.earlier["status"] != self.label


def read_key_results(published: Published, scope: Scope = EVERYONE) -> list[KeyResult]:
    """The key results of a scope, the weakest first.

    Raises: WarehouseError when a table is missing; UnusableInputError when the scope holds none.
    """
    status_by = ("key_result_id", "evaluated_on")
    evaluated: dict[str, list[Row]] = {}
    for row in published.rows("key_result_status", by=status_by):
        evaluated.setdefault(row["key_result_id"], []).append(row)
    agreed = {row["key_result_id"]: row for row in published.rows("dim_key_results", by=["key_result_id"])}
    people = {row["person_id"]: row for row in published.rows("dim_people", by=["person_id"])}
    initiatives = _grouped(published.rows("initiative_links", by=["link_id"]))
    checkins = _grouped(
        row
        for row in published.rows("fct_key_result_checkins", by=["key_result_id", "observed_on", "recording_number"])
        if row["exclusion_reason"] is None
    )
    found = []
    for key, rows in evaluated.items():
        if key not in agreed or not scope.holds(agreed[key]):
            continue
        ordered = sorted(rows, key=lambda row: row["evaluated_on"])
        status = next((row for row in reversed(ordered) if row["is_latest"]), ordered[-1])
        week_before = status["evaluated_on"] - timedelta(days=7)
        said = sorted(checkins.get(key, []), key=lambda row: row["observed_on"])
        found.append(
            KeyResult(
                status=status,
                agreed=agreed[key],
                owner=people.get(status["owner_id"]),
                overrider=people.get(status["override_by"]),
                earlier=next((row for row in reversed(ordered) if row["evaluated_on"] <= week_before), None),
                last_checkin=said[-1] if said else None,
                comment=next((row for row in reversed(said) if row["checkin_comment"]), None),
                initiatives=tuple(initiatives.get(key, [])),
                history=tuple(ordered),
            )
        )
    if not found:
        raise UnusableInputError(_nothing_found(published, agreed.values(), scope))
    return sorted(found, key=_weakest_first)


def running(key_results: Iterable[KeyResult]) -> list[KeyResult]:
    """Those whose period is not over.

    Raises: UnusableInputError when none is running.
    """
    found = [key_result for key_result in key_results if not key_result.is_closed]
    if not found:
        raise UnusableInputError(
            "no key result is running; put the key results of the new period into seeds/okr/key_results.csv and build, "
            "or look back with: metrics-py okr retro --period 2025Q3"
        )
    return found


@dataclass(frozen=True, slots=True)
class Period:
    """A fiscal quarter, or two of them as a half-year, with the rows of `dim_dates` that bound it."""

    name: str
    start: date
    end: date
    first: Row
    last: Row

    @property
    def names(self) -> frozenset[str]:
        """Its own name and those of its quarters."""
        return frozenset({self.name, self.first["fiscal_quarter"], self.last["fiscal_quarter"]})


def find_period(published: Published, name: str) -> Period:
    """The fiscal quarter (`2025Q3`) or half-year (`2025H2`) of a name.

    Raises: ConfigurationError for a name that is none, with those that are near.
    """
    written = name.strip().upper().replace(" ", "").replace("-", "")
    quarters = quarters_of(published)
    names = {"H1": ("Q1", "Q2"), "H2": ("Q3", "Q4")}.get(written[4:], (written[4:], written[4:]))
    first, last = (quarters.get(written[:4] + part) for part in names)
    if first is None or last is None:
        known = [
            *quarters,
            *(f"{quarter[:4]}H{half}" for quarter in quarters if quarter.endswith("Q1") for half in "12"),
        ]
        near = get_close_matches(written, known, n=2, cutoff=0.5) or known[-2:]
        raise ConfigurationError(
            f"no period {name!r}; a period is a fiscal quarter like {known[0]} or a half-year like 2025H2. "
            f"Did you mean {' or '.join(near)}?"
        )
    return Period(written, first["quarter_start"], last["quarter_end"], first, last)


def quarters_of(published: Published) -> dict[str, Row]:
    """The first day of each fiscal quarter, by the quarter's name, in their order."""
    days = published.rows("dim_dates", by=["date_on"])
    return {row["fiscal_quarter"]: row for row in days if row["date_on"] == row["quarter_start"]}


def evaluated_on(key_results: Sequence[KeyResult]) -> Row:
    """The verdict of the newest evaluation, whose day the document is of."""
    return max((key_result.status for key_result in key_results), key=lambda row: row["evaluated_on"])


def by_status(key_results: Iterable[KeyResult]) -> Mapping[str, list[KeyResult]]:
    """Key results by label, the weakest label first."""
    groups: dict[str, list[KeyResult]] = {}
    for key_result in sorted(key_results, key=_weakest_first):
        groups.setdefault(key_result.label, []).append(key_result)
    return groups


def _weakest_first(key_result: KeyResult) -> tuple[int, int, float, str]:
    level = LEVELS.index(key_result.agreed.get("org_level", "company"))
    chance = key_result.status["p_hit"]
    return (WEAKEST_FIRST.index(key_result.label), level, 1.0 if chance is None else chance, key_result.key)


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row["key_result_id"] is not None:
            groups.setdefault(row["key_result_id"], []).append(row)
    return groups


def _nothing_found(published: Published, agreed: Iterable[Row], scope: Scope) -> str:
    rows = list(agreed)
    if not rows:
        return "no key result is published; put some into seeds/okr/key_results.csv and run `metrics-py build`"
    for what, wanted, column in (("squad", scope.squad, "squad_id"), ("owner", scope.owner, "owner_id")):
        known = sorted({row[column] for row in rows if row[column]})
        if wanted is not None and wanted not in known:
            near = get_close_matches(wanted, known, n=1, cutoff=0.4)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}"
            return f"no key result has the {what} {wanted!r}. {hint}"
    return (
        f"no key result of {' or '.join(scope.levels)} level with this squad and owner was evaluated; "
        "name another --level, --squad or --owner"
    )
