"""The one place that calls Great Expectations: makes its expectations from suites and reads its results."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from metrics_py.errors import ConfigurationError
from metrics_py.privacy import without_addresses
from metrics_py.quality.suites import Expectation, nearest

if TYPE_CHECKING:
    import pandas as pd

# Crashes on numpy 2, in every case.
_BROKEN = frozenset({"ExpectColumnQuantileValuesToBeBetween"})
_SHOWN_ROWS = 3
# Arguments that name columns of the frame.
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B")


@dataclass(frozen=True)
class Outcome:
    """What one expectation found: whether it holds, in words, and the first rows that break it."""

    holds: bool
    observed: str
    examples: tuple[str, ...] = ()


def columns_named(expectation: Expectation) -> set[str]:
    """Columns of the frame that an expectation names in its arguments."""
    named = {str(expectation.arguments[name]) for name in _COLUMN_ARGUMENTS if name in expectation.arguments}
    listed = expectation.arguments.get("column_list")
    return named | set(map(str, listed if isinstance(listed, list) else ()))


def asks_for_all_columns(expectation: Expectation) -> bool:
    """True when an expectation is about the columns a frame has, so that none may be left out of it."""
    return expectation.kind.startswith(("ExpectTableColumn", "ExpectColumnToExist"))


def build(expectation: Expectation) -> Any:
    """The Great Expectations object of an expectation.

    Raises: ConfigurationError when there is no such class or it does not take these arguments.
    """
    gx = _library()
    kinds = {name for name in dir(gx.expectations) if name.startswith("Expect")} - _BROKEN
    if expectation.kind in _BROKEN:
        raise ConfigurationError(
            f"{expectation.kind} cannot be used with numpy 2; take the quantile in a query and expect it between bounds"
        )
    if expectation.kind not in kinds:
        raise ConfigurationError(f"unknown expectation {expectation.kind}; {nearest(expectation.kind, kinds)}")
    kind = getattr(gx.expectations, expectation.kind)
    allowed = set(kind.__fields__) - {"id", "meta", "notes", "result_format", "description", "catch_exceptions"}
    for name in expectation.arguments:
        if name not in allowed:
            raise ConfigurationError(f"{expectation.kind} takes no argument {name}; {nearest(name, allowed)}")
    try:
        return kind(**expectation.arguments)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{expectation.kind} does not take these arguments: {_plain(error)}") from None


def judge(frame: pd.DataFrame, expectations: Sequence[Expectation], rows: Sequence[str]) -> list[Outcome]:
    """The outcome of each expectation on a frame, in their order.

    Args:
        frame: the rows looked at.
        expectations: what must hold of them.
        rows: columns that name a row in the examples.
    """
    gx = _library()
    batch = _batches().get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="suite", expectations=[build(expectation) for expectation in expectations])
    shown = {"result_format": "SUMMARY", "partial_unexpected_count": _SHOWN_ROWS}
    if rows:
        shown["unexpected_index_column_names"] = list(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        validated = batch.validate(suite, result_format=shown)
    # Results come back in the suite's order, except that those which could not be computed may come first.
    found = {_identity(result.expectation_config): result for result in validated.results}
    return [_outcome(found[_identity(built.configuration)], rows) for built in suite.expectations]


@cache
def _library() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    # It logs what its results say anyway.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    return gx


@cache
def _batches() -> Any:
    """One definition for all frames: each change of the context's own settings takes a tenth of a second."""
    context = _library().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("frames")
    return source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


def _identity(configuration: Any) -> tuple[str, str]:
    arguments = {name: value for name, value in configuration.kwargs.items() if name != "batch_id"}
    return str(configuration.type), repr(sorted(arguments.items()))


def _outcome(result: Any, rows: Sequence[str]) -> Outcome:
    found: Mapping[str, Any] = result.result or {}
    if not found and not result.success:
        return Outcome(False, f"could not be evaluated: {_exception(result.exception_info)}")
    if "unexpected_count" in found:
        count, total = int(found["unexpected_count"]), int(found["element_count"])
        share = f" ({count / total:.1%})" if total and count else ""
        observed = f"{count:,} of {total:,} rows{share}" if count else f"all of {total:,} rows"
        return Outcome(bool(result.success), observed, tuple(_examples(found, rows)))
    return Outcome(bool(result.success), f"found {_value(found.get('observed_value'))}")


def _examples(found: Mapping[str, Any], rows: Sequence[str]) -> Iterable[str]:
    listed = found.get("partial_unexpected_index_list") or []
    for entry in listed[:_SHOWN_ROWS]:
        named = [f"{column} {_value(entry[column])}" for column in rows if column in entry]
        others = [f"{column} {_value(value)}" for column, value in entry.items() if column not in rows]
        yield ", ".join(named) + (f": {', '.join(others)}" if others else "")
    if not listed:
        yield from (f"value {_value(value)}" for value in (found.get("partial_unexpected_list") or [])[:_SHOWN_ROWS])


def _value(value: Any) -> str:
    if value is None or value != value:
        return "empty"
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, list | set):
        return ", ".join(map(_value, value)) or "nothing"
    text = getattr(value, "isoformat", lambda: str(value))()
    text = without_addresses(str(text).removesuffix("T00:00:00"))
    return text if len(text) <= 80 else f"{text[:77]}..."


def _exception(info: Mapping[str, Any]) -> str:
    if "exception_message" in info:
        return _plain(info["exception_message"])
    return "; ".join(dict.fromkeys(_plain(entry["exception_message"]) for entry in info.values()))


def _plain(error: Any) -> str:
    return " ".join(str(error).split())
