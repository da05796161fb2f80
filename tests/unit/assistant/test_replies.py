"""Errors that this library raises on purpose become typed refusals; others stay errors."""

from datetime import date

import pytest

from metrics_py.assistant.replies import Code, RefusedError, Reply, asking, refusing
from metrics_py.errors import ConfigurationError, MetricsError, OutOfRangeError, WarehouseError


@pytest.mark.parametrize(
    ("error", "code", "meant"),
    [
        (ConfigurationError("no metric 'cirt'; did you mean circt? There are: circt"), "bad_request", ["circt"]),
        (OutOfRangeError("too late"), "bad_request", []),
        (WarehouseError("nothing is published"), "not_published", []),
        (RefusedError("too_few", "n = 3"), "too_few", []),
    ],
)
def test_an_error_is_a_refusal_with_its_sentence(error: MetricsError, code: Code, meant: list[str]) -> None:
    def tool() -> Reply[int]:
        raise error

    reply = refusing(tool)()
    assert reply.answer is None
    assert (reply.refusal.code, reply.refusal.sentence, reply.refusal.did_you_mean) == (code, str(error), meant)


def test_a_refusal_keeps_the_day_on_which_the_data_will_answer() -> None:
    def tool() -> Reply[int]:
        raise RefusedError("too_early", "wait", readable_on=date(2026, 4, 18))

    assert refusing(tool)().refusal.readable_on == date(2026, 4, 18)


def test_a_crash_is_no_refusal() -> None:
    def tool() -> Reply[int]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        refusing(tool)()


def test_a_snapshot_that_is_missing_keeps_its_own_code() -> None:
    def read() -> int:
        raise WarehouseError("nothing is published")

    with pytest.raises(WarehouseError):
        asking("unknown_metric", read)
