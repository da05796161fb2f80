import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics_py.errors import ConfigurationError
from metrics_py.scoreboard.serve import BoardServer
from metrics_py.scoreboard.stamp import Stamp, write_stamp


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BoardServer]:
    site = tmp_path / "site"
    (site / "metrics").mkdir(parents=True)
    (site / "index.html").write_text("<p>board</p>")
    (site / "metrics" / "circt.html").write_text("<p>circt</p>")
    (site / ".charts.json").write_text("{}")
    (site / "notes.py").write_text("secret")
    (tmp_path / "secret.html").write_text("secret")
    (site / "leads-out.html").symlink_to(tmp_path / "secret.html")
    server = BoardServer(site, host="127.0.0.1", port=0)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(server: BoardServer, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), content


@pytest.mark.parametrize(("path", "content"), [("/", b"board"), ("/metrics/circt.html?x=1", b"circt")])
def test_a_page_of_the_site_is_served(server: BoardServer, path: str, content: bytes) -> None:
    status, headers, body = ask(server, path)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert content in body


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/metrics/../../secret.html",
        "/%2e%2e/secret.html",
        "/..%2fsecret.html",
        "/%2e%2e%2fsecret.html",
        "//../secret.html",
        "/leads-out.html",
        "/.charts.json",
        "/notes.py",
        "/metrics/",
        "/metrics",
        "/index.html%00.txt",
        "/..\\secret.html",
        "/%ff",
        "/etc/passwd",
    ],
)
def test_nothing_but_a_visible_page_of_the_site_is_served(server: BoardServer, path: str) -> None:
    status, _, body = ask(server, path)
    assert status == 404
    assert b"secret" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_can_be_written(server: BoardServer, method: str) -> None:
    status, headers, _ = ask(server, "/", method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_head_answers_as_get_does_without_the_page(server: BoardServer) -> None:
    whole = ask(server, "/")
    status, headers, body = ask(server, "/", "HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == whole[1]["Content-Length"] == str(len(whole[2]))


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/none"), ("POST", "/")])
def test_every_answer_carries_the_headers_that_keep_a_browser_careful(
    server: BoardServer, method: str, path: str
) -> None:
    _, headers, _ = ask(server, path, method)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Python" not in headers["Server"]


def test_a_page_that_has_not_changed_is_not_sent_again(server: BoardServer) -> None:
    _, headers, _ = ask(server, "/")
    later = "Fri, 01 Jan 2100 00:00:00 GMT"
    assert ask(server, "/", **{"If-Modified-Since": later})[0] == 304
    # The second of the change itself tells nothing.
    assert ask(server, "/", **{"If-Modified-Since": headers["Last-Modified"]})[0] == 200
    assert ask(server, "/", **{"If-Modified-Since": "yesterday"})[0] == 200


def test_before_the_first_board_a_page_waits_for_it_and_tells_of_trouble(server: BoardServer, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "index.html").unlink()
    status, headers, body = ask(server, "/")
    assert (status, headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert b"It is there after the first build" in body
    assert b'http-equiv="refresh"' in body
    write_stamp(site, Stamp("", "notes.csv is <cut> off"))
    assert b"notes.csv is &lt;cut&gt; off" in ask(server, "/")[2]
    (site / "index.html").write_text("<p>board</p>")
    assert ask(server, "/")[0] == 200


def test_another_sites_name_does_not_reach_a_local_board(server: BoardServer) -> None:
    assert ask(server, "/", Host="evil.example")[0] == 421
    assert ask(server, "/", Host="localhost:8000")[0] == 200


def test_a_port_in_use_is_said_to_be(server: BoardServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"port \d+ of 127.0.0.1 is in use; .* --port"):
        BoardServer(tmp_path, host="127.0.0.1", port=server.server_address[1])
