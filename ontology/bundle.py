"""The bundled ontology: its name, its files, and whether a snapshot came from them.

Commands import this to find their graph; `mechkg.ontology.compile_bundle` compiles it, and imports
numba and the parsers of RDF for that.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from mechkg.kg.errors import SnapshotError
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import FORMAT_VERSION, open_snapshot

__all__ = ["BUNDLE", "bundle_digest", "bundle_mark", "bundled_files", "current_bundle", "is_bundle"]

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


def bundle_digest() -> str:
    """Return a hash of everything that the snapshot follows from in this package."""
    package = Path(str(files("mechkg.ontology")))
    digest = sha256(f"{FORMAT_VERSION}".encode())
    code = (*package.glob("*.py"), *package.glob("rdf/**/*.py"))
    for path in (*bundled_files(), *sorted(code)):
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def bundle_mark(directory: Path) -> Path:
    """Return the file in the bundle's directory that says what its snapshot was compiled from."""
    return directory / _MARK


def is_bundle(path: Path) -> bool:
    """Say whether a snapshot directory was compiled from the bundled files and this code."""
    try:
        return bundle_mark(path.parent).read_text() == f"{bundle_digest()} {path.name}\n"
    except OSError:
        return False


def current_bundle(catalogue: Catalogue) -> Path | None:
    """Return the snapshot that was compiled from the bundled files and this code, None without one.

    A broken one counts as none, so that it is made anew. Some milliseconds.
    """
    try:
        path = catalogue.path(BUNDLE)
        open_snapshot(path)
    except SnapshotError:
        return None
    return path if is_bundle(path) else None
