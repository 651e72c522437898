"""The bundled ontology: its files, its graph, and its snapshot in a data directory."""

from __future__ import annotations

import os
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, parse

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import SnapshotError
from mechkg.kg.progress import Progress
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import FORMAT_VERSION, Source, open_snapshot
from mechkg.ontology.rdf.formats import RdfGraph, graph_of
from mechkg.ontology.rdf.triples import Triples, read_documents, read_triples
from mechkg.ontology.rdf.vocabulary import DCTERMS
from mechkg.ontology.rdf.write import inferred_quads
from mechkg.ontology.reason import infer, mirrored

__all__ = [
    "BUNDLE",
    "bundled_files",
    "bundled_graph",
    "bundled_quads",
    "compile_bundle",
    "is_bundle",
]

BUNDLE: Final = "ms-nsc"
"""The name of the bundled graph."""

_MARK: Final = "bundle.sha256"


def bundled_files() -> list[Path]:
    """Return the Turtle files of the bundled ontology, terms first, then the rest by name.

    >>> bundled_files()[0].name
    'mechanism.ttl'
    """
    package = Path(str(files("mechkg.ontology")))
    return [package / "mechanism.ttl", *sorted((package / BUNDLE).glob("*.ttl"))]


def bundled_graph() -> RdfGraph:
    """Return the bundled ontology as written, without what follows from it. Some 0.15 s.

    >>> len(bundled_graph().entities)
    663
    """
    return graph_of(read_triples(read_documents(bundled_files())))


def bundled_quads() -> list[Quad]:
    """Return the bundled files as they are written, and what follows in its own named graph.

    Some 0.5 s.
    """
    documents = read_documents(bundled_files())
    graph = graph_of(read_triples(documents))
    inferred = infer(graph.statements, graph.axioms)
    turned = mirrored([*graph.statements, *inferred], graph.axioms)
    written = (quad for d in documents for quad in parse(d.data, format=d.syntax))
    return [*written, *inferred_quads(inferred, turned, graph.schema)]


def is_bundle(path: Path) -> bool:
    """Say whether a snapshot directory was compiled from the bundled files and this code."""
    try:
        return (path.parent / _MARK).read_text() == f"{_digest()} {path.name}\n"
    except OSError:
        return False


def compile_bundle(data: Path, progress: Progress | None = None) -> Path:
    """Return the current snapshot of the bundled ontology, asserted and inferred statements.

    It is built and published in `data` as `ms-nsc` unless the one that is there came from the
    same files and code. It becomes the default graph only where there is none. Raises
    `DataError` where a file was edited into something unreadable. About a second, or some
    milliseconds where nothing is to do.
    """
    catalogue = Catalogue(data)
    directory = catalogue.directory(BUNDLE)
    digest = _digest()
    current = _current(catalogue, directory / _MARK, digest)
    if current is not None:
        return current
    triples = read_triples(read_documents(bundled_files()))
    graph = graph_of(triples)
    directory.mkdir(parents=True, exist_ok=True)
    path = build_snapshot(
        directory,
        name=BUNDLE,
        entities=graph.entities,
        statements=[*graph.statements, *infer(graph.statements, graph.axioms)],
        schema=graph.schema,
        sources=_sources(triples),
        progress=progress,
    )
    catalogue.publish(BUNDLE, path, default=catalogue.default() is None)
    _write_mark(directory / _MARK, f"{digest} {path.name}\n")
    return path


def _digest() -> str:
    """Return a hash of everything that the snapshot follows from in this package."""
    package = Path(str(files("mechkg.ontology")))
    digest = sha256(f"{FORMAT_VERSION}".encode())
    code = (*package.glob("*.py"), *package.glob("rdf/**/*.py"))
    for path in (*bundled_files(), *sorted(code)):
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _current(catalogue: Catalogue, mark: Path, digest: str) -> Path | None:
    try:
        path = catalogue.path(BUNDLE)
        open_snapshot(path)  # a broken one is made anew
        return path if mark.read_text() == f"{digest} {path.name}\n" else None
    except (OSError, SnapshotError):
        return None


def _write_mark(mark: Path, text: str) -> None:
    fresh = mark.with_name(f".{mark.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(mark)


def _sources(triples: Triples) -> list[Source]:
    """Return what `sources.ttl` names with a licence, by name."""
    return sorted(
        (
            Source(name=triples.value(iri, DCTERMS["title"]), url=iri, licence=licence)
            for iri in triples.by_subject
            if (licence := triples.value(iri, DCTERMS["rights"]))
        ),
        key=lambda source: source.name,
    )
