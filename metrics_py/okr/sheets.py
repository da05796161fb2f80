"""Metric sheets of features: which feature is meant, when it launches, and its three tiers with their findings."""

import csv
import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from metrics_py.errors import ConfigurationError
from metrics_py.okr.findings import LintReport, ordered
from metrics_py.okr.frameworks import COLUMNS, check_framework, framework_sheet

FRAMEWORKS = "metric_frameworks.csv"
DATES_AND_FLAGS: dict[str, Any] = {"instrumentation_due_on": pl.Date, "is_first_30_days": pl.Boolean}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature that has a sheet, or could have one: its id, name and launch, done or planned."""

    feature_id: str
    name: str
    launch_on: date | None = None
    has_sheet: bool = True


@dataclass(frozen=True, slots=True)
class Sheets:
    """The frameworks of a project and the features they may be about."""

    place: Path
    metrics: pl.DataFrame
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of one feature and the findings in it."""

    feature: Feature
    metrics: pl.DataFrame
    report: LintReport

    def to_text(self) -> str:
        """The sheet for a person: tier by tier, what is counted, how it leads on, then the findings."""
        launch = f"launch on {self.feature.launch_on}" if self.feature.launch_on else "no launch date"
        lines = [f"{self.feature.name} ({self.feature.feature_id}), {launch}"]
        tier = None
        for row in self.metrics.iter_rows(named=True):
            heading = row["tier"] if row["role"] != "guardrail" else "guardrail"
            if heading != tier:
                tier = heading
                lines += ["", _HEADINGS.get(tier, f"Tier {tier or 'not stated'}")]
            lines += _metric_lines(row)
        decisions = [row["decision"] for row in self.metrics.iter_rows(named=True) if row["decision"]]
        if decisions:
            lines += ["", "So what", *(f"  {decision}" for decision in decisions)]
        verdict = "It can be launched on." if not self.report.errors else "It cannot be launched on yet."
        return "\n".join(lines) + f"\n\n{verdict}\n{self.report.to_text()}"


def read_sheets(seeds: Path, published: Path) -> Sheets:
    """The frameworks in a folder of seeds, with names and launches of features from the published snapshot.

    Args:
        seeds: folder with metric_frameworks.csv and initiatives.csv.
        published: the snapshot; without one a feature goes by the name of its initiative, else by its id.
    Raises: ConfigurationError when there are no frameworks, or their columns or cells cannot be read.
    """
    place = seeds / FRAMEWORKS
    if not place.is_file():
        raise ConfigurationError(f"no metric frameworks at {place}; add the file with the columns {_columns()}")
    metrics = _read(place, ("feature_id", *COLUMNS), DATES_AND_FLAGS)
    initiatives = seeds / "initiatives.csv"
    planned: dict[str, tuple[str, date | None]] = {}
    if initiatives.is_file():
        wanted = ("feature_id", "name", "planned_launch_on")
        for row in _read(initiatives, wanted, {"planned_launch_on": pl.Date}).iter_rows(named=True):
            if row["feature_id"]:
                planned[row["feature_id"]] = (row["name"], row["planned_launch_on"])
    known = _published_features(published)
    held = set(metrics["feature_id"])
    return Sheets(
        place,
        metrics,
        tuple(
            Feature(
                feature_id=name,
                name=(known.get(name, (None, None))[0] or planned.get(name, (None, None))[0] or name),
                launch_on=known.get(name, (None, None))[1] or planned.get(name, (None, None))[1],
                has_sheet=name in held,
            )
            for name in sorted({*held, *known})
        ),
    )


def sheet_of(asked: str, sheets: Sheets) -> Sheet:
    """The sheet of the feature that is meant by an id or by a part of a name that only one feature has.

    Raises: ConfigurationError when none or several are meant, or the one has no sheet; the message names the nearest.
    """
    feature = _meant(asked, sheets.features)
    if not feature.has_sheet:
        with_sheet = ", ".join(f"{one.name} ({one.feature_id})" for one in sheets.features if one.has_sheet)
        raise ConfigurationError(
            f"{feature.name} ({feature.feature_id}) has no metric framework; add rows for it to {sheets.place}. "
            f"There are frameworks of {with_sheet}"
        )
    rows = sheets.metrics.filter(pl.col("feature_id") == feature.feature_id)
    report = check_framework(rows, feature=feature.name, launch_on=feature.launch_on)
    lines = dict(rows.select("metric_name", "line").reverse().iter_rows())
    placed = (
        replace(found, file=sheets.place.as_posix(), line=lines.get(found.subject, rows["line"][0]))
        for found in report.findings
    )
    report = replace(report, findings=ordered(placed), files=(sheets.place.as_posix(),))
    return Sheet(feature, framework_sheet(rows, launch_on=feature.launch_on), report)


def _meant(asked: str, features: Sequence[Feature]) -> Feature:
    wanted = asked.strip().lower()
    exact = [one for one in features if wanted in (one.feature_id.lower(), one.name.lower())]
    partly = [one for one in features if wanted and (wanted in one.name.lower() or wanted in one.feature_id.lower())]
    # A part of a name first means a feature that has a sheet.
    for found in (exact, [one for one in partly if one.has_sheet], partly):
        if len(found) == 1:
            return found[0]
        if found:
            named = ", ".join(f"{one.name} ({one.feature_id})" for one in found[:5])
            raise ConfigurationError(f"{asked!r} could be {len(found)} features: {named}. Name one by its id")
    words = {one.name.lower(): one for one in features} | {one.feature_id.lower(): one for one in features}
    close = [words[word] for word in difflib.get_close_matches(wanted, words, 3)]
    meant = ", ".join(dict.fromkeys(f"{one.name} ({one.feature_id})" for one in close))
    with_sheet = ", ".join(f"{one.name} ({one.feature_id})" for one in features if one.has_sheet)
    hint = f"did you mean {meant}?" if meant else f"there are frameworks of {with_sheet}"
    raise ConfigurationError(f"no feature {asked!r}; {hint}")


def _published_features(published: Path) -> dict[str, tuple[str | None, date | None]]:
    if not (published / "manifest.json").exists():
        return {}
    from metrics_py.publish.reader import Snapshot

    snapshot = Snapshot(published)
    names = snapshot.read("dim_features", ["feature_id", "feature_name"])
    ships = snapshot.read("fct_features", ["feature_id", "shipped_on"])
    rows = names.join(ships, on="feature_id", how="left").select("feature_id", "feature_name", "shipped_on")
    return {name: (title, shipped) for name, title, shipped in rows.iter_rows()}


def _read(place: Path, wanted: Sequence[str], kinds: dict[str, Any]) -> pl.DataFrame:
    try:
        with place.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = [name.strip() for name in next(reader, [])]
            missing = [name for name in wanted if name not in header]
            if missing:
                raise ConfigurationError(f"{place}:1: columns {', '.join(missing)} are missing; add them to the header")
            rows, started = [], reader.line_num + 1
            for cells in reader:
                if cells:
                    rows.append({"line": started} | dict(zip(header, cells, strict=False)))
                started = reader.line_num + 1
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{place} cannot be read as CSV in UTF-8: {error}; check its quotes") from error
    typed = [
        {"line": row["line"]} | {name: _typed(place, row, name, kinds.get(name, pl.String)) for name in wanted}
        for row in rows
    ]
    schema = {"line": pl.Int64} | {name: kinds.get(name, pl.String) for name in wanted}
    return pl.DataFrame(typed, schema=schema)


def _typed(place: Path, row: dict[str, Any], name: str, kind: Any) -> Any:
    words = (row.get(name) or "").strip()
    if not words or kind == pl.String:
        return words or None
    try:
        return {"true": True, "false": False}[words.lower()] if kind == pl.Boolean else date.fromisoformat(words)
    except (KeyError, ValueError):
        allowed = "true or false" if kind == pl.Boolean else "a date like 2025-07-01"
        raise ConfigurationError(
            f"{place}:{row['line']}: field {name} must be {allowed}; found {words!r}. Correct it"
        ) from None


def _metric_lines(row: dict[str, Any]) -> list[str]:
    ready = {True: "ready for launch", False: "not ready for launch", None: "launch not dated"}[
        row["is_ready_for_launch"]
    ]
    due = f", instrumentation due {row['instrumentation_due_on']}" if row["instrumentation_due_on"] else ""
    first = f"; tells first, by {row['readable_by'] or 'day 31'}" if row["is_first_30_days"] else ""
    lines = [
        f"  {row['metric_name']}: {row['direction'] or '?'}, {row['frequency'] or 'no frequency'}{first}",
        f"    {row['definition'] or 'no definition'}",
        f"    {_AVAILABLE.get(row['availability'], 'nobody says whether it is tracked')}{due}; {ready}",
    ]
    return [*lines, f"    why it leads on: {row['mechanism']}"] if row["mechanism"] else lines


def _columns() -> str:
    return ", ".join(("feature_id", *COLUMNS))


_AVAILABLE = {"tracked": "tracked", "due": "not tracked yet"}
_HEADINGS = {
    "adoption": "Adoption (leading)",
    "value": "Value",
    "impact": "Impact (lagging)",
    "guardrail": "Guardrails",
}
