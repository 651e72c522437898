"""The store of a version that edits made is the one made anew, and is there at once."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from pyoxigraph import Quad, Store

from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.curation.changes import (
    AddEntity,
    AddStatement,
    Change,
    CorrectEntity,
    CorrectStatement,
    DenyStatement,
    EntityFields,
    RetractStatement,
    StatementFields,
)
from mechkg.kg.curation.store import Curation, fork
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Context, Entity, Evidence, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.ontology.curation import conclusions
from mechkg.ontology.sparql.counts import Counts, read_counts
from mechkg.ontology.sparql.derive import derive_store, store_beside
from mechkg.ontology.sparql.store import build_store, find_store
from tests.kg.multigraphs import SCHEMA

PAPER = (Evidence(kind="literature", source="infores:pubmed", publications=("PMID:1",)),)
RAT = (Context("species", "NCBITaxon:10116", "rat"),)
RATTUS = (Context("species", "NCBITaxon:10116", "Rattus"),)
IN_RATS = (Evidence(kind="literature", source="infores:pubmed", context=RAT),)
SAME = "http://www.w3.org/2004/02/skos/core#exactMatch"
ENTITIES = [Entity(id=f"X:{letter}", name=letter, category="biolink:Gene") for letter in "abcd"]
ENTITIES[0] = msgspec.structs.replace(ENTITIES[0], xrefs=("X:b",), synonyms=("first",))


def said(subject: str, predicate: str, obj: str, name: str, **more) -> Statement:
    return Statement(id=name, subject=subject, predicate=predicate, object=obj, **more)


BASE = [
    said("X:a", "promotes", "X:b", "S1", evidence=PAPER, context=RAT),
    said("X:a", "promotes", "X:b", "S2", evidence=IN_RATS),
    said("X:a", "promotes", "X:b", "S3", context=RATTUS),
    said("X:a", "promotes", "X:b", "I1", derived_from=("S1", "S2")),
    said("X:a", "same", "X:b", "S4", evidence=PAPER),
    said("X:b", "affects", "X:c", "S5", evidence=PAPER, negated=True),
    said("X:b", "affects", "X:c", "S6", evidence=PAPER),
    said("X:b", "binds", "X:b", "S7", evidence=PAPER),
    said("X:c", "binds", "X:d", "S8", evidence=PAPER),
]


def lab(data: Path, statements: Sequence[Statement] = BASE) -> Curation:
    same = Predicate(id="same", label="is the same as", iri=SAME)
    schema = msgspec.structs.replace(SCHEMA, predicates=(*SCHEMA.predicates, same))
    path = build_snapshot(data / "lab", name="lab", entities=ENTITIES, statements=statements,
                          schema=schema)  # fmt: skip
    build_store(open_snapshot(path))
    Catalogue(data).publish("lab", path)
    return Curation(data, "lab", infer=conclusions, beside=store_beside)


def held(data: Path, name: str = "lab") -> tuple[set[Quad], Counts | None]:
    """Return what the store of the current version holds, which is there, and its counts."""
    path = find_store(Catalogue(data).path(name))
    assert path is not None
    return set(Store.read_only(str(path))), read_counts(path)


def anew(data: Path, name: str = "lab") -> tuple[set[Quad], Counts | None]:
    """Return what the same store would hold that is made of the version alone."""
    copy = data / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(Catalogue(data).path(name), copy, ignore=shutil.ignore_patterns("sparql"))
    path = build_store(open_snapshot(copy))
    return set(Store.read_only(str(path))), read_counts(path)


EDITS: dict[str, Change] = {
    "one of three that say a triple": RetractStatement(id="S1"),
    "the same with another label": RetractStatement(id="S3"),
    "what a cross-reference says, too": RetractStatement(id="S4"),
    "one beside its denial": RetractStatement(id="S6"),
    "a denial": RetractStatement(id="S5"),
    "the last of a predicate": RetractStatement(id="S7"),
    "a predicate": CorrectStatement(id="S8", set=StatementFields(predicate="affects")),
    "a context": CorrectStatement(id="S1", set=StatementFields(context=RATTUS)),
    "a further one": AddStatement(
        subject="X:a", predicate="promotes", object="X:b", evidence=PAPER
    ),
    "a further denial": DenyStatement(id="S8", evidence=PAPER),
    "an entity": CorrectEntity(id="X:a", set=EntityFields(xrefs=(), name="alpha")),
    "a category": CorrectEntity(id="X:b", set=EntityFields(category="biolink:Cell")),
    "a new entity": AddEntity(id="X:e", name="e", category="biolink:Gene"),
}  # fmt: skip


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_each_kind_of_edit_and_its_undoing(tmp_path: Path, change: Change) -> None:
    curation = lab(tmp_path)
    before = held(tmp_path)
    made = curation.propose([change], author="ada", reason="because", accept=True)
    assert held(tmp_path) == anew(tmp_path)
    assert held(tmp_path) != before
    curation.undo(made.id, author="ada", reason="because", accept=True)
    assert held(tmp_path) == anew(tmp_path) == before


def test_many_edits_one_after_the_other(tmp_path: Path) -> None:
    curation, chance, names = lab(tmp_path), random.Random(5), [s.id for s in BASE]
    for number in range(8):
        changes: list[Change] = [
            AddStatement(
                subject=f"X:{chance.choice('abcd')}", predicate=chance.choice(("binds", "same")),
                object=f"X:{chance.choice('abcd')}", evidence=IN_RATS, note=f"{number} {turn}",
            )
            for turn in range(4)
        ]  # fmt: skip
        gone = [names.pop(chance.randrange(len(names)))]
        changes += [RetractStatement(id=name) for name in gone if name != "I1"]
        curation.propose(changes, author="ada", reason="because", accept=True)
    assert held(tmp_path) == anew(tmp_path)


def test_what_is_inferred_anew_is_in_the_store(data_directory: Path, tmp_path: Path) -> None:
    shutil.copytree(data_directory, tmp_path / "data", symlinks=True)
    path = fork(tmp_path / "data", "ms-nsc", "ours", infer=conclusions)
    build_store(open_snapshot(path))
    curation = Curation(tmp_path / "data", "ours", infer=conclusions, beside=store_beside)
    curation.propose([RetractStatement(id="SC043")], author="ada", reason="because", accept=True)
    assert held(tmp_path / "data", "ours") == anew(tmp_path / "data", "ours")


def test_versions_that_differ_in_more_are_not_derived(tmp_path: Path) -> None:
    lab(tmp_path)
    first = open_snapshot(Catalogue(tmp_path).path("lab"))
    lab(tmp_path / "other", BASE[1:])
    second: Snapshot = open_snapshot(Catalogue(tmp_path / "other").path("lab"))
    shutil.rmtree(second.path / "sparql")
    assert derive_store(first, second, ()) is None
    assert find_store(second.path) is None


def test_a_change_is_seen_by_the_next_query(tmp_path: Path) -> None:
    lab(tmp_path)
    client = create_app(Settings(data=tmp_path, graph="lab")).test_client()
    headers = {"Authorization": f"Bearer {Tokens(tmp_path).add('ada', 'accept')}"}
    query = "SELECT ?s ?o { ?s <https://w3id.org/biolink/vocab/object> ?o } ORDER BY ?s ?o"
    for name in ("S1", "S2"):
        body = {"reason": "x", "changes": [{"op": "retract_statement", "id": name}], "accept": True}
        answer = client.post("/api/v1/changesets", json=body, headers=headers)
        assert answer.json["status"] == "accepted"
        found = client.get("/sparql", query_string={"query": query})
        assert found.headers["ETag"].strip('"').startswith(answer.json["version"])
        assert f"statement/{name}" not in found.text
        assert "statement/S3" in found.text


def test_a_change_does_not_fail_for_a_store_that_is_damaged(tmp_path: Path) -> None:
    curation = lab(tmp_path)
    store = find_store(Catalogue(tmp_path).path("lab"))
    assert store is not None
    for file in store.glob("MANIFEST*"):
        file.write_bytes(b"damaged")
    made = curation.propose([RetractStatement(id="S8")], author="ada", reason="x", accept=True)
    assert Catalogue(tmp_path).path("lab").name == made.version
