"""GraphML and GEXF: graphs in XML, with typed attributes of nodes and edges.

GraphML: graphml.graphdrawing.org/specification.html; GEXF 1.x: gexf.net/schema.html. A document is
held in memory: at most 256 MiB of text. Entity declarations, by which a few bytes become
billions, are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, iterparse

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.cytoscape import edge_fields, node_fields
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import batches

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
    yield from batches(_graphml(_elements(file), file), file, reading)


def read_gexf(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read the nodes and edges of a GEXF document."""
    yield from batches(_gexf(_elements(file)), file, reading)


def _elements(file: SourceFile) -> Iterator[Element]:
    """Yield each finished element, by its name without a namespace; children before parents."""
    text = file.document(MAX_BYTES)
    if b"<!ENTITY" in text:
        raise file.error(None, "the XML declares entities, which is not read")
    try:
        for _, element in iterparse(BytesIO(text)):  # noqa: S314 - entities are refused above
            element.tag = element.tag.rpartition("}")[2]
            yield element
    except (ParseError, LookupError, ValueError) as error:
        raise file.error(None, f"the XML is broken ({error})") from error


def _graphml(elements: Iterator[Element], file: SourceFile) -> Items:
    names: dict[str, str] = {}
    for element in elements:
        if element.tag == "key":
            names[element.get("id", "")] = element.get("attr.name", element.get("id", ""))
        elif element.tag == "node":
            yield None, node_fields({**_data(element, names), "id": element.get("id", "")})
            element.clear()
        elif element.tag == "edge":
            fields = {**_data(element, names), **_ends(element)}
            yield None, edge_fields(fields if "id" in fields else {**fields, **_own(element)})
            element.clear()
        elif element.tag == "hyperedge":
            file.see("statement")
            file.pass_over("statement", None, "a hyperedge joins more than two nodes")


def _data(element: Element, names: Mapping[str, str]) -> dict[str, str]:
    return {
        names.get(data.get("key", ""), data.get("key", "")): "".join(data.itertext())
        for data in element.iter("data")
    }


def _ends(element: Element) -> dict[str, str]:
    return {end: element.get(end, "") for end in ("source", "target")}


def _own(element: Element) -> dict[str, str]:
    return {"id": element.get("id", "")} if element.get("id") else {}


def _gexf(elements: Iterator[Element]) -> Items:
    names: dict[str, dict[str, str]] = {"node": {}, "edge": {}}
    held: dict[str, str] = {}
    for element in elements:
        if element.tag == "attributes":
            found = names.setdefault(element.get("class", "node"), {})
            for attribute in element.iter("attribute"):
                found[attribute.get("id", "")] = attribute.get("title", attribute.get("id", ""))
        elif element.tag in {"node", "edge"}:
            held = {
                names[element.tag].get(value.get("for", ""), value.get("for", "")):
                    value.get("value", "")
                for value in element.iter("attvalue")
            }  # fmt: skip
            given = {key: value for key, value in element.attrib.items() if key != "pid"}
            if element.tag == "node":
                yield None, node_fields({**given, **held, "id": given.get("id", "")})
            else:
                yield None, edge_fields({**given, **held, **_ends(element)})
            element.clear()
