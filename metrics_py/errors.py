"""The kinds of trouble, one error type each; every message names what was found, what is allowed and the way out."""


class MetricsError(Exception):
    """Root of every error this library raises on purpose; the command line prints it and exits with 2."""


class MissingColumnError(MetricsError, ValueError):
    """A frame or table lacks a column that the caller named."""


class OutOfRangeError(MetricsError, ValueError):
    """A value lies outside what its definition allows."""


class UnusableInputError(MetricsError, ValueError):
    """An input is well-formed but cannot give an answer (impossible margins, overlapping windows)."""


class RefusedFileError(MetricsError):
    """A file is not what its name says; nothing of it was landed."""


class WarehouseError(MetricsError):
    """The warehouse is missing, locked, unreadable or lacks a table."""


class ConfigurationError(MetricsError):
    """A seed, a setting or a command-line value contradicts itself or names something unknown."""
