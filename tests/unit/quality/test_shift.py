"""The index of shift that suites share: its value, and that chance alone does not raise an alarm."""

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from metrics_py.quality.frames import Frames
from metrics_py.quality.suites import Suite, SuiteFile, read_suites
from metrics_py.quality.tables import tables_of

ROOT = Path(__file__).resolve().parents[3]


def shifts(rows: pl.DataFrame) -> pl.DataFrame:
    """What the macro gives for rows of subject, is_now and class."""
    macros = read_suites(ROOT / "quality" / "suites.yml").macros
    suite = Suite("s", "raw", "a", None, "{{ shift('select * from rows') }}", (), (), 1, 1)
    query = Frames(SuiteFile(Path("s.yml"), macros, (suite,)), "raw", tables_of(ROOT, "raw")).query(suite)
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        return connection.sql(query).pl().sort("subject")


def test_the_index_is_the_population_stability_index() -> None:
    now, before = [30, 50, 20], [100, 100, 200]
    rows = pl.concat(
        [
            pl.DataFrame({"subject": "s", "is_now": is_now, "class": [str(i)] * count})
            for is_now, counts in ((True, now), (False, before))
            for i, count in enumerate(counts)
        ]
    )
    p = (np.array(now) + 0.5) / (sum(now) + 1.5)
    q = (np.array(before) + 0.5) / (sum(before) + 1.5)
    (found,) = shifts(rows).to_dicts()
    assert found["shift"] == pytest.approx(float(np.sum((p - q) * np.log(p / q))), rel=1e-12)
    assert (found["now_count"], found["before_count"]) == (100, 400)


def test_samples_of_one_distribution_raise_no_alarm_and_a_shift_does() -> None:
    random = np.random.default_rng(11)
    same = [0.4, 0.3, 0.2, 0.1]
    moved = [0.1, 0.2, 0.3, 0.4]
    parts = []
    for number in range(400):
        for subject, shares in ((f"same {number}", same), (f"moved {number}", moved)):
            now = random.choice(4, size=60, p=shares)
            before = random.choice(4, size=240, p=same)
            flags = np.repeat([True, False], [60, 240])
            parts.append(pl.DataFrame({"subject": subject, "is_now": flags, "class": np.concatenate([now, before])}))
    found = shifts(pl.concat(parts)).with_columns(is_alarm=pl.col("shift") > pl.col("most_shift"))
    alarms = found.group_by(pl.col("subject").str.starts_with("same").alias("same")).agg(pl.col("is_alarm").mean())
    rates = dict(alarms.iter_rows())
    assert rates[True] <= 0.0025
    assert rates[False] >= 0.99


def test_few_rows_are_not_judged() -> None:
    rows = pl.DataFrame({"subject": "s", "is_now": [True] * 29 + [False] * 300, "class": ["a"] * 29 + ["b"] * 300})
    assert shifts(rows).is_empty()
