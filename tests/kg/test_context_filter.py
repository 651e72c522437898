"""`context`: include, exclude and consistent, against a filter over all paths."""

from collections.abc import Callable, Iterable
from itertools import combinations, product
from pathlib import Path as FilePath

import pytest

from mechkg.kg.errors import QueryError, UnknownTerm
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.values import Context, Hop, HopStatement, Path
from mechkg.kg.search.context_terms import ContextTerms
from mechkg.kg.search.contexts import EXCLUDING, PathContexts

PAIRS = (
    ("NSC", "neuron"),
    ("NSC", "Remyelination"),
    ("MSC", "inflammatory response"),
    ("IL17A", "Remyelination"),
)
HUMAN, MOUSE, RAT = "NCBITaxon:9606", "NCBITaxon:10090", "NCBITaxon:10116"
Key = tuple[str, ...]


@pytest.fixture(scope="module")
def graph(data_directory: FilePath) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def key(path: Path) -> Key:
    return tuple(entity.id for entity in path.entities)


def everything(graph: Graph, source: str, target: str, **fields: object) -> list[Path]:
    asked = {"composition": "off"} | fields
    found = graph.find_paths(source=f"{source}!", target=f"{target}!", limit=500, **asked)
    assert found.complete
    return list(found.paths)


def kept(paths: Iterable[Path], admits: Callable[[HopStatement], bool]) -> set[Key]:
    """The paths of which each hop has a statement that is admitted."""
    return {key(p) for p in paths if all(any(map(admits, hop.statements)) for hop in p.hops)}


ABOVE = {
    "mechkg:ActiveEAE": "MONDO:0005134",
    "MONDO:0005134": "MESH:D004195",
    "mechkg:CuprizoneModel": "MESH:D004195",
    "mechkg:LysolecithinModel": "MESH:D004195",
    "mechkg:OxidizedPhosphatidylcholine": "MESH:D004195",
    "mechkg:JHMVInducedDemyelination": "MESH:D004195",
    "mechkg:TMEVInducedDemyelinatingDisease": "MESH:D004195",
    "MONDO:0043797": "MESH:D004195",
    "ethidium bromide lesion": "MESH:D004195",
    "experimental demyelination, toxin not named in the abstract": "MESH:D004195",
    "viral (JHMV) demyelination": "MESH:D004195",
    "viral demyelination": "MESH:D004195",
    "EAE after recovery": "MESH:D004195",
    "EAE recovered": "MESH:D004195",
    "LPC focal demyelination": "MESH:D004195",
    "UBERON:0002240": "UBERON:0001017",
    "UBERON:0000955": "UBERON:0001017",
    "UBERON:0002336": "UBERON:0000955",
    "UBERON:0004922": "UBERON:0000955",
    "MONDO:0005314": "MONDO:0005301",
    "MONDO:0000451": "MONDO:0005301",
    "MONDO:0000450": "MONDO:0005301",
}
"""What lies above what, written out once more: the oracle knows no ontology."""


def upwards(term: str) -> set[str]:
    found = {term}
    while term in ABOVE:
        term = ABOVE[term]
        found.add(term)
    return found


def named(statement: HopStatement, kind: str) -> set[str]:
    """What a statement names of a kind, with what lies above it or its other contexts imply."""
    own = [context.value for context in statement.context if context.type == kind]
    if kind == "species" and not own:
        systems = {context.value for context in statement.context if context.type == "system"}
        own = [HUMAN] if systems & {"clinical_trial", "observational_human"} else []
        cells = {context.value for context in statement.context if context.type == "cell"}
        own += [MOUSE] if cells & {"mouse clone C17.2", "C17.2 graft"} else []
        own += [HUMAN] if "human fetal NPC" in cells else []
        models = {context.value for context in statement.context if context.type == "model"}
        if not own and {top for m in models for top in upwards(m)} & {"MESH:D004195"}:
            own = ["animal"]
    return {above for term in own for above in upwards(term)}


FILTERS: tuple[tuple[tuple[str, ...], Callable[[HopStatement], bool]], ...] = (
    (("species=human",), lambda s: HUMAN in named(s, "species")),
    ((f"species={HUMAN}", "species=rat"), lambda s: bool({HUMAN, RAT} & named(s, "species"))),
    (("species!=mouse",), lambda s: MOUSE not in named(s, "species")),
    (("species!=mouse", "species!=rat"), lambda s: not {MOUSE, RAT} & named(s, "species")),
    (("species~=human",), lambda s: HUMAN in named(s, "species") or not named(s, "species")),
    (
        ("species~=mouse", "model!=MONDO:0005134"),
        lambda s: (MOUSE in named(s, "species") or not named(s, "species"))
        and "MONDO:0005134" not in named(s, "model"),
    ),
    (("system=in_vitro",), lambda s: "in_vitro" in named(s, "system")),
    (("model=MONDO:0005134",), lambda s: "MONDO:0005134" in named(s, "model")),
    (("model!=mechkg:ActiveEAE",), lambda s: "mechkg:ActiveEAE" not in named(s, "model")),
    (("disease~=MONDO:0005301",),
     lambda s: "MONDO:0005301" in named(s, "disease") or not named(s, "disease")),
)  # fmt: skip


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_contexts_filter_statements(graph: Graph, source: str, target: str) -> None:
    whole = everything(graph, source, target)
    assert whole
    for texts, admits in FILTERS:
        found = everything(graph, source, target, context=texts)
        assert {key(path) for path in found} == kept(whole, admits), texts
        assert all(admits(s) for path in found for hop in path.hops for s in hop.statements)


KINDS = ("species", "system", "model", "disease", "stage", "anatomy", "cell")


def may_join(terms: ContextTerms, choice: Iterable[HopStatement]) -> bool:
    """Whether some value of each statement and kind fits all others: every choice is tried."""
    sets = [terms.conditions(statement.context) for statement in choice]
    for place, kind in enumerate(terms.kinds):
        options = [sorted(one[place]) for one in sets if one[place]]
        if not any(
            all(
                a in terms.above(kind, b) or b in terms.above(kind, a)
                for a, b in combinations(picked, 2)
            )
            for picked in product(*options)
        ):
            return False
    return True


@pytest.mark.parametrize("composition", ["off", "default"])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_consistent_paths_hold_in_one_context(
    graph: Graph, source: str, target: str, composition: str
) -> None:
    terms = ContextTerms.of(graph.snapshot)
    assert terms.kinds == KINDS
    whole = everything(graph, source, target, composition=composition)
    wanted = {
        key(path)
        for path in whole
        if any(may_join(terms, choice) for choice in product(*(h.statements for h in path.hops)))
    }
    found = everything(graph, source, target, composition=composition, context=("consistent",))
    assert {key(path) for path in found} == wanted
    assert {key(path) for path in whole if path.contexts_agree} == wanted
    assert all(path.contexts_agree for path in found)
    scores = [path.score for path in found]
    assert scores == sorted(scores, reverse=True)
    for path in found:
        assert all(may_join(terms, (s,)) for hop in path.hops for s in hop.statements)


def test_what_is_above_or_implied_agrees(graph: Graph) -> None:
    terms = ContextTerms.of(graph.snapshot)

    def agree(*contexts: tuple[Context, ...]) -> bool:
        hops = [Hop((HopStatement(
            id="s", subject="a", predicate="p", object="b", direction="forward", context=some,
        ),)) for some in contexts]  # fmt: skip
        assert bool(PathContexts(graph.snapshot).common(hops)) == (
            not PathContexts(graph.snapshot).agreement(hops).conflicts
        )
        return bool(PathContexts(graph.snapshot).common(hops))

    eae, active = Context("model", "MONDO:0005134"), Context("model", "mechkg:ActiveEAE")
    passive = Context("model", "mechkg:AdoptiveTransferEAE")
    human, mouse = Context("species", HUMAN), Context("species", MOUSE)
    assert agree((eae,), (active,))
    assert not agree((passive,), (active,))
    assert not agree((eae, active), (Context("model", "mechkg:CuprizoneModel"),))
    assert agree((eae,), (mouse,))
    assert not agree((eae,), (human,))
    assert not agree((human,), (mouse,))
    assert agree((human, mouse), (mouse,), (Context("species", RAT), mouse))
    assert not agree((Context("species", "NCBITaxon:7955"),), (mouse,))
    assert not agree((Context("cell", "mouse clone C17.2"),), (human,))
    assert agree((Context("cell", "human fetal NPC"),), (human, mouse))
    assert not agree((Context("system", "in_vitro"),), (Context("system", "in_vivo"),))
    assert agree((Context("system", "clinical_trial"),), (Context("system", "in_vivo"), human))
    assert agree((Context("system", "review_statement"),), (Context("system", "in_vivo"),))
    assert agree((Context("disease", "MONDO:0005314"),), (Context("disease", "MONDO:0005301"),))
    assert not agree((Context("disease", "MONDO:0005314"),), (Context("disease", "MONDO:0000451"),))
    assert not agree((Context("stage", "acute phase"),), (Context("stage", "chronic EAE"),))
    assert agree((Context("stage", "after: migration"),), (Context("stage", "chronic EAE"),))
    assert agree((Context("outcome", "met"),), (Context("outcome", "not_met"),))
    assert agree((Context("cell", "CL:0000129"),), (Context("cell", "CL:0000125"),))
    assert not agree((Context("cell", "CL:0000129"),), (Context("cell", "CL:0000128"),))
    assert terms.above("anatomy", "UBERON:0002336") >= {"UBERON:0000955", "UBERON:0001017"}


def test_a_path_that_holds_in_no_context_says_so_and_weighs_less(graph: Graph) -> None:
    fields = {"source": "NSC!", "target": "Remyelination!", "limit": 100}
    torn = [p for p in graph.find_paths(**fields).paths if not p.contexts_agree]
    assert torn
    for path in torn:
        assert path.context_conflicts
        said = path.explanation.partition(f"{EXCLUDING} (")[2]
        for kind in path.context_conflicts:
            names = said.partition(f"{kind}: ")[2].partition(";")[0].partition(")")[0]
            assert len(names.split(", ")) > 1
    agreeing = [p for p in graph.find_paths(**fields).paths if p.contexts_agree]
    assert not any(EXCLUDING in path.explanation for path in agreeing)


def test_every_question_about_paths_takes_consistent(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "Remyelination", "context": ("consistent",)}
    found = graph.find_paths(**fields, limit=500)
    keys = [key(path) for path in found.paths]
    assert [key(path) for path in graph.stream_paths(**fields, limit=500)] == keys
    table = graph.list_paths(**fields)
    assert {tuple(e.id for e in row[::2]) for row in table.rows} == set(keys)
    by_key = {key(path): path for path in found.paths}
    for at, row in enumerate(table.rows):
        path = by_key[tuple(entity.id for entity in row[::2])]
        shown = [{s.id for s in hop.statements} for hop in table.hops(at)]
        assert all({s.id for s in hop.statements} <= ids
                   for hop, ids in zip(path.hops, shown, strict=True))  # fmt: skip
        labels = [{s.predicate for s in hop.statements} for hop in table.hops(at)]
        assert all(row[2 * i + 1].removeprefix("^") in names for i, names in enumerate(labels))
    assert len(table.products()) == len(table)
    assert graph.preview_paths(**fields).total == len(keys)
    assert graph.why_not(**fields).total == len(keys)
    choke = graph.chokepoints(**fields, limit=500)
    assert choke.total == len(keys)
    through = {e.entity.id: e.paths for e in choke.entities}
    assert through == {
        e: sum(e in k[1:-1] for k in keys) for e in {e for k in keys for e in k[1:-1]}
    }
    side = graph.compare(
        left=("NSC!",), right=("MSC!",), target=("Remyelination!",), context=("consistent",)
    )
    alone = graph.find_paths(
        source="NSC!", target="Remyelination!", context=("consistent",), limit=500
    )
    assert (
        side.left.total
        == alone.total
        < graph.find_paths(source="NSC!", target="Remyelination!").total
    )
    assert "Only paths that can hold in one context count." in found.net_effect.sentence


def test_why_not_tells_what_one_context_costs(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "Remyelination"}
    told = graph.why_not(**fields, context=("consistent", "species!=rat"))
    gains = {one.parameter: one.paths for one in told.relaxations}
    assert gains["consistent"] == graph.find_paths(**fields, context=("species!=rat",)).total
    assert gains["context"] == graph.find_paths(**fields, context=("consistent",)).total


def test_a_neighbourhood_takes_contexts(graph: Graph) -> None:
    whole = graph.neighbourhood(entity="GDNF", limit=500)
    for texts, admits in FILTERS:
        found = graph.neighbourhood(entity="GDNF", limit=500, context=texts)
        assert found.complete
        ids = {s.id for n in found.neighbours for s in n.statements}
        assert ids == {s.id for n in whole.neighbours for s in n.statements if admits(s)}, texts
        listed = graph.list_neighbourhood(entity="GDNF", context=texts)
        assert {listed.statement(at).id for at in range(len(listed))} == ids
    with pytest.raises(QueryError, match="whole paths, not of single statements"):
        graph.neighbourhood(entity="GDNF", context=("consistent",))


def test_neighbours_are_compared_in_a_context(graph: Graph) -> None:
    found = graph.compare(left=("NSC",), right=("MSC",), context=("species=human",), limit=500)
    around = graph.neighbourhood(
        entity="NSC", direction="out", context=("species=human",), limit=500
    )
    wanted = {s.id for n in around.neighbours for s in n.statements}
    assert {s for one in found.neighbours for s in one.left} == wanted


def test_pages_of_consistent_paths_are_the_whole(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "Remyelination", "context": ("consistent",)}
    whole = graph.find_paths(**fields, limit=100)
    assert whole.complete
    assert 3 < whole.total < graph.find_paths(source="NSC", target="Remyelination").total
    pages, cursor = [], ""
    while cursor is not None:
        page = graph.find_paths(**fields, limit=3, cursor=cursor)
        assert page.total == whole.total
        pages += page.paths
        cursor = page.cursor
    assert list(map(key, pages)) == list(map(key, whole.paths))
    assert page.net_effect == graph.find_paths(**fields, limit=3).net_effect


def test_consistent_and_a_species_hold_together(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "Remyelination", "limit": 100}
    both = graph.find_paths(**fields, context=("consistent", "species~=rat"))
    alone = graph.find_paths(**fields, context=("species~=rat",))
    assert {key(path) for path in both.paths} <= {key(path) for path in alone.paths}


@pytest.mark.parametrize("text", ["species", "colour=red", "=x", "species=", "Consistently"])
def test_what_is_no_context_is_refused(graph: Graph, text: str) -> None:
    with pytest.raises(QueryError, match="context must be TYPE=VALUE"):
        graph.find_paths(source="NSC", target="neuron", context=(text,))


def test_a_context_that_nothing_names_lists_what_is_named(graph: Graph) -> None:
    with pytest.raises(UnknownTerm) as caught:
        graph.find_paths(source="NSC", target="neuron", context=("species=cat",))
    assert "species=human" in caught.value.known


def test_consistent_is_not_combined_with_diverse(graph: Graph) -> None:
    fields = {"source": "NSC", "target": "neuron", "context": ("consistent",)}
    for ask in (graph.find_paths, graph.stream_paths):
        with pytest.raises(QueryError, match="cannot be combined"):
            ask(**fields, diverse="metapath")


def test_why_not_offers_any_context(graph: Graph) -> None:
    told = graph.why_not(source="NSC", target="neuron", context=("outcome=not_met",))
    assert any(one.parameter == "context" and one.paths for one in told.relaxations)
