"""What the endpoint and its data say of themselves: SPARQL 1.1 Service Description, VoID, DCAT."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from mechkg.api.sparql.formats import GRAPHS, RESULTS, Form
from mechkg.kg.graph import Graph
from mechkg.kg.snapshot.snapshot import Source
from mechkg.ontology.rdf.vocabulary import (
    BIOLINK,
    DCTERMS,
    FOAF,
    GRAPH_INFERRED,
    MECHKG,
    RDF,
    RDFS,
    XSD,
    Codec,
    Namespace,
    is_iri,
)
from mechkg.ontology.sparql.path_patterns import FINDS, STEPS

__all__ = ["dataset_description", "service_description", "write_graph"]

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
PREFIXES = {
    "sd": SD.start,
    "void": VOID.start,
    "dcat": DCAT.start,
    "dcterms": DCTERMS.start,
    "foaf": FOAF.start,
    "formats": "http://www.w3.org/ns/formats/",
    "rdfs": RDFS.start,
    "xsd": XSD.start,
}
SYNTAXES = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
DUMPS = {
    "ttl": "text/turtle",
    "trig": "application/trig",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}

Node = NamedNode | BlankNode


def service_description(endpoint: str, form: Form) -> bytes:
    """Return the description of an endpoint at an address, in a format for graphs.

    >>> text = service_description("http://a/sparql", GRAPHS[0])
    >>> b"sd:endpoint <http://a/sparql>" in text
    True
    """
    return write_graph(_service(NamedNode(endpoint)), form)


def dataset_description(root: str, graph: Graph, form: Form) -> bytes:
    """Return the VoID and DCAT description of a graph that is served under an address."""
    return write_graph(_dataset(root, graph), form)


def write_graph(triples: Iterator[Triple], form: Form) -> bytes:
    """Return triples in a format for graphs, with the prefixes of descriptions."""
    return bytes(serialize(triples, format=SYNTAXES[form.name], prefixes=PREFIXES) or b"")


def _says(subject: Node, predicate: str, *objects: str | Node | Literal) -> Iterator[Triple]:
    for value in objects:
        term = NamedNode(value) if isinstance(value, str) else value
        yield Triple(subject, NamedNode(predicate), term)


def _service(endpoint: NamedNode) -> Iterator[Triple]:
    dataset, default, inferred = BlankNode("dataset"), BlankNode("default"), BlankNode("inferred")
    inside = BlankNode("graph")
    yield from _says(endpoint, RDF["type"], SD["Service"])
    yield from _says(endpoint, SD["endpoint"], endpoint)
    yield from _says(endpoint, SD["supportedLanguage"], SD["SPARQL11Query"])
    yield from _says(
        endpoint, SD["resultFormat"], *dict.fromkeys(f.iri for f in (*RESULTS, *GRAPHS))
    )
    yield from _says(endpoint, SD["propertyFeature"], *FINDS, *STEPS)
    yield from _says(endpoint, SD["defaultDataset"], dataset)
    yield from _says(dataset, RDF["type"], SD["Dataset"])
    yield from _says(dataset, SD["defaultGraph"], default)
    yield from _says(default, RDF["type"], SD["Graph"])
    yield from _says(default, DCTERMS["title"], Literal("Asserted statements"))
    yield from _says(dataset, SD["namedGraph"], inferred)
    yield from _says(inferred, RDF["type"], SD["NamedGraph"])
    yield from _says(inferred, SD["name"], GRAPH_INFERRED)
    yield from _says(inferred, SD["graph"], inside)
    yield from _says(inside, RDF["type"], SD["Graph"])
    yield from _says(inside, DCTERMS["title"], Literal("What follows from them by reasoning"))
    for feature in (*FINDS, *STEPS):
        yield from _says(NamedNode(feature), RDF["type"], SD["Feature"])


def _dataset(root: str, graph: Graph) -> Iterator[Triple]:
    manifest = graph.manifest
    counts = manifest.counts
    data = NamedNode(f"{root}/.well-known/void#{manifest.name}")
    void = NamedNode(f"{root}/.well-known/void")
    yield from _says(void, RDF["type"], VOID["DatasetDescription"])
    yield from _says(void, FOAF["primaryTopic"], data)
    yield from _says(data, RDF["type"], VOID["Dataset"], DCAT["Dataset"])
    yield from _says(data, DCTERMS["title"], Literal(f"MechKG: {manifest.name}"))
    yield from _says(
        data,
        DCTERMS["description"],
        Literal(
            f"A graph of {counts.entities:,} entities and {counts.statements:,} statements with "
            f"{counts.evidence:,} pieces of evidence; {counts.inferred:,} statements follow by "
            "reasoning."
        ),
    )
    yield from _says(data, DCTERMS["identifier"], Literal(manifest.hash))
    yield from _says(data, FOAF["homepage"], f"{root}/")
    numbers = {
        VOID["entities"]: counts.entities,
        VOID["classes"]: counts.categories,
        VOID["properties"]: counts.predicates,
        MECHKG["statements"]: counts.statements,
        MECHKG["negatedStatements"]: counts.negated,
        MECHKG["inferredStatements"]: counts.inferred,
        MECHKG["evidencePieces"]: counts.evidence,
    }
    for name, number in numbers.items():
        yield from _says(data, name, Literal(number))
    yield from _says(data, VOID["vocabulary"], BIOLINK.start, MECHKG.start)
    yield from _says(data, VOID["sparqlEndpoint"], f"{root}/sparql")
    yield from _says(data, VOID["uriLookupEndpoint"], f"{root}/id/")
    yield from _examples(data, graph)
    yield from _dumps(data, root)
    for number, source in enumerate(manifest.sources):
        yield from _source(data, BlankNode(f"source{number}"), source)


def _examples(data: NamedNode, graph: Graph) -> Iterator[Triple]:
    records = graph.snapshot.records
    codec = Codec(graph.schema.prefixes)
    for row in range(min(3, graph.manifest.counts.entities)):
        yield from _says(data, VOID["exampleResource"], codec.iri(records.curie(row)))


def _dumps(data: NamedNode, root: str) -> Iterator[Triple]:
    for suffix, media_type in DUMPS.items():
        address = f"{root}/api/v1/graph.{suffix}"
        each = BlankNode(f"dump-{suffix}")
        yield from _says(data, VOID["dataDump"], address)
        yield from _says(data, DCAT["distribution"], each)
        yield from _says(each, RDF["type"], DCAT["Distribution"])
        yield from _says(each, DCAT["downloadURL"], address)
        yield from _says(each, DCAT["mediaType"], Literal(media_type))


def _source(data: NamedNode, blank: BlankNode, source: Source) -> Iterator[Triple]:
    node = NamedNode(source.url) if source.url and is_iri(source.url) else blank
    yield from _says(data, DCTERMS["source"], node)
    texts = {
        DCTERMS["title"]: source.name,
        DCTERMS["hasVersion"]: source.version,
        DCTERMS["rights"]: source.licence,
        DCTERMS["bibliographicCitation"]: source.attribution,
    }
    for name, text in texts.items():
        if text:
            yield from _says(node, name, Literal(text))
