"""What holds of every parser whatever it is given: what was written is read back, and the rest is a typed error."""

import argparse
import contextlib
import csv
import shutil
import string
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
import yaml
from hypothesis import given, settings

from metrics_py._draw_users import read_frame_file
from metrics_py.commands import instant
from metrics_py.errors import ConfigurationError, MetricsError
from metrics_py.land.contract import load
from metrics_py.land.files import time_in
from metrics_py.okr._kept_files import read_kept
from metrics_py.publish.trace_choice import choose_period, choose_person, read_span
from metrics_py.quality.suites import read_suites
from metrics_py.reports.binding import Binding, Document, read_document
from metrics_py.reports.published import Cell
from metrics_py.scoreboard.address import feature_anchor, slug
from metrics_py.scoreboard.stamp import Stamp, read_stamp, write_stamp

EVERY = settings(max_examples=100, deadline=None, derandomize=True)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
texts = st.text(max_size=40)

QUARTERS = pl.DataFrame(
    [
        (
            f"{year}Q{quarter + 1}",
            date(year, 3 * quarter + 1, 1),
            date(year + quarter // 3, (3 * quarter + 3) % 12 + 1, 1),
        )
        for year in range(2020, 2030)
        for quarter in range(4)
    ],
    ["fiscal_quarter", "quarter_start", "quarter_end"],
    orient="row",
)


@EVERY
@given(first=days, length=st.integers(0, 400))
def test_a_span_as_people_write_it_is_the_days_it_names(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    span = read_span(f" {first} .. {last}", QUARTERS)
    assert (span.start, span.end) == (first, last + timedelta(days=1))
    day = read_span(first.isoformat(), QUARTERS)
    assert (day.start, day.end) == (first, first + timedelta(days=1))
    month = read_span(f"{first:%Y-%m}", QUARTERS)
    assert month.start == first.replace(day=1)
    assert month.start <= first < month.end
    assert month.end.day == 1


@EVERY
@given(row=st.sampled_from(QUARTERS.rows()), blank=st.sampled_from(["", " ", "-"]), turned=st.booleans())
def test_a_quarter_in_any_spelling_is_that_quarter(row: tuple[str, date, date], blank: str, turned: bool) -> None:
    year, quarter = row[0].split("Q")
    spelt = f"q{quarter}{blank}{year}" if turned else f"{year}{blank}Q{quarter}"
    assert (read_span(spelt, QUARTERS).start, read_span(spelt, QUARTERS).end) == row[1:]


@EVERY
@given(text=texts | st.from_regex(r"[0-9QH.\- ]{1,14}", fullmatch=True))
def test_other_words_for_a_period_are_refused_with_an_example(text: str) -> None:
    try:
        span = read_span(text, QUARTERS)
    except ConfigurationError as error:
        assert "2025-12-31" in str(error) or "quarters known" in str(error)  # noqa: PT017
        return
    assert span.start < span.end or ".." in text


periods = st.lists(
    st.tuples(st.sampled_from(["day", "quarter", "wave", "goal_period"]), days, st.integers(1, 92)), min_size=1
)


@EVERY
@given(rows=periods, wanted=st.none() | st.tuples(days, st.integers(1, 400)))
def test_the_period_meant_is_one_that_is_published_and_touches_the_days_named(
    rows: list[tuple[str, date, int]], wanted: tuple[date, int] | None
) -> None:
    frame = pl.DataFrame(
        [(kind, start, start + timedelta(days=length)) for kind, start, length in rows],
        ["period_kind", "period_start", "period_end"],
        orient="row",
    )
    span = None
    if wanted is not None:
        first, length = wanted
        span = read_span(f"{first}..{first + timedelta(days=length - 1)}", QUARTERS)
    try:
        kind, start = choose_period(span, frame)
    except ConfigurationError:
        assert span is not None
        return
    found = frame.filter((pl.col("period_kind") == kind) & (pl.col("period_start") == start))
    assert found.height
    if span is not None:
        assert any(
            first < span.end and end > span.start for first, end in found.select("period_start", "period_end").rows()
        )


@EVERY
@given(
    names=st.lists(texts.filter(str.strip), min_size=1, max_size=6, unique_by=lambda name: name.strip().casefold()),
    data=st.data(),
)
def test_a_person_is_found_by_id_and_name_or_the_ones_there_are_are_told(names: list[str], data: st.DataObject) -> None:
    people = pl.DataFrame(
        {"person_id": [f"p{number}@cxt.example" for number in range(len(names))], "display_name": names}
    )
    wanted = data.draw(st.integers(0, len(names) - 1))
    assert choose_person(f" {people['person_id'][wanted].upper()} ", people) == people["person_id"][wanted]
    other = data.draw(texts)
    with contextlib.suppress(ConfigurationError):
        assert choose_person(other, people) in people["person_id"].to_list()


moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
FORMS = (
    "%Y-%m-%dT%H%M%SZ",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y%m%dT%H%M%SZ",
    "%Y_%m_%d_%H_%M_%S",
    "%Y-%m-%d %H:%M:%SZ",
    "%Y-%m-%dT%H%M%S+0000",
)


@EVERY
@given(
    moment=moments,
    form=st.sampled_from(FORMS),
    before=st.text("abc_-", max_size=8),
    ending=st.sampled_from([".csv", "-x.jsonl.gz"]),
)
def test_the_time_in_a_files_name_is_the_one_that_was_written_there(
    moment: datetime, form: str, before: str, ending: str
) -> None:
    assert time_in(f"{before}{moment.strftime(form)}{ending}", "UTC", "America/Phoenix") == (moment, moment)


@EVERY
@given(name=st.text(string.digits + "-_T:Z+. ", max_size=40))
def test_any_files_name_has_a_time_or_none(name: str) -> None:
    found = time_in(name, "Europe/Berlin", "America/Phoenix")
    if found is not None:
        first, last = found
        assert first.tzinfo is not None
        assert timedelta(0) <= last - first <= timedelta(days=1)


@EVERY
@given(moment=moments, text=texts)
def test_an_instant_on_the_command_line_is_read_or_refused_as_an_argument(moment: datetime, text: str) -> None:
    assert instant(moment.isoformat()) == moment
    with contextlib.suppress(argparse.ArgumentTypeError):
        assert instant(text).tzinfo is not None


@EVERY
@given(one=texts, other=texts)
def test_an_address_is_safe_and_of_one_thing(one: str, other: str) -> None:
    assert set(slug(one)) <= set(string.ascii_lowercase + string.digits + "-")
    assert slug(one)
    assert (slug(one) == slug(other)) == (one == other)
    assert feature_anchor(one) == f"f-{slug(one)}"


@EVERY
@given(version=st.text("0123456789abcdef", min_size=16, max_size=16), trouble=texts)
def test_a_stamp_is_read_as_it_was_written(version: str, trouble: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_stamp(Path(folder), Stamp(version, trouble))
        assert read_stamp(Path(folder)) == Stamp(version, " ".join(trouble.split()))


leaves = st.none() | st.booleans() | st.integers(-9, 9) | texts
NAMES = [
    "suites",
    "suite",
    "side",
    "about",
    "table",
    "sql",
    "rows",
    "expectations",
    "name",
    "expect",
    "with",
    "meaning",
]
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=15,
)


@EVERY
@given(content=st.dictionaries(st.sampled_from(["suites", "macros", "x"]), trees) | trees)
def test_a_file_of_suites_is_read_or_every_mistake_is_told_with_its_line(content: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suites.yml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        try:
            read_suites(path)
        except ConfigurationError as error:
            assert str(error).startswith(f"{path}:")  # noqa: PT017


@EVERY
@given(text=st.text(st.sampled_from("suites: -\n&*[]{}|'\"#!%@é\t0"), max_size=60))
def test_text_that_is_no_yaml_is_a_mistake_of_the_file(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "suites.yml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError):
            read_suites(path)


@EVERY
@given(sources=st.dictionaries(st.sampled_from(["version", "sources", "models"]), trees) | trees)
def test_a_contract_is_read_or_refused(sources: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "models" / "staging" / "shop"
        place.mkdir(parents=True)
        (place / "_shop__sources.yml").write_text(yaml.safe_dump(sources), encoding="utf-8")
        (Path(folder) / "dbt_project.yml").write_text("name: shop\nvars: {org_timezone: UTC, org_currency: USD}\n")
        with contextlib.suppress(MetricsError):
            load(Path(folder))


values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)


@EVERY
@given(
    shown=st.text(max_size=20),
    value=values,
    key=st.text(max_size=10),
    column=st.text(max_size=10),
    text=st.text(max_size=60),
)
def test_a_document_is_read_back_with_every_binding(
    shown: str, value: object, key: str, column: str, text: str
) -> None:
    cell = Cell("dim_people", (("person_id", key),), column)
    binding = Binding(shown=shown, cells=(cell,), value=value, as_of="2026-01-31T06:00:00Z", unit="days")
    document = Document(text, (binding,), "2026-01-31T06:00:00Z", "a1b2")
    found = read_document(document.with_appendix())
    assert found.bindings == document.bindings
    assert found.text.rstrip() == text.rstrip()
    assert (found.as_of, found.generation) == (document.as_of, document.generation)


users = st.lists(
    st.tuples(
        st.text("abc-_0", min_size=1, max_size=6), st.text("ab", max_size=3), st.integers(0, 999), st.integers(1, 30)
    ),
    min_size=1,
    max_size=6,
)
USERS = ["user_id", "account_id", "tenure_days", "active_days_30"]


@EVERY
@given(rows=users, ending=st.sampled_from([".csv", ".parquet"]))
def test_a_frame_of_users_is_read_as_it_was_written(rows: list[tuple[str, str, int, int]], ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"frame{ending}"
        frame = pl.DataFrame(rows, USERS, orient="row")
        frame.write_csv(path, quote_style="non_numeric") if ending == ".csv" else frame.write_parquet(path)
        assert read_frame_file(path).select(USERS).rows() == rows


@EVERY
@given(content=st.binary(max_size=80), ending=st.sampled_from([".csv", ".parquet"]), has_header=st.booleans())
def test_a_file_that_is_no_frame_of_users_is_refused_by_name(content: bytes, ending: str, has_header: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"frame{ending}"
        path.write_bytes((",".join(USERS).encode() + b"\n" if has_header else b"") + content)
        try:
            found = read_frame_file(path)
        except MetricsError as error:
            assert str(path) in str(error)  # noqa: PT017
            return
        assert set(USERS) <= set(found.columns)


SEEDS = Path(__file__).parents[3] / "seeds"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(["key_results", "objectives", "initiatives", "initiative_effects", "key_result_milestones"]),
    row=st.integers(1, 12),
    column=st.integers(0, 25),
    text=st.sampled_from(["", "nan", "1e999", "2025-02-30", "kr-arr", "a\nb", "\ufeff", "-"]) | texts,
)
def test_a_cell_of_the_kept_key_results_is_read_or_is_a_finding(name: str, row: int, column: int, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "okr"
        shutil.copytree(SEEDS / "okr", place)
        path = place / f"{name}.csv"
        lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        cells = lines[min(row, len(lines) - 1)]
        cells[column % len(cells)] = text.replace("\0", "")
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            csv.writer(file).writerows(lines)
        proposals = read_kept(place)
        assert proposals
        assert all(finding.message for proposal in proposals for finding in proposal.findings)
