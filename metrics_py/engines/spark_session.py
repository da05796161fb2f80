"""The settings of a local Spark session with Iceberg tables, all of them here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.errors import ConfigurationError, WarehouseError
from metrics_py.trouble import first_line

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CATALOG = "lake"
_H2 = Path("/usr/share/java/h2.jar")
# Spark writes its warnings of a laptop that is no cluster to the console, where a build tells its progress.
_LOG_SETTINGS = """
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c: %m%n
"""


def session_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Settings of the session, as spark-defaults.conf would hold them.

    Environment: METRICS_SPARK_MEMORY, the driver's heap (3g by default), and METRICS_SPARK_PROPERTIES, a file in the
    form of spark-defaults.conf whose settings stand over these: another master, catalog, warehouse or more jars.

    Args:
        folder: where the catalog, the tables and what Spark spills are kept, unless a setting says otherwise.
        environment: the environment variables.

    Raises:
        ConfigurationError: the file of settings is missing or has a line that is no setting.
    """
    catalog = f"spark.sql.catalog.{CATALOG}"
    settings = {
        "spark.master": "local[2]",
        "spark.driver.memory": environment.get("METRICS_SPARK_MEMORY", "3g"),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
        "spark.jars": ",".join(map(str, _jars())),
        "spark.local.dir": str(folder / "spill"),
        "spark.log.level": "ERROR",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Without Hive: its metastore in the bundled Derby waits for its own locks when dbt has two threads.
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "default"),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.defaultCatalog": CATALOG,
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "jdbc",
        # H2 would fold the catalog's table names to upper case, and the catalog not find them again.
        f"{catalog}.uri": f"jdbc:h2:{folder / 'catalog'};DATABASE_TO_UPPER=FALSE",
        # The schema of the catalog that knows views.
        f"{catalog}.jdbc.schema-version": "V1",
        f"{catalog}.warehouse": str(folder / "tables"),
        f"{catalog}.table-default.write.metadata.delete-after-commit.enabled": "true",
        f"{catalog}.table-default.write.metadata.previous-versions-max": "5",
        # Instants are read, written and truncated in UTC, so that `timestamp` is what it is in the other engines.
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        # A date before 1582 is the one it says, as everywhere else.
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
        "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.shuffle.partitions": "4",
    }
    file = environment.get("METRICS_SPARK_PROPERTIES")
    return settings | (_of_file(Path(file)) if file else {})


def start_session(folder: Path) -> SparkSession:
    """The session of this process, started with `session_settings`; dbt, in the same process, uses the same one.

    Raises:
        ConfigurationError: Java or a jar that the session needs is missing.
        WarehouseError: the session could not be started.
    """
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    settings = session_settings(folder)
    _check(settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log4j2.properties").write_text(_LOG_SETTINGS)
    builder = SparkSession.builder.appName("metrics-py")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise WarehouseError(f"Spark could not be started: {first_line(str(error))}") from error


def _jars() -> list[Path]:
    """The Iceberg runtime, which a Python package brings, and the database that keeps the catalog."""
    package = find_spec("snowpark_connect_deps_iceberg")
    folders = package.submodule_search_locations if package else None
    runtime = [
        path for folder in folders or () for path in Path(folder).glob("jars/iceberg-spark-runtime-3.5_2.12-*.jar")
    ]
    return [*runtime, _H2]


def _check(settings: Mapping[str, str]) -> None:
    java = os.environ.get("JAVA_HOME")
    if not (Path(java, "bin", "java").exists() if java else shutil.which("java")):
        raise ConfigurationError(
            "Spark needs Java 17, and there is no java; on Debian: apt-get install openjdk-17-jre-headless"
        )
    jars = settings["spark.jars"].split(",")
    if not any("iceberg-spark-runtime" in jar for jar in jars):
        raise ConfigurationError(
            "Spark needs the Iceberg runtime, and snowpark-connect-deps-iceberg is not installed; "
            "pip install 'metrics-py[spark]', or name a jar in spark.jars of METRICS_SPARK_PROPERTIES"
        )
    missing = [jar for jar in jars if jar.startswith("/") and not Path(jar).exists()]
    if missing:
        raise ConfigurationError(
            f"the jar {missing[0]} is missing; the catalog needs H2 (on Debian: apt-get install libh2-java), "
            "or another database named in METRICS_SPARK_PROPERTIES"
        )


def _of_file(file: Path) -> dict[str, str]:
    if not file.exists():
        raise ConfigurationError(f"METRICS_SPARK_PROPERTIES names {file}, which does not exist")
    settings = {}
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, value = line.strip().partition(" ")
        if not name.startswith("spark.") or not value.strip():
            raise ConfigurationError(
                f"{file}, line {number}: not a setting like `spark.master local[4]`; found {line!r}"
            )
        settings[name] = value.strip()
    return settings
