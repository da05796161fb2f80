"""The update in an assistant's words, against an endpoint that lies, hangs, fails or answers nonsense."""

import argparse
import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytest.importorskip("openai")

from metrics_py.assistant.drafting import assisted_update, correction, plain, prompt_of
from metrics_py.assistant.endpoint import KEY, MODEL, URL, Endpoint, find_endpoint
from metrics_py.commands.okr_documents import add_documents
from metrics_py.errors import ConfigurationError
from metrics_py.reports.binding import Document, read_document
from metrics_py.reports.checking import check_document, failures
from metrics_py.reports.key_results import EVERYONE
from metrics_py.reports.leadership import leadership_update
from metrics_py.reports.published import Published
from metrics_py.reports.stated import Problem
from tests.unit.assistant.scripted import Raw, Said, echoed, lines_with, replaced, scripted
from tests.unit.reports.company import PEOPLE, okr_tables, publish_tables

SECRET = "sk-do-not-show-4711"
LIE = "88.8%"
OWN_WORDS = "## In our own words"


@pytest.fixture
def ask(published: Published) -> Callable[..., tuple[Document, list[str], Any]]:
    """The update, what was told about it, and the endpoint that gave these answers."""

    def make(*answers: Said, timeout: float = 20) -> tuple[Document, list[str], Any]:
        told: list[str] = []
        with scripted(*answers) as endpoint:
            where = Endpoint(endpoint.url, "scripted", SECRET, timeout)
            document = assisted_update(published, EVERYONE, where, tell=told.append)
        return document, told, endpoint

    return make


def lie(asked: Any) -> str:
    return replaced("68.7%", LIE)(asked)


def test_a_truthful_answer_is_the_document_and_each_of_its_numbers_is_bound(ask: Any, published: Published) -> None:
    document, told, endpoint = ask(echoed)
    assert OWN_WORDS in document.text
    assert len(endpoint.bodies) == 1
    assert "all" in told[0]
    assert "are published" in told[0]
    verdicts = check_document(document, published)
    assert len(verdicts) > 40
    assert failures(verdicts) == []
    again = read_document(document.with_appendix())
    assert failures(check_document(again, published)) == []


def test_a_written_document_goes_stale_with_its_rows(ask: Any, tmp_path: Path) -> None:
    document, _, _ = ask(echoed)
    tables = okr_tables()
    status = tables["key_result_status"].with_columns(
        pl.when(pl.col("key_result_id") == "kr-activation").then(0.5).otherwise("current_value").alias("current_value")
    )
    moved = Published(publish_tables(tmp_path / "published", tables | {"key_result_status": status}))
    found = [one for one in failures(check_document(document, moved)) if one.claim.text == "68.7%"]
    assert found
    assert found[0].standing == "stale"


def test_a_lie_is_named_and_corrected_once(ask: Any) -> None:
    document, told, endpoint = ask(lie, echoed)
    assert OWN_WORDS in document.text
    assert LIE not in document.text
    assert len(endpoint.bodies) == 2
    named = lines_with(endpoint.prompts[1:], LIE)
    assert len(named) == 1
    assert "contradicted" in named[0]
    assert "published is 68.7%" in named[0]
    assert [message["role"] for message in endpoint.bodies[1]["messages"]] == ["user", "assistant", "user"]
    assert "assistant's words" in told[0]


def test_a_lie_told_twice_never_reaches_the_document(ask: Any, published: Published) -> None:
    document, told, endpoint = ask(lie)
    assert len(endpoint.bodies) == 2
    assert document.text == leadership_update(published).text
    assert "written by the template, because the assistant's text was wrong in 1 place" in told[0]
    assert LIE not in document.with_appendix()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("68.7%", "68.9%"),  # value
        ("15.9 minutes", "15.9 hours"),  # unit
        ("15.9 minutes", "-15.9 minutes"),  # sign
        ("$9.3M", "$10M"),  # rounded over the target
        ("90.3%", "two-thirds"),  # in words
        ("23.8%", "four in five"),
        ("68.7%", "<span>88.8%</span>"),  # where the check does not look
        ("68.7%", "[68.7%](https://example.org/88)"),
        ("68.7%", "<!-- 68.7% --> 88.8%"),
        ("68.7%", "v88.8.1"),
        ("68.7%", "８８.８%"),
        ("68.7%", "8\u200b8.8%"),
        ("## Wins", "## Wins\n\n88. is how it stands"),
        ("is on track, at 68.7%", "doubled, to 68.7%"),
        ("is on track, at 68.7%", "is off track, at 68.7%"),  # a status
        ("9 key results are running", "12 key results are running"),  # a count
        ("31 January 2026", "14 January 2026"),  # a date
    ],
)
def test_no_kind_of_lie_reaches_the_document(old: str, new: str, ask: Any, published: Published) -> None:
    document, told, _ = ask(replaced(old, new))
    assert document.text == leadership_update(published).text
    assert "written by the template" in told[0]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Raw(status=500, body=b'{"error": {"message": "down"}}'), r"answered with an error \(500\)"),
        (Raw(status=401, body=f'{{"error": {{"message": "wrong key {SECRET}"}}}}'.encode()), "not accept the key"),
        (Raw(status=429, body=b'{"error": {"message": "slow down"}}'), r"no more questions now \(429\)"),
        (Raw(status=404, body=b"no such page", kind="text/html"), r"answered with an error \(404\)"),
        (Raw(status=307, headers=(("Location", "http://127.0.0.1:9/v1/chat/completions"),)), r"error \(307\)"),
        (Raw(body=b"<html>88.8%</html>", kind="text/html"), "not one of the protocol"),
        (Raw(body=b"{", kind="application/json"), "not one of the protocol"),
        (Raw(body=b"\xff\xfe\x00garbage"), "not one of the protocol"),
        (Raw(body=b"[]"), "not one of the protocol"),
        (Raw(body=b'{"choices": []}'), "not one of the protocol"),
        (Raw(body=b'{"choices": [{}]}'), "not one of the protocol"),
        (lambda asked: "", "empty"),
        (lambda asked: None, "empty"),
        (lambda asked: [{"type": "image"}], "no text"),
        (lambda asked: {"number": 88.8}, "no text"),
        (lambda asked: "NPS " * 20_000, "longer than"),
    ],
)
def test_an_endpoint_that_fails_leaves_the_template_and_a_sentence(
    answer: Said, why: str, ask: Any, published: Published
) -> None:
    document, told, endpoint = ask(answer)
    assert document.text == leadership_update(published).text
    (sentence,) = told
    assert re.search(why, sentence), sentence
    assert len(endpoint.bodies) == 1
    assert SECRET not in sentence


@pytest.mark.parametrize("answer", [lambda asked: "   \n ", lambda asked: "No.", lambda asked: "# Update\n\nAll good."])
def test_an_answer_that_is_no_update_leaves_the_template(answer: Said, ask: Any, published: Published) -> None:
    document, told, endpoint = ask(answer)
    assert document.text == leadership_update(published).text
    assert len(endpoint.bodies) == 2
    assert "360 to 440 are asked for" in endpoint.prompts[1]
    assert "written by the template" in told[0]


@pytest.mark.parametrize("silent", [Raw(hangs=True), Raw(drips=True)])
def test_an_endpoint_that_is_silent_or_drips_is_given_up(silent: Raw, ask: Any, published: Published) -> None:
    document, told, _ = ask(silent, timeout=1)
    assert document.text == leadership_update(published).text
    assert told == ["the update is written by the template, because the endpoint did not answer within 1 seconds"]


def test_a_refused_connection_leaves_the_template(published: Published) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told: list[str] = []
    document = assisted_update(
        published, EVERYONE, Endpoint(f"http://127.0.0.1:{port}/v1", "none", SECRET, 5), tell=told.append
    )
    assert document.text == leadership_update(published).text
    assert told == ["the update is written by the template, because there is no connection to the endpoint"]


def test_an_answer_that_repeats_the_key_is_not_used(ask: Any, published: Published) -> None:
    document, told, _ = ask(lambda asked: echoed(asked).rstrip() + f" {SECRET}\n")
    assert SECRET not in document.with_appendix()
    assert document.text == leadership_update(published).text
    assert SECRET not in told[0]


def test_names_of_people_and_what_they_wrote_are_not_sent(ask: Any, published: Published) -> None:
    document, _, endpoint = ask(lie, echoed)
    sent = json.dumps(endpoint.bodies, ensure_ascii=False)
    private = [name for name, _, _ in PEOPLE.values()] + list(PEOPLE)
    for table, columns in {
        "fct_key_result_checkins": ["checkin_comment", "recorded_by"],
        "key_result_status": ["recovery_plan", "override_reason", "owner_id"],
        "learnings": ["learned", "evidence"],
        "dim_key_results": ["target_change_reason"],
    }.items():
        for column in columns:
            private += published.frame(table)[column].drop_nulls().unique().to_list()
    assert len(private) > 8
    assert [words for words in private if words in sent] == []
    assert "Theo Lang" in document.text
    assert "Chloe books six ride-alongs" in document.text


def test_the_prompt_that_is_shown_is_what_is_sent(ask: Any, published: Published) -> None:
    _, _, endpoint = ask(echoed)
    assert endpoint.prompts[0] == prompt_of(published)
    assert [message["role"] for message in endpoint.bodies[0]["messages"]] == ["user"]
    headers = {name.lower(): value for name, value in endpoint.headers[0].items()}
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert not [name for name in headers if "organization" in name or "project" in name]


def test_whose_account_it_is_stays_here(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-ours")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-another-vendor")
    _, _, endpoint = ask(echoed)
    assert "org-of-ours" not in str(endpoint.headers)
    assert "another-vendor" not in str(endpoint.headers)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"url": None, "model": "m"}, URL),
        ({"url": "127.0.0.1:80/v1", "model": "m"}, "needs the address"),
        ({"url": "http://127.0.0.1/v1", "model": None}, MODEL),
        ({"url": "https://user:pass@models.example/v1", "model": "m"}, f"put the key into {KEY}"),
        ({"url": "http://models.example/v1", "model": "m"}, "travel in the clear"),
    ],
)
def test_an_endpoint_that_is_not_well_named_is_refused(given: dict[str, Any], meant: str) -> None:
    with pytest.raises(ConfigurationError, match=meant) as refused:
        find_endpoint(**given, timeout=5, environment={KEY: SECRET})
    assert SECRET not in str(refused.value)


def test_the_key_is_not_in_what_is_printed_of_an_endpoint() -> None:
    environment = {URL: "https://models.example/v1", MODEL: "large", KEY: SECRET}
    endpoint = find_endpoint(url=None, model=None, timeout=5, environment=environment)
    assert (endpoint.model, endpoint.key) == ("large", SECRET)
    assert SECRET not in repr(endpoint)


def test_a_block_of_markdown_is_taken_out_of_its_fence() -> None:
    assert plain("```markdown\n# Update\n```\n") == "# Update\n"


def test_a_correction_names_line_number_and_what_is_published() -> None:
    said = correction("# Update\n\nNPS is 14.", [Problem(17, "14", "contradicted", "13.1")])
    assert said.splitlines()[1:] == ['- line 3, "NPS is 14.": 14 is contradicted; published is 13.1']


Run = Callable[..., int]


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    parser = argparse.ArgumentParser()
    add_documents(parser.add_subparsers(required=True))

    def execute(*arguments: object) -> int:
        given = [*map(str, arguments), "--published", str(folder), "--project-dir", str(tmp_path)]
        parsed = parser.parse_args(given)
        return int(parsed.command(parsed))

    return execute


def test_the_command_writes_the_checked_words_and_no_secret(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    file = tmp_path / "update.md"
    with scripted(lie, echoed) as endpoint:
        monkeypatch.setenv(URL, endpoint.url)
        assert run("update", "--leadership", "--assist", "--assist-model", "scripted", "--out", file) == 0
    said = capfd.readouterr()
    text = file.read_text(encoding="utf-8")
    assert OWN_WORDS in text
    assert LIE not in text
    assert "in the assistant's words" in said.err
    assert [where for where in (text, said.out, said.err) if SECRET in where] == []
    assert run("check-document", file) == 0


def test_the_command_falls_back_with_a_sentence_and_exits_with_0(
    run: Run, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    with scripted(lie) as endpoint:
        code = run("update", "--leadership", "--assist", "--assist-url", endpoint.url, "--assist-model", "scripted")
    said = capfd.readouterr()
    assert code == 0
    assert LIE not in said.out + said.err
    assert SECRET not in said.out + said.err
    assert said.out.startswith("# Leadership update")
    assert said.err.startswith("metrics-py: the update is written by the template, because")


def test_showing_the_prompt_asks_nobody(
    run: Run, published: Published, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with scripted(echoed) as endpoint:
        monkeypatch.setenv(URL, endpoint.url)
        assert run("update", "--leadership", "--assist", "--show-prompt", "--assist-model", "scripted") == 0
    assert endpoint.bodies == []
    assert capfd.readouterr().out == prompt_of(published)


def test_without_the_option_nobody_is_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with scripted(echoed) as endpoint:
        monkeypatch.setenv(URL, endpoint.url)
        monkeypatch.setenv(MODEL, "scripted")
        assert run("update", "--leadership") == 0
    assert endpoint.bodies == []
    assert OWN_WORDS not in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--weekly", "--assist"], "update --leadership --assist"),
        (["--leadership", "--show-prompt"], "--assist --show-prompt"),
        (["--leadership", "--assist"], URL),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: list[str], message: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(URL, raising=False)
    with pytest.raises(ConfigurationError, match=message):
        run("update", *arguments)
