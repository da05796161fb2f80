from pathlib import Path

import pytest

from metrics_py.errors import ConfigurationError
from metrics_py.land.contract import load

ROOT = Path(__file__).parents[3]
GOOD = """
sources:
  - name: shop
    tables:
      - name: things
        config: {meta: {key: [id], mode: full, required: [id]}}
        columns: [{name: id, data_type: varchar}]
"""


def project(folder, sources, settings="name: shop\n"):
    path = folder / "models" / "staging" / "shop" / "_shop__sources.yml"
    path.parent.mkdir(parents=True)
    path.write_text(sources)
    (folder / "dbt_project.yml").write_text(settings)
    return folder


def test_the_projects_own_contract_has_every_source_and_no_landing_logs():
    contract = load(ROOT)
    assert contract.sources == ["confluence", "crm", "jira", "pendo", "product_ops", "productboard", "survey"]
    assert contract.org_currency == "USD"
    assert contract.org_timezone == "America/Phoenix"
    notes = contract.table("productboard", "notes")
    assert notes.key == ("id",)
    assert notes.is_full
    assert notes.updated == "updated_at"
    assert notes.happened == {"created_at", "updated_at"}
    assert not contract.table("pendo", "poll_event").is_full
    assert contract.table("crm", "account_arr").columns[2].kind == "decimal"
    assert contract.table("crm", "nothing") is None


def test_settings_that_are_not_given_have_their_defaults(tmp_path):
    contract = load(project(tmp_path, GOOD))
    assert (contract.org_timezone, contract.org_currency, contract.zone_of("shop")) == ("UTC", "USD", "UTC")


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (GOOD.replace("varchar", "text"), "column id has data_type text; allowed are varchar, bigint"),
        (GOOD.replace("key: [id]", "key: [idd]"), "meta names columns it does not have: idd"),
        (GOOD.replace("mode: full", "mode: sometimes"), "meta.mode is 'sometimes'; allowed are full and incremental"),
        ("sources: [", "is not valid YAML"),
        ("sources: []", "no raw tables described below"),
    ],
)
def test_a_contract_that_cannot_be_landed_says_where_and_why(tmp_path, sources, message):
    with pytest.raises(ConfigurationError, match=message.replace("[", r"\[")):
        load(project(tmp_path, sources))


def test_a_folder_that_is_no_dbt_project_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"dbt_project.yml is missing; `project` must be the folder"):
        load(tmp_path)
