"""Source files: compressions, and every way in which one can be broken."""

import bz2
import gzip
import lzma
import os
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.errors import Cancelled, DataError
from mechkg.kg.readers.files import SourceFile, zstd

PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": partial(zstd.compress, options={zstd.CompressionParameter.checksum_flag: 1}),
    "plain": bytes,
}


def file(folder: Path, data: bytes, name: str = "edges.tsv") -> SourceFile:
    path = folder / name
    path.write_bytes(data)
    return SourceFile(path)


@pytest.mark.parametrize("how", PACKERS)
def test_compression_is_told_by_the_first_bytes_whatever_the_name(tmp_path: Path, how: str) -> None:
    text = b"subject\tpredicate\tobject\n" * 1000
    source = file(tmp_path, PACKERS[how](text), "edges.whatever")
    assert b"".join(source.chunks()) == text
    assert source.head() == text[: 1 << 16]
    assert source.document() == text
    assert source.stream().read() == text


@pytest.mark.parametrize("how", ["gz", "bz2", "xz", "zst"])
def test_members_behind_each_other_are_one_file(tmp_path: Path, how: str) -> None:
    pack = PACKERS[how]
    assert b"".join(file(tmp_path, pack(b"one\n") + pack(b"two\n")).chunks()) == b"one\ntwo\n"


@pytest.mark.parametrize("how", ["gz", "bz2", "xz", "zst"])
def test_a_cut_file_is_refused(tmp_path: Path, how: str) -> None:
    packed = PACKERS[how](os.urandom(5000))
    with pytest.raises(DataError, match="end before their end"):
        b"".join(file(tmp_path, packed[:-20]).chunks())


@pytest.mark.parametrize("how", ["gz", "bz2", "xz", "zst"])
def test_a_damaged_file_is_refused(tmp_path: Path, how: str) -> None:
    packed = bytearray(PACKERS[how](b"subject\tpredicate\tobject\n" * 100))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(DataError, match=r"broken|end before|something else"):
        b"".join(file(tmp_path, bytes(packed)).chunks())


def test_what_follows_a_compressed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="something else after the gzip data"):
        b"".join(file(tmp_path, gzip.compress(b"one\n") + b"plain text").chunks())


def test_a_bomb_is_refused_long_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zstd.compress(bytes(1 << 29))
    with pytest.raises(DataError, match="grows more than 1000 times"):
        for _ in file(tmp_path, bomb).chunks():
            pass


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.tsv: the file cannot be read \(No such file"):
        SourceFile(tmp_path / "none.tsv")
    with pytest.raises(DataError, match="cannot be read"):
        list(SourceFile(tmp_path).chunks())


def test_text_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    source = file(tmp_path, b"a\nb\n" + "caf\u00e9".encode("latin-1") + b"\n")
    with pytest.raises(DataError, match=r"line 3: the text is not UTF-8 \(byte 0xE9\)") as refused:
        list(source.blocks())
    assert refused.value.line == 3


def test_a_document_past_its_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="larger than 0 MiB"):
        file(tmp_path, b"x" * 100).document(limit=99)


@given(st.lists(st.text(st.characters(exclude_characters="\n\ufeff", exclude_categories=["Cs"]),
                        max_size=20), max_size=50), st.integers(1, 64))  # fmt: skip
@settings(max_examples=50)
def test_blocks_hold_whole_lines_and_know_their_numbers(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], size: int
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    text = "\n".join(lines).encode()
    found = []
    for block in file(folder, text).blocks(size):
        assert block.data.endswith(b"\n")
        assert block.line == len(found) + 1
        assert block.lines == block.data.count(b"\n")
        found += block.data.split(b"\n")[:-1]
    expected = text.split(b"\n")
    assert found == (expected if expected[-1] else expected[:-1])


def test_progress_goes_to_the_size_of_the_file_and_may_stop_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(3 << 20))
    seen: list[tuple[int, int]] = []
    list(SourceFile(path, lambda done, size: seen.append((done, size))).chunks())
    assert seen[-1] == (3 << 20, 3 << 20)
    assert seen == sorted(seen)

    def stop(_done: int, _size: int) -> None:
        raise Cancelled("The load was stopped; nothing was changed.")

    with pytest.raises(Cancelled):
        list(SourceFile(path, stop).chunks())
