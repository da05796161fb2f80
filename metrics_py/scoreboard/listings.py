"""Tables that several pages share: violations, ageing insights, features, measures by quarter."""

from collections.abc import Sequence

from metrics_py.scoreboard import address, number, words
from metrics_py.scoreboard.material import Feature, Material
from metrics_py.scoreboard.parts import Cell, Panel, Switch, Table, shown
from metrics_py.scoreboard.rows import Ageing, Value, Violation
from metrics_py.scoreboard.tile import Mark
from metrics_py.scoreboard.timeline import Quarter, Timeline


def violations_table(material: Material, violations: Sequence[Violation], *, names_people: bool = True) -> Table:
    """Violations of the process, those that must not happen first, then the newest."""
    ordered = sorted(violations, key=lambda v: (v.severity != "error", -v.happened_on.toordinal(), v.entity_id))
    visible, more = shown(ordered, "csv/violations.csv")
    rows = [
        [
            Cell(violation.sentence, note=violation.what_to_do),
            Cell("must hold" if violation.severity == "error" else "warning"),
            Cell(words.day_text(violation.happened_on)),
            _subject(material, violation),
            Cell(violation.evidence),
            *([material.person(violation.person_id)] if names_people else []),
        ]
        for violation in visible
    ]
    columns = ["Rule and what to do", "Severity", "When", "Where", "Evidence", *(["Who"] if names_people else [])]
    return Table("Violations of the process", columns, rows, more=more, empty="No rule was broken.")


def ageing_table(material: Material, insights: Sequence[Ageing], *, names_people: bool = True) -> Table:
    """Open pains: those that still can be resolved in time, the most pressing first, then the overdue, oldest first."""
    ordered = sorted(insights, key=lambda insight: (insight.is_overdue, -insight.age_days, insight.insight_id))
    visible, more = shown(ordered, "csv/ageing-insights.csv")
    rows = [
        [
            Cell(insight.insight_id, mark=Mark("losing" if insight.is_overdue else "too_early")),
            Cell(f"{insight.age_days:,}"),
            Cell(words.day_text(insight.breaks_45_on)),
            Cell(plain(insight.furthest_stage) or "not on the portal"),
            Cell("open" if insight.reason is None else plain(insight.reason)),
            material.feature(insight.first_card_feature_id),
            *([material.person(insight.person_id)] if names_people else []),
        ]
        for insight in visible
    ]
    columns = [
        "Insight",
        "Days open",
        "Late from",
        "Furthest stage",
        "State",
        "Feature",
        *(["Who"] if names_people else []),
    ]
    return Table("Open insights", columns, rows, frozenset({1}), more, empty="No open insight.")


def awaiting_table(material: Material, features: Sequence[Feature], *, names_people: bool = True) -> Table:
    """Shipped features whose outcome is not known yet, those that will be known first on top."""
    ordered = sorted(features, key=lambda feature: (feature.matured_on or material.as_of.date(), feature.feature_id))
    visible, more = shown(ordered, "csv/features.csv")
    rows = [
        [
            material.feature(feature.feature_id),
            Cell("" if feature.shipped_on is None else words.day_text(feature.shipped_on)),
            Cell("not known" if feature.matured_on is None else words.day_text(feature.matured_on)),
            Cell(_indicators(feature), note="early hit" if feature.is_early_hit else None),
            *([material.person(feature.ship_person_id)] if names_people else []),
        ]
        for feature in visible
    ]
    columns = ["Feature", "Shipped", "Final on", "KPIs met so far", *(["Who"] if names_people else [])]
    empty = "Every shipped feature has its outcome."
    return Table("Features awaiting a decision window", columns, rows, more=more, empty=empty)


def features_table(material: Material, features: Sequence[Feature], *, is_home: bool) -> Table:
    """Features with their stage, score and outcome; on the page where they are at home each row is an address."""
    visible, more = (features, None) if is_home else shown(features, "csv/features.csv")
    rows = [
        [
            Cell(
                feature.feature_name,
                None if is_home else material.feature_page(feature),
                note=feature.feature_id,
                anchor=address.feature_anchor(feature.feature_id) if is_home else None,
            ),
            Cell(_place(feature), note=_since(feature)),
            Cell(_score(feature)),
            outcome(feature),
        ]
        for feature in visible
    ]
    columns = ["Feature", "Where it is", "DDQS", "Outcome"]
    return Table("Features", columns, rows, frozenset({2}), more, empty="No feature.", is_whole=is_home)


def outcome(feature: Feature) -> Cell:
    """What became of a feature, in words."""
    if feature.shipped_on is None:
        return Cell("archived" if feature.is_archived else plain(feature.exclusion_reason) or "not shipped")
    if feature.is_hit:
        return Cell("Hit", mark=Mark("winning"), note=_indicators(feature))
    if feature.is_matured:
        reason = f"because of {plain(feature.miss_stage)}" if feature.miss_stage else "not diagnosed"
        return Cell("Miss", mark=Mark("losing"), note=f"{_indicators(feature)}, {reason}")
    known = "" if feature.matured_on is None else f" until {words.day_text(feature.matured_on)}"
    return Cell(f"Pending{known}", mark=Mark("too_early"), note=_indicators(feature))


def quarters_switch(material: Material, values: Timeline) -> Switch:
    """The measures of one organisation unit, a panel per quarter."""
    panels = [
        Panel(f"q-{quarter.slug}", quarter.label, [quarter_table(material, values, quarter)])
        for quarter in material.quarters
    ]
    return Switch("Quarter", panels)


def quarter_table(material: Material, values: Timeline, quarter: Quarter) -> Table:
    """Where each judged reading stood at the end of a quarter, or stands now in an open one."""
    rows = []
    for metric_id, reading in material.judged:
        value = values.last_in(metric_id, reading, quarter)
        if value is None:
            continue
        card = material.cards[metric_id]
        bound = words.bound(reading, card.direction)
        name = metric_id.upper() if reading == card.headline_reading else words.reading_word(reading)
        rows.append(
            [
                Cell(name, address.metric_page(metric_id), note=card.name if name == metric_id.upper() else None),
                Cell(words.STATUS_WORDS[value.status], mark=Mark(value.status)),
                value_cell(value),
                Cell("" if value.target is None else f"{bound} {number.value_text(value.target, value.unit)}"),
                Cell("" if value.n is None else f"{value.n:,}"),
                Cell(value.status_reason),
            ]
        )
    columns = ["Measure", "Verdict", "Value", "Target", "n", "Why"]
    empty = "No measure had a value in this quarter."
    return Table(f"Measures in {quarter.label}", columns, rows, frozenset({2, 3, 4}), empty=empty)


def value_cell(value: Value) -> Cell:
    """A value with its interval."""
    if value.value is None:
        return Cell("No value")
    interval = None
    if value.ci_low is not None and value.ci_high is not None:
        interval = number.range_text(value.ci_low, value.ci_high, value.unit)
    return Cell(number.value_text(value.value, value.unit), note=interval)


def plain(name: str | None) -> str:
    """A name from a table in plain words.

    Examples:
        >>> plain("measure_learn"), plain(None)
        ('measure learn', '')
    """
    return (name or "").replace("_", " ")


def _subject(material: Material, violation: Violation) -> Cell:
    named = material.feature(violation.feature_id)
    kind = f"{plain(violation.entity_type)} {violation.entity_id}"
    return Cell(named.text, named.href, note=kind) if violation.feature_id else Cell(kind)


def _indicators(feature: Feature) -> str:
    if not feature.kpi_count:
        return "no KPI"
    breached = f", {feature.guardrail_breach_count:.0f} guardrail breached" if feature.guardrail_breach_count else ""
    return f"{feature.kpi_met_count or 0:.0f} of {number.count_text(int(feature.kpi_count), 'KPI')} met{breached}"


def _place(feature: Feature) -> str:
    if feature.shipped_on is not None:
        return f"Shipped {words.day_text(feature.shipped_on)}"
    return plain(feature.stage).capitalize() or "Not in the process"


def _since(feature: Feature) -> str | None:
    if feature.shipped_on is not None or feature.days_in_stage is None:
        return None
    return f"for {number.count_text(feature.days_in_stage, 'day')}"


def _score(feature: Feature) -> str:
    if feature.ddqs is not None:
        return number.value_text(feature.ddqs, "score")
    return plain(feature.ddqs_reason) if feature.shipped_on else ""
