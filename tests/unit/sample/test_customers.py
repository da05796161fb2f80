from datetime import date
from pathlib import Path

import polars as pl
import pytest

from metrics_py.sample.truth.customers import Revenue, Waves
from metrics_py.sample.world.accounts import Accounts
from metrics_py.sample.world.company import World


def revenue_of(*amounts: tuple[str, date, int]) -> list[dict[str, object]]:
    arr = pl.DataFrame(list(amounts), schema=["account_id", "month", "cents"], orient="row")
    revenue = Revenue()
    revenue.add(Accounts(pl.DataFrame(), arr, pl.DataFrame()))
    return list(revenue.rows())


def test_movements_sum_to_the_change_of_arr(sample: Path) -> None:
    rows = pl.read_parquet(sample / "truth" / "arr.parquet").filter(pl.col("opening_arr").is_not_null())
    moved = sum(pl.col(kind) for kind in ("new", "expansion", "contraction", "churn", "reactivation"))
    assert rows.filter((pl.col("arr") - pl.col("opening_arr") - moved).abs() > 0.001).is_empty()
    assert all(rows[kind].abs().sum() > 0 for kind in ("new", "expansion", "contraction", "churn", "reactivation"))


def test_an_account_that_comes_back_is_a_reactivation_and_the_first_month_an_opening_balance() -> None:
    rows = revenue_of(("a", date(2024, 7, 1), 100_00), ("a", date(2024, 9, 1), 150_00), ("b", date(2024, 8, 1), 70_00))
    assert rows[0]["new"] is None
    assert (rows[1]["churn"], rows[1]["new"]) == (-100, 70)
    assert (rows[2]["reactivation"], rows[2]["churn"]) == (150, -70)


def test_arr_truth_is_the_last_word_of_the_extracts(sample: Path) -> None:
    last: dict[tuple[str, str], float] = {}
    for path in sorted((sample / "extracts" / "crm" / "account_arr").iterdir()):
        for row in pl.read_csv(path, infer_schema=False).iter_rows(named=True):
            if row["currency"] == "USD" and row["arr_amount"] != "twelve":
                last[row["account_id"], row["month"]] = float(row["arr_amount"])
    truth = dict(pl.read_parquet(sample / "truth" / "arr.parquet").select("month", "arr").iter_rows())
    for month in (date(2024, 7, 1), date(2025, 6, 1), date(2026, 1, 1)):
        assert sum(v for (_, m), v in last.items() if m == month.isoformat()) == pytest.approx(truth[month])


def test_only_the_latest_valid_answer_of_a_sampled_user_inside_the_wave_counts(world: World) -> None:
    waves = Waves()
    waves.add(world.surveys)
    rows = {row["wave_id"]: row for row in waves.rows()}
    frame = world.surveys.frame
    for wave, until in (("2024Q3", "2024Q4"), ("2025Q2", "2025Q3")):
        end = frame.filter(pl.col("wave_id") == until)["drawn_at"][0]
        sampled = frame.filter((pl.col("wave_id") == wave) & pl.col("is_sampled")).select(respondent_id="user_id")
        valid = (
            world.surveys.responses.filter(
                pl.col("wave_id") == wave, pl.col("is_complete"), pl.col("submitted_at") < end
            )
            .filter(~pl.col("is_test"), ~pl.col("excluded_from_calculations"))
            .with_columns(score=pl.col("score_raw").cast(pl.Int64, strict=False))
            .filter(pl.col("score").is_between(0, 10))
            .join(sampled, on="respondent_id", how="semi")
            .sort("submitted_at")
            .unique("respondent_id", keep="last", maintain_order=True)
        )
        assert rows[wave]["responses"] == valid.height
        assert rows[wave]["promoters"] == (valid["score"] >= 9).sum()
        assert rows[wave]["detractors"] == (valid["score"] <= 6).sum()


def test_nps_starts_near_six_and_ends_higher(sample: Path) -> None:
    nps = pl.read_parquet(sample / "truth" / "nps.parquet").sort("wave_id")["nps"].to_list()
    assert 0 <= nps[0] <= 11
    assert nps[-1] > nps[0]
