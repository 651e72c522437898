"""Samples of RDF: one graph of every kind of statement in each syntax, and what formats make of it.

The samples are made for these tests (CC0). Where a shape was seen: GO-CAM (Noctua models of the
Gene Ontology), BioPAX level 3 (biopax.org), WikiPathways RDF (vocabularies.wikipathways.org),
nanopublications (nanopub.net/guidelines), OBAN (Monarch Initiative).
"""

from pyoxigraph import RdfFormat, parse, serialize

from tests.ontology.readers.test_pathways import BIOPAX, GO_CAM, WIKIPATHWAYS
from tests.ontology.readers.test_rdf_in_full import HEAD, KINDS, LABELS
from tests.ontology.readers.test_rdf_loads import SYNTAXES


def rdf_samples() -> dict[str, tuple[str, bytes]]:
    """Return file name and content of a graph in each syntax, and of a pathway in each format."""
    found = {}
    text = "".join(f"{HEAD}{text}\n" for text, _ in KINDS.values()) + LABELS
    triples = [quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)]
    for suffix, syntax in SYNTAXES.items():
        found[syntax.name] = (f"graph.{suffix}", serialize(triples, format=syntax) or b"")
    for name, model in {"GO-CAM": GO_CAM, "BioPAX": BIOPAX, "WikiPathways": WIKIPATHWAYS}.items():
        found[name] = (f"{name}.ttl", (HEAD + model).encode())
    return found
