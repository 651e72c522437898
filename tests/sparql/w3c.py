"""The W3C SPARQL 1.1 tests: their manifests, and a comparison of results that is not ours.

Manifests, data and results are read with rdflib, which shares no code with the store that answers.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import urljoin

from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef, Variable
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")

EVALUATION = (
    "aggregates",
    "bind",
    "bindings",
    "cast",
    "construct",
    "csv-tsv-res",
    "exists",
    "functions",
    "grouping",
    "json-res",
    "negation",
    "project-expression",
    "property-path",
    "subquery",
)
SYNTAX = ("syntax-query",)
SPARQL11 = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"


@dataclass(frozen=True)
class Case:
    """A test: where it stands, its kind, its query, data and expected result."""

    category: str
    name: str
    kind: str
    base: str
    folder: Path
    query: Path | None = None
    result: Path | None = None
    data: tuple[Path, ...] = ()
    named: tuple[tuple[str, Path], ...] = ()
    requests: tuple[Request, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.category}/{self.name}"


@dataclass(frozen=True)
class Request:
    """A request of a protocol test, and what is expected of its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    status: frozenset[str]
    boolean: bool | None
    form: str


@dataclass
class Manifest:
    """The tests of a folder."""

    folder: Path
    graph: Graph = field(init=False)
    base: str = field(init=False)

    def __post_init__(self) -> None:
        self.base = f"{SPARQL11}{self.folder.name}/"
        self.graph = Graph()
        self.graph.parse(self.folder / "manifest.ttl", publicID=f"{self.base}manifest.ttl")

    def path(self, node: Node | None) -> Path | None:
        return None if node is None else self.folder / str(node).removeprefix(self.base)

    def cases(self) -> Iterator[Case]:
        (entries,) = self.graph.objects(None, MF.entries)
        for entry in Collection(self.graph, entries):
            kind = str(self.graph.value(entry, RDF.type)).partition("#")[2]
            name = str(entry).partition("#")[2]
            if kind == "ProtocolTest":
                yield self._protocol(entry, name, kind)
            elif kind != "ServiceDescriptionTest":
                yield self._case(entry, name, kind)

    def _case(self, entry: Node, name: str, kind: str) -> Case:
        value = self.graph.value
        action = value(entry, MF.action)
        query = value(action, QT.query) or action
        files = [(node, self.path(node)) for node in self.graph.objects(action, QT.graphData)]
        return Case(
            self.folder.name,
            name,
            kind,
            self.base,
            self.folder,
            self.path(query),
            self.path(value(entry, MF.result)),
            tuple(filter(None, map(self.path, self.graph.objects(action, QT.data)))),
            tuple((str(node), path) for node, path in files if path),
        )

    def _protocol(self, entry: Node, name: str, kind: str) -> Case:
        value = self.graph.value
        named = [
            (str(value(data, RDFS.label)), self.path(value(data, UT.graph)))
            for data in self.graph.objects(entry, UT.graphData)
        ]
        requests = Collection(self.graph, value(value(entry, MF.action), HT.requests))
        return Case(
            self.folder.name,
            name,
            kind,
            self.base,
            self.folder,
            named=tuple((iri, path) for iri, path in named if path),
            requests=tuple(map(self._request, requests)),
        )

    def _request(self, node: Node) -> Request:
        value = self.graph.value
        body, answer = value(node, HT.body), value(node, HT.resp)
        headers = {
            str(value(header, HT.fieldName)): str(value(header, HT.fieldValue))
            for header in Collection(self.graph, value(node, HT.headers) or RDF.nil)
        }
        encoding = str(value(body, CNT.characterEncoding) or "UTF-8")
        boolean = value(answer, MF.expectedBoolean)
        return Request(
            str(value(node, HT.methodName)),
            str(value(node, HT.absolutePath)),
            headers,
            None if body is None else str(value(body, CNT.chars)).encode(encoding),
            frozenset(str(s)[-3] for s in self.graph.objects(answer, MF.expectedStatus)),
            None if boolean is None else boolean.toPython(),
            str(value(answer, MF.expectedFormat) or ""),
        )


def same_graph(expected: Path, base: str, turtle: bytes) -> bool:
    """Say whether an answer in Turtle is the graph of a file, up to blank nodes."""
    wanted, found = Graph(), Graph()
    wanted.parse(expected, publicID=urljoin(base, expected.name))
    found.parse(io.BytesIO(turtle), format="turtle")
    return isomorphic(wanted, found)


def result_set(expected: Path, base: str) -> bytes | None:
    """Return the solutions that a Turtle file describes as SPARQL results in JSON, if it does."""
    graph = Graph().parse(expected, publicID=urljoin(base, expected.name))
    found = next(graph.subjects(RDF.type, RS.ResultSet), None)
    if found is None:
        return None
    result = Result("SELECT")
    result.vars = [Variable(str(name)) for name in graph.objects(found, RS.resultVariable)]
    result.bindings = [
        {
            Variable(str(graph.value(bound, RS.variable))): graph.value(bound, RS.value)
            for bound in graph.objects(row, RS.binding)
        }
        for row in graph.objects(found, RS.solution)
    ]
    return result.serialize(format="json")


FORMS = {
    ".srx": ("xml", "application/sparql-results+xml"),
    ".srj": ("json", "application/sparql-results+json"),
    ".csv": ("csv", "text/csv"),
    ".tsv": ("tsv", "text/tab-separated-values"),
}
"""The formats of results: how rdflib calls each, and its media type."""


def same_results(expected: bytes, answer: bytes, form: str) -> bool:
    """Say whether two serialized results hold the same solutions by value, blank nodes renamed."""
    wanted, found = (Result.parse(io.BytesIO(t), format=form) for t in (expected, answer))
    if wanted.type != found.type:
        return False
    if wanted.type == "ASK":
        return wanted.askAnswer == found.askAnswer
    assert wanted.vars is not None
    assert found.vars is not None
    if set(wanted.vars) != set(found.vars):
        return False
    loose = form == "csv"
    return _match(_rows(wanted, loose), _rows(found, loose))


Row = tuple[tuple[str, object], ...]


def _rows(result: Result, loose: bool) -> list[Row]:
    return [
        tuple(sorted((str(name), _value(term, loose)) for name, term in row.items()))
        for row in result.bindings
    ]


def _value(term: Node, loose: bool) -> object:
    if isinstance(term, BNode):
        return term
    if loose:
        return _number(str(term))
    if isinstance(term, URIRef):
        return ("iri", str(term))
    assert isinstance(term, Literal)
    kind = str(term.datatype or "http://www.w3.org/2001/XMLSchema#string")
    value = term.value
    if value is None or term.ill_typed or not isinstance(value, int | float | Decimal | bool):
        return (kind, (term.language or "").lower(), str(term))
    return (kind, "", repr(float(value)) if isinstance(value, float | Decimal) else repr(value))


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return BNode(text) if text.startswith("_:") else text


def _match(wanted: list[Row], found: list[Row]) -> bool:
    """Match two multisets of rows, renaming the blank nodes of one; by backtracking."""
    if len(wanted) != len(found):
        return False
    if not any(isinstance(value, BNode) for row in (*wanted, *found) for _, value in row):
        return Counter(wanted) == Counter(found)
    return _pair(sorted(wanted, key=_blanks), list(found), {})


def _blanks(row: Row) -> int:
    return sum(isinstance(value, BNode) for _, value in row)


def _pair(wanted: list[Row], found: list[Row], names: dict[BNode, BNode]) -> bool:
    if not wanted:
        return True
    for place, row in enumerate(found):
        renamed = _rename(wanted[0], row, names)
        if renamed is not None and _pair(
            wanted[1:], [*found[:place], *found[place + 1 :]], renamed
        ):
            return True
    return False


def _rename(one: Row, other: Row, names: dict[BNode, BNode]) -> dict[BNode, BNode] | None:
    names = dict(names)
    if [name for name, _ in one] != [name for name, _ in other]:
        return None
    for (_, left), (_, right) in zip(one, other, strict=True):
        if isinstance(left, BNode) and isinstance(right, BNode):
            if names.setdefault(left, right) != right:
                return None
        elif left != right:
            return None
    return names if len(set(names.values())) == len(names) else None
