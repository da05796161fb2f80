"""Texts about published values with one error planted in each; every other number in them is true."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import cycle, islice

import polars as pl

COUNT = 200
ERRORS = ("value", "period", "unit", "stale", "sign", "threshold")
HEADLINES = {
    "arr": ("headline", "month"),
    "circt": ("p90_launched", "day"),
    "ddqs": ("headline", "quarter"),
    "nps": ("post_stratified", "wave"),
    "ploar": ("headline", "quarter"),
}
NAMES = {
    "arr": ("ARR", "Annual recurring revenue"),
    "circt": ("CIRCT", "circt"),
    "ddqs": ("DDQS", "The Discovery & Definition Quality Score"),
    "nps": ("NPS", "The Net Promoter Score"),
    "ploar": ("PLOAR", "The Post-Launch Outcome Achievement Rate"),
}
THEN = (
    "In {period} {name} was {number}.",
    "{name} stood at {number} in {period}.",
    "{name}: {number} ({period}).",
    "Looking back at {period}, {name} was {number}, which we discussed at the time.",
    "- {period}: {name} came out at {number}",
)
NOW = (
    "{name} is {number}.",
    "{name} stands at {number} today.",
    "| {name} | {number} |",
    "We are looking at {name}, which is now {number}.",
    "At present {name} is at {number} against a target of {target}.",
)
_OTHER_UNITS = {"usd": "days", "days": "%", "score": "%", "nps": "%", "share": " days", "minutes": "hours"}
_PLANTED = re.compile("⟦(.+?)⟧")


@dataclass(frozen=True)
class Draft:
    """A text, the kind of error planted in it, and where the planted number stands."""

    text: str
    error: str
    start: int
    end: int


@dataclass(frozen=True)
class Said:
    """A published value: of what, for whom, when."""

    name: str
    day: date
    kind: str
    value: float
    unit: str
    target: float | None
    is_rising: bool = True


def drafts(table: Callable[[str], pl.DataFrame], seed: int) -> list[Draft]:
    """Two hundred texts, the kinds of error in turn; the same for the same seed."""
    draw = random.Random(seed)
    told = _Told(table, draw)
    return [_draft(error, told, draw) for error in islice(cycle(ERRORS), COUNT)]


def _draft(error: str, told: "_Told", draw: random.Random) -> Draft:
    sentences = [told.true(), told.true(), told.false(error)]
    draw.shuffle(sentences)
    marked = "\n\n".join(sentences) if draw.random() < 0.5 else "\n".join(sentences)
    found = _PLANTED.search(marked)
    assert found is not None
    return Draft(_PLANTED.sub(r"\1", marked), error, found.start(), found.end() - 2)


class _Told:
    """Sentences about the published values of a company."""

    def __init__(self, table: Callable[[str], pl.DataFrame], draw: random.Random) -> None:
        self._draw = draw
        values = table("metric_values").filter(pl.col("period_kind") != "goal_period").drop_nulls("value")
        self._series = {
            **{(metric, ""): self._said(values, metric, "company", "company") for metric in HEADLINES},
            **{
                (metric, squad): self._said(values, metric, "squad", squad)
                for metric in ("circt", "ddqs", "ploar")
                for squad in values.filter(org_level=pl.lit("squad"))["org_unit_id"].unique().sort()
            },
        }
        self._series = {place: rows for place, rows in self._series.items() if len(rows) > 1}
        self._key_results = [
            Said(
                row["key_result_id"], row["current_on"], "key_result", row["current_value"], row["unit"], row["target"]
            )
            for row in table("key_result_status").filter("is_latest").iter_rows(named=True)
            if row["current_value"] is not None and row["target"] is not None
        ]
        self._crossing = list(self._near_a_target(values))

    @staticmethod
    def _said(values: pl.DataFrame, metric: str, level: str, unit: str) -> list[Said]:
        reading, kind = HEADLINES[metric]
        rows = values.filter(
            metric_id=pl.lit(metric),
            reading=pl.lit(reading),
            period_kind=pl.lit(kind),
            org_level=pl.lit(level),
            org_unit_id=pl.lit(unit),
        ).sort("period_start")
        return [
            Said(metric, row["period_start"], kind, row["value"], row["unit"], row["target"], metric != "circt")
            for row in rows.iter_rows(named=True)
        ]

    def true(self) -> str:
        return self._draw.choice((self._then, self._now, self._change, self._gap, self._two, self._key_result))()

    def false(self, error: str) -> str:
        made: str | None = None
        while made is None:
            made = getattr(self, f"_wrong_{error}")()
        return made

    def _then(self) -> str:
        place, said = self._any()
        return self._sentence(THEN, place, said, number(said))

    def _now(self) -> str:
        place, said = self._newest()
        return self._sentence(NOW, place, said, number(said))

    def _key_result(self) -> str:
        said = self._draw.choice(self._key_results)
        assert said.target is not None
        return f"{said.name} stands at {number(said)}; its target is {number(said, said.target)}."

    def _two(self) -> str:
        (one, first), (other, second) = self._any(), self._any()
        # Without a word, the second is taken for the same squad's.
        of = "the company's " if one[1] and not other[1] else ""
        return (
            f"{self._name(one)} was {number(first)} in {period(first)} and {of}{self._name(other)} was "
            f"{number(second)} in {period(second)}."
        )

    def _change(self) -> str:
        place, before, said = self._moved()
        verb = "rose" if said.value > before.value else "fell"
        size = distance(said, abs(said.value - before.value))
        return self._draw.choice(
            (
                f"In {period(said)} {self._name(place)} {verb} by {size}.",
                f"{self._name(place)} {verb} from {number(before)} in {period(before)} to {number(said)} in "
                f"{period(said)}.",
            )
        )

    def _gap(self) -> str:
        place, said = self._of_target()
        assert said.target is not None
        side = "above" if said.value > said.target else "below"
        size = distance(said, abs(said.value - said.target))
        return f"{self._name(place)} is {size} {side} its target of {number(said, said.target)}."

    def _wrong_value(self) -> str | None:
        place, said = self._any()
        wrong = said.value * self._draw.choice((0.8, 0.93, 1.08, 1.15, 1.3))
        return self._planted(THEN, place, said, number(said, wrong))

    def _wrong_period(self) -> str | None:
        place, said = self._any()
        return self._planted(THEN, place, said, number(self._draw.choice(self._series[place])))

    def _wrong_unit(self) -> str | None:
        place, said = self._any()
        plain = re.sub(r"[$%]| days| points", "", number(said))
        return self._planted(THEN, place, said, f"{plain}{_unit(_OTHER_UNITS[said.unit])}")

    def _wrong_stale(self) -> str | None:
        place, said = self._newest()
        return self._planted(NOW, place, said, number(self._draw.choice(self._series[place])))

    def _wrong_sign(self) -> str | None:
        kind = self._draw.choice(("minus", "direction", "side"))
        if kind == "minus":
            place, said = self._any()
            return None if not said.value else self._planted(THEN, place, said, number(said, -said.value))
        if kind == "direction":
            place, before, said = self._moved()
            verb = "fell" if said.value > before.value else "rose"
            size = distance(said, abs(said.value - before.value))
            return f"In {period(said)} {self._name(place)} {verb} by ⟦{size}⟧."
        place, said = self._of_target()
        assert said.target is not None
        side = "below" if said.value > said.target else "above"
        size = distance(said, abs(said.value - said.target))
        return f"{self._name(place)} is ⟦{size}⟧ {side} its target of {number(said, said.target)}."

    def _wrong_threshold(self) -> str | None:
        words, said, rounded = self._draw.choice(self._crossing)
        return f"In {period(said)} {words} was ⟦{rounded}⟧."

    def _planted(self, templates: tuple[str, ...], place: tuple[str, str], said: Said, wrong: str) -> str | None:
        if wrong == number(said):
            return None
        return self._sentence(templates, place, said, f"⟦{wrong}⟧")

    def _sentence(self, templates: tuple[str, ...], place: tuple[str, str], said: Said, shown: str) -> str:
        usable = [one for one in templates if said.target is not None or "{target}" not in one]
        target = "" if said.target is None else number(said, said.target)
        return self._draw.choice(usable).format(
            name=self._name(place), period=period(said), number=shown, target=target
        )

    def _name(self, place: tuple[str, str]) -> str:
        metric, squad = place
        name = NAMES[metric][0] if squad else self._draw.choice(NAMES[metric])
        return f"{squad}'s {name}" if squad else name

    def _any(self) -> tuple[tuple[str, str], Said]:
        place = self._draw.choice(sorted(self._series))
        return place, self._draw.choice(self._series[place])

    def _newest(self) -> tuple[tuple[str, str], Said]:
        place = self._draw.choice(sorted(self._series))
        return place, self._series[place][-1]

    def _of_target(self) -> tuple[tuple[str, str], Said]:
        while True:
            place, said = self._newest()
            if said.target is not None and said.value != said.target:
                return place, said

    def _moved(self) -> tuple[tuple[str, str], Said, Said]:
        while True:
            place = self._draw.choice(sorted(self._series))
            rows = self._series[place]
            at = self._draw.randrange(1, len(rows))
            if number(rows[at]) != number(rows[at - 1]):
                return place, rows[at - 1], rows[at]

    @staticmethod
    def _near_a_target(values: pl.DataFrame) -> Iterator[tuple[str, Said, str]]:
        """Values that a rounding carries over their target: what they are called, the value, the rounding."""
        rows = values.filter(pl.col("target").is_not_null(), pl.col("org_level") != "person")
        for row in rows.sort("metric_id", "reading", "org_unit_id", "period_start").iter_rows(named=True):
            is_share_within = row["reading"] == "share_within_45"
            said = Said(
                row["metric_id"],
                row["period_start"],
                row["period_kind"],
                row["value"],
                row["unit"],
                row["target"],
                row["metric_id"] != "circt" or is_share_within,
            )
            name = "the share of pains resolved within 45 days (CIRCT)" if is_share_within else row["metric_id"].upper()
            words = name if row["org_level"] == "company" else f"{row['org_unit_id']}'s {name}"
            for decimals in (0, 1):
                rounded = roughly(said, decimals)
                if rounded is not None:
                    yield words, said, rounded


def roughly(said: Said, decimals: int) -> str | None:
    """The value to so few decimals that it seems to be at its target; null where it does not."""
    scale = {"usd": Decimal("1e-6"), "share": Decimal(100)}.get(said.unit, Decimal(1))
    value, target = (Decimal(f"{one:.12g}") * scale for one in (said.value, said.target or 0.0))
    shown = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    reaches = (shown >= target) != (value >= target) if said.is_rising else (shown <= target) != (value <= target)
    if not reaches:
        return None
    return {"usd": f"${shown}M", "share": f"{shown}%", "days": f"{shown} days"}.get(said.unit, str(shown))


def number(said: Said, value: float | None = None) -> str:
    """The value, or another one, as a text writes it."""
    shown = said.value if value is None else value
    sign = "-" if shown < 0 else ""
    size = abs(shown)
    if said.unit == "usd":
        return f"{sign}${size:,.0f}"
    if said.unit in ("share", "%"):
        return f"{sign}{size * (100 if said.unit == 'share' else 1):.1f}%"
    if said.unit in ("days", "minutes"):
        return f"{sign}{size:.{0 if said.unit == 'days' else 2}f} {said.unit}"
    return f"{sign}{size:.2f}"


def distance(said: Said, value: float) -> str:
    """A difference as a text writes it."""
    return f"{value * 100:.1f} pp" if said.unit == "share" else number(said, value)


def period(said: Said) -> str:
    """When a value is of, as a text writes it."""
    quarter = f"{said.day.year}Q{(said.day.month + 2) // 3}"
    if said.kind == "month":
        return f"{said.day:%B %Y}"
    return said.day.isoformat() if said.kind == "day" else f"Q{quarter[5]} {quarter[:4]}"


def _unit(unit: str) -> str:
    return unit if unit == "%" else f" {unit.strip()}"
