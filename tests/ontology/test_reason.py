"""The closure against OWL RL as others implement it, and what makes a conclusion sound."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import OWL, RDF, RDFS, BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection

from mechkg.kg.errors import ValidationError
from mechkg.kg.model.values import Qualifier, Statement
from mechkg.kg.ranking.doubt import HEDGES
from mechkg.ontology.axioms import Axioms, Chain
from mechkg.ontology.rdf.formats import RdfGraph
from mechkg.ontology.reason import MODALITIES, check_consistency, close, infer, mirrored

EX = Namespace("http://ex.org/")
Triple = tuple[str, str, str]


def theirs(statements: Sequence[Statement], axioms: Axioms) -> set[Triple]:
    """The closure by the owlrl package, restricted to the predicates of the axioms."""
    graph = Graph()

    def term(name: str) -> URIRef:
        return RDFS.subClassOf if name == "subclass_of" else EX[name]

    for s in statements:
        if not s.negated:
            graph.add((EX[s.subject], term(s.predicate), EX[s.object]))
    for name, parents in axioms.parents.items():
        for parent in parents:
            graph.add((term(name), RDFS.subPropertyOf, term(parent)))
    for name in axioms.symmetric:
        graph.add((term(name), RDF.type, OWL.SymmetricProperty))
    for chain in axioms.chains:
        if chain.conclusion == "subclass_of":
            continue  # rdfs:subClassOf is transitive of itself
        links = BNode()
        Collection(graph, links, [term(chain.first), term(chain.second)])
        graph.add((term(chain.conclusion), OWL.propertyChainAxiom, links))
    for name, inverse in axioms.inverses.items():
        graph.add((term(name), OWL.inverseOf, EX[inverse]))
    DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    names = {term(p): p for p in axioms.parents} | {EX[i]: i for i in axioms.inverses.values()}
    ends = {EX[end] for s in statements for end in (s.subject, s.object)}
    start = len(str(EX))
    return {
        (str(s)[start:], names[p], str(o)[start:])
        for s, p, o in graph
        if p in names and s in ends and o in ends
    }


def ours(statements: Sequence[Statement], axioms: Axioms) -> set[Triple]:
    closure = close(statements, axioms)
    held = [Statement(id="", subject=s, predicate=p, object=o) for s, p, o in closure]
    return set(closure) | set(mirrored(held, axioms))


def test_the_closure_of_the_ontology_is_that_of_owl_rl(graph: RdfGraph) -> None:
    assert ours(graph.statements, graph.axioms) == theirs(graph.statements, graph.axioms)


AXIOMS = Axioms(
    parents={"p": ("q",), "q": ("r",), "r": (), "t": (), "subclass_of": ()},
    symmetric=frozenset({"r"}),
    chains=(
        Chain("t", "t", "t"),
        Chain("p", "t", "q"),
        Chain("subclass_of", "subclass_of", "subclass_of"),
    ),
    inverses={"p": "p_back"},
    signs={"p": 1, "q": 1, "r": 0, "t": 0, "subclass_of": 0},
)
SIGNS = st.sampled_from([None, -1, 0, 1])


@st.composite
def some_statements(draw: st.DrawFn) -> list[Statement]:
    ends = st.sampled_from("abcde")
    predicates = st.sampled_from(["p", "q", "r", "t", "subclass_of"])
    rows = draw(st.lists(st.tuples(ends, predicates, ends), max_size=9))
    return [
        Statement(
            id=f"S{n}", subject=s, predicate=p, object=o, sign=draw(SIGNS),
            modality=draw(st.sampled_from(MODALITIES)), negated=draw(st.booleans()),
            qualifiers=(Qualifier("n", str(n)),),
        )
        for n, (s, p, o) in enumerate(rows)
    ]  # fmt: skip


def proper(triples: set[Triple]) -> set[Triple]:
    """All but a class under itself, which owlrl leaves out where two are under each other."""
    return {(s, p, o) for s, p, o in triples if p != "subclass_of" or s != o}


@given(some_statements())
@settings(max_examples=60)
def test_any_closure_is_that_of_owl_rl(statements: list[Statement]) -> None:
    assert proper(ours(statements, AXIOMS)) == proper(theirs(statements, AXIOMS))


@given(some_statements())
@settings(max_examples=200)
def test_each_conclusion_follows_from_its_premises_alone(statements: list[Statement]) -> None:
    by_id = {s.id: s for s in statements}
    for conclusion in infer(statements, AXIOMS):
        premises = [by_id[i] for i in conclusion.derived_from]
        triple = (conclusion.subject, conclusion.predicate, conclusion.object)
        assert triple in close(premises, AXIOMS)
        assert not any(p.negated for p in premises)
        weakest = max(MODALITIES.index(p.modality) for p in premises)
        assert MODALITIES.index(conclusion.modality) == weakest
        assert set(conclusion.qualifiers) == {q for p in premises for q in p.qualifiers}
        for left in premises:
            rest = [p for p in premises if p is not left]
            assert triple not in close(rest, AXIOMS)


@given(some_statements(), st.randoms())
@settings(max_examples=100)
def test_the_order_of_statements_does_not_matter(statements: list[Statement], random) -> None:
    shuffled = list(statements)
    random.shuffle(shuffled)
    assert infer(shuffled, AXIOMS) == infer(statements, AXIOMS)


def named(graph: RdfGraph, *ids: str) -> list[Statement]:
    return [s for s in graph.statements if s.id in ids]


def test_inferred_statements_of_the_ontology(
    graph: RdfGraph, inferred: tuple[Statement, ...]
) -> None:
    assert len(inferred) == 432
    told = {(s.subject, s.predicate, s.object) for s in graph.statements}
    assert not told & {(s.subject, s.predicate, s.object) for s in inferred}
    assert len({s.id for s in inferred}) == len(inferred)
    for s in inferred:
        (evidence,) = s.evidence
        assert (evidence.kind, evidence.knowledge_level) == ("inferred", "logical_entailment")
        assert s.derived_from
        assert s.id.startswith("INF-")


def test_a_chain_joins_what_a_cell_can_do_with_what_that_does(
    inferred: tuple[Statement, ...],
) -> None:
    found = {
        (s.object, s.sign, s.modality, s.derived_from)
        for s in inferred
        if s.subject == "CL:0000047" and s.predicate == "inhibits"
    }
    assert found == {
        ("MESH:D015551", -1, "asserted", ("SC070", "SC076")),
        ("MESH:D018450", -1, "possible", ("SC070", "SC077")),
    }


def test_a_sign_is_known_only_where_all_premises_have_theirs(graph: RdfGraph) -> None:
    raising = [s for s in graph.statements if s.predicate == "positively_regulates"]
    first, second = next(
        (a, b) for a in raising for b in raising if a.object == b.subject and a.subject != b.object
    )
    unclear = msgspec.structs.replace(first, sign=None, effect="unknown")
    for premises, sign in (((first, second), 1), ((unclear, second), None)):
        concluded = infer(premises, graph.axioms)
        assert [s.sign for s in concluded if s.predicate == "positively_regulates"] == [sign]


def test_a_conclusion_is_hedged_as_its_weakest_premise_and_holds_in_all_contexts(
    graph: RdfGraph, inferred: tuple[Statement, ...]
) -> None:
    known = {s.id: s for s in graph.statements}
    for conclusion in inferred:
        premises = [known[name] for name in conclusion.derived_from]
        assert HEDGES[conclusion.hedge] == min(HEDGES[p.hedge] for p in premises)
        assert set(conclusion.context) == {c for p in premises for c in p.context}


def test_denied_statements_conclude_nothing(graph: RdfGraph) -> None:
    (denied,) = named(graph, "SC098")
    bound = Statement(id="X", subject="CL:0000047", predicate="subclass_of", object="CL:0002319")
    assert infer([denied, bound], graph.axioms) == ()


CLAIM = "mesenchymal stem cell subclass of neural stem cell"


def names_of(graph: RdfGraph) -> dict[str, str]:
    return {e.id: e.name for e in graph.entities}


def test_the_ontology_has_no_contradiction(graph: RdfGraph) -> None:
    check_consistency(graph.statements, graph.axioms, names_of(graph))
    without = [s for s in graph.statements if not s.negated]
    assert len(without) == len(graph.statements) - 4


def test_to_assert_what_is_denied_clashes(graph: RdfGraph) -> None:
    claim = Statement(id="X1", subject="CL:0000134", predicate="subclass_of", object="CL:0000047")
    with pytest.raises(ValidationError) as caught:
        check_consistency([*graph.statements, claim], graph.axioms, names_of(graph))
    assert ("SC098", f"denies that {CLAIM}, which is asserted by X1") in caught.value.findings


def test_to_entail_what_is_denied_clashes_too(graph: RdfGraph) -> None:
    kind = "mechkg:EndogenousNeuralStemCell"
    claim = Statement(id="X1", subject="CL:0000134", predicate="subclass_of", object=kind)
    with pytest.raises(ValidationError) as caught:
        check_consistency([*graph.statements, claim], graph.axioms, names_of(graph))
    finding = ("SC098", f"denies that {CLAIM}, which follows from MK004 and X1")
    assert finding in caught.value.findings


def test_nothing_stands_under_two_disjoint_classes(graph: RdfGraph) -> None:
    claims = [
        Statement(id="X1", subject="ex:hybrid", predicate="subclass_of", object="CL:0002540"),
        Statement(id="X2", subject="ex:hybrid", predicate="subclass_of", object="CL:0000047"),
    ]
    with pytest.raises(ValidationError) as caught:
        check_consistency([*graph.statements, *claims], graph.axioms, names_of(graph))
    assert [focus for focus, _ in caught.value.findings] == ["ex:hybrid"]
    assert "SC095, X1 and X2" in caught.value.findings[0][1]
