"""Axes of the charts, in the colours of the page."""

from typing import Any

import altair as alt

INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
_LABELS = {"share": "datum.label + '%'", "usd": "(datum.value < 0 ? '−' : '') + '$' + format(abs(datum.value), '.2~s')"}


def day_axis(axis: alt.Axis | None) -> alt.X:
    """Calendar days from left to right."""
    # In UTC, since a calendar day drawn in the machine's own zone can land on the day before.
    return alt.X("day:T", axis=axis, title=None, scale=alt.Scale(type="utc"))


def time_axis(**settings: Any) -> alt.Axis:
    """The axis of days, with months for labels."""
    return alt.Axis(
        format="%b %Y",
        labelSeparation=12,
        tickCount=6,
        grid=False,
        labelColor=MUTED,
        labelFontSize=12,
        labelPadding=6,
        labelOverlap=True,
        domainColor=LINE,
        tickColor=LINE,
        **settings,
    )


def name_axis() -> alt.Axis:
    """The axis of columns that have names."""
    return alt.Axis(
        labelAngle=0,
        labelColor=MUTED,
        labelFontSize=12,
        labelPadding=6,
        labelOverlap=True,
        domainColor=LINE,
        ticks=False,
        grid=False,
    )


def value_axis(unit: str) -> alt.Axis:
    """The axis of values in a unit, with a pale grid."""
    return alt.Axis(
        tickCount=4,
        grid=True,
        gridColor=LINE,
        gridOpacity=0.6,
        domain=False,
        ticks=False,
        labelColor=MUTED,
        labelFontSize=12,
        labelPadding=8,
        labelExpr=_LABELS.get(unit, "datum.label"),
    )
