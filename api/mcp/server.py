"""The protocol: MechKG's tools, resources and prompts on one server, over stdio or HTTP."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getdoc
from typing import Any
from urllib.parse import unquote

import msgspec
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import ValidationError

from mechkg.api.http.respond import mechkg_version
from mechkg.api.mcp.tools import Tools
from mechkg.kg.errors import MechKGError
from mechkg.kg.graph import Graph

__all__ = ["make_server"]

INSTRUCTIONS = """\
MechKG answers how one biomedical entity leads to another, from a knowledge graph of statements \
with evidence. Ground uncertain names first; find_paths ranks exactly and begins with the net \
effect; cite the statement identifiers in brackets, and read their evidence before you rest a \
claim on them. Modalities (potential, challenge ...) and signs are part of a statement: keep them. \
What an answer leaves out is said in its last line. What no path says, say that the graph does not \
know."""

JSON = "application/json"


def make_server(opened: Callable[[], Graph]) -> MCPServer:
    """Return a server whose tools ask the graph that `opened` gives at each call."""
    server = _Server("mechkg", title="MechKG", instructions=INSTRUCTIONS, version=mechkg_version())
    looks = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in Tools(opened).all():
        server.add_tool(tool, description=getdoc(tool), annotations=looks, structured_output=False)
    _add_resources(server, opened)
    _add_prompts(server)
    return server


class _Server(MCPServer):
    """A server that says in one sentence what is wrong with the arguments of a call."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Any = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; raises `ToolError` for unknown arguments, which would have no effect."""
        schema = self._tool_input_schema(name)
        if schema is not None:
            known = schema.get("properties", {})
            if unknown := sorted(arguments.keys() - known.keys()):
                raise ToolError(
                    f"{name} has no argument {unknown[0]!r}. It takes {', '.join(known)}."
                )
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(_explained(name, error.__cause__)) from error
            raise


def _explained(name: str, error: ValidationError) -> str:
    """Return what is wrong with some arguments, and what they must be."""
    sentences = []
    for fault in error.errors(include_url=False, include_context=False)[:3]:
        where = ".".join(map(str, fault["loc"]))
        if fault["type"] == "missing":
            sentences.append(f"{where} is missing.")
        else:
            given = repr(fault["input"])
            shown = given if len(given) <= 80 else f"{given[:77]}..."
            sentences.append(f"{where} is {shown}: {_plain_words(fault['msg'])}.")
    return f"{name}: {' '.join(sentences)}"


def _plain_words(message: str) -> str:
    """Return a validator's message without the names of Python's types."""
    return message.replace("Input should be", "it must be").replace("a valid tuple", "a list")


def _add_resources(server: MCPServer, opened: Callable[[], Graph]) -> None:
    @server.resource("mechkg://graph", title="The graph", mime_type=JSON)
    def manifest() -> str:
        """Name, content hash, counts, sources and licences of the graph."""
        return _json(opened().manifest)

    @server.resource("mechkg://schema", title="Categories and predicates", mime_type=JSON)
    def schema() -> str:
        """Categories and predicates: hierarchy, inverse, sign and mappings."""
        return _json(opened().schema)

    @server.resource("mechkg://entities/{entity}", title="An entity", mime_type=JSON)
    def entity(entity: str) -> str:
        """One entity by CURIE or name."""
        return _found(lambda: opened().entity(unquote(entity)))

    @server.resource("mechkg://statements/{statement}", title="A statement", mime_type=JSON)
    def statement(statement: str) -> str:
        """One statement by identifier, with all of its evidence."""
        return _found(lambda: opened().statement(unquote(statement)))


def _add_prompts(server: MCPServer) -> None:
    @server.prompt(title="How does X lead to Y?")
    def mechanism(source: str, target: str) -> str:
        """Explain how one thing leads to another, with evidence for and against."""
        return (
            f"How does {source} lead to {target}? Use find_paths, then evidence for the "
            "statements that your answer rests on. Say what supports it, what opposes it, which "
            "statements are only hypothesised, and cite every statement by its identifier."
        )

    @server.prompt(title="Check a claim")
    def check(claim: str) -> str:
        """Check a sentence against the statements of the graph."""
        return (
            f"Does the graph support this claim: {claim}? Ground its names, look for paths "
            "between them in both directions, read the evidence, and answer supported, opposed, "
            "mixed or not in the graph, citing statement identifiers."
        )

    @server.prompt(title="X against Y")
    def contrast(left: str, right: str, target: str) -> str:
        """Contrast how two things lead to a third."""
        return (
            f"How do {left} and {right} differ in how they lead to {target}? Use compare: shared "
            "and distinct mediators, signs and net effect of each. Cite statement identifiers."
        )


def _found(look: Callable[[], msgspec.Struct]) -> str:
    try:
        return _json(look())
    except MechKGError as error:
        raise ResourceNotFoundError(str(error)) from error


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
