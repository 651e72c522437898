"""The SHACL of changesets finds what pySHACL finds, in graphs that are broken at random."""

from __future__ import annotations

import random

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from mechkg.kg.errors import DataError
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.rdf.triples import (
    Document,
    Node,
    Triples,
    read_documents,
    read_triples,
    text_of,
)
from mechkg.ontology.rdf.vocabulary import BIOLINK, MECHKG
from mechkg.ontology.shacl import breaches, read_shapes
from mechkg.ontology.validate import shape_results

SHAPES = next(path for path in bundled_files() if path.name == "mechanism.ttl").with_name(
    "shapes.ttl"
)
STATEMENTS = 100
TURTLE = read_documents([SHAPES])[0].syntax


def part() -> Triples:
    """Return some statements of the ontology with their evidence and ends, and all of its terms."""
    whole = read_triples(read_documents(bundled_files())).by_subject
    said = [s for s, by in whole.items() if BIOLINK["subject"] in by]
    kept = random.Random(2).sample(said, STATEMENTS)
    ends = (BIOLINK["subject"], BIOLINK["object"], MECHKG["evidence"])
    kept += [text_of(node) for s in kept for end in ends for node in whole[s].get(end, ())]
    terms = read_triples(
        read_documents([p for p in bundled_files() if p.name in {"mechanism.ttl", "sources.ttl"}])
    )
    joined = {name: dict(by) for name, by in terms.by_subject.items()}
    joined |= {name: dict(whole[name]) for name in kept if name in whole}
    return Triples(documents=terms.documents, by_subject=joined, prefixes=terms.prefixes)


def broken(triples: Triples, times: int, seed: int) -> Triples:
    """Take triples out, put others in, and change objects, at random."""
    chance = random.Random(seed)
    by_subject = triples.by_subject
    places = [(subject, predicate) for subject, by in by_subject.items() for predicate in by]
    nodes = [n for by in by_subject.values() for found in by.values() for n in found]
    odd: list[Node] = [Literal("x"), Literal("raises"), Literal(7), Literal("0.5"), BlankNode("b"),
                       NamedNode("http://a/b"), Literal(True), Literal("")]  # fmt: skip
    for _ in range(times):
        subject, predicate = chance.choice(places)
        found = list(by_subject[subject].get(predicate, ()))
        if found:
            place = chance.randrange(len(found))
            kind = chance.randrange(5)
            if kind == 0:
                found.pop(place)
            elif kind == 1:
                found.append(chance.choice(nodes))
            elif kind == 2:
                found[place] = chance.choice(nodes)
            elif kind == 3:
                found[place] = chance.choice(odd)
            elif not isinstance(found[place], BlankNode):
                found[place] = Literal(text_of(found[place]), language="en")
            by_subject[subject][predicate] = list(dict.fromkeys(found))
    for by in by_subject.values():
        for predicate in [p for p, found in by.items() if not found]:
            del by[predicate]
    return triples


@pytest.mark.parametrize(("times", "seed"), [(0, 0)])
def test_it_finds_what_pyshacl_finds(times: int, seed: int) -> None:
    triples = broken(part(), times, seed)
    ours = set()
    for breach in breaches(triples, read_shapes(read_triples(read_documents([SHAPES])))):
        focus, value = text_of(breach.focus), text_of(breach.value) if breach.value else ""
        if breach.in_sparql or value.startswith("https://w3id.org/mechkg/statement/"):
            focus, value = value, ""
        focus, value = focus.removeprefix("_:"), value.removeprefix("_:")
        ours.add((focus, breach.message, "" if value == focus else value, breach.is_violation))
    theirs = {tuple(result) for result in shape_results(triples)}
    assert ours == theirs
    assert bool(ours) == bool(times)


@pytest.mark.parametrize(
    "constraint", ["sh:maxLength 3", "sh:path ( rdfs:label )", "sh:property [ sh:hasValue 1 ]"]
)
def test_what_is_not_known_is_no_constraint_that_holds(constraint: str) -> None:
    text = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://a/shape> a sh:NodeShape ; sh:targetNode <http://a/x> ; {constraint} ."""
    triples = read_triples([Document("shapes.ttl", text.encode(), TURTLE)])
    with pytest.raises(DataError):
        read_shapes(triples)
