"""GO-CAM, BioPAX level 3 and WikiPathways: what a pathway says, in the model's words."""

from pathlib import Path

import pytest

from tests.kg.readers.loading import Read
from tests.ontology.readers.test_rdf_in_full import HEAD, said, write
from tests.ontology.readers.test_rdf_loads import read

EACH = pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf"])


def signs(found: Read) -> dict[tuple[str, str, str], int | None]:
    return {(s.subject, s.predicate, s.object): s.sign for s in found.statements}


def publications(found: Read, subject: str, target: str) -> set[str]:
    return {
        p
        for s in found.statements
        if (s.subject, s.object) == (subject, target)
        for e in s.evidence
        for p in e.publications
    }


M = "http://model.geneontology.org/m1/"
GO_CAM = """
@prefix m: <http://model.geneontology.org/m1/> . @prefix lego: <http://geneontology.org/lego/> .
<http://model.geneontology.org/m1> a owl:Ontology ; dc:title "a model" .
obo:GO_0004672 rdfs:label "protein kinase activity" .
obo:GO_0003700 rdfs:label "transcription factor activity" .
obo:GO_0006915 rdfs:label "apoptotic process" . obo:CL_0000540 rdfs:label "neuron" .
<http://identifiers.org/mgi/MGI:1> rdfs:label "Kin" .
m:a a obo:GO_0004672, owl:NamedIndividual ; obo:RO_0002333 m:g ; obo:RO_0002630 m:b ;
    obo:BFO_0000050 m:p ; obo:BFO_0000066 m:c .
m:b a obo:GO_0003700, owl:NamedIndividual ; obo:RO_0002411 m:a ; obo:RO_0002304 m:p .
m:g a <http://identifiers.org/mgi/MGI:1>, owl:NamedIndividual .
m:p a obo:GO_0006915, owl:NamedIndividual . m:c a obo:CL_0000540, owl:NamedIndividual .
m:e a obo:ECO_0000314, owl:NamedIndividual ; dc:source "PMID:7" ; dc:date "2020-01-01" .
[] a owl:Axiom ; owl:annotatedSource m:a ; owl:annotatedProperty obo:RO_0002630 ;
    owl:annotatedTarget m:b ; lego:evidence m:e .
"""


@EACH
def test_a_causal_activity_model_is_activities_genes_and_effects(
    tmp_path: Path, suffix: str
) -> None:
    found = read(write(tmp_path, HEAD + GO_CAM, suffix))
    a, b, p, c = (f"{M}{name}" for name in "abpc")
    effects = signs(found)
    assert effects[a, "RO:0002630", b] == -1
    assert effects[b, "RO:0002304", p] == 1
    assert effects[b, "RO:0002411", a] is None
    assert {(a, "enabled_by", "MGI:1"), (a, "part_of", p), (a, "occurs_in", c)} <= said(found)
    assert {(a, "type", "GO:0004672"), (c, "type", "CL:0000540")} <= said(found)
    assert publications(found, a, b) == {"PMID:7"}
    named = {key: (e.name, e.category) for key, e in found.entities.items()}
    assert named[a] == ("protein kinase activity of Kin", "biolink:MolecularActivity")
    assert named[b] == ("transcription factor activity (b)", "biolink:MolecularActivity")
    assert named["MGI:1"] == ("Kin", "biolink:Gene")
    assert named[p][1] == "biolink:BiologicalProcess"
    assert named[c][1] == "biolink:Cell"
    assert not {f"{M}e", f"{M}g", "http://model.geneontology.org/m1"} & set(found.entities)


def test_models_meet_in_their_genes(tmp_path: Path) -> None:
    first = write(tmp_path, HEAD + GO_CAM, name="first")
    other = write(tmp_path, HEAD + GO_CAM.replace("/m1", "/m2"), name="second")
    found = read(first, other)
    assert found.hash == read(other, first).hash
    activities = {s.subject for s in found.statements if s.object == "MGI:1"}
    assert activities == {f"{M}a", f"{M}a".replace("/m1/", "/m2/")}


B = "http://example.org/bp#"
BIOPAX = """
@prefix bp: <http://www.biopax.org/release/biopax-level3.owl#> .
@prefix : <http://example.org/bp#> .
:glucose a bp:SmallMolecule ; bp:displayName "glucose" ; bp:entityReference :glucoseRef ;
    bp:comment "A sugar." .
:glucoseRef a bp:SmallMoleculeReference ; bp:xref :glucoseX .
:glucoseX a bp:UnificationXref ; bp:db "ChEBI" ; bp:id "CHEBI:17234" .
:g6p a bp:SmallMolecule ; bp:displayName "glucose 6-phosphate" .
:hk a bp:Protein ; bp:displayName "HK1" ; bp:entityReference :hkRef .
:hkRef a bp:ProteinReference ; bp:xref :hkX ; bp:organism :human .
:hkX a bp:UnificationXref ; bp:db "UniProt Knowledgebase" ; bp:id "P19367" .
:human a bp:BioSource ; bp:xref :taxon .
:taxon a bp:UnificationXref ; bp:db "taxonomy" ; bp:id "9606" .
:r1 a bp:BiochemicalReaction ; bp:displayName "hexokinase reaction" ; bp:left :glucose ;
    bp:right :g6p ; bp:conversionDirection "LEFT-TO-RIGHT" ; bp:xref :pub .
:r2 a bp:BiochemicalReaction ; bp:displayName "isomerase reaction" ; bp:left :f6p ; bp:right :g6p ;
    bp:conversionDirection "RIGHT-TO-LEFT" .
:f6p a bp:SmallMolecule ; bp:displayName "fructose 6-phosphate" .
:pub a bp:PublicationXref ; bp:db "Pubmed" ; bp:id "7" .
:cat a bp:Catalysis ; bp:controller :hk ; bp:controlled :r1 ; bp:controlType "ACTIVATION" .
:mod a bp:Modulation ; bp:controller :g6p ; bp:controlled :cat ; bp:controlType "INHIBITION" .
:brake a bp:Control ; bp:controller :hk ; bp:controlled :r2 ; bp:controlType "INHIBITION" .
:complex a bp:Complex ; bp:displayName "HK1 dimer" ; bp:component :hk .
:path a bp:Pathway ; bp:displayName "glycolysis" ; bp:pathwayComponent :r1, :r2 ;
    bp:pathwayOrder :s1, :s2 .
:s1 a bp:PathwayStep ; bp:stepProcess :r1, :cat ; bp:nextStep :s2 .
:s2 a bp:PathwayStep ; bp:stepProcess :r2 .
:mi a bp:MolecularInteraction ; bp:displayName "binding" ; bp:participant :hk, :complex .
"""


@EACH
def test_biopax_is_inputs_outputs_controls_parts_and_order(tmp_path: Path, suffix: str) -> None:
    found = read(write(tmp_path, HEAD + BIOPAX, suffix))
    expected = {
        ("r1", "has_input", "glucose"), ("r1", "has_output", "g6p"),
        ("r2", "has_input", "g6p"), ("r2", "has_output", "f6p"),
        ("hk", "catalyzes", "r1"), ("complex", "has_part", "hk"),
        ("path", "has_part", "r1"), ("path", "has_part", "r2"), ("r1", "precedes", "r2"),
        ("mi", "has_participant", "hk"), ("mi", "has_participant", "complex"),
        ("complex", "physically_interacts_with", "hk"),
    }  # fmt: skip
    short = {(s.removeprefix(B), p, o.removeprefix(B)) for s, p, o in said(found)}
    effects = {
        (s.subject.removeprefix(B), s.object.removeprefix(B)): s.sign
        for s in found.statements
        if "regulates" in found.schema.predicate(s.predicate).label
    }
    assert expected <= short
    assert effects == {("g6p", "r1"): -1, ("hk", "r2"): -1}
    assert publications(found, f"{B}r1", f"{B}glucose") == {"PMID:7"}
    glucose, enzyme = found.entities[f"{B}glucose"], found.entities[f"{B}hk"]
    assert (glucose.name, glucose.category) == ("glucose", "biolink:SmallMolecule")
    assert (glucose.xrefs, glucose.description) == (("CHEBI:17234",), "A sugar.")
    assert (enzyme.xrefs, enzyme.attributes["in_taxon"]) == (("UniProt:P19367",), "NCBITaxon:9606")
    names = {e.removeprefix(B) for e in found.entities}
    assert names == {"glucose", "g6p", "hk", "r1", "r2", "f6p", "complex", "path", "mi"}


W = "http://rdf.wikipathways.org/WP1/"
WIKIPATHWAYS = """
@prefix wp: <http://vocabularies.wikipathways.org/wp#> .
@prefix gpml: <http://vocabularies.wikipathways.org/gpml#> .
@prefix : <http://rdf.wikipathways.org/WP1/> .
:path a wp:Pathway ; dc:title "a pathway" ; wp:organismName "Homo sapiens" .
:a a wp:DataNode, wp:Protein ; rdfs:label "A" ; dcterms:isPartOf :path ;
    wp:bdbUniprot <http://identifiers.org/uniprot/P04637> .
:b a wp:DataNode, wp:Metabolite ; rdfs:label "B" ; dcterms:isPartOf :path .
:c a wp:DataNode, wp:GeneProduct ; rdfs:label "C" ; dcterms:isPartOf :path .
:i1 a wp:Interaction, wp:DirectedInteraction, wp:Inhibition ; wp:source :a ; wp:target :b ;
    wp:participants :a, :b ; dcterms:bibliographicCitation <http://identifiers.org/pubmed/7> .
:i2 a wp:Interaction, wp:DirectedInteraction, wp:Conversion ; wp:source :b ; wp:target :c .
:i3 a wp:Interaction, wp:DirectedInteraction, wp:Catalysis ; wp:source :a ; wp:target :i2 .
:i4 a wp:Interaction, wp:DirectedInteraction, wp:Stimulation ; wp:source :c ; wp:target :a, :b .
:i5 a wp:Interaction ; wp:participants :a, :c .
:i6 a wp:Interaction ; wp:source :a .
:drawn a gpml:Label ; gpml:textlabel "a note" .
"""


@EACH
def test_wikipathways_is_interactions_with_their_effect(tmp_path: Path, suffix: str) -> None:
    found = read(write(tmp_path, HEAD + WIKIPATHWAYS, suffix))
    effects = {
        (s.subject.removeprefix(W), found.schema.predicate(s.predicate).label,
         s.object.removeprefix(W)): s.sign
        for s in found.statements
    }  # fmt: skip
    assert effects[("a", "inhibits", "b")] == -1
    assert (effects[("c", "stimulates", "a")], effects[("c", "stimulates", "b")]) == (1, 1)
    assert effects[("b", "is converted to", "c")] is None
    assert effects[("a", "catalyzes", "c")] == 1
    assert {("a", "c"), ("path", "a"), ("path", "b"), ("path", "c")} <= {
        (s, o) for s, _, o in effects
    }
    assert publications(found, f"{W}a", f"{W}b") == {"PMID:7"}
    assert found.entities[f"{W}a"].xrefs == ("UniProt:P04637",)
    categories = {e.removeprefix(W): x.category for e, x in found.entities.items()}
    assert categories == {
        "path": "biolink:Pathway", "a": "biolink:Protein", "b": "biolink:SmallMolecule",
        "c": found.entities[f"{W}c"].category,
    }  # fmt: skip
    reasons = {r.reason for count in found.loaded.report.files for r in count.reasons}
    assert {"an interaction without two ends", "the drawing of a pathway (GPML)"} <= reasons


MORE_BIOPAX = """
:g1 a bp:Gene ; bp:displayName "g1" . :g2 a bp:Gene ; bp:displayName "g2" .
:gi a bp:GeneticInteraction ; bp:participant :g1, :g2 .
:idle a bp:Control ; bp:controller :hk .
:hk bp:xref :related . :related a bp:RelationshipXref ; bp:db "x" ; bp:id "1" .
"""


def test_what_biopax_says_of_genes_and_idle_controls(tmp_path: Path) -> None:
    found = read(write(tmp_path, HEAD + BIOPAX + MORE_BIOPAX))
    short = {(s.removeprefix(B), p, o.removeprefix(B)) for s, p, o in said(found)}
    assert ("g1", "genetically_interacts_with", "g2") in short
    lost = {
        r.reason: r.count
        for count in found.loaded.report.files
        for r in count.reasons
        if r.outcome == "passed_over"
    }
    assert lost["a control without a controller, or of nothing"] == 2
    assert lost["a detail of BioPAX that the model has no place for"] == 3


MORE_WIKIPATHWAYS = """
:cx a wp:Complex ; rdfs:label "CX" ; wp:participants :a, :b ; dcterms:isPartOf :path .
:c dcterms:isPartOf :cx .
:i7 a wp:Interaction, wp:Binding ; wp:participants :a, :b, :c .
"""


def test_complexes_of_wikipathways_have_parts_and_bindings_pairs(tmp_path: Path) -> None:
    found = read(write(tmp_path, HEAD + WIKIPATHWAYS + MORE_WIKIPATHWAYS))
    ends = {(s.removeprefix(W), o.removeprefix(W)) for s, p, o in said(found) if p == "has_part"}
    assert {("cx", "a"), ("cx", "b"), ("cx", "c"), ("path", "cx")} <= ends
    binds = {
        (s.removeprefix(W), o.removeprefix(W)) for s, p, o in said(found) if p.endswith("Binding")
    }
    assert binds == {("a", "b"), ("a", "c"), ("b", "c")}
