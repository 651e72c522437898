"""The data directory: publishing switches at once, names lead nowhere else."""

import threading
from pathlib import Path

import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import QueryError, SnapshotError
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Statement
from mechkg.kg.snapshot import catalogue as catalogues
from mechkg.kg.snapshot import staging
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot


def version(catalogue: Catalogue, name: str, number: int) -> Path:
    statement = Statement(id=f"V{number}", subject="a:1", predicate="binds", object="a:2")
    return build_snapshot(
        catalogue.directory(name), name=name, entities=(), statements=[statement], schema=Schema()
    )


def test_publishing_sets_the_current_version_and_the_default_graph(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "data")
    with pytest.raises(SnapshotError, match="no graph"):
        catalogue.path()
    first = version(catalogue, "one", 1)
    assert catalogue.names() == []
    catalogue.publish("one", first)
    other = version(catalogue, "two", 1)
    catalogue.publish("two", other, default=False)
    assert catalogue.names() == ["one", "two"]
    assert (catalogue.default(), catalogue.path()) == ("one", first)
    assert catalogue.path("two") == other
    catalogue.publish("two", other)
    assert catalogue.path() == other
    with pytest.raises(SnapshotError, match="one, two"):
        catalogue.path("three")


def test_what_was_published_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Path, set[str]]] = []
    sync = staging.sync

    def noted(path: Path) -> None:
        if path.is_dir():
            seen.append((path, {entry.name for entry in path.iterdir()}))
        sync(path)

    for module in (staging, catalogues):
        monkeypatch.setattr(module, "sync", noted)
    data = tmp_path / "new" / "data"
    catalogue = Catalogue(data)
    made = version(catalogue, "one", 1)
    assert {(path, frozenset(names)) for path, names in seen} >= {
        (tmp_path, frozenset({"new"})), (tmp_path / "new", frozenset({"data"})),
        (data, frozenset({"one"})),
    }  # fmt: skip
    catalogue.publish("one", made)
    assert seen[-2] == (data / "one", {made.name, "current"})
    assert seen[-1] == (data, {"one", "default"})


def test_the_data_directory_may_move(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "data")
    catalogue.publish("one", version(catalogue, "one", 1))
    moved = Catalogue((tmp_path / "data").rename(tmp_path / "elsewhere"))
    assert open_snapshot(moved.path()).records.statement(0).id == "V1"


def test_readers_of_an_old_version_finish_undisturbed(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    catalogue.publish("g", version(catalogue, "g", 1))
    reader = open_snapshot(catalogue.path("g"))
    old = reader.manifest.hash
    catalogue.publish("g", version(catalogue, "g", 2))
    assert len(list((tmp_path / "g").iterdir())) == 3
    size = sum(p.stat().st_size for p in (tmp_path / "g" / old).rglob("*") if p.is_file())
    assert catalogue.old("g") == {old: size}
    assert catalogue.remove_old("g") == {old: size}
    assert catalogue.remove_old("g") == {}
    assert len(list((tmp_path / "g").iterdir())) == 2
    assert reader.records.statement(0).id == "V1"
    assert reader.records.statement_row("V1") == 0
    assert open_snapshot(catalogue.path("g")).records.statement(0).id == "V2"


def test_a_version_that_is_about_to_be_published_is_not_removed(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    catalogue.publish("g", version(catalogue, "g", 1))
    fresh = version(catalogue, "g", 2)
    assert catalogue.remove_old("g") == {}
    catalogue.publish("g", fresh)
    assert catalogue.path("g") == fresh


def test_a_switch_is_never_seen_half_done(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    versions = [version(catalogue, "g", number) for number in (1, 2)]
    catalogue.publish("g", versions[0])
    stop = threading.Event()

    def switch() -> None:
        while not stop.is_set():
            for path in versions:
                catalogue.publish("g", path)

    thread = threading.Thread(target=switch)
    thread.start()
    try:
        seen = {open_snapshot(catalogue.path()).manifest.hash for _ in range(300)}
    finally:
        stop.set()
        thread.join()
    assert seen <= {path.name for path in versions}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["default", "g"]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "/etc", "a\x00", "a\n", "current", "default", "-x", ".hidden",
     "a" * 65, "é", "a b", "a\\b"],
)  # fmt: skip
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    catalogue = Catalogue(tmp_path)
    for ask in (catalogue.directory, catalogue.path, catalogue.remove_old):
        with pytest.raises(QueryError):
            ask(name)
    with pytest.raises(QueryError):
        catalogue.publish(name, tmp_path)


def test_only_a_snapshot_of_the_graph_is_published(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    foreign = version(catalogue, "one", 1)
    (tmp_path / "two" / "empty").mkdir(parents=True)
    for path in (foreign, tmp_path / "two" / "empty", tmp_path / "two" / "missing"):
        with pytest.raises(SnapshotError):
            catalogue.publish("two", path)
    assert catalogue.names() == []
