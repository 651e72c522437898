"""RDF and OWL for a load: the formats beside `mechkg.kg.readers.FORMATS`.

N-Triples and N-Quads of any size are read by lines and columns as long as they hold plain
triples; what describes statements goes, like every other syntax, through a full parser
(pyoxigraph) and is held in memory, so such documents have a limit. Several files of a load are one
dataset (`mechkg.ontology.rdf.readers.dataset`).
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from pyoxigraph import RdfFormat

from mechkg.kg.readers import Format
from mechkg.ontology.rdf.readers.dataset import read_dataset, read_lines
from mechkg.ontology.rdf.readers.documents import read_document
from mechkg.ontology.rdf.readers.other_owl import is_other_owl, refuse_other_owl

__all__ = ["FORMATS"]


def _anything(head: bytes) -> bool:
    return bool(head.strip())


_XML: Final = re.compile(rb"<(?:[?!]|[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?[\s/>])")
_RDF: Final = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def _is_rdf_xml(head: bytes) -> bool:
    """Say whether bytes begin XML with the namespace of RDF, or with the root of RDF/XML."""
    return not _is_no_xml(head) and (_RDF in head or b"<rdf:RDF" in head)


def _is_no_xml(head: bytes) -> bool:
    return _XML.match(head.lstrip(b"\xef\xbb\xbf \t\r\n")) is None


def _is_json(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _is_jsonld(head: bytes) -> bool:
    return _is_json(head) and (b'"@context"' in head or b'"@id"' in head or b'"@graph"' in head)


_DOCUMENTS: Final = (
    ("trig", "TriG", (".trig",), _anything, RdfFormat.TRIG),
    ("rdfxml", "RDF/XML or OWL", (".rdf", ".owl", ".xml"), _is_rdf_xml, RdfFormat.RDF_XML),
    ("jsonld", "JSON-LD", (".jsonld",), _is_json, RdfFormat.JSON_LD),
    ("jsonld", "JSON-LD", (".json", ".owl", ".rdf", ".ttl"), _is_jsonld, RdfFormat.JSON_LD),
    ("turtle", "Turtle", (".ttl",), _anything, RdfFormat.TURTLE),
    ("turtle", "OWL in Turtle", (".owl", ".rdf"), _is_no_xml, RdfFormat.TURTLE),
)

FORMATS: Final = (
    Format("owl", "OWL in another syntax, which ROBOT converts",
           (".owl", ".rdf", ".xml", ".ttl", ".ofn", ".omn", ".owx"), is_other_owl,
           refuse_other_owl),
    Format("ntriples", "N-Triples", (".nt",), _anything,
           partial(read_lines, syntax=RdfFormat.N_TRIPLES), read_dataset),
    Format("nquads", "N-Quads", (".nq",), _anything,
           partial(read_lines, syntax=RdfFormat.N_QUADS), read_dataset),
    *(
        Format(name, label, suffixes, fits, partial(read_document, syntax=syntax), read_dataset)
        for name, label, suffixes, fits, syntax in _DOCUMENTS
    ),
)  # fmt: skip
"""RDF syntaxes by suffix, each the `Format` type of `mechkg.kg.readers`."""
