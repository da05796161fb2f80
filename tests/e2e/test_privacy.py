"""Nothing private that came in with the extracts goes out: not in what is published, drawn, logged or said."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.e2e.conftest import ROOT, Company, run

PEOPLE = ("email", "full_name", "first_name", "last_name", "creator_email")
TEXTS = ("content", "comment", "response_text", "body_storage")
SHORTEST = 8


def records(sample: Path, table: str) -> Iterator[dict[str, object]]:
    """Rows of every extract of a table."""
    for path in sorted((sample / "extracts" / table).iterdir()):
        if path.suffix == ".parquet":
            yield from pl.read_parquet(path).iter_rows(named=True)
            continue
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = content.decode("utf-8-sig", "replace")
        if ".csv" in path.name:
            yield from pl.read_csv(text.encode(), infer_schema=False, ignore_errors=True).iter_rows(named=True)
            continue
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row


@pytest.fixture(scope="module")
def private(company: Callable[..., Company]) -> dict[str, set[str]]:
    """Texts of the sample that must stay inside, by what they are."""
    sample = company(1).sample
    found: dict[str, set[str]] = {"people": set(), "texts": set()}
    for folder in sorted((sample / "extracts").glob("*/*")):
        for row in records(sample, f"{folder.parent.name}/{folder.name}"):
            for columns, kind in ((PEOPLE, "people"), (TEXTS, "texts")):
                found[kind] |= {
                    str(row[name]).strip()
                    for name in columns
                    if isinstance(row.get(name), str) and len(str(row[name]).strip()) >= SHORTEST
                }
    # Who owns a feature is what the scoreboard is about: product managers are named, by rule.
    staff = {str(row["pm_email"]) for row in records(sample, "product_ops/feature_owner") if row.get("pm_email")}
    found["people"] -= staff
    return found


def leaks(content: bytes, private: dict[str, set[str]]) -> set[str]:
    """The private texts that are in some bytes, in whatever case."""
    text = pl.Series([content.decode("utf-8", "replace")])
    secrets = sorted(set().union(*private.values()))
    if not text.str.contains_any(secrets, ascii_case_insensitive=True).any():
        return set()
    return set(text.str.extract_many(secrets, ascii_case_insensitive=True).explode().to_list())


def test_the_sample_holds_private_texts_to_look_for(private: dict[str, set[str]]) -> None:
    assert len(private["people"]) > 100
    assert len(private["texts"]) > 10


def test_no_published_or_drawn_byte_holds_a_private_text(
    company: Callable[..., Company], private: dict[str, set[str]]
) -> None:
    built = company(1)
    for path in sorted(
        [*built.published.rglob("*"), *(built.project / "site").rglob("*"), *(built.project / "history").rglob("*")]
    ):
        if path.is_file() and path.suffix != ".parquet":
            assert not leaks(path.read_bytes(), private), path
        elif path.is_file():
            assert not leaks(pl.read_parquet(path).write_ndjson().encode(), private), path
    with duckdb.connect(str(built.published / "product_metrics.duckdb"), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        assert tables
        for schema, table in tables:
            frame = connection.sql(f'from "{schema}"."{table}"').pl()
            assert not leaks(frame.write_ndjson().encode(), private), table


def test_no_log_and_no_line_of_output_holds_a_private_text(
    company: Callable[..., Company], private: dict[str, set[str]]
) -> None:
    built = company(1)
    assert not leaks((built.build.out + built.build.err).encode(), private)
    for folder in ("target", "logs", ".build"):
        for path in sorted((built.project / folder).rglob("*")):
            if path.is_file():
                assert not leaks(path.read_bytes(), private), path


def test_kept_rows_of_failing_tests_hold_no_private_text(
    company: Callable[..., Company], private: dict[str, set[str]]
) -> None:
    built = company(1)
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'test_failures'"
        ).fetchall()
        assert tables
        for (table,) in tables:
            frame = connection.sql(f'from test_failures."{table}"').pl()
            assert not leaks(frame.write_ndjson().encode(), private), table


def test_no_check_and_no_written_document_holds_a_private_text(
    company: Callable[..., Company], private: dict[str, set[str]], tmp_path: Path
) -> None:
    built = company(1)
    # A hundred addresses are made to break an expectation, so that there is something to be shown.
    suites = tmp_path / "suites.yml"
    suites.write_text(_BREAKING)
    page = tmp_path / "checks.html"
    commands = [
        ("check", "raw", "--suites", suites, "--page", page),
        ("check", "raw", "--suites", suites, "--format", "json"),
        ("check", "raw", "--suites", suites, "--format", "junit"),
        ("check", "published", "--suites", ROOT / "quality" / "suites.yml", "--page", tmp_path / "published.html"),
        ("okr", "health"),
        ("okr", "update", "--weekly"),
        ("trace", "nps", "--format", "json"),
        ("trace", "circt", "--format", "csv"),
        ("diff", "--list"),
    ]
    for command in commands:
        done = run(*command, "--project-dir", built.project)
        assert done.code in (0, 1), done.err
        assert not leaks((done.out + done.err).encode(), private), command
        if command[:2] == ("check", "raw"):
            assert done.code == 1
            assert "an e-mail address" in (page.read_text() if page in command else done.out)
    for path in (page, tmp_path / "published.html"):
        assert not leaks(path.read_bytes(), private), path


_BREAKING = """
suites:
  - suite: visitors
    side: raw
    about: "Visitors."
    table: pendo.visitor_history
    rows: [email]
    expectations:
      - name: addresses_are_numbers
        expect: ExpectColumnValuesToMatchRegex
        with: {column: email, regex: "^[0-9]+$"}
        meaning: "It never holds."
        what_to_do: "Nothing."
"""


def test_published_files_can_be_read_by_others_and_written_by_nobody(company: Callable[..., Company]) -> None:
    built = company(1)
    for path in built.published.resolve().rglob("*"):
        if path.is_file() and not path.is_symlink() and path.name != ".lock":
            assert path.stat().st_mode & 0o222 == 0, path
            assert path.stat().st_mode & 0o444 == 0o444, path


def test_the_salt_of_the_user_stays_in_the_builders_own_files(
    company: Callable[..., Company], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = company(1)
    hashes = "select email_hash from staging.stg_pendo__visitors where email_hash is not null order by all"
    before = set(built.query(hashes)["email_hash"])
    assert before
    salt = "a-salt-of-our-own-42"
    monkeypatch.setenv("METRICS_PRIVACY_SALT", salt)
    done = run("build", "--project-dir", built.project)
    assert done.code == built.build.code, done.err
    for folder in ("target", "logs", ".build", "published", "site", "history"):
        for path in sorted((built.project / folder).rglob("*")):
            if path.is_file():
                assert salt.encode() not in path.read_bytes(), path
    # The salt is no part of what dbt parsed, so the project as it was parsed before hashes with the new one.
    assert not before & set(built.query(hashes)["email_hash"])
