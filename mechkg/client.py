"""A client of the HTTP interface: the queries of `mechkg.Graph`, answered by a service.

Answers are the same types as the library's, so that code moves from one to the other by changing
one line. Requests are repeated when the service is busy, and answers that have not changed are
taken from a small cache (ETag).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

import mechkg.kg.interop.notebook  # noqa: F401  (gives the values their representations)
from mechkg.kg.analysis.overview import Overview
from mechkg.kg.closing import Closing
from mechkg.kg.curation.changes import Change, Changeset
from mechkg.kg.curation.history import Difference
from mechkg.kg.errors import MechKGError, QueryError
from mechkg.kg.interop.networkx import to_networkx
from mechkg.kg.model.queries import (
    CompareQuery,
    OpenEndsQuery,
    PathQuery,
    SignificanceQuery,
)
from mechkg.kg.model.results import (
    Chokepoints,
    Comparison,
    Neighbour,
    NeighbourhoodResult,
    OpenEndsResult,
    PathResult,
    PathSummary,
    Preview,
    SearchResult,
    Significance,
    WhyNot,
)
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Path, Statement, Subgraph
from mechkg.kg.snapshot.metagraph import Metagraph

if TYPE_CHECKING:
    import networkx

__all__ = ["Client", "PathLines", "ServiceError"]

Answer = TypeVar("Answer")

LONGEST_ADDRESS: Final = 4_000
"""Characters; a longer question goes out as a POST."""
BUSY: Final = (429, 502, 503, 504)
CACHED_BYTES: Final = 32_000_000
ADDRESS_HINT: Final = "Give host and port, as in http://127.0.0.1:8000."


class ServiceError(MechKGError):
    """The service refused a question or failed; `problem` is its RFC 9457 problem.

    `status` is the HTTP status, 0 where no answer came; `slug` ends the problem's type.
    """

    title = "The service did not answer the question"

    def __init__(
        self, detail: str, status: int = 0, problem: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.problem = problem or {}

    @property
    def kind(self) -> str:
        """What is wrong, as the service's problem types name it (`ambiguous-name`)."""
        return str(self.problem.get("type", "")).rpartition("/")[2]


class Client(Closing):
    """A service at an address; a context manager, and safe to use from one thread at a time.

    `address` is the address of the service, with a path if it lies behind one; where it names no
    scheme, http is meant. `timeout` is the longest wait in seconds for an answer to begin; a busy
    service is asked again up to `retries` times, as late as it says (Retry-After) or with growing
    pauses. `snapshot` pins every question to one snapshot of the graph (see permalinks in the HTTP
    reference). `token` is that of a curator: without one, nothing can be changed.
    Raises `QueryError` where the address is none of HTTP.

    >>> Client("127.0.0.1:8000").address
    'http://127.0.0.1:8000'
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8000",
        *,
        timeout: float = 60.0,
        retries: int = 4,
        snapshot: str = "",
        token: str = "",
    ) -> None:
        self.address = _address(address)
        self.timeout = timeout
        self.snapshot = snapshot
        self._cache: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        again = Retry(
            total=retries,
            backoff_factor=0.2,
            status_forcelist=BUSY,
            allowed_methods=None,  # a POST reads, or has a key by which it is done once
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=again))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def search(self, q: str, **fields: Any) -> SearchResult:
        """Return entities with a name, synonym or identifier like a text.

        >>> client.search("gdnf").matches[0].name
        'GDNF'
        """
        return self._ask("search", {"q": q, **fields}, SearchResult)

    def entity(self, text: str) -> Entity:
        """Return an entity by CURIE or name.

        >>> client.entity("GDNF").id
        'HGNC:4232'
        """
        return self._ask(f"entities/{quote(text, safe='')}", {}, Entity)

    def statement(self, identifier: str) -> Statement:
        """Return a statement with its evidence.

        >>> client.statement("SC043").predicate
        'develops_into'
        """
        return self._ask(f"statements/{quote(identifier, safe='')}", {}, Statement)

    def neighbourhood(self, entity: str, **fields: Any) -> NeighbourhoodResult:
        """Return what stands around an entity: groups with counts, then a page of members.

        >>> client.neighbourhood(entity="GDNF").groups[0].predicate
        'promotes'
        """
        path = f"entities/{quote(entity, safe='')}/neighbourhood"
        return self._ask(path, fields, NeighbourhoodResult)

    def neighbours(self, entity: str, **fields: Any) -> Iterator[Neighbour]:
        """Yield all members of a neighbourhood, nearest first, page after page.

        >>> next(client.neighbours(entity="GDNF")).entity.name
        'RET'
        """
        while True:
            page = self.neighbourhood(entity, **fields)
            yield from page.neighbours
            if page.cursor is None:
                return
            fields["cursor"] = page.cursor

    def find_paths(self, query: PathQuery | None = None, /, **fields: Any) -> PathResult:
        """Return the best paths from `source` to `target`, best first, and what was cut.

        >>> client.find_paths(source="NSC", target="neuron", max_hops=2).paths[0].explanation
        'Neural stem cells develop into neurons. ...'
        """
        return self._ask("paths", _fields(query, fields), PathResult)

    def paths(self, query: PathQuery | None = None, /, **fields: Any) -> Iterator[Path]:
        """Yield paths best first, page after page of `limit`, for as long as they are taken.

        Raises `ServiceError` where a page was cut, by time say, and cannot be gone on from.

        >>> next(client.paths(source="NSC", target="neuron", max_hops=2)).length
        1
        """
        fields = _fields(query, fields)
        while True:
            page = self.find_paths(**fields)
            yield from page.paths
            if page.cursor is None and page.truncated_by not in {None, "limit"}:
                raise ServiceError(f"The search was cut by {page.truncated_by}; paths are missing.")
            if page.cursor is None:
                return
            fields["cursor"] = page.cursor

    def stream_paths(self, query: PathQuery | None = None, /, **fields: Any) -> PathLines:
        """Return the paths as an iterator, each as soon as it is proven; closing it stops them.

        >>> with client.stream_paths(source="NSC", target="neuron", max_hops=2) as paths:
        ...     next(paths).length
        1
        """
        response = self._send(
            "POST", "paths/stream", _listed(self._pinned(_fields(query, fields))), stream=True
        )
        _check(response)
        return PathLines(response)

    def preview_paths(self, query: PathQuery | None = None, /, **fields: Any) -> Preview:
        """Return how many paths a question has and what they cost, without finding them.

        >>> client.preview_paths(source="NSC", target="neuron", max_hops=2).total_is_exact
        True
        """
        return self._ask("paths/preview", _fields(query, fields), Preview)

    def why_not(self, query: PathQuery | None = None, /, **fields: Any) -> WhyNot:
        """Return which constraint of a question keeps paths out.

        >>> client.why_not(source="GDNF", target="NSC", max_hops=1).relaxations[0].parameter
        'direction'
        """
        return self._ask("paths/why-not", _fields(query, fields), WhyNot)

    def open_ends(self, query: OpenEndsQuery | None = None, /, **fields: Any) -> OpenEndsResult:
        """Return the entities of an open side, ranked by their best paths to the other side.

        >>> client.open_ends(source="NSC", target="Disease", max_hops=2).ends[0].entity.category
        'biolink:Disease'
        """
        return self._ask("open-ends", _fields(query, fields), OpenEndsResult)

    def compare(self, query: CompareQuery | None = None, /, **fields: Any) -> Comparison:
        """Return what `left` and `right` share on their way to `target`, and what only one has.

        >>> found = client.compare(left="NSC", right="MSC", target="neuron", max_hops=2)
        >>> found.mediators[0].entity.name
        'inflammatory response'
        """
        return self._ask("compare", _fields(query, fields), Comparison)

    def chokepoints(self, query: PathQuery | None = None, /, **fields: Any) -> Chokepoints:
        """Return the entities and statements that most paths of a question lead through.

        >>> client.chokepoints(source="NSC", target="neuron", max_hops=2).entities[0].entity.name
        'inflammatory response'
        """
        return self._ask("chokepoints", _fields(query, fields), Chokepoints)

    def significance(
        self, query: SignificanceQuery | None = None, /, **fields: Any
    ) -> Significance:
        """Return how many paths there are, and how many the degrees alone lead to expect.

        >>> client.significance(source="NSC", target="neuron", max_hops=2, samples=50).samples
        50
        """
        return self._ask("significance", _fields(query, fields), Significance)

    def subgraph(self, **fields: Any) -> Subgraph:
        """Return the statements that join some `entities`.

        >>> found = client.subgraph(entities=["NSC"], targets=["neuron"])
        >>> [statement.id for statement in found.statements]
        ['SC043', 'SC121']
        """
        body = _listed(self._pinned(fields))
        return _decoded(self._send("POST", "subgraph", body), Subgraph)

    def path_graph(self, **fields: Any) -> Subgraph:
        """Return the entities and statements of the best paths as one graph, with all they have.

        >>> found = client.path_graph(source="NSC", target="neuron", max_hops=1)
        >>> [entity.name for entity in found.entities]
        ['neural stem cell', 'neuron']
        """
        found = self.find_paths(**fields)
        said = [s.id for path in found.paths for hop in path.hops for s in hop.statements]
        return self.subgraph(statements=list(dict.fromkeys(said)))

    def whole(self) -> Subgraph:
        """Return every entity and statement of the graph.

        >>> client.whole().entities[0].id
        'CHEBI:15551'
        """
        return self._ask("graph", {}, Subgraph)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """Return every entity and statement of the graph as a networkx graph.

        >>> client.to_networkx().number_of_nodes() == len(client.whole().entities)
        True
        """
        return to_networkx(self.whole())

    def schema(self) -> Schema:
        """Return categories and predicates.

        >>> client.schema().predicate("secretes").label
        'secretes'
        """
        return self._ask("schema", {}, Schema)

    def metagraph(self) -> Metagraph:
        """Return which categories are joined by which predicates, and how often.

        >>> client.metagraph().edges[0].subject
        'biolink:Gene'
        """
        return self._ask("metagraph", {}, Metagraph)

    def overview(self) -> Overview:
        """Return the graph at a glance: counts, sources, most linked entities, questions.

        >>> client.overview().graph
        'ms-nsc'
        """
        return self._ask("overview", {}, Overview)

    def propose(
        self,
        changes: Sequence[Change],
        *,
        reason: str,
        accept: bool = False,
        base: str = "",
        expected: str = "",
    ) -> Changeset:
        """Enter a changeset, and with `accept` apply it at once: all of it, or nothing.

        `base` is the version that its author saw, `expected` what the graph's must be. Raises
        `ServiceError` of the kinds `edit-conflict`, `stale-base`, `unauthorized`, `forbidden`.
        """
        body = {"reason": reason, "changes": changes, "accept": accept, "base": base}
        return self._write("changesets", body, expected)

    def upload(
        self,
        content: bytes,
        media_type: str = "text/turtle",
        *,
        reason: str,
        source: str = "",
        accept: bool = False,
        base: str = "",
        expected: str = "",
    ) -> Changeset:
        """Enter what a file adds as a changeset, and with `accept` apply it at once.

        `media_type` is one of `mechkg.ontology.uploads.MEDIA_TYPES`; `source` is cited where the
        file cites no source. Raises `ServiceError` as `propose` does.
        """
        fields = {"reason": reason, "source": source, "accept": accept, "base": base}
        given = {name: str(value).lower() if value is True else value
                 for name, value in fields.items() if value}  # fmt: skip
        headers = {**_once(expected), "Content-Type": media_type}
        path = f"changesets/upload?{urlencode(given)}"
        return _decoded(self._send("POST", path, content, headers), Changeset)

    def accept(self, changeset: str, *, expected: str = "") -> Changeset:
        """Apply a proposed changeset."""
        return self._write(f"changesets/{quote(changeset, safe='')}/accept", {}, expected)

    def reject(self, changeset: str, *, reason: str) -> Changeset:
        """Close a proposed changeset."""
        return self._write(f"changesets/{quote(changeset, safe='')}/reject", {"reason": reason})

    def undo(
        self, changeset: str, *, reason: str, accept: bool = False, expected: str = ""
    ) -> Changeset:
        """Enter a changeset that takes an accepted one back."""
        body = {"reason": reason, "accept": accept}
        return self._write(f"changesets/{quote(changeset, safe='')}/undo", body, expected)

    def changesets(self, status: str = "") -> Iterator[Changeset]:
        """Yield changesets, the latest first, without their changes; drafts need a token.

        >>> list(client.changesets())
        []
        """
        fields = {"status": status} if status else {}
        while True:
            page = _decoded(self._send("GET", "changesets", fields), _Changesets)
            yield from page.changesets
            if page.cursor is None:
                return
            fields["cursor"] = page.cursor

    def changeset(self, changeset: str) -> Changeset:
        """Return a changeset with its changes and what they did."""
        return _decoded(self._send("GET", f"changesets/{quote(changeset, safe='')}", {}), Changeset)

    def history(self, identifier: str) -> tuple[Changeset, ...]:
        """Return the changesets that edited a statement or entity, first to last."""
        return _decoded(self._send("GET", "history", {"id": identifier}), _Changesets).changesets

    def difference(self, start: str = "", end: str = "") -> Difference:
        """Return what differs between two versions that changes led through."""
        fields = {"start": start, "end": end}
        return _decoded(self._send("GET", "diff", fields), Difference)

    def _write(self, path: str, body: Mapping[str, Any], expected: str = "") -> Changeset:
        return _decoded(
            self._send("POST", path, msgspec.to_builtins(body), _once(expected)), Changeset
        )

    def export(self, route: str, format: str, **fields: Any) -> bytes:
        """Return an answer in another format: `export("paths", "turtle", source=...)`.

        >>> client.export("paths", "bibtex", source="NSC", target="neuron", max_hops=1)[:9]
        b'@misc{sen'
        """
        return self._get(route, {**fields, "format": format})

    def _pinned(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {**fields, "snapshot": self.snapshot} if self.snapshot else dict(fields)

    def _ask(self, path: str, fields: Mapping[str, Any], kind: type[Answer]) -> Answer:
        return _read(self._get(path, fields), kind)

    def _get(self, path: str, fields: Mapping[str, Any]) -> bytes:
        """Return the body of an answer, from the cache where the service says it still stands."""
        asked = self._pinned(fields)
        address = self._session.prepare_request(
            requests.Request("GET", f"{self.address}/api/v1/{path}", params=asked)
        ).url
        if address is None or len(address) > LONGEST_ADDRESS:
            response = self._send("POST", path, _listed(asked))
            _check(response)
            return response.content
        tag, body = self._cache.get(address, ("", b""))
        response = self._send("GET", path, asked, {"If-None-Match": tag} if tag else {})
        if response.status_code == requests.codes.not_modified:
            self._cache.move_to_end(address)
            return body
        _check(response)
        self._keep(address, response)
        return response.content

    def _send(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Any] | bytes,
        headers: Mapping[str, str] | None = None,
        *,
        stream: bool = False,
    ) -> requests.Response:
        body = "data" if isinstance(fields, bytes) else "json"
        by = {"params" if method == "GET" else body: fields}
        try:
            return self._session.request(
                method,
                f"{self.address}/api/v1/{path}",
                headers=dict(headers or {}),
                timeout=self.timeout,
                stream=stream,
                allow_redirects=False,
                **by,  # type: ignore[arg-type]  # one of two keywords
            )
        except requests.RequestException as error:
            reason = f"{self.address} did not answer: {error}. Is it the address of a service?"
            raise ServiceError(reason) from error

    def _keep(self, address: str, response: requests.Response) -> None:
        if tag := response.headers.get("ETag"):
            self._cache[address] = (tag, response.content)
        while sum(len(body) for _, body in self._cache.values()) > CACHED_BYTES:
            self._cache.popitem(last=False)


class _Changesets(msgspec.Struct, frozen=True):
    """A page of changesets, or the changesets of a history."""

    changesets: tuple[Changeset, ...]
    cursor: str | None = None


class PathLines(Closing, Iterator[Path]):
    """The paths of a stream, best first; `summary` is there when the last one was taken."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self._lines = response.iter_lines(chunk_size=None)
        self.summary: PathSummary | None = None

    def __next__(self) -> Path:
        """Return the next path; raises `ServiceError` where the service broke the stream off."""
        if self.summary is not None:
            raise StopIteration
        try:
            line = next(self._lines)
        except (StopIteration, requests.RequestException) as error:
            raise ServiceError("The stream ended before its last line.") from error
        told = msgspec.json.decode(line)
        if "entities" in told:
            return msgspec.convert(told, Path)
        self.close()
        if "returned" not in told:
            raise ServiceError(str(told.get("detail")), int(told.get("status", 0)), told)
        self.summary = msgspec.convert(told, PathSummary)
        raise StopIteration

    def close(self) -> None:
        """Close the connection, which stops the work behind it."""
        self._response.close()


def _once(expected: str) -> dict[str, str]:
    """Return the headers of a change: a key by which it is done once, and the version it is for."""
    key = {"Idempotency-Key": uuid4().hex}
    return {**key, "If-Match": f'"{expected}"'} if expected else key


def _address(text: str) -> str:
    """Return the address with its scheme, without a slash at its end."""
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise QueryError("address", f"is no address of HTTP: {text!r}", hint=ADDRESS_HINT)
    return parts.geturl().rstrip("/")


def _fields(query: msgspec.Struct | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a query that are not at their defaults, and those given by name."""
    if query is None:
        return dict(fields)
    given = {
        field.name: value
        for field in msgspec.structs.fields(query)
        if (value := getattr(query, field.name)) != field.default
    }
    return {**msgspec.to_builtins(given), **fields}


def _listed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as a JSON body takes them: a set is a list, also of one."""
    return {
        name: [value] if isinstance(value, str) and name in SETS else value
        for name, value in fields.items()
    }


SETS: Final = {
    *("source", "target", "predicate", "category", "via", "avoid", "evidence", "modality"),
    *("qualifier", "context", "entities", "statements", "left", "right"),
}
"""The parameters that hold several values."""


def _check(response: requests.Response) -> None:
    if response.ok:
        return
    try:
        problem = response.json()
    except requests.JSONDecodeError:
        problem = {}
    detail = problem.get("detail") or f"{response.status_code} {response.reason}"
    raise ServiceError(str(detail), response.status_code, problem)


def _decoded(response: requests.Response, kind: type[Answer]) -> Answer:
    _check(response)
    return _read(response.content, kind)


def _read(body: bytes, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        reason = f"The answer is not that of a MechKG of this version: {error}."
        raise ServiceError(reason) from error
