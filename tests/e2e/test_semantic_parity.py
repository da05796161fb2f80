"""MetricFlow over the sample company: `mf query` gives the numbers of `metric_values`, whole, or no number at all."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.e2e.conftest import Company

SAVED_QUERIES = {
    "quarter": "lead_measures_by_quarter",
    "day": "circt_by_window_end",
    "goal_period": "lead_measures_by_goal_period",
    "wave": "nps_by_survey_wave",
    "month": "arr_by_month_end",
}
QUERIES: Mapping[str, list[str]] = {
    **{kind: ["--saved-query", name] for kind, name in SAVED_QUERIES.items()},
    "circt_by_calendar_month": [
        "--metrics",
        "circt_p90_launched,published_row_count",
        "--group-by",
        "metric_time__month,published__org_level,published__period_kind",
        "--where",
        "{{ Dimension('published__metric_reading') }} = 'circt.p90_launched'",
    ],
    "features_by_quarter": [
        "--metrics",
        "features_mean_score,features_hit_rate,features_shipped",
        "--group-by",
        "feature__ship_quarter",
    ],
    "scores_by_person": [
        "--metrics",
        "features_mean_score",
        "--group-by",
        "feature__ship_quarter,feature__score_person_id",
    ],
    "hits_by_person": ["--metrics", "features_hit_rate", "--group-by", "feature__ship_quarter,person"],
    "hits_by_squad": ["--metrics", "features_hit_rate", "--group-by", "feature__ship_quarter,feature__ship_squad_id"],
    "nps_by_wave": ["--metrics", "answers_nps,answers_scored", "--group-by", "survey_answer__wave_id"],
    "arr_by_month": ["--metrics", "arr_change", "--group-by", "metric_time__day"],
}


def unavailable(what: str) -> NoReturn:
    """Skip where somebody works, fail where CI must not pass without having looked."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and in CI the semantic layer must be asked")
    pytest.skip(f"{what}; the semantic layer was not asked")


def metricflow(project: Path, command: list[str], given: str = "") -> str:
    """Output of a command that uses MetricFlow, in the folder of a built project."""
    environment = {**os.environ, "DBT_PROFILES_DIR": str(project / ".build"), "DO_NOT_TRACK": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=project, env=environment, input=given, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(company: Callable[..., Company]) -> Company:
    if importlib.util.find_spec("dbt_metricflow") is None:
        unavailable("dbt-metricflow is not installed")
    return company(1)


@pytest.fixture(scope="module")
def answers(built: Company, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, pl.DataFrame]:
    """What MetricFlow answers to each query."""
    out = tmp_path_factory.mktemp("mf")
    script = Path(__file__).with_name("mf_queries.py")
    metricflow(built.project, [sys.executable, str(script), str(out)], json.dumps(QUERIES))
    # Every column as text, then numbers where they are numbers: a column that is null throughout has no type in a CSV.
    return {name: pl.read_csv(out / f"{name}.csv", infer_schema=False) for name in QUERIES}


def stated(built: Company, kind: str) -> pl.DataFrame:
    """Rows of metric_values of one kind of period, in the form of `asked`."""
    return built.query(f"""
        select
            metric_id || '_' || reading as metric,
            org_level,
            org_unit_id,
            cast(period_start as varchar) as period_start,
            cast(period_end as varchar) as period_end,
            value
        from metrics.metric_values
        where period_kind = '{kind}'
    """).sort(pl.all())


def asked(answer: pl.DataFrame) -> pl.DataFrame:
    """An answer with one row per metric, org unit and period."""
    keys = {
        "published__org_level": "org_level",
        "published__org_unit_id": "org_unit_id",
        "metric_time__day": "period_start",
        "published__period_end__day": "period_end",
    }
    long = answer.rename(keys).unpivot(index=list(keys.values()), variable_name="metric", value_name="value")
    return long.select(
        "metric",
        "org_level",
        "org_unit_id",
        pl.col("period_start", "period_end").str.head(10),
        pl.col("value").cast(pl.Float64),
    ).sort(pl.all())


def test_the_semantic_configuration_is_valid(built: Company) -> None:
    said = metricflow(built.project, [str(Path(sys.executable).with_name("mf")), "validate-configs", "--show-all"])
    verdicts = [line for line in said.splitlines() if "Successfully validated" in line]
    assert len(verdicts) == 6, said
    assert all("(ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0)" in line for line in verdicts), said


def test_every_published_reading_and_kind_of_period_is_a_metric_of_a_saved_query(
    built: Company, answers: Mapping[str, pl.DataFrame]
) -> None:
    published = built.query(
        "select distinct period_kind, metric_id || '_' || reading from metrics.metric_values"
    ).rows()
    queried = [(kind, column) for kind in SAVED_QUERIES for column in answers[kind].columns if "__" not in column]
    assert sorted(published) == sorted(queried)


@pytest.mark.parametrize("kind", list(SAVED_QUERIES))
def test_mf_query_gives_metric_values_for_every_metric_unit_and_period(
    built: Company, answers: Mapping[str, pl.DataFrame], kind: str
) -> None:
    expected = stated(built, kind)
    assert expected.height > 0
    assert_frame_equal(asked(answers[kind]), expected, check_exact=True)


def test_a_percentile_asked_for_a_longer_period_is_null_and_never_a_blend(
    answers: Mapping[str, pl.DataFrame],
) -> None:
    months = answers["circt_by_calendar_month"].filter(
        (pl.col("published__org_level") == "company") & (pl.col("published__period_kind") == "day")
    )
    whole = months.filter(pl.col("published_row_count").cast(pl.Int64) > 1)
    assert whole.height >= 18
    assert whole["circt_p90_launched"].null_count() == whole.height


@pytest.mark.parametrize(
    ("query", "unit", "metric", "reading", "level"),
    [
        ("features_by_quarter", None, "features_mean_score", "ddqs_headline", "company"),
        ("features_by_quarter", None, "features_hit_rate", "ploar_headline", "company"),
        ("scores_by_person", "feature__score_person_id", "features_mean_score", "ddqs_headline", "person"),
        ("hits_by_person", "person", "features_hit_rate", "ploar_headline", "person"),
        ("hits_by_squad", "feature__ship_squad_id", "features_hit_rate", "ploar_headline", "squad"),
    ],
)
def test_rates_added_up_from_facts_are_the_published_rates(
    built: Company,
    answers: Mapping[str, pl.DataFrame],
    query: str,
    unit: str | None,
    metric: str,
    reading: str,
    level: str,
) -> None:
    found = answers[query].select(
        pl.lit("company").alias("org_unit_id") if unit is None else pl.col(unit).alias("org_unit_id"),
        pl.col("feature__ship_quarter").str.head(10).alias("period_start"),
        pl.col(metric).cast(pl.Float64).alias("value"),
    )
    published = stated(built, "quarter").filter(pl.col("metric") == reading, pl.col("org_level") == level)
    both = published.select("org_unit_id", "period_start", "value").drop_nulls()
    assert both.height >= 6
    assert_frame_equal(found.drop_nulls().sort(pl.all()), both.sort(pl.all()), abs_tol=1e-12, rel_tol=0)


def test_nps_added_up_from_answers_is_the_unweighted_nps(built: Company, answers: Mapping[str, pl.DataFrame]) -> None:
    found = answers["nps_by_wave"].select(
        pl.col("survey_answer__wave_id").alias("wave_id"), pl.col("answers_nps").cast(pl.Float64).alias("nps")
    )
    expected = built.query("select wave_id, unweighted_nps as nps from metrics.nps_by_wave")
    assert_frame_equal(found.drop_nulls().sort("wave_id"), expected.sort("wave_id"), abs_tol=1e-9, rel_tol=0)


def test_movements_of_arr_add_up_to_the_change_of_every_month(
    built: Company, answers: Mapping[str, pl.DataFrame]
) -> None:
    found = answers["arr_by_month"].select(
        pl.col("metric_time__day").str.head(10).alias("month"), pl.col("arr_change").cast(pl.Float64)
    )
    expected = built.query("""
        select cast(month_start as varchar) as month, cast(arr - opening_arr as double) as arr_change
        from metrics.arr_by_month
        where opening_arr is not null and arr <> opening_arr
    """)
    assert_frame_equal(found.drop_nulls().sort("month"), expected.sort("month"), check_exact=True)
