"""Samples of formats: small files in the documented shape of each.

The samples are made for these tests (CC0). Where a shape was seen: PrimeKG kg.csv (dataset page,
doi:10.7910/DVN/IXA7BM), OmniPath interactions (omnipathdb.org), SIGNOR download (28 columns), Neo4j
bulk import (operations manual), GAF 2.2 and GPAD 2.0 (geneontology.org), SIF (Cytoscape manual),
CX and CX2 (cytoscape.org), INDRA statements (statements_schema.json), PyBEL node-link JSON
(io/nodelink.py), OBO 1.4 (owlcollab.github.io), TRAPI (ReasonerAPI), OpenBioLink (edges.csv).
"""

# ruff: noqa: E501, ISC004 - samples are tables
import json

TRIPLE = ("A:1", "affects", "A:2")
NODES = [{"id": "A:1", "name": "a", "category": ["biolink:Gene"]}, {"id": "A:2", "name": "b"}]
EDGE = {"id": "e1", "subject": "A:1", "predicate": "biolink:affects", "object": "A:2"}
OBO = """format-version: 1.2
ontology: t

[Term]
id: A:1
name: a
def: "What \\"a\\" is." [PMID:1]
synonym: "alpha" EXACT []
synonym: "alpha thing" BROAD []
alt_id: A:9
xref: B:1
is_a: A:2 {source="PMID:7"} ! b
relationship: part_of A:3 ! c
disjoint_from: A:4

[Term]
id: A:2
name: b
is_obsolete: true
replaced_by: A:3

[Typedef]
id: part_of
name: part of
xref: BFO:0000050
"""
GRAPHML = """<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="node" attr.name="name" attr.type="string"/>
<key id="d1" for="edge" attr.name="interaction" attr.type="string"/>
<graph edgedefault="directed"><node id="A:1"><data key="d0">a</data></node><node id="A:2"/>
<edge source="A:1" target="A:2"><data key="d1">affects</data></edge></graph></graphml>"""
GEXF = """<?xml version="1.0"?><gexf xmlns="http://gexf.net/1.3" version="1.3"><graph>
<attributes class="edge"><attribute id="0" title="predicate" type="string"/></attributes>
<nodes><node id="A:1" label="a"/><node id="A:2" label="b"/></nodes><edges>
<edge id="0" source="A:1" target="A:2"><attvalues><attvalue for="0" value="affects"/></attvalues>
</edge></edges></graph></gexf>"""
SIGNOR = (
    "ENTITYA\tTYPEA\tIDA\tDATABASEA\tENTITYB\tTYPEB\tIDB\tDATABASEB\tEFFECT\tMECHANISM\tPMID\n"
    "MAPK1\tprotein\tP28482\tUNIPROT\tTP53\tprotein\tP04637\tUNIPROT\t"
    "up-regulates activity\tphosphorylation\t123\n"
)
PRIMEKG = (
    "relation,display_relation,x_index,x_id,x_type,x_name,x_source,y_index,y_id,y_type,y_name,"
    "y_source\nbioprocess_protein,interacts with,0,9796,gene/protein,PHYHIP,NCBI,1,6915,"
    "biological_process,apoptotic process,GO\n"
)
OMNIPATH = (
    "source\ttarget\tsource_genesymbol\ttarget_genesymbol\tis_directed\tis_stimulation\t"
    "is_inhibition\tsources\treferences\nP28482\tP04637\tMAPK1\tTP53\t1\t0\t1\tSIGNOR;KEA\t"
    "KEA:12;SIGNOR:34\n"
)
GAF = (
    "!gaf-version: 2.2\n!x\nUniProtKB\tP04637\tTP53\tNOT|involved_in\tGO:0006915\tPMID:1|X:2\tIDA\t"
    "\tP\tp53 protein\tP53|LFS1\tprotein\ttaxon:9606\t20200101\tUniProt\t\t\n"
)
CX = [
    {"numberVerification": [{"longNumber": 1}]},
    {"nodes": [{"@id": 0, "n": "a", "r": "A:1"}, {"@id": 1, "n": "b", "r": "A:2"}]},
    {"edges": [{"@id": 0, "s": 0, "t": 1, "i": "affects"}]},
    {"edgeAttributes": [{"po": 0, "n": "pmid", "v": "1"}]},
]
CX2 = [
    {"CXVersion": "2.0", "hasFragments": False},
    {"attributeDeclarations": [{"nodes": {"represents": {"a": "r"}},
                                "edges": {"interaction": {"a": "i"}}}]},
    {"nodes": [{"id": 0, "v": {"r": "A:1", "name": "a"}}, {"id": 1, "v": {"r": "A:2"}}]},
    {"edges": [{"id": 0, "s": 0, "t": 1, "v": {"i": "affects"}}]},
]  # fmt: skip
TRAPI = {
    "message": {
        "query_graph": {"nodes": {}, "edges": {}},
        "results": [{}, {}],
        "knowledge_graph": {
            "nodes": {"A:1": {"name": "a", "categories": ["biolink:Gene"]}, "A:2": {}},
            "edges": {"e1": {"subject": "A:1", "predicate": "biolink:affects", "object": "A:2",
                "sources": [{"resource_id": "infores:ctd",
                             "resource_role": "primary_knowledge_source"}],
                "attributes": [{"attribute_type_id": "biolink:publications",
                                "value": ["PMID:1"]}]}},
        },
    }
}  # fmt: skip
CYTOSCAPE = {
    "elements": {
        "nodes": [{"data": {"id": "A:1", "label": "a"}}, {"data": {"id": "A:2"}}],
        "edges": [{"data": {"id": "e1", "source": "A:1", "target": "A:2",
                            "interaction": "affects"}}],
    }
}  # fmt: skip
INDRA = [
    {
        "id": "st1", "type": "Inhibition", "belief": 0.9,
        "subj": {"name": "a", "db_refs": {"HGNC": "1"}},
        "obj": {"name": "b", "db_refs": {"CHEBI": "CHEBI:2"}},
        "evidence": [{"source_api": "reach", "pmid": "7", "text": "said"}],
    },
    {"id": "st2", "type": "Phosphorylation", "enz": None, "sub": {"name": "b", "db_refs": {}}},
]  # fmt: skip
BEL = {
    "directed": True, "multigraph": True, "graph": {"name": "g"},
    "nodes": [
        {"function": "Protein", "concept": {"namespace": "HGNC", "name": "a", "identifier": "1"}},
        {"function": "Pathology", "concept": {"namespace": "MESH", "name": "b"}},
    ],
    "links": [{"source": 0, "target": 1, "relation": "decreases", "evidence": "said",
               "citation": {"namespace": "pubmed", "identifier": "7"}, "key": "x"}],
}  # fmt: skip
LINKS = {
    "nodes": [{"id": "A:1", "name": "a"}, {"id": "A:2"}],
    "links": [{"source": 0, "target": "A:2", "relation": "affects"}],
}

SAMPLES: dict[str, tuple[str, object, str, set[tuple[str, str, str]]]] = {
    "PrimeKG": ("kg.csv", PRIMEKG, "primekg", {("NCBIGene:9796", "bioprocess_protein", "GO:0006915")}),
    "SIGNOR": ("signor.tsv", SIGNOR, "signor",
               {("UniProtKB:P28482", "up-regulates_activity", "UniProtKB:P04637")}),
    "OmniPath": ("omnipath.tsv", OMNIPATH, "omnipath",
                 {("UniProtKB:P28482", "affects", "UniProtKB:P04637")}),
    "Neo4j edges": ("rels.csv", ":START_ID(Drug),:END_ID,:TYPE,score:float\n1,A:2,affects,0.5\n",
                    "neo4j-csv", {("Drug:1", "affects", "A:2")}),
    "Neo4j nodes": ("nodes.csv", "id:ID,name,synonyms:string[],:LABEL\nA:1,a,x;y,Gene;Entity\n",
                    "neo4j-csv", set()),
    "DRKG": ("drkg.tsv", "Gene::1\tbioarx::HumGenHumGen:Gene:Gene\tGene::2\n", "triples-tsv",
             {("Gene::1", "bioarx::HumGenHumGen:Gene:Gene", "Gene::2")}),
    "OpenBioLink": ("edges.csv", "NCBIGENE:1\tGENE_GENE\tNCBIGENE:2\t900\tSTRING\n"
                    "CL:1\tANATOMY_GENE\tNCBIGENE:2\tNone\tBgee\n", "openbiolink",
                    {("NCBIGENE:1", "GENE_GENE", "NCBIGENE:2"),
                     ("CL:1", "ANATOMY_GENE", "NCBIGENE:2")}),
    "GAF": ("a.gaf", GAF, "gaf", {("UniProtKB:P04637", "involved_in", "GO:0006915")}),
    "GPAD": ("a.gpad", "!gpa-version: 2.0\nMGI:MGI:1\t\tenables\tGO:1\tPMID:1\tECO:1\t\t\t2020-01-01\t"
             "MGI\t\t\n", "gpad", {("MGI:1", "enables", "GO:1")}),
    "SIF": ("net.sif", "A:1\taffects\tA:2\tA:3\nA:4\n", "sif",
            {("A:1", "affects", "A:2"), ("A:1", "affects", "A:3")}),
    "GraphML": ("g.graphml", GRAPHML, "graphml", {TRIPLE}),
    "GEXF": ("g.gexf", GEXF, "gexf", {TRIPLE}),
    "CX": ("g.cx", CX, "cx", {TRIPLE}),
    "CX2": ("g.cx2", CX2, "cx2", {TRIPLE}),
    "Cytoscape.js": ("g.cyjs", CYTOSCAPE, "cytoscape", {TRIPLE}),
    "node-link JSON": ("g.json", LINKS, "node-link", {TRIPLE}),
    "KGX JSON": ("kgx.json", {"nodes": NODES, "edges": [EDGE]}, "kgx-json", {TRIPLE}),
    "KGX JSON in one line": ("kgx.jsonl", {"nodes": NODES, "edges": [EDGE]}, "kgx-json", {TRIPLE}),
    "list of KGX edges": ("edges.json", [EDGE], "kgx-json", {TRIPLE}),
    "TRAPI": ("t.json", TRAPI, "trapi", {TRIPLE}),
    "INDRA": ("i.json", INDRA, "indra", {("HGNC:1", "affects", "CHEBI:2")}),
    "BEL": ("b.json", BEL, "bel", {("HGNC:1", "decreases", "MESH:b")}),
    "OBO": ("t.obo", OBO, "obo", {("A:1", "subclass_of", "A:2"), ("A:1", "part_of", "A:3")}),
    "Neo4j JSON": ("n.jsonl", '{"type":"node","id":"0","labels":["Gene"],"properties":'
                   '{"identifier":"A:1","name":"a"}}\n{"type":"relationship","id":"5","label":"affects",'
                   '"start":{"id":"0","labels":["Gene"]},"end":{"id":"1"},"properties":{"p":1}}\n',
                   "neo4j-json", {("A:1", "affects", "1")}),
}  # fmt: skip


def content_of(sample: str) -> bytes:
    """Return the bytes of a sample."""
    content = SAMPLES[sample][1]
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def samples() -> dict[str, tuple[str, bytes]]:
    """Return file name and content of every sample."""
    return {name: (SAMPLES[name][0], content_of(name)) for name in SAMPLES}
