"""From every published number back to its rows, and from the rows to the records of the extracts."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from metrics_py.publish.trace import trace
from metrics_py.publish.trace_words import RECORD_REASONS
from tests.e2e.conftest import Company, run

SAMPLED_RECORDS = 40

# The join that the documentation of metric_evidence describes, over every published value.
RECOMPUTED = """
    select
        v.metric_id, v.reading, v.org_level, v.org_unit_id, v.period_kind, v.period_start, v.period_end,
        v.numerator, v.denominator, v.n,
        coalesce(sum(e.numerator) filter (where e.is_in), 0) as rows_numerator,
        coalesce(sum(e.denominator) filter (where e.is_in), 0) as rows_denominator,
        coalesce(sum(e.n) filter (where e.is_in), 0) as rows_n,
        count(e.numerator) as numerators
    from metric_values as v
    left join metric_evidence as e
        on v.metric_id = e.metric_id
        and v.reading = e.reading
        and v.org_level = e.org_level
        and v.org_unit_id = e.org_unit_id
        and v.period_kind = e.period_kind
        and v.period_start between e.first_period_start and e.last_period_start
    group by all
"""

# Where in the raw record the parts of row_key stand, per table.
KEYS = {
    "notes": ("id",),
    "note_tags": ("note_id", "tag_id"),
    "note_relationships": ("note_id", "target_id"),
    "webhook_events": ("delivery_id",),
    "features": ("id",),
    "portal_card_status": ("feature_id", "portal_name", "card_status"),
    "release": ("feature_id", "audience"),
    "feature_owner": ("feature_id",),
    "stage_gate_review": ("review_id",),
    "ipf_review": ("review_id",),
    "feature_brief": ("feature_id", "page_id"),
    "brief_interview": ("brief_page_id", "interview_page_id"),
    "interview": ("page_id",),
    "interview_override": ("feature_id",),
    "page_properties": ("page_id", "key", "version_number"),
    "pages": ("id",),
    "feature_kpi_definition": ("feature_id", "kpi_id"),
    "feature_kpi_reading": ("feature_id", "kpi_id", "window_days"),
    "outcome_review": ("feature_id", "window_days"),
    "survey_responses": ("response_id",),
    "poll_event": ("poll_id", "visitor_id"),
    "sampling_frame": ("wave_id", "user_id"),
    "account_arr": ("account_id", "month"),
}


@pytest.fixture(scope="module")
def built(company: Callable[..., Company]) -> Company:
    return company(1)


@pytest.fixture(scope="module")
def recomputed(built: Company) -> pl.DataFrame:
    with duckdb.connect() as connection:
        for table in ("metric_values", "metric_evidence"):
            file = built.published / "parquet" / f"{table}.parquet"
            connection.execute(f"create view {table} as select * from read_parquet('{file}')")
        return connection.sql(RECOMPUTED).pl()


@pytest.mark.parametrize("part", ["numerator", "denominator", "n"])
def test_every_published_value_is_the_sum_of_its_rows(recomputed: pl.DataFrame, part: str) -> None:
    published = recomputed.filter(pl.col(part).is_not_null())
    assert published.height > 9_000
    # Doubles are published with 12 digits, sums of rows are decimals: equal means equal there.
    as_published = pl.col(f"rows_{part}").cast(pl.Float64)
    assert published.filter(pl.col(part).cast(pl.Float64) != as_published).is_empty()


def test_a_reading_that_publishes_no_ratio_is_given_none_by_its_rows(recomputed: pl.DataFrame) -> None:
    unpublished = recomputed.filter(pl.col("numerator").is_null())
    assert set(unpublished["reading"]) >= {"p90_launched", "minimum", "post_stratified"}
    assert unpublished["numerators"].sum() == 0


def test_every_row_left_out_has_a_reason_and_no_row_in_has_one(built: Company) -> None:
    evidence = built.table("metric_evidence")
    assert not evidence.filter("is_in").is_empty()
    assert evidence.filter(pl.col("is_in") != pl.col("reason").is_null()).is_empty()
    left_out = evidence.filter(~pl.col("is_in"))
    assert left_out["metric_id"].unique().sort().to_list() == ["circt", "ddqs", "nps", "ploar"]
    assert left_out.filter(pl.col("numerator").is_not_null() | pl.col("n").is_not_null()).is_empty()


def test_everything_left_out_of_the_facts_is_left_out_of_the_evidence_for_the_same_reason(built: Company) -> None:
    evidence = built.table("metric_evidence").filter(~pl.col("is_in"))
    facts = pl.concat(
        [
            built.table("fct_survey_responses")
            .filter(~pl.col("is_scored"))
            .select(row_id="response_id", reason="exclusion_reason"),
            built.table("fct_features")
            .filter(pl.col("exclusion_reason").is_not_null())
            .select(row_id="feature_id", reason="exclusion_reason"),
            built.table("fct_insights")
            .filter(pl.col("state").is_in(["excluded", "left_censored"]))
            .select(row_id="insight_id", reason="reason"),
        ]
    )
    assert facts.height > 300
    assert facts.join(evidence, on=["row_id", "reason"], how="anti").is_empty()


def test_what_insight_exclusions_counts_is_listed_one_by_one(built: Company) -> None:
    counted = built.table("insight_exclusions").filter(pl.col("subject").is_in(["insight", "note"]))
    listed = (
        built.table("metric_evidence")
        .filter(
            pl.col("reading") == "share_within_45", pl.col("period_kind") == "day", pl.col("org_level") == "company"
        )
        .group_by(subject="row_kind", reason="reason")
        .agg(left_out_count=pl.col("row_id").n_unique())
    )
    assert counted.height >= 4
    assert counted.join(listed, on=counted.columns, how="anti").is_empty()


def test_every_row_has_a_raw_record(built: Company) -> None:
    rows = built.table("metric_evidence").select("row_kind", "row_id").unique()
    sources = built.table("metric_evidence_sources")
    assert rows.join(sources, on=["row_kind", "row_id"], how="anti").is_empty()


def test_a_row_belongs_to_one_run_of_periods_and_not_to_each_period(built: Company) -> None:
    evidence = built.table("metric_evidence")
    key = [
        "metric_id",
        "reading",
        "org_level",
        "org_unit_id",
        "period_kind",
        "first_period_start",
        "row_kind",
        "row_id",
    ]
    assert evidence.select(key).is_duplicated().sum() == 0
    launched = evidence.filter(
        (pl.col("reading") == "p90_launched")
        & (pl.col("org_level") == "company")
        & (pl.col("period_kind") == "day")
        & pl.col("is_in")
    )
    resolved = built.table("fct_insights").filter(pl.col("state") == "resolved")
    assert launched.height == resolved.height
    assert ((launched["last_period_start"] - launched["first_period_start"]).dt.total_days() == 89).any()


def test_the_named_record_of_the_named_file_is_that_record(built: Company) -> None:
    sources = built.table("metric_evidence_sources").filter(pl.col("row_key").is_not_null())
    tables = sources["table_name"].unique().sort().to_list()
    assert set(tables) <= set(KEYS)
    assert len(tables) >= 20
    draw = random.Random(20)
    checked = 0
    for table in tables:
        records = sources.filter(pl.col("table_name") == table).sort("source_file", "source_row", "row_id", "role")
        for record in draw.sample(records.to_dicts(), min(SAMPLED_RECORDS, records.height)):
            found = record_of(built.sample / "extracts" / record["source_file"], record["source_row"])
            assert key_of(found, KEYS[table]) == record["row_key"].lower(), record
            checked += 1
    assert checked > 500


def test_the_interviews_that_count_are_the_interview_count_of_the_score(built: Company) -> None:
    counted = (
        built.table("metric_evidence_sources")
        .filter(pl.col("role") == "interview", pl.col("record_reason").is_null())
        .group_by(feature_id="row_id")
        .agg(counted=pl.col("row_key").n_unique())
    )
    # A count stated by hand has no interviews behind it.
    scored = built.table("fct_features").filter(
        pl.col("ddqs").is_not_null(), pl.col("ddqs_count_method") != "interview_override"
    )
    assert scored.height > 40
    compared = scored.join(counted, on="feature_id", how="left").with_columns(pl.col("counted").fill_null(0))
    assert compared.filter(pl.col("counted") != pl.col("ddqs_interview_count")).is_empty()


def test_every_record_that_does_not_count_is_put_in_words(built: Company) -> None:
    sources = built.table("metric_evidence_sources")
    found = {
        metric: set(sources.filter(pl.col("role").is_in(roles))["record_reason"].drop_nulls())
        for metric, roles in {"ddqs": ["gate_review", "interview"], "ploar": ["kpi_reading"]}.items()
    }
    assert all(len(codes) >= 3 for codes in found.values())
    assert {metric: codes - RECORD_REASONS[metric].keys() for metric, codes in found.items()} == {
        "ddqs": set(),
        "ploar": set(),
    }


@pytest.mark.parametrize("metric", ["arr", "circt", "ddqs", "nps", "ploar"])
def test_a_trace_adds_up_for_values_of_every_kind(built: Company, metric: str) -> None:
    values = built.table("metric_values").filter(pl.col("metric_id") == metric).sort(pl.all())
    draw = random.Random(8)
    for value in draw.sample(values.to_dicts(), 12):
        traced = trace(
            built.published,
            metric,
            period=f"{value['period_start']}..{value['period_end'] - timedelta(days=1)}",
            person=value["person_id"],
            squad=value["squad_id"],
            reading=value["reading"],
        )
        assert traced.recomputed.agrees
        assert {name: getattr(traced.value, name) for name in ("period_kind", "period_start", "value", "n")} == {
            name: value[name] for name in ("period_kind", "period_start", "value", "n")
        }


def test_the_trace_of_a_person_on_a_day_is_printed_with_files_and_reasons(built: Company) -> None:
    insight = (
        built.table("metric_evidence")
        .filter(
            (pl.col("reading") == "p90_launched")
            & (pl.col("org_level") == "person")
            & (pl.col("period_kind") == "day")
            & ~pl.col("is_in")
        )
        .sort("first_period_start", "row_id")
        .row(-1, named=True)
    )
    arguments = ("trace", "circt", "--published", built.published, "--pm", insight["person_id"])
    printed = run(*arguments, "--period", insight["first_period_start"], "--limit", 0)
    assert printed.code == 0, printed.err
    assert "That is what was published." in printed.out
    assert insight["row_id"] in printed.out
    assert f"({insight['reason']})" in printed.out
    assert "productboard/notes/" in printed.out


def test_json_and_csv_hold_every_row_with_its_records(built: Company, tmp_path: Path) -> None:
    arguments = ("trace", "ddqs", "--published", built.published, "--period", "2025Q4", "--reading", "coverage")
    file = tmp_path / "ddqs.json"
    assert run(*arguments, "--format", "json", "--out", file).code == 0
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["agrees"]
    assert len(document["rows_in"]) == document["value"]["n"]
    assert all(row["sources"] for row in document["rows_in"] + document["rows_out"])
    written = run(*arguments, "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(written.out)))
    records = sum(len(row["sources"]) for row in document["rows_in"] + document["rows_out"])
    assert len(lines) == records
    assert {line["is_in"] for line in lines} <= {"True", "False"}


def test_a_changed_row_is_found_out(built: Company, tmp_path: Path) -> None:
    published = tmp_path / "published"
    folder = published / "generations" / "changed"
    (folder / "parquet").mkdir(parents=True)
    (published / "current").symlink_to("generations/changed")
    (folder / "manifest.json").write_bytes((built.published / "manifest.json").read_bytes())
    for file in (built.published / "parquet").glob("*.parquet"):
        (folder / "parquet" / file.name).symlink_to(file.resolve())
    evidence = folder / "parquet" / "metric_evidence.parquet"
    evidence.unlink()
    months = built.table("metric_evidence").filter(pl.col("metric_id") == "arr", pl.col("reading") == "headline")
    months.sort("first_period_start", "row_id")[:-1].write_parquet(evidence)
    found = run("trace", "arr", "--published", published)
    assert found.code == 1
    assert "DIFFERENT: published n" in found.out
    assert "the rows give" in found.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("cirt",), "did you mean circt?"),
        (("circt", "--pm", "ana.silv@cxt.example"), "did you mean ana.silva@cxt.example?"),
        (("circt", "--squad", "nowhere"), "There are:"),
        (("circt", "--reading", "p90"), "did you mean p90_launched?"),
        (("circt", "--period", "1999-01-01"), "580 days from"),
        (("circt", "--period", "yesterday"), "like 2025-12-31"),
        (("nps", "--pm", "ana.silva@cxt.example"), "it is published for: company"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(built: Company, arguments: tuple[str, ...], told: str) -> None:
    refused = run("trace", *arguments, "--published", built.published)
    assert refused.code == 2
    assert told in refused.err


def record_of(file: Path, number: int) -> dict[str, Any]:
    """The record of that number in an extract, read the plain way."""
    for found, record in enumerate(records_of(file), start=1):
        if found == number:
            return record
    raise AssertionError(f"{file} has no record {number}")


def records_of(file: Path) -> Iterator[dict[str, Any]]:
    name = file.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        yield from pl.read_parquet(file).iter_rows(named=True)
        return
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    text = content.decode("utf-8-sig")
    if name.endswith(".jsonl"):
        for line in text.splitlines():
            yield json.loads(line) if line.strip() else {}
    else:
        yield from csv.DictReader(io.StringIO(text, newline=""))


def key_of(record: dict[str, Any], columns: tuple[str, ...]) -> str:
    return "|".join(str(record[column] if record.get(column) is not None else "").strip() for column in columns).lower()
