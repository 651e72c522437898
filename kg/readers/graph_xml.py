"""GraphML and GEXF: graphs in XML, with typed attributes of nodes and edges.

GraphML: graphml.graphdrawing.org/specification.html; GEXF 1.x: gexf.net/schema.html. A document is
held in memory: at most 256 MiB of text. Entity declarations, by which a few bytes become
billions, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, iterparse

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.cytoscape import edge_fields, node_fields
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import batches
from mechkg.kg.readers.local_ids import resolved

__all__ = ["fits_gexf", "fits_graphml", "read_gexf", "read_graphml"]

Items = Iterator[tuple[int | None, Mapping[str, Any]]]
MAX_BYTES: Final = 1 << 28


def fits_graphml(head: bytes) -> bool:
    """Say whether some bytes begin a GraphML document."""
    return b"<graphml" in head


def fits_gexf(head: bytes) -> bool:
    """Say whether some bytes begin a GEXF document."""
    return b"<gexf" in head


def read_graphml(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read the nodes and edges of a GraphML document."""
    yield from batches(resolved(_graphml(file), file), file, reading)


def read_gexf(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read the nodes and edges of a GEXF document."""
    yield from batches(resolved(_gexf(_elements(file)), file), file, reading)


def _elements(file: SourceFile, *, starts: bool = False) -> Iterator[Element]:
    """Yield each finished element, by its name without a namespace; children before parents.

    With `starts` an element is yielded once more before its children, without these.
    """
    text = file.document(MAX_BYTES)
    if b"<!ENTITY" in text:
        raise file.error(None, "the XML declares entities, which is not read")
    try:
        for event, element in iterparse(BytesIO(text), ("start", "end")):  # noqa: S314 - refused
            tag = element.tag.rpartition("}")[2]
            if event == "end":
                element.tag = tag
                yield element
            elif starts and tag == "graph":
                yield element
    except (ParseError, LookupError, ValueError) as error:
        raise file.error(None, f"the XML is broken ({error})") from error


def _graphml(file: SourceFile) -> Items:
    keys = _Keys()
    if not _keys_come_first(file.head()):
        keys.take_all(_elements(file))
    directed = True
    for element in _elements(file, starts=True):
        if element.tag.endswith("graph"):
            directed = element.get("edgedefault") != "undirected"
        elif element.tag == "key":
            keys.take(element)
        elif element.tag == "node":
            yield None, node_fields({**keys.data(element), "id": element.get("id", "")})
            element.clear()
        elif element.tag == "edge":
            own = {"directed": "false"} if not _is_directed(element, directed) else {}
            fields = {**own, **keys.data(element), **_ends(element)}
            yield None, edge_fields(fields if "id" in fields else {**fields, **_own(element)})
            element.clear()
        elif element.tag == "hyperedge":
            file.see("statement")
            file.pass_over("statement", None, "a hyperedge joins more than two nodes")


def _keys_come_first(head: bytes) -> bool:
    """Say whether no key is declared behind a graph, as far as the first bytes tell."""
    graph = re.search(rb"<(?:\w+:)?graph\b", head)
    return graph is not None and b"<key" in head[: graph.start()]


def _is_directed(edge: Element, default: bool) -> bool:
    stated = edge.get("directed")
    return default if stated is None else stated in ("true", "1")


class _Keys:
    """The names of the attributes of GraphML, by the identifiers of their keys, with defaults."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
        self._drawings: set[str] = set()

    def take_all(self, elements: Iterator[Element]) -> None:
        """Take the keys of a document."""
        for element in elements:
            if element.tag == "key":
                self.take(element)

    def take(self, key: Element) -> None:
        """Take a key."""
        name = key.get("attr.name", key.get("id", ""))
        self._names[key.get("id", "")] = name
        if _kind_of_drawing(key):
            self._drawings.add(name)
        default = next((child for child in key if child.tag == "default"), None)
        if default is not None:
            for kind in (key.get("for"),) if key.get("for") in self._defaults else self._defaults:
                self._defaults[str(kind)][name] = "".join(default.itertext())

    def data(self, element: Element) -> dict[str, str]:
        """Return what a node or edge says of itself, and the defaults of what it does not say."""
        said = {
            self._names.get(data.get("key", ""), data.get("key", "")): "".join(data.itertext())
            for data in element.iter("data")
        }
        drawn = "".join(
            "".join(label.itertext()).strip()
            for data in element.iter("data")
            for label in data.iter()
            if label.tag in ("NodeLabel", "EdgeLabel")
        )
        labels = {"label": drawn} if drawn else {}  # yEd has a label where it is drawn
        kept = {k: v for k, v in said.items() if k not in self._drawings}
        return self._defaults[element.tag] | labels | kept


def _kind_of_drawing(key: Element) -> str:
    """Return what yEd draws by a key (`nodegraphics`), "" for a key of data."""
    return next((v for k, v in key.attrib.items() if k.endswith("yfiles.type")), "")


def _ends(element: Element) -> dict[str, str]:
    return {end: element.get(end, "") for end in ("source", "target")}


def _own(element: Element) -> dict[str, str]:
    return {"id": element.get("id", "")} if element.get("id") else {}


def _gexf(elements: Iterator[Element]) -> Items:
    names: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
    defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
    for element in elements:
        if element.tag == "attributes":
            kind = element.get("class", "node")
            for attribute in element.iter("attribute"):
                title = attribute.get("title", attribute.get("id", ""))
                names.setdefault(kind, {})[attribute.get("id", "")] = title
                default = next((child for child in attribute if child.tag == "default"), None)
                if default is not None:
                    defaults.setdefault(kind, {})[title] = "".join(default.itertext())
        elif element.tag in {"node", "edge"}:
            said = {}
            for value in element.iter("attvalue"):
                key = str(value.get("for") or value.get("id", ""))
                said[names[element.tag].get(key, key)] = value.get("value", "")
            given = {key: value for key, value in element.attrib.items() if key != "pid"}
            fields = {**given, **defaults[element.tag], **said}
            if element.tag == "node":
                yield None, node_fields({**fields, "id": given.get("id", "")})
            else:
                yield None, edge_fields({**_with_direction(fields, given), **_ends(element)})
            element.clear()


def _with_direction(fields: dict[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of an edge whose type, in GEXF, says whether it has a direction."""
    direction = given.get("type")
    if direction not in {"directed", "undirected", "mutual"} or fields["type"] != direction:
        return fields
    rest = {key: value for key, value in fields.items() if key != "type"}
    return rest if direction == "directed" else {**rest, "edge_direction": direction}
