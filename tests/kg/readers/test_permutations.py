"""The order of lines, records, nodes and edges in a file changes nothing, in any format."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mechkg.kg.model.schema import Schema
from mechkg.ontology.rdf import readers as rdf_readers
from tests.kg.readers.loading import FORMATS, read
from tests.kg.readers.samples import samples
from tests.kg.readers.test_round_trip import RICH, WRITERS

RECORDS = ("nodes", "edges", "links", "elements", "statements", "entities")


def lines(content: bytes) -> bytes:
    """Turn the rows of a table round; its first lines, which say what it is, stay."""
    rows = content.decode().splitlines(keepends=True)
    head = [row for row in rows if row[:1] in "!#"] or rows[:1]
    rest = [row for row in rows if row not in head]
    return "".join((*head, *reversed(rest))).encode()


def bare_lines(content: bytes) -> bytes:
    return b"".join(reversed(content.splitlines(keepends=True)))


def records(content: bytes) -> bytes:
    """Turn the lists of records of a JSON document round."""
    return json.dumps(_turned(json.loads(content))).encode()


def _turned(value: Any, key: str = "") -> Any:
    if isinstance(value, list):
        order = reversed(value) if key in RECORDS and not _numbered(value) else value
        return [_turned(item) for item in order]
    if isinstance(value, dict):
        items = list(value.items())
        return {key: _turned(item, key) for key, item in (reversed(items) if key else items)}
    return value


def _numbered(items: list[Any]) -> bool:
    """Say whether items are referred to by their place, as those of PyBEL and D3 may be."""
    return all("function" in item or {"id", "name"} >= item.keys() for item in items)


def elements(content: bytes) -> bytes:
    """Turn the nodes and the edges of GraphML or GEXF round."""
    text = content.decode()
    for tag in ("node", "edge"):
        pattern = rf"<{tag} (?:[^>]*/>|.*?</{tag}>)"
        found = re.findall(pattern, text, re.DOTALL)
        text = re.sub(pattern, lambda _match, found=found: found.pop(), text, flags=re.DOTALL)
    return text.encode()


def stanzas(content: bytes) -> bytes:
    """Turn the stanzas of an OBO file round, and the lines in each."""
    head, *rest = content.decode().strip().split("\n\n")
    parts = ["\n".join((lines[0], *reversed(lines[1:]))) for lines in map(str.splitlines, rest)]
    return "\n\n".join((head, *reversed(parts))).encode() + b"\n"


TURNS: dict[str, Callable[[bytes], bytes]] = {
    "DRKG": bare_lines, "OpenBioLink": bare_lines, "SIF": bare_lines, "Neo4j JSON": bare_lines,
    "GraphML": elements, "GEXF": elements, "OBO": stanzas,
    **dict.fromkeys(
        ("PrimeKG", "SIGNOR", "OmniPath", "Neo4j edges", "Neo4j nodes", "GAF", "GPAD"), lines
    ),
}  # fmt: skip
"""How to put the records of a sample in another order; of JSON documents, `records`."""


@pytest.mark.parametrize("sample", samples())
def test_the_order_of_records_changes_nothing(tmp_path: Path, sample: str) -> None:
    name, content = samples()[sample]
    turn = TURNS.get(sample, records)
    (tmp_path / name).write_bytes(content)
    before = read(tmp_path / name).hash
    (tmp_path / name).write_bytes(turn(content))
    assert read(tmp_path / name).hash == before


TABLES = {
    "nodes.tsv": ["id\tname\tcategory\txref", "A:1\ta\tGene\tX:1", "A:1\tb\tProtein\tX:2",
                  "A:2\tc\tCell\t", "A:1\t\t\tX:0"],
    "edges.csv": ["subject,predicate,object,publications,p", "A:1,affects,A:2,PMID:1,1",
                  "A:2,affects,A:1,PMID:2,2", "A:1,affects,A:2,PMID:3,3", "A:1,affects,A:2,,1"],
    "bare.tsv": ["A:1\taffects\tA:2", "A:3\taffects\tA:2", "A:1\taffects\tA:2"],
    "graph.jsonl": ['{"id": "A:1", "name": "z", "category": ["biolink:Gene"]}',
                    '{"subject": "A:1", "predicate": "biolink:affects", "object": "A:9"}',
                    '{"id": "A:9", "in_taxon": "NCBITaxon:9606"}'],
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_the_order_of_rows_changes_nothing(tmp_path: Path, name: str) -> None:
    head, *rows = TABLES[name] if name != "bare.tsv" else ["", *TABLES[name]]
    hashes = set()
    for order in (rows, rows[::-1], rows[1:] + rows[:1]):
        (tmp_path / name).write_text("\n".join((*([head] if head else ()), *order, "")))
        hashes.add(read(tmp_path / name).hash)
    assert len(hashes) == 1


@pytest.mark.parametrize("form", ["json", "cytoscape", "graphml", "gexf", "cx2", "kgx-jsonl"])
def test_the_order_of_a_written_graph_changes_nothing(tmp_path: Path, form: str) -> None:
    """Everything of the model, with several pieces of each."""
    turned = type(RICH)(entities=RICH.entities[::-1], statements=RICH.statements[::-1])
    (writer,) = (w for w in WRITERS if w.name == form)
    hashes = set()
    for graph in (RICH, turned):
        path = tmp_path / f"graph.{writer.suffix}"
        path.write_bytes(writer.write(graph, Schema()))
        hashes.add(read(path, formats=(*FORMATS, *rdf_readers.FORMATS)).hash)
    assert len(hashes) == 1
