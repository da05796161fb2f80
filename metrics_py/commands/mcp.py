"""`metrics-py mcp`: the published snapshot for AI assistants, over the Model Context Protocol."""

from __future__ import annotations

import argparse
import ipaddress

from metrics_py.commands import Verbs, add_places, find_places, positive, verb
from metrics_py.errors import ConfigurationError

PORT = 8765


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    mcp = verb(
        verbs,
        "mcp",
        _mcp,
        "serve numbers, evidence and checks to an AI assistant; it reads what is published and writes nothing",
        "metrics-py mcp                                     # for an assistant that starts it (stdio)",
        "metrics-py mcp --published /srv/metrics/published",
        f"metrics-py mcp --http                              # http://127.0.0.1:{PORT}/mcp",
    )
    mcp.add_argument("--http", action="store_true", help="streamable HTTP instead of standard input and output")
    mcp.add_argument("--host", default="127.0.0.1", help="a loopback address (default: 127.0.0.1)")
    mcp.add_argument("--port", type=positive, default=PORT, metavar="P", help=f"default: {PORT}")
    add_places(mcp, "published")


def _mcp(parsed: argparse.Namespace) -> int:
    from metrics_py.assistant.server import make_server
    from metrics_py.publish.generation import current_generation

    published = (parsed.published or find_places(parsed).published).resolve()
    current_generation(published)
    if not parsed.http:
        make_server(published).run("stdio")
        return 0
    if not _is_loopback(parsed.host):
        raise ConfigurationError(
            f"--host must be a loopback address such as 127.0.0.1, since nobody has to log in; found {parsed.host}. "
            "For others, put a proxy with a log-in in front of it"
        )
    make_server(published).run("streamable-http", host=parsed.host, port=parsed.port)
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
