"""Backups: consistent while curators edit, verified when restored, never written over anything."""

import io
import json
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mechkg.kg.curation.backup import backup, restore
from mechkg.kg.curation.changes import CorrectStatement, RetractStatement, StatementFields
from mechkg.kg.curation.log import LOG, read_log
from mechkg.kg.curation.store import Curation
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.errors import DataError, MechKGError, QueryError, SnapshotError
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from tests.kg.test_curation import accept, curated, held


def noted(note: str) -> CorrectStatement:
    return CorrectStatement(id="S1", set=StatementFields(note=note))


def statements(data: Path) -> dict:
    return held(open_snapshot(Catalogue(data).path("lab")))


def test_what_is_restored_is_what_was_there_and_takes_changes(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "lab.tar"
    curation = curated(here)
    first = accept(curation, noted("one"))
    curation.propose([RetractStatement(id="S2")], author="ada", reason="maybe")
    (kept,) = backup(here, file)
    assert (kept.name, kept.version, kept.changes) == ("lab", first.version, 2)
    assert file.stat().st_mode & 0o077 == 0
    before = statements(here)
    accept(curation, noted("two"))
    assert restore(file, there) == (kept,)
    assert statements(there) == before
    assert Catalogue(there).default() == "lab"
    again = Curation(there, "lab")
    assert list(again.ledger.changesets) == ["1", "2"]
    again.accept("2", reviewer="bob")
    again.undo("1", author="bob", reason="back", accept=True)
    assert statements(there)["S1"].note == ""
    assert sorted(p.name for p in here.rglob("*.tmp")) == []
    assert sorted(p.name for p in there.rglob(".restore*")) == []


def test_a_backup_beside_curators_and_pruning_is_consistent(tmp_path: Path) -> None:
    here = tmp_path / "here"
    curated(here)
    accept(Curation(here, "lab"), noted("begun"))
    done, faults = threading.Event(), []

    def edit() -> None:
        curation, number = Curation(here, "lab"), 0
        while not done.is_set():
            number += 1
            accept(curation, noted(f"n{number}"))
            done.wait(0.005)  # so that others get the lock of the log

    def prune() -> None:
        while not done.is_set():
            try:
                Catalogue(here).remove_old("lab")
            except (MechKGError, OSError) as error:
                faults.append(error)
            done.wait(0.002)

    threads = [threading.Thread(target=work) for work in (edit, prune)]
    for thread in threads:
        thread.start()
    try:
        files = [tmp_path / f"{number}.tar" for number in range(4)]
        held_ = [backup(here, file)[0] for file in files]
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert faults == []
    for file, kept in zip(files, held_, strict=True):
        there = tmp_path / file.stem
        restore(file, there)
        ledger = Curation(there, "lab").ledger
        assert ledger.head is not None
        assert ledger.head.version == kept.version == Catalogue(there).path("lab").name
        (edit_,) = (e for e in ledger.head.edits if "S1" in e.names)
        assert statements(there)["S1"] == edit_.statement_after


def test_what_a_killed_restore_left_is_cleared_away(tmp_path: Path) -> None:
    first = tmp_path / "first"
    curated(first)
    backup(first, tmp_path / "file")
    second = tmp_path / "second"
    for left in (".restore-a.tmp", "build-b.tmp"):
        (second / left / "lab").mkdir(parents=True)
    restore(tmp_path / "file", second)
    assert not list(second.glob("*.tmp"))
    assert Catalogue(second).names() == Catalogue(first).names()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    here, file = tmp_path / "here", tmp_path / "lab.tar"
    curated(here)
    backup(here, file)
    whole = file.read_bytes()
    with pytest.raises(QueryError, match="exists already"):
        backup(here, file)
    assert file.read_bytes() == whole
    with pytest.raises(QueryError, match="taken"):
        restore(file, here)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "lab").symlink_to(tmp_path / "nowhere")
    with pytest.raises(QueryError, match="taken"):
        restore(file, tmp_path / "other")
    with pytest.raises(QueryError, match="is not in"):
        restore(file, tmp_path / "new", ["x"])
    with pytest.raises(SnapshotError):
        backup(tmp_path / "empty", tmp_path / "x.tar")
    with pytest.raises(MechKGError):
        backup(here, tmp_path / "x.tar", ["../lab"])
    assert not (tmp_path / "x.tar").exists()
    assert not (tmp_path / "empty").exists()


def test_tokens_come_along_only_where_they_are_asked_for(tmp_path: Path) -> None:
    here = tmp_path / "here"
    curated(here)
    secret = Tokens(here).add("ada", "accept")
    backup(here, tmp_path / "bare.tar")
    backup(here, tmp_path / "full.tar", tokens=True)
    for name, tokens, known in (
        ("bare", True, False),
        ("full", False, False),
        ("full", True, True),
    ):
        there = tmp_path / f"{name}-{tokens}"
        restore(tmp_path / f"{name}.tar", there, tokens=tokens)
        assert (Tokens(there).find(secret) is not None) == known
    path = tmp_path / "full-True" / ".tokens.json"
    assert path.stat().st_mode & 0o077 == 0


def rewritten(file: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    with tarfile.open(file) as archive:
        members = [(m, archive.extractfile(m).read()) for m in archive]  # type: ignore[union-attr]
    change(members)
    with tarfile.open(file, "w") as archive:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content))


def evil(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


def listing(change: Callable[[dict], None]) -> Callable[[list], None]:
    def work(members: list) -> None:
        index = json.loads(members[0][1])
        change(index)
        members[0] = members[0][0], json.dumps(index).encode()

    return work


def moved(index: dict) -> None:
    name = next(name for name in index["files"] if name.endswith("manifest.json"))
    index["files"]["lab/../../evil"] = index["files"].pop(name)


def renamed(index: dict) -> None:
    index["graphs"][0]["name"] = "../evil"


HOSTILE: list[Callable[[list], None]] = [
    lambda members: members.append((evil("../evil"), b"x")),
    lambda members: members.append((evil("/tmp/evil"), b"x")),
    lambda members: members.append((evil("lab/link", tarfile.SYMTYPE, "/etc"), b"")),
    lambda members: members.append((evil("lab/dev", tarfile.CHRTYPE), b"")),
    lambda members: members.pop(),
    lambda members: members.pop(0),
    lambda members: members.insert(0, members[1]),
    listing(moved),
    listing(renamed),
    listing(lambda index: index.update(format=99)),
    listing(lambda index: index["graphs"][0].update(version="0123456789ab")),
]


@pytest.mark.parametrize("change", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_archive_writes_nothing(tmp_path: Path, change: Callable[[list], None]) -> None:
    here, file = tmp_path / "here", tmp_path / "lab.tar"
    accept(curated(here), noted("one"))
    backup(here, file)
    rewritten(file, change)
    with pytest.raises(MechKGError):
        restore(file, tmp_path / "there")
    found = {p.name for p in tmp_path.iterdir()} - {"there"}
    assert found == {"here", "lab.tar"}
    assert list((tmp_path / "there").glob("**/*")) == [] or not (tmp_path / "there").exists()


def test_a_changed_byte_is_seen(tmp_path: Path) -> None:
    here, file = tmp_path / "here", tmp_path / "lab.tar"
    accept(curated(here), noted("one"))
    backup(here, file)
    whole = file.read_bytes()
    with tarfile.open(file) as archive:
        members = [m for m in archive if m.size]
    chosen = [m for m in members if m.name.endswith((".json", ".log"))] + members[::8]
    spans = [(m.name, m.offset_data, m.size) for m in chosen]
    for number, (_, start, size) in enumerate(spans):
        at = start + size // 2
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(MechKGError):
            restore(file, tmp_path / f"there-{number}")
    for cut in (0, 100, len(whole) // 2):
        file.write_bytes(whole[:cut])
        with pytest.raises(DataError):
            restore(file, tmp_path / f"cut-{cut}")


def test_old_versions_are_kept_by_count_age_and_pin(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    versions = [accept(curation, noted(f"n{number}")).version for number in range(5)]
    catalogue = Catalogue(tmp_path)
    old = set(catalogue.old("lab"))
    assert versions[-1] not in old
    assert old >= set(versions[:-1])
    assert set(catalogue.old("lab", keep=2)) == old - set(versions[2:4])
    assert catalogue.old("lab", days=1) == {}
    assert catalogue.pin("lab", versions[0][:8]) == versions[0]
    for wrong in ("ffffffff", versions[0][:4], "../../etc", ""):
        with pytest.raises(QueryError):
            catalogue.pin("lab", wrong)
    removed = catalogue.remove_old("lab", keep=1)
    assert set(removed) == old - {versions[0], versions[3]}
    assert open_snapshot(tmp_path / "lab" / versions[0]).manifest.hash == versions[0]
    catalogue.pin("lab", versions[0], keep=False)
    assert catalogue.pinned("lab") == []
    assert set(catalogue.remove_old("lab")) == {versions[0], versions[3]}
    assert read_log(tmp_path / "lab" / LOG).torn == 0
