"""Curated mechanisms mark the statements that they use, and only what is used gains."""

import json
import random
from pathlib import Path as FilePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.api.mcp.text import tell_evidence
from mechkg.kg import readers
from mechkg.kg.build.builder import Build
from mechkg.kg.build.mechanisms import read_mechanisms
from mechkg.kg.curation.changes import Edit
from mechkg.kg.curation.rebuild import rebuild
from mechkg.kg.errors import DataError, QueryError, SnapshotError
from mechkg.kg.graph import Graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.mechanisms import Mechanism, Step
from mechkg.kg.model.presets import known_schema
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Path, Statement
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot, verify_snapshot
from mechkg.kg.writers import PATH_TABLE
from tests.kg.multigraphs import NODES, SCHEMA, multigraphs
from tests.kg.readers.loading import DATA

NEVER = Mechanism("none", "x.tsv", (Step("X:no", "X:where"),))


def build(folder: FilePath, statements: list[Statement], mechanisms: list[Mechanism]) -> Snapshot:
    with Build(folder, "own", SCHEMA, corroborate="off", mechanisms=mechanisms) as made:
        for statement in statements:
            made.statements.add(statement)
        return open_snapshot(made.finish())


def some_mechanisms(seed: int) -> list[Mechanism]:
    draw = random.Random(seed)
    predicates = [*(predicate.id for predicate in SCHEMA.predicates), "", "unheard_of"]
    return [
        Mechanism(
            f"M{number}", "x.tsv",
            tuple(Step(*draw.sample(NODES, 2), draw.choice(predicates)) for _ in range(3)),
        )
        for number in range(4)
    ]  # fmt: skip


def users(said: Statement, every: list[Statement], mechanisms: list[Mechanism]) -> list[str]:
    """The oracle: mechanisms with a step between the two entities, by the statement's predicate
    or by one that no statement of the two has."""
    found = []
    for mechanism in mechanisms:
        for step in mechanism.steps:
            ends = {step.subject, step.object}
            between = [
                s for s in every
                if {s.subject, s.object} == ends and not s.negated and not s.derived_from
            ]  # fmt: skip
            same = [s for s in between if s.predicate == step.predicate]
            if said.id in {s.id for s in same or between}:
                found.append(mechanism.id)
    return list(dict.fromkeys(found))


@settings(max_examples=30)
@given(multigraphs(), st.integers(0, 1000))
def test_statements_are_used_by_the_mechanisms_that_a_search_by_hand_finds(
    tmp_path_factory: pytest.TempPathFactory, statements: list[Statement], seed: int
) -> None:
    mechanisms = some_mechanisms(seed)
    snapshot = build(tmp_path_factory.mktemp("used"), statements, mechanisms)
    graph = Graph(snapshot)
    every = [snapshot.records.statement(row) for row in range(snapshot.index.statements)]
    for said in every:
        expected = users(said, every, mechanisms)
        use = graph.statement(said.id).curated
        assert (
            (use.count, list(use.mechanisms)) == (len(expected), expected)
            if expected
            else (use is None)
        )


def names(path: Path) -> list[str]:
    return [entity.id for entity in path.entities]


@settings(max_examples=30)
@given(multigraphs(), st.integers(0, 1000), st.sampled_from(["specific", "mechanism"]))
def test_only_what_is_used_gains_and_the_best_paths_are_exact(
    tmp_path_factory: pytest.TempPathFactory, statements: list[Statement], seed: int, scorer: str
) -> None:
    folder = tmp_path_factory.mktemp("gain")
    asked = {"source": "X:a", "target": "X:b", "max_hops": 3, "scorer": scorer}
    plain = Graph(build(folder / "plain", statements, []))
    marked = Graph(build(folder / "marked", statements, some_mechanisms(seed)))
    if not {"X:a", "X:b"} <= {end for s in statements for end in (s.subject, s.object)}:
        return
    before = {tuple(names(p)): p.score for p in plain.find_paths(**asked, limit=1000).paths}
    every = marked.find_paths(**asked, limit=1000).paths
    assert before.keys() == {tuple(names(path)) for path in every}
    for path in every:
        used = sum(any(s.curated for s in hop.statements) for hop in path.hops)
        gain = path.score - before[tuple(names(path))]
        assert gain == pytest.approx(0, abs=1e-4) if not used else gain > 0
        total = sum(part.value * part.weight for part in path.score_parts)
        assert path.score == pytest.approx(total, abs=1e-4)
    best = marked.find_paths(**asked, limit=3).paths
    scores = sorted((path.score for path in every), reverse=True)
    assert [path.score for path in best] == pytest.approx(scores[:3], abs=1e-4)


CHAIN = [
    Statement(id=f"C{a}{b}", subject=f"X:{a}", predicate="affects", object=f"X:{b}")
    for a, b in ("ac", "cb", "ad", "db")
]


def test_what_mechanisms_use_comes_first_and_is_said(tmp_path: FilePath) -> None:
    mechanism = Mechanism("M1", "x.tsv", (Step("X:a", "X:d"), Step("X:d", "X:b")))
    graph = Graph(build(tmp_path, CHAIN, [mechanism]))
    first, second = graph.find_paths(source="X:a", target="X:b").paths
    assert (names(first)[1], names(second)[1]) == ("X:d", "X:c")
    (part,) = (part for part in second.score_parts if part.name == "curated")
    assert (part.value, first.score > second.score) == (2, True)
    told = "\n".join(tell_evidence(graph.statement("Cad"), {}))
    assert "used in 1 curated mechanism: M1" in told
    even = graph.find_paths(source="X:a", target="X:b", weights=("curated:0",)).paths
    assert even[0].score == even[1].score


def test_without_mechanisms_nothing_is_curated(tmp_path: FilePath) -> None:
    graph = Graph(build(tmp_path, CHAIN, []))
    assert graph.snapshot.curated is None
    with pytest.raises(QueryError, match="Load it with --mechanisms"):
        graph.find_paths(source="X:a", target="X:b", weights=("curated:-1",))


def test_mechanisms_are_part_of_the_version_and_stay_after_an_edit(tmp_path: FilePath) -> None:
    mechanisms = [Mechanism("M1", "x.tsv", (Step("X:a", "X:d"),)), NEVER]
    before = build(tmp_path / "a", CHAIN, mechanisms)
    assert before.manifest.hash != build(tmp_path / "b", CHAIN, []).manifest.hash
    edit = Edit(statement_before=before.records.statement(before.records.statement_row("Ccb")))
    after = open_snapshot(rebuild(before, [edit], tmp_path / "c", name="own"))
    assert (
        after.manifest.hash
        == build(tmp_path / "d", CHAIN[:1] + CHAIN[2:], mechanisms).manifest.hash
    )
    assert after.curated is not None
    assert (after.curated.steps, after.curated.found) == (2, 1)


def test_a_torn_file_is_refused(tmp_path: FilePath) -> None:
    snapshot = build(tmp_path, CHAIN, [NEVER])
    (snapshot.path / "mechanisms.json").write_bytes(b"[[1]]")
    with pytest.raises(SnapshotError):
        verify_snapshot(snapshot.path)


PATHS = "X:a\tX:c\tX:b\nX:a\tX:d\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("paths.tsv", PATHS),
        ("paths.csv", PATHS.replace("\t", ",")),
        ("ranked.csv", "rank,entity_1,name_1,entity_2,entity_3\n1,X:a,x,X:c,X:b\n2,X:a,x,X:d,\n"),
        ("paths.jsonl", '{"path":["X:a","X:c","X:b"]}\n\n{"paths":[["X:a","X:d"]]}\n'),
    ],
)
def test_a_table_of_paths_has_a_mechanism_a_row(tmp_path: FilePath, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    first, second = read_mechanisms([tmp_path / name], Schema(), ())
    assert first.steps == (Step("X:a", "X:c"), Step("X:c", "X:b"))
    assert second.steps == (Step("X:a", "X:d"),)
    assert first.id != second.id
    assert {first.source, second.source} == {name}


def test_lines_that_name_their_mechanism_keep_the_name(tmp_path: FilePath) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text(json.dumps({"id": "DB1", "paths": [["X:a", "X:b"], ["X:b", "X:c"]]}))
    (found,) = read_mechanisms([file], Schema(), ())
    assert (found.id, len(found.steps)) == ("DB1", 2)


def test_the_table_that_an_answer_gives_is_read_back(tmp_path: FilePath) -> None:
    graph = Graph(build(tmp_path / "g", CHAIN, []))
    answer = graph.find_paths(source="X:a", target="X:b")
    file = tmp_path / "paths.csv"
    file.write_bytes(PATH_TABLE.write(answer, graph.schema))
    found = read_mechanisms([file], Schema(), ())
    walked = [[step.subject for step in m.steps] + [m.steps[-1].object] for m in found]
    assert walked == [names(path) for path in answer.paths]


def test_records_of_drugmechdb_are_mechanisms() -> None:
    file = DATA / "drugmechdb-glatiramer.yaml"
    found = read_mechanisms([file], known_schema(), readers.FORMATS)
    assert [mechanism.id for mechanism in found] == ["DB05259_MESH_D009103_1"]
    assert all(step.predicate for step in found[0].steps)


def test_a_file_of_statements_is_one_mechanism(tmp_path: FilePath) -> None:
    file = tmp_path / "edges.tsv"
    file.write_text("subject\tpredicate\tobject\nX:a\taffects\tX:b\nX:b\taffects\tX:c\n")
    (found,) = read_mechanisms([file], Schema(), readers.FORMATS)
    assert (found.id, len(found.steps)) == ("edges.tsv", 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("paths.jsonl", '{"path": ["X:a", 1]}\n'),
        ("paths.jsonl", '{"path": []}\n'),
        ("nodes.tsv", "id\tname\tcategory\nX:a\ta\tGene\n"),
        ("paths.xyz", "X:a\tX:b\n"),
    ],
)
def test_what_holds_no_mechanism_is_refused(tmp_path: FilePath, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=name.partition(".")[0]):
        read_mechanisms([tmp_path / name], Schema(), readers.FORMATS)


def test_the_learned_scorer_takes_mechanisms_of_the_target_for_more(tmp_path: FilePath) -> None:
    """Equal roads through two genes: one used in a mechanism of the target, one in another."""
    kinds = {"d": "ChemicalEntity", "g": "Gene", "h": "Gene", "p": "Disease", "q": "Disease"}
    ends = {f"X:{name}": f"biolink:{kind}" for name, kind in kinds.items()}
    statements = [
        Statement(id=f"L{a}{b}", subject=f"X:{a}", predicate=predicate, object=f"X:{b}")
        for a, b, predicate in (
            ("d", "g", "affects"), ("d", "h", "affects"), ("g", "p", "associated_with"),
            ("h", "p", "associated_with"), ("g", "q", "associated_with"),
            ("h", "q", "associated_with"),
        )
    ]  # fmt: skip
    mechanisms = [
        Mechanism("other", "x", (Step("X:d", "X:g"), Step("X:g", "X:q"))),
        Mechanism("own", "x", (Step("X:d", "X:h"), Step("X:h", "X:p"))),
    ]
    with Build(tmp_path, "typed", biolink_schema(), mechanisms=mechanisms) as made:
        for name, category in ends.items():
            made.entities.add(Entity(id=name, name=name, category=category))
        for statement in statements:
            made.statements.add(statement)
        graph = Graph(open_snapshot(made.finish()))
    found = graph.find_paths(source="X:d", target="X:p", direction="undirected", max_hops=2)
    assert found.scorer == "learned"
    assert [names(path)[1] for path in found.paths] == ["X:h", "X:g"]
    uses = graph.snapshot.curated
    assert uses is not None
    row, other = (graph.snapshot.records.statement_row(name) for name in ("Ldh", "Ldg"))
    target = graph.snapshot.records.entity_row("X:p")
    assert (uses.with_member(row, target), uses.with_member(other, target)) == (1, 0)
    for path in found.paths:
        total = sum(part.value * part.weight for part in path.score_parts)
        assert path.score == pytest.approx(total, abs=1e-4)
