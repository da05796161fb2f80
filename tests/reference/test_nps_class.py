"""Classes of raw answers, as survey tools export them; the expectations are the definition's, written by hand."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.nps import classify

CASES = pl.read_csv(Path(__file__).parent / "cases" / "nps_class" / "input.csv", infer_schema=False).rows()


@pytest.mark.parametrize(("raw", "expected"), CASES)
def test_an_answer_has_its_class_alone_and_in_a_column(raw, expected):
    assert classify(raw) == expected
    assert pl.DataFrame({"raw": [raw]}, schema={"raw": pl.String}).select(classify(pl.col("raw"))).item() == expected
