"""Changesets: what they make of a graph, what they refuse, and that none is lost."""

import logging
import random
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.curation.changes import (
    AddEntity,
    AddStatement,
    Change,
    CorrectEntity,
    CorrectStatement,
    DenyStatement,
    DisputeStatement,
    EntityFields,
    RetractEntity,
    RetractStatement,
    StatementFields,
)
from mechkg.kg.curation.log import LOG, read_log
from mechkg.kg.curation.store import Curation, fork
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.errors import (
    EditConflict,
    MechKGError,
    QueryError,
    SnapshotError,
    SnapshotGone,
    StaleBase,
    UnknownEntity,
    UnknownTerm,
)
from mechkg.kg.model.values import Evidence, Qualifier, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot, verify_snapshot
from tests.kg.crash_rounds import run_apart
from tests.kg.multigraphs import NODES, built, multigraphs
from tests.kg.temporary import directory

PAPER = (Evidence(kind="literature", source="infores:pubmed", publications=("PMID:1",)),)
OTHER = (Evidence(kind="literature", source="infores:pubmed", publications=("PMID:2",)),)


def statement(subject: str, predicate: str, obj: str, identifier: str = "", **more) -> Statement:
    return Statement(
        id=identifier, subject=subject, predicate=predicate, object=obj, evidence=PAPER, **more
    )


BASE = [
    statement("X:a", "promotes", "X:b", "S1", sign=1),
    statement("X:b", "inhibits", "X:c", "S2", sign=-1),
    statement("X:c", "binds", "X:d", sign=0),
    statement("X:a", "affects", "X:d"),
    statement("X:b", "promotes", "X:d", "I1", sign=1, derived_from=("S1", "S2")),
]


def curated(data: Path, statements: Sequence[Statement] = BASE) -> Curation:
    path = built(data / "lab", list(statements))
    Catalogue(data).publish("lab", path.path)
    return Curation(data, "lab")


def current(data: Path) -> Snapshot:
    return open_snapshot(Catalogue(data).path("lab"))


def held(snapshot: Snapshot) -> dict[str, Statement]:
    records = snapshot.records
    return {s.id: s for s in (records.statement(row) for row in range(snapshot.index.statements))}


def accept(curation: Curation, *changes: Change, **more):
    return curation.propose(changes, author="ada", reason="because", accept=True, **more)


def test_each_kind_of_change_does_what_it_says(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    accept(
        curation, CorrectStatement(id="S1", set=StatementFields(effect="lowers", hedge="reported"))
    )
    found = held(current(tmp_path))["S1"]
    assert (found.effect, found.sign, found.hedge, found.evidence) == (
        "lowers",
        -1,
        "reported",
        PAPER,
    )
    accept(curation, DisputeStatement(id="S2", evidence=OTHER, note="not in rats"))
    disputed = held(current(tmp_path))["S2"]
    assert (disputed.hedge, disputed.evidence, disputed.note) == (
        "contested",
        PAPER + OTHER,
        "not in rats",
    )
    accept(curation, DenyStatement(id="X:c~binds~X:d", evidence=OTHER))
    after = held(current(tmp_path))
    denials = [s for s in after.values() if s.negated]
    assert [(s.subject, s.predicate, s.object, s.evidence) for s in denials] == [
        ("X:c", "binds", "X:d", OTHER)
    ]
    assert "X:c~binds~X:d" in after
    accept(curation, RetractStatement(id="X:a~affects~X:d"))
    assert "X:a~affects~X:d" not in held(current(tmp_path))
    accept(
        curation,
        AddEntity(id="cl:0000540", name="neuron", category="Neuron", synonyms=("nerve cell",)),
        AddStatement(subject="X:a", predicate="promotes", object="CL:0000540", evidence=PAPER,
                     qualifiers=(Qualifier("species", "rat"),)),
    )  # fmt: skip
    snapshot = current(tmp_path)
    (added,) = (s for s in held(snapshot).values() if s.object == "CL:0000540")
    assert (added.effect, added.evidence) == ("raises", PAPER)
    row = snapshot.records.entity_row("CL:0000540")
    assert row is not None
    assert snapshot.records.entity(row).category == "biolink:Neuron"
    assert snapshot.names.ground("nerve cell", "source") == row
    accept(curation, CorrectEntity(id="CL:0000540", set=EntityFields(name="Neuron")))
    accept(curation, RetractStatement(id=added.id), RetractEntity(id="CL:0000540"))
    assert current(tmp_path).records.entity_row("CL:0000540") is None
    verify_snapshot(Catalogue(tmp_path).path("lab"))


def test_what_is_inferred_from_an_edited_statement_goes_and_comes_back_with_it(
    tmp_path: Path,
) -> None:
    curation = curated(tmp_path)
    accept(curation, CorrectStatement(id="X:a~affects~X:d", set=StatementFields(effect="raises")))
    assert "I1" in held(current(tmp_path))
    before = Catalogue(tmp_path).path("lab").name
    done = accept(curation, RetractStatement(id="S1"))
    assert [e.names for e in done.edits] == [("S1",), ("I1",)]
    assert "I1" not in held(current(tmp_path))
    undone = curation.undo(done.id, author="ada", reason="wrong", accept=True)
    assert undone.version == before
    assert held(current(tmp_path))["I1"].derived_from == ("S1", "S2")


def test_undo_leads_back_to_the_version_before(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    first = accept(curation, RetractStatement(id="S2"))
    second = accept(
        curation,
        CorrectStatement(
            id="X:a~affects~X:d", set=StatementFields(effect="lowers"), evidence=OTHER
        ),
        AddEntity(id="X:new", name="new"),
    )
    undone = curation.undo(second.id, author="bob", reason="a slip", accept=True)
    assert (undone.version, undone.undoes) == (first.version, second.id)
    redone = curation.undo(undone.id, author="bob", reason="no slip", accept=True)
    assert redone.version == second.version
    (renamed,) = (e.statement_after.id for e in second.edits if e.statement_after)
    accept(curation, RetractStatement(id=renamed))
    with pytest.raises(EditConflict, match="not any more"):
        curation.undo(second.id, author="bob", reason="late", accept=True)


LOWERS = StatementFields(effect="lowers")
EMPTY = (Evidence(kind="x", source=" "),)
PROMOTES = AddStatement(subject="X:a", predicate="promotes", object="X:b", evidence=PAPER)


def varied(**fields) -> AddStatement:
    return msgspec.structs.replace(PROMOTES, **fields)


REFUSED = [
    (varied(evidence=()), QueryError, "evidence"),
    (varied(evidence=EMPTY), QueryError, "neither"),
    (varied(object="X:zz"), UnknownEntity, "object"),
    (varied(predicate="cures"), UnknownTerm, "predicate"),
    (varied(id="S1", predicate="binds"), EditConflict, "another"),
    (varied(id="a~b~c"), QueryError, "form"),
    (varied(subject="X:c", predicate="binds", object="X:d"), EditConflict, "already"),
    (CorrectStatement(id="S1", set=StatementFields(hedge="asserted")), QueryError, "nothing"),
    (CorrectStatement(id="S9", set=StatementFields(hedge="reported")), UnknownTerm, "S9"),
    (CorrectStatement(id="I1", set=StatementFields(hedge="reported")), EditConflict, "inferred"),
    (CorrectStatement(id="S1", set=StatementFields(evidence=())), QueryError, "evidence"),
    (DisputeStatement(id="S1", evidence=()), QueryError, "evidence"),
    (RetractEntity(id="X:a"), EditConflict, "is about it"),
    (RetractEntity(id="X:zz"), UnknownEntity, "X:zz"),
    (AddEntity(id="X:a", name="a"), EditConflict, "already"),
    (AddEntity(id="X:q", name="q", category="Nonsense"), UnknownTerm, "category"),
    (CorrectEntity(id="X:a", set=EntityFields()), QueryError, "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "kind", "said"), REFUSED, ids=range(len(REFUSED)))
def test_what_may_not_be_is_refused_with_its_whole_changeset(
    tmp_path: Path, change: Change, kind: type[MechKGError], said: str
) -> None:
    curation = curated(tmp_path)
    before = Catalogue(tmp_path).path("lab")
    with pytest.raises(kind, match=said) as refused:
        accept(curation, RetractStatement(id="S2"), change)
    assert not isinstance(refused.value, QueryError) or "changes[1]" in str(refused.value)
    assert Catalogue(tmp_path).path("lab") == before
    assert curation.ledger.changesets == {}
    assert read_log(tmp_path / "lab" / LOG).size == 0


def test_a_new_publication_joins_the_statement_that_says_the_same(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    accept(curation, AddStatement(subject="X:c", predicate="binds", object="X:d", evidence=OTHER))
    assert held(current(tmp_path))["X:c~binds~X:d"].evidence == PAPER + OTHER


def test_contradictions_are_named_and_not_forbidden(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    done = accept(
        curation, AddStatement(subject="X:a", predicate="inhibits", object="X:b", evidence=PAPER)
    )
    assert done.warnings == ("X:a~inhibits~X:b contradicts S1.",)
    denied = accept(curation, DenyStatement(id="S2", evidence=PAPER))
    assert "contradicts S2" in denied.warnings[0]


def test_a_draft_changes_nothing_until_it_is_accepted(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    before = Catalogue(tmp_path).path("lab")
    drafted = curation.propose([RetractStatement(id="S2")], author="ada", reason="why")
    assert (drafted.status, drafted.edits[0].names) == ("proposed", ("S2",))
    assert Catalogue(tmp_path).path("lab") == before
    done = curation.accept(drafted.id, reviewer="bob")
    assert (done.status, done.author, done.reviewer) == ("accepted", "ada", "bob")
    assert "S2" not in held(current(tmp_path))
    with pytest.raises(EditConflict, match="accepted already"):
        curation.reject(drafted.id, reviewer="bob", reason="late")
    other = curation.propose([RetractStatement(id="S1")], author="ada", reason="why")
    assert curation.reject(other.id, reviewer="bob", reason="no").status == "rejected"
    with pytest.raises(EditConflict, match="rejected"):
        curation.undo(other.id, author="bob", reason="x")
    with pytest.raises(UnknownTerm):
        curation.accept("99", reviewer="bob")


def test_no_update_is_lost(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    seen = Catalogue(tmp_path).path("lab").name
    accept(curation, CorrectStatement(id="S1", set=StatementFields(hedge="reported")), base=seen)
    accept(curation, RetractStatement(id="S2"), base=seen)  # another statement: both hold
    with pytest.raises(StaleBase, match="S1"):
        accept(
            curation, CorrectStatement(id="S1", set=StatementFields(hedge="suggested")), base=seen
        )
    with pytest.raises(StaleBase):
        accept(curation, RetractStatement(id="S1"), base="0123456789ab")


def test_a_repeated_request_is_done_once(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    first = accept(curation, RetractStatement(id="S2"), key="k")
    assert accept(curation, RetractStatement(id="S2"), key="k") == first
    with pytest.raises(EditConflict, match="'k'"):
        accept(curation, RetractStatement(id="S1"), key="k")
    assert len(curation.ledger.changesets) == 1


def test_history_follows_a_statement_through_its_names(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    name = "X:a~affects~X:d"
    one = accept(curation, CorrectStatement(id=name, set=StatementFields(effect="raises")))
    (renamed,) = (e.statement_after for e in one.edits)
    assert renamed is not None
    assert renamed.id != name
    two = accept(curation, RetractStatement(id=renamed.id), RetractStatement(id="S2"))
    for known in (name, renamed.id):
        found = curation.ledger.history(known)
        assert [c.id for c in found] == [one.id, two.id]
        assert [len(c.edits) for c in found] == [1, 1]
    assert curation.ledger.history("S1") == []
    versions = curation.ledger.versions()
    whole = curation.ledger.difference(versions[0], versions[2])
    assert sorted(e.names[0] for e in whole.edits) == ["I1", "S2", name]
    assert all(e.statement_after is None for e in whole.edits)
    back = curation.ledger.difference(versions[2], versions[0])
    assert all(e.statement_before is None for e in back.edits)
    assert curation.ledger.difference(versions[0], versions[0]).edits == ()
    with pytest.raises(SnapshotGone):
        curation.ledger.difference("ffffffff", versions[0])


def test_a_torn_tail_is_cut_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    curation = curated(tmp_path)
    accept(curation, RetractStatement(id="S2"))
    log = tmp_path / "lab" / LOG
    whole = log.read_bytes()
    curation.propose([RetractStatement(id="S1")], author="ada", reason="why")
    record = log.read_bytes()[len(whole) :]
    for length in range(1, len(record)):
        log.write_bytes(whole + record[:length])
        assert [e.id for e in read_log(log).events] == ["1", "1"]
    with caplog.at_level(logging.WARNING):
        curation = Curation(tmp_path, "lab")
        done = curation.propose([RetractStatement(id="S1")], author="ada", reason="again")
    assert (done.id, "unfinished record" in caplog.text) == ("2", True)
    assert len(Curation(tmp_path, "lab").ledger.changesets) == 2


def test_a_flipped_bit_in_the_log_is_seen(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    for name in ("S2", "S1"):
        accept(curation, RetractStatement(id=name))
    log = tmp_path / "lab" / LOG
    whole = log.read_bytes()
    last = whole.index(b"\n") + 1
    for place in range(len(whole)):
        for bit in (1, 0x20, 0x40):
            changed = whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :]
            log.write_bytes(changed)
            with pytest.raises(
                SnapshotError, match=r"line 1" if place < last - 1 else r"line [12]"
            ):
                read_log(log)
    for place in (0, last - 1, last, len(whole) - 1):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        log.write_bytes(changed)
        with pytest.raises(SnapshotError, match="has changed since it was written"):
            accept(Curation(tmp_path, "lab"), RetractStatement(id="X:a~affects~X:d"))
        assert log.read_bytes() == changed, "what was acknowledged was cut"
    assert len(held(current(tmp_path))) == 2


def test_a_record_of_which_blocks_were_never_written_is_cut(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    accept(curation, RetractStatement(id="S2"))
    log = tmp_path / "lab" / LOG
    whole = log.read_bytes()
    curation.propose([RetractStatement(id="S1")], author="ada", reason="why")
    record = log.read_bytes()[len(whole) :]
    for start, stop in ((0, 40), (30, 70), (len(record) - 20, len(record) - 1)):
        log.write_bytes(whole + record[:start] + bytes(stop - start) + record[stop:])
        assert read_log(log).torn == len(record)
        assert [e.id for e in read_log(log).events] == ["1", "1"]
    done = Curation(tmp_path, "lab").propose(
        [RetractStatement(id="S1")], author="ada", reason="again"
    )
    assert (done.id, len(read_log(log).events)) == ("2", 3)


def test_a_graph_that_was_loaded_anew_takes_no_changes_over_the_lost_ones(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    accept(curation, RetractStatement(id="S2"))
    curated(tmp_path, [*BASE, statement("X:e", "binds", "X:f", "S7", sign=0)])
    with pytest.raises(SnapshotError, match="loaded anew"):
        accept(curation, RetractStatement(id="S7"))


def test_a_switch_that_a_killed_process_did_not_make_is_made(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    before = Catalogue(tmp_path).path("lab")
    done = accept(curation, RetractStatement(id="S2"))
    Catalogue(tmp_path).publish("lab", before)
    later = Curation(tmp_path, "lab")
    assert later.recover()
    assert Catalogue(tmp_path).path("lab").name == done.version
    assert not later.recover()


def test_a_fork_is_the_same_graph_and_takes_changes(tmp_path: Path) -> None:
    curated(tmp_path)
    fork(tmp_path, "lab", "ours")
    one, two = (open_snapshot(Catalogue(tmp_path).path(name)) for name in ("lab", "ours"))
    assert held(one) == held(two)
    assert one.manifest.counts == two.manifest.counts
    accept(Curation(tmp_path, "ours"), RetractStatement(id="S2"))
    assert "S2" in held(current(tmp_path))
    with pytest.raises(QueryError, match="taken"):
        fork(tmp_path, "lab", "ours")
    with pytest.raises(EditConflict, match="fork"):
        accept(Curation(tmp_path, "lab", fixed="lab"), RetractStatement(id="S2"))


def test_tokens_are_kept_as_digests(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    secret = tokens.add("ada", "propose")
    (kept,) = tmp_path.iterdir()
    assert secret not in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    found = tokens.find(secret)
    assert found is not None
    assert (found.allows("read"), found.allows("propose"), found.allows("accept")) == (
        True,
        True,
        False,
    )
    with pytest.raises(QueryError):
        tokens.add("ada", "accept")
    tokens.remove("ada")
    assert tokens.find(secret) is None
    with pytest.raises(QueryError):
        tokens.remove("ada")


@given(multigraphs(), st.randoms(use_true_random=False))
@settings(max_examples=5)
def test_any_changes_give_the_graph_that_a_build_of_the_result_gives(
    statements: list[Statement], chance: random.Random
) -> None:
    asserted = {s.id: msgspec.structs.replace(s, derived_from=()) for s in statements}
    for s in asserted.values():
        if not s.evidence:
            asserted[s.id] = msgspec.structs.replace(s, evidence=PAPER)
    with directory() as data, directory() as other:
        curation = curated(data, list(asserted.values()))
        start = fork(data, "lab", "ours").name
        curation = Curation(data, "ours")
        for _ in range(3):
            change, name, after = _any_change(asserted, chance)
            accept(curation, change)
            asserted.pop(name, None)
            if after is not None:
                asserted[after.id] = after
        found = held(open_snapshot(Catalogue(data).path("ours")))
        expected = held(built(other, list(asserted.values())))
        assert found == expected
        for number in (3, 2, 1):
            curation.undo(str(number), author="ada", reason="back", accept=True)
        assert Catalogue(data).path("ours").name == start


def _any_change(
    held_: dict[str, Statement], chance: random.Random
) -> tuple[Change, str, Statement | None]:
    """Return a change, the name that it edits, and the statement that comes of it."""
    name = chance.choice([*held_, ""]) if held_ else ""
    if not name:
        subject, obj = chance.choices(NODES, k=2)
        new = f"N{chance.randrange(10**9)}"
        added = AddStatement(
            id=new, subject=subject, predicate="promotes", object=obj, evidence=OTHER
        )
        made = Statement(id=new, subject=subject, predicate="promotes", object=obj, sign=1,
                         evidence=OTHER)  # fmt: skip
        return added, new, made
    if chance.random() < 0.3:
        return RetractStatement(id=name), name, None
    before = held_[name]
    note = f"note {chance.random()}"
    return (
        CorrectStatement(id=name, set=StatementFields(note=note, negated=not before.negated)),
        name,
        msgspec.structs.replace(before, note=note, negated=not before.negated),
    )


def test_kill_minus_nine_loses_and_tears_nothing() -> None:
    outcome = run_apart(rounds=20, seed=7)
    assert outcome.rounds == 20
    assert outcome.acknowledged > 0
    assert outcome.faults == []


def test_only_what_came_since_is_read(tmp_path: Path) -> None:
    curation, other = curated(tmp_path), Curation(tmp_path, "lab")
    log = tmp_path / "lab" / LOG
    for number in range(4):
        writer = (curation, other)[number % 2]
        writer.propose([RetractStatement(id="S2")], author="ada", reason=f"r{number}")
        for reader in (curation, other, Curation(tmp_path, "lab")):
            assert list(reader.ledger.changesets) == [str(n + 1) for n in range(number + 1)]
    known = read_log(log)
    assert read_log(log, known).events is known.events
    curation.reject("1", reviewer="bob", reason="no")
    grown = read_log(log, known)
    assert grown == read_log(log)
    assert grown.events[: len(known.events)] == known.events
    with log.open("ab") as stream:
        stream.write(b"0123456789abcdef [torn")
    assert read_log(log, known) == read_log(log)
    assert read_log(log, grown).torn == len(b"0123456789abcdef [torn")
    whole = log.read_bytes()[: grown.size]
    log.write_bytes(whole[:-9] + b"x" + whole[-8:])
    for before in (None, known, grown):
        with pytest.raises(SnapshotError, match="line 5"):
            read_log(log, before)
    log.unlink()
    assert read_log(log, grown).events == ()
    assert curation.ledger.changesets == {}
