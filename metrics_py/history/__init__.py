"""What was published when, and why a published value changed: kept beside the snapshot, never rebuilt."""

from metrics_py.history.record import Snapshot, record
from metrics_py.history.records import RawLayer, write_records
from metrics_py.history.shelf import History, Publish

__all__ = ["History", "Publish", "RawLayer", "Snapshot", "record", "write_records"]
