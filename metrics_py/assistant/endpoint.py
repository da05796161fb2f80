"""Asking an OpenAI-compatible endpoint: the address and the key are the user's, and every failure is a sentence."""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from metrics_py.errors import ConfigurationError, MetricsError

URL, MODEL, KEY = "METRICS_ASSIST_URL", "METRICS_ASSIST_MODEL", "METRICS_ASSIST_KEY"
MOST_CHARACTERS = 40_000
"""More than that is no update."""

Message = Mapping[str, str]


class NoAnswerError(MetricsError):
    """The endpoint gave nothing that can be read; the message says why and never quotes what it sent."""


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, for which model, with which key (empty: none), for how many seconds at most."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 60.0

    def ask(self, messages: Sequence[Message]) -> str:
        """The text of the answer.

        Raises: NoAnswerError; ConfigurationError when the client is not installed.
        """
        try:
            import openai
        except ImportError as error:
            raise ConfigurationError(
                "--assist needs the client for the endpoint; install it with: pip install 'metrics-py[assist]'"
            ) from error

        def call() -> Any:
            # Nothing is followed elsewhere, and to a server on this machine no proxy leads.
            with openai.DefaultHttpxClient(follow_redirects=False, trust_env=not is_loopback(self.url)) as http:
                client = openai.OpenAI(
                    base_url=self.url,
                    api_key=self.key or "none",
                    timeout=self.timeout,
                    max_retries=0,
                    http_client=http,
                )
                return client.chat.completions.create(
                    model=self.model,
                    messages=[dict(message) for message in messages],  # type: ignore[misc]
                    # Whose account it is, is for the vendor these are set for, and not for every endpoint.
                    extra_headers={"OpenAI-Organization": openai.omit, "OpenAI-Project": openai.omit},
                )

        return _text_of(self._within_time(call))

    def _within_time(self, call: Callable[[], Any]) -> Any:
        """What a call returns; one that drips its answer is given up like one that is silent."""
        held: list[Any] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                held.append(call())
            # Whatever goes wrong while an answer of strangers is read, the template is still there.
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self.timeout)
        if thread.is_alive():
            raise NoAnswerError(f"the endpoint did not answer within {self.timeout:g} seconds")
        if failed:
            raise NoAnswerError(_why(failed[0], self.timeout)) from None
        return held[0]


def find_endpoint(
    *, url: str | None, model: str | None, timeout: float, environment: Mapping[str, str] = os.environ
) -> Endpoint:
    """The endpoint of the options, else of the environment; the key comes from the environment alone.

    Raises: ConfigurationError when none is named, or the key would travel in the clear.

    Examples:
        >>> find_endpoint(url="http://127.0.0.1:8080/v1", model="local", timeout=60, environment={}).model
        'local'
    """
    address, name, key = url or environment.get(URL, ""), model or environment.get(MODEL, ""), environment.get(KEY, "")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"--assist needs the address of an OpenAI-compatible endpoint: --assist-url or {URL}, such as "
            "http://127.0.0.1:8080/v1"
        )
    if parts.username or parts.password:
        raise ConfigurationError(f"the address of the endpoint holds a user or a password; put the key into {KEY}")
    if not name:
        raise ConfigurationError(f"--assist needs the name of a model: --assist-model or {MODEL}")
    if parts.scheme == "http" and key and not is_loopback(address):
        raise ConfigurationError(
            f"the key in {KEY} would travel in the clear; use an https address, or take the key out"
        )
    return Endpoint(address, name, key, timeout)


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine.

    Examples:
        >>> is_loopback("http://127.0.0.1:80/v1"), is_loopback("https://models.example/v1")
        (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _text_of(answer: Any) -> str:
    """The text in an answer of the protocol."""
    choices = getattr(answer, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    if message is None:
        raise NoAnswerError("the endpoint's answer is not one of the protocol")
    text = getattr(message, "content", None)
    if text is None or text == "":
        raise NoAnswerError("the endpoint's answer is empty")
    if not isinstance(text, str):
        raise NoAnswerError("the endpoint's answer is no text")
    if len(text) > MOST_CHARACTERS:
        raise NoAnswerError(f"the endpoint's answer is longer than {MOST_CHARACTERS:,} characters")
    return text


def _why(error: BaseException, timeout: float) -> str:
    import openai

    if isinstance(error, openai.APITimeoutError):
        return f"the endpoint did not answer within {timeout:g} seconds"
    if isinstance(error, openai.APIConnectionError):
        return "there is no connection to the endpoint"
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return f"the endpoint did not accept the key ({error.status_code}); look at {KEY}"
    if isinstance(error, openai.RateLimitError):
        return "the endpoint takes no more questions now (429)"
    if isinstance(error, openai.APIStatusError):
        return f"the endpoint answered with an error ({error.status_code})"
    return "the endpoint's answer is not one of the protocol"
