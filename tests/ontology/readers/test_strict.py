"""Whatever a reader leaves out is said, and refused by `strict`: one lossy file for each reader."""

import json
from pathlib import Path

import pytest

from mechkg.api.cli.load_report import loss_sentence
from mechkg.kg.build.load import load
from mechkg.kg.errors import LoadRefused
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.load_report import LoadReport
from tests.kg.readers.test_load_report import assert_accounted_for
from tests.kg.readers.test_round_trip import FORMATS
from tests.ontology.readers.test_rdf_in_full import HEAD

EDGES = "subject\tpredicate\tobject\n"
TURTLE = f"{HEAD} ex:a ex:p ex:b . "
GRAPHML = (
    '<graphml><key id="p" for="edge" attr.name="predicate"/><graph edgedefault="directed">'
    '<node id="A:1"/><edge source="A:1" target="A:1"><data key="p">p</data></edge>'
    "<hyperedge/></graph></graphml>"
)
KNOWLEDGE: dict[str, object] = {"nodes": {"A:1": {}}, "edges": {}}
LOSSY: dict[str, str] = {
    "comment.tsv": f"{EDGES}#A:1\tp\tA:2\nA:1\tp\tA:2\n",
    "again.csv": f"{EDGES}A:1\tp\tA:2\n{EDGES}".replace("\t", ","),
    "neo4j.csv": ":START_ID,:END_ID,:TYPE\nA:1,A:2,p\n:START_ID,:END_ID,:TYPE\n",
    "trapi.json": json.dumps({"message": {"knowledge_graph": KNOWLEDGE, "results": [{}]}}),
    "indra.json": json.dumps([{"type": "Phosphorylation", "sub": {"name": "a", "db_refs": {}}}]),
    "own.json": json.dumps({"entities": [{"id": "A:1", "name": "a", "new": 1}], "statements": []}),
    "record.yaml": "- graph: {_id: D1, disease_mesh: 'MESH:D1'}\n  nodes: [{id: 'A:1', name: a}, "
    "{id: 'A:2', name: b}]\n  links: [{source: 'A:1', target: 'A:2', key: treats}]\n",
    "obo.obo": "format-version: 1.2\n\n[Term]\nid: A:1\nname: a\ndisjoint_from: A:2\n",
    "tag.obo": "format-version: 1.2\n\n[Term]\nid: A:1\nname: a\nunknown: x\n",
    "graphs.json": json.dumps({"graphs": [{"edges": [
        {"sub": "A:1", "pred": "is_a", "obj": "A:2"},
        {"sub": "R:1", "pred": "subPropertyOf", "obj": "R:2"}]}]}),
    "hyperedge.graphml": GRAPHML,
    "text.ttl": f"{TURTLE} ex:a ex:mass 5 .",
    "text.nt": "<http://a/a> <http://a/p> <http://a/b> .\n<http://a/a> <http://a/m> \"5\" .\n",
    "most.ttl": f"{TURTLE} ex:A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; "
    "owl:onClass ex:B ; owl:maxQualifiedCardinality 1 ] .",
    "general.ttl": f"{TURTLE} [ a owl:Class ; owl:complementOf ex:A ] rdfs:subClassOf ex:B .",
    "disjoint.ttl": f"{TURTLE} [] a owl:AllDisjointClasses ; owl:members ( ex:A ex:B ) .",
    "denial.ttl": f"{TURTLE} [] a owl:NegativePropertyAssertion ; owl:sourceIndividual ex:a ; "
    "owl:assertionProperty ex:p ; owl:targetValue 5 .",
    "annotated.ttl": f'{TURTLE} ex:a rdfs:label "a" {{| ex:by ex:me |}} .',
    "triple.ttl": f"{TURTLE} ex:s ex:says <<( ex:a ex:p ex:b )>> .",
    "oban.ttl": f"{TURTLE} @prefix oban: <http://purl.org/oban/> . ex:s a oban:association ; "
    "oban:association_has_subject ex:a ; oban:association_has_predicate ex:p .",
    "np.trig": f"{HEAD} @prefix np: <http://www.nanopub.org/nschema#> . ex:h {{ ex:n "
    "np:hasAssertion ex:as . } ex:as { ex:a ex:p ex:b . }",
    "biopax.ttl": f"{TURTLE} @prefix bp: <http://www.biopax.org/release/biopax-level3.owl#> . "
    "ex:c a bp:Control ; bp:controller ex:e . ex:e a bp:Protein .",
    "wp.ttl": f"{TURTLE} @prefix wp: <http://vocabularies.wikipathways.org/wp#> . "
    "ex:i a wp:Interaction ; wp:source ex:a .",
    "cam.ttl": f"{TURTLE} <http://model.geneontology.org/m> a owl:Ontology ; dc:title \"t\" .",
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSY)
def test_a_loss_is_said_and_refused_by_strict(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(LOSSY[name])
    reports: list[LoadReport] = []

    def attempt(*, strict: bool) -> None:
        load([path], tmp_path / "data", name="g", schema=biolink_schema(), formats=FORMATS,
             strict=strict, on_report=reports.append)  # fmt: skip

    attempt(strict=False)
    assert reports[0].lost
    assert loss_sentence(reports[0]) != "Nothing was refused."
    assert_accounted_for(reports[0])
    with pytest.raises(LoadRefused, match="passed over") as refused:
        attempt(strict=True)
    assert refused.value.file == name
