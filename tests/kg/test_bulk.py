"""Loads as a whole: all or nothing, several sources in one graph, and claims that unite."""

import gc
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.build import builder
from mechkg.kg.build.bare_statements import BareTable
from mechkg.kg.build.builder import Build
from mechkg.kg.build.load import load, warm
from mechkg.kg.build.read_ahead import ahead
from mechkg.kg.build.statement_columns import Columns
from mechkg.kg.build.statement_table import StatementTable
from mechkg.kg.errors import Cancelled, DataError
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.snapshot import open_snapshot
from tests.kg.readers.loading import DATA, read
from tests.kg.temporary import directory

FILES = [DATA / "hetio-nodes.tsv", DATA / "hetio-edges.tsv"]


def test_several_sources_become_one_graph_that_says_who_said_what() -> None:
    found = read(*FILES, DATA / "glia.json", DATA / "drugmechdb-glatiramer.yaml")
    assert [tally.format for tally in found.loaded.files] == [
        "kgx-tsv", "kgx-tsv", "obographs", "drugmechdb"
    ]  # fmt: skip
    assert {e.source for s in found.statements for e in s.evidence} == {
        "hetio-edges.tsv", "glia.owl", "infores:drugmechdb"
    }  # fmt: skip
    assert found.counts.entities == len(found.entities)


def test_a_refused_file_leaves_nothing_behind(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("subject\tpredicate\tobject\na:1\tp\ta:2\na:1\tp\n")
    data = tmp_path / "data"
    with pytest.raises(DataError):
        load([*FILES, bad], data, name="g", schema=biolink_schema())
    assert not data.exists() or not any(data.iterdir())


def test_all_formats_are_told_before_anything_is_read(tmp_path: Path) -> None:
    stages: list[str] = []
    (tmp_path / "x.unknown").write_text("?")
    with pytest.raises(DataError, match="no known suffix"):
        load(
            [*FILES, tmp_path / "x.unknown"], tmp_path, name="g", schema=Schema(),
            progress=lambda stage, _done, _total: stages.append(stage),
        )  # fmt: skip
    assert stages == []


def test_no_file_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file was named"):
        load([], tmp_path, name="g", schema=Schema())


def test_a_load_tells_how_far_it_is_and_stops_when_asked(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    cancel = Cancel()

    def watch(stage: str, done: int, total: int | None) -> None:
        seen.append((stage, done, total))
        if stage.startswith("sorting"):
            cancel.cancel()

    with pytest.raises(Cancelled):
        load(FILES, tmp_path / "d", name="g", schema=Schema(), progress=watch, cancel=cancel)
    size = FILES[1].stat().st_size
    assert ("reading hetio-edges.tsv", size, size) in seen
    assert not (tmp_path / "d").exists()


def test_the_same_files_give_the_same_snapshot(tmp_path: Path) -> None:
    first, second = (
        load(FILES, tmp_path, name="g", schema=biolink_schema()).path for _ in range(2)
    )
    assert first == second
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_the_schema_holds_what_is_used_and_what_stands_above_it() -> None:
    schema = read(DATA / "drugmechdb-glatiramer.yaml").schema
    used = {p.id for p in schema.predicates}
    assert {"treats", "related_to"} & used <= used
    assert "coexpressed_with" not in used
    assert "biolink:NamedThing" in {c.id for c in schema.categories}


@pytest.mark.parametrize("records", [False, True])
def test_statements_are_held_once_while_evidence_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: bool
) -> None:
    path = tmp_path / "edges.csv"
    rows = "".join(f"a:{i},p,b:{i},PMID:{i}\n" for i in range(50))
    path.write_text(f"subject,predicate,object,publications\n{rows}")
    unsorted: list[weakref.ref[object]] = []
    alive: list[bool] = []
    finish, write_claims = StatementTable.finish, builder.write_claims

    def finished(table: StatementTable) -> Columns | BareTable:
        statements = finish(table)
        assert isinstance(statements, Columns)
        unsorted.extend(map(weakref.ref, (statements.subject, statements.object)))
        return statements

    def written(*given: Any) -> int:
        alive.extend(reference() is not None for reference in unsorted)
        return write_claims(*given)

    monkeypatch.setattr(StatementTable, "finish", finished)
    monkeypatch.setattr(builder, "write_claims", written)
    files = [path, DATA / "drugmechdb-glatiramer.yaml"] if records else [path]
    load(files, tmp_path / "data", name="g", schema=biolink_schema())
    assert alive == [False, False]


def test_warming_leaves_nothing_and_can_be_repeated() -> None:
    warm()
    warm()


KINDS = [Evidence(kind="database", source=source) for source in "abc"]
statements = st.lists(
    st.builds(
        Statement,
        id=st.just(""),
        subject=st.sampled_from(["x:1", "x:2"]),
        predicate=st.just("p"),
        object=st.just("x:3"),
        sign=st.sampled_from([None, 1]),
        negated=st.booleans(),
        note=st.sampled_from(["", "n"]),
        evidence=st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=12,
)


@given(statements)
@settings(max_examples=60)
def test_what_is_said_alike_is_one_statement_with_all_evidence(given: list[Statement]) -> None:
    expected: dict[tuple[object, ...], set[Evidence]] = {}
    for s in given:
        key = (s.subject, s.object, s.sign, s.negated, s.note)
        expected.setdefault(key, set()).update(s.evidence)
    with (
        directory() as folder,
        Build(folder, name="g", schema=Schema()) as build,
    ):
        build.statements.unites = True
        for entity in ("x:1", "x:2", "x:3"):
            build.entities.add(Entity(id=entity, name=entity))
        for s in given:
            build.statements.add(s)
        snapshot = open_snapshot(build.finish())
        found = [snapshot.records.statement(row) for row in range(snapshot.index.statements)]
    assert len(found) == len(expected)
    assert {
        (s.subject, s.object, s.sign, s.negated, s.note): set(s.evidence) for s in found
    } == expected


def test_reading_ahead_hands_on_items_and_errors_and_ends_when_left() -> None:
    def failing():
        yield 1
        raise DataError("f", 2, "bad")

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(DataError, match="f, line 2"):
        next(items)
    endless = ahead(iter(int, 1))
    assert next(endless) == 0
    endless.close()


def test_what_is_read_ahead_is_closed_where_it_is_left() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed.set()

    source = endless()
    items = ahead(source)
    assert next(items) == 0
    items.close()
    assert closed.is_set()


def test_an_error_that_was_read_ahead_keeps_nothing_once_it_is_dropped() -> None:
    class Large:
        pass

    seen: list[weakref.ref[Large]] = []

    def failing() -> Iterator[Large]:
        large = Large()
        seen.append(weakref.ref(large))
        yield large
        raise DataError("f", 2, "bad")

    gc.disable()
    try:
        with pytest.raises(DataError) as refused:
            deque(ahead(failing()), maxlen=0)
        assert refused.value.line == 2
        del refused
        assert seen[0]() is None
    finally:
        gc.enable()


@given(st.lists(st.tuples(*(st.integers(0, 40),) * 3), min_size=1, max_size=200))
@settings(max_examples=25)
def test_rows_of_a_table_come_back_sorted_and_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "e.tsv"
    lines = [f"N:{s:02}\tp{p:02}\tN:{o:02}\n" for s, p, o in rows]
    path.write_text("subject\tpredicate\tobject\n" + "".join(lines))
    found = [(s.subject, s.predicate, s.object) for s in read(path).statements]
    assert found == sorted({(f"N:{s:02}", f"p{p:02}", f"N:{o:02}") for s, p, o in rows})
    assert np.all([s.evidence[0].source == "e.tsv" for s in read(path).statements])
