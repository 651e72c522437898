"""Damage to a snapshot is seen: no bit that a disk has lost gives an answer."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import msgspec
import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import SnapshotError
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Qualifier, Statement
from mechkg.kg.snapshot.snapshot import MANIFEST, Manifest, open_snapshot, verify_snapshot

FLIPS = 5
"""Bits of each file that are turned over, one at a time."""


def build(data: Path, count: int = 12) -> Path:
    entities = [Entity(id=f"X:{n}", name=f"thing {n}", synonyms=(f"t{n}",)) for n in range(count)]
    statements = [
        Statement(
            id=f"S{n}", subject=f"X:{n}", predicate="affects", object=f"X:{(n + 1) % count}",
            sign=(1, -1, 0, None)[n % 4], effect=("raises", "lowers", "none", "unknown")[n % 4],
            qualifiers=(Qualifier("dose", f"{n} mg"),) if n % 2 else (),
            evidence=(Evidence(kind="publication", source="a", publications=(f"PMID:{n}",)),),
        )
        for n in range(count)
    ]  # fmt: skip
    return build_snapshot(
        data, name="own", entities=entities, statements=statements, schema=Schema()
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("whole"))


def files(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.stat().st_size)


def opening(path: Path) -> str:
    """Return what is said against a snapshot, nothing if it opens."""
    try:
        open_snapshot(path)
    except SnapshotError as error:
        return str(error)
    return ""


def test_one_bit_turned_over_in_any_file_is_seen(whole: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    manifest = open_snapshot(whole).manifest
    chance = random.Random(7)
    tried = unchanged = 0
    for file in files(copy):
        written = file.read_bytes()
        for _ in range(FLIPS):
            bit = chance.randrange(8 * len(written))
            turned = bytearray(written)
            turned[bit // 8] ^= 1 << bit % 8
            file.write_bytes(turned)
            tried += 1
            said = opening(copy)
            assert file.name in said or file.name == MANIFEST
            if not said:  # a blank of the manifest became another blank
                assert msgspec.json.decode(bytes(turned), type=Manifest) == manifest
                unchanged += 1
        file.write_bytes(written)
    assert tried == FLIPS * len(files(copy)) > 30 * FLIPS
    assert unchanged <= FLIPS
    assert open_snapshot(copy).manifest == manifest


@pytest.mark.parametrize("damage", ["zeroed", "cut", "gone", "exchanged"])
def test_other_damage_is_seen(whole: Path, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    other = build(tmp_path / "other", 13)
    for file in files(copy):
        written = file.read_bytes()
        changed = {
            "zeroed": bytes(min(4096, len(written))) + written[4096:],
            "cut": written[: len(written) // 2],
            "exchanged": (other / file.name).read_bytes(),
        }.get(damage, b"")
        if changed == written:
            continue
        file.unlink() if damage == "gone" else file.write_bytes(changed)
        with pytest.raises(SnapshotError):
            open_snapshot(copy)
        file.write_bytes(written)


def test_large_files_are_left_to_a_verification(whole: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    large = copy / "names.sqlite"
    written = large.read_bytes()
    large.write_bytes(written[:-1] + bytes([written[-1] ^ 1]))
    open_snapshot(copy, check_bytes=0)
    for found in (lambda: verify_snapshot(copy), lambda: open_snapshot(copy)):
        with pytest.raises(SnapshotError, match=large.name):
            found()
    large.write_bytes(written)
    assert verify_snapshot(copy) == sum(open_snapshot(copy).manifest.files.values())


def test_a_build_replaces_a_version_that_is_torn(tmp_path: Path) -> None:
    path = build(tmp_path)
    sign = path / "sign.npy"
    written = sign.read_bytes()
    sign.write_bytes(written[:-1] + bytes([written[-1] ^ 1]))
    assert build(tmp_path) == path
    assert sign.read_bytes() == written
