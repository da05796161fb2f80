"""`metrics-py diff` on a company small enough to know every answer."""

import dataclasses
import io
import json
from pathlib import Path

import duckdb
import polars as pl
import pytest

from metrics_py.history import History
from tests.e2e.conftest import Run, run
from tests.unit.history.small import Feature, SmallCompany

FIRST, SECOND = "2025-10-01 06:00:00", "2025-10-08 06:00:00"
LATE_FILE = "product_ops/feature_kpi_reading/2025-10-08T060000Z.csv"
ANA, BEN = "ana@cxt.example", "ben@cxt.example"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    """Two publishes a week apart: b's reading of September came late, c has matured, d moved from Ana to Ben."""
    folder = tmp_path_factory.mktemp("history")
    (folder / "dbt_project.yml").write_text("name: product_metrics\n", encoding="utf-8")
    company = SmallCompany(folder)
    a, b, c = Feature("a", hit=1), Feature("b", row=2), Feature("c", hit=1, is_matured=False, row=3)
    d = Feature("d", person=ANA, row=4)
    company.publish([a, b, c, d])
    company.as_of = SECOND
    late = dataclasses.replace(b, hit=1, read_on="2025-09-20", file=LATE_FILE)
    company.publish(
        [a, late, dataclasses.replace(c, is_matured=True), dataclasses.replace(d, person=BEN), Feature("e", row=5)]
    )
    return company


def diff(company: SmallCompany, *arguments: str) -> Run:
    return run("diff", "--project-dir", company.folder, *arguments)


def test_a_change_between_two_days_is_told_with_its_parts_and_rows(company: SmallCompany) -> None:
    done = diff(company, "2025-10-01", "2025-10-08", "--metric", "ploar")
    assert done.code == 0, done.err
    # 1 of 3 became 3 of 5: b was read late, c has matured, e came in.
    assert "ploar headline, company, quarter 2025-07-01: 33.3% -> 60.0% (+26.7 pp)" in done.out
    assert "Feature b: its KPI reading of 2025-09-20 landed after the earlier publish" in done.out
    assert f"({LATE_FILE}, record 2)" in done.out
    assert "Feature d counts for another person than at the earlier publish" in done.out


def test_the_rows_of_a_change_are_a_table_whose_effects_sum_to_it(company: SmallCompany) -> None:
    done = diff(company, "2025-10-01", "2025-10-08", "--format", "csv")
    rows = pl.read_csv(io.StringIO(done.out)).filter(org_level="company")
    assert rows["change"].unique().to_list() == [pytest.approx(3 / 5 - 1 / 3, abs=1e-9)]
    assert rows["effect"].sum() == pytest.approx(3 / 5 - 1 / 3, abs=1e-9)
    causes = dict(rows.select("row_id", "cause").iter_rows())
    assert causes["b"] == "late_row"
    assert causes["c"] == "matured"
    assert rows.filter(row_id="b")["effect"][0] == pytest.approx(1 / 5)


def test_a_person_sees_what_changed_for_them(company: SmallCompany) -> None:
    done = diff(company, "2025-10-01", "--pm", ANA, "--format", "json")
    document = json.loads(done.out)
    assert document["old"] == {"as_of": "2025-10-01T06:00:00Z", "id": document["old"]["id"], "publish": 1}
    assert {value["org_unit_id"] for value in document["values"]} == {ANA}
    moved = [row for value in document["values"] for row in value["because"] if row.get("row_id") == "d"]
    assert [(row["cause"], row["component"]) for row in moved] == [("moved_owner", "exit")]


def test_a_unit_that_had_no_value_is_new(company: SmallCompany) -> None:
    done = diff(company, "2025-10-01", "--pm", BEN, "--format", "csv")
    assert pl.read_csv(io.StringIO(done.out))["cause"].to_list() == ["new_period"]


def test_a_day_without_a_publish_of_its_own_stands_for_the_newest_extract_before_it(company: SmallCompany) -> None:
    assert "publish 1" in diff(company, "2025-10-05", "2025-10-20").out


def test_a_day_whose_extracts_were_never_published_says_how_to_make_it(company: SmallCompany, tmp_path: Path) -> None:
    other = SmallCompany(tmp_path)
    (tmp_path / "dbt_project.yml").write_text("name: product_metrics\n", encoding="utf-8")
    other.publish([Feature("a")])
    other.as_of = "2025-10-15 06:00:00"
    other.publish([Feature("a"), Feature("b", file="product_ops/feature_kpi_reading/2025-10-08T060000Z.csv")])
    done = diff(other, "2025-10-09")
    assert done.code == 2
    assert "nothing was published with the extracts up to 2025-10-09" in done.err
    assert "2025-10-01T06:00:00Z (publish 1" in done.err
    assert "2025-10-15T06:00:00Z (publish 2" in done.err
    assert "metrics-py build --as-of 2025-10-08T06:00:00Z" in done.err


def test_publishes_are_listed_and_named_by_their_ids(company: SmallCompany) -> None:
    listed = diff(company, "--list")
    first, second = (publish.id for publish in History(company.history).publishes())
    assert f"2025-10-01T06:00:00Z (publish 1, id {first})" in listed.out
    assert diff(company, first, second).out == diff(company, "2025-10-01", "2025-10-08").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a day to compare with"),
        (("yesterday",), "must be an ISO time like 2025-10-15T06:00:00Z; found 'yesterday'"),
        (("2025-10-08",), "both are the same publish"),
        (("2024-01-01",), "nothing was extracted up to 2024-01-01"),
    ],
)
def test_bad_usage_says_the_way_out(company: SmallCompany, arguments: tuple[str, ...], message: str) -> None:
    done = diff(company, *arguments)
    assert done.code == 2
    assert message in done.err


def test_without_a_publish_there_is_nothing_to_compare(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: product_metrics\n", encoding="utf-8")
    done = run("diff", "--project-dir", tmp_path, "2025-10-01")
    assert done.code == 2
    assert "nothing was published yet" in done.err


def test_bi_reads_history_and_ledger_from_the_snapshot(company: SmallCompany) -> None:
    database = company.folder / "published" / "product_metrics.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        published_first = connection.sql(
            "select arg_max(value, publish_number) from metrics.metric_value_history "
            "where org_level = 'company' and publish_number <= 1"
        ).fetchall()[0][0]
        causes = connection.sql("select distinct cause from metrics.metric_restatements order by 1").fetchall()
        described = connection.sql(
            "select count(*) from duckdb_columns() "
            "where table_name in ('metric_value_history', 'metric_restatements') and comment is null"
        ).fetchall()[0][0]
    assert published_first == pytest.approx(1 / 3)
    assert [cause for (cause,) in causes] == ["changed_definition", "late_row", "matured", "moved_owner", "new_period"]
    assert described == 0
