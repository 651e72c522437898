"""The grammar of composition: sound as data, and applied in searches through the public face."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.search.composition import composition_for
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.grammar import END, START, Grammar, parse_grammar, read_grammar

GRAMMAR = read_grammar()

PREDICATES = (
    Predicate(id="secretes", label="secretes", role="supply", sign=1,
              subject_aspect="number_of_cells", object_aspect="abundance"),
    Predicate(id="protects", label="protects", role="effect", sign=1,
              subject_aspect="abundance", object_aspect="integrity"),
    Predicate(id="activates", label="activates", role="effect", sign=1,
              subject_aspect="abundance", object_aspect="activity"),
    Predicate(id="ameliorates", label="ameliorates", role="condition", sign=-1,
              subject_aspect="abundance", object_aspect="occurrence"),
    Predicate(id="treats", label="treats", role="therapy", sign=-1),
    Predicate(id="has_feature", label="has the feature", role="disease_out", sign=1),
    Predicate(id="model_of", label="is a model of", role="model", sign=1),
    Predicate(id="binds", label="binds", role="binding"),
    Predicate(id="expresses", label="expresses", role="expression", sign=1),
    Predicate(id="associated_with", label="is associated with", role="association", generic=True,
              symmetric=True),
    Predicate(id="is_a", label="is a", role="taxonomy", generic=True,
              biolink="biolink:subclass_of"),
)  # fmt: skip

ENTITIES = {
    "X:stem": "Cell", "X:neuron": "Cell", "X:gdnf": "Gene", "X:ret": "Gene", "X:drug": "Drug",
    "X:ms": "Disease", "X:rrms": "Disease", "X:eae": "Disease",
    "X:inflammation": "BiologicalProcess", "X:antibody": "Drug", "X:cd20": "Gene", "X:b": "Cell",
}  # fmt: skip

TRIPLES = (
    ("X:stem", "secretes", "X:gdnf"),
    ("X:gdnf", "protects", "X:neuron"),
    ("X:gdnf", "binds", "X:ret"),
    ("X:neuron", "expresses", "X:ret"),
    ("X:drug", "treats", "X:rrms"),
    ("X:rrms", "is_a", "X:ms"),
    ("X:ms", "has_feature", "X:inflammation"),
    ("X:rrms", "has_feature", "X:inflammation"),
    ("X:drug", "ameliorates", "X:eae"),
    ("X:eae", "model_of", "X:ms"),
    ("X:stem", "associated_with", "X:ms"),
    ("X:b", "expresses", "X:cd20"),
)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    statements = [
        Statement(id=f"T{i}", subject=s, predicate=p, object=o,
                  sign=next(q.sign for q in PREDICATES if q.id == p))
        for i, (s, p, o) in enumerate(TRIPLES)
    ]  # fmt: skip
    statements.append(
        Statement(id="depletes", subject="X:antibody", predicate="binds", object="X:cd20",
                  action="depleting_antibody")
    )  # fmt: skip
    entities = [Entity(id=i, name=i[2:], category=f"biolink:{c}") for i, c in ENTITIES.items()]
    schema = Schema(categories=biolink_schema().categories, predicates=PREDICATES)
    folder = tmp_path_factory.mktemp("composed")
    return open_graph(
        build_snapshot(folder, name="x", entities=entities, statements=statements, schema=schema)
    )


def names(graph: Graph, source: str, target: str, **fields: object) -> list[list[str]]:
    found = graph.find_paths(source=(f"X:{source}",), target=(f"X:{target}",), **fields)
    return [[e.name for e in path.entities] for path in found.paths]


# ---------------------------------------------------------------- the grammar as data


def middles(grammar: Grammar) -> Iterator[frozenset[str]]:
    """What an entity between two hops can be, as far as any rule asks."""
    yield frozenset()
    schema = biolink_schema()
    wanted = {name for step in grammar.steps for name in step.middle}
    for category in schema.categories:
        above, waiting = set(), [category.id]
        while waiting:
            one = waiting.pop()
            above.add(one.removeprefix("biolink:"))
            waiting += schema.category(one).parents
        yield frozenset(above & wanted)
    for group in grammar.groups:
        yield frozenset({group})


def test_every_rule_decides_something() -> None:
    hops = [hop.name for hop in GRAMMAR.hops]
    ways = set(middles(GRAMMAR))
    decided = {
        step.id
        for before, middle, after in product([START, *hops], ways, [END, *hops])
        if (step := GRAMMAR.decide(before, middle, after))
    }
    assert [step.id for step in GRAMMAR.steps if step.id not in decided] == []


def test_every_hop_can_stand_on_a_path() -> None:
    ways = set(middles(GRAMMAR))
    for hop in (hop.name for hop in GRAMMAR.hops):
        others = [h.name for h in GRAMMAR.hops]
        begins = any(allowed(b, m, hop) for b, m in product([START, *others], ways))
        ends = any(allowed(hop, m, a) for m, a in product(ways, [END, *others]))
        assert begins, hop
        assert ends, hop


def allowed(before: str, middle: frozenset[str], after: str) -> bool:
    step = GRAMMAR.decide(before, middle, after)
    return step is not None and step.weight > 0


def test_every_role_of_a_predicate_has_a_hop() -> None:
    roles = {role for hop in GRAMMAR.hops for role in hop.roles}
    assert set(GRAMMAR.roles.values()) <= roles
    assert {p.role for p in PREDICATES} <= roles


def test_every_refusal_says_why() -> None:
    assert [s.id for s in GRAMMAR.steps if s.weight == 0 and not s.reason] == []


def test_a_weight_without_an_assumption_is_refused() -> None:
    hop = {"name": "effect", "roles": ["effect"]}
    step = {"id": "x", "before": ["start"], "after": ["effect"], "weight": 0.5}
    with pytest.raises(ValueError, match="without an assumption"):
        parse_grammar({"hop": [hop], "step": [step]})


# ---------------------------------------------------------------- applied in searches


def test_an_effect_passes_through_a_product(graph: Graph) -> None:
    found = graph.find_paths(source=("X:stem",), target=("X:neuron",), max_hops=2)
    assert [[e.name for e in path.entities] for path in found.paths] == [["stem", "gdnf", "neuron"]]
    assert (found.composition, found.paths[0].sign) == ("applied", 1)


def test_a_treatment_ends_a_path_but_reaches_the_class_of_its_disease(graph: Graph) -> None:
    found = graph.find_paths(source=("X:drug",), target=("X:ms!",))
    by_name = {tuple(e.name for e in path.entities): path for path in found.paths}
    assert set(by_name) == {("drug", "rrms", "ms"), ("drug", "eae", "ms")}
    of_kind = by_name["drug", "rrms", "ms"]
    assert [a.name for a in of_kind.assumptions] == ["kind_counts_for_class"]
    assert of_kind.sign == -1
    assert [a.name for a in by_name["drug", "eae", "ms"].assumptions] == ["animal_to_human"]


def test_what_only_the_grammar_refuses_is_shown_as_refused(graph: Graph) -> None:
    found = graph.find_paths(source=("X:drug",), target=("X:inflammation",))
    assert found.composition == "refused"
    assert {path.sign for path in found.paths} == {None}
    assert found.net_effect.verdict == "none"
    assert found.net_effect.sentence.endswith("does not add up to an effect of one on the other.")
    streamed = graph.stream_paths(source=("X:drug",), target=("X:inflammation",))
    assert [p.entities for p in streamed] == [p.entities for p in found.paths]
    assert streamed.summary.composition == "refused"
    off = graph.find_paths(source=("X:drug",), target=("X:inflammation",), composition="off")
    assert off.composition == "off"
    assert [p.entities for p in off.paths] == [p.entities for p in found.paths]


def test_why_not_names_what_the_grammar_refuses(graph: Graph) -> None:
    answer = graph.why_not(source=("X:drug",), target=("X:inflammation",))
    (said,) = [r.sentence for r in answer.relaxations if r.parameter == "composition"]
    assert "a treatment says nothing about a feature of the disease" in said


def test_an_association_answers_alone_only(graph: Graph) -> None:
    assert names(graph, "stem", "ms") == [["stem", "ms"]]
    assert graph.find_paths(source=("X:stem",), target=("X:ms",)).paths[0].sign is None
    refused = graph.find_paths(source=("X:stem",), target=("X:inflammation",))
    assert refused.composition == "refused"


def test_a_depleting_antibody_lowers_the_cells_that_carry_its_target(graph: Graph) -> None:
    found = graph.find_paths(source=("X:antibody",), target=("X:b",))
    (path,) = found.paths
    assert path.sign == -1
    assert [a.name for a in path.assumptions] == ["depletes_carriers"]
    assert path.hops[1].statements[0].direction == "reverse"


def test_a_ligand_acts_on_the_carrier_of_its_receptor_with_no_known_sign(graph: Graph) -> None:
    found = graph.find_paths(source=("X:gdnf",), target=("X:neuron",), min_hops=2)
    (path,) = found.paths
    assert ([e.name for e in path.entities], path.sign) == (["gdnf", "ret", "neuron"], None)


@pytest.mark.parametrize("fields", [{"direction": "undirected"}, {"predicate": ("treats",)}])
def test_the_grammar_is_off_where_the_query_says_how_to_walk(graph: Graph, fields: dict) -> None:
    found = graph.find_paths(source=("X:drug",), target=("X:rrms",), **fields)
    assert found.composition == "off"


def test_parts_of_the_score_add_up_under_composition(graph: Graph) -> None:
    for source, target in product(ENTITIES, ENTITIES):
        found = graph.find_paths(source=(source,), target=(target,), limit=50)
        for path in found.paths:
            total = sum(part.value * part.weight for part in path.score_parts)
            assert path.score == pytest.approx(total, abs=1e-4)
            assert path.length == len(path.hops)
            if found.composition == "applied":
                kept = 1.0
                for assumption in path.assumptions:
                    kept *= assumption.weight
                (part,) = [p for p in path.score_parts if p.name == "assumptions"]
                assert 2.718281828459045**-part.value == pytest.approx(kept, abs=1e-3)


def test_lists_counts_and_streams_agree(graph: Graph) -> None:
    for source, target in product(ENTITIES, ENTITIES):
        query = {"source": (source,), "target": (target,), "limit": 100}
        found = graph.find_paths(**query)
        if found.composition != "applied":
            continue
        rows = graph.list_paths(**query)
        # Direct statements of taxonomy stand beside the paths of the search.
        kinds = [p for p in found.paths if p.hops[0].statements[0].predicate == "is_a"]
        searched = [p for p in found.paths if len(p.hops) > 1 or p not in kinds]
        assert len(rows) == len(searched)
        assert found.total == len(found.paths)
        listed = sorted(tuple(e.id for e in row[::2]) for row in rows.rows)
        assert listed == sorted(tuple(e.id for e in p.entities) for p in searched)
        streamed = [p.entities for p in graph.stream_paths(**query)]
        assert streamed == [p.entities for p in found.paths]


def test_strict_refuses_what_the_grammar_does_not_know(tmp_path: Path) -> None:
    schema = Schema(
        categories=biolink_schema().categories,
        predicates=(*PREDICATES, Predicate(id="touches", label="touches")),
    )
    entities = [Entity(id=f"X:{i}", name=str(i), category="biolink:Gene") for i in range(3)]
    statements = [
        Statement(id="a", subject="X:0", predicate="touches", object="X:1"),
        Statement(id="b", subject="X:1", predicate="activates", object="X:2", sign=1),
    ]
    graph = open_graph(
        build_snapshot(tmp_path, name="x", entities=entities, statements=statements, schema=schema)
    )
    assert graph.find_paths(source=("X:0",), target=("X:2",)).composition == "applied"
    strict = graph.find_paths(source=("X:0",), target=("X:2",), composition="strict")
    assert strict.composition == "refused"


GENERIC = {(s, o) for s, p, o in TRIPLES if p in ("associated_with", "is_a")}
GENERIC |= {(o, s) for s, o in GENERIC}


def composed(graph: Graph, hops: int) -> set[tuple[str, ...]]:
    """All paths of some hops that the grammar does not refuse, statement by statement."""
    snapshot = graph.snapshot
    context = SearchContext.of(snapshot)
    query = PathQuery(source=("X:stem",), target=("X:neuron",)).checked()
    composition = composition_for(context, query, context.costs("mechanism"))
    assert composition is not None
    index, curie = snapshot.index, snapshot.records.curie
    ends = list(zip(index.subject.tolist(), index.object.tolist(), strict=True))
    label = [snapshot.schema.predicates[code].id for code in index.predicate.tolist()]
    # Associations join no path unless a query names them.
    rows = [row for row, name in enumerate(label) if name != "associated_with"]
    steps = [(*ends[row], row) for row in rows]
    steps += [(*ends[row][::-1], ~row) for row in rows]
    found, waiting = set(), [((v,), ()) for v in range(index.entities)]
    while waiting:
        nodes, refs = waiting.pop()
        taken = [np.array([ref], np.int32) for ref in refs]
        if refs and composition.refusal(nodes, index.predicate, taken) is None:
            found.add(tuple(map(curie, nodes)))
        if len(refs) < hops:
            waiting += [
                ((*nodes, w), (*refs, ref))
                for v, w, ref in steps
                if v == nodes[-1] and w not in nodes
            ]
    return found


def test_the_search_finds_all_that_the_grammar_lets_pass(graph: Graph) -> None:
    """The search looks no further than categories can be joined; nothing is lost by that."""
    expected = composed(graph, 5)
    assert max(map(len, expected)) > 3
    for source, target in product(ENTITIES, ENTITIES):
        if source == target:
            continue
        query = {"source": (f"{source}!",), "target": (f"{target}!",), "max_hops": 5}
        found = graph.find_paths(**query, limit=100)
        applied = found.composition == "applied"
        searched = {tuple(e.id for e in path.entities) for path in found.paths if applied}
        wanted = {path for path in expected if (path[0], path[-1]) == (source, target)}
        assert searched - GENERIC == wanted - GENERIC


# ---------------------------------------------------------------- definitions

DEFINED = (
    ("X:sub", "is", "X:kind"),
    ("X:kind", "is", "X:class"),
    ("X:class", "protects", "X:neuron"),
    ("X:drug", "raises", "X:kind"),
    ("X:ms", "rests_on", "X:class"),
)


@pytest.fixture(scope="module")
def defined(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    predicates = (
        Predicate(id="is", label="is a form of", role="identity", sign=1),
        Predicate(id="protects", label="protects", role="effect", sign=1),
        Predicate(id="raises", label="raises", role="effect", sign=1),
        Predicate(id="rests_on", label="rests on", role="basis", sign=-1, walk_backward="yes"),
    )
    signs = {predicate.id: predicate.sign for predicate in predicates}
    categories = {"X:neuron": "Cell", "X:drug": "Drug", "X:ms": "Disease"}
    names = {end for s, _, o in DEFINED for end in (s, o)}
    return open_graph(
        build_snapshot(
            tmp_path_factory.mktemp("defined"),
            name="d",
            entities=[
                Entity(
                    id=i, name=i[2:], category=f"biolink:{categories.get(i, 'BiologicalProcess')}"
                )
                for i in sorted(names)
            ],
            statements=[
                Statement(id=f"T{i}", subject=s, predicate=p, object=o, sign=signs[p])
                for i, (s, p, o) in enumerate(DEFINED)
            ],
            schema=Schema(categories=biolink_schema().categories, predicates=predicates),
        )
    )


@pytest.mark.parametrize(
    ("source", "target", "effect", "verdict"),
    [
        ("kind", "class", "none", "none"),  # a kind has no effect on its class
        ("sub", "class", "none", "none"),  # nor has a kind of a kind
        ("kind", "neuron", "raises", "raises"),  # it does what its class does
        ("sub", "neuron", "raises", "raises"),
        ("drug", "class", "raises", "raises"),  # what acts on a kind acts on the class
        ("ms", "class", "none", "none"),  # a disease does nothing to what it rests on
        ("class", "ms", "lowers", "lowers"),
    ],
)
def test_a_definition_passes_effects_on_and_is_none_itself(
    defined: Graph, source: str, target: str, effect: str, verdict: str
) -> None:
    found = defined.find_paths(source=(f"X:{source}",), target=(f"X:{target}",))
    assert [path.effect for path in found.paths] == [effect]
    assert found.net_effect.verdict == verdict
    counted = found.net_effect
    assert (counted.neutral, counted.supports, counted.opposes) == (
        int(effect == "none"),
        int(effect == "raises"),
        int(effect == "lowers"),
    )
