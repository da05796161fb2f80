"""What was published when, and why a published value changed: kept beside the snapshot, never rebuilt."""

from metrics_py.history.record import Snapshot, record
from metrics_py.history.shelf import History, Publish

__all__ = ["History", "Publish", "Snapshot", "record"]
