import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics_py.errors import ConfigurationError, WarehouseError
from metrics_py.publish.trace import Trace, TracedValue, recompute, trace
from metrics_py.publish.trace_text import as_csv, as_json, as_text
from metrics_py.publish.trace_words import REASONS, reason_text

QUARTER = {"period_kind": "quarter", "period_start": date(2025, 10, 1), "period_end": date(2026, 1, 1)}
UNIT = {"org_level": "company", "org_unit_id": "company", "squad_id": None, "person_id": None}
VALUE: dict[str, Any] = {
    "metric_id": "ddqs",
    "definition_version": "1",
    "reading": "headline",
    **UNIT,
    **QUARTER,
    "as_of": datetime(2026, 1, 31, 6),
    "value": 7.0,
    "unit": "score",
    "numerator": 14.0,
    "denominator": 2.0,
    "n": 2,
    "ci_low": None,
    "ci_high": None,
    "target": 6.0,
    "status": "winning",
    "status_reason": "DDQS is 7.0.",
    "value_reason": None,
}


def evidence_row(row_id: str, score: int | None, reason: str | None = None) -> dict[str, Any]:
    is_in = reason is None
    return {
        "metric_id": "ddqs",
        "reading": "headline",
        **UNIT,
        "period_kind": "quarter",
        "first_period_start": date(2025, 10, 1),
        "last_period_start": date(2025, 10, 1),
        "row_kind": "feature",
        "row_id": row_id,
        "is_in": is_in,
        "reason": reason,
        "numerator": Decimal(score) if is_in and score is not None else None,
        "denominator": Decimal(1) if is_in else None,
        "n": 1 if is_in else None,
        "amount": None if score is None else Decimal(score),
        "event_on": date(2025, 11, 3),
    }


def source_row(row_id: str, record: int) -> dict[str, Any]:
    return {
        "row_kind": "feature",
        "row_id": row_id,
        "role": "gate_review",
        "source_name": "product_ops",
        "table_name": "stage_gate_review",
        "source_file": "product_ops/stage_gate_review/2025-11-03.csv",
        "source_row": record,
        "row_key": f"review-{record}",
        "record_reason": "backdated" if record == 2 else None,
    }


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[..., Path]:
    """Publishes one DDQS value, made of features with the given scores and one left out."""

    def make(*scores: int, name: str = "Route planner") -> Path:
        rows = [evidence_row(f"f{number}", score) for number, score in enumerate(scores)]
        rows.append(evidence_row("left", None, "no_confidence"))
        tables = {
            "dim_metrics": [
                {
                    "metric_id": "ddqs",
                    "name": "Discovery Score",
                    "numerator": "Scores",
                    "denominator": "Features",
                    "headline_reading": "headline",
                }
            ],
            "dim_people": [{"person_id": "ana@cxt.example", "display_name": "Ana", "squad_id": "dispatch"}],
            "dim_dates": [
                {"fiscal_quarter": "2025Q4", "quarter_start": date(2025, 10, 1), "quarter_end": date(2026, 1, 1)}
            ],
            "dim_features": [{"feature_id": "f0", "feature_name": name}],
            "dim_accounts": [{"account_id": "a", "account_name": "Blue Freight"}],
            "metric_values": [VALUE],
            "metric_evidence": rows,
            "metric_evidence_sources": [source_row(row["row_id"], number) for number, row in enumerate(rows, 1)],
        }
        folder = tmp_path / "published" / "generations" / "one"
        folder.mkdir(parents=True)
        for table, content in tables.items():
            schema = {"numerator": pl.Decimal(18, 3), "amount": pl.Decimal(18, 3)} if "evidence" in table else None
            pl.DataFrame(content, schema_overrides=schema, infer_schema_length=None).write_parquet(
                folder / f"{table}.parquet"
            )
        manifest = {"tables": {table: {"file": f"{table}.parquet"} for table in tables}}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (tmp_path / "published" / "current").symlink_to("generations/one")
        return tmp_path / "published"

    return make


def traced_value(**changes: Any) -> TracedValue:
    own = {
        "metric_name": "M",
        "headline_reading": "headline",
        "numerator_means": "a",
        "denominator_means": None,
        "org_unit_name": "the company",
    }
    known = {name: value for name, value in (VALUE | own | changes).items() if name in TracedValue.__dataclass_fields__}
    return TracedValue(**known)


def amounts(*values: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"amount": list(values), "numerator": [None] * len(values), "denominator": [None] * len(values), "n": 1},
        schema={"amount": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64, "n": pl.Int32},
    )


def test_a_value_is_traced_to_its_rows_and_their_records(snapshot: Callable[..., Path]) -> None:
    traced = trace(snapshot(8, 6), "ddqs", period="2025Q4")
    assert traced.recomputed.agrees
    assert traced.rows_in["row_id"].to_list() == ["f0", "f1"]
    assert traced.rows_in["label"].to_list() == ["Route planner", None]
    assert traced.rows_out.select("row_id", "reason").rows() == [("left", "no_confidence")]
    assert traced.sources["source_row"].to_list() == [1, 2, 3]


def test_rows_that_do_not_add_up_are_told_number_by_number(snapshot: Callable[..., Path]) -> None:
    traced = trace(snapshot(8, 7), "ddqs")
    assert traced.recomputed.disagreements == (
        "published numerator 14, the rows give 15",
        "published value 7, the rows give 7.5",
    )
    assert "DIFFERENT: published numerator 14, the rows give 15." in as_text(traced)


def test_text_names_what_is_hidden(snapshot: Callable[..., Path]) -> None:
    text = as_text(trace(snapshot(8, 6), "ddqs"), limit=1)
    assert "2 features in" in text
    assert "and 1 more; --limit 0 shows all" in text
    assert "gate review: product_ops/stage_gate_review/2025-11-03.csv record 1\n" in text
    assert "1 feature left out: the gate review states no confidence, so it has no score (no_confidence)" in text


def test_a_record_that_does_not_count_says_why(snapshot: Callable[..., Path]) -> None:
    text = as_text(trace(snapshot(8, 6), "ddqs"))
    assert "2025-11-03.csv record 2 (does not count: written down after the ship it precedes)\n" in text
    assert text.count("does not count") == 1


def test_a_name_cannot_rewrite_the_terminal(snapshot: Callable[..., Path]) -> None:
    text = as_text(trace(snapshot(8, 6, name="\x1b[2Jgone\nn 99"), "ddqs"))
    assert "\x1b" not in text
    assert "\nn 99" not in text


def test_json_gives_each_row_its_records(snapshot: Callable[..., Path]) -> None:
    document = json.loads(as_json(trace(snapshot(8, 6), "ddqs")))
    assert document["agrees"] is True
    assert [row["sources"][0]["row_key"] for row in document["rows_in"]] == ["review-1", "review-2"]
    assert document["rows_out"][0]["reason"] == "no_confidence"
    assert document["value"]["period_start"] == "2025-10-01"


def test_a_name_that_is_a_formula_stays_text_in_a_spreadsheet(snapshot: Callable[..., Path]) -> None:
    written = as_csv(trace(snapshot(8, 6, name='=HYPERLINK("http://x")'), "ddqs"))
    assert "'=HYPERLINK" in written
    assert ",=HYPERLINK" not in written
    assert written.count("\n") == 4


def test_a_person_without_the_metric_is_told_where_it_is_published(snapshot: Callable[..., Path]) -> None:
    with pytest.raises(ConfigurationError, match="ddqs has no value for Ana; it is published for: company"):
        trace(snapshot(8, 6), "ddqs", person="ana@cxt.example")


def test_a_person_and_a_squad_at_once_are_refused(snapshot: Callable[..., Path]) -> None:
    with pytest.raises(ConfigurationError, match="not both"):
        trace(snapshot(8), "ddqs", person="ana@cxt.example", squad="dispatch")


def test_a_snapshot_without_evidence_says_so(snapshot: Callable[..., Path]) -> None:
    published = snapshot(8, 6)
    manifest = published / "current" / "manifest.json"
    tables = json.loads(manifest.read_text())["tables"]
    del tables["metric_evidence"]
    manifest.write_text(json.dumps({"tables": tables}))
    with pytest.raises(WarehouseError, match="has no table metric_evidence"):
        trace(published, "ddqs")


@pytest.mark.parametrize(
    ("reading", "values", "expected"),
    [
        ("p90_launched", range(1, 11), 9),
        ("p90_launched", range(1, 12), 10),
        ("p90_launched", [45], 45),
        ("p90_launched_cont", range(1, 12), 10),
        ("p90_launched_cont", [10, 20], 19),
        ("minimum", [7, 3, 9], 3),
    ],
)
def test_a_statistic_is_taken_of_the_amounts(reading: str, values: list[float], expected: float) -> None:
    rows = amounts(*values)
    value = traced_value(reading=reading, value=float(expected), numerator=None, denominator=None, n=rows.height)
    found = recompute(rows, value)
    assert found.value == expected
    assert found.agrees


def test_a_published_null_is_compared_with_nothing() -> None:
    value = traced_value(value=None, numerator=None, denominator=None, n=0)
    assert recompute(amounts(), value).agrees


def test_every_reason_of_the_documentation_has_words() -> None:
    page = Path(__file__).parents[3] / "models" / "metrics" / "evidence" / "_evidence__models.yml"
    documented = page.read_text(encoding="utf-8")
    assert [reason for reason in REASONS if reason not in documented] == []
    assert reason_text("a_new_one") == "a new one"


def test_a_trace_is_what_the_function_returns(snapshot: Callable[..., Path]) -> None:
    assert isinstance(trace(snapshot(8, 6), "Discovery score"), Trace)
