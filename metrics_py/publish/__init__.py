"""The snapshot that BI tools and the pages read: every public model, replaced as one, never seen half-written."""

from metrics_py.publish.snapshot import PublishReport, publish

__all__ = ["PublishReport", "publish"]
