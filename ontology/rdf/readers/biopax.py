"""BioPAX level 3 (Demir et al. 2010, Nat Biotechnol 28:935): pathways as statements.

An interaction is an entity of its own: a conversion *has input* what is on its left and *has
output* what is on its right, in the direction that it states; a controller acts on what it
controls, with the sign of `controlType`; complexes have parts, pathways have their interactions as
parts. References, cross-references, vocabularies, organisms and evidence are no entities: they
become cross-references, attributes and publications of what names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add, associate, drop
from mechkg.ontology.rdf.roles import BP, XREFS
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import ATTRIBUTE, BIOLINK, DCTERMS, RDF, keyed

__all__ = ["read_biopax"]

OBO: Final = "http://purl.obolibrary.org/obo/"
POSITIVE, NEGATIVE, REGULATES = (f"{OBO}RO_000{n}" for n in ("2213", "2212", "2211"))
HAS_INPUT, HAS_OUTPUT, HAS_PART = BIOLINK["has_input"], BIOLINK["has_output"], BIOLINK["has_part"]

_CATEGORIES: Final = {
    "Protein": "Protein", "SmallMolecule": "SmallMolecule", "Dna": "NucleicAcidEntity",
    "DnaRegion": "NucleicAcidEntity", "Rna": "Transcript", "RnaRegion": "Transcript",
    "Complex": "MacromolecularComplex", "PhysicalEntity": "PhysicalEntity", "Gene": "Gene",
    "Pathway": "Pathway", "BiochemicalReaction": "MolecularActivity",
    "Transport": "MolecularActivity", "TransportWithBiochemicalReaction": "MolecularActivity",
    "ComplexAssembly": "MolecularActivity", "Degradation": "MolecularActivity",
    "Conversion": "MolecularActivity", "MolecularInteraction": "MolecularActivity",
    "GeneticInteraction": "BiologicalProcess", "Interaction": "BiologicalProcess",
    "TemplateReaction": "MolecularActivity",
}  # fmt: skip
_CONTROLS: Final = ("Control", "Catalysis", "Modulation", "TemplateReactionRegulation")
_PARTS: Final = {
    "component": HAS_PART, "memberPhysicalEntity": BIOLINK["has_member"],
    "pathwayComponent": HAS_PART, "template": HAS_INPUT, "product": HAS_OUTPUT,
}  # fmt: skip
_SIGNS: Final = {
    "ACTIVATION": POSITIVE, "ACTIVATION-ALLOSTERIC": POSITIVE, "ACTIVATION-NONALLOSTERIC": POSITIVE,
    "INHIBITION": NEGATIVE, "INHIBITION-ALLOSTERIC": NEGATIVE, "INHIBITION-COMPETITIVE": NEGATIVE,
    "INHIBITION-IRREVERSIBLE": NEGATIVE, "INHIBITION-NONCOMPETITIVE": NEGATIVE,
    "INHIBITION-OTHER": NEGATIVE, "INHIBITION-UNCOMPETITIVE": NEGATIVE,
    "INHIBITION-UNKMECH": NEGATIVE, "ACTIVATION-UNKMECH": POSITIVE,
}  # fmt: skip
_INTERACTIONS: Final = {
    "MolecularInteraction": BIOLINK["physically_interacts_with"],
    "GeneticInteraction": BIOLINK["genetically_interacts_with"],
}
Sides = tuple[tuple[str, str], ...]
_DIRECTIONS: Final[dict[str, Sides]] = {
    "RIGHT-TO-LEFT": (("right", HAS_INPUT), ("left", HAS_OUTPUT)),
    "LEFT-TO-RIGHT": (("left", HAS_INPUT), ("right", HAS_OUTPUT)),
}  # fmt: skip
_UTILITIES: Final = frozenset(
    BP[name]
    for name in (
        "UnificationXref", "RelationshipXref", "PublicationXref", "Xref", "ProteinReference",
        "SmallMoleculeReference", "DnaReference", "RnaReference", "DnaRegionReference",
        "RnaRegionReference", "EntityReference", "BioSource", "Evidence", "EvidenceCodeVocabulary",
        "Provenance", "Stoichiometry", "PathwayStep", "BiochemicalPathwayStep", "Score",
        "CellularLocationVocabulary", "CellVocabulary", "TissueVocabulary", "KPrime", "DeltaG",
        "InteractionVocabulary", "RelationshipTypeVocabulary", "SequenceModificationVocabulary",
        "SequenceRegionVocabulary", "SequenceSite", "SequenceInterval", "SequenceLocation",
        "ModificationFeature", "FragmentFeature", "EntityFeature", "BindingFeature",
        "CovalentBindingFeature", "ChemicalStructure", "ControlledVocabulary", "ExperimentalForm",
        "ExperimentalFormVocabulary", "PhenotypeVocabulary", "EntityReferenceTypeVocabulary",
    )
)  # fmt: skip
_UNREAD: Final = frozenset(
    BP[name]
    for name in (
        "RelationshipXref", "Stoichiometry", "ModificationFeature", "FragmentFeature",
        "EntityFeature", "BindingFeature", "CovalentBindingFeature", "SequenceSite",
        "SequenceInterval", "SequenceLocation", "ChemicalStructure", "Score", "KPrime", "DeltaG",
        "InteractionVocabulary", "RelationshipTypeVocabulary", "SequenceModificationVocabulary",
        "SequenceRegionVocabulary", "PhenotypeVocabulary", "EvidenceCodeVocabulary",
        "ExperimentalForm", "ExperimentalFormVocabulary", "TissueVocabulary", "CellVocabulary",
        "EntityReferenceTypeVocabulary",
    )
)  # fmt: skip
"""Classes of helper nodes of which nothing is read."""
_DATABASES: Final = {
    "uniprot knowledgebase": "UniProt", "uniprot": "UniProt", "uniprotkb": "UniProt",
    "chebi": "CHEBI", "entrez gene": "NCBIGene", "ncbi gene": "NCBIGene", "gene ontology": "GO",
    "go": "GO", "pubmed": "PMID", "taxonomy": "NCBITaxon", "ncbi taxonomy": "NCBITaxon",
    "reactome": "REACT", "kegg compound": "KEGG.COMPOUND", "pubchem-compound": "CID",
    "hgnc": "HGNC", "ensembl": "ENSEMBL", "drugbank": "DRUGBANK",
}  # fmt: skip
_NO_CONTROL: Final = "a control without a controller, or of nothing"
_DETAIL: Final = "a detail of BioPAX that the model has no place for"


def read_biopax(triples: Triples, account: Account) -> Schema | None:
    """Rewrite a BioPAX document in place as entities and statements. O(triples).

    None where the document is no BioPAX.
    """
    entities = _of_types(triples, {BP[name] for name in _CATEGORIES})
    controls = _of_types(triples, {BP[name] for name in _CONTROLS})
    if not entities and not controls:
        return None
    claims = [*_parts(triples, entities), *_controls(triples, controls), *_order(triples)]
    for iri in entities:
        _describe(triples, iri)
    for number, (subject, predicate, target, origin) in enumerate(dict.fromkeys(claims)):
        publications = _publications(triples, origin)
        associate(
            triples,
            f"_:biopax{number}",
            (subject, predicate, target),
            kind="literature" if publications else "database",
            publications=publications,
        )
    _clear(triples, account, {*controls, *_of_types(triples, set(_UTILITIES))})
    return Schema(predicates=_PREDICATES)


_PREDICATES: Final = (
    Predicate(id="RO:0002211", label="regulates", iri=REGULATES),
    Predicate(id="RO:0002212", label="negatively regulates", iri=NEGATIVE, sign=-1, role="effect"),
    Predicate(id="RO:0002213", label="positively regulates", iri=POSITIVE, sign=1, role="effect"),
)

Claim = tuple[str, str, str, str]
"""Subject, predicate and object as IRIs, and the node whose publications support them."""


def _of_types(triples: Triples, types: set[str]) -> list[str]:
    return sorted(
        subject
        for subject, about in triples.by_subject.items()
        if not types.isdisjoint(map(text_of, about.get(RDF["type"], ())))
    )


def _parts(triples: Triples, entities: list[str]) -> Iterator[Claim]:
    """Yield inputs, outputs, parts and participants of entities."""
    for iri in entities:
        about = triples.by_subject[iri]
        direction = triples.value(iri, BP["conversionDirection"]).upper()
        sides: Sides = _DIRECTIONS.get(direction, _DIRECTIONS["LEFT-TO-RIGHT"])
        if direction == "REVERSIBLE":
            sides = (*sides, *_DIRECTIONS["RIGHT-TO-LEFT"])
        for name, predicate in (*sides, *_PARTS.items()):
            for target in _named(triples, iri, name):
                yield iri, predicate, target, iri
        participants = _named(triples, iri, "participant")
        if len(participants) == 2 and BP["left"] not in about:
            yield participants[0], _interaction(triples, iri), participants[1], iri
        for target in participants:
            yield iri, BIOLINK["has_participant"], target, iri
        for location in _named(triples, iri, "cellularLocation"):
            for curie in _xrefs(triples, location):
                yield iri, BIOLINK["located_in"], registry().iri(curie), iri


def _interaction(triples: Triples, iri: str) -> str:
    """Return the relation of the two participants of an interaction."""
    kinds = triples.values(iri, RDF["type"])
    for kind, relation in _INTERACTIONS.items():
        if BP[kind] in kinds:
            return relation
    return BIOLINK["interacts_with"]


def _controls(triples: Triples, controls: list[str]) -> Iterator[Claim]:
    """Yield the effect of each controller on what it controls, through controls of controls."""
    for iri in controls:
        kind = triples.value(iri, BP["controlType"]).upper()
        catalysis = BP["Catalysis"] in triples.values(iri, RDF["type"])
        predicate = _SIGNS.get(kind, POSITIVE if catalysis and not kind else REGULATES)
        if catalysis and predicate == POSITIVE:
            predicate = BIOLINK["catalyzes"]
        for target, turns in _controlled(triples, iri):
            effect = _turned(predicate) if turns else predicate
            for controller in _named(triples, iri, "controller"):
                yield controller, effect, target, iri


def _controlled(triples: Triples, iri: str, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """Yield the interactions that a control acts on, and whether another one turns its sign."""
    for target in _named(triples, iri, "controlled"):
        types = triples.values(target, RDF["type"])
        if depth < 5 and any(BP[name] in types for name in _CONTROLS):
            turns = _SIGNS.get(triples.value(target, BP["controlType"]).upper()) == NEGATIVE
            for final, turned in _controlled(triples, target, depth + 1):
                yield final, turned != turns
        else:
            yield target, False


def _turned(predicate: str) -> str:
    return {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE, BIOLINK["catalyzes"]: NEGATIVE}.get(
        predicate, predicate
    )


def _order(triples: Triples) -> Iterator[Claim]:
    """Yield which interaction precedes which, from the steps of pathways."""
    for step, about in sorted(triples.by_subject.items()):
        for following in sorted(map(text_of, about.get(BP["nextStep"], ()))):
            for first in _processes(triples, step):
                for second in _processes(triples, following):
                    yield first, BIOLINK["precedes"], second, step


def _processes(triples: Triples, step: str) -> list[str]:
    found = [*_named(triples, step, "stepProcess"), *_named(triples, step, "stepConversion")]
    controls = {BP[name] for name in _CONTROLS}
    return [p for p in found if controls.isdisjoint(triples.values(p, RDF["type"]))]


def _named(triples: Triples, iri: str, name: str) -> list[str]:
    nodes = triples.by_subject.get(iri, {}).get(BP[name], ())
    return sorted(text_of(node) for node in nodes if isinstance(node, NamedNode))


def _describe(triples: Triples, iri: str) -> None:
    """Give an entity its category, cross-references, organism and source."""
    kinds = {
        _CATEGORIES[t.removeprefix(BP.start)]
        for t in triples.values(iri, RDF["type"])
        if t.removeprefix(BP.start) in _CATEGORIES
    }
    triples.by_subject[iri][RDF["type"]] = [NamedNode(BIOLINK[kind]) for kind in sorted(kinds)]
    references = _named(triples, iri, "entityReference")
    for owner in (iri, *references):
        for curie in _xrefs(triples, owner):
            add(triples, iri, XREFS[1], Literal(curie))
        for organism in _named(triples, owner, "organism"):
            for curie in _xrefs(triples, organism):
                add(triples, iri, keyed(ATTRIBUTE, "in_taxon"), Literal(curie))
    for source in _named(triples, iri, "dataSource"):
        name = triples.value(source, BP["displayName"]) or triples.value(source, BP["name"])
        if name:
            add(triples, iri, DCTERMS["source"], Literal(name))
    for text in triples.values(iri, BP["comment"]):
        add(triples, iri, DCTERMS["description"], Literal(text))


def _xrefs(triples: Triples, iri: str) -> list[str]:
    """Return the identifiers of the same thing elsewhere that a node names."""
    found = (_curie(triples, xref) for xref in _named(triples, iri, "xref")
             if BP["UnificationXref"] in triples.values(xref, RDF["type"]))  # fmt: skip
    return sorted({curie for curie in found if curie})


def _publications(triples: Triples, iri: str) -> list[str]:
    """Return the publications that a node names, or its evidence does."""
    found = []
    for owner in (iri, *_named(triples, iri, "evidence")):
        for xref in _named(triples, owner, "xref"):
            is_publication = BP["PublicationXref"] in triples.values(xref, RDF["type"])
            found.append(_curie(triples, xref) if is_publication else "")
    return sorted({curie for curie in found if curie})


def _curie(triples: Triples, xref: str) -> str:
    database, local = triples.value(xref, BP["db"]), triples.value(xref, BP["id"])
    if not database or not local:
        return ""
    prefix = _DATABASES.get(database.casefold()) or registry().prefix(database) or database
    return registry().canonical(f"{prefix.replace(' ', '_')}:{local}")


def _clear(triples: Triples, account: Account, helpers: set[str]) -> None:
    """Take away what is said by now in other words, and what has no place."""
    for iri in sorted(helpers):
        about = triples.by_subject.get(iri, {})
        types = set(map(text_of, about.get(RDF["type"], ())))
        control = not types.isdisjoint(BP[name] for name in _CONTROLS)
        if control and not (BP["controller"] in about and BP["controlled"] in about):
            account.pass_over(_NO_CONTROL, drop(triples, iri), iri)
        elif types & _UNREAD:
            account.pass_over(_DETAIL, drop(triples, iri), iri)
        else:
            account.merge("a helper node of BioPAX", drop(triples, iri), iri)
    read = {BP[name] for name in (
        *_PARTS, "left", "right", "participant", "cellularLocation", "xref", "entityReference",
        "organism", "dataSource", "comment", "conversionDirection", "evidence", "pathwayOrder",
    )}  # fmt: skip
    for iri, about in triples.by_subject.items():
        for name in [n for n in about if n in read]:
            account.merge("a property of BioPAX, read as a statement", len(about.pop(name)), iri)
        for name in [n for n in about if BP.holds(n) and _points_to(about[n], helpers)]:
            account.pass_over(_DETAIL, len(about.pop(name)), iri)


def _points_to(nodes: Sequence[Node], helpers: set[str]) -> bool:
    return all(isinstance(node, NamedNode) and node.value in helpers for node in nodes)
