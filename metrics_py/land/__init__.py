"""Landing: extracts of vendors' rows into append-only raw tables with presence intervals and a quarantine."""

from metrics_py.land.landing import land
from metrics_py.land.report import LandingReport, RefusedFile, TableReport

__all__ = ["LandingReport", "RefusedFile", "TableReport", "land"]
