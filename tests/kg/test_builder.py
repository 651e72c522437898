"""Snapshots hold what was put in, whatever its order, or do not open at all."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.build.builder import Build, build_snapshot
from mechkg.kg.columns.interner import Column
from mechkg.kg.errors import Cancelled, DataError, SnapshotError
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.index import UNKNOWN_SIGN
from mechkg.kg.snapshot.name_keys import NAMES
from mechkg.kg.snapshot.snapshot import Snapshot, Source, open_snapshot
from mechkg.kg.snapshot.statement_ids import content_digest
from tests.kg.multigraphs import NODES, SCHEMA, built, multigraphs, on_snapshot
from tests.kg.temporary import directory

ROOT = Path(__file__).parents[2]


def bare(subject: str, obj: str, identifier: str = "", predicate: str = "binds") -> Statement:
    return Statement(id=identifier, subject=subject, predicate=predicate, object=obj, sign=0)


def graph(folder: Path, *statements: Statement, entities: tuple[Entity, ...] = ()) -> Snapshot:
    path = build_snapshot(
        folder, name="g", entities=entities, statements=statements, schema=Schema()
    )
    return open_snapshot(path)


@given(multigraphs())
@settings(max_examples=40)
def test_every_statement_comes_back_as_it_went_in(statements: list[Statement]) -> None:
    def check(snapshot: Snapshot) -> None:
        records = snapshot.records
        found = [records.statement(row) for row in range(snapshot.index.statements)]
        assert sorted(found, key=lambda s: s.id) == sorted(statements, key=lambda s: s.id)
        for row, statement in enumerate(found):
            assert records.statement_row(statement.id) == row
        counts = snapshot.manifest.counts
        assert counts.statements + counts.inferred == len(statements)
        assert counts.evidence == sum(len(s.evidence) for s in statements)
        assert counts.negated == sum(s.negated for s in statements)

    on_snapshot(statements, check)


@given(multigraphs())
@settings(max_examples=40)
def test_index_is_the_sorted_adjacency_both_ways(statements: list[Statement]) -> None:
    def check(snapshot: Snapshot) -> None:
        index, records = snapshot.index, snapshot.records
        predicates = [p.id for p in snapshot.schema.predicates]
        kept = [s for s in statements if not s.negated]
        assert index.carrying == len(kept)
        for row, node in enumerate(NODES):
            assert records.entity_row(node) == row
            out = range(index.out_ptr[row], index.out_ptr[row + 1])
            entries = range(index.in_ptr[row], index.in_ptr[row + 1])
            leaving = [(predicates[index.predicate[e]], index.object[e]) for e in out]
            coming = [(index.in_pred[e], index.in_nbr[e], index.in_row[e]) for e in entries]
            assert {index.subject[e] for e in out} <= {row}
            assert sorted(records.statement_id(e) for e in out) == sorted(
                s.id for s in kept if s.subject == node
            )
            assert sorted(records.statement_id(r) for _, _, r in coming) == sorted(
                s.id for s in kept if s.object == node
            )
            assert [(predicates.index(p), o) for p, o in leaving] == sorted(
                (predicates.index(p), o) for p, o in leaving
            )
            assert coming == sorted(coming)
            assert all(
                (index.predicate[r], index.subject[r], index.object[r]) == (p, n, row)
                for p, n, r in coming
            )
            assert index.degree[row] == sum(
                not s.derived_from and node in {s.subject, s.object} for s in kept
            )
        for row in range(index.statements):
            statement = records.statement(row)
            sign = UNKNOWN_SIGN if statement.sign is None else statement.sign
            assert index.sign[row] == sign
            assert index.inferred[row] == bool(statement.derived_from)
            assert statement.negated == (row >= index.carrying)

    on_snapshot(statements, check)


@given(multigraphs(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_hash_does_not_depend_on_the_order_of_input(
    statements: list[Statement], chance: random.Random
) -> None:
    shuffled = statements + statements[:3]
    chance.shuffle(shuffled)
    with directory() as one, directory() as two:
        first, second = built(one, statements), built(two, shuffled)
        assert first.manifest.sha256 == second.manifest.sha256
        for name in first.manifest.files:
            if name.endswith((".npy", ".bin", ".json")):
                assert (first.path / name).read_bytes() == (second.path / name).read_bytes(), name


def test_hash_depends_on_every_part_of_the_content(tmp_path: Path) -> None:
    plain = Statement(id="S", subject="a:1", predicate="p", object="a:2")
    evidence = (Evidence(kind="article", source="infores:a"),)
    variants = [
        plain,
        Statement(id="S2", subject="a:1", predicate="p", object="a:2"),
        Statement(id="S", subject="a:2", predicate="p", object="a:1"),
        Statement(id="S", subject="a:1", predicate="q", object="a:2"),
        Statement(id="S", subject="a:1", predicate="p", object="a:2", negated=True),
        Statement(id="S", subject="a:1", predicate="p", object="a:2", sign=1),
        Statement(id="S", subject="a:1", predicate="p", object="a:2", modality="potential"),
        Statement(id="S", subject="a:1", predicate="p", object="a:2", evidence=evidence),
        Statement(id="S", subject="a:1", predicate="p", object="a:2", note="n"),
    ]
    hashes = {graph(tmp_path, variant).manifest.hash for variant in variants}
    named = graph(tmp_path, plain, entities=(Entity(id="a:1", name="one"),))
    assert len(hashes | {named.manifest.hash}) == len(variants) + 1


def test_entities_of_one_curie_are_merged_in_any_order(tmp_path: Path) -> None:
    records = (
        Entity(id="CL:1", name="neuron", category="biolink:Cell", xrefs=("a:1",)),
        Entity(id="CL:1", name="CL:1", description="A cell.", xrefs=("b:2",)),
        Entity(id="CL:1", name="nerve cell", synonyms=("neurone",)),
    )
    found = [
        graph(tmp_path, entities=tuple(order))
        for order in (records, records[::-1], (records[1], records[0], records[2]))
    ]
    assert len({s.manifest.hash for s in found}) == 1
    entity = found[0].records.entity(0)
    assert (entity.name, entity.category) == ("neuron", "biolink:Cell")
    assert set(entity.synonyms) == {"nerve cell", "neurone"}
    assert set(entity.xrefs) == {"a:1", "b:2"}
    assert entity.description == "A cell."


def test_ends_that_are_no_entities_become_bare_ones(tmp_path: Path) -> None:
    snapshot = graph(tmp_path, bare("a:1", "a:2"), entities=(Entity(id="a:1", name="one"),))
    assert snapshot.records.entity(1) == Entity(id="a:2", name="a:2")


def test_bare_statements_have_no_text_and_are_named_by_their_triple(tmp_path: Path) -> None:
    snapshot = graph(tmp_path, bare("a:2", "a:1"), bare("a:1", "a:2"), bare("a:1", "a:2", "own"))
    names = [snapshot.records.statement_id(row) for row in range(snapshot.index.statements)]
    digest = content_digest(Annotations(effect="none"))  # the predicate is of unknown effect
    assert names == [f"a:1~binds~a:2~{digest}", "own", f"a:2~binds~a:1~{digest}"]
    assert list(map(snapshot.records.statement_row, names)) == [0, 1, 2]
    only_bare = graph(tmp_path, bare("a:1", "a:2"))
    assert only_bare.manifest.files["statement_claims.bin"] == 0
    assert only_bare.manifest.files["statement_identifiers.bin"] == 0


def test_equal_statements_are_one_unless_their_identifiers_differ(tmp_path: Path) -> None:
    twice = graph(tmp_path, bare("a:1", "a:2", "S1"), bare("a:1", "a:2", "S1"))
    assert twice.index.statements == 1
    parallel = graph(tmp_path, bare("a:1", "a:2", "S1"), bare("a:1", "a:2", "S2"))
    assert parallel.index.statements == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (bare("a:1", "a:2", "S1"), bare("a:2", "a:1", "S1")),
        (
            bare("a:1", "a:2", "S1"),
            Statement(id="S1", subject="a:1", predicate="binds", object="a:2", sign=0, note="but"),
        ),
    ],
)
def test_two_statements_may_not_share_an_identifier(
    tmp_path: Path, first: Statement, second: Statement
) -> None:
    with pytest.raises(DataError, match="'S1'"):
        graph(tmp_path, first, second)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", ["", "a:\x00", "a:\n1", "a:\ud800"])
def test_what_cannot_be_an_identifier_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(DataError, match="identifier"):
        graph(tmp_path, bare(wrong, "a:1"))
    with pytest.raises(DataError, match="Unicode"):
        graph(tmp_path, entities=(Entity(id="a:1", name="\ud800"),))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_graph_opens(tmp_path: Path) -> None:
    snapshot = graph(tmp_path)
    assert (snapshot.index.entities, snapshot.index.statements) == (0, 0)
    assert snapshot.records.entity_row("a:1") is None
    assert snapshot.records.statement_row("S1") is None
    assert len(snapshot.postings.rows("modality:asserted")) == 0


def test_batches_of_columns_equal_records(tmp_path: Path) -> None:
    pairs = [("a:3", "a:1"), ("a:1", "a:2"), ("a:2", "a:3"), ("a:1", "a:2")]
    recorded = graph(tmp_path / "records", *(bare(s, o) for s, o in pairs))
    with Build(tmp_path / "columns", "g", Schema()) as build:
        subjects = build.entities.codes(s for s, _ in pairs)
        objects = build.entities.codes(o for _, o in pairs)
        binds = np.full(len(pairs), build.statements.predicates.code("binds"), np.uint16)
        build.statements.add_rows(subjects, binds, objects, np.zeros(len(pairs), np.int8))
        columnar = open_snapshot(build.finish())
    assert columnar.manifest.sha256 == recorded.manifest.sha256
    assert columnar.index.statements == 3


def test_entities_in_columns_equal_records(tmp_path: Path) -> None:
    names = {0: "", 1: "Naïve T cell", 2: "two  spaces"}
    categories = ["biolink:Gene", "biolink:Cell"]
    ids = [f"{'ab'[i % 2]}:{i}" for i in range(20_000)]
    rows = [
        (curie, names.get(i % 97, f"Gene {i}"), categories[i % 2]) for i, curie in enumerate(ids)
    ]
    recorded = build_snapshot(
        tmp_path / "records", name="g", schema=Schema(), statements=[],
        entities=[Entity(id=i, name=name, category=category) for i, name, category in rows],
    )  # fmt: skip
    with Build(tmp_path / "columns", "g", Schema()) as build:
        columns = [list(column) for column in zip(*rows, strict=True)]
        build.entities.add_rows(Column.of(columns[0]), Column.of(columns[1]), columns[2])
        columnar = build.finish()
    one, other = (open_snapshot(path) for path in (recorded, columnar))
    assert one.manifest.sha256 == other.manifest.sha256
    assert one.records.entity(5).name == other.records.entity(5).name
    for query in ("SELECT * FROM name", "SELECT * FROM prefix", "SELECT rowid FROM words('gene')"):
        found = []
        for path in (recorded, columnar):
            with closing(sqlite3.connect(path / NAMES)) as database:
                found.append(database.execute(query).fetchall())
        assert found[0] == found[1] != []


def test_rows_are_the_same_where_no_single_key_holds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    nodes = [f"n:{i}" for i in range(40)]
    statements = [
        Statement(
            id=f"S{i}" if i % 2 else "",
            subject=chance.choice(nodes),
            predicate=f"p{chance.randrange(9)}",
            object=chance.choice(nodes),
            negated=i % 7 == 0,
        )
        for i in range(2_000)
    ]
    by_key = graph(tmp_path / "key", *statements)
    # As if entities and predicates were too many for 63 bits, which takes gigabytes to be true.
    monkeypatch.setattr("mechkg.kg.build.statement_columns.KEY_BITS", 1)
    by_columns = graph(tmp_path / "columns", *statements)
    for name in by_key.manifest.files:
        if name.endswith((".npy", ".bin")):
            same = (by_key.path / name).read_bytes() == (by_columns.path / name).read_bytes()
            assert same, name


def test_a_built_graph_is_built_once(tmp_path: Path) -> None:
    first, again = graph(tmp_path, bare("a:1", "a:2")), graph(tmp_path, bare("a:1", "a:2"))
    assert first.path == again.path
    (first.path / "subject.npy").write_bytes(b"")
    with pytest.raises(SnapshotError):
        open_snapshot(first.path)
    assert graph(tmp_path, bare("a:1", "a:2")).records.statement(0).object == "a:2"


def test_a_cancelled_or_failed_build_leaves_nothing(tmp_path: Path) -> None:
    cancel = Cancel()

    def endless():
        number = 0
        while True:
            number += 1
            yield bare("a:1", "a:2", f"S{number}")
            if number == 10_000:
                cancel.cancel()

    with pytest.raises(Cancelled):
        build_snapshot(
            tmp_path, name="g", entities=(), statements=endless(), schema=Schema(), cancel=cancel
        )
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_stage_by_stage(tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    build_snapshot(
        tmp_path,
        name="g",
        entities=[Entity(id="a:1", name="one")],
        statements=[bare("a:1", "a:2")],
        schema=Schema(),
        progress=lambda stage, done, total: told.append((stage, done, total)),
    )
    assert ("reading statements", 1, 1) in told
    assert ("writing entities", 2, 2) in told


KILLED = """
import sys, time
from pathlib import Path
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.values import Statement
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.schema import Schema

def statements():
    for number in range(10**9):
        if number == 20_000:
            print("going", flush=True)
            time.sleep(60)
        yield Statement(id=f"S{number}", subject="a:1", predicate="p", object=f"a:{number}")

build_snapshot(Path(sys.argv[1]), name="g", entities=(), statements=statements(), schema=Schema())
"""


def test_a_killed_build_leaves_nothing_that_opens(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "going\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    left = list(tmp_path.iterdir())
    assert [path.suffix for path in left] == [".tmp"]
    with pytest.raises(SnapshotError):
        open_snapshot(left[0])
    snapshot = graph(tmp_path, bare("a:1", "a:2"))
    assert list(tmp_path.iterdir()) == [snapshot.path]


def test_a_build_leaves_the_workplace_of_another_alone(tmp_path: Path) -> None:
    with Build(tmp_path, "g", Schema()) as slow:
        slow.statements.add(bare("a:1", "a:2"))
        graph(tmp_path, bare("a:2", "a:3"))
        assert open_snapshot(slow.finish()).records.statement(0).subject == "a:1"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", ["missing", "short", "names", "version", "json", "text", "none"])
def test_a_torn_snapshot_is_refused(tmp_path: Path, damage: str) -> None:
    path = graph(tmp_path, bare("a:1", "a:2", "S1")).path
    manifest = path / "manifest.json"
    if damage == "missing":
        (path / "names.sqlite").unlink()
    elif damage == "short":
        array = path / "object.npy"
        array.write_bytes(array.read_bytes()[:-1])
    elif damage == "names":
        names = path / "names.sqlite"
        names.write_bytes(names.read_bytes()[:-1])
    elif damage == "version":
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format_version": 99}))
    elif damage == "json":
        manifest.write_text("{")
    elif damage == "text":
        (path / "schema.json").write_bytes(b"\xff" * (path / "schema.json").stat().st_size)
    else:
        path = tmp_path / "nowhere"
    with pytest.raises(SnapshotError) as caught:
        open_snapshot(path)
    assert caught.value.hint


def test_manifest_tells_sources_and_licences(tmp_path: Path) -> None:
    source = Source(name="Hetionet", version="1.0", licence="CC0-1.0")
    path = build_snapshot(
        tmp_path,
        name="g",
        entities=(),
        statements=[bare("a:1", "a:2")],
        schema=SCHEMA,
        sources=[source],
    )
    manifest = open_snapshot(path).manifest
    assert manifest.sources == (source,)
    assert (manifest.name, manifest.hash) == ("g", path.name)
    assert manifest.sha256.startswith(manifest.hash)


PRIVATE = """
import sys
from pathlib import Path
from mechkg.kg.snapshot.snapshot import open_snapshot

def private():
    text = Path("/proc/self/smaps_rollup").read_text()
    return sum(int(l.split()[1]) for l in text.splitlines() if l.startswith("Private"))

import numpy, sqlite3
before = private()
snapshot = open_snapshot(Path(sys.argv[1]))
print(private() - before, snapshot.index.statements)
"""


def test_opening_maps_the_graph_and_reads_none_of_it(tmp_path: Path) -> None:
    count = 400_000
    with Build(tmp_path, "g", Schema()) as build:
        codes = build.entities.codes(f"n:{i}" for i in range(20_000))
        rng = np.random.default_rng(1)
        subjects, objects = rng.choice(codes, count), rng.choice(codes, count)
        predicate = np.full(count, build.statements.predicates.code("p"), np.uint16)
        build.statements.add_rows(subjects, predicate, objects, np.zeros(count, np.int8))
        path = build.finish()
    size = sum(file.stat().st_size for file in path.iterdir())
    done = subprocess.run(
        [sys.executable, "-c", PRIVATE, str(path)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    kilobytes, statements = map(int, done.stdout.split())
    assert statements > 0.99 * count
    assert size > 10_000_000
    assert kilobytes * 1024 < size / 4
