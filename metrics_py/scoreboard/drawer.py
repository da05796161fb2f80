"""Drawing each chart once: a chart whose data have not changed is taken from the last time."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

_KEPT = ".charts.json"
_WIDTHS = {"broad": 540, "narrow": 296}
_SOURCES = ("axis.py", "canvas.py", "chart.py", "fan.py", "number.py", "series.py", "stack.py", "words.py")


class Drawer:
    """Charts by what they are drawn from; altair is loaded only when one is new."""

    def __init__(self, site: Path) -> None:
        self._file = site / _KEPT
        self._kept = _read(self._file)
        self._used: dict[str, str] = {}

    def draw(self, chart: str, *arguments: Any, **settings: Any) -> str:
        """The SVG of a function of `metrics_py.scoreboard.chart`, by its name."""
        asked = repr((_edition(), chart, arguments, sorted(settings.items())))
        key = hashlib.sha256(asked.encode()).hexdigest()[:32]
        if key not in self._used:
            self._used[key] = self._kept.get(key) or _drawn(chart)(*arguments, **settings)
        return self._used[key]

    def at_both_widths(self, chart: str, *arguments: Any, **settings: Any) -> list[tuple[str, str]]:
        """The chart for a column of the page and for a phone, so that its lettering stays legible on both."""
        return [(name, self.draw(chart, *arguments, width=width, **settings)) for name, width in _WIDTHS.items()]

    def content(self) -> str:
        """The charts this site uses, to be kept beside it for the next time."""
        return json.dumps(self._used, sort_keys=True, indent=0)

    @property
    def name(self) -> str:
        """Name of the file they are kept in."""
        return _KEPT


def warm_up() -> None:
    """Load what draws charts, and draw one for nobody: the first takes many times as long as every other."""
    from metrics_py.scoreboard.stack import Stack

    _drawn("stack")(Stack("Nothing", ["none"], [("none", "black", [1])]), width=100)


def _drawn(chart: str) -> Callable[..., str]:
    from metrics_py.scoreboard import chart as charts

    function: Callable[..., str] = getattr(charts, chart)
    return function


@cache
def _edition() -> str:
    """Of everything else that a picture depends on: the code that draws it and the versions of its libraries."""
    folder = files("metrics_py.scoreboard")
    code = hashlib.sha256(b"".join((folder / name).read_bytes() for name in _SOURCES)).hexdigest()
    return f"{code} {version('altair')} {version('vl-convert-python')}"


def _read(file: Path) -> dict[str, str]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
