import json

import pytest

from metrics_py.errors import ConfigurationError
from metrics_py.okr._words import classify, numbers_in, vague_words, wanted_direction
from metrics_py.okr.lint import RULES, lint_path

GIVEN = """\
objectives:
  - objective: Improve the product experience for our enterprise customers
    key_results:
      - Complete the enterprise admin dashboard redesign
      - Reduce enterprise support ticket volume
      - Conduct 10 customer interviews
      - Launch SSO integration
      - Achieve a CSAT score of at least 70%
"""

REGISTRY = """\
metric,name,unit,direction,population,window_days,formula,minimum_exposure,timing
activation_30d,30-day activation,percent,up,enterprise admins,30,100 * activated / invited,200,leading
conversion_90d,90-day conversion,percent,up,trials,90,100 * converted / trials,150,leading
tickets_per_account,Tickets per account,tickets,down,active accounts,30,tickets / active_accounts,300,leading
"""

SOUND = """\
objectives:
  - objective: Enterprise admins set up their company without our help
    key_results:
      - key_result: Raise 30-day activation from 58% to 72%
        metric: activation_30d
        initiatives: [guided-setup]
      - key_result: Raise 90-day conversion from 11% to 15%
        metric: conversion_90d
        initiatives: [guided-setup, pricing-page]
      - key_result: Cut tickets per account from 1.4 to 0.9
        metric: tickets_per_account
        baseline: 1.4
        target: 0.9
        initiatives: [help-in-place]
initiatives: [guided-setup, pricing-page, help-in-place]
"""


def linted(tmp_path, text, name="proposal.yml", registry=REGISTRY):
    (tmp_path / "metrics.csv").write_text(registry)
    (tmp_path / name).write_text(text)
    return lint_path(tmp_path / name, registry=tmp_path / "metrics.csv")


def one_key_result(**fields):
    """The sound proposal with fields of its first key result changed; None takes a field away."""
    first = {
        "key_result": "Raise 30-day activation from 58% to 72%",
        "metric": "activation_30d",
        "initiatives": "[guided-setup]",
    } | fields
    lines = [f"        {name}: {value}" for name, value in first.items() if value is not None]
    before, _, after = SOUND.partition("      - key_result: Raise 30")
    rest = after.partition("      - key_result: Raise 90")[2]
    return before + "      - " + "\n".join(lines).strip() + "\n      - key_result: Raise 90" + rest


def test_the_given_objective_and_key_results_are_what_a_careful_reader_says_they_are(tmp_path):
    report = linted(tmp_path, GIVEN)
    classes = {found.text: (found.kind, found.is_lagging) for found in report.classes}
    assert classes == {
        "Complete the enterprise admin dashboard redesign": ("output", False),
        "Reduce enterprise support ticket volume": ("outcome", False),
        "Conduct 10 customer interviews": ("output", False),
        "Launch SSO integration": ("output", False),
        "Achieve a CSAT score of at least 70%": ("outcome", True),
    }
    objective = "Improve the product experience for our enterprise customers"
    assert report.rules_broken(objective) == {"objective-vague"}
    tickets = report.rules_broken("Reduce enterprise support ticket volume")
    assert {"key-result-no-baseline", "key-result-no-target", "key-result-no-exposure", "zero-exposure"} <= tickets
    assert report.rules_broken("Launch SSO integration") == {"key-result-output"}
    csat = report.rules_broken("Achieve a CSAT score of at least 70%")
    assert "key-result-lagging" in csat
    assert "zero-exposure" not in csat
    assert report.errors > 0


def test_every_finding_has_a_known_rule_its_line_and_a_rewrite(tmp_path):
    report = linted(tmp_path, GIVEN)
    assert {finding.rule for finding in report.findings} <= set(RULES)
    assert all(finding.rewrite and finding.message for finding in report.findings)
    lines = GIVEN.splitlines()
    assert all(finding.subject in lines[finding.line - 1] for finding in report.findings)
    vague = next(finding for finding in report.findings if finding.rule == "objective-vague")
    assert vague.words == ("improve", "product", "experience")


def test_a_sound_proposal_has_no_finding(tmp_path):
    report = linted(tmp_path, SOUND)
    assert report.findings == ()
    assert [found.kind for found in report.classes] == ["outcome"] * 3


def test_no_deals_lost_would_be_reached_without_a_single_user(tmp_path):
    text = SOUND.replace("Cut tickets per account from 1.4 to 0.9", "0 deals lost to SSO").replace(
        "        metric: tickets_per_account\n        baseline: 1.4\n        target: 0.9\n", ""
    )
    report = linted(tmp_path, text)
    assert "zero-exposure" in report.rules_broken("0 deals lost to SSO")


def test_a_90_day_conversion_is_not_a_60_day_conversion(tmp_path):
    text = SOUND.replace("Raise 90-day conversion", "Raise 60-day conversion")
    found = linted(tmp_path, text).findings
    assert [finding.rule for finding in found] == ["key-result-unlike-metric"]
    assert "window is 60; that of conversion_90d is 90" in found[0].message


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"metric": None}, "key-result-no-metric"),
        ({"metric": "activation_7d"}, "key-result-unknown-metric"),
        ({"key_result": "Raise 30-day activation to 72%"}, "key-result-no-baseline"),
        ({"key_result": "Raise 30-day activation", "baseline": 58}, "key-result-no-target"),
        ({"metric": None, "key_result": "Raise activation from 58 to 72"}, "key-result-no-unit"),
        ({"unit": "count"}, "key-result-unlike-metric"),
        ({"population": "all users"}, "key-result-unlike-metric"),
        ({"window_days": 7}, "key-result-unlike-metric"),
        ({"direction": "down"}, "key-result-direction"),
        ({"key_result": "Cut 30-day activation from 72% to 58%"}, "key-result-direction"),
        ({"target": 75}, "key-result-numbers"),
        ({"window_days": 7}, "key-result-numbers"),
        ({"formula": "activated"}, None),
        ({"formula": "import os"}, "unreadable"),
        ({"formula": "setup_calls", "direction": "down", "metric": None, "minimum_exposure": None}, "zero-exposure"),
        ({"initiatives": None}, "key-result-initiatives"),
        ({"initiatives": "[a, b, c, d]"}, "key-result-initiatives"),
        ({"baseline": "fifty-eight"}, "unreadable"),
        ({"basline": 58}, "unreadable"),
        ({"direction": "sideways"}, "unreadable"),
        ({"key_result": "Launch the guided setup"}, "key-result-output"),
        ({"key_result": "Launch setup so that activation rises from 58% to 72%"}, "key-result-ambiguous"),
        ({"key_result": "Raise the email open rate from 58% to 72%"}, "key-result-vanity"),
        ({"metric": "conversion_90d", "key_result": "Raise conversion from 11% to 14%"}, "key-result-redundant"),
        (
            {
                "metric": None,
                "formula": "100 - 100 * converted / trials",
                "key_result": "Cut trial loss from 89% to 85%",
            },
            "key-result-redundant",
        ),
    ],
)
def test_what_breaks_a_rule_is_found_and_nothing_else_is(tmp_path, fields, rule):
    broken = linted(tmp_path, one_key_result(**fields)).rules_broken()
    assert rule in broken if rule else not broken


def test_a_lagging_key_result_is_warned_of_only_without_a_sound_leading_one_beside_it(tmp_path):
    lagging = {"key_result": "Raise NPS from 6 to 20", "metric": None}
    assert "key-result-lagging" not in linted(tmp_path, one_key_result(**lagging)).rules_broken()
    alone = linted(
        tmp_path, "objectives: [{objective: Dispatchers trust us more, key_results: [Raise NPS from 6 to 20]}]"
    )
    assert "key-result-lagging" in alone.rules_broken()
    unsound = (
        "objectives: [{objective: Dispatchers trust us more, "
        "key_results: [Raise NPS from 6 to 20, Reduce ticket volume]}]"
    )
    assert "key-result-lagging" in linted(tmp_path, unsound).rules_broken()


@pytest.mark.parametrize(
    ("objective", "rule"),
    [
        ("Delight our customers", "objective-vague"),
        ("Raise activation to 72%", "objective-metric"),
        ("Grow NPS among dispatchers", "objective-metric"),
        ("Launch single sign-on and migrate the old accounts", "objective-task-list"),
        ("Enterprise onboarding", "objective-no-direction"),
    ],
)
def test_objectives_are_qualitative_directional_and_no_list_of_things_to_do(tmp_path, objective, rule):
    text = SOUND.replace("Enterprise admins set up their company without our help", objective)
    assert rule in linted(tmp_path, text).rules_broken(objective)


@pytest.mark.parametrize(
    "objective",
    [
        "Dispatchers find their next load faster in Q3 2025",
        "Improve how dispatchers find their next load",
        "Small fleets trust the invoice without checking it",
    ],
)
def test_objectives_that_say_what_changes_for_whom_pass(tmp_path, objective):
    text = SOUND.replace("Enterprise admins set up their company without our help", objective)
    assert linted(tmp_path, text).rules_broken(objective) == set()


def test_three_to_five_key_results(tmp_path):
    two = SOUND.partition("      - key_result: Cut")[0]
    assert "key-result-count" in linted(tmp_path, two).rules_broken()


def test_an_initiative_that_no_key_result_names_is_an_orphan(tmp_path):
    report = linted(
        tmp_path, SOUND.replace("help-in-place]\ninitiatives: [", "help-in-place]\ninitiatives: [dark-mode, ")
    )
    assert [(finding.rule, finding.subject, finding.severity) for finding in report.findings] == [
        ("initiative-orphan", "dark-mode", "warning")
    ]
    assert report.errors == 0


CSV = """\
objective,key_result,metric,baseline,target,initiatives
Admins set up without help,Raise 30-day activation from 58% to 72%,activation_30d,58,72,guided-setup
Admins set up without help,"Raise 90-day conversion
from 11% to 15%",conversion_90d,11,15,guided-setup; pricing-page
Admins set up without help,Launch SSO,,,,sso
,,,,,dark-mode
"""


def test_a_csv_is_read_like_yaml_with_the_line_each_record_starts_in(tmp_path):
    report = linted(tmp_path, CSV, "proposal.csv")
    assert [(finding.rule, finding.line) for finding in report.findings] == [
        ("key-result-output", 5),
        ("initiative-orphan", 6),
    ]
    assert [found.line for found in report.classes] == [2, 3, 5]


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("a.yml", "objectives:\n  - objective: [unclosed\n", 3, "YAML cannot be read"),
        ("a.yml", "- just\n- a list\n", 1, "mapping with objectives"),
        ("a.yml", "", 1, "mapping with objectives"),
        ("a.yml", "objectives:\n  - key_results: [x]\n", 2, "no sentence"),
        ("a.yml", "objectives: none\n", 1, "must be a list"),
        ("a.yml", "objectives:\n  - objective: a\n    objective: b\n", 3, "given twice"),
        ("a.csv", "objective,key_result\nonly one cell\n", 2, "1 cells under 2 columns"),
        ("a.csv", "name,thing\n1,2\n", 1, "no column objective or metric"),
        ("a.csv", 'objective,key_result\na,"unclosed\n', 2, "CSV cannot be read"),
        ("a.csv", "objective,key_result,basline\n", 1, "no field 'basline'"),
        ("a.csv", "", 1, "empty"),
    ],
)
def test_files_that_cannot_be_read_are_findings_with_file_and_line(tmp_path, name, text, line, words):
    (tmp_path / name).write_text(text)
    report = lint_path(tmp_path / name)
    unreadable = [finding for finding in report.findings if finding.rule == "unreadable"]
    assert any(words in finding.message and finding.line == line for finding in unreadable), unreadable
    assert unreadable[0].file.endswith(name)
    assert report.errors


def test_a_file_that_is_not_text_is_a_finding(tmp_path):
    (tmp_path / "a.yml").write_bytes(b"\xff\xfe\x00bad")
    assert lint_path(tmp_path / "a.yml").rules_broken() == {"unreadable"}


def test_a_folder_is_read_with_the_registry_in_it(tmp_path):
    (tmp_path / "metrics.csv").write_text(REGISTRY)
    (tmp_path / "q3").mkdir()
    (tmp_path / "q3" / "sound.yml").write_text(SOUND)
    report = lint_path(tmp_path)
    assert report.findings == ()
    assert len(report.files) == 2


def test_without_any_registry_names_of_metrics_are_not_checked(tmp_path):
    (tmp_path / "sound.yml").write_text(SOUND)
    assert "key-result-unknown-metric" not in lint_path(tmp_path).rules_broken()


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="no proposal"):
        lint_path(tmp_path / "nowhere.yml")
    (tmp_path / "sound.yml").write_text(SOUND)
    with pytest.raises(ConfigurationError, match="no registry"):
        lint_path(tmp_path / "sound.yml", registry=tmp_path / "nowhere.csv")


def test_text_names_place_rule_words_and_rewrite_and_ends_with_the_counts(tmp_path):
    text = linted(tmp_path, GIVEN).to_text()
    assert "proposal.yml:2: error objective-vague:" in text
    assert "words: improve, product, experience" in text
    assert "Achieve a CSAT score of at least 70%: outcome, lagging" in text
    assert text.splitlines()[-1].endswith("warnings")


def test_json_holds_findings_and_classes(tmp_path):
    report = linted(tmp_path, GIVEN)
    content = json.loads(report.to_json())
    assert content["errors"] == report.errors
    assert len(content["findings"]) == len(report.findings)
    assert content["key_results"][0]["kind"] == "output"


def test_sarif_gives_each_finding_a_declared_rule_and_a_place(tmp_path):
    report = linted(tmp_path, GIVEN)
    content = json.loads(report.to_sarif())
    assert content["version"] == "2.1.0"
    run = content["runs"][0]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == len(report.findings)
    for result, finding in zip(run["results"], report.findings, strict=True):
        assert ids[result["ruleIndex"]] == result["ruleId"] == finding.rule
        assert result["level"] in ("error", "warning")
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith("proposal.yml")
        assert place["region"]["startLine"] == finding.line


def test_the_same_proposal_gives_the_same_bytes(tmp_path):
    assert linted(tmp_path, GIVEN).to_sarif() == linted(tmp_path, GIVEN).to_sarif()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Increase completion rate of the launch checklist from 20% to 50%", "outcome"),
        ("Ship three integrations", "output"),
        ("Build the retention dashboard", "output"),
        ("Improve onboarding", "ambiguous"),
        ("Halve the median time to first load", "outcome"),
        ("Keep DDQS rate at 6", "outcome"),
        ("Migration of all accounts", "ambiguous"),
    ],
)
def test_words_decide_between_outcome_and_output(text, kind):
    assert classify(text)[0] == kind


def test_numbers_and_directions_are_read_from_sentences():
    assert (numbers_in("Cut hours from 1,200 to 900").baseline, numbers_in("Grow ARR to $10M").target) == (1200, 10e6)
    assert numbers_in("Ship in Q3 2025").target is None
    assert wanted_direction("Keep error rate below 2%") == "down"
    assert wanted_direction("The mood of the team") is None
    assert vague_words("A world-class platform") == ("world-class",)
