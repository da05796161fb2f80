"""Whatever is written in a proposal or a formula, the answer is a reading, a finding or a MetricsError."""

import contextlib

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from metrics_py.errors import MetricsError
from metrics_py.okr._proposal_files import read_proposal
from metrics_py.okr.consistency import read_statement
from metrics_py.okr.formula import are_redundant, pushes, read_formula, value_at, zero_exposure

NAMES = st.sampled_from(
    ["tickets", "users", "count", "sum", "p90", "share", "mean", "x.y", "__import__", "1e999", "0", "7"]
)
SIGNS = st.sampled_from([" + ", " - ", " * ", " / ", "(", ")", ",", "**", "//", "[", "]", "'", ":=", " if ", "\0", "é"])
FORMULAS = st.lists(NAMES | SIGNS, max_size=12).map("".join) | st.text(max_size=40)
WORDS = st.sampled_from(
    [
        "objective:",
        "objectives:",
        "key_results:",
        "metric:",
        "baseline:",
        "target:",
        "- ",
        "  ",
        "\n",
        "\n  ",
        "&a ",
        "*a",
    ]
)
YAML = st.lists(WORDS | st.text(max_size=6), max_size=25).map("".join)
DEEP = 3000


@settings(max_examples=150, deadline=None)
@given(text=FORMULAS, count=st.floats())
def test_a_formula_is_read_or_refused(text, count):
    try:
        formula = read_formula(text)
        value_at(formula, dict.fromkeys(formula.names, count))
        zero_exposure(formula, direction="up", target=0.0)
        are_redundant(formula, formula)
        pushes(formula, "up")
    except MetricsError:
        pass


@pytest.mark.parametrize("text", ["-" * DEEP + "x", "(" * DEEP + "x" + ")" * DEEP, "x" + "+x" * DEEP, "x" * 100_000])
def test_a_formula_without_end_is_refused_and_not_a_crash(text):
    try:
        value_at(read_formula(text), {"x": 1.0})
    except MetricsError:
        return
    raise AssertionError("it was read")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=YAML | st.text(max_size=60), ending=st.sampled_from([".yml", ".csv"]))
def test_a_proposal_is_read_or_its_faults_are_findings(tmp_path, text, ending):
    path = tmp_path / f"proposal{ending}"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    proposal = read_proposal(path)
    assert proposal.objectives or proposal.metrics or proposal.initiatives or proposal.findings or not text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP,
        "objectives: &a [*a]",
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        + "objectives: *i\n",
        "objective: x\n" * 50,
        "!!python/object/apply:os.system ['true']",
        "objective: \x00",
    ],
    ids=["deep", "within itself", "growing without end", "repeated", "code", "binary"],
)
def test_a_proposal_made_to_do_harm_is_a_finding(tmp_path, text):
    path = tmp_path / "proposal.yml"
    path.write_text(text)
    read_proposal(path)


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(
        st.sampled_from(["58", "->", "64", "%", "pp", " ", "remaining to", "from", "to", "improvement", "1e9", "∞"])
    ).map(" ".join)
)
def test_a_statement_is_read_or_refused(text):
    with contextlib.suppress(MetricsError):
        read_statement(text)
