"""Charts as inline SVG: drawn by Altair, coloured by the page's own CSS variables, named for screen readers."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.board import Series

INK, MUTED, LINE, ZONE = "var(--ink)", "var(--muted)", "var(--line)", "var(--winning-wash)"

_PANEL_HEIGHTS = {True: 190, False: 150}
_DECIMALS = re.compile(r"-?\d+\.\d+")
_NUMERIC_ATTRIBUTE = re.compile(r' (?:d|transform)="[^"]*"')
_INNER_NAMES = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events|xmlns:xlink|version)="[^"]*"')
_EMPTY_PATH = re.compile(r'<path(?: aria-hidden="true")? d=""[^>]*/>')


def sparkline(series: Series, *, status: str, width: int = 240, height: int = 56) -> str:
    """The trend of one reading: its line, its target dashed, its last point in the colour of the status."""
    points = _points(series)
    present = [point for point in points if point["value"] is not None]
    if not present:
        return ""
    base = alt.Chart(alt.InlineData(values=points)).encode(x=_day_axis(None))
    scale = alt.Scale(zero=False, nice=False, padding=5)
    line = base.mark_line(color=INK, strokeWidth=1.75, strokeJoin="round", strokeCap="round").encode(
        y=alt.Y("value:Q", axis=None, scale=scale)
    )
    target = base.mark_line(color=MUTED, strokeWidth=1, strokeDash=[3, 3]).encode(y=alt.Y("target:Q", axis=None))
    last = alt.Chart(alt.InlineData(values=present[-1:])).mark_point(
        filled=True, size=60, opacity=1, color=f"var(--{status.replace('_', '-')})"
    )
    layers = [target, line, last.encode(x=_day_axis(None), y=alt.Y("value:Q", axis=None))]
    if len(points) <= 16:
        dots = base.mark_point(filled=True, size=16, opacity=1, color=INK).encode(y=alt.Y("value:Q", axis=None))
        layers.insert(2, dots)
    chart = alt.layer(*layers).properties(width=width, height=height)
    return _svg(chart, name=describe(series))


def trend(panels: Sequence[Series], *, status: str, width: int) -> str:
    """Readings over time, one panel each on a common time axis, with the zone in which the target holds."""
    drawn = [
        _panel(series, status=status, width=width, height=_PANEL_HEIGHTS[place == 0], is_last=place == len(panels) - 1)
        for place, series in enumerate(panels)
    ]
    chart = alt.vconcat(*drawn, spacing=26).resolve_scale(x="shared")
    return _svg(chart, name=". ".join(describe(series) for series in panels))


def describe(series: Series) -> str:
    """A chart in a sentence, for those who do not see it.

    Examples:
        >>> from datetime import date
        >>> days = [date(2025, 7, 1), date(2025, 10, 1)]
        >>> describe(Series("Headline", "score", "at least", days, [5.25, 6.5], [6.0, 6.0]))
        'Headline from 1 Jul 2025 to 1 Oct 2025: first 5.2, last 6.5, lowest 5.2, highest 6.5; target at least 6.0'
    """
    present = [(day, value) for day, value in zip(series.days, series.values, strict=True) if value is not None]
    if not present:
        return f"{series.label}: no value yet"
    values = [value for _, value in present]
    told = {"first": values[0], "last": values[-1], "lowest": min(values), "highest": max(values)}
    figures = ", ".join(f"{name} {number.value_text(value, series.unit)}" for name, value in told.items())
    target = _target(series)
    held_against = "" if target is None else f"; target {series.bound} {number.value_text(target, series.unit)}"
    first, last = words.day_text(present[0][0]), words.day_text(present[-1][0])
    return f"{series.label} from {first} to {last}: {figures}{held_against}"


def _panel(series: Series, *, status: str, width: int, height: int, is_last: bool) -> Any:
    scale = 100 if series.unit == "share" else 1
    points = _points(series, scale=scale)
    present = [point for point in points if point["value"] is not None]
    target = _target(series)
    domain = alt.Scale(domainMin=0, domainMax=100) if series.unit == "share" else alt.Scale(domainMin=0, nice=True)
    y = alt.Y("value:Q", scale=domain, title=None, axis=_value_axis(series.unit))
    x = _day_axis(_time_axis() if is_last else _time_axis(labels=False, ticks=False))
    layers: list[alt.Chart] = []
    if target is not None:
        edges: dict[str, Any] = (
            {"y": alt.YDatum(target * scale), "y2": alt.Y2Datum(100 if series.unit == "share" else None)}
            if series.bound == "at least"
            else {"y": alt.YDatum(0), "y2": alt.Y2Datum(target * scale)}
        )
        zone = alt.Chart(alt.InlineData(values=[{}]))
        layers.append(zone.mark_rect(color=ZONE, opacity=1).encode(**edges))
        layers.append(zone.mark_rule(color="var(--winning)", strokeWidth=1).encode(y=alt.YDatum(target * scale)))
    base = alt.Chart(alt.InlineData(values=points))
    layers.append(base.mark_line(color=INK, strokeWidth=2, strokeJoin="round").encode(x=x, y=y))
    if present:
        last = alt.Chart(alt.InlineData(values=present[-1:])).encode(x=x, y=y)
        layers.append(last.mark_point(filled=True, size=80, opacity=1, color=f"var(--{status.replace('_', '-')})"))
    title = alt.TitleParams(
        text=series.label,
        subtitle="" if target is None else f"Target {series.bound} {number.value_text(target, series.unit)}",
        anchor="start",
        frame="group",
        color=INK,
        fontSize=13,
        fontWeight=600,
        subtitleColor=MUTED,
        subtitleFontSize=12,
        offset=10,
    )
    return alt.layer(*layers).properties(width=width, height=height, title=title)


def _points(series: Series, *, scale: int = 1) -> list[dict[str, Any]]:
    return [
        {
            "day": day.isoformat(),
            "value": None if value is None else value * scale,
            "target": None if target is None else target * scale,
        }
        for day, value, target in zip(series.days, series.values, series.targets, strict=True)
    ]


def _target(series: Series) -> float | None:
    return next((target for target in reversed(series.targets) if target is not None), None)


def _day_axis(axis: alt.Axis | None) -> alt.X:
    # In UTC, since a calendar day drawn in the machine's own zone can land on the day before.
    return alt.X("day:T", axis=axis, title=None, scale=alt.Scale(type="utc"))


def _time_axis(**settings: Any) -> alt.Axis:
    return alt.Axis(
        format="%b %Y",
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


def _value_axis(unit: str) -> alt.Axis:
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
        labelExpr="datum.label + '%'" if unit == "share" else "datum.label",
    )


def _svg(chart: alt.TopLevelMixin, *, name: str) -> str:
    themed = chart.configure(background="transparent", font="sans-serif").configure_view(stroke=None)
    drawn: str = vl_convert.vegalite_to_svg(themed.to_dict())
    return _clean(drawn, name=name)


def _clean(drawn: str, *, name: str) -> str:
    """One picture with one name: Vega's inner roles go, positions are kept to a tenth of a pixel."""
    inner = _INNER_NAMES.sub("", drawn)
    inner = _EMPTY_PATH.sub("", inner)
    inner = _NUMERIC_ATTRIBUTE.sub(lambda found: _DECIMALS.sub(_tenth, found.group()), inner)
    return inner.replace("<svg", f'<svg role="img" aria-label="{escape(name)}"', 1)


def _tenth(found: re.Match[str]) -> str:
    return f"{float(found.group()):.1f}".removesuffix(".0")
