"""An agent's session by the official client, over stdio and over HTTP, with a real server."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from mcp import Client, MCPError, StdioServerParameters

from mechkg.api.mcp.budget import fit, tokens
from tests.processes import PATIENCE, running, until

ROOT = Path(__file__).parents[2]
ENDS = {"source": ["NSC"], "target": ["neuron"]}

QUESTION = "How might NSC transplantation slow MS?"
CALLS = (
    ("ground", {"text": "NSC transplantation"}),
    (
        "find_paths",
        {"source": ["NSC transplantation", "NSC"], "target": ["multiple sclerosis"], "limit": 10},
    ),
    ("evidence", {"statements": ["SC080", "SC072", "XC0469", "SC061"]}),
    ("compare", {"left": ["NSC"], "right": ["MSC"], "target": ["multiple sclerosis"], "limit": 10}),
)
"""Four calls that answer the question; `NSC` is a synonym of the ontology."""


async def tell(client: Client, name: str, arguments: dict[str, object]) -> str:
    answer = await client.call_tool(name, arguments)
    (content,) = answer.content
    assert not answer.is_error, content.text
    return content.text


def test_a_question_is_answered_in_four_calls_and_4000_tokens(session):
    async def talk(client):
        return [await tell(client, name, arguments) for name, arguments in CALLS]

    told = session(talk)
    assert sum(map(tokens, told)) < 4000
    assert "mechkg:NeuralStemCellTransplantation" in told[0]
    assert "contributes to multiple sclerosis" in told[1]
    assert "[SC072, XC0097 > XC0469]" in told[1]
    assert "P5S2" in told[2]
    page = (ROOT / "docs" / "how-to" / "ask-from-an-agent.md").read_text()
    assert [answer for answer in told if answer not in page] == []
    cited = set(re.findall(r"\b(?:SC|XC|MK)\d+", told[1]))
    assert {"SC080", "SC072", "XC0469"} <= cited


def test_every_tool_says_what_it_is_for_and_answers(session):
    arguments = {
        "ground": {"text": "GDNF"},
        "describe": {"entity": "GDNF"},
        "find_paths": ENDS,
        "open_ends": {"source": ["Drug"], "target": ["neuron"], "effect": "raises"},
        "neighbours": {"entity": "GDNF"},
        "evidence": {"statements": ["SC061"]},
        "compare": {"left": ["NSC"], "right": ["MSC"], "target": ["Remyelination"]},
        "why_not": {"source": ["neuron"], "target": ["NSC"]},
        "chokepoints": {**ENDS, "context": ["consistent"]},
        "significance": ENDS,
    }

    async def talk(client):
        listed = (await client.list_tools()).tools
        for tool in listed:
            assert tool.description
            assert tool.annotations.read_only_hint
            told = await tell(client, tool.name, arguments[tool.name])
            assert re.search(r"(SC|XC|MK)\d+|[A-Za-z]+:\w+|Without|hop", told), told
        return {tool.name for tool in listed}

    assert session(talk) == set(arguments)


def test_an_agent_may_see_how_scores_come_about(session):
    async def talk(client):
        plain = await tell(client, "find_paths", ENDS)
        return plain, await tell(client, "find_paths", {**ENDS, "parts": True, "tokens": 4_000})

    plain, told = session(talk)
    scores = re.findall(r"^   score (-[\d.]+) = (.*)$", told, re.MULTILINE)
    assert len(scores) == len(re.findall(r"^\d+\. ", told, re.MULTILINE)) > 1
    for score, parts in scores:
        values = [float(part) for part in parts.split()[::2]]
        assert sum(values) == pytest.approx(float(score), abs=0.05)
    assert "Parts of scores: length: its hops;" in told
    assert "score" not in plain


def test_an_answer_keeps_to_its_tokens_and_says_what_it_cut(session):
    async def talk(client):
        narrow = {"entity": "neuron", "limit": 200, "tokens": 200}
        return await tell(client, "neighbours", narrow)

    told = session(talk)
    assert tokens(told) <= 200
    assert re.search(r"\[Cut at 200 tokens, \d+ lines before the end\.", told.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("describe", {"entity": "neurol"}, "Did you mean neuron"),
        ("describe", {"entity": "interferon"}, "ambiguous"),
        ("evidence", {"statements": ["SC999"]}, "SC999"),
        ("find_paths", {**ENDS, "predicate": ["cures"]}, "ameliorates"),
        ("find_paths", {**ENDS, "max_hops": 99}, "max_hops"),
        ("find_paths", {"source": ["NSC"]}, "target is missing."),
        ("find_paths", {**ENDS, "hops": 2}, "It takes source, target, max_hops"),
        ("find_paths", {**ENDS, "source": {"id": "NSC"}}, "it must be a list"),
        ("find_paths", {**ENDS, "direction": "up"}, "'directed' or 'undirected'"),
        ("find_paths", {**ENDS, "source": [""]}, "source.0"),
        ("evidence", {"statements": []}, "statements"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(session, name, arguments, says):
    async def talk(client):
        answer = await client.call_tool(name, arguments)
        assert answer.is_error
        return answer.content[0].text

    told = session(talk)
    assert says in told
    assert "Traceback" not in told
    assert "pydantic" not in told
    assert "[type=" not in told


def test_a_text_alone_is_a_list_of_one(session):
    async def talk(client):
        return [
            (await tell(client, name, alone), await tell(client, name, lists))
            for name, alone, lists in (
                ("find_paths", {"source": "NSC", "target": "neuron", "via": "GDNF"},
                 {**ENDS, "via": ["GDNF"]}),
                ("why_not", {"source": "neuron", "target": "NSC"},
                 {"source": ["neuron"], "target": ["NSC"]}),
                ("compare", {"left": "NSC", "right": "MSC", "target": "multiple sclerosis"},
                 {"left": ["NSC"], "right": ["MSC"], "target": ["multiple sclerosis"]}),
                ("neighbours", {"entity": "GDNF", "predicate": "protects"},
                 {"entity": "GDNF", "predicate": ["protects"]}),
                ("evidence", {"statements": "SC061"}, {"statements": ["SC061"]}),
            )
        ]  # fmt: skip

    for alone, lists in session(talk):
        assert alone == lists


def test_what_evidence_is_known_is_told_beside_what_is_not(session):
    async def talk(client):
        mixed = await tell(client, "evidence", {"statements": ["SC061", "nope", "XC0407", "SC061"]})
        return mixed, await tell(client, "evidence", {"statements": ["SC061", "XC0407"]})

    mixed, known = session(talk)
    assert mixed == f"Not in this graph: nope.\n{known}"


def test_resources_and_prompts(session):
    async def talk(client):
        graph = json.loads((await client.read_resource("mechkg://graph")).contents[0].text)
        found = (await client.read_resource("mechkg://statements/SC061")).contents[0].text
        entity = (await client.read_resource("mechkg://entities/HGNC%3A4232")).contents[0].text
        with pytest.raises(MCPError, match="SC999"):
            await client.read_resource("mechkg://statements/SC999")
        asked = await client.get_prompt("mechanism", {"source": "NSC", "target": "neuron"})
        return graph, json.loads(found), json.loads(entity), asked.messages[0].content.text

    graph, statement, entity, prompt = session(talk)
    assert graph["counts"]["entities"] == 663
    assert statement["evidence"][0]["location"] == "P4S3"
    assert entity["name"] == "GDNF"
    assert "NSC" in prompt


@contextmanager
def over_http(
    command: StdioServerParameters, log: Path, *more: str, **environment: str
) -> Iterator[str]:
    """Run the server over HTTP; gives its address on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        log.open("w") as errors,
        running(
            [sys.executable, *command.args, "--transport", "http", "--port", str(port), *more],
            env={**(command.env or {}), **environment},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        ) as process,
    ):
        until(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}/mcp"


TOKEN = "a token of the test suite"
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-03-26", "capabilities": {},
               "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip


def initialize(address: str, **headers: str) -> int:
    accept = {"Accept": "application/json, text/event-stream", "Connection": "close"}
    answer = requests.post(address, json=INITIALIZE, headers=accept | headers, timeout=PATIENCE)
    return answer.status_code


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_a_token_is_required_where_one_is_set(command, tmp_path: Path, host: str):
    more = ("--host", host, "--allow-host", "kg.example", "--allow-origin", "https://app.example")
    with over_http(command, tmp_path / "log", *more, MECHKG_MCP_TOKEN=TOKEN) as address:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for wrong in ({}, {"Authorization": "Bearer nope"}, {"Authorization": TOKEN},
                      {"Authorization": f"Bearer {TOKEN}x"}):  # fmt: skip
            assert initialize(address, **wrong) == 401
        assert initialize(address, **bearer) == 200
        assert initialize(address, **bearer, Host="kg.example") == 200
        assert initialize(address, **bearer, Origin="https://app.example") == 200
        assert initialize(address, **bearer, Host="elsewhere.example") == 421
        assert initialize(address, **bearer, Origin="http://elsewhere.example") == 403
        assert initialize(address, **bearer, Origin="null") == 403


@pytest.mark.parametrize(
    ("host", "token", "says"),
    [
        ("0.0.0.0", "", "that needs a token"),
        ("::", "", "that needs a token"),
        ("192.0.2.1", "", "that needs a token"),
        ("0.0.0.0", "short", "at least 16 characters"),
        ("127.0.0.1", "short", "at least 16 characters"),
    ],
)
def test_a_public_address_is_not_served_without_a_token(command, host, token, says):
    arguments = [sys.executable, *command.args, "--transport", "http", "--host", host]
    done = subprocess.run(
        arguments,
        env={**(command.env or {}), "MECHKG_MCP_TOKEN": token},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_same_over_http(command: StdioServerParameters, tmp_path: Path):
    log = tmp_path / "log"
    with over_http(command, log) as address:

        async def talk() -> str:
            async with Client(address) as client:
                return await tell(client, "find_paths", ENDS)

        assert "GDNF" in asyncio.run(talk())
        for told in ({"Host": "elsewhere.example"}, {"Origin": "http://elsewhere.example"}):
            refused = requests.post(address, json={}, headers=told, timeout=PATIENCE)
            assert refused.status_code in {403, 421}, "a page elsewhere could ask"
    assert "Traceback" not in log.read_text()


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_line_too_long_for_its_budget_is_cut_inside():
    told = fit(["x" * 10_000, "y"], 100)
    assert tokens(told) <= 100
    assert told.startswith("xxx")
    assert "[Cut at 100 tokens, 1 lines" in told
