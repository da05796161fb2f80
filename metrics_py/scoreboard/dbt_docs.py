"""dbt's own documentation as one file beside the board."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from metrics_py.errors import WarehouseError
from metrics_py.files import replacing
from metrics_py.scoreboard.address import DBT_DOCS_PAGE

_STATIC = "static_index.html"
# dbt's page holds templates that a browser takes for addresses: of its icons, until its script has filled them in, and
# of its own sign, for good.
_MENDED = {
    b'xlink:href="{{': b'ng-attr-xlink:href="{{',
    b"${require('./assets/favicons/favicon.ico')}": b"data:,",
}


def write_dbt_docs(project: Path, warehouse: Path, site: Path) -> Path:
    """Generate the documentation of the models and put it into the site in one step.

    Raises: WarehouseError when dbt cannot; its last lines are in the message.
    """
    target = project / "target" / "docs"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(project / "profiles.example.yml", target / "profiles.yml")
    command = [sys.executable, "-m", "dbt.cli.main", "docs", "generate", "--static", "--target-path", str(target)]
    command += ["--project-dir", str(project), "--profiles-dir", str(target)]
    environment = os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "METRICS_WAREHOUSE": str(warehouse)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    made = target / _STATIC
    if done.returncode != 0 or not made.is_file():
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise WarehouseError(f"dbt could not write its documentation; build first, then try again. It said:\n{last}")
    page = site / DBT_DOCS_PAGE
    with replacing(page) as beside:
        content = made.read_bytes()
        for template, mended in _MENDED.items():
            content = content.replace(template, mended)
        beside.write_bytes(content)
    return page
