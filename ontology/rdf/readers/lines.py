"""N-Triples and N-Quads by lines and columns, for files of any size.

A first pass looks which subjects describe statements, vocabulary or blank structure. Where there
are none, as in a plain graph, every line is a relation, a name or a type, and no triple becomes a
Python object. Where there are some, the file is read again: small ones by the full reader; of
large ones, just the lines about such subjects are. Memory beside the blocks that wait: 12 bytes a
relation, 100 and its text twice an entity, as much again where it has a category, and what
describes entities as it is.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import RdfFormat, parse

from mechkg.kg.columns.interner import Column, Interner, Numbered
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.values import Entity
from mechkg.kg.readers.content import Batch, RankedEntity, Reading, Records, StatementRows
from mechkg.kg.readers.files import Block, SourceFile
from mechkg.kg.readers.obo import predicate_name
from mechkg.ontology.rdf.guard import MAX_BYTES
from mechkg.ontology.rdf.languages import language_key
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.categories import Categories
from mechkg.ontology.rdf.readers.codec import RegistryCodec
from mechkg.ontology.rdf.readers.documents import Content
from mechkg.ontology.rdf.readers.graph_names import Graphs
from mechkg.ontology.rdf.readers.labels import NO_TEXT, description_rank, name_rank
from mechkg.ontology.rdf.readers.roles import (
    ABOUT,
    DESCRIPTION,
    NAME,
    NAMESPACE,
    NODE,
    OTHER,
    PLAIN,
    PROVIDED,
    RELATES,
    SYNONYM_ROLES,
    TYPE,
    XREF,
    Cut,
    Cutter,
    is_node_vocabulary,
)  # fmt: skip
from mechkg.ontology.rdf.readers.unread import DESCRIBING, LITERAL
from mechkg.ontology.rdf.vocabulary import BIOLINK, ENTITY, MECHKG, OWL, PROV, RDF, RDFS, SH

__all__ = ["SMALL", "Lines"]

SMALL: Final = 1 << 25
"""Bytes of a file with statement nodes that is read as one document, 32 MiB as stored."""
MOST_KEPT: Final = 1 << 28
"""Bytes of a file that is read once, 256 MiB; of a larger one no numbers are kept."""

MAX_TERMS: Final = 1 << 12
"""Types and the like of which the CURIE is remembered."""

_ESCAPE: Final = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.")
_MARKS: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_SYNONYM_KINDS: Final = {role: kind for kind, role in SYNONYM_ROLES.items()}
_PLAIN_TYPES: Final = frozenset((OWL["Class"], RDFS["Class"]))


class Lines:
    """A file of N-Triples or N-Quads, read once for a look and again for its triples."""

    def __init__(self, file: SourceFile, syntax: RdfFormat) -> None:
        self._file = file
        self._syntax = syntax
        self._cutter = Cutter(quads=syntax == RdfFormat.N_QUADS)
        self._nodes = _Nodes()

    @property
    def graphs(self) -> list[str]:
        """The named graphs of the quads, "" for none; known after a look."""
        return self._cutter.graphs

    @property
    def has_nodes(self) -> bool:
        """Whether any subject is no plain entity; known after a look."""
        return self._nodes.found

    def look(self, reading: Reading | None = None) -> tuple[_Relations, deque[_Part]] | None:
        """Look for nodes, and number the blocks for a `reading` while there are none.

        Returns the blocks in their order, None if there are nodes or too much to be kept.
        Raises `DataError` for a line that is no triple.
        """
        relations = None if reading is None else _Relations(reading, self._cutter)
        kept: deque[_Part] = deque()
        room = MOST_KEPT
        with closing(self._cutter.cuts(self._file)) as cuts:
            for cut in cuts:
                self._nodes.look(cut, self._file, self._syntax)
                room -= len(cut.block.data)
                if relations is None or self.has_nodes or room < 0:
                    kept.clear()
                else:
                    kept.append(relations.part(cut, cut.kind != OTHER))
        if relations is None or self.has_nodes or room < 0:
            return None
        return relations, kept

    def about_nodes(self, others: Sequence[str] = ()) -> bytes:
        """Return the lines about nodes; raises `DataError` where they are too large.

        `others` are further subjects to be read with these, of which statements want the labels.
        """
        self._nodes.add(others)
        if not self.has_nodes:
            return b""
        held: list[bytes] = []
        size = 0
        with closing(self._cutter.cuts(self._file)) as cuts:
            for cut in cuts:
                apart = self._nodes.about(cut)
                if apart.any():
                    held.append(_lines(cut.block, apart))
                    size += len(held[-1])
                if size > MAX_BYTES:
                    raise self._file.error(
                        None, f"its statement nodes are larger than {MAX_BYTES >> 20} MiB",
                        hint="Convert them to KGX.",
                    )  # fmt: skip
        return b"".join(held)

    def plain(
        self, reading: Reading, content: Content, described: Sequence[str], account: Account
    ) -> Iterator[Batch]:
        """Yield what is not about nodes, under the terms that a dataset defines.

        `described` are entities of this file that are read already, of whose categories the
        lines here may tell.
        """
        relations = _Relations(
            reading, self._cutter, content.names, content.inverses, content.support
        )
        relations.mention(described)
        with closing(self._cutter.cuts(self._file)) as cuts:
            for cut in cuts:
                yield from relations.part(cut, ~self._nodes.about(cut)).batches(account)
        yield from relations.categorised()


def _lines(block: Block, chosen: NDArray[np.bool_]) -> bytes:
    lines = block.data.split(b"\n")
    return b"".join(lines[i] + b"\n" for i in np.flatnonzero(chosen).tolist())


class _Nodes:
    """The subjects that are no plain entities, found in a first pass."""

    def __init__(self) -> None:
        self._subjects = Interner()
        self._types = Interner()
        self._node_types = np.empty(0, np.bool_)
        self._classes: set[int] = set()
        self.found = False

    def look(self, cut: Cut, file: SourceFile, syntax: RdfFormat) -> None:
        """Take a block; raises `DataError` for a line that is no triple."""
        others = np.flatnonzero(cut.kind == OTHER)
        if len(others):
            self.found = True
            self._check(cut, others, file, syntax)
        node = cut.roles == NODE
        types = np.flatnonzero(cut.roles == TYPE)
        if len(types):
            node[types] = self._is_node_type(*(cut.terms[i].take(cut.rows[types]) for i in (0, 2)))
        if node.any():
            self.found = True
            self._subjects.intern(cut.terms[0].take(cut.rows[node]))

    def add(self, subjects: Sequence[str]) -> None:
        """Take further subjects for nodes."""
        if subjects:
            self.found = True
            self._subjects.intern(Column.of(list(subjects)))

    def about(self, cut: Cut) -> NDArray[np.bool_]:
        """Say of each line whether it is about such a subject."""
        apart: NDArray[np.bool_] = cut.kind == OTHER
        if len(self._subjects):
            known = self._subjects.find(cut.terms[0]) >= 0
            apart |= known & (cut.kind != 0)
        return apart

    def _is_node_type(self, subjects: Column, column: Column) -> NDArray[np.bool_]:
        """Say of each type whether it makes its subject a node; a class of Biolink is one, too."""
        numbers = self._types.intern(column)
        known = len(self._node_types)
        if len(self._types) > known:
            texts = self._types.column.take(slice(known, None)).texts()
            fresh = [_is_node_type(text) for text in texts]
            self._node_types = np.append(self._node_types, np.array(fresh, np.bool_))
            self._classes |= {known + i for i, text in enumerate(texts) if text == OWL["Class"]}
        found = np.asarray(self._node_types[numbers])
        if self._classes:
            classes = np.flatnonzero(np.isin(numbers, list(self._classes)))
            names = subjects.take(classes).texts()
            found[classes] |= np.array([BIOLINK.holds(text) for text in names], np.bool_)
        return found

    def _check(self, cut: Cut, rows: NDArray[np.intp], file: SourceFile, syntax: RdfFormat) -> None:
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
    if iri == BIOLINK["Association"] or any(v.holds(iri) for v in described):
        return True
    return is_node_vocabulary(iri)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a block says of plain entities, in 12 bytes a relation: its text is not needed.

    `described` are names, types and the like: subjects, roles, and what is said.
    """

    rows: tuple[StatementRows, ...]
    described: tuple[Column, NDArray[np.uint8], Column]
    entities: Callable[[list[str], list[int], list[str]], tuple[Entity, ...]]
    unread: Account

    def batches(self, account: Account) -> Iterator[Batch]:
        """Yield the relations as columns, then names and the like as records."""
        account.add(self.unread)
        yield from self.rows
        subjects, roles, targets = self.described
        if len(roles):
            yield Records(entities=self.entities(subjects.texts(), roles.tolist(), targets.texts()))


class _Relations:
    """Turns lines into rows and names, identifiers as CURIEs."""

    def __init__(
        self,
        reading: Reading,
        cutter: Cutter,
        names: Mapping[str, str] = MappingProxyType({}),
        inverses: Mapping[str, str] = MappingProxyType({}),
        support: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> None:
        self._reading = reading
        self._predicates = cutter.predicates
        self._graphs = Graphs(cutter.graphs, reading, support)
        self._names = names
        self._inverses = inverses
        self._codec = RegistryCodec()
        self._foreign: dict[str, bool] = {}
        self._registered = registry().namespaces
        self._terms: dict[str, str] = {}
        self._ranks: dict[tuple[int, str | None], int] = {}
        self._places = np.empty(0, np.int32)
        self._named_count = 0
        self._entities = Interner()
        self._categories = Categories(reading, self._iri)

    def part(self, cut: Cut, here: NDArray[np.bool_]) -> _Part:
        """Return some lines of a block, the ends of relations as numbers."""
        wanted = here[cut.rows]
        relates = wanted & cut.relating()
        turned = self._turned(cut, relates)
        rows = tuple(
            self._rows(cut, chosen, backwards=chosen is turned)
            for chosen in (relates & ~turned, turned)
            if chosen.any()
        )
        about = wanted & (cut.roles > RELATES) & (cut.roles < NODE)
        chosen = cut.rows[about]
        subjects, targets = (_apart(cut.terms[place].take(chosen)) for place in (0, 2))
        unread = _unread(cut, wanted)
        if cut.graphs is not None:
            unread.graphs |= self._graphs.kept(cut.graphs, wanted, relates)
        return _Part(rows, (subjects, cut.roles[about], targets), self._described, unread)

    def _turned(self, cut: Cut, relates: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Say of each triple whether its property is the inverse of a predicate."""
        if not self._inverses:
            return np.zeros_like(relates)
        backwards = np.array([name in self._inverses for name in self._predicates], np.bool_)
        return np.asarray(relates & backwards[cut.predicates])

    def _rows(self, cut: Cut, chosen: NDArray[np.bool_], *, backwards: bool) -> StatementRows:
        subject, obj = self._ends(cut, cut.rows[chosen], backwards=backwards)
        lines = cut.rows[chosen]
        every = len(lines) == cut.block.lines
        annotations, rest = self._graphs.said(None if cut.graphs is None else cut.graphs[chosen])
        return StatementRows(
            subject=subject,
            predicate=self._named(cut.predicates[chosen]),
            object=obj,
            line=cut.block.line,
            annotations=annotations,
            rest=rest,
            decode=self._graphs.annotations,
            lines=None if every else (cut.block.line + lines).astype(np.int64),
        )

    def mention(self, curies: Sequence[str]) -> None:
        """Take entities that were read elsewhere, of whose categories the lines here may tell."""
        self._categories.see(curies)

    def categorised(self) -> Iterator[Batch]:
        """Yield the categories of entities, once all lines are read."""
        yield from self._categories.batches()

    def _ends(
        self, cut: Cut, rows: NDArray[np.intp], *, backwards: bool
    ) -> tuple[Numbered, Numbered]:
        """Return the subjects and objects of some lines as CURIEs."""
        first, second = (2, 0) if backwards else (0, 2)
        subject = self._identified(cut.terms[first].take(rows))
        return subject, self._identified(cut.terms[second].take(rows))

    def _identified(self, iris: Column) -> Numbered:
        found = self._entities.numbered(iris)
        curies = [self._curie(text) for text in found.fresh.texts()]
        self._categories.see(curies)
        return Numbered(found.numbers, Column.of(curies))

    def _iri(self, curie: str) -> str:
        """Return the IRI of an identifier, "" where the identifier itself stands for it."""
        if "://" in curie or curie.partition(":")[0] in self._registered:
            return ""
        iri = self._codec.iri(curie)
        return "" if ENTITY.holds(iri) else iri

    def _curie(self, iri: str) -> str:
        stem = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        foreign = self._foreign.get(stem)
        if foreign is None:
            standard = any(stem.startswith(start) for start in self._codec.prefixes.values())
            known = standard or stem.startswith(ENTITY.start) or registry().may_hold(stem)
            foreign = self._foreign[stem] = not known
        # Most IRIs of a foreign graph share few stems.
        return iri if foreign else self._codec.curie(iri)

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
        known = self._inverses.get(iri) or self._names.get(iri)
        return known or predicate_name(self._curie(iri), "", self._reading)

    def _described(
        self, subjects: list[str], roles: list[int], targets: list[str]
    ) -> tuple[Entity, ...]:
        """Return what lines say of their subjects, and keep in mind what tells their categories."""
        curies = [self._curie(subject) for subject in subjects]
        self._categories.see(curies)
        told: dict[int, list[tuple[str, str]]] = {TYPE: [], NAMESPACE: []}
        found = []
        for curie, role, target in zip(curies, roles, targets, strict=True):
            if role in told and target not in _PLAIN_TYPES:
                told[role].append((curie, self._text(target)))
            else:
                found.append(self._entity(curie, role, target))
        self._categories.add(*_columns(told[TYPE]))
        self._categories.place(*_columns(told[NAMESPACE]))
        return tuple(found)

    def _entity(self, curie: str, role: int, target: str) -> Entity:
        iri = self._iri(curie)
        if role == TYPE or (role >= NAME and not target.startswith('"')):
            return Entity(id=curie, name="", iri=iri)
        text = self._text(target)
        if role >= NAME and not text.strip():
            return Entity(id=curie, name="", iri=iri)
        if role >= DESCRIPTION:
            rank = description_rank(role - DESCRIPTION, _language(target), self._reading.languages)
            return RankedEntity(id=curie, name="", iri=iri, description=text, description_rank=rank)
        if role >= NAME:
            language = _language(target)
            known = self._ranks.get((role, language))
            if known is None:
                known = name_rank(role - NAME, language, self._reading.languages)
                self._ranks[role, language] = known
            attributes = self._spoken(target, text) if language else {}
            return RankedEntity(
                id=curie, name=text, iri=iri, name_rank=known, attributes=attributes
            )
        if role == PROVIDED:
            return Entity(id=curie, name="", iri=iri, provided_by=(_stated(target),))
        kind = _SYNONYM_KINDS.get(role)
        return Entity(
            id=curie,
            name="",
            iri=iri,
            synonyms=(text,) if role in _SYNONYM_KINDS else (),
            synonym_kinds={text: kind} if kind is not None else {},
            xrefs=(self._codec.curie(text),) if role == XREF else (),
            attributes=self._spoken(target, text) if role in _SYNONYM_KINDS else {},
        )

    def _spoken(self, target: str, text: str) -> dict[str, str]:
        """Return the attribute that keeps a name of a language that is not preferred."""
        key = language_key(_language(target), self._reading.languages) if target[:1] == '"' else ""
        return {key: text} if key else {}

    def _text(self, term: str) -> str:
        if term.startswith('"'):
            return unquoted(term)
        known = self._terms.get(term)
        if known is None:
            known = self._curie(term)
            if len(self._terms) < MAX_TERMS:
                self._terms[term] = known
        return known


def _unread(cut: Cut, wanted: NDArray[np.bool_]) -> Account:
    """Return how many of some triples there are, and which have no part in the graph."""
    account = Account(seen=int(np.count_nonzero(wanted)))
    texts = (cut.roles == RELATES) & (cut.kind[cut.rows] != PLAIN)
    named = (cut.roles >= NAME) & (cut.roles < NODE) & (cut.kind[cut.rows] == PLAIN)
    for reason, lines in (
        (LITERAL, texts), (DESCRIBING, cut.roles == ABOUT), (NO_TEXT, named)
    ):  # fmt: skip
        rows = np.flatnonzero(wanted & lines)
        if len(rows):
            account.pass_over(reason, len(rows), cut.terms[0].text(int(cut.rows[rows[0]])))
    return account


def _columns(pairs: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [first for first, _ in pairs], [second for _, second in pairs]


def _apart(column: Column) -> Column:
    """Return the same texts in a buffer of their own, so that another can go."""
    heap, ends = column.packed()
    return Column(heap, np.append(0, ends)[:-1], ends)


def _stated(term: str) -> str:
    return unquoted(term) if term.startswith('"') else term


def _language(literal: str) -> str | None:
    """Return the language tag of an N-Triples literal."""
    tag = literal[literal.rindex('"') + 1 :]
    return tag[1:] if tag.startswith("@") else None


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
