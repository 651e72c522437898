"""What curators may upload as a changeset: media types, their suffixes, and the formats read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mechkg.kg import readers
from mechkg.kg.readers.formats import Format
from mechkg.ontology.rdf import readers as rdf_readers

__all__ = ["MEDIA_TYPES", "upload_formats"]

MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text/turtle": ".ttl",
        "application/n-triples": ".nt",
        "application/trig": ".trig",
        "application/ld+json": ".jsonld",
        "text/tab-separated-values": ".tsv",
        "application/jsonl": ".jsonl",
        "application/vnd.kgx.tsv+gzip": ".kgx.tsv.tar.gz",
        "application/vnd.kgx.jsonl+gzip": ".kgx.jsonl.tar.gz",
    }
)
"""The suffix of a file of each media type; those of KGX are what an export gives."""

_NAMES: Final = frozenset(
    ("turtle", "ntriples", "trig", "jsonld", "kgx-tsv", "triples-tsv", "kgx-jsonl", "archive")
)


def upload_formats() -> tuple[Format, ...]:
    """Return the formats that are read from strangers: RDF, KGX, and tables of statements.

    >>> sorted(form.name for form in upload_formats())[:2]
    ['archive', 'jsonld']
    """
    return tuple(f for f in (*readers.FORMATS, *rdf_readers.FORMATS) if f.name in _NAMES)
