import pytest

from metrics_py.engines.waves import waves


def node(kind, *parents, language="sql", enabled=True):
    return {
        "resource_type": kind,
        "language": language,
        "depends_on": {"nodes": list(parents)},
        "config": {"enabled": enabled},
    }


def cut(**nodes):
    return [(set(wave.nodes), set(wave.tests), set(wave.python_models)) for wave in waves({"nodes": nodes})]


def test_a_project_without_python_models_is_one_wave():
    assert cut(a=node("seed"), b=node("model", "a"), t=node("test", "b")) == [({"a", "b"}, {"t"}, set())]


def test_sql_that_needs_no_python_model_does_not_wait_for_one():
    found = cut(a=node("model"), p=node("model", "a", language="python"), b=node("model", "a"), c=node("model", "b"))
    assert found == [({"a", "b", "c"}, set(), {"p"})]


def test_python_models_side_by_side_cost_one_more_run_of_dbt_and_in_a_row_two():
    beside = cut(
        a=node("model"),
        p=node("model", "a", language="python"),
        q=node("model", "a", language="python"),
        b=node("model", "p", "q"),
    )
    assert beside == [({"a"}, set(), {"p", "q"}), ({"b"}, set(), set())]
    in_a_row = cut(
        a=node("model"),
        p=node("model", "a", language="python"),
        q=node("model", "p", language="python"),
        b=node("model", "q"),
    )
    assert in_a_row == [({"a"}, set(), {"p"}), (set(), set(), {"q"}), ({"b"}, set(), set())]


def test_a_test_runs_when_the_last_table_it_reads_is_built():
    found = cut(
        a=node("model"),
        p=node("model", "a", language="python"),
        b=node("model", "p"),
        across=node("test", "a", "b"),
        of_python=node("test", "p"),
        of_a=node("test", "a"),
    )
    assert [tests for _, tests, _ in found] == [{"of_a"}, {"across", "of_python"}]


def test_what_is_disabled_or_built_by_nobody_is_in_no_wave():
    found = cut(a=node("model"), off=node("model", "a", enabled=False), u=node("unit_test", "a"), o=node("operation"))
    assert found == [({"a"}, set(), set())]


@pytest.mark.parametrize("outside", ["source.p.raw.t", "macro.p.m"])
def test_parents_that_nothing_builds_hold_nothing_back(outside):
    assert cut(a=node("model", outside)) == [({"a"}, set(), set())]
