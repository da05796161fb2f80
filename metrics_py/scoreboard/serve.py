"""The board over HTTP for a wall screen or a team: files of the site, read only, and nothing else of the machine."""

import errno
import ipaddress
import socket
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from metrics_py.errors import ConfigurationError
from metrics_py.scoreboard.stamp import read_stamp

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
# Each page allows its own scripts by their hashes; a page can't forbid being framed, so that is said here.
_POLICY = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'"
_DOCS_POLICY = f"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; {_POLICY}"
_WAITING = {"Content-Type": _TYPES[".html"], "Retry-After": "2"}
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PATIENCE_SECONDS = 30


class BoardServer(ThreadingHTTPServer):
    """Serves the files of one site; a request for anything else is told that it is not there."""

    daemon_threads = True
    # A second server on a port in use must fail, not share it.
    allow_reuse_port = False

    def __init__(self, site: Path, *, host: str, port: int) -> None:
        """Bind the server.

        Raises: ConfigurationError when the port is in use, may not be used, or the host is not this machine.
        """
        self.site = site.resolve()
        self.is_local = is_loopback(host)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise ConfigurationError(_reason(error, host, port)) from None

    @property
    def url(self) -> str:
        """Where the board is."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def file_of(self, path: str) -> Path | None:
        """The file a request's path means; null for whatever is not a visible file of the site.

        Examples of what is null: a folder without a page, a hidden file, a path that leaves the site, a link that does.
        """
        try:
            wanted = unquote(urlsplit(path).path, errors="strict")
        except (UnicodeDecodeError, ValueError):
            return None
        parts = PurePosixPath(wanted.lstrip("/")).parts
        if "\0" in wanted or "\\" in wanted or any(part.startswith(".") for part in parts):
            return None
        file = self.site.joinpath(*parts)
        if wanted.endswith("/") or not parts:
            file /= "index.html"
        try:
            real = file.resolve(strict=True)
        except OSError:
            return None
        is_ours = real.is_relative_to(self.site) and real.is_file() and real.suffix in _TYPES
        return real if is_ours else None


class _Handler(BaseHTTPRequestHandler):
    server: BoardServer
    server_version = "metrics-py"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE_SECONDS

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Every other method and every malformed request, with the same headers as a page."""
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code)
        allowed = {"Allow": "GET, HEAD"} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
        # What follows in the connection may be the body of what was refused.
        self.close_connection = True
        self._send(status, f"{status.value} {status.phrase}\n".encode(), allowed | {"Connection": "close"})

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are not logged: an open board asks five times a second."""

    def version_string(self) -> str:
        """No version, of this program or of Python."""
        return self.server_version

    def _answer(self, *, with_body: bool) -> None:
        if not self._is_asked_by_name():
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        file = self.server.file_of(self.path)
        if file is None and self.path == "/":
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, _waiting(self.server.site), _WAITING, with_body=with_body)
            return
        if file is None:
            text = b"Not here. The board is at /\n"
            self._send(HTTPStatus.NOT_FOUND, text, {}, with_body=with_body)
            return
        try:
            content, changed = file.read_bytes(), int(file.stat().st_mtime)
        except OSError:
            self._send(HTTPStatus.NOT_FOUND, b"It was here and is gone.\n", {}, with_body=with_body)
            return
        headers = {"Last-Modified": formatdate(changed, usegmt=True)}
        if self._has(changed):
            self._send(HTTPStatus.NOT_MODIFIED, b"", headers, with_body=False)
            return
        is_docs = file.is_relative_to(self.server.site / "docs")
        headers |= {
            "Content-Type": _TYPES[file.suffix],
            "Content-Security-Policy": _DOCS_POLICY if is_docs else _POLICY,
        }
        self._send(HTTPStatus.OK, content, headers, with_body=with_body)

    def _is_asked_by_name(self) -> bool:
        """A page of some other site must not reach a local board under a name of its own."""
        if not self.server.is_local:
            return True
        host = self.headers.get("Host", "").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return name in _LOCAL_NAMES

    def _has(self, changed: int) -> bool:
        try:
            known = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except ValueError:
            return False
        # Within the second of a change the file may change again, and the date would not tell.
        return known.timestamp() > changed

    def _send(self, status: HTTPStatus, content: bytes, headers: Mapping[str, str], *, with_body: bool = True) -> None:
        plain = {"Content-Type": _TYPES[".txt"], "Content-Security-Policy": _POLICY}
        self.send_response(status)
        for name, value in ({**_HEADERS, **plain, **headers}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_body and self.command != "HEAD":
            self.wfile.write(content)


def _waiting(site: Path) -> bytes:
    """What stands where the board will be, until it does."""
    told = read_stamp(site).trouble or "It is there after the first build; this page turns into it by itself."
    head = (
        '<meta charset="utf-8"><meta http-equiv="refresh" content="2"><meta name="color-scheme" content="light dark">'
    )
    body = f"<h1>No board yet</h1><p>{escape(told)}</p>"
    return f'<!doctype html>\n<html lang="en">{head}<title>Scoreboard</title>{body}</html>\n'.encode()


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own and no other machine can reach it.

    Examples:
        >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use; stop what uses it or name another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this user; name one from 1024 on with --port"
    return (
        f"cannot listen on {host}, port {port} ({error.strerror or error}); name an address of this machine with --host"
    )
