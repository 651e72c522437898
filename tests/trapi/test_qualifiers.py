"""Effect, aspects and context of statements as Biolink's qualifiers, in answers and constraints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Context, Entity, Qualifier, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving
from tests.trapi.questions import hop, ids
from tests.trapi.test_lookup import ask, edges_bound, values

B = "biolink:"
INHIBITS = Predicate(
    id="inhibits", label="inhibits", biolink="biolink:affects", effect="lowers",
    biolink_qualifiers={"object_aspect_qualifier": "activity",
                        "object_direction_qualifier": "decreased"},
)  # fmt: skip
SCHEMA = Schema(
    predicates=(
        INHIBITS,
        Predicate(id="acts_on", label="acts on", biolink="biolink:affects"),
        Predicate(id="treats", label="treats", biolink="biolink:treats", effect="lowers"),
    )
)

CASES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "as its predicate": (
        {"predicate": "inhibits", "effect": "lowers"},
        {"object_aspect_qualifier": "activity", "object_direction_qualifier": "decreased",
         "qualified_predicate": "biolink:causes"},
    ),
    "against its predicate": (
        {"predicate": "inhibits", "effect": "raises"},
        {"object_aspect_qualifier": "activity", "object_direction_qualifier": "increased",
         "qualified_predicate": "biolink:causes"},
    ),
    "both ways": (
        {"predicate": "inhibits", "effect": "both"}, {"object_aspect_qualifier": "activity"},
    ),
    "not known": (
        {"predicate": "inhibits", "effect": "unknown"}, {"object_aspect_qualifier": "activity"},
    ),
    "none meant": ({"predicate": "acts_on", "effect": "none"}, {}),
    "of its own": (
        {"predicate": "acts_on", "effect": "raises", "subject_aspect": "activity",
         "object_aspect": "abundance"},
        {"subject_aspect_qualifier": "activity", "object_aspect_qualifier": "abundance",
         "object_direction_qualifier": "increased", "qualified_predicate": "biolink:causes"},
    ),
    "an aspect that Biolink has not": (
        {"predicate": "acts_on", "effect": "lowers", "object_aspect": "integrity"},
        {"object_direction_qualifier": "decreased", "qualified_predicate": "biolink:causes"},
    ),
    "in the predicate itself": ({"predicate": "treats", "effect": "lowers"}, {}),
    "in context": (
        {"predicate": "treats", "effect": "lowers", "context": (
            Context("species", "NCBITaxon:10116", "rat"), Context("anatomy", "UBERON:0000955"),
            Context("disease", "MONDO:0005134"), Context("stage", "UBERON:0000113"),
            Context("dose", "low"))},
        {"species_context_qualifier": "NCBITaxon:10116", "stage_qualifier": "UBERON:0000113",
         "anatomical_context_qualifier": "UBERON:0000955",
         "disease_context_qualifier": "MONDO:0005134"},
    ),
    "said by its source": (
        {"predicate": "inhibits", "effect": "lowers",
         "qualifiers": (Qualifier("object_direction_qualifier", "downregulated"),
                        Qualifier("route", "oral"))},
        {"object_aspect_qualifier": "activity", "object_direction_qualifier": "downregulated",
         "qualified_predicate": "biolink:causes"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def qualified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server on a graph with one statement for each case, from C:0 to C:1, C:2 ..."""
    data = tmp_path_factory.mktemp("qualified")
    entities = [Entity(id=f"C:{n}", name=f"c{n}") for n in range(len(CASES) + 1)]
    statements = [
        Statement(id=f"S{n}", subject="C:0", object=f"C:{n}", **fields)
        for n, (fields, _) in enumerate(CASES.values(), 1)
    ]
    path = build_snapshot(
        data / "qualified", name="qualified", entities=entities, statements=statements,
        schema=SCHEMA,
    )  # fmt: skip
    Catalogue(data).publish("qualified", path)
    log = tmp_path_factory.mktemp("qualified-log") / "server.log"
    with serving(data, log, graph="qualified", workers=1) as running:
        yield running


def qualifiers_of(edge: dict[str, Any]) -> dict[str, str]:
    pairs = [(q["qualifier_type_id"], q["qualifier_value"]) for q in edge.get("qualifiers", ())]
    assert len(pairs) == len(dict(pairs))
    return {kind.removeprefix(B): value for kind, value in pairs}


@pytest.mark.parametrize("case", CASES)
def test_an_edge_has_effect_aspects_and_context(qualified: Service, case: str):
    number = list(CASES).index(case) + 1
    (edge,) = edges_bound(ask(qualified, hop(ids("C:0"), ids(f"C:{number}"))))
    assert qualifiers_of(edge) == CASES[case][1]
    assert values(edge, "mechkg:effect") == [CASES[case][0]["effect"]]


def test_what_biolink_has_no_slot_for_is_an_attribute(qualified: Service):
    number = list(CASES).index("in context") + 1
    (edge,) = edges_bound(ask(qualified, hop(ids("C:0"), ids(f"C:{number}"))))
    assert values(edge, "mechkg:context") == ["low"]
    number = list(CASES).index("an aspect that Biolink has not") + 1
    (edge,) = edges_bound(ask(qualified, hop(ids("C:0"), ids(f"C:{number}"))))
    assert values(edge, "mechkg:object_aspect") == ["integrity"]


@pytest.mark.parametrize(
    ("kind", "value", "below"),
    [
        ("object_direction_qualifier", "increased", {"increased", "upregulated"}),
        ("object_direction_qualifier", "decreased", {"decreased", "downregulated"}),
        ("object_aspect_qualifier", "activity_or_abundance", {"activity", "abundance"}),
        ("subject_aspect_qualifier", "activity", {"activity"}),
        ("species_context_qualifier", "NCBITaxon:10116", {"NCBITaxon:10116"}),
        ("stage_qualifier", "UBERON:0000113", {"UBERON:0000113"}),
        ("qualified_predicate", "biolink:causes", {"biolink:causes"}),
    ],
)
def test_a_constraint_asks_for_the_same(qualified: Service, kind, value, below):
    graph = hop(ids("C:0"), {}, constraints={"qualifiers": [{B + kind: value}]})
    found = {edge["object"] for edge in edges_bound(ask(qualified, graph))}
    assert found == {
        f"C:{n}" for n, (_, wanted) in enumerate(CASES.values(), 1) if wanted.get(kind) in below
    }
    assert found
