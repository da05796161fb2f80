"""Small lines without axes, written as SVG paths by hand: a page has many, and each must cost nothing."""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from itertools import pairwise

from metrics_py.scoreboard.series import Series, describe

_PADDING = 5
_DOTS_UP_TO = 16


def sparkline(series: Series, *, status: str, width: int = 240, height: int = 56) -> str:
    """The trend of one reading: its line, its target dashed, its last point in the colour of the status."""
    present = [value for value in series.values if value is not None]
    if not present:
        return ""
    asked = list(zip(series.days, series.targets, strict=True)) if not series.path else list(series.path)
    days = [day.toordinal() for day in (*series.places, *(day for day, _ in series.path))]
    across = _scale(min(days), max(days), _PADDING, width - _PADDING)
    levels = [*present, *(level for _, level in asked if level is not None)]
    up = _scale(min(levels), max(levels), height - _PADDING, _PADDING)

    def place(dated: Iterable[tuple[date, float | None]]) -> list[tuple[float, float] | None]:
        return [None if value is None else (across(day.toordinal()), up(value)) for day, value in dated]

    points = place(zip(series.places, series.values, strict=True))
    drawn = [point for point in points if point is not None]
    dots = "".join(f'<circle cx="{_text(x)}" cy="{_text(y)}" r="2"/>' for x, y in drawn[:-1])
    x, y = drawn[-1]
    return (
        f'<svg role="img" aria-label="{escape(describe(series))}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f'<path d="{_path(place(asked))}" fill="none" stroke="var(--muted)" stroke-dasharray="3 3"/>'
        f'<path d="{_path(points)}" fill="none" stroke="var(--ink)" stroke-width="1.75" stroke-linejoin="round" '
        f'stroke-linecap="round"/>'
        + (f'<g fill="var(--ink)">{dots}</g>' if len(points) <= _DOTS_UP_TO else "")
        + f'<circle cx="{_text(x)}" cy="{_text(y)}" r="4.4" fill="var(--{status.replace("_", "-")})"/></svg>'
    )


def _scale(low: float, high: float, start: float, end: float) -> "_Scale":
    return _Scale(low, high, start, end)


class _Scale:
    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low, self._start = low, start
        self._step = (end - start) / (high - low) if high > low else 0.0
        self._middle = (start + end) / 2

    def __call__(self, value: float) -> float:
        return self._start + (value - self._low) * self._step if self._step else self._middle


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Points joined by lines; nothing joins across a missing one, and the middle of a level stretch is left out."""
    parts: list[str] = []
    kept = [None, *points, None]
    for (before, here), after in zip(pairwise(kept), kept[2:], strict=False):
        if here is None:
            continue
        if before is None:
            parts.append(f"M{_text(here[0])} {_text(here[1])}")
            if after is None:
                parts.append("h0")
        elif after is None or not before[1] == here[1] == after[1]:
            parts.append(f"L{_text(here[0])} {_text(here[1])}")
    return "".join(parts)


def _text(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
