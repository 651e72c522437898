"""Changesets of graphs in the ontology's vocabulary are held against its shapes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pyoxigraph import RdfFormat

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.curation.changes import (
    AddEntity,
    AddStatement,
    Change,
    Changeset,
    CorrectEntity,
    CorrectStatement,
    DisputeStatement,
    EntityFields,
    StatementFields,
)
from mechkg.kg.curation.store import Curation
from mechkg.kg.errors import ChangesRefused, Finding
from mechkg.kg.model.values import Context, Evidence, Subgraph
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.kg.subgraph import whole_graph
from mechkg.ontology import check_edits
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.check_edits import has_own_vocabulary, ontology_findings
from mechkg.ontology.compile_bundle import bundled_graph
from mechkg.ontology.rdf.triples import Document, read_documents, read_triples
from mechkg.ontology.rdf.write import write_rdf
from mechkg.ontology.validate import check_shapes

SEEN = (
    Evidence(
        kind="literature", source="infores:pubmed", publications=("PMID:34242705",),
        seen_in="PubMed", knowledge_level="knowledge_assertion", agent_type="manual_agent",
    ),
)  # fmt: skip
SECRETES = AddStatement(
    id="MK999", subject="CL:0000047", predicate="secretes", object="HGNC:4232", evidence=SEEN
)


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the statements about neural stem cells and GDNF, as `ours`."""
    data = tmp_path_factory.mktemp("part")
    graph = bundled_graph()
    names = {"CL:0000047", "HGNC:4232"}
    statements = [s for s in graph.statements if names & {s.subject, s.object}]
    ends = {end for s in statements for end in (s.subject, s.object)}
    path = build_snapshot(
        data / "ours", name="ours", statements=statements, schema=graph.schema,
        entities=[e for e in graph.entities if e.id in ends], sources=(),
    )  # fmt: skip
    Catalogue(data).publish("ours", path)
    return data


def copied(part: Path, data: Path) -> None:
    """Make a graph of its own of the version that `part` has."""
    path = Catalogue(part).path("ours")
    (data / "ours").mkdir()
    (data / "ours" / path.name).symlink_to(path)
    Catalogue(data).publish("ours", data / "ours" / path.name)


def curation(data: Path, **more: Any) -> Curation:
    return Curation(data, "ours", **{"check": ontology_findings, **more})


def checked(data: Path, *changes: Change) -> Changeset:
    """Propose changes: nothing of the graph is changed by that."""
    return curation(data).propose(changes, author="ada", reason="because")


def refused(data: Path, *changes: Change) -> list[Finding]:
    with pytest.raises(ChangesRefused) as error:
        checked(data, *changes)
    return [f for f in error.value.findings if f.severity == "error"]


def varied(**fields: Any) -> AddStatement:
    return msgspec.structs.replace(SECRETES, **fields)


def test_a_statement_like_those_of_the_files_has_no_finding_but_that_it_repeats(
    part: Path,
) -> None:
    assert [f.check for f in checked(part, SECRETES).findings] == ["duplicate"]
    bare = Evidence(kind="literature", source="", publications=("PMID:1",))
    loose = checked(part, varied(id="", evidence=(bare,)))
    assert {f.severity for f in loose.findings} == {"warning"}
    assert [f.check for f in loose.findings].count("shape") == 3


ODD = (Evidence(kind="article", source="infores:mechkg", location="P99S99"),)
STRANGE = Evidence(kind="x", source="infores:x", knowledge_level="sure", agent_type="me")
BROKEN: list[Change] = [
    varied(id="MK901", subject="HGNC:4232", object="CL:0000047"),
    varied(id="MK902", modality="sure"),
    varied(id="MK903", context=(Context("species", "human"),)),
    varied(id="MK904", context=(Context("outcome", "well"),)),
    varied(id="MK905", evidence=ODD),
    varied(id="MK906", evidence=(STRANGE,)),
    varied(id="not of the form"),
    varied(id="MK907", effect="lowers"),
    CorrectStatement(id="SC061", set=StatementFields(modality="certain")),
    varied(id="MK908", predicate="studied_to_treat"),
    varied(id="MK909", predicate="subclass_of"),
]


def whole(data: Path, ids: set[str]) -> set[tuple[str, str]]:
    """Return what breaks shapes in the whole graph, of some statements and their evidence."""
    snapshot = open_snapshot(Catalogue(data).path("ours"))
    graph: Subgraph = whole_graph(snapshot)
    written = write_rdf(graph, snapshot.schema, RdfFormat.N_TRIPLES)
    terms = read_documents(
        [p for p in bundled_files() if p.name in {"mechanism.ttl", "sources.ttl"}]
    )
    triples = read_triples([*terms, Document("ours", written, RdfFormat.N_TRIPLES)])
    found = set()
    for focus, message in check_shapes(triples):
        about = focus.removeprefix("evidence:").rpartition("-")[0] or focus
        about = (about if focus.startswith("evidence:") else focus).replace("%20", " ")
        if about in ids:
            found.add((about, message.partition(": ")[0]))
    return found


def test_a_part_is_judged_as_the_whole_graph_is(part: Path, tmp_path: Path) -> None:
    copied(part, tmp_path)
    with pytest.raises(ChangesRefused) as error:
        checked(part, *BROKEN)
    shapes = [f for f in error.value.findings if f.check == "shape"]
    by_part = {(f.about, f.message.removeprefix(f"{f.about} ").partition(" (")[0].rstrip("."))
               for f in shapes}  # fmt: skip
    done = curation(tmp_path, check=lambda _overlay, _edits: ()).propose(
        BROKEN, author="ada", reason="because", accept=True
    )
    ids = {e.statement_after.id for e in done.edits if e.statement_after}
    assert len(ids) == len(BROKEN)
    assert by_part == whole(tmp_path, ids)
    assert {about for about, _ in by_part} == ids


def test_findings_name_the_change_and_the_statement(part: Path) -> None:
    errors = refused(part, varied(id="MK998"), *BROKEN[:2])
    assert {(f.about, f.where, f.check) for f in errors} == {
        ("MK901", "changes[1]", "shape"), ("MK902", "changes[2]", "shape"),
    }  # fmt: skip
    assert any("subject of a category" in f.message for f in errors)


def test_another_category_is_judged_by_all_statements_about_the_entity(part: Path) -> None:
    errors = refused(part, CorrectEntity(id="HGNC:4232", set=EntityFields(category="Cell")))
    assert "SC061" in {f.about for f in errors}


IDENTIFIERS = [
    (AddEntity(id="CL:12", name="a cell"), "CL:12"),
    (AddEntity(id="CL:0000012", name="a cell", xrefs=("HGNC:x",)), "HGNC:x"),
    (varied(evidence=(msgspec.structs.replace(SEEN[0], publications=("PMID:abc",)),)), "PMID:abc"),
    (DisputeStatement(id="SC061", evidence=(
        msgspec.structs.replace(SEEN[0], publications=("https://doi.org/x",)),)), "doi.org/x"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "named"), IDENTIFIERS, ids=range(len(IDENTIFIERS)))
def test_identifiers_of_another_form_are_refused(part: Path, change: Change, named: str) -> None:
    (error,) = (f for f in refused(part, change) if f.check == "identifier")
    assert named in error.message


def test_a_breach_that_was_there_before_refuses_no_correction(part: Path, tmp_path: Path) -> None:
    snapshot = open_snapshot(Catalogue(part).path("ours"))
    graph = whole_graph(snapshot)
    statements = [
        msgspec.structs.replace(s, modality="old" if s.id == "SC061" else s.modality)
        for s in graph.statements
    ]
    path = build_snapshot(tmp_path / "ours", name="ours", entities=graph.entities,
                          statements=statements, schema=snapshot.schema, sources=())  # fmt: skip
    Catalogue(tmp_path).publish("ours", path)
    made = checked(tmp_path, CorrectStatement(id="SC061", set=StatementFields(hedge="reported")))
    assert [(f.severity, f.check) for f in made.findings] == [("warning", "shape")]
    worse = CorrectStatement(id="SC061", set=StatementFields(context=(Context("outcome", "x"),)))
    assert [f.message for f in refused(tmp_path, worse)] == [
        "SC061 has an outcome that is not in the vocabulary, or more than one (x)."
    ]


def test_an_undo_is_not_refused(part: Path, tmp_path: Path) -> None:
    copied(part, tmp_path)
    loose = curation(tmp_path, check=lambda _overlay, _edits: ())
    bad = loose.propose([varied(modality="sure")], author="ada", reason="r", accept=True)
    strict = curation(tmp_path)
    gone = strict.undo(bad.id, author="ada", reason="r", accept=True)
    back = strict.undo(gone.id, author="ada", reason="r", accept=True)
    assert back.version == bad.version
    assert any("modality" in f.message for f in back.findings)
    assert {f.severity for f in back.findings} == {"warning"}


def test_more_statements_than_the_shapes_are_asked_for_are_refused(
    part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_edits, "MAX_SHAPED", 2)
    many: Sequence[Change] = [varied(id=f"MK99{number}") for number in range(3)]
    (error,) = refused(part, *many)
    assert "split the changeset" in error.message


def test_other_vocabularies_are_known_from_ours(part: Path) -> None:
    schema = open_snapshot(Catalogue(part).path("ours")).schema
    assert has_own_vocabulary(schema)
    first, *rest = schema.predicates
    other = msgspec.structs.replace(first, label="something else")
    assert not has_own_vocabulary(msgspec.structs.replace(schema, predicates=(other, *rest)))


MADE: list[tuple[Change, ...]] = [
    (varied(id="", evidence=SEEN + ODD[:1] * 2),),
    (varied(predicate="protects", object="CL:0000099", effect="unknown", weight=0.3),
     AddEntity(id="CL:0000099", name="interneuron", category="Cell", xrefs=("MESH:D007395",))),
    (CorrectStatement(id="SC061", set=StatementFields(effect="lowers", weight=0.7)),),
    (CorrectEntity(id="HGNC:4232", set=EntityFields(synonyms=("b", "a", "b"))),),
    (DisputeStatement(id="SC061", evidence=SEEN, note="n"),),
]  # fmt: skip


@pytest.mark.parametrize("changes", MADE, ids=range(len(MADE)))
def test_what_was_done_is_undone_and_done_again(
    part: Path, tmp_path: Path, changes: tuple[Change, ...]
) -> None:
    copied(part, tmp_path)
    loose = curation(tmp_path, check=lambda _overlay, _edits: ())
    ordered = sorted(changes, key=lambda change: isinstance(change, AddStatement))
    done = loose.propose(ordered, author="ada", reason="r", accept=True)
    undone = loose.undo(done.id, author="ada", reason="r", accept=True)
    assert loose.difference(end=undone.version).edits == ()
    again = loose.undo(undone.id, author="ada", reason="r", accept=True)
    assert again.version == done.version
    assert again.edits == done.edits


def test_evidence_joins_a_statement_whose_predicate_has_aspects(part: Path, tmp_path: Path) -> None:
    copied(part, tmp_path)
    ours = curation(tmp_path)
    one, other = (msgspec.structs.replace(SEEN[0], publications=(p,)) for p in ("PMID:1", "PMID:2"))
    ours.propose([varied(id="", evidence=(one,))], author="a", reason="r", accept=True)
    made = ours.propose([varied(id="", evidence=(other,))], author="a", reason="r", accept=True)
    (edit,) = made.edits
    assert edit.statement_after is not None
    assert edit.statement_after.evidence == (one, other)
