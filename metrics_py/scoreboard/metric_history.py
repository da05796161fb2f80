"""How a metric got where it is: its judged readings over time."""

from datetime import timedelta

from metrics_py.scoreboard import address, number, words
from metrics_py.scoreboard.board import agreement_text, read_agreements
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Block, Drawing, Note, Section, values_table
from metrics_py.scoreboard.rows import Card, Goal, Verdict
from metrics_py.scoreboard.series import Series, series_of, target_of
from metrics_py.scoreboard.tile import Mark, Tile


def history_section(
    material: Material, drawer: Drawer, verdict: Verdict, card: Card, tile: Tile, goal: Goal | None
) -> Section:
    """Every judged reading over time, with what it is held against, and whether the readings agree."""
    csv = address.metric_csv(verdict.metric_id)
    panels = [
        series_of(reading, verdict, material.company_values, words.bound(reading, card.direction), goal=goal)
        for metric_id, reading in material.judged
        if metric_id == verdict.metric_id
    ]
    blocks: list[Block] = []
    if verdict.metric_id == "circt":
        newest = max(read_agreements(material), key=lambda agreement: agreement.day, default=None)
        is_split = bool(newest and newest.is_disagreement)
        blocks.append(Note(agreement_text(newest), Mark("losing") if is_split else None))
    for panel in panels:
        blocks.append(
            Drawing(
                title=panel.label,
                note=_held_against(panel),
                pictures=drawer.at_both_widths(
                    "trend", [_since_first(panel)], status=tile.mark.status, is_titled=False
                ),
                table=values_table([panel], caption=f"{panel.label} over time", csv=csv),
            )
        )
    asked = "The shaded zone is where the target holds"
    if goal is not None and goal.line:
        asked = "The dashed line is what is asked on the way to the target"
    note = f"{asked}; the pale band, or bars, are the 95% interval."
    return Section("history", "How it got here", blocks, note)


def _held_against(series: Series) -> str:
    target = target_of(series)
    if target is None:
        return ""
    told = f"Target {series.bound} {number.value_text(target, series.unit)}"
    if not series.path:
        return told
    (begins, baseline), (ends, _) = series.path
    last = ends - timedelta(days=1)
    since = f"{number.value_text(baseline, series.unit)} on {words.day_text(begins)}"
    return f"{told} by {words.day_text(last)}, from {since}"


def _since_first(series: Series) -> Series:
    """From the first value on: what came before is not drawn as an empty stretch."""
    start = next((place for place, value in enumerate(series.values) if value is not None), 0)
    return series.every(slice(start, None))
