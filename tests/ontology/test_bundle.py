"""The bundled ontology as a snapshot: compiled once, reused, never torn."""

from pathlib import Path

import pytest

from mechkg.kg.model.values import Subgraph
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.kg.writers import bibtex
from mechkg.ontology.bundle import BUNDLE, bundled_files
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.rdf.formats import RdfGraph


def test_the_snapshot_holds_asserted_and_inferred_statements(tmp_path: Path) -> None:
    snapshot = open_snapshot(compile_bundle(tmp_path))
    counts = snapshot.manifest.counts
    assert (counts.entities, counts.statements, counts.inferred, counts.negated) == (
        663,
        1738,
        432,
        4,
    )
    assert {s.name for s in snapshot.manifest.sources} >= {"MechKG"}
    assert all(s.licence for s in snapshot.manifest.sources)


def test_every_statement_comes_out_as_it_went_in(tmp_path: Path, graph: RdfGraph) -> None:
    records = open_snapshot(compile_bundle(tmp_path)).records
    for statement in graph.statements:
        row = records.statement_row(statement.id)
        assert row is not None
        assert records.statement(row) == statement
    for entity in graph.entities:
        row = records.entity_row(entity.id)
        assert row is not None
        assert records.entity(row) == entity


def test_a_current_snapshot_is_reused(tmp_path: Path) -> None:
    first = compile_bundle(tmp_path)
    before = (first / "manifest.json").stat().st_mtime_ns
    stages: list[str] = []
    again = compile_bundle(tmp_path, lambda stage, _done, _total: stages.append(stage))
    assert again == first
    assert stages == []
    assert (again / "manifest.json").stat().st_mtime_ns == before


def test_it_is_compiled_again_where_the_mark_is_of_other_files(tmp_path: Path) -> None:
    first = compile_bundle(tmp_path)
    (tmp_path / BUNDLE / "bundle.sha256").write_text(f"other {first.name}\n")
    stages: list[str] = []
    assert compile_bundle(tmp_path, lambda stage, _done, _total: stages.append(stage)) == first
    assert stages


def test_it_becomes_the_default_only_where_there_is_none(tmp_path: Path) -> None:
    compile_bundle(tmp_path)
    assert Catalogue(tmp_path).default() == BUNDLE
    (tmp_path / "default").unlink()
    (tmp_path / "default").symlink_to("another")
    (tmp_path / BUNDLE / "bundle.sha256").unlink()
    compile_bundle(tmp_path)
    assert Catalogue(tmp_path).default() == "another"


@pytest.mark.parametrize("path", bundled_files(), ids=lambda path: path.name)
def test_bundled_files_are_files_of_the_package(path: Path) -> None:
    assert path.is_file()
    assert path.suffix == ".ttl"


def test_references_of_drugmechdb_are_publications(graph: RdfGraph) -> None:
    pieces = [
        piece
        for statement in graph.statements
        for piece in statement.evidence
        if piece.kind == "curated_mechanism_db"
    ]
    assert not [piece for piece in pieces if "refs in file: http" in piece.seen_in]
    cited = [publication for piece in pieces for publication in piece.publications]
    assert len([piece for piece in pieces if piece.publications]) > 100
    kinds = {name.partition(":")[0] for name in cited}
    assert kinds == {"DRUGBANK", "PMID", "UniProt", "https", "ncats.drug"}
    assert not [name for name in cited if "pubmed" in name]


def test_every_statement_with_evidence_is_cited(graph: RdfGraph) -> None:
    ends = {entity.id: entity for entity in graph.entities}
    for statement in graph.statements:
        both = tuple({end: ends[end] for end in (statement.subject, statement.object)}.values())
        part = Subgraph(entities=both, statements=(statement,))
        text = bibtex.write(part, graph.schema).decode()
        assert text.count("\n@") + text.startswith("@") >= bool(statement.evidence)
        pages = [p for e in statement.evidence for p in e.publications if "://" in p]
        assert text.count("@online{") == len(set(pages))
