"""Where a command finds its graph."""

from __future__ import annotations

from pathlib import Path

from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.ontology.bundle import BUNDLE, current_bundle

__all__ = ["current"]


def current(data: Path, graph: str) -> Path:
    """Return the snapshot of a graph by name, or of the latest loaded one for the empty name.

    Where that is the bundled ontology, it is compiled first if its files have changed. Raises
    `SnapshotError`, and `QueryError` for a name that cannot be one.
    """
    catalogue = Catalogue(data)
    name = graph or catalogue.default() or BUNDLE
    if name != BUNDLE:
        return catalogue.path(name)
    return current_bundle(catalogue) or _compiled(data)


def _compiled(data: Path) -> Path:
    # What compiles brings numba and the parsers of RDF, a second to import: only now.
    from mechkg.ontology.compile_bundle import compile_bundle

    return compile_bundle(data)
