import gzip
import hashlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from metrics_py.errors import ConfigurationError, UnusableInputError
from metrics_py.land import contract
from metrics_py.sample import generate

PROJECT = Path(__file__).parents[3]


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def columns_of(path: Path) -> list[str]:
    name = path.name
    if name.endswith(".parquet"):
        return pl.read_parquet_schema(path).names()
    data = path.read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8-sig")
    first = text.splitlines()[0]
    return first.split(",") if ".csv" in name else list(json.loads(first))


def test_the_same_seed_gives_the_same_bytes_in_another_process(sample: Path, tmp_path: Path) -> None:
    program = "import sys, pathlib; from metrics_py.sample import generate; generate(pathlib.Path(sys.argv[1]), seed=1)"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=PROJECT)
    assert digests(tmp_path) == digests(sample)


def test_another_seed_is_another_company(sample: Path, tmp_path: Path) -> None:
    generate(tmp_path, seed=2)
    ours, theirs = digests(sample), digests(tmp_path)
    notes = "extracts/productboard/notes/2025-12-29T060000Z.jsonl.gz"
    assert ours[notes] != theirs[notes]
    assert ours["truth/insights.parquet"] != theirs["truth/insights.parquet"]


def test_every_table_of_the_contract_is_there_with_its_columns(sample: Path) -> None:
    untouched = {row["file"] for row in pl.read_parquet(sample / "truth" / "dirt.parquet").to_dicts()}
    for table in contract.load(PROJECT).tables.values():
        files = sorted((sample / "extracts" / table.source / table.name).iterdir())
        assert files, f"{table.source}.{table.name}"
        wanted = [column.name for column in table.columns]
        clean = [path for path in files if str(path.relative_to(sample / "extracts")) not in untouched]
        assert columns_of(clean[-1]) == wanted, f"{table.source}.{table.name}"


def test_nothing_but_the_contract_is_written(sample: Path) -> None:
    known = {(table.source, table.name) for table in contract.load(PROJECT).tables.values()}
    written = {(path.parent.name, path.name) for path in (sample / "extracts").glob("*/*")}
    assert written == known


def test_productboard_is_extracted_each_monday_and_daily_in_the_last_month(sample: Path) -> None:
    names = sorted(path.name for path in (sample / "extracts" / "productboard" / "features").iterdir())
    assert len(names) == 110
    assert names[0].startswith("2024-07-01T060000Z")
    assert names[1].startswith("2024-07-08T060000Z")
    assert names[-1].startswith("2026-01-31T060000Z")
    assert names[-2].startswith("2026-01-30T060000Z")


def test_a_sheet_is_exported_on_the_first_and_last_day_and_when_it_changed(sample: Path) -> None:
    files = sorted((sample / "extracts" / "product_ops" / "feature_owner").iterdir())
    contents = [path.read_bytes() for path in files if "-copy" not in path.name]
    assert files[0].name.startswith("2024-07-01")
    assert files[-1].name.startswith("2026-01-31")
    assert all(before != after for before, after in pairwise(contents[:-1]))


def test_a_clean_company_has_no_dirt_and_breaks_no_rule(tmp_path: Path) -> None:
    generate(tmp_path, clean=True)
    assert pl.read_parquet(tmp_path / "truth" / "dirt.parquet").height == 0
    assert pl.read_parquet(tmp_path / "truth" / "violations.parquet").height == 0


def test_every_piece_of_dirt_names_a_file_that_is_there(sample: Path) -> None:
    dirt = pl.read_parquet(sample / "truth" / "dirt.parquet")
    assert all((sample / "extracts" / file).is_file() for file in dirt["file"])
    assert dirt["kind"].n_unique() >= 18
    assert dirt["in_quarantine"].sum() >= 10


def test_a_folder_that_holds_extracts_is_not_written_into(sample: Path) -> None:
    with pytest.raises(UnusableInputError, match="exists already"):
        generate(sample)


def test_a_scale_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="found 0"):
        generate(tmp_path, scale=0)


def test_a_large_company_is_written_in_parts_of_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics_py.sample.writing.UNITS_PER_CHUNK", 5)
    seen: list[tuple[str, int, int]] = []
    report = generate(tmp_path, scale=10, progress=lambda *step: seen.append(step))
    parts = sorted((tmp_path / "extracts" / "productboard" / "notes").glob("2026-01-31*"))
    assert [path.name for path in parts] == [
        "2026-01-31T060000Z-part-0000.parquet",
        "2026-01-31T060000Z-part-0001.parquet",
    ]
    frames = [pl.read_parquet(path) for path in parts]
    assert not set(frames[0]["id"]) & set(frames[1]["id"])
    assert 28_000 < sum(frame.height for frame in frames) <= 30_000
    assert report.files == sum(1 for path in (tmp_path / "extracts").rglob("*") if path.is_file())
    assert seen[-1][1] == seen[-1][2] - 1
    owners = pl.read_parquet(sorted((tmp_path / "extracts/product_ops/feature_owner").glob("2026-01-31*")))
    assert owners["squad"].n_unique() == 40
    metrics = pl.read_parquet(tmp_path / "truth" / "metrics.parquet")
    assert metrics["org_level"].unique().to_list() == ["company"]
