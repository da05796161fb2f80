"""Data quality: suites of expectations on the raw extracts and the published tables, run with Great Expectations."""

from metrics_py.quality.report import CheckReport
from metrics_py.quality.runner import check

__all__ = ["CheckReport", "check"]
