"""The RDF files of one load are one dataset: terms, labels and titles of one serve all others.

Documents are joined in memory (RDF 1.1 Semantics, section 4.1: the union of graphs). N-Triples
that are too large for that are read by lines under the terms of the dataset, of which their lines
about statement nodes and vocabulary are a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pyoxigraph import RdfFormat

from mechkg.kg.errors import DataError
from mechkg.kg.readers.content import Batch, Reading, Records
from mechkg.kg.readers.files import SourceFile
from mechkg.ontology.rdf.guard import MAX_BYTES
from mechkg.ontology.rdf.origins import Origins
from mechkg.ontology.rdf.readers.account import Account, SharedAccount
from mechkg.ontology.rdf.readers.documents import Content, read_document
from mechkg.ontology.rdf.readers.lines import SMALL, Lines
from mechkg.ontology.rdf.readers.unread import count_unread, report
from mechkg.ontology.rdf.triples import Document, Triples, parse_document, settle, text_of
from mechkg.ontology.rdf.vocabulary import CONTEXT, DCTERMS

__all__ = ["MAX_DATASET", "read_dataset", "read_lines"]

MAX_DATASET: Final = 2 * MAX_BYTES
"""Bytes of all documents of a load that are read into memory, 1 GiB decompressed."""
_SYNTAXES: Final = {
    "turtle": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
}
"""The syntax of each format by its name."""
_LINES: Final = frozenset(("ntriples", "nquads"))
_REFERENCE: Final = re.compile(
    rb"<(?:%b[^>]*|%b)>\s*<([^>]*)>"
    % (re.escape(CONTEXT.start.encode()), re.escape(DCTERMS["isPartOf"].encode()))
)
"""A property of N-Triples of whose object a statement wants the label, and this object."""
_AGAIN: Final = "another file or graph says the same"


@dataclass(slots=True)
class _Part:
    """A file of a dataset: what of it is in memory, its lines if the rest is not, its fault."""

    file: SourceFile
    document: Document
    lines: Lines | None = None
    fault: DataError | None = None


def read_dataset(
    files: Sequence[tuple[SourceFile, str]], reading: Reading
) -> Iterator[tuple[SourceFile, Iterator[Batch]]]:
    """Read files with the names of their formats as one; yields the batches of each file.

    The order of `files` says nothing. A file that cannot be parsed raises `DataError` when its
    batches are read, and then no other file has any. O(triples), some 1 KB of memory a triple of
    the documents.
    """
    large = sum(file.size for file, name in files if name in _LINES) > SMALL
    parts = [_opened(file, name, by_lines=large and name in _LINES) for file, name in files]
    yield from _read(parts, reading)


def read_lines(file: SourceFile, reading: Reading, *, syntax: RdfFormat) -> Iterator[Batch]:
    """Read one file of N-Triples or N-Quads."""
    lines = Lines(file, syntax)
    kept = lines.look(reading)
    if kept is not None:
        account = Account()
        relations, parts = kept
        while parts:
            yield from parts.popleft().batches(account)
        yield from relations.categorised()
        report(file, account)
    elif lines.has_nodes and file.size <= SMALL:
        yield from read_document(file, reading, syntax=syntax)
    else:
        part = _Part(file, Document(file.name, b"", syntax), lines)
        for _, batches in _read([part], reading):
            yield from batches


def _read(parts: list[_Part], reading: Reading) -> Iterator[tuple[SourceFile, Iterator[Batch]]]:
    parts.sort(key=lambda p: (p.lines is not None, p.document.name, p.document.data))
    triples = Triples((), origins=Origins())
    _parse(parts, triples)
    _parse_lines(parts, triples)
    if any(part.fault for part in parts):
        yield from ((p.file, _failing(p.fault)) for p in parts if p.fault is not None)
        return
    settle(triples)
    triples = replace(triples, documents=tuple(part.document for part in parts))
    yield from _contents(parts, triples, reading)


def _parse(parts: Sequence[_Part], triples: Triples) -> None:
    """Parse the documents, and note what is wrong with each."""
    size = 0
    for number, part in enumerate(parts):
        if part.lines is not None or part.fault is not None:
            continue
        size += len(part.document.data)
        try:
            if size > MAX_DATASET:
                raise _too_large(part.file)
            parse_document(triples, part.document, number)
        except DataError as error:
            part.fault = error


def _parse_lines(parts: Sequence[_Part], triples: Triples) -> None:
    """Parse the lines that have to be read together with documents, and note what is wrong."""
    for part in parts:
        if part.lines is not None and part.fault is None:
            try:
                part.document = replace(part.document, data=part.lines.about_nodes())
            except DataError as error:
                part.fault = error
    wanted = _referred(parts, triples)
    for number, part in enumerate(parts):
        if part.lines is None or part.fault is not None:
            continue
        try:
            if wanted:
                part.document = replace(part.document, data=part.lines.about_nodes(wanted))
            parse_document(triples, part.document, number)
        except DataError as error:
            part.fault = error


def _referred(parts: Sequence[_Part], triples: Triples) -> list[str]:
    """Return the contexts and articles that statements name, of which they take the labels."""
    found = {
        text_of(node)
        for about in triples.by_subject.values()
        for name, nodes in about.items()
        if CONTEXT.holds(name) or name == DCTERMS["isPartOf"]
        for node in nodes
    }
    for part in parts:
        if part.lines is not None:
            found.update(iri.decode() for iri in _REFERENCE.findall(part.document.data))
    return sorted(found)


def _opened(file: SourceFile, name: str, *, by_lines: bool) -> _Part:
    syntax = _SYNTAXES[name]
    lines = Lines(file, syntax) if by_lines else None
    data, fault = b"", None
    try:
        if lines is None:
            data = file.document(MAX_BYTES)
        else:
            lines.look()
    except DataError as error:
        fault = error
    return _Part(file, Document(file.name, data, syntax), lines, fault)


def _too_large(file: SourceFile) -> DataError:
    return file.error(
        None, f"with the other RDF documents of the load it is larger than {MAX_DATASET >> 20} MiB",
        hint="Convert the largest to N-Triples, which are read in pieces.",
    )  # fmt: skip


def _failing(fault: DataError) -> Iterator[Batch]:
    yield Records()  # a batch, so that this is an iterator of them
    raise fault


def _contents(
    parts: Sequence[_Part], triples: Triples, reading: Reading
) -> Iterator[tuple[SourceFile, Iterator[Batch]]]:
    origins = triples.origins or Origins()
    accounts = [Account() for _ in parts]
    for account, seen, again in zip(
        accounts, *origins.counts(triples.by_subject, len(parts)), strict=True
    ):
        account.seen = seen
        account.merge(_AGAIN, again)
    shared = SharedAccount(
        parts=accounts, document_of=lambda subject: origins.document(origins.first(subject))
    )
    try:
        graphs = {g for part in parts if part.lines is not None for g in part.lines.graphs}
        content = Content(triples, reading, shared, graphs)
        count_unread(content.reader, shared)
    except DataError as error:
        file = next((p.file for p in parts if p.file.name == error.file), parts[0].file)
        yield file, _failing(error)
        return
    shared.settle()
    for number, (part, account) in enumerate(zip(parts, accounts, strict=True)):
        yield (
            part.file,
            _batches(part, number, content, replace(reading, source=part.file.name), account),
        )


def _batches(
    part: _Part, number: int, content: Content, reading: Reading, account: Account
) -> Iterator[Batch]:
    if number == 0:
        yield content.definitions
    yield from content.batches(number)
    account.graphs |= content.graphs(number)
    if part.lines is not None:
        yield from part.lines.plain(reading, content, content.ids(number), account)
    report(part.file, account)
