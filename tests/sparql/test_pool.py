"""The processes that evaluate queries end with the pool that started them."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pyoxigraph
import pytest

from mechkg.ontology.sparql.pool import Limits, Pool, Question


def test_a_pool_that_is_dropped_leaves_no_process(tmp_path: Path) -> None:
    pyoxigraph.Store(str(tmp_path / "store")).flush()
    before = set(children())
    pool = Pool(1, Limits())
    assert b"true" in pool.ask(Question(store=str(tmp_path / "store"), query="ASK {}")).body
    (started,) = set(children()) - before
    del pool
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(started, 0)


def children() -> list[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(number) for number in path.read_text().split()]
