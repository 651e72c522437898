"""A statement without an identifier of its source has the same one wherever it is loaded."""

import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.graph import Graph
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.values import Context, Entity, Evidence, Statement
from mechkg.kg.snapshot.snapshot import Snapshot
from mechkg.kg.snapshot.statement_ids import content_digest, derived_identifier, parts_of
from tests.kg.multigraphs import built, multigraphs
from tests.kg.temporary import directory
from tests.kg.test_builder import graph

FOUND = Evidence(kind="literature", source="infores:c", publications=("PMID:9",))


def nameless(statements: list[Statement]) -> list[Statement]:
    return [msgspec.structs.replace(s, id="", derived_from=()) for s in statements]


def said(statement: Statement) -> bytes:
    """All that distinguishes a statement, as text: the oracle of identity."""
    context = sorted((c.type, c.value) for c in statement.context)
    bare = msgspec.structs.replace(statement, id="", evidence=(), context=())
    return msgspec.json.encode((bare, context), order="sorted")


def held(snapshot: Snapshot) -> dict[str, Statement]:
    records = snapshot.records
    found = [records.statement(row) for row in range(snapshot.index.statements)]
    return {s.id: s for s in found}


@given(multigraphs(), multigraphs(), st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_identifiers_follow_from_what_is_said_and_nothing_else(
    statements: list[Statement], others: list[Statement], chance: random.Random
) -> None:
    first = nameless(statements)
    more = [*first, *nameless(others), *(msgspec.structs.replace(s, evidence=(FOUND,))
                                         for s in first[:5])]  # fmt: skip
    chance.shuffle(more)
    with directory() as one, directory() as two:
        small, large = built(one, first), built(two, more)
        before, after = held(small), held(large)
        assert {i: said(s) for i, s in before.items()} == {i: said(after[i]) for i in before}
        for snapshot, found in ((small, before), (large, after)):
            assert len(found) == snapshot.index.statements
            records = snapshot.records
            for row in range(snapshot.index.statements):
                assert records.statement_row(records.statement_id(row)) == row
            named = [d.id for d in records.details(list(range(snapshot.index.statements)))]
            assert named == list(map(records.statement_id, range(snapshot.index.statements)))


@given(multigraphs())
@settings(max_examples=12)
def test_an_exported_identifier_comes_back_as_the_same_statement(
    statements: list[Statement],
) -> None:
    with directory() as one, directory() as two:
        first = built(one, nameless(statements))
        again = built(two, list(held(first).values()))
        assert again.manifest.sha256 == first.manifest.sha256
        assert held(again) == held(first)


def test_a_plain_triple_is_its_own_identifier(tmp_path: Path) -> None:
    triple = Statement(id="", subject="a:1", predicate="binds", object="a~2%")
    snapshot = graph(tmp_path, triple)
    (identifier,) = held(snapshot)
    assert identifier == "a:1~binds~a%7E2%25"
    assert parts_of(identifier)[:3] == ("a:1", "binds", "a~2%")
    denied = msgspec.structs.replace(triple, negated=True)
    assert set(held(graph(tmp_path, triple, denied))) > {identifier}


def test_digests_do_not_depend_on_how_a_value_came_to_be() -> None:
    said = Annotations(note="n", weight=1.0, hedge="asserted")
    decoded = msgspec.json.decode(
        b'{"note": "n", "weight": 1.0, "attributes": {}}', type=Annotations
    )
    assert content_digest(said) == content_digest(decoded)
    assert content_digest(said) == "4d7347310b672c01"  # holds in later versions, too


def test_edited_statements_do_not_keep_the_identifier_of_what_they_said(tmp_path: Path) -> None:
    triple = Statement(id="a:1~binds~a:2", subject="a:1", predicate="binds", object="a:2", note="n")
    other = Statement(id="a:1~binds~a:2", subject="a:1", predicate="binds", object="a:3")
    found = held(graph(tmp_path, triple))
    assert list(found) != [triple.id]
    assert next(iter(found)).startswith(triple.id)
    assert list(held(graph(tmp_path, other))) == [other.id]  # a source's own, however it looks


def test_statements_that_only_labels_of_contexts_tell_apart_are_numbered(tmp_path: Path) -> None:
    twins = [
        Statement(
            id="", subject="a:1", predicate="binds", object="a:2",
            context=(Context("species", "NCBITaxon:10116", label),),
        )
        for label in ("rat", "Rattus norvegicus", "")
    ]  # fmt: skip
    snapshot = graph(tmp_path, *twins)
    found = sorted(held(snapshot), key=len)
    assert len(found) == 3
    assert [i.removeprefix(found[0]) for i in found] == ["", *sorted(("~2", "~3"))]
    for identifier in found:
        assert (
            snapshot.records.statement_id(snapshot.records.statement_row(identifier)) == identifier
        )


@pytest.mark.parametrize(
    "wrong",
    [
        "row-0", "row-1", "a:1~binds", "a:1~binds~a:3", "a:1~binds~a:2~", "a:1~binds~a:2~1",
        "a:1~binds~a:2~2", "a:1~binds~a:2~0123456789abcdef", "a:1~likes~a:2", "\ud800~binds~a:2",
        "a:2~binds~a:1", "~~", "",
    ],
)  # fmt: skip
def test_what_names_no_statement_finds_none(tmp_path: Path, wrong: str) -> None:
    snapshot = graph(tmp_path, Statement(id="", subject="a:1", predicate="binds", object="a:2"))
    assert snapshot.records.statement_row("a:1~binds~a:2") == 0
    assert snapshot.records.statement_row(wrong) is None


def test_a_derived_identifier_is_taken_where_a_statement_is_named(tmp_path: Path) -> None:
    ends = (Entity(id="http://x/a b", name="A"), Entity(id="a:2", name="B"))
    triple = Statement(id="", subject="a:2", predicate="binds", object="http://x/a b", sign=1)
    found = Graph(graph(tmp_path, triple, entities=ends))
    ((identifier, statement),) = held(found.snapshot).items()
    assert identifier.startswith(derived_identifier("a:2", "binds", "http://x/a b"))
    counted = found.statement(identifier)
    assert msgspec.structs.replace(counted, corroboration=None) == statement
    assert found.about(identifier).statements == (statement,)
    assert found.subgraph(entities=(), statements=(identifier,)).statements == (statement,)
    path = found.find_paths(source="a:2", target="http://x/a b", max_hops=1)
    assert path.paths[0].hops[0].statements[0].id == identifier


def test_many_parallel_statements_are_named_in_one_walk(tmp_path: Path) -> None:
    many = [
        Statement(id="", subject="a:1", predicate="binds", object="a:2", note=f"note {n}")
        for n in range(3_000)
    ]
    snapshot = graph(tmp_path, *many)
    found = held(snapshot)
    assert len(found) == len(many)
    assert {s.note for s in found.values()} == {s.note for s in many}
