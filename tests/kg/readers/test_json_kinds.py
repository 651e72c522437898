"""Kinds of JSON that lost something once: keys that come twice, lists of attributes."""

import json
from pathlib import Path

import pytest

from mechkg.kg.errors import MechKGError
from tests.kg.readers.loading import read

EDGE = '{"subject": "A:1", "predicate": "affects", "object": "A:2"'
TWICE = {
    "a line": ("a.jsonl", EDGE + ', "object": "A:3"}\n'),
    "a nested object": ("a.jsonl", EDGE + ', "x": {"a": 1, "a": 2}}\n'),
    "blanks before colons": ("a.jsonl", EDGE + ', "object" : "A:3"}\n'),
    "a key in a text": ("a.jsonl", EDGE + ', "x": "\\":", "object": "A:3"}\n'),
    "beside NaN": ("a.jsonl", EDGE + ', "x": NaN, "object": "A:3"}\n'),
    "a document": ("a.json", f'{{"nodes": [], "edges": [{EDGE}, "object": "A:3"}}]}}'),
    "nodes by identifier": (
        "t.json",
        '{"message": {"knowledge_graph": {"edges": {}, "nodes": {"A:1": {}, "A:1": {"a": 1}}}}}',
    ),
    "OBO Graphs": ("o.json", '{"graphs": [{"nodes": [{"id": "A:1", "lbl": "a", "lbl": "b"}]}]}'),
    "terms": ("m.json", '[{"id": "1", "namespace": "x", "name": "a", "name": "b", "xrefs": []}]'),
    "YAML": ("d.yaml", "graph: {_id: x}\nnodes: [{id: 'A:1', name: a, name: b}]\nlinks: []\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TWICE)
def test_a_key_with_two_values_is_refused(kind: str, tmp_path: Path) -> None:
    name, text = TWICE[kind]
    (tmp_path / name).write_text(text)
    with pytest.raises(MechKGError, match="twice"):
        read(tmp_path / name)


def test_a_key_with_the_same_value_twice_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(EDGE + ', "object": "A:2"}\n')
    assert read(tmp_path / "a.jsonl").triples == {("A:1", "affects", "A:2")}


ATTRIBUTES = [
    {"attribute_type_id": "biolink:publications", "value": ["PMID:1"]},
    {"attribute_type_id": "biolink:knowledge_level", "value": "prediction"},
    {"attribute_type_id": "biolink:has_attribute", "original_attribute_name": "score", "value": 1},
    {"attribute_type_id": "biolink:p_value", "value": 0.5, "attribute_source": "infores:x"},
    {"attribute_type_id": "biolink:publications", "value": "PMID:2"},
]


@pytest.mark.parametrize("form", ["line", "cell"])
def test_attributes_as_trapi_lists_them_are_read(form: str, tmp_path: Path) -> None:
    edge = {"subject": "A:1", "predicate": "biolink:affects", "object": "A:2",
            "publications": ["PMID:3"], "attributes": ATTRIBUTES}  # fmt: skip
    path = tmp_path / ("e.jsonl" if form == "line" else "e.tsv")
    cells = (value if isinstance(value, str) else json.dumps(value) for value in edge.values())
    table = "\t".join(edge) + "\n" + "\t".join(cells) + "\n"
    path.write_text(json.dumps(edge) if form == "line" else table)
    (statement,) = read(path).statements
    (evidence,) = statement.evidence
    assert set(evidence.publications) == {"PMID:1", "PMID:2", "PMID:3"}
    assert evidence.knowledge_level == "prediction"
    details = json.loads(statement.attributes.pop("attribute_details"))
    assert details == [{"name": "p_value", "attribute_source": "infores:x"}]
    assert statement.attributes == {"score": "1", "p_value": "0.5"}


def test_attributes_of_a_node_are_fields_of_it(tmp_path: Path) -> None:
    listed = [{"attribute_type_id": "biolink:xref", "value": ["B:1"]},
              {"attribute_type_id": "biolink:symbol", "value": "S"}]  # fmt: skip
    node = {"id": "A:1", "name": "a", "symbol": "T", "attributes": listed}
    (tmp_path / "n.jsonl").write_text(json.dumps(node))
    entity = read(tmp_path / "n.jsonl").entities["A:1"]
    assert (entity.xrefs, entity.attributes) == (("B:1",), {"symbol": "T", "symbol_": "S"})


def test_an_attribute_without_a_type_is_refused(tmp_path: Path) -> None:
    listed = [*ATTRIBUTES, {"value": 5}]
    (tmp_path / "e.jsonl").write_text(f'{EDGE}, "attributes": {json.dumps(listed)}}}')
    with pytest.raises(MechKGError, match="attribute_type_id"):
        read(tmp_path / "e.jsonl")
