"""What checks find in a changeset of any graph, against a search through all statements."""

import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.curation import store
from mechkg.kg.curation.changes import (
    AddEntity,
    AddStatement,
    CorrectEntity,
    CorrectStatement,
    EntityFields,
    RetractStatement,
    StatementFields,
)
from mechkg.kg.curation.log import LOG, Log
from mechkg.kg.curation.store import Curation
from mechkg.kg.errors import ChangesRefused, Finding
from mechkg.kg.model.values import Statement, sign_of
from tests.kg.multigraphs import NODES, SCHEMA, multigraphs
from tests.kg.temporary import directory
from tests.kg.test_curation import PAPER, accept, curated, current, held

ADD = AddStatement(subject="X:a", predicate="promotes", object="X:b", evidence=PAPER)


def varied(**fields: object) -> AddStatement:
    return msgspec.structs.replace(ADD, **fields)


def found(findings: tuple[Finding, ...], check: str) -> list[Finding]:
    return [finding for finding in findings if finding.check == check]


def contradict(one: Statement, other: Statement) -> bool:
    if one.negated != other.negated:
        return one.predicate == other.predicate
    return one.sign in {1, -1} and other.sign in {1, -1} and one.sign != other.sign


@given(multigraphs(), st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_contradictions_and_repetitions_are_those_that_a_search_finds(
    statements: list[Statement], chance: random.Random
) -> None:
    with directory() as data:
        curation = curated(data, statements)
        changes = []
        for number in range(4):
            subject, obj = chance.choices(NODES[:4], k=2)
            predicate = chance.choice(SCHEMA.predicates).id
            effect = chance.choice(("raises", "lowers", "none", "unknown", "both"))
            changes.append(
                varied(
                    id=f"N{number}",
                    subject=subject,
                    predicate=predicate,
                    object=obj,
                    effect=effect,
                    negated=chance.random() < 0.3,
                )
            )
        findings = curation.propose(changes, author="ada", reason="because").findings
        there = [s for s in held(current(data)).values() if not s.derived_from]
        made = [
            Statement(
                id=c.id,
                subject=c.subject,
                predicate=c.predicate,
                object=c.object,
                effect=c.effect,
                negated=c.negated,
            )
            for c in changes
        ]
        for said in made:
            others = [s for s in (*there, *made) if s.id != said.id
                      and (s.subject, s.object) == (said.subject, said.object)]  # fmt: skip
            against = {s.id for s in others if contradict(said, s)}
            same = {s.id for s in others if (s.predicate, s.sign, s.negated)
                    == (said.predicate, sign_of(said.effect), said.negated)}  # fmt: skip
            for check, expected in (("contradiction", against), ("duplicate", same)):
                own = [f.message for f in found(findings, check) if f.about == said.id]
                assert len(own) == bool(expected), (said, expected, own)
                named = set(own[0].rstrip(".").replace(",", "").split()[2:]) if own else set()
                shown = {name for name in named if name[:1] in "TNX" and name[1:2].isdigit()}
                assert shown <= expected
                assert len(shown) == min(len(expected), 5)


def test_each_change_that_cannot_be_done_is_named(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    wrong = (varied(object="X:zz"), RetractStatement(id="S9"), varied(predicate="cures"))
    with pytest.raises(ChangesRefused) as refused:
        accept(curation, RetractStatement(id="S2"), *wrong)
    errors = refused.value.findings
    assert [e.where for e in errors] == ["changes[1]", "changes[2]", "changes[3]"]
    assert [word in e.message for e, word in zip(errors, ("X:zz", "S9", "cures"), strict=True)]
    assert str(refused.value).startswith("3 errors in the changeset: ")
    assert curation.ledger.changesets == {}


def test_what_is_known_of_an_entity_is_named(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    made = accept(
        curation,
        AddEntity(id="lab7:1", name="thing of ours"),
        AddEntity(id="CL:0000540", name="thing of theirs", xrefs=("X:b",)),
        AddEntity(id="X:h", name="X:a", synonyms=("a",)),
    )
    assert [(f.check, f.about, f.where) for f in made.findings] == [
        ("identifier", "lab7:1", "changes[0]"), ("duplicate", "CL:0000540", "changes[1]"),
    ]  # fmt: skip
    assert "X:b" in made.findings[1].message
    again = accept(
        curation,
        AddEntity(id="lab7:2", name="Thing of ours"),
        CorrectEntity(id="X:a", set=EntityFields(name="thing of theirs")),
    )
    assert [(f.check, f.about) for f in again.findings] == [
        ("duplicate", "lab7:2"), ("duplicate", "X:a"),
    ]  # fmt: skip
    assert "lab7:1" in again.findings[0].message


def test_an_effect_against_its_predicate_is_named_unless_it_is_contested(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    turned = StatementFields(effect="lowers")
    made = accept(curation, CorrectStatement(id="S1", set=turned))
    assert [f.check for f in made.findings] == ["effect"]
    assert made.warnings == ("S1 has the effect lowers, but promotes has raises.",)
    contested = accept(curation, CorrectStatement(id="S1", set=StatementFields(hedge="contested")))
    assert contested.findings == ()


def test_a_draft_is_shown_with_what_it_would_do_now(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    draft = curation.propose([varied(predicate="inhibits")], author="ada", reason="because")
    kept = curation.changeset(draft.id)
    assert kept.findings == draft.findings
    assert [f.check for f in kept.findings] == ["contradiction"]
    accept(curation, RetractStatement(id="S1"))
    now = curation.review(draft.id)
    assert (now.findings, len(now.edits)) == ((), 1)
    accept(curation, varied(predicate="inhibits"))
    (refused,) = (f for f in curation.review(draft.id).findings if f.severity == "error")
    assert "already" in refused.message
    assert curation.review(draft.id).edits == ()


def test_findings_are_bounded_and_the_rest_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_FINDINGS", 10)
    curation = curated(tmp_path)
    many = [varied(id=f"N{number}") for number in range(50)]
    made = curation.propose(many, author="ada", reason="because")
    assert len(made.findings) == 11
    assert made.findings[-1].message == "40 more findings are not listed."
    assert all(len(f.message) < 200 for f in made.findings)


def test_records_without_findings_are_read(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    accept(curation, varied(predicate="inhibits"))
    path = tmp_path / "lab" / LOG
    (record,) = path.read_bytes().splitlines()
    events = msgspec.json.decode(record.partition(b" ")[2])
    for event in events:
        event.pop("findings")
    events[1]["warnings"] = ["X:a~inhibits~X:b contradicts S1."]
    path.unlink()
    with Log.held(tmp_path / "lab") as log:
        log.append(events)
    (read,) = Curation(tmp_path, "lab").ledger.changesets.values()
    assert (read.warnings, read.findings) == (("X:a~inhibits~X:b contradicts S1.",), ())
