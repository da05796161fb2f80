"""Charts as inline SVG: drawn by Altair, coloured by the page's own CSS variables, named for screen readers."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from metrics_py.scoreboard import number
from metrics_py.scoreboard.axis import INK, MUTED, day_axis, name_axis, time_axis, value_axis
from metrics_py.scoreboard.canvas import Canvas, layered
from metrics_py.scoreboard.fan import Fan, describe_fan
from metrics_py.scoreboard.series import Series, describe, target_of
from metrics_py.scoreboard.stack import Stack, describe_stack

ZONE, INTERVAL = "var(--winning-wash)", "var(--interval)"
_BARS_UP_TO = 24
_DOMAINS: dict[str, dict[str, Any]] = {
    "share": {"domainMin": 0, "domainMax": 100},
    # Far from zero, or on both sides of it: what matters is the distance to the target.
    "usd": {"zero": False, "nice": True},
    "nps": {"zero": False, "nice": True},
}


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
    canvas = Canvas()
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
    x = alt.X("column:N", sort=None, title=None, scale=alt.Scale(domain=list(drawn.columns)), axis=name_axis())
    y = alt.Y("size:Q", title=None, axis=value_axis(drawn.unit))
    fill = alt.Color("part:N", scale=colour, legend=legend if len(drawn.parts) > 1 else None)
    canvas = Canvas()
    bars = canvas.chart(values).mark_bar(stroke="var(--card)", strokeWidth=1)
    layers = [bars.encode(x=x, y=y, color=fill, order="order:Q")]
    return canvas.svg(layered(layers, width=width, height=height), name=describe_stack(drawn))


def fan(drawn: Fan, *, width: int, height: int = 230) -> str:
    """Readings, the line asked of them, and the outlook opening towards the end of the period."""
    scale = 100 if drawn.series.unit == "share" else 1
    canvas = Canvas()
    x, y = (
        day_axis(time_axis()),
        alt.Y("value:Q", scale=alt.Scale(zero=False, nice=True), title=None, axis=value_axis(drawn.series.unit)),
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
    return canvas.svg(layered(layers, width=width, height=height), name=describe_fan(drawn))


def _panel(
    canvas: Canvas, series: Series, *, status: str, width: int, height: int, is_last: bool, is_titled: bool
) -> dict[str, Any]:
    scale = 100 if series.unit == "share" else 1
    points = _points(series, scale=scale)
    present = [point for point in points if point["value"] is not None]
    target = target_of(series)
    domain = alt.Scale(**_DOMAINS.get(series.unit, {"domainMin": 0, "nice": True}))
    y = alt.Y("value:Q", scale=domain, title=None, axis=value_axis(series.unit))
    x = day_axis(time_axis() if is_last else time_axis(labels=False, ticks=False))
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
    panel = layered(layers, width=width, height=height)
    return panel | {"title": _title(series, target).to_dict()} if is_titled else panel


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
