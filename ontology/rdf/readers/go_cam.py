"""GO-CAM: causal activity models of the Gene Ontology (Thomas et al. 2019, Nat Genet 51:1429).

A model is OWL about individuals: an *activity* is an instance of a molecular function, *enabled
by* an instance of a gene product, *part of* an instance of a process, and *causally upstream of*
other activities, by relations of RO that say whether the effect is positive or negative. An
individual of a gene product or chemical is replaced by its class, so that
models meet in their genes; any other is named after its class, and an activity after the gene that
enables it, too, and linked to its class by `type`, as OBO Graphs does. Annotations of axioms name
evidence individuals, which become evidence.
"""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal, NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Sign
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.assertions import LEGO_EVIDENCE
from mechkg.ontology.rdf.readers.edits import add, drop, rename
from mechkg.ontology.rdf.triples import Triples, text_of
from mechkg.ontology.rdf.vocabulary import BIOLINK, OWL, RDF, RDFS, Namespace

__all__ = ["TYPE", "merge_molecules", "read_go_cam"]

MODELS: Final = "http://model.geneontology.org/"
LEGO: Final = Namespace("http://geneontology.org/lego/")
TYPE: Final = "https://w3id.org/mechkg/vocab/type"
"""The relation of an individual to its class; its id is `type`, as in OBO Graphs."""
OBO: Final = "http://purl.obolibrary.org/obo/"
ENABLED_BY, PART_OF, OCCURS_IN = f"{OBO}RO_0002333", f"{OBO}BFO_0000050", f"{OBO}BFO_0000066"

_SIGNED: Final[tuple[tuple[str, str, Sign | None], ...]] = (
    ("RO_0002211", "regulates", None),
    ("RO_0002212", "negatively regulates", -1),
    ("RO_0002213", "positively regulates", 1),
    ("RO_0002304", "causally upstream of, positive effect", 1),
    ("RO_0002305", "causally upstream of, negative effect", -1),
    ("RO_0002406", "directly activates", 1),
    ("RO_0002407", "indirectly activates", 1),
    ("RO_0002408", "directly inhibits", -1),
    ("RO_0002409", "indirectly inhibits", -1),
    ("RO_0002411", "causally upstream of", None),
    ("RO_0002412", "immediately causally upstream of", None),
    ("RO_0002413", "provides input for", None),
    ("RO_0002418", "causally upstream of or within", None),
    ("RO_0002578", "directly regulates", None),
    ("RO_0002629", "directly positively regulates", 1),
    ("RO_0002630", "directly negatively regulates", -1),
    ("RO_0004046", "causally upstream of or within, negative effect", -1),
    ("RO_0004047", "causally upstream of or within, positive effect", 1),
    ("RO_0012009", "constitutively upstream of", 1),
    ("RO_0012010", "removes input for", -1),
)
"""The causal relations of GO-CAM with the labels of RO, and the sign that each label says."""
_FURTHER: Final = (
    ("RO_0002333", "enabled by"),
    ("RO_0002233", "has input"),
    ("RO_0002234", "has output"),
    ("BFO_0000050", "part of"),
    ("BFO_0000066", "occurs in"),
    ("RO_0002432", "is active in"),
)
_GENES: Final = frozenset(
    ("MGI", "HGNC", "NCBIGene", "FB", "WB", "ZFIN", "SGD", "RGD", "PomBase", "dictyBase",
     "Xenbase", "ENSEMBL", "TAIR", "tair.locus", "ECOGENE", "CGD", "AspGD"),
)  # fmt: skip
_MOLECULES: Final = ("Gene", "Protein", "ChemicalEntity", "MacromolecularComplex")
_MODEL: Final = "what is said of a GO-CAM model as a whole"
_EVIDENCE: Final = "an evidence individual, which is evidence of the statements that name it"


def merge_molecules(triples: Triples) -> None:
    """Put the class of a gene product or chemical in the place of its individuals. O(triples)."""
    names = {}
    for subject in triples.by_subject:
        if subject.startswith(MODELS):
            kinds = [t for t in triples.values(subject, RDF["type"]) if not OWL.holds(t)]
            if len(kinds) == 1 and _category(kinds[0]) in _MOLECULES:
                names[subject] = kinds[0]
                triples.by_subject[subject].pop(RDF["type"])
    rename(triples, names)
    for target in sorted(set(names.values())):
        add(triples, target, RDF["type"], NamedNode(BIOLINK[_category(target)]))


def read_go_cam(triples: Triples, account: Account, evidence: frozenset[str]) -> Schema | None:
    """Name and classify the individuals of a GO-CAM model, in place; returns its relations.

    `evidence` are the individuals that annotations name. None where the document is no GO-CAM.
    O(triples).
    """
    individuals = sorted(s for s in triples.by_subject if s.startswith(MODELS))
    if not individuals and LEGO_EVIDENCE not in str(evidence):
        return None
    kinds = _kinds(triples)
    for iri in individuals:
        types = set(triples.values(iri, RDF["type"]))
        if OWL["Ontology"] in types:
            account.pass_over(_MODEL, drop(triples, iri) - len(types), iri)
        elif iri in evidence or any(registry().canonical(t).startswith("ECO:") for t in types):
            account.merge(_EVIDENCE, drop(triples, iri), iri)
        elif OWL["NamedIndividual"] in types or any(not OWL.holds(t) for t in types):
            _read_individual(triples, iri, kinds.get(iri, ""))
    return Schema(predicates=tuple(_predicates(triples)))


def _kinds(triples: Triples) -> dict[str, str]:
    """Return the category that the relations of an individual say it is of."""
    found: dict[str, str] = {}
    for about in triples.by_subject.values():
        for node in about.get(PART_OF, ()):
            found.setdefault(text_of(node), "BiologicalProcess")
        for node in about.get(OCCURS_IN, ()):
            found.setdefault(text_of(node), "CellularComponent")
    causal = [OBO + name for name, *_ in _SIGNED]
    for subject, about in triples.by_subject.items():
        if ENABLED_BY in about:
            found[subject] = "MolecularActivity"
        for node in (node for name in causal for node in about.get(name, ())):
            found.setdefault(subject, "MolecularActivity")
            found.setdefault(text_of(node), "MolecularActivity")
    return found


def _read_individual(triples: Triples, iri: str, kind: str) -> None:
    """Name an individual after its class, link it to it, and give both a category."""
    about = triples.by_subject[iri]
    types = sorted(
        text_of(node)
        for node in about.pop(RDF["type"], ())
        if isinstance(node, NamedNode) and not OWL.holds(node.value)
    )
    if types and RDFS["label"] not in about:
        name = ", ".join(_label(triples, target) for target in types)
        genes = ", ".join(_label(triples, t) for t in triples.values(iri, ENABLED_BY))
        local = iri.rpartition("/")[2]
        add(
            triples,
            iri,
            RDFS["label"],
            Literal(f"{name} of {genes}" if genes else f"{name} ({local})"),
        )
    category = ""
    for target in types:
        add(triples, iri, TYPE, NamedNode(target))
        category = category or _category(target) or kind
        if kind and target.startswith(f"{OBO}GO_"):
            add(triples, target, RDF["type"], NamedNode(BIOLINK[kind]))
        elif _category(target):
            add(triples, target, RDF["type"], NamedNode(BIOLINK[_category(target)]))
    add(triples, iri, RDF["type"], NamedNode(BIOLINK[category or kind or "NamedThing"]))


def _label(triples: Triples, iri: str) -> str:
    return triples.value(iri, RDFS["label"]) or registry().canonical(iri)


def _category(iri: str) -> str:
    prefix = registry().canonical(iri).partition(":")[0]
    if prefix in _GENES:
        return "Gene"
    return {"UniProt": "Protein", "CHEBI": "ChemicalEntity", "CL": "Cell", "PR": "Protein",
            "UBERON": "AnatomicalEntity", "EMAPA": "AnatomicalEntity",
            "ComplexPortal": "MacromolecularComplex"}.get(prefix, "")  # fmt: skip


def _predicates(triples: Triples) -> list[Predicate]:
    signs = {name: sign for name, _, sign in _SIGNED}
    labels = {name: label for name, label, _ in _SIGNED} | dict(_FURTHER)
    used = {predicate for about in triples.by_subject.values() for predicate in about}
    found = [
        Predicate(
            id=name.replace("_", ":"),
            label=triples.value(OBO + name, RDFS["label"]) or label,
            iri=OBO + name,
            sign=signs.get(name, 0),
            role="effect" if signs.get(name, 0) else "",
        )
        for name, label in labels.items()
        if OBO + name in used
    ]
    return [*found, Predicate(id="type", label="type", iri=TYPE, sign=0)]
