"""Charts as inline SVG: drawn by Altair, coloured by the page's own CSS variables, named for screen readers."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

from metrics_py.scoreboard import number
from metrics_py.scoreboard.fan import Fan, describe_fan
from metrics_py.scoreboard.series import Series, describe, target_of
from metrics_py.scoreboard.stack import Stack, describe_stack

INK, MUTED, LINE, ZONE = "var(--ink)", "var(--muted)", "var(--line)", "var(--winning-wash)"

INTERVAL = "var(--interval)"
_BARS_UP_TO = 24
_DOMAINS: dict[str, dict[str, Any]] = {
    "share": {"domainMin": 0, "domainMax": 100},
    # Far from zero, or on both sides of it: what matters is the distance to the target.
    "usd": {"zero": False, "nice": True},
    "nps": {"zero": False, "nice": True},
}
_LABELS = {"share": "datum.label + '%'", "usd": "(datum.value < 0 ? '−' : '') + '$' + format(abs(datum.value), '.2~s')"}
_DECIMALS = re.compile(r"-?\d+\.\d+")
_NUMERIC_ATTRIBUTE = re.compile(r' (?:d|transform)="[^"]*"')
_INNER_NAMES = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events|xmlns:xlink|version)="[^"]*"')
_EMPTY_PATH = re.compile(r'<path(?: aria-hidden="true")? d=""[^>]*/>')


def trend(
    panels: Sequence[Series],
    *,
    status: str,
    width: int,
    heights: Sequence[int] = (190, 150),
    is_titled: bool = True,
) -> str:
    """Readings over time, one panel each on a common time axis, with the zone in which the target holds.

    A reading with an interval has it as a band; `heights` are those of the first panel and of the others.
    """
    canvas = _Canvas()
    drawn = [
        _panel(
            canvas,
            _thinned(series, width // 2),
            status=status,
            width=width,
            height=heights[place > 0],
            is_last=place == len(panels) - 1,
            is_titled=is_titled,
        )
        for place, series in enumerate(panels)
    ]
    chart = {"vconcat": drawn, "spacing": 26, "resolve": {"scale": {"x": "shared"}}} if len(drawn) > 1 else drawn[0]
    return canvas.svg(chart, name=". ".join(describe(series) for series in panels))


def stack(drawn: Stack, *, width: int, height: int = 200) -> str:
    """Columns cut into parts, with a legend above where there is more than one part."""
    values = [
        {"column": column, "part": name, "size": size, "order": place}
        for place, (name, _, sizes) in enumerate(drawn.parts)
        for column, size in zip(drawn.columns, sizes, strict=True)
        if size
    ]
    colour = alt.Scale(domain=[name for name, _, _ in drawn.parts], range=[colour for _, colour, _ in drawn.parts])
    legend = alt.Legend(
        title=None,
        orient="top",
        direction="horizontal",
        columns=3,
        labelColor=MUTED,
        labelFontSize=12,
        symbolType="square",
    )
    x = alt.X("column:N", sort=None, title=None, scale=alt.Scale(domain=list(drawn.columns)), axis=_name_axis())
    y = alt.Y("size:Q", title=None, axis=_value_axis(drawn.unit))
    fill = alt.Color("part:N", scale=colour, legend=legend if len(drawn.parts) > 1 else None)
    canvas = _Canvas()
    bars = canvas.chart(values).mark_bar(stroke="var(--card)", strokeWidth=1)
    layers = [bars.encode(x=x, y=y, color=fill, order="order:Q")]
    return canvas.svg(_layered(layers, width=width, height=height), name=describe_stack(drawn))


def fan(drawn: Fan, *, width: int, height: int = 230) -> str:
    """Readings, the line asked of them, and the outlook opening towards the end of the period."""
    scale = 100 if drawn.series.unit == "share" else 1
    canvas = _Canvas()
    x, y = (
        _day_axis(_time_axis()),
        alt.Y("value:Q", scale=alt.Scale(zero=False, nice=True), title=None, axis=_value_axis(drawn.series.unit)),
    )
    layers: list[alt.Chart] = []
    present = [point for point in _points(drawn.series, scale=scale) if point["value"] is not None]
    outlook = drawn.outlook
    if outlook is not None and present:
        start = {"day": present[-1]["day"], "low": present[-1]["value"], "high": present[-1]["value"]}
        for low, high, opacity in (
            (outlook.low_95, outlook.high_95, 0.55),
            (outlook.low_80, outlook.high_80, 1),
        ):
            if low is not None and high is not None:
                end = {"day": outlook.target_on.isoformat(), "low": low * scale, "high": high * scale}
                area = canvas.chart([start, end]).mark_area(color=INTERVAL, opacity=opacity)
                layers.append(area.encode(x=x, y=alt.Y("low:Q"), y2="high:Q"))
        path = [start | {"value": start["low"]}, {"day": outlook.target_on.isoformat(), "value": outlook.value * scale}]
        line = canvas.chart(path).mark_line(color=INK, strokeWidth=1.5, strokeDash=[2, 3])
        layers.append(line.encode(x=x, y=y))
    if drawn.target is not None:
        begin = drawn.target if drawn.baseline is None else drawn.baseline
        asked = [
            {"day": drawn.starts_on.isoformat(), "value": begin * scale},
            {"day": drawn.ends_on.isoformat(), "value": drawn.target * scale},
        ]
        wanted = canvas.chart(asked).mark_line(color="var(--winning)", strokeWidth=1.5, strokeDash=[6, 4])
        layers.append(wanted.encode(x=x, y=y))
    base = canvas.chart(present)
    layers.append(base.mark_line(color=INK, strokeWidth=2, strokeJoin="round").encode(x=x, y=y))
    layers.append(base.mark_point(filled=True, size=28, opacity=1, color=INK).encode(x=x, y=y))
    return canvas.svg(_layered(layers, width=width, height=height), name=describe_fan(drawn))


def _panel(
    canvas: "_Canvas", series: Series, *, status: str, width: int, height: int, is_last: bool, is_titled: bool
) -> dict[str, Any]:
    scale = 100 if series.unit == "share" else 1
    points = _points(series, scale=scale)
    present = [point for point in points if point["value"] is not None]
    target = target_of(series)
    domain = alt.Scale(**_DOMAINS.get(series.unit, {"domainMin": 0, "nice": True}))
    y = alt.Y("value:Q", scale=domain, title=None, axis=_value_axis(series.unit))
    x = _day_axis(_time_axis() if is_last else _time_axis(labels=False, ticks=False))
    layers: list[alt.Chart] = []
    if series.path:
        asked = [{"day": day.isoformat(), "value": value * scale} for day, value in series.path]
        line = canvas.chart(asked).mark_line(color="var(--winning)", strokeWidth=1.5, strokeDash=[6, 4])
        layers.append(line.encode(x=x, y=y))
    elif target is not None:
        edge = alt.value(0 if series.bound == "at least" else height)
        zone = canvas.chart([{}])
        layers.append(zone.mark_rect(color=ZONE, opacity=1).encode(y=alt.YDatum(target * scale), y2=edge))
        layers.append(zone.mark_rule(color="var(--winning)", strokeWidth=1).encode(y=alt.YDatum(target * scale)))
    base = canvas.chart(points)
    band = [point for point in points if point["low"] is not None and point["high"] is not None]
    if band and len(points) <= _BARS_UP_TO:
        interval = canvas.chart(band).mark_rule(color=INTERVAL, strokeWidth=6, strokeCap="round")
        layers.append(interval.encode(x=x, y=alt.Y("low:Q", scale=domain), y2="high:Q"))
    elif band:
        area = canvas.chart(band).mark_area(color=INTERVAL, opacity=1)
        layers.append(area.encode(x=x, y=alt.Y("low:Q", scale=domain), y2="high:Q"))
    layers.append(base.mark_line(color=INK, strokeWidth=2, strokeJoin="round").encode(x=x, y=y))
    if len(points) <= _BARS_UP_TO:
        layers.append(base.mark_point(filled=True, size=30, opacity=1, color=INK).encode(x=x, y=y))
    if present:
        last = canvas.chart(present[-1:]).encode(x=x, y=y)
        layers.append(last.mark_point(filled=True, size=80, opacity=1, color=f"var(--{status.replace('_', '-')})"))
    panel = _layered(layers, width=width, height=height)
    return panel | {"title": _title(series, target).to_dict()} if is_titled else panel


def _layered(layers: Sequence[alt.Chart], *, width: int, height: int) -> dict[str, Any]:
    """Charts on top of each other. Put together here, since Altair copies all of them with each layer it adds."""
    drawn = [layer.to_dict(validate=False) for layer in layers]
    marks = [{name: layer[name] for name in ("data", "mark", "encoding")} for layer in drawn]
    return {"layer": marks, "width": width, "height": height}


def _title(series: Series, target: float | None) -> alt.TitleParams:
    return alt.TitleParams(
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


def _thinned(series: Series, limit: int) -> Series:
    """Every nth point, counted from the last, where there are more than the width can show."""
    step = -(-len(series.days) // limit)
    return series if step <= 1 else series.every(slice((len(series.days) - 1) % step, None, step))


def _points(series: Series, *, scale: int = 1) -> list[dict[str, Any]]:
    nothing = [None] * len(series.days)
    columns = (series.values, series.lows or nothing, series.highs or nothing)
    return [
        {"day": day.isoformat()}
        | {
            name: None if value is None else value * scale
            for name, value in zip(("value", "low", "high"), values, strict=True)
        }
        for day, *values in zip(series.places, *columns, strict=True)
    ]


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


def _name_axis() -> alt.Axis:
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
        labelExpr=_LABELS.get(unit, "datum.label"),
    )


class _Canvas:
    """The data of one drawing, handed over by name: Altair copies what stands inside a chart again and again."""

    def __init__(self) -> None:
        self._tables: dict[str, Sequence[dict[str, Any]]] = {}

    def chart(self, rows: Sequence[dict[str, Any]]) -> alt.Chart:
        """A chart of these rows, to be given its mark."""
        name = f"rows{len(self._tables)}"
        self._tables[name] = rows
        return alt.Chart(alt.NamedData(name=name))

    def svg(self, chart: dict[str, Any], *, name: str) -> str:
        """The finished picture under the name that screen readers say."""
        config = {"background": "transparent", "font": "sans-serif", "view": {"stroke": None}}
        specification = {"$schema": alt.SCHEMA_URL, "config": config, "datasets": self._tables} | chart
        return _clean(vl_convert.vegalite_to_svg(specification), name=name)


def _clean(drawn: str, *, name: str) -> str:
    """One picture with one name: Vega's inner roles go, positions are kept to a tenth of a pixel."""
    inner = _INNER_NAMES.sub("", drawn)
    inner = _EMPTY_PATH.sub("", inner)
    inner = _NUMERIC_ATTRIBUTE.sub(lambda found: _DECIMALS.sub(_tenth, found.group()), inner)
    return inner.replace("<svg", f'<svg role="img" aria-label="{escape(name)}"', 1)


def _tenth(found: re.Match[str]) -> str:
    return f"{float(found.group()):.1f}".removesuffix(".0")
