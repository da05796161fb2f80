from pathlib import Path

import pytest

from metrics_py.engines.spark_session import session_settings
from metrics_py.errors import ConfigurationError


def test_everything_spark_keeps_is_below_the_folder(tmp_path: Path) -> None:
    settings = session_settings(tmp_path, {})
    for name in ("spark.local.dir", "spark.sql.warehouse.dir", "spark.sql.catalog.lake.warehouse"):
        assert Path(settings[name]).is_relative_to(tmp_path)
    assert settings["spark.sql.catalog.lake.uri"].startswith(f"jdbc:h2:{tmp_path}")


def test_instants_are_in_utc_whatever_the_machine_s_zone(tmp_path: Path) -> None:
    assert session_settings(tmp_path, {})["spark.sql.session.timeZone"] == "UTC"


def test_the_heap_is_bounded_and_can_be_set(tmp_path: Path) -> None:
    assert session_settings(tmp_path, {})["spark.driver.memory"] == "3g"
    assert session_settings(tmp_path, {"METRICS_SPARK_MEMORY": "6g"})["spark.driver.memory"] == "6g"


def test_settings_of_a_file_stand_over_the_others(tmp_path: Path) -> None:
    file = tmp_path / "cluster.conf"
    file.write_text("# a cluster\n\nspark.master   yarn\nspark.sql.shuffle.partitions 400\n")
    settings = session_settings(tmp_path, {"METRICS_SPARK_PROPERTIES": str(file)})
    assert (settings["spark.master"], settings["spark.sql.shuffle.partitions"]) == ("yarn", "400")
    assert settings["spark.sql.session.timeZone"] == "UTC"


@pytest.mark.parametrize("line", ["spark.master", "master yarn", "spark.master "])
def test_a_line_that_is_no_setting_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "cluster.conf"
    file.write_text(f"# a cluster\n{line}\n")
    with pytest.raises(ConfigurationError, match=r"cluster\.conf, line 2"):
        session_settings(tmp_path, {"METRICS_SPARK_PROPERTIES": str(file)})


def test_a_missing_file_of_settings_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.conf, which does not exist"):
        session_settings(tmp_path, {"METRICS_SPARK_PROPERTIES": str(tmp_path / "gone.conf")})
