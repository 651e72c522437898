"""Postings against a scan of the statements."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from mechkg.kg.columns.strings import Texts, TextWriter
from mechkg.kg.model.values import Statement
from mechkg.kg.snapshot.postings import write_postings
from mechkg.kg.snapshot.snapshot import Snapshot
from tests.kg.full_disk import full_disk
from tests.kg.multigraphs import multigraphs, on_snapshot


def terms(statement: Statement) -> set[str]:
    found = {f"modality:{statement.modality}"}
    for q in statement.qualifiers:
        found |= {f"qualifier:{q.type}", f"qualifier:{q.type}={q.value}"}
    for c in statement.context:
        slots = {"species": "species_context_qualifier", "stage": "stage_qualifier"}
        found |= {f"qualifier:{c.type}", f"qualifier:{slots[c.type]}"}
        found |= {f"qualifier:{c.type}={text}" for text in (c.value, c.label) if text}
        found.add(f"qualifier:{slots[c.type]}={c.value}")
    for e in statement.evidence:
        found |= {
            f"evidence:{e.kind}", f"source:{e.source}", f"knowledge_level:{e.knowledge_level}",
            *(f"publication:{p}" for p in e.publications),
        }  # fmt: skip
        if e.location:
            found.add(f"passage:{e.location}")
    return found


@pytest.mark.parametrize("chunk", [1 << 20, 3])
def test_postings_are_those_of_a_scan(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mechkg.kg.snapshot.postings.CHUNK", chunk)

    @given(multigraphs())
    @settings(max_examples=30)
    def holds(statements: list[Statement]) -> None:
        on_snapshot(statements, check)

    def check(snapshot: Snapshot) -> None:
        scanned: dict[str, list[int]] = {}
        for row in range(snapshot.index.statements):
            for term in terms(snapshot.records.statement(row)):
                scanned.setdefault(term, []).append(row)
        postings = snapshot.postings
        plain = scanned.get("modality:asserted", [])
        assert postings.rows("modality:asserted").tolist() == plain
        assert postings.keys() == sorted(scanned.keys() - {"modality:asserted"})
        assert postings.keys("publication:") == sorted(
            t for t in scanned if t.startswith("publication:")
        )
        for term, rows in scanned.items():
            found = postings.rows(term)
            assert (found.tolist(), found.dtype) == (rows, np.int64)

    holds()


def test_an_unknown_term_has_no_rows() -> None:
    def check(snapshot: Snapshot) -> None:
        for term in ("", "evidence:", "evidence:none", "\ud800", "zzz"):
            assert len(snapshot.postings.rows(term)) == 0
        assert snapshot.postings.keys("\ud800") == []

    on_snapshot([], check)


def test_a_disk_that_fills_up_under_postings_is_an_error(tmp_path: Path) -> None:
    with TextWriter(tmp_path, "claims") as writer:
        writer.extend([b"", *(np.int32(term).tobytes() for term in (0, 1))])
    claim = np.arange(10_000, dtype=np.int32) % 2 + 1
    with full_disk(39_000), pytest.raises(OSError, match=r"postings\.npy"):
        write_postings(
            tmp_path, claim, ["evidence:a", "evidence:b"], Texts.open(tmp_path, "claims")
        )
