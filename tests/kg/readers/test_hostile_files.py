"""Files that are broken in ways of their own: a sentence that names them, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mechkg.kg.errors import MechKGError
from mechkg.kg.readers.tables import MAX_COLUMNS
from tests.kg.readers.loading import read

COLUMNS = ("subject", "predicate", "object")
ROW = ("X:1", "biolink:affects", "X:2")


def table(width: int) -> bytes:
    names = (*COLUMNS, *(f"c{n}" for n in range(width - len(COLUMNS))))
    return "\n".join(("\t".join(names), "\t".join((*ROW, *["v"] * (width - 3))), "")).encode()


BROKEN = {
    "graph.json": (b'{"graphs":[{"nodes":[{"id":"http://a/\xff","lbl":"x"}]}]}', "utf-8"),
    "label.json": (b'{"graphs":[{"nodes":[{"id":"http://a/b","lbl":"\xc3("}]}]}', "utf-8"),
    "terms.json": (b'[{"id":"CL:0000540","label":"\xff"}]', "json"),
    "kgx.json": (b'{"nodes":[{"id":"X:1","name":"\xff"}],"edges":[]}', "json"),
    "wide.tsv": (table(MAX_COLUMNS + 1), "at most 100,000"),
    "return.csv": (b"subject,pre\rdicate,object\nX:1,biolink:affects,X:2\n", "return.csv"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    content, said = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MechKGError) as raised:
        read(path)
    assert said in str(raised.value).casefold()
    assert name in str(raised.value)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.tsv"
    os.mkfifo(path)
    with pytest.raises(MechKGError, match="it is a pipe"):
        read(path)
