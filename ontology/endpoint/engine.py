"""`SparqlEngine`: a SPARQL endpoint as an engine, whose answers are checked against its counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.engine.contract import (
    Budget,
    Columns,
    Degree,
    EngineRefusal,
    Expansion,
    Limits,
    Meter,
)
from mechkg.kg.errors import AmbiguousName, EngineError, UnknownEntity
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.ranking.doubt import doubt
from mechkg.ontology.endpoint.client import EndpointClient
from mechkg.ontology.endpoint.dialects import DIALECTS
from mechkg.ontology.endpoint.http import Credentials
from mechkg.ontology.endpoint.mapping import EndpointMapping, Terms, read_mapping
from mechkg.ontology.endpoint.queries import Queries
from mechkg.ontology.rdf.vocabulary import ENTITY

__all__ = ["SparqlEngine"]

FRESH_SECONDS: Final = 60.0
"""How long the version of an endpoint is taken to be as it was."""

MAX_NAMES: Final = 4_096
"""Texts and entities that are remembered of one version."""

BLANK: Final = ("_:", "nodeID:")
"""How blank nodes begin in CSV: by the standard, and from Virtuoso."""

TABLE_BUDGET: Final = Budget(requests=6, bytes=200_000_000, seconds=120.0)
"""What the degrees of all entities may cost; they are counted on demand where that is too little.

Some 80 bytes an entity are sent, and 200 kept: a million entities or two.
"""

Kept = TypeVar("Kept")


class SparqlEngine:
    """A graph behind a SPARQL 1.1 endpoint (`mechkg.kg.engine.contract.GraphEngine`).

    Its version is looked at every `FRESH_SECONDS`. A change in between shows where counts and rows
    do not fit: such an answer is refused. Names, entities and predicates are kept for one version.
    """

    def __init__(
        self,
        url: str,
        mapping: EndpointMapping | None = None,
        credentials: Credentials | None = None,
        *,
        ca: str | None = None,
        wants_table: bool = True,
    ) -> None:
        self._mapping = mapping or read_mapping(None)
        dialect = DIALECTS[self._mapping.dialect]
        self._client = EndpointClient(
            url,
            dialect,
            credentials,
            graph=self._mapping.graph,
            seconds=self._mapping.request_seconds,
            ca=ca,
        )
        self._limits = msgspec.structs.replace(dialect.limits, max_rows=self._mapping.max_rows)
        self._queries = Queries(self._mapping)
        self._terms = Terms(self._mapping)
        self._evidence = self._terms.evidence(self._mapping)
        listed = self._mapping.predicates
        self._schema = self._terms.used(map(self._terms.predicate, listed)) if listed else None
        self._wants_table = wants_table
        self._version = ""
        self._seen = -FRESH_SECONDS
        self._names: dict[str, Grounding] = {}
        self._entities: dict[str, Entity] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

    @property
    def name(self) -> str:
        """The name of the mapping, else the address."""
        return self._mapping.name or self._client.name.rpartition(" ")[2]

    @property
    def schema(self) -> Schema:
        """Categories, and the predicates that the endpoint uses."""
        return self._terms.schema if self._schema is None else self._schema

    @property
    def least_doubt(self) -> float:
        """The doubt of each statement: that of one piece of evidence by the endpoint."""
        return _doubt_of(self._evidence)

    @property
    def is_bare(self) -> bool:
        """Whether statements say no more than their triple: all that is read of them."""
        return True

    @property
    def limits(self) -> Limits:
        """What one request may hold."""
        return self._limits

    def version(self, meter: Meter) -> str:
        """Return a digest of a token of the content; the first time, predicates are listed, too."""
        if time.monotonic() - self._seen > FRESH_SECONDS:
            rows = self._client.select(self._queries.version(), _one_variable(self._mapping), meter)
            found = rows[0][0] if rows else ""
            with self._lock:
                if found != self._version:
                    self._names.clear()
                    self._entities.clear()
                    if not self._mapping.predicates:
                        self._schema = None
                self._version, self._seen = found, time.monotonic()
        if self._schema is None:
            self._schema = self._terms.used(self._predicates(meter))
        return blake2b(f"{self.name}@{self._version}".encode(), digest_size=6).hexdigest()

    def _predicates(self, meter: Meter) -> list[str]:
        rows = self._client.select(self._queries.properties(), ("p",), meter)
        return [self._terms.predicate(iri) for (iri,) in rows]

    # -- names ------------------------------------------------------------------------------

    def search(self, texts: Sequence[str], parameter: str, meter: Meter) -> list[Grounding]:
        """Return the one entity that each text names, by identifier, label or synonym.

        An identifier costs no request: that nothing is known of it shows later.
        """
        return [self._named(text, parameter, meter) for text in texts]

    def _named(self, text: str, parameter: str, meter: Meter) -> Grounding:
        known = self._names.get(text)
        if known is None:
            known = self._read(text, parameter, meter)
            _keep(self._names, text, known)
        return msgspec.structs.replace(known, parameter=parameter)

    def _read(self, text: str, parameter: str, meter: Meter) -> Grounding:
        """Return what a text means: a CURIE of a known prefix, an IRI, else a name."""
        iri = self._terms.iri(text)
        found = self._terms.identifier(iri)
        identified = Grounding(
            parameter="", given=text, id=found, name=found, match="identifier", matched=text
        )
        if not ENTITY.holds(iri):
            return identified
        try:
            return self._labelled(text, parameter, meter)
        except UnknownEntity:
            if ":" in text and not any(c.isspace() for c in text):
                return identified
            raise

    def _labelled(self, text: str, parameter: str, meter: Meter) -> Grounding:
        rows = self._client.select(self._queries.named([text]), ("s", "k", "v"), meter)
        for kind, match in (("l", "name"), ("y", "synonym")):
            fits = {
                self._terms.identifier(iri): said
                for iri, k, said in rows
                if k == kind and not iri.startswith(BLANK)
            }
            if len(fits) == 1:
                ((curie, said),) = fits.items()
                return msgspec.convert(
                    {
                        "parameter": parameter, "given": text, "id": curie, "name": said,
                        "match": match, "matched": said,
                    },
                    Grounding,
                )  # fmt: skip
            if fits:
                raise AmbiguousName(parameter, text, sorted(fits.items()))
        raise UnknownEntity(parameter, text)

    def entities(self, ids: Sequence[str], meter: Meter) -> list[Entity]:
        """Return names and categories; an entity without a label has its identifier as name."""
        missing = [curie for curie in ids if curie not in self._entities]
        found = {c: self._entities[c] for c in ids if c in self._entities}
        if missing:
            found |= self._described(missing, meter)
        return [found[curie] for curie in ids]

    def _described(self, ids: Sequence[str], meter: Meter) -> dict[str, Entity]:
        iris = [self._terms.iri(curie) for curie in ids]
        rows = self._client.select(self._queries.entities(iris), ("s", "k", "v"), meter)
        said: dict[str, dict[str, list[str]]] = {}
        for iri, kind, value in rows:
            said.setdefault(iri, {}).setdefault(kind, []).append(value)
        if any("" not in said.get(iri, {}) for iri in iris):
            raise EngineRefusal(f"{self._client.name} left out entities that it was asked for.")
        found = {}
        for curie, iri in zip(ids, iris, strict=True):
            found[curie] = self._entity(curie, said[iri].get("l", []), said[iri].get("t", []))
            _keep(self._entities, curie, found[curie])
        return found

    def matches(self, text: str, limit: int, meter: Meter) -> list[tuple[str, str]]:
        """Return entities by identifier, then by whole names, then by names that begin so.

        The last takes a look at every name of the endpoint: it is left out where that is refused.
        """
        found: dict[str, str] = {}
        try:
            known = self._read(text, "q", meter)
            found[known.id] = known.matched
        except AmbiguousName as error:
            found |= dict(error.candidates)
        except UnknownEntity:
            pass
        if len(found) < limit:
            query = self._queries.beginning(text, 4 * limit)
            try:
                rows = self._client.select(query, ("s", "k", "v"), meter)
            except EngineRefusal:
                rows = []
            named = [(k, v, iri) for iri, k, v in rows if not iri.startswith(BLANK)]
            for _, name, iri in sorted(named, key=lambda row: (row[0], len(row[1]), row[1])):
                found.setdefault(self._terms.identifier(iri), name)
        return list(found.items())[:limit]

    def count_statements(self, meter: Meter) -> int:
        """Return how many statements there are: one scan of the endpoint."""
        ((count,),) = self._client.select(self._queries.all_statements(), ("n",), meter)
        return self._number(count)

    def count_members(self, categories: Sequence[str], meter: Meter) -> int:
        """Return how many entities have a type that is one of some categories."""
        query = self._queries.members(self._terms.types(categories))
        ((count,),) = self._client.select(query, ("n",), meter)
        return self._number(count)

    # -- degrees ----------------------------------------------------------------------------

    def degrees(self, ids: Sequence[str], meter: Meter) -> list[Degree]:
        """Return the degrees of some entities; each must be answered."""
        iris = [self._terms.iri(curie) for curie in ids]
        rows = self._client.select(self._queries.degrees(iris), ("x", "out", "in"), meter)
        found = {iri: Degree(self._number(out), self._number(into)) for iri, out, into in rows}
        if any(iri not in found for iri in iris):
            raise EngineRefusal(f"{self._client.name} left out degrees that it was asked for.")
        return [found[iri] for iri in iris]

    def degree_table(self, meter: Meter) -> Mapping[str, Degree] | None:
        """Return all degrees, None where they are not wanted or take too much.

        It has a budget of its own. Raises `EngineError` where the endpoint does not answer.
        """
        if not self._wants_table:
            return None
        own = Meter(TABLE_BUDGET)
        try:
            out, into = self._ends("s", own), self._ends("o", own)
        except EngineRefusal:
            return None
        finally:
            used = own.usage
            meter.count(sent=used.sent, received=used.received, rows=used.rows)
        if sum(out.values()) != sum(into.values()):
            return None
        identifier = self._terms.identifier
        return {
            identifier(iri): Degree(out.get(iri, 0), into.get(iri, 0))
            for iri in out.keys() | into.keys()
        }

    def _ends(self, end: str, meter: Meter) -> dict[str, int]:
        rows = self._client.select(self._queries.table(end), (end, "n"), meter)
        return {iri: self._number(count) for iri, count in rows if iri}

    def _number(self, text: str) -> int:
        if not text.isdigit():
            raise EngineRefusal(
                f"{self._client.name} answered {text[:40]!r} where a count was wanted."
            )
        return int(text)

    # -- statements -------------------------------------------------------------------------

    def expand(
        self,
        outward: Sequence[str],
        inward: Sequence[str],
        predicates: Sequence[str] | None,
        meter: Meter,
    ) -> Expansion:
        """Return the statements of some entities; with predicates, they are counted beside."""
        subjects, objects = (list(map(self._terms.iri, ids)) for ids in (outward, inward))
        properties = None
        if predicates is not None:
            properties = [self._terms.property(name) for name in predicates]
        query = self._queries.expand(subjects, objects, properties)
        rows = self._client.select(query, ("s", "p", "o"), meter)
        if properties is not None:
            count = self._queries.count(subjects, objects, properties)
            ((wanted,),) = self._client.select(count, ("n",), meter)
            if self._number(wanted) != len(rows):
                raise EngineRefusal(f"{self._client.name} sent {len(rows):,} of {wanted} rows.")
        return _Rows(self._terms, self._evidence, rows, set(subjects), set(objects))

    @property
    def triples(self) -> int:
        """How many triples the endpoint had when its version was last looked at, 0 if unknown."""
        counts = not self._mapping.version and self._version.isdigit()
        return int(self._version) if counts else 0

    def every_statement(self, meter: Meter) -> Iterator[list[tuple[str, str, str]]]:
        """Yield the statements of each property: subject, predicate, object."""
        identifier = self._terms.identifier
        for (iri,) in self._client.select(self._queries.properties(), ("p",), meter):
            rows = self._client.select(self._queries.with_property(iri), ("s", "o"), meter)
            predicate = self._terms.predicate(iri)
            yield [(identifier(s), predicate, identifier(o)) for s, o in rows]

    def every_entity(self, wanted: Container[str], meter: Meter) -> dict[str, Entity]:
        """Return names and categories of those entities that are wanted and have any."""
        said: dict[str, tuple[list[str], list[str]]] = {}
        for place, query in self._queries.descriptions():
            for iri, value in self._client.select(query, ("s", "v"), meter):
                curie = self._terms.identifier(iri)
                if curie in wanted:
                    said.setdefault(curie, ([], []))[place].append(value)
        return {c: self._entity(c, *found) for c, found in said.items()}

    def statement(self, subject: str, predicate: str, obj: str) -> Statement:
        """Return a statement as this endpoint makes it: its effect, and the evidence of all."""
        return Statement(
            id="",
            subject=subject,
            predicate=predicate,
            object=obj,
            effect=self._terms.effect(predicate),
            evidence=self._evidence,
        )

    def _entity(self, curie: str, labels: Sequence[str], types: Sequence[str]) -> Entity:
        return Entity(
            id=curie,
            name=min(labels, default=curie),
            category=self._terms.category(types),
            iri="" if "://" in curie else self._terms.iri(curie),
        )

    def statements(self, pairs: Sequence[tuple[str, str]], meter: Meter) -> list[Statement]:
        """Return the statements between pairs of entities, in either direction."""
        iri = self._terms.iri
        both = dict.fromkeys(p for a, b in pairs for p in ((iri(a), iri(b)), (iri(b), iri(a))))
        found = self._client.select(self._queries.between(list(both)), ("s", "p", "o"), meter)
        every = _Rows(self._terms, self._evidence, found, {s for s, _, _ in found}, set())
        return every.statements(range(len(every.outward.subject)))


class _Rows:
    """Rows of an endpoint as an `Expansion`; a triple that comes twice is one statement."""

    def __init__(
        self,
        terms: Terms,
        evidence: tuple[Evidence, ...],
        rows: Iterable[Sequence[str]],
        subjects: set[str],
        objects: set[str],
    ) -> None:
        distinct = dict.fromkeys((s, p, o) for s, p, o in rows)
        self._terms, self._evidence = terms, evidence
        self.outward = _columns(terms, [row for row in distinct if row[0] in subjects])
        self.inward = _columns(terms, [row for row in distinct if row[2] in objects])
        self.doubt: NDArray[np.float32] = np.array([_doubt_of(evidence)], np.float32)

    def statements(self, positions: Iterable[int]) -> list[Statement]:
        """Return statements by position."""
        split = len(self.outward.subject)
        found = []
        for position in positions:
            columns = self.outward if position < split else self.inward
            row = position if position < split else position - split
            found.append(
                Statement(
                    id="",
                    subject=columns.subject[row],
                    predicate=columns.predicate[row],
                    object=columns.object[row],
                    effect=self._terms.effect(columns.predicate[row]),
                    evidence=self._evidence,
                )
            )
        return found


def _columns(terms: Terms, rows: Sequence[tuple[str, str, str]]) -> Columns:
    identifier, predicate = terms.identifier, terms.predicate
    return Columns(
        [identifier(s) for s, _, _ in rows],
        [predicate(p) for _, p, _ in rows],
        [identifier(o) for _, _, o in rows],
    )


def _doubt_of(evidence: tuple[Evidence, ...]) -> float:
    bare = Statement(id="", subject="a", predicate="b", object="c", evidence=evidence)
    return float(np.float32(doubt(bare)))


def _one_variable(mapping: EndpointMapping) -> tuple[str]:
    """Return the variable of the query for the version: its first."""
    if not mapping.version:
        return ("n",)
    found = mapping.version.partition("?")[2]
    name = "".join(c if c.isalnum() or c == "_" else " " for c in found).split(" ")[0]
    if not name:
        raise EngineError("The version query of the mapping selects no variable.")
    return (name,)


def _keep(kept: dict[str, Kept], key: str, value: Kept) -> None:
    """Remember a value; all others are forgotten where there are too many."""
    if len(kept) >= MAX_NAMES:
        kept.clear()
    kept[key] = value
