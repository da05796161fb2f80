"""Which feature is meant, and the sheet that is shown for it."""

import json

import pytest

from metrics_py.cli import main
from metrics_py.errors import ConfigurationError
from metrics_py.okr.sheets import read_sheets, sheet_of

HEADER = (
    "feature_id,metric_name,role,tier,definition,formula,frequency,direction,availability,instrumentation_due_on,"
    "mechanism,is_first_30_days,decision\n"
)
SOUND = """\
f1,Carriers who accept,metric,adoption,"Carriers offered a load
who accepted one",a / b,weekly,up,tracked,,They are not called.,true,Below 25% we stop.
f1,Minutes to acceptance,metric,value,Median minutes,median(m),weekly,down,due,2026-02-02,,false,
f1,Minutes to dispatch,metric,impact,Median minutes,median(d),weekly,down,tracked,,,false,
f1,Cancelled acceptances,guardrail,,Given back,c / a,weekly,down,tracked,,,false,
f2,Open rate,metric,adoption,Opened,o / s,weekly,up,tracked,,,true,
"""
INITIATIVES = """\
initiative_id,name,owner_id,feature_id,planned_launch_on
i1,Carrier alerts,me,f1,2026-02-16
i2,Route mail,me,f2,
"""


@pytest.fixture
def project(tmp_path):
    seeds = tmp_path / "seeds" / "okr"
    seeds.mkdir(parents=True)
    (seeds / "metric_frameworks.csv").write_text(HEADER + SOUND)
    (seeds / "initiatives.csv").write_text(INITIATIVES)
    (tmp_path / "dbt_project.yml").write_text("name: product_metrics\n")
    return tmp_path


def sheets(project):
    return read_sheets(project / "seeds" / "okr", project / "published")


def test_a_feature_is_meant_by_its_id_or_by_a_part_of_its_name(project):
    for asked in ("f1", "F1", "carrier", "Carrier alerts"):
        assert sheet_of(asked, sheets(project)).feature.feature_id == "f1"


def test_what_means_nothing_or_two_things_is_refused_with_the_nearest(project):
    with pytest.raises(ConfigurationError, match=r"did you mean Carrier alerts \(f1\)"):
        sheet_of("carier alrts", sheets(project))
    with pytest.raises(ConfigurationError, match="could be 2 features"):
        sheet_of("r", sheets(project))
    with pytest.raises(ConfigurationError, match=r"there are frameworks of Carrier alerts \(f1\), Route mail \(f2\)"):
        sheet_of("zzz", sheets(project))


def test_the_sheet_goes_from_tier_to_tier_and_says_whether_it_can_be_launched_on(project, capsys):
    assert main(["okr", "framework", "carrier", "--project-dir", str(project)]) == 0
    text = capsys.readouterr().out
    headings = ["Adoption (leading)", "Value", "Impact (lagging)", "Guardrails", "So what", "It can be launched on."]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "not tracked yet, instrumentation due 2026-02-02; ready for launch" in text
    assert "tells first, by 2026-03-18" in text


def test_an_adoption_only_sheet_exits_1_and_names_file_and_line(project, capsys):
    assert main(["okr", "framework", "f2", "--format", "json", "--project-dir", str(project)]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    only = next(one for one in found if one["rule"] == "framework-adoption-only")
    assert only["file"].endswith("metric_frameworks.csv")
    assert only["line"] == 7


def test_a_cell_that_cannot_be_read_is_named_with_file_line_and_field(project, capsys):
    place = project / "seeds" / "okr" / "metric_frameworks.csv"
    place.write_text(place.read_text().replace("2026-02-02", "soon"))
    assert main(["okr", "framework", "f1", "--project-dir", str(project)]) == 2
    message = capsys.readouterr().err
    assert (
        "metric_frameworks.csv:4: field instrumentation_due_on must be a date like 2025-07-01; found 'soon'" in message
    )


def test_without_frameworks_the_way_out_is_named(project):
    (project / "seeds" / "okr" / "metric_frameworks.csv").unlink()
    with pytest.raises(ConfigurationError, match="add the file with the columns feature_id"):
        sheets(project)


def test_lint_writes_sarif_to_a_file_and_exits_1_on_errors(project, tmp_path, capsys):
    proposal = tmp_path / "proposal.yml"
    proposal.write_text("objectives: [{objective: Improve the product experience, key_results: [Launch SSO]}]\n")
    out = tmp_path / "okr.sarif"
    assert main(["okr", "lint", str(proposal), "--format", "sarif", "--out", str(out)]) == 1
    assert capsys.readouterr().out == ""
    results = json.loads(out.read_text())["runs"][0]["results"]
    assert {"objective-vague", "key-result-output"} <= {result["ruleId"] for result in results}
    assert main(["okr", "lint", str(tmp_path / "nowhere.yml")]) == 2
    assert main(["okr", "lint", str(proposal), "--out", str(tmp_path / "no" / "folder.txt")]) == 2
