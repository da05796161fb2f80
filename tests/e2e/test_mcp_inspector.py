"""Assistants over a client that is not ours: the command line of the MCP Inspector, over both transports."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.e2e.assistants import BAD_ARGUMENTS, CALLS, PROMPTS, READ, serving
from tests.e2e.conftest import ROOT, Company

pytest.importorskip("mcp")

import jsonschema

pytestmark = pytest.mark.nightly

PACKAGE = "@modelcontextprotocol/inspector@2"
OLDEST_NODE = (22, 19)


@dataclass(frozen=True)
class Said:
    """What the Inspector printed."""

    code: int
    content: Any
    err: str


Inspect = Callable[..., Said]


@pytest.fixture(scope="module")
def path_with_inspector() -> str:
    """The search path on which npx finds the Inspector, fetched when it is not there yet."""
    if shutil.which("npx") is None:
        pytest.skip("npx is not installed, and the MCP Inspector comes through it; install Node.js")
    packages = ["-p", PACKAGE, *(["-p", "node@22"] if _node() < OLDEST_NODE else [])]
    try:
        fetched = subprocess.run(
            ["npx", "--yes", *packages, "-c", "printenv PATH"], capture_output=True, text=True, timeout=600
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npx did not fetch the MCP Inspector within ten minutes")
    if fetched.returncode:
        pytest.skip("npx could not fetch the MCP Inspector; is its registry reachable?")
    return fetched.stdout.strip().splitlines()[-1]


def _node() -> tuple[int, int]:
    said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
    major, minor, *_ = [int(part) for part in said.split(".")] or [0, 0]
    return major, minor


@pytest.fixture(scope="module", params=["stdio", "http"])
def inspect(
    request: pytest.FixtureRequest,
    company: Callable[..., Company],
    path_with_inspector: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Inspect]:
    """The Inspector on one server, over one transport."""
    published = company(1).published
    # It keeps a catalogue of servers at home.
    home = tmp_path_factory.mktemp("inspector")
    environment = {**os.environ, "PATH": path_with_inspector, "HOME": str(home)}
    ask = partial(_ask, environment)
    if request.param == "stdio":
        server = [sys.executable, "-m", "metrics_py", "mcp", "--published", str(published)]
        yield partial(ask, [*server, "--cwd", str(ROOT)])
    else:
        with serving(published) as address:
            yield partial(ask, [address, "--transport", "http"])


def _ask(environment: dict[str, str], target: list[str], method: str, *arguments: str) -> Said:
    command = ["mcp-inspector", "--cli", *target, "--connect-timeout", "120000", "--method", method, *arguments]
    found = shutil.which("mcp-inspector", path=environment["PATH"])
    assert found is not None, environment["PATH"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, executable=found, timeout=240)
    try:
        content = json.loads(done.stdout) if done.stdout.strip() else None
    except json.JSONDecodeError:
        content = done.stdout
    return Said(done.returncode, content, done.stderr)


@pytest.fixture(scope="module")
def tools(inspect: Inspect) -> dict[str, dict[str, Any]]:
    """Every tool it lists, by name."""
    said = inspect("tools/list", "--strict")
    assert said.code == 0, said.err
    return {tool["name"]: tool for tool in said.content["tools"]}


def test_it_lists_every_tool_and_finds_no_fault_in_their_schemas(tools: dict[str, dict[str, Any]]) -> None:
    assert set(tools) == set(CALLS)
    for tool in tools.values():
        jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
        jsonschema.Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["annotations"]["readOnlyHint"] is True


@pytest.mark.parametrize("name", CALLS)
def test_it_calls_every_tool_and_the_result_fits_the_schema(
    name: str, inspect: Inspect, tools: dict[str, dict[str, Any]]
) -> None:
    said = inspect("tools/call", "--tool-name", name, "--tool-args-json", json.dumps(CALLS[name]))
    assert said.code == 0, said.err
    assert said.content["isError"] is False
    jsonschema.validate(said.content["structuredContent"], tools[name]["outputSchema"])
    assert said.content["structuredContent"]["refusal"] is None
    assert said.content["structuredContent"]["answer"] is not None


@pytest.mark.parametrize(("name", "arguments", "meant"), BAD_ARGUMENTS)
def test_arguments_that_do_not_fit_are_errors_that_name_them(
    name: str, arguments: dict[str, Any], meant: str, inspect: Inspect
) -> None:
    said = inspect("tools/call", "--tool-name", name, "--tool-args-json", json.dumps(arguments))
    assert said.code != 0
    assert meant in json.dumps(said.content) + said.err


@pytest.mark.parametrize("name", PROMPTS)
def test_it_gets_every_prompt(name: str, inspect: Inspect) -> None:
    given = [f"{argument}={value}" for argument, value in PROMPTS[name].items()]
    said = inspect("prompts/get", "--prompt-name", name, *(["--prompt-args", *given] if given else []))
    assert said.code == 0, said.err
    (message,) = said.content["messages"]
    assert "check_numbers" in message["content"]["text"]


def test_it_lists_every_prompt_with_its_arguments(inspect: Inspect) -> None:
    said = inspect("prompts/list")
    assert said.code == 0, said.err
    listed = {prompt["name"]: prompt for prompt in said.content["prompts"]}
    assert set(listed) == set(PROMPTS)
    for name, given in PROMPTS.items():
        assert {argument["name"] for argument in listed[name].get("arguments", [])} == set(given)


def test_it_lists_every_resource_and_template(inspect: Inspect) -> None:
    listed = inspect("resources/list")
    assert {one["uri"] for one in listed.content["resources"]} == {
        uri for uri in READ if not uri.endswith(("/nps", "2025Q4"))
    }
    templates = inspect("resources/templates/list")
    assert {one["uriTemplate"] for one in templates.content["resourceTemplates"]} == {
        "metrics://cards/{metric_id}",
        "metrics://retrospectives/{period}",
    }


@pytest.mark.parametrize("uri", READ)
def test_it_reads_every_resource(uri: str, inspect: Inspect) -> None:
    said = inspect("resources/read", "--uri", uri)
    assert said.code == 0, said.err
    assert said.content["contents"][0]["text"]


@pytest.mark.parametrize(
    ("method", "arguments", "meant"),
    [
        (
            "prompts/get",
            ["--prompt-name", "stress_test_indicators", "--prompt-args", "metric=cirt"],
            "did you mean circt",
        ),
        ("prompts/get", ["--prompt-name", "haiku"], "haiku"),
        ("resources/read", ["--uri", "metrics://cards/cirt"], "did you mean circt"),
        ("resources/read", ["--uri", "metrics://nothing"], "metrics://nothing"),
    ],
)
def test_what_is_not_there_is_an_error_that_says_so(
    method: str, arguments: list[str], meant: str, inspect: Inspect
) -> None:
    said = inspect(method, *arguments)
    assert said.code != 0
    assert meant in json.dumps(said.content) + said.err
