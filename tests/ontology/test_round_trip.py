"""What is written is read again, by pyoxigraph and by rdflib, to equal statements."""

from dataclasses import dataclass
from typing import get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat
from rdflib import Dataset

from mechkg.kg.errors import DataError
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import (
    ASPECTS,
    CONTEXT_TYPES,
    EFFECTS,
    HEDGES,
    Context,
    Entity,
    Evidence,
    Qualifier,
    Statement,
    Subgraph,
    SynonymKind,
)
from mechkg.kg.writers import Format
from mechkg.ontology.rdf.formats import FORMATS, RdfGraph, parse_graph
from mechkg.ontology.rdf.triples import SYNTAXES, Document

EACH = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def read(data: bytes, form: Format) -> RdfGraph:
    return parse_graph([Document(f"x.{form.suffix}", data, SYNTAXES[f".{form.suffix}"])])


def kept(p: Predicate) -> Predicate:
    """What an export says of a predicate."""
    return msgspec.structs.replace(
        p, description="", domain=(), range=(), mappings=(), inverse="", biolink_qualifiers={}
    )


@EACH
def test_whole_ontology_comes_back(form: Format, whole: Subgraph, graph: RdfGraph) -> None:
    again = read(form.write(whole, graph.schema), form)
    assert again.entities == whole.entities
    assert again.statements == whole.statements
    used = {s.predicate for s in whole.statements}
    ours = {p.id: p for p in graph.schema.predicates if p.id in used}
    theirs = {p.id: p for p in again.schema.predicates if p.id in used}
    assert {i: kept(p) for i, p in theirs.items()} == {i: kept(p) for i, p in ours.items()}


@pytest.fixture(scope="module")
def part(whole: Subgraph) -> Subgraph:
    """Each fifth asserted statement with its ends: rdflib is slow, and reads any triple alike."""
    statements = tuple(s for s in whole.statements if not s.derived_from)[::5]
    ends = {end for s in statements for end in (s.subject, s.object)}
    entities = tuple(e for e in whole.entities if e.id in ends)
    return msgspec.structs.replace(whole, entities=entities, statements=statements)


@EACH
@pytest.mark.filterwarnings(
    "ignore:(Dataset|ConjunctiveGraph):DeprecationWarning"
)  # rdflib's own, inside its parser
def test_rdflib_reads_the_same_triples(form: Format, part: Subgraph, graph: RdfGraph) -> None:
    named = {"ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}
    data = form.write(part, graph.schema)
    dataset = Dataset(default_union=True)
    dataset.parse(data=data.decode(), format=named.get(form.name, form.name))
    through = dataset.serialize(format="nquads", encoding="utf-8")
    again = parse_graph([Document("x.nq", through, RdfFormat.N_QUADS)])
    assert again.entities == part.entities
    assert again.statements == part.statements


@EACH
def test_equal_subgraphs_give_equal_bytes(form: Format, part: Subgraph, graph: RdfGraph) -> None:
    assert form.write(part, graph.schema) == form.write(part, graph.schema)


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")
def test_inferred_statements_stand_in_their_own_graph(whole: Subgraph, graph: RdfGraph) -> None:
    trig = next(f for f in FORMATS if f.name == "trig").write(whole, graph.schema)
    dataset = Dataset()
    dataset.parse(data=trig.decode(), format="trig")
    inferred = dataset.graph("https://w3id.org/mechkg/graph/inferred")
    ids = {str(s).rpartition("/")[2] for s in inferred.subjects() if "/statement/" in str(s)}
    assert ids == {s.id for s in whole.statements if s.derived_from}


def test_turtle_is_prefixed_and_groups_by_subject(whole: Subgraph, graph: RdfGraph) -> None:
    turtle = FORMATS[0].write(whole, graph.schema).decode()
    body = [line for line in turtle.splitlines() if not line.startswith("@prefix")]
    subjects = [line.split(" ")[0] for line in body if line and not line[0].isspace()]
    assert "statement:SC061" in subjects
    assert len([s for s in subjects if s == "statement:SC061"]) == 1
    assert "<http://purl.obolibrary.org" not in turtle.partition("@prefix xsd")[2]


def test_an_export_stands_for_itself(graph: RdfGraph) -> None:
    one = next(s for s in graph.statements if s.id == "SC061")
    ends = tuple(e for e in graph.entities if e.id in {one.subject, one.object})
    part = Subgraph(entities=ends, statements=(one,))
    again = read(FORMATS[0].write(part, graph.schema), FORMATS[0])
    assert (again.entities, again.statements) == (ends, (one,))
    assert again.schema.predicate("secretes").parents == ("produces",)
    assert "biolink:AnatomicalEntity" in {c.id for c in again.schema.categories}


# -- graphs of strangers -------------------------------------------------------------------------

TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"),
    max_size=12,
)
WORD = TEXT.filter(str.strip)
CURIES = st.one_of(
    st.sampled_from(["CL:0000540", "DOI:10.1016/S0014-4886(03)00037-2", "https://a.org/x?y=1#z"]),
    st.tuples(st.sampled_from(["CL", "ex", "what"]), WORD).map(":".join),
    WORD,
)
PREFIXES = {
    "CL": "http://purl.obolibrary.org/obo/CL_",
    "ex": "http://ex.org/",
    "DOI": "https://doi.org/",
}


TERMS = {"ex:rat": "rat", "ex:EAE": "EAE", "CL:0000129": "microglial cell"}
CONTEXTS = st.one_of(
    st.builds(
        lambda kind, term: Context(kind, term, TERMS[term]),
        st.sampled_from(CONTEXT_TYPES), st.sampled_from(sorted(TERMS)),
    ),
    st.builds(Context, st.sampled_from(CONTEXT_TYPES), WORD),
)  # fmt: skip


def placed(context: Context) -> tuple[int, bool, str]:
    return CONTEXT_TYPES.index(context.type), not context.label, context.value


@dataclass
class Made:
    entities: tuple[Entity, ...]
    statements: tuple[Statement, ...]


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    return Evidence(
        kind=draw(st.sampled_from(["article", "literature", "x y"])),
        source=draw(st.sampled_from(["", "infores:mechkg", "me & you"])),
        publications=tuple(draw(st.lists(CURIES, max_size=3))),
        titles=tuple(draw(st.lists(WORD, max_size=3))),
        location=draw(st.sampled_from(["", "P4S3", "page 3"])),
        knowledge_level=draw(st.sampled_from(["not_provided", "observation"])),
        seen_in=draw(TEXT),
        context=tuple(sorted(draw(st.sets(CONTEXTS, max_size=2)), key=placed)),
    )


@st.composite
def made(draw: st.DrawFn) -> Made:
    curies = draw(st.lists(CURIES, min_size=1, max_size=4, unique=True))
    entities = [
        Entity(
            id=curie,
            name=draw(WORD),
            category=draw(st.sampled_from(["biolink:Cell", "biolink:NamedThing"])),
            synonyms=tuple(sorted(draw(st.sets(TEXT, max_size=2)))),
            description=draw(TEXT),
        )
        for curie in curies
    ]
    keys = st.sets(st.tuples(WORD, TEXT), max_size=3)
    ids = draw(st.lists(WORD, max_size=3, unique=True))
    statements = [
        Statement(
            id=identifier,
            subject=draw(st.sampled_from(curies)),
            predicate=draw(st.sampled_from(["heals", "ex:heals", "what ever"])),
            object=draw(st.sampled_from(curies)),
            effect=draw(st.sampled_from(EFFECTS)),
            subject_aspect=draw(st.sampled_from(ASPECTS)),
            object_aspect=draw(st.sampled_from(ASPECTS)),
            action=draw(st.sampled_from(["", "agonist"])),
            weight=draw(st.sampled_from([1.0, 0.3])),
            hedge=draw(st.sampled_from(HEDGES)),
            context=tuple(sorted(draw(st.sets(CONTEXTS, max_size=3)), key=placed)),
            negated=draw(st.booleans()),
            modality=draw(st.sampled_from(["asserted", "possible"])),
            qualifiers=tuple(Qualifier(*q) for q in sorted(draw(keys))),
            evidence=tuple(draw(st.lists(evidence(), max_size=2))),
            derived_from=tuple(sorted(draw(st.sets(WORD, max_size=2)))),
            note=draw(TEXT),
            attributes=dict(draw(keys)),
        )
        for identifier in ids
    ]
    return Made(tuple(entities), tuple(statements))


def settled(statement: Statement) -> Statement:
    """The same statement with its sets in order."""
    qualifiers = tuple(sorted(statement.qualifiers, key=lambda q: (q.type, q.value)))
    attributes = dict(sorted(statement.attributes.items()))
    return msgspec.structs.replace(
        statement,
        qualifiers=qualifiers,
        attributes=attributes,
        context=tuple(sorted(statement.context, key=placed)),
        evidence=tuple(
            msgspec.structs.replace(piece, context=tuple(sorted(piece.context, key=placed)))
            for piece in statement.evidence
        ),
    )


@given(made(), st.sampled_from(FORMATS))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_subgraph_comes_back(made: Made, form: Format) -> None:
    schema = Schema(prefixes=PREFIXES)
    subgraph = Subgraph(entities=made.entities, statements=made.statements)
    again = read(form.write(subgraph, schema), form)
    known = {e.id: msgspec.structs.replace(e, iri="") for e in again.entities}
    assert known == {e.id: e for e in made.entities}
    came = {s.id: settled(s) for s in again.statements}
    assert came == {s.id: settled(s) for s in made.statements}


def test_control_characters_survive_but_in_xml_they_are_marked() -> None:
    entity = Entity(id="CL:1", name="a\x01b\r\nc<script>&\x7f", category="biolink:Cell")
    for form in FORMATS:
        data = form.write(Subgraph(entities=(entity,), statements=()), Schema(prefixes=PREFIXES))
        name = read(data, form).entities[0].name
        expected = "a\ufffdb\r\nc<script>&\x7f" if form.name == "rdfxml" else entity.name
        assert name == expected


def test_a_predicate_that_xml_cannot_name_is_refused() -> None:
    statement = Statement(id="a", subject="CL:1", predicate="http://a.org/1", object="CL:2")
    subgraph = Subgraph(entities=(), statements=(statement,))
    with pytest.raises(DataError, match="no XML name"):
        next(f for f in FORMATS if f.name == "rdfxml").write(subgraph, Schema())


@EACH
def test_kinds_of_synonyms_come_back(form: Format) -> None:
    kinds = {kind: f"{kind} name" for kind in get_args(SynonymKind)}
    entity = Entity(
        id="CL:0000047",
        name="neural stem cell",
        category="biolink:Cell",
        synonyms=tuple(sorted(["NSC", *kinds.values()])),
        synonym_kinds={text: kind for kind, text in kinds.items()},
    )
    data = form.write(Subgraph(entities=(entity,), statements=()), Schema(prefixes=PREFIXES))
    (again,) = read(data, form).entities
    assert again.synonyms == entity.synonyms
    assert again.synonym_kinds == entity.synonym_kinds
