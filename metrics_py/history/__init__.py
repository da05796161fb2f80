"""What was published when, and why a published value changed: kept beside the snapshot, never rebuilt."""

from metrics_py.history.landed import Landed, RawLayer, write_landed
from metrics_py.history.record import Snapshot, record, require_tables
from metrics_py.history.shelf import History, Publish

__all__ = ["History", "Landed", "Publish", "RawLayer", "Snapshot", "record", "require_tables", "write_landed"]
