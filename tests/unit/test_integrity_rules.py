import csv
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]


def seeded_rules() -> dict[str, str]:
    with (PROJECT / "seeds/features/integrity_rules.csv").open(newline="") as file:
        return {row["rule_id"]: row["severity"] for row in csv.DictReader(file)}


def rules_with_a_test() -> dict[str, str]:
    models = yaml.safe_load((PROJECT / "models/marts/features/_features__models.yml").read_text())["models"]
    table = next(model for model in models if model["name"] == "fct_integrity_violations")
    tests = [test["rule_holds"] | {"config": test["rule_holds"].get("config", {})} for test in table["data_tests"]]
    return {test["arguments"]["rule_id"]: test["config"].get("severity", "error") for test in tests}


def test_every_integrity_rule_has_a_data_test_of_its_severity() -> None:
    assert rules_with_a_test() == seeded_rules()


def test_severities_are_error_or_warn() -> None:
    assert set(seeded_rules().values()) == {"error", "warn"}
