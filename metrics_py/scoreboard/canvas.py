"""From charts and their data to one inline SVG with one name."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

_DECIMALS = re.compile(r"-?\d+\.\d+")
_NUMERIC_ATTRIBUTE = re.compile(r' (?:d|transform)="[^"]*"')
_INNER_NAMES = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events|xmlns:xlink|version)="[^"]*"')
_EMPTY_PATH = re.compile(r'<path(?: aria-hidden="true")? d=""[^>]*/>')


class Canvas:
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


def layered(layers: Sequence[alt.Chart], *, width: int, height: int) -> dict[str, Any]:
    """Charts on top of each other. Put together here, since Altair copies all of them with each layer it adds."""
    drawn = [layer.to_dict(validate=False) for layer in layers]
    marks = [{name: layer[name] for name in ("data", "mark", "encoding")} for layer in drawn]
    return {"layer": marks, "width": width, "height": height}


def _clean(drawn: str, *, name: str) -> str:
    """One picture with one name: Vega's inner roles go, positions are kept to a tenth of a pixel."""
    inner = _INNER_NAMES.sub("", drawn)
    inner = _EMPTY_PATH.sub("", inner)
    inner = _NUMERIC_ATTRIBUTE.sub(lambda found: _DECIMALS.sub(_tenth, found.group()), inner)
    return inner.replace("<svg", f'<svg role="img" aria-label="{escape(name)}"', 1)


def _tenth(found: re.Match[str]) -> str:
    return f"{float(found.group()):.1f}".removesuffix(".0")
