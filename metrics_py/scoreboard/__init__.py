"""The pages people look at: static HTML drawn from a published snapshot alone."""

from metrics_py.scoreboard.site import ScoreboardReport, render

__all__ = ["ScoreboardReport", "render"]
