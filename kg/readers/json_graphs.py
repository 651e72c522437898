"""Graphs in JSON: one reader for the forms of the field, distinguished by their keys.

KGX (`nodes`, `edges`), lists of KGX records, TRAPI messages, node-link JSON (networkx, D3, PyBEL),
lists of edges, JSON Graph Format, Cytoscape.js, CX and CX2 (NDEx), INDRA statements, Hetionet, and
MechKG's own JSON. A document is held in
memory: at most 1 GiB of text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mechkg.kg.readers import bel, cx, cytoscape, hetionet, indra, jgf, mechkg_json, trapi
from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape, shape_of
from mechkg.kg.readers.json_text import document
from mechkg.kg.readers.kgx import batches
from mechkg.kg.readers.local_ids import resolved

__all__ = ["fits", "fits_record", "read", "read_record"]

Items = Iterator[tuple[int | None, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of a graph in JSON: its name, whether a shape or document is of it, its reader."""

    name: str
    fits: Callable[[Shape], bool]
    read: Callable[[Any, SourceFile, Reading], Iterator[Batch]]


def _from_records(
    records: Callable[[Any, SourceFile], Items], *, numbered: bool = False
) -> Callable[[Any, SourceFile, Reading], Iterator[Batch]]:
    """Return the reader of a form whose records can be said in the words of KGX.

    `numbered` says that its nodes may have numbers, which mean nothing outside of a file.
    """

    def read(value: Any, file: SourceFile, reading: Reading) -> Iterator[Batch]:
        found = records(value, file)
        yield from batches(resolved(found, file) if numbered else found, file, reading)

    return read


def _is_kgx(shape: Shape) -> bool:
    nodes, edges = (shape.inner.get(part, {}) for part in ("nodes", "edges"))
    is_edge = "subject" in edges or "object" in edges
    if shape.kind != "{" or not shape.has("nodes", "edges"):
        only_nodes = "id" in nodes and "category" in nodes and "edges" not in shape.keys
        return shape.kind == "{" and (only_nodes or (is_edge and "predicate" in edges))
    return is_edge or not edges


def _is_kgx_list(shape: Shape) -> bool:
    keys = shape.keys
    edge = {"subject", "predicate", "object"} <= keys.keys()
    own = {"namespace", "relations", "xrefs"} & keys.keys()
    node = "id" in keys and bool({"category", "name"} & keys.keys()) and not own
    return shape.kind == "[" and (edge or node)


def _is_node_link(shape: Shape) -> bool:
    links = shape.inner.get("links") or shape.inner.get("edges") or {}
    named = "links" in shape.keys or ("edges" in shape.keys and "source" in links)
    return shape.kind == "{" and "nodes" in shape.keys and named


def _is_edge_list(shape: Shape) -> bool:
    named = not cytoscape.RELATION_KEYS.isdisjoint(shape.keys)
    return shape.kind == "[" and shape.has("source", "target") and named


def _kgx_document(value: Any, _file: SourceFile) -> Items:
    for part in ("nodes", "edges"):
        yield from _listed(value.get(part) or [], part)


def _listed(records: Any, part: str) -> Items:
    if isinstance(records, dict):
        records = [{"id": key, **value} for key, value in records.items()]
    if not isinstance(records, list):
        raise ValueError(f"'{part}' is no list")  # noqa: TRY004 - a fault of the data
    for record in records:
        yield None, _object(record, part)


def _object(record: Any, part: str) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        raise ValueError(f"an entry of '{part}' is no object")  # noqa: TRY004 - as above
    return record


def _kgx_list(value: Any, _file: SourceFile) -> Items:
    yield from _listed(value, "the list")


_FORMS: Final = (
    _Form("trapi", trapi.fits, _from_records(trapi.records)),
    _Form("cx2", cx.fits_cx2, _from_records(cx.cx2_records, numbered=True)),
    _Form("cx", cx.fits_cx, _from_records(cx.cx_records, numbered=True)),
    _Form("cytoscape", cytoscape.fits, _from_records(cytoscape.records, numbered=True)),
    _Form("indra", indra.fits, _from_records(indra.records)),
    _Form("mechkg-json", mechkg_json.fits, mechkg_json.read),
    _Form("kgx-json", _is_kgx, _from_records(_kgx_document)),
    _Form("kgx-json", _is_kgx_list, _from_records(_kgx_list)),
    _Form("bel", bel.fits, _from_records(bel.records)),
    _Form("hetionet", hetionet.fits, _from_records(hetionet.records)),
    _Form("json-graph-format", jgf.fits, _from_records(jgf.records, numbered=True)),
    _Form("edge-list", _is_edge_list, _from_records(cytoscape.edge_list_records, numbered=True)),
    _Form("node-link", _is_node_link, _from_records(cytoscape.node_link_records, numbered=True)),
)


def fits(head: bytes) -> bool:
    """Say whether some bytes begin a graph in one of the forms.

    >>> fits(b'{"nodes": [], "edges": []}'), fits(b'{"a": 1}')
    (True, False)
    """
    shape = shape_of(head)
    return any(form.fits(shape) for form in _FORMS)


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a graph in one of the forms; raises `DataError` for a document of none of them."""
    shape = shape_of(file.head())
    value = document(file)
    form = next(form for form in _FORMS if form.fits(shape))
    file.format = form.name
    try:
        yield from form.read(value, file, reading)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        why = str(error) if type(error) is ValueError else repr(error)
        raise file.error(
            None, f"it is not of the form {form.name} that its first keys promise: {why}"
        ) from error


def fits_record(head: bytes) -> bool:
    """Say whether some bytes begin an edge of KGX.

    >>> fits_record(b'{"subject": "A:1", "predicate": "p", "object": "A:2"}')
    True
    """
    shape = shape_of(head)
    return shape.kind == "{" and shape.has("subject", "predicate", "object")


def read_record(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a document that is one edge of KGX."""
    yield from batches([(None, document(file))], file, reading)
