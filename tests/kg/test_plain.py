"""Bare statements that do not fit into memory give the snapshot that they give within it."""

import os
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.build import builder
from mechkg.kg.build.bare_statements import BareTable
from mechkg.kg.build.external_sort import Buckets
from mechkg.kg.build.load import load
from mechkg.kg.build.statement_columns import Columns
from mechkg.kg.columns.npy import ArrayWriter, constant, write_all, write_array
from mechkg.kg.errors import Cancelled, LoadRefused
from mechkg.kg.model.schema import Schema
from mechkg.kg.progress import Cancel, Watch
from mechkg.kg.snapshot import staging
from mechkg.kg.snapshot.snapshot import open_snapshot
from tests.kg.full_disk import full_disk
from tests.kg.readers.loading import DATA
from tests.kg.temporary import directory

HEAD = "subject,predicate,object\n"
FILES = [DATA / "hetio-nodes.tsv", DATA / "hetio-edges.tsv"]

ends = st.integers(0, 30).map(lambda number: f"N:{number}")
rows = st.lists(st.tuples(ends, st.sampled_from("pqr"), ends), min_size=1, max_size=80)


def kept(*files: Path, **bounds: int) -> dict[str, bytes]:
    """Load files with some bounds lowered and return all that is then on the disk."""
    with pytest.MonkeyPatch.context() as patch, directory() as folder:
        for name, value in bounds.items():
            patch.setattr(name.replace("__", "."), value)
        path = load(files, folder, name="g", schema=Schema()).path
        assert [entry.name for entry in folder.iterdir()] == [path.name]
        assert not list(path.glob("spool*"))
        return {file.name: file.read_bytes() for file in path.iterdir()}


BUILD = "mechkg__kg__build__"
IN_FILES = {
    f"{BUILD}bare_statements__MOST_HELD": 6,
    f"{BUILD}external_sort__MOST_IN_BUCKET": 5,
    f"{BUILD}bare_statements__EVERY": 3,
}
BY_COLUMNS = {f"{BUILD}statement_columns__KEY_BITS": 1}


@given(rows)
@settings(max_examples=60)
def test_buckets_in_files_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "e.csv"
    path.write_text(HEAD + "".join(f"{','.join(row)}\n" for row in rows))
    batches = {"mechkg__kg__readers__tables__CSV_ROWS": 7}
    expected = kept(path)
    assert kept(path, **IN_FILES, **batches) == expected
    assert kept(path, **{f"{BUILD}external_sort__MOST_IN_BUCKET": 3}, **batches) == expected
    assert kept(path, **BY_COLUMNS, **batches) == expected


def test_a_real_table_gives_the_same_bytes_in_either_way() -> None:
    expected = kept(*FILES)
    assert kept(*FILES, **IN_FILES) == expected
    assert kept(*FILES, **BY_COLUMNS) == expected


def test_bare_statements_are_kept_when_others_join_them(tmp_path: Path) -> None:
    plain, rich = tmp_path / "plain.csv", tmp_path / "rich.csv"
    plain.write_text(HEAD + "".join(f"a:{i},p,a:{i + 1}\n" for i in range(40)))
    rich.write_text("subject,predicate,object,publications\na:1,p,a:2,PMID:1\na:9,q,a:8,\n")
    expected = kept(plain, rich)
    assert kept(plain, rich, **IN_FILES) == expected
    with directory() as folder:
        snapshot = open_snapshot(load([plain, rich], folder, name="g", schema=Schema()).path)
        found = [snapshot.records.statement(row) for row in range(snapshot.index.statements)]
    assert len(found) == 41
    joined = next(s for s in found if s.subject == "a:1")
    assert {e.source for e in joined.evidence} == {"plain.csv", "rich.csv"}


def test_more_statements_than_rows_can_count_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mechkg.kg.build.bare_statements.MOST_STATEMENTS", 10)
    path = tmp_path / "many.csv"
    path.write_text(HEAD + "".join(f"a:{i},p,a:{i + 1}\n" for i in range(10)))
    assert kept(path)
    path.write_text(path.read_text() + "a:0,p,a:1\n")
    with pytest.raises(LoadRefused, match=r"many\.csv: there are more than 10 statements"):
        kept(path)


def test_an_entity_with_most_of_the_statements_is_no_obstacle(tmp_path: Path) -> None:
    star = tmp_path / "star.csv"
    star.write_text(HEAD + "".join(f"hub:0,p,a:{i}\na:{i},q,hub:0\n" for i in range(50)))
    assert kept(star, **IN_FILES) == kept(star)


def test_a_build_that_fails_beside_the_sorting_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on the disk")

    monkeypatch.setattr("mechkg.kg.build.bare_statements.MOST_HELD", 6)
    monkeypatch.setattr(builder, "write_entities", fail)
    with pytest.raises(OSError, match="no space left"):
        load(FILES, tmp_path / "data", name="g", schema=Schema())
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("stage", ["sorting statements", "writing the index"])
def test_sorting_stops_when_asked_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    cancel = Cancel()
    told: list[str] = []

    class Watching(Watch):
        __slots__ = ()

        def __call__(self, at: str, done: int, total: int | None) -> None:
            told.append(at)
            if at == stage:
                cancel.cancel()
            super().__call__(at, done, total)

    monkeypatch.setattr("mechkg.kg.build.bare_statements.MOST_HELD", 6)
    monkeypatch.setattr(builder, "Watch", Watching)
    with pytest.raises(Cancelled):
        load(FILES, tmp_path / "data", name="g", schema=Schema(), cancel=cancel)
    assert told[-1] == stage
    assert not (tmp_path / "data").exists()


def test_work_that_nobody_waits_for_ends() -> None:
    watch = Watch()
    watch("sorting", 1, 2)
    watch.close()
    with pytest.raises(Cancelled):
        watch("sorting", 2, 2)
    assert watch.seen == ("sorting", 1, 2)


@pytest.mark.parametrize("held", [1 << 24, 6])
def test_every_byte_is_synced_before_the_snapshot_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    synced: list[tuple[str, bytes]] = []
    sync = staging.sync

    def noted(path: Path) -> None:
        synced.append((path.name, path.read_bytes() if path.is_file() else b"a directory"))
        sync(path)

    monkeypatch.setattr("mechkg.kg.build.bare_statements.MOST_HELD", held)
    monkeypatch.setattr(staging, "sync", noted)
    path = load(FILES, tmp_path, name="g", schema=Schema()).path
    written = {file.name: file.read_bytes() for file in path.iterdir()}
    assert dict(synced[:-2]) == written
    assert len(synced[:-2]) == len(written)
    assert synced[-2][0].endswith(".tmp")
    assert synced[-1] == (tmp_path.name, b"a directory")


def test_a_write_that_falls_short_is_gone_on_with(tmp_path: Path) -> None:
    class Slow(FileIO):
        def write(self, data: bytes, /) -> int:
            return super().write(memoryview(data)[:3])

    with Slow(tmp_path / "file", "wb") as file:
        write_all(file, memoryview(b"more than three bytes"))
    assert (tmp_path / "file").read_bytes() == b"more than three bytes"


def bare(count: int) -> Columns:
    number = np.arange(count, dtype=np.int32)
    return Columns(
        number, np.zeros(count, np.uint16), number, np.zeros(count, np.int8),
        constant(0.5, np.float32, count), *(constant(0, np.uint8, count) for _ in range(2)),
        constant(0, np.uint16, count), *(constant(0, np.int32, count) for _ in range(2)),
    )  # fmt: skip


def test_no_last_bytes_are_lost_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mechkg.kg.build.bare_statements.MOST_HELD", 1)
    array = np.arange(10_000, dtype=np.int32)
    with full_disk(40_000), pytest.raises(OSError, match=r"array\.npy"):
        write_array(tmp_path / "array.npy", array)
    with full_disk(100), pytest.raises(OSError, match=r"empty\.npy"):
        write_array(tmp_path / "empty.npy", array[:0])
    with full_disk(99_000), pytest.raises(OSError, match="spool_triples"):
        BareTable(tmp_path).take(bare(10_000))


def test_a_spool_that_lost_its_end_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mechkg.kg.build.bare_statements.MOST_HELD", 1)
    table = BareTable(tmp_path)
    assert table.take(bare(10))
    buckets = Buckets((np.int64, np.int32), np.array([5]), tmp_path, "b")
    buckets.add(np.arange(10), np.arange(10, dtype=np.int32))
    for name in ("spool_triples", "spool_b_1_1"):
        os.truncate(tmp_path / name, (tmp_path / name).stat().st_size - 1)
    with pytest.raises(OSError, match="spool_triples holds 9 of 10 items"):
        list(table.batches())
    assert buckets.taken(0)[1].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(OSError, match="spool_b_1_1 holds 4 of 5 items"):
        buckets.taken(1)


@pytest.mark.parametrize("lengths", [[], [0], [3], [2, 0, 5], [70_000, 70_000]])
def test_a_file_written_in_pieces_is_the_one_that_numpy_writes(
    tmp_path: Path, lengths: list[int]
) -> None:
    pieces = [np.arange(length, dtype=np.uint16) for length in lengths]
    with ArrayWriter(tmp_path / "pieces.npy", np.uint16) as writer:
        for piece in pieces:
            writer.add(piece)
    np.save(tmp_path / "whole.npy", np.concatenate([np.empty(0, np.uint16), *pieces]))
    assert (tmp_path / "pieces.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
    write_array(tmp_path / "at_once.npy", np.load(tmp_path / "whole.npy"))
    assert (tmp_path / "at_once.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()
