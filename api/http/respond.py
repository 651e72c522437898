"""Answer requests, the same way for every route.

decode -> choose the format -> ETag (304 before any search) -> ask -> write.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from flask import Blueprint, Response, request

from mechkg.api.http.clients import Clients
from mechkg.api.http.decoding import decode_request
from mechkg.api.http.formats import JSON, Formats
from mechkg.api.http.graph_provider import GraphProvider
from mechkg.api.http.lanes import Lanes, Turn
from mechkg.api.http.requests import Presentation
from mechkg.api.http.route import Route
from mechkg.api.http.settings import Settings
from mechkg.api.http.streaming import WatchedClient, is_gone, respond
from mechkg.api.http.tracing import step
from mechkg.kg.draw.graphviz import Dot
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.graph import Graph
from mechkg.kg.progress import Cancel
from mechkg.kg.subgraph import is_streamed
from mechkg.kg.writers import Format, GraphRows, Loss, Stream

__all__ = ["Responder", "confirmed", "fresh", "mechkg_version"]

SIZES: Final = (
    "max_hops",
    "limit",
    "depth",
    "source",
    "target",
    "via",
    "entities",
    "left",
    "right",
)
"""Members of queries by which their cost grows."""


def mechkg_version() -> str:
    """Return the version of the installed distribution, `0+unknown` in a bare checkout."""
    try:
        return version("mechkg")
    except PackageNotFoundError:
        return "0+unknown"


@dataclass(frozen=True)
class Responder:
    """What every route needs to answer: the served graph, the formats, the limits, Graphviz."""

    served: GraphProvider
    formats: Formats
    lanes: Lanes
    clients: Clients
    settings: Settings
    count: Callable[[Route, Any], None]
    count_stream: Callable[[str, int], None]
    count_store_failure: Callable[[], None]
    version: str
    dot: Dot
    offered: dict[str, Formats] = field(default_factory=dict)

    def formats_of(self, route: Route) -> Formats:
        """Return the formats that a route offers: JSON alone where nothing is drawn."""
        found = self.offered.get(route.name)
        if found is None:
            drawn = self.formats.all if route.draw else [JSON]
            found = self.offered.setdefault(route.name, Formats([*drawn, *route.tables]))
        return found

    def add(self, blueprint: Blueprint, route: Route) -> None:
        """Put a route on a blueprint: its address, and the same with a format's suffix."""
        template = route.path
        for name in route.query.__struct_fields__:
            template = template.replace(f"{{{name}}}", f"<path:{name}>")
        rules = [template]
        if not template.endswith(">") and route.streams is None:
            suffixes = ", ".join(f"'{suffix}'" for suffix in self.formats_of(route).by_suffix)
            rules.append(f"{template}.<any({suffixes}):suffix>")

        respond_to = self.answer if route.streams is None else self.stream

        def view(**address: str) -> Response:
            return respond_to(route, address)

        for rule in rules:
            blueprint.add_url_rule(rule, route.name, view, methods=list(route.methods))

    def answer(self, route: Route, address: dict[str, str]) -> Response:
        """Return the response to the current request."""
        formats = self.formats_of(route)
        suffix = address.pop("suffix", "")
        if route.path.endswith("}"):
            last = route.path.rpartition("{")[2].rstrip("}")
            address[last], suffix = formats.split(address[last])
        query, wanted = self._query(route, address)
        chosen = formats.choose(wanted.format, suffix, request.accept_mimetypes)
        style = wanted.style
        chosen = chosen.in_style(style)
        graph = self.served.graph(wanted.snapshot)
        tag = _tag(graph, route, (query, style), chosen, self.version)
        if copy := confirmed(tag):
            return copy
        answer = None
        if route.rows is not None and chosen.stream is not None and is_streamed(graph.snapshot):
            response = self._streamed(route.rows(graph, query), graph, chosen, chosen.stream)
            _say(response, {limit.field: None for limit in chosen.limits})
        else:
            answer, body, lost = self._answered(route, graph, query, chosen)
            response = Response(body, mimetype=chosen.media_type)
            _say(response, {loss.field: loss.records for loss in lost})
        if request.method == "GET":
            response.headers["Link"] = f'<{_permalink(graph)}>; rel="permalink"'
        if chosen is not JSON:
            name = f"{graph.manifest.name}-{route.name}.{chosen.suffix}"
            response.headers["Content-Disposition"] = f'inline; filename="{name}"'
        if getattr(answer, "truncated_by", None) == "time":
            response.headers["Cache-Control"] = "no-store"
            return response
        response.set_etag(tag)
        return fresh(response)

    def _answered(
        self, route: Route, graph: Graph, query: Any, chosen: Format
    ) -> tuple[Any, bytes, Sequence[Loss]]:
        """Return the answer to a query, the same in a format, and what that cannot hold of it."""
        light = route.light and chosen is JSON
        kind = _kind(route, query, chosen)
        turns = self.turn(kind, light=light, unknown=1.0 if route.long else 0.0)
        with ExitStack() as held:
            with step("queue"):
                turn = held.enter_context(turns)
            with step("search"):
                answer = _ask(route, graph, query, turn)
            self.count(route, answer)
            with step("write"):
                body, lost = self._body(route, graph, answer, chosen, turn)
        return answer, body, lost

    def _streamed(self, rows: GraphRows, graph: Graph, chosen: Format, write: Stream) -> Response:
        """Return a response that is written as its client takes it.

        A place in the lane of exports is held while a piece is made, not while its client takes it.
        """
        client = self.client()
        with ExitStack() as held:
            self.lanes.exports.enter(client)
            held.callback(self.lanes.exports.leave, client, 0.0)
            turn = Turn(client, self.lanes.pieces, None)
            held.callback(turn.rest)
            pieces = _with_rests(write(rows, graph.schema), turn)
            first = next(pieces, b"")  # what is wrong with a graph is said before the first byte
            response = Response(chain((first,), pieces), mimetype=chosen.media_type)
            response.call_on_close(held.pop_all().close)
        return response

    def _body(
        self, route: Route, graph: Graph, answer: Any, chosen: Format, turn: Turn
    ) -> tuple[bytes, Sequence[Loss]]:
        """Return an answer in a format, and what the format cannot hold of it."""
        if chosen is JSON or route.draw is None:
            return msgspec.json.encode(answer), ()
        if chosen in route.tables:
            return chosen.write(answer, graph.schema), ()
        subgraph = route.draw(graph, answer, turn)
        lost = chosen.losses(subgraph, graph.schema)
        with self.dot.in_use(turn.check):
            return chosen.write(subgraph, graph.schema), lost

    def stream(self, route: Route, address: dict[str, str]) -> Response:
        """Return the response to the current request line by line, as the work goes on.

        What is wrong with a question is said before the first line.
        """
        query, wanted = self._query(route, address)
        if wanted.format not in {"", "ndjson"}:
            raise UnknownTerm("format", wanted.format, ["ndjson"])
        graph = self.served.graph(wanted.snapshot)
        with ExitStack() as held:
            turn = held.enter_context(
                self.lanes.turn(_kind(route, query, JSON), self.client(), is_gone=_goes())
            )
            paths = route.ask(graph, query, cancel=turn)
            return respond(paths, turn, request.environ, self.count_stream, held.pop_all())

    @contextmanager
    def turn(self, kind: Hashable, *, light: bool = False, unknown: float = 0.0) -> Iterator[Turn]:
        """Hold a place for the current request, whose work ends when its client goes away.

        What looks things up is over before anybody can go. Raises as `Lanes.turn` does.
        """
        client, gone = self.client(), _goes()
        with (
            self.lanes.turn(kind, client, light=light, unknown=unknown, is_gone=gone) as turn,
            nullcontext() if light else watched_client(turn),
        ):
            yield turn

    @contextmanager
    def sparql_turn(self, kind: Hashable) -> Iterator[Turn]:
        """Hold a place for the SPARQL query of the current request, as `turn` does."""
        with (
            self.lanes.sparql(kind, self.client(), _goes()) as turn,
            watched_client(turn),
        ):
            yield turn

    def client(self) -> str:
        """Return who sends the current request, as far as shares of the server go."""
        return self.clients.name(request)

    def _query(self, route: Route, address: dict[str, str]) -> tuple[Any, Presentation]:
        """Return the query of the current request, its timeout within that of the settings."""
        query, wanted = decode_request(route.query, request, address, self.settings.body_bytes)
        seconds = getattr(query, "timeout", 0.0)
        if seconds > self.settings.query_seconds:
            query = msgspec.structs.replace(query, timeout=self.settings.query_seconds)
        return query, wanted


def _goes() -> Callable[[], bool]:
    """Return what says whether the client of the current request has gone."""
    return partial(is_gone, request.environ.get("gunicorn.socket"))


def watched_client(cancel: Cancel) -> WatchedClient:
    """Return what raises a flag when the client of the current request goes away."""
    return WatchedClient(request.environ.get("gunicorn.socket"), cancel)


def _say(response: Response, fields: Mapping[str, int | None]) -> None:
    """Name in a header the fields that a format cannot hold whole, and of how many records.

    Of a stream they are those that it could not hold (a list of RFC 9651).
    """
    if fields:
        response.headers["Not-Held"] = ", ".join(
            name if records is None else f"{name};records={records}"
            for name, records in fields.items()
        )


def _ask(route: Route, graph: Graph, query: Any, turn: Turn) -> Any:
    """Return the answer of a route; raises `Cancelled` where its client goes away meanwhile."""
    return route.ask(graph, query, cancel=turn) if route.cancellable else route.ask(graph, query)


def _kind(route: Route, query: Any, chosen: Format) -> Hashable:
    """Return what requests of about equal cost have in common: route, format, size of the query."""
    sizes = [
        len(value).bit_length() if isinstance(value, tuple) else int(value).bit_length()
        for name in SIZES
        if isinstance(value := getattr(query, name, 0), tuple | int)
    ]
    return route.name, chosen.name, getattr(query, "diverse", ""), *sizes


def _with_rests(pieces: Iterator[bytes], turn: Turn) -> Iterator[bytes]:
    """Yield pieces, each made while a place is held."""
    while True:
        turn.resume()
        piece = next(pieces, None)
        turn.rest()
        if piece is None:
            return
        yield piece


def _permalink(graph: Graph) -> str:
    """Return the address of the current request, pinned to the version that answers it."""
    kept = [(k, v) for k, v in request.args.items(multi=True) if k != "snapshot"]
    return f"{quote(request.path)}?{urlencode([*kept, ('snapshot', graph.manifest.hash)])}"


def _tag(graph: Graph, route: Route, query: Any, chosen: Format, version: str) -> str:
    parts = (route.path, query, chosen.name, version)
    digest = blake2b(msgspec.json.encode(parts), digest_size=12).hexdigest()
    return f"{graph.manifest.hash}-{digest}"


def confirmed(tag: str) -> Response | None:
    """Return 304 if the client of the current request has the answer of a tag, else None.

    The client's own form of the tag is sent back: compression adds `:gzip` to it.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    own = request.if_none_match.as_set(include_weak=True)
    known = next((text for text in own if text.partition(":")[0] == tag), None)
    if known is None:
        return None
    response = Response(status=304)
    response.set_etag(known)
    return fresh(response)


def fresh(response: Response) -> Response:
    """Return a response that caches keep, and ask about each time."""
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept, Accept-Encoding"
    return response
