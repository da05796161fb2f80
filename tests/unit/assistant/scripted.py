"""An endpoint on loopback that answers as it is told, and keeps what it was asked."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Asked = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """An answer that is not one of the protocol, or not only."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    hangs: bool = False
    drips: bool = False


Said = Raw | Callable[[Asked], Any]


@dataclass
class Scripted:
    """What the endpoint was asked, and where it listens."""

    url: str
    bodies: list[Asked] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def prompts(self) -> list[str]:
        """The last message of each question."""
        return [body["messages"][-1]["content"] for body in self.bodies]


@contextmanager
def scripted(*answers: Said) -> Iterator[Scripted]:
    """An endpoint that gives these answers in turn, and the last one from then on."""
    over = Event()
    told = Scripted("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.bodies.append(body)
            told.headers.append(dict(self.headers.items()))
            said = answers[min(len(told.bodies), len(answers)) - 1]
            if not isinstance(said, Raw):
                content = said(body)
                said = Raw(body=completion(content))
            try:
                self._answer(said)
            except (BrokenPipeError, ConnectionResetError):
                return

        def _answer(self, said: Raw) -> None:
            if said.hangs:
                over.wait(30)
                return
            self.send_response(said.status)
            self.send_header("Content-Type", said.kind)
            self.send_header("Content-Length", str(len(said.body) if not said.drips else 10_000))
            for name, value in said.headers:
                self.send_header(name, value)
            self.end_headers()
            if said.drips:
                while not over.is_set():
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)
            self.wfile.write(said.body)

        def log_message(self, format: str, *given: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def completion(content: Any) -> bytes:
    """An answer of the protocol that holds this."""
    message = {"role": "assistant", "content": content}
    return json.dumps(
        {
            "id": "c-1",
            "object": "chat.completion",
            "created": 0,
            "model": "scripted",
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        }
    ).encode()


FILLER = (
    "Everything here follows from readings and rules, and nobody voted on any of it.",
    "Where something is red, its owner says what will be done, and we help with what stands in the way.",
    "We ask for decisions early, because a decision that is late costs more than one that is wrong.",
    "What is too early to judge is left alone until it can be read, however much we would like to know.",
)


def echoed(asked: Asked) -> str:
    """The computed update in the prompt, as a truthful assistant would give it back, with some words of its own."""
    prompt = asked["messages"][0]["content"]
    found = re.search(r"## The update, as computed\n.*?\n(`{3,})data\n(.*?)\n\1", prompt, re.DOTALL)
    assert found is not None
    text = found[2].rstrip() + "\n\n## In our own words\n"
    for sentence in FILLER * 4:
        if len(text.split()) >= 400:
            break
        text += f"\n{sentence}"
    return text + "\n"


def replaced(old: str, new: str) -> Callable[[Asked], str]:
    """The truth but for one number."""

    def answer(asked: Asked) -> str:
        text = echoed(asked)
        assert old in text, text
        return text.replace(old, new, 1)

    return answer


def lines_with(texts: Sequence[str], words: str) -> list[str]:
    """The lines of some texts that hold some words."""
    return [line for text in texts for line in text.splitlines() if words in line]
