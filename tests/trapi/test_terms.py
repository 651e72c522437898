"""Biolink terms: inverses turned to their canonical direction, retired terms to successors."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest

from mechkg.api.trapi.retired import successors
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Entity, Qualifier, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving
from tests.trapi.questions import NSC, hop, ids
from tests.trapi.test_lookup import ask, bound, model

__all__ = ["model"]

REGULATED = {"R:1": "increased", "R:2": "decreased", "R:3": ""}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server on a graph with one statement for each predicate of Biolink."""
    data = tmp_path_factory.mktemp("everything")
    schema = biolink_schema()
    names = [predicate.id for predicate in schema.predicates]
    entities = [
        Entity(id=f"{side}:{name}", name=name, category="biolink:NamedThing")
        for name in (*names, *REGULATED)
        for side in "AB"
    ]
    statements = [
        Statement(id=name, subject=f"A:{name}", predicate=name, object=f"B:{name}")
        for name in names
    ]
    statements += [
        Statement(
            id=name,
            subject=f"A:{name}",
            predicate="regulates",
            object=f"B:{name}",
            qualifiers=(Qualifier("object_direction_qualifier", way),) if way else (),
        )
        for name, way in REGULATED.items()
    ]
    snapshot = build_snapshot(
        data / "everything", name="everything", entities=entities, statements=statements,
        schema=schema,
    )  # fmt: skip
    Catalogue(data).publish("everything", snapshot)
    log = tmp_path_factory.mktemp("everything-log") / "server.log"
    with serving(data, log, graph="everything") as running:
        yield running


def pairs(service: Service, predicate: str) -> set[tuple[str, str]]:
    response = ask(service, hop({}, {}, predicates=[predicate]), subclass=False)
    return {(a[0], b[0]) for (_, a), (_, b) in bound(response)}


INVERSES = [
    tuple(line.split("\t"))
    for line in files("mechkg.api.trapi").joinpath("canonical.tsv").read_text().splitlines()[1:]
]


def test_the_table_of_canonical_predicates_is_that_of_biolink(model):
    for inverse, canonical in INVERSES:
        assert model.get_inverse_predicate(inverse, formatted=True) == canonical
        assert model.get_element(canonical).annotations["canonical_predicate"].value is True
        assert "canonical_predicate" not in (model.get_element(inverse).annotations or {})


def test_a_question_turned_round_has_the_same_answer(everything):
    for inverse, canonical in INVERSES:
        assert pairs(everything, inverse) == {(b, a) for a, b in pairs(everything, canonical)}


def test_what_was_studied_to_treat_is_not_what_treats(everything):
    found = {a for _, a in pairs(everything, "biolink:treated_by")}
    assert "A:treats" in found
    assert "B:treated_by" in found
    assert found.isdisjoint({"A:studied_to_treat", "B:treated_in_studies_by"})


def test_a_term_and_all_below_it_answer(everything, model):
    for predicate in ("biolink:treats", "biolink:affects", "biolink:regulates"):
        below = {
            name.removeprefix("biolink:")
            for name in model.get_descendants(predicate, formatted=True)
        }
        assert {(f"A:{name}", f"B:{name}") for name in below} <= pairs(everything, predicate)


def logs(response) -> list[tuple[str, str]]:
    return [(entry["code"], entry["message"]) for entry in response.get("logs", [])]


def test_every_retired_term_has_a_successor_in_biolink(everything):
    known = {p.biolink for p in biolink_schema().predicates}
    retired = successors("predicate")
    assert known.isdisjoint(retired)
    assert {s.term for s in retired.values()} <= known
    assert not {c.id for c in biolink_schema().categories} & successors("category").keys()
    for term, successor in successors("category").items():
        response = ask(everything, {"nodes": {"a": {"categories": [term]}}}, limit=1)
        ((code, message),) = [log for log in logs(response) if log[0] == "RetiredTerm"]
        assert (code, successor.term in message) == ("RetiredTerm", True)


@pytest.mark.parametrize(
    ("predicate", "found"),
    [
        ("biolink:positively_regulates", {("A:R:1", "B:R:1")}),
        ("biolink:entity_negatively_regulates_entity", {("A:R:2", "B:R:2")}),
        ("biolink:entity_negatively_regulated_by_entity", {("B:R:2", "A:R:2")}),
        ("biolink:process_regulates_process", {(f"A:{r}", f"B:{r}") for r in REGULATED}),
    ],
)
def test_a_retired_predicate_keeps_its_direction(everything, predicate, found):
    regulating = {p for p in pairs(everything, predicate) if ":R:" in p[0]}
    assert regulating == found


def test_a_retired_predicate_beside_others_narrows_only_itself(everything):
    edge = {"predicates": ["biolink:treats", "biolink:negatively_regulates"]}
    response = ask(everything, hop({}, {}, **edge), subclass=False)
    found = {a[0] for (_, a), _ in bound(response)}
    assert {"A:treats", "A:R:2"} <= found
    assert found.isdisjoint({"A:R:1", "A:R:3", "A:regulates"})


def test_of_several_terms_an_unknown_one_matches_nothing(trapi):
    cells = {"categories": ["biolink:Cell"]}
    wanted = hop(ids(NSC), cells, predicates=["biolink:affects"])
    more = hop(
        ids(NSC),
        {"categories": ["biolink:Cell", "biolink:Neuron"]},
        predicates=["biolink:affects", "biolink:hugs"],
    )
    response = ask(trapi, more)
    assert bound(response) == bound(ask(trapi, wanted))
    assert [code for code, _ in logs(response)] == ["UnknownTerm", "UnknownTerm"]


def test_a_term_that_is_not_known_is_refused_with_near_ones(trapi):
    body = {"message": {"query_graph": hop(ids(NSC), {}, predicates=["biolink:effects"])}}
    answer = trapi.post("/trapi/2.0/query", json=body)
    assert answer.status_code == 400
    assert "biolink:affects" in answer.json()["known"]
