import base64
import re
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import vl_convert

from metrics_py.errors import MissingColumnError, WarehouseError
from metrics_py.scoreboard import render
from tests.unit.scoreboard.company import verdict

Tables = dict[str, pl.DataFrame]
Publish = Callable[..., Path]


def page_of(tables: Tables, publish_frames: Publish, tmp_path: Path, **run: object) -> str:
    return render(publish_frames(tables, **run), tmp_path / "site").index.read_text(encoding="utf-8")


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_the_same_snapshot_gives_the_same_page(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    assert page_of(tables, publish_frames, tmp_path) == page_of(tables, publish_frames, tmp_path)


def every_page(site: Path) -> dict[str, str]:
    return {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def test_every_link_leads_to_something_that_is_there(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page_of(tables, publish_frames, tmp_path)
    site = tmp_path / "site"
    pages = every_page(site)
    for name, page in pages.items():
        assert len(re.findall(r' id="([^"]*)"', page)) == len(set(re.findall(r' id="([^"]*)"', page))), name
        for href in re.findall(r'<a [^>]*href="([^"]*)"', page):
            place, _, anchor = href.partition("#")
            target = (site / name).parent.joinpath(place).resolve() if place else site / name
            assert target.is_file(), (name, href)
            assert target.is_relative_to(site), (name, href)
            assert not anchor or f' id="{anchor}"' in target.read_text(encoding="utf-8"), (name, href)


def test_no_page_refers_to_anything_outside_the_site(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page_of(tables, publish_frames, tmp_path)
    for name, page in every_page(tmp_path / "site").items():
        outside = re.findall(r'(?:src|href|action)="((?:[a-z]+:|//|/)[^"]*)"', page)
        assert outside == ["data:,"], name
        assert "url(" not in page
        assert "@import" not in page


def test_every_kind_of_page_is_there(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    report = render(publish_frames(tables), tmp_path / "site")
    pages = every_page(tmp_path / "site")
    kinds = {name: sum(page.startswith(f"{name}/") for page in pages) for name in ("metrics", "people", "squads")}
    assert kinds == {"metrics": 5, "people": 12, "squads": 4}
    assert {"index.html", "data.html", "search.html", "key-results.html", "key-results/kr-minutes.html"} <= set(pages)
    assert len([page for page in pages if page.startswith("quarters/")]) == 7
    assert len(pages) == report.page_count
    assert max(len(page.encode()) for page in pages.values()) < 300_000


def test_a_page_of_what_is_gone_goes_and_a_file_of_somebody_else_stays(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    page_of(tables, publish_frames, tmp_path)
    site = tmp_path / "site"
    (site / "people" / "notes.txt").write_text("mine")
    (keiko,) = site.glob("people/keiko-sato-*.html")
    for table in ("scoreboard", "metric_values", "dim_people"):
        tables[table] = tables[table].filter(pl.col("person_id").is_null() | ~pl.col("person_id").str.contains("keiko"))
    page_of(tables, publish_frames, tmp_path)
    assert not keiko.exists()
    assert (site / "people" / "notes.txt").read_text() == "mine"
    assert list(site.glob("people/jonas-berg-*.html"))


def test_a_page_keeps_its_address_when_others_come_and_go(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    page_of(tables, publish_frames, tmp_path)
    before = {path.name for path in (tmp_path / "site" / "people").iterdir()}
    other = tables["dim_people"][:1].with_columns(person_id=pl.lit("keiko-sato@cxt.example"))
    tables["dim_people"] = pl.concat([tables["dim_people"], other])
    page_of(tables, publish_frames, tmp_path)
    after = {path.name for path in (tmp_path / "site" / "people").iterdir()}
    assert before < after
    assert len(after) == len(before) + 1


def test_trouble_leaves_the_site_as_it_was(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page_of(tables, publish_frames, tmp_path)
    site = tmp_path / "site"
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    tables["scoreboard"] = tables["scoreboard"].head(8)
    tables["nps_by_wave"] = tables["nps_by_wave"].drop("raked_nps")
    with pytest.raises(MissingColumnError, match="raked_nps"):
        page_of(tables, publish_frames, tmp_path)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before


def test_a_chart_whose_data_stayed_is_not_drawn_again(
    tables: Tables, publish_frames: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = page_of(tables, publish_frames, tmp_path)
    drawn = []
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", lambda *_: drawn.append(1) or "<svg></svg>")
    assert page_of(tables, publish_frames, tmp_path) == first
    assert drawn == []
    tables["arr_by_month"] = tables["arr_by_month"].with_columns(churn_arr=pl.lit(-500_000.0))
    page_of(tables, publish_frames, tmp_path)
    assert len(drawn) == 2


def test_the_version_says_which_snapshot_is_drawn(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page = page_of(tables, publish_frames, tmp_path)
    version = (tmp_path / "site" / "version.txt").read_text().strip()
    assert version == (tmp_path / "published" / "current").resolve().name
    assert f'data-version="{version}"' in page


def test_the_search_index_holds_every_person_and_feature(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    page_of(tables, publish_frames, tmp_path)
    site = tmp_path / "site"
    packed = re.search(r'id="index">([^<]*)<', (site / "search.html").read_text(encoding="utf-8"))
    assert packed
    lines = zlib.decompress(base64.b64decode(packed.group(1))).decode().splitlines()
    assert "Keiko Sato" in {line.split("\t")[2] for line in lines if not line.startswith("\t")}
    features = {line.split("\t")[2] for line in lines if line.startswith("\t")}
    assert features == set(tables["dim_features"]["feature_id"])


def test_a_quarter_shows_the_values_of_its_end(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page_of(tables, publish_frames, tmp_path)
    (quarter,) = (tmp_path / "site" / "quarters").glob("q4-2025-*.html")
    values = tables["metric_values"].filter(
        (pl.col("org_level") == "company")
        & (pl.col("reading") == "p90_launched")
        & (pl.col("period_start") == date(2025, 12, 31))
    )
    assert f"{values['value'][0]:.1f}\xa0days" in quarter.read_text(encoding="utf-8")


def test_texts_from_the_data_are_texts_on_the_page(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    attack = '"><script>alert(1)</script>'
    tables["dim_people"] = tables["dim_people"].with_columns(display_name=pl.lit(attack))
    tables["scoreboard"] = tables["scoreboard"].with_columns(status_reason=pl.lit(attack))
    tables["dim_metrics"] = tables["dim_metrics"].with_columns(name=pl.lit(attack), question=pl.lit(attack))
    tables["fct_integrity_violations"] = tables["fct_integrity_violations"].with_columns(
        sentence=pl.lit(attack), what_to_do=pl.lit(attack), evidence=pl.lit(attack)
    )
    for table, columns in {
        "dim_features": ["feature_name"],
        "dim_goals": ["goal_name", "mechanism"],
        "ageing_insights": ["insight_id"],
        "circt_bottlenecks": ["root_cause", "intervention", "bottleneck"],
        "nps_by_stratum": ["stratum"],
        "nps_by_wave": ["wave_id"],
        "key_result_status": ["name", "status_reason", "key_question", "recommendation", "override_reason"],
        "initiative_links": ["name", "mechanism"],
        "learnings": ["learned", "evidence"],
        "insight_exclusions": ["reason"],
    }.items():
        tables[table] = tables[table].with_columns(**{column: pl.lit(attack) for column in columns})
    page = page_of(tables, publish_frames, tmp_path, quarantined=[{"source": attack, "table": "t", "rows": 1}])
    assert page.count("alert(1)") > 10
    for name, content in every_page(tmp_path / "site").items():
        assert content.count("<script>") == (2 if name == "search.html" else 1), name
        assert attack not in content


def test_no_data_is_a_word_and_never_zero_or_winning(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    empty = verdict("ddqs", "no_data", None, previous_value=None, periods_held=0, periods_evaluated=0)
    tables["scoreboard"] = pl.DataFrame([empty], infer_schema_length=None).cast(
        {name: kind for name, kind in tables["scoreboard"].schema.items() if name in empty}
    )
    tables["metric_values"] = tables["metric_values"].clear()
    page = page_of(tables, publish_frames, tmp_path)
    board = text_of(page[page.index("<main") : page.index("Can these numbers")])
    assert "No data" in board
    assert "No value" in board
    assert "because no feature shipped" in board
    assert "Winning" not in board
    assert not re.search(r"(?<![\d.])0(\.0)?(?![\d.])", board)


def test_unknown_trouble_is_said_to_be_unknown(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    text = text_of(page_of(tables, publish_frames, tmp_path, quarantined=None, failed_tests=None))
    assert "Nobody knows how many records could not be read." in text
    assert "It is not known whether the data tests passed." in text


def test_absent_trouble_is_said_to_be_absent(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    tables["fct_integrity_violations"] = tables["fct_integrity_violations"].clear()
    text = text_of(page_of(tables, publish_frames, tmp_path, quarantined=[]))
    assert "No violation of a rule that must hold, 0 warnings" in text
    assert "Every record could be read." in text
    assert "All data tests passed." in text


def test_two_hundred_product_managers_fit_in_three_hundred_kilobytes(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    people = [f"first{number}.family-name{number}@cxt.example" for number in range(200)]
    statuses = [("winning", 6.4), ("losing", 5.1), ("no_data", None)]
    rows = [
        verdict(metric, statuses[place % 3][0], statuses[place % 3][1], org_level="person", person_id=person)
        for place, person in enumerate(people)
        for metric in ("ddqs", "ploar", "circt")
    ]
    many = pl.DataFrame(rows, schema=tables["scoreboard"].schema)
    tables["scoreboard"] = pl.concat([tables["scoreboard"], many])
    page = page_of(tables, publish_frames, tmp_path)
    assert page.count('class="person"') == 212
    assert len(page.encode()) < 300_000


def test_nothing_half_written_is_left_beside_the_pages(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page_of(tables, publish_frames, tmp_path)
    hidden = {path.name for path in (tmp_path / "site").rglob(".*")}
    assert hidden == {".charts.json", ".pages.json", ".lock"}


def test_without_a_snapshot_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="run `metrics-py publish` first"):
        render(tmp_path / "published", tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_reasons_of_equal_count_stand_in_one_order(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    names = [f"reason {letter}" for letter in "hcbgadfe"]
    evidence = tables["metric_evidence"]
    one = evidence.filter(~pl.col("is_in")).head(1)
    others = one.drop("row_id", "reason").join(pl.DataFrame({"row_id": names, "reason": names}), how="cross")
    changed = {
        "fct_survey_responses": pl.DataFrame({"exclusion_reason": names}),
        "metric_evidence": pl.concat([evidence, others.select(evidence.columns)]),
    }
    page_of(tables | changed, publish_frames, tmp_path)
    for name in ("data.html", f"metrics/{one['metric_id'][0]}.html"):
        shown = re.findall(r">\s*(reason [a-h])\s*<", (tmp_path / "site" / name).read_text().lower())
        assert shown[:8] == sorted(names), name
