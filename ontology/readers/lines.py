"""N-Triples and N-Quads by lines and columns, for files of any size.

A first pass looks which subjects describe statements, vocabulary or blank structure. Where there
are none, as in a plain graph, every line is a relation, a name or a type, and no triple becomes a
Python object. Where there are some, small files go to the full reader; of large ones, just the
lines about such subjects do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import RdfFormat, parse

from kg.ahead import ahead
from kg.kernels.text import cut_triples
from kg.model import Entity
from kg.numbering import Column, Interner, Numbered
from kg.readers.content import Batch, Reading, Records, StatementRows
from kg.readers.files import Block, SourceFile
from kg.readers.kgx import most_specific
from kg.readers.obo import PURL, curie_of, predicate_name, term_category
from ontology.rdf_guard import MAX_BYTES
from ontology.rdf_triples import Document
from ontology.readers.documents import records_of
from ontology.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    DC,
    DCTERMS,
    ENTITY,
    FOAF,
    MECHKG,
    OBOINOWL,
    OWL,
    PROV,
    QUALIFIER,
    RDF,
    RDFS,
    SH,
    SKOS,
    Codec,
)

__all__ = ["read_lines"]

SMALL: Final = 1 << 25
"""Bytes of a file with statement nodes that is read as one document, 32 MiB as stored."""
MOST_KEPT: Final = 1 << 28
"""Bytes of a file that are kept between the passes, 256 MiB; a larger one is read twice."""

_ESCAPE: Final = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.")
_MARKS: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_PLAIN, _LITERAL, _OTHER = 1, 2, 3
_RELATES, _TYPE, _NAME, _SYNONYM, _DESCRIPTION, _XREF, _NODE, _ABOUT = range(8)
_ROLES: Final = {
    RDF["type"]: _TYPE,
    BIOLINK["category"]: _TYPE,
    RDFS["label"]: _NAME,
    SKOS["prefLabel"]: _NAME,
    BIOLINK["name"]: _NAME,
    SKOS["altLabel"]: _SYNONYM,
    OBOINOWL["hasExactSynonym"]: _SYNONYM,
    BIOLINK["synonym"]: _SYNONYM,
    DCTERMS["description"]: _DESCRIPTION,
    "http://purl.obolibrary.org/obo/IAO_0000115": _DESCRIPTION,
    RDFS["comment"]: _DESCRIPTION,
    SKOS["exactMatch"]: _XREF,
    OBOINOWL["hasDbXref"]: _XREF,
    BIOLINK["xref"]: _XREF,
    RDFS["subClassOf"]: _RELATES,
}
"""What a property means for its subject; `_NODE` makes the subject a node of its own kind."""
_NODE_PROPERTIES: Final = frozenset(
    {
        *(v[name] for v in (RDF, BIOLINK) for name in ("subject", "predicate", "object")),
        RDF["reifies"], RDFS["subPropertyOf"], SH["prefix"], OWL["inverseOf"],
        OWL["someValuesFrom"], OWL["equivalentClass"],
    }
)  # fmt: skip
_NODE_VOCABULARIES: Final = (MECHKG, QUALIFIER, ATTRIBUTE)
_DESCRIBING: Final = (RDF, RDFS, OWL, SKOS, DCTERMS, DC, PROV, SH, FOAF, OBOINOWL)
_PLAIN_TYPES: Final = frozenset((OWL["Class"], OWL["NamedIndividual"], RDFS["Class"]))


@dataclass(frozen=True, slots=True)
class _Cut:
    """The lines of a block: three columns of terms, and the kind of each line.

    `rows` are the lines that hold a triple; `predicates` and `roles` say what relates its ends.
    """

    block: Block
    terms: tuple[Column, Column, Column]
    kind: NDArray[np.uint8]
    rows: NDArray[np.intp]
    predicates: NDArray[np.int32]
    roles: NDArray[np.uint8]

    def relating(self) -> NDArray[np.bool_]:
        """Say of each triple whether it relates two entities."""
        return np.asarray((self.roles == _RELATES) & (self.kind[self.rows] == _PLAIN))


def read_lines(file: SourceFile, reading: Reading, *, syntax: RdfFormat) -> Iterator[Batch]:
    """Read N-Triples or N-Quads; the graph of a quad is let go."""
    nodes = _Nodes()
    cutter = _Cutter()
    relations = _Relations(reading, cutter.predicates)
    kept = _looked_through(cutter.cuts(file), file, syntax, nodes, relations)
    if nodes.found and file.size <= SMALL:
        document = Document(file.name, file.document(MAX_BYTES), syntax)
        yield from records_of(document, reading)
        return
    if nodes.found or kept is None:
        relations = _Relations(reading, cutter.predicates)
    held: list[bytes] = []
    size = 0
    for cut in cutter.cuts(file) if kept is None else kept:
        apart = nodes.about(cut)
        if apart.any():
            lines = _lines(cut.block, apart)
            size += len(lines)
            if size > MAX_BYTES:
                raise file.error(
                    None, f"its statement nodes are larger than {MAX_BYTES >> 20} MiB",
                    hint="Convert them to KGX.",
                )  # fmt: skip
            held.append(lines)
        yield from relations.batches(cut, ~apart)
    if held:
        document = Document(file.name, b"".join(held), syntax)
        yield from (b for b in records_of(document, reading) if not _only_entities(b))


def _looked_through(
    cuts: Iterator[_Cut],
    file: SourceFile,
    syntax: RdfFormat,
    nodes: _Nodes,
    relations: _Relations,
) -> list[_Cut] | None:
    """Look for nodes in a file, and number its relations while there are none.

    Returns its blocks, None if they are too large to be kept.
    """
    kept: list[_Cut] = []
    room = MOST_KEPT
    for cut in cuts:
        nodes.look(cut, file, syntax)
        room -= len(cut.block.data)
        if room < 0:
            kept.clear()
            continue
        kept.append(cut)
        if not nodes.found:
            relations.number(cut)
    return kept if room >= 0 else None


def _only_entities(batch: Batch) -> bool:
    return isinstance(batch, Records) and bool(batch.entities)


def _lines(block: Block, chosen: NDArray[np.bool_]) -> bytes:
    lines = block.data.split(b"\n")
    return b"".join(lines[i] + b"\n" for i in np.flatnonzero(chosen).tolist())


def _role(iri: str) -> int:
    if iri in _NODE_PROPERTIES or any(v.holds(iri) for v in _NODE_VOCABULARIES):
        return _NODE
    if iri in _ROLES:
        return _ROLES[iri]
    return _ABOUT if any(v.holds(iri) for v in _DESCRIBING) else _RELATES


class _Cutter:
    """Cuts blocks; knows the distinct predicates, by number, and the role of each."""

    def __init__(self) -> None:
        self.predicates: list[str] = []
        self._interner = Interner()
        self._roles = np.empty(0, np.uint8)

    def cuts(self, file: SourceFile) -> Iterator[_Cut]:
        """Yield the blocks of a file, cut by a thread of its own."""
        return ahead(map(self._cut, file.blocks()))

    def _cut(self, block: Block) -> _Cut:
        buffer = np.frombuffer(block.data, np.uint8)
        start = np.zeros((3, block.lines), np.int64)
        end = np.zeros_like(start)
        kind = np.empty(start.shape[1], np.uint8)
        cut_triples(buffer, start, end, kind)
        subject, predicate, target = (Column(buffer, start[i], end[i]) for i in range(3))
        for column in (subject, target):
            column.hashes()
        rows = np.flatnonzero((kind == _PLAIN) | (kind == _LITERAL))
        numbers = self._interner.intern(predicate.take(rows))
        fresh = self._interner.column.take(slice(len(self._roles), None)).texts()
        self._roles = np.append(self._roles, np.array([_role(t) for t in fresh], np.uint8))
        self.predicates += fresh
        return _Cut(block, (subject, predicate, target), kind, rows, numbers, self._roles[numbers])


class _Nodes:
    """The subjects that are no plain entities, found in a first pass."""

    def __init__(self) -> None:
        self._subjects = Interner()
        self._types = Interner()
        self._node_types = np.empty(0, np.bool_)
        self.found = False

    def look(self, cut: _Cut, file: SourceFile, syntax: RdfFormat) -> None:
        """Take a block; raises `DataError` for a line that is no triple."""
        others = np.flatnonzero(cut.kind == _OTHER)
        if len(others):
            self.found = True
            self._check(cut, others, file, syntax)
        node = cut.roles == _NODE
        types = np.flatnonzero(cut.roles == _TYPE)
        if len(types):
            node[types] = self._is_node_type(cut.terms[2].take(cut.rows[types]))
        if node.any():
            self.found = True
            self._subjects.intern(cut.terms[0].take(cut.rows[node]))

    def about(self, cut: _Cut) -> NDArray[np.bool_]:
        """Say of each line whether it is about such a subject."""
        apart: NDArray[np.bool_] = cut.kind == _OTHER
        if len(self._subjects):
            known = self._subjects.find(cut.terms[0]) >= 0
            apart |= known & (cut.kind != 0)
        return apart

    def _is_node_type(self, column: Column) -> NDArray[np.bool_]:
        numbers = self._types.intern(column)
        known = len(self._node_types)
        if len(self._types) > known:
            texts = self._types.column.take(slice(known, None)).texts()
            fresh = [_is_node_type(text) for text in texts]
            self._node_types = np.append(self._node_types, np.array(fresh, np.bool_))
        return np.asarray(self._node_types[numbers])

    def _check(
        self, cut: _Cut, rows: NDArray[np.intp], file: SourceFile, syntax: RdfFormat
    ) -> None:
        for row in rows.tolist():
            try:
                text = cut.terms[2].text(row)
                for _ in parse(text.encode(), format=syntax):
                    pass
            except SyntaxError as error:
                raise file.error(cut.block.line + row, f"it is no triple ({error.msg})") from error


def _is_node_type(iri: str) -> bool:
    """Say whether a type makes its subject vocabulary or a description of something else."""
    if iri in _PLAIN_TYPES:
        return False
    described = (OWL, RDF, RDFS, PROV, SH, MECHKG)
    return iri == BIOLINK["Association"] or any(v.holds(iri) for v in described)


class _Relations:
    """Turns lines into rows and names, identifiers as CURIEs."""

    def __init__(self, reading: Reading, predicates: list[str]) -> None:
        self._reading = reading
        self._predicates = predicates
        self._codec = Codec(reading.schema.prefixes)
        self._foreign: dict[str, bool] = {}
        self._places = np.empty(0, np.int32)
        self._named_count = 0
        self._entities = Interner()
        self._numbered: dict[int, tuple[Numbered, Numbered]] = {}

    def number(self, cut: _Cut) -> None:
        """Give the ends of a block's relations numbers, before it is known if they are wanted."""
        self._numbered[cut.block.line] = self._ends(cut, cut.rows[cut.relating()])

    def batches(self, cut: _Cut, here: NDArray[np.bool_]) -> Iterator[Batch]:
        """Yield the relations of a block as columns, then its names and types as records.

        A block that was numbered must be wanted as a whole.
        """
        wanted = here[cut.rows]
        relates = wanted & cut.relating()
        if relates.any():
            ends = self._numbered.pop(cut.block.line, None)
            subject, obj = ends or self._ends(cut, cut.rows[relates])
            yield StatementRows(
                subject=subject,
                predicate=self._named(cut.predicates[relates]),
                object=obj,
                line=cut.block.line,
                particulars=self._reading.listed,
            )
        about = wanted & (cut.roles > _RELATES) & (cut.roles < _NODE)
        if about.any():
            yield self._described(cut, cut.rows[about], cut.roles[about])

    def _ends(self, cut: _Cut, rows: NDArray[np.intp]) -> tuple[Numbered, Numbered]:
        """Return the subjects and objects of some lines as CURIEs."""
        return self._identified(cut.terms[0].take(rows)), self._identified(cut.terms[2].take(rows))

    def _identified(self, iris: Column) -> Numbered:
        found = self._entities.numbered(iris)
        curies = [self._curie(text) for text in found.fresh.texts()]
        return Numbered(found.numbers, Column.of(curies))

    def _curie(self, iri: str) -> str:
        stem = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        foreign = self._foreign.get(stem)
        if foreign is None:
            starts = (*self._codec.prefixes.values(), PURL, ENTITY.start)
            foreign = self._foreign[stem] = not any(
                start.startswith(stem) or stem.startswith(start) for start in starts
            )
        if foreign:  # most IRIs of a foreign graph share few stems
            return iri
        curie = curie_of(iri)
        return self._codec.curie(iri) if curie == iri else curie

    def _named(self, numbers: NDArray[np.int32]) -> Numbered:
        """Return the predicates of relations, numbered among these only."""
        more = len(self._predicates) - len(self._places)
        self._places = np.append(self._places, np.full(more, -1, np.int32))
        seen = np.flatnonzero(np.bincount(numbers))
        fresh = seen[self._places[seen] < 0]
        self._places[fresh] = np.arange(self._named_count, self._named_count + len(fresh))
        self._named_count += len(fresh)
        names = [self._predicate_name(self._predicates[number]) for number in fresh.tolist()]
        return Numbered(self._places[numbers], Column.of(names))

    def _predicate_name(self, iri: str) -> str:
        if iri == RDFS["subClassOf"]:
            return "subclass_of"
        return predicate_name(self._curie(iri), "", self._reading)

    def _described(self, cut: _Cut, rows: NDArray[np.intp], roles: NDArray[np.uint8]) -> Records:
        subjects = cut.terms[0].take(rows).texts()
        targets = cut.terms[2].take(rows).texts()
        described = zip(subjects, roles.tolist(), targets, strict=True)
        return Records(entities=tuple(self._entity(*one) for one in described))

    def _entity(self, subject: str, role: int, target: str) -> Entity:
        curie = self._curie(subject)
        text = unquoted(target) if target.startswith('"') else self._curie(target)
        category = term_category(curie, "", self._reading)
        if role == _TYPE:
            if target in _PLAIN_TYPES:
                return Entity(id=curie, name="", category=category, iri=subject)
            return Entity(id=curie, name="", category=most_specific([text], self._reading.depths))
        return Entity(
            id=curie,
            name=text if role == _NAME else "",
            category=category,
            synonyms=(text,) if role == _SYNONYM else (),
            description=text if role == _DESCRIPTION else "",
            xrefs=(text,) if role == _XREF else (),
        )


def unquoted(literal: str) -> str:
    r"""Return the text of an N-Triples literal, its escapes resolved.

    >>> unquoted('"caf\\u00e9 \\"x\\""@fr')
    'café "x"'
    """
    text = literal[1 : literal.rindex('"')]
    return _ESCAPE.sub(_resolved, text) if "\\" in text else text


def _resolved(match: re.Match[str]) -> str:
    mark, digits = match[0][1], match[0][2:]
    return chr(int(digits, 16)) if digits else _MARKS.get(mark, mark)
