"""Files as changesets: what they add, what they leave out and say so, what they refuse."""

import gzip
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from mechkg.kg.curation import store
from mechkg.kg.curation.changes import AddEntity, AddStatement, RetractStatement
from mechkg.kg.curation.store import Curation
from mechkg.kg.errors import ChangesRefused, EditConflict, QueryError, TooCostly, TooLarge
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.subgraph import whole_graph
from mechkg.kg.writers import FORMATS as WRITERS
from mechkg.ontology.rdf.formats import FORMATS as RDF_WRITERS
from mechkg.ontology.uploads import MEDIA_TYPES, upload_formats
from tests.kg.test_curation import BASE, PAPER, accept, curated, current, held, statement

NODES = (
    b"id\tname\tcategory\tsynonym\nX:h\thub\tbiolink:Cell\tcentre|core\nX:a\ta\tbiolink:Cell\t\n"
)
EDGES = b"subject\tpredicate\tobject\tpublications\nX:a\tpromotes\tX:h\tPMID:5\nX:h\tbinds\tX:c\t\n"
TURTLE = b"""
@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix mechkg: <https://w3id.org/mechkg/vocab/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix CL: <http://purl.obolibrary.org/obo/CL_> .
CL:0000540 a biolink:Cell ; rdfs:label "neuron" .
CL:0000047 a biolink:Cell ; rdfs:label "neural stem cell" .
CL:0000047 mechkg:promotes CL:0000540 .
"""


def uploaded(curation: Curation, *files: tuple[str, bytes], draft: bool = False, **more: str):
    return curation.upload(
        files, upload_formats(), author="ada", reason="r", accept=not draft, **more
    )


def test_tables_become_entities_and_statements(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    made = uploaded(curation, ("nodes.tsv", NODES), ("edges.tsv", EDGES), source="infores:lab")
    assert [type(c) for c in made.changes] == [AddEntity, AddStatement, AddStatement]
    after = held(current(tmp_path))
    promotes, binds = after["X:a~promotes~X:h"], after["X:h~binds~X:c"]
    assert promotes.evidence[0].publications == ("PMID:5",)
    assert {piece.source for s in (promotes, binds) for piece in s.evidence} == {"infores:lab"}
    assert promotes.effect == "raises"
    snapshot = current(tmp_path)
    row = snapshot.records.entity_row("X:h")
    assert row is not None
    entity = snapshot.records.entity(row)
    assert (entity.name, entity.category, entity.synonyms) == (
        "hub", "biolink:Cell", ("centre", "core"),
    )  # fmt: skip
    undone = curation.undo(made.id, author="ada", reason="r", accept=True)
    assert curation.difference(made.base, undone.version).edits == ()
    assert held(current(tmp_path)).keys().isdisjoint({"X:a~promotes~X:h", "X:h~binds~X:c"})


def test_a_draft_of_a_file_is_reviewed_with_what_it_left_out(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    other = b"id\tname\tcategory\nX:a\tanother name\tbiolink:Cell\nX:h\thub\tbiolink:Cell\n"
    draft = uploaded(curation, ("nodes.tsv", other), draft=True)
    (finding,) = draft.findings
    assert (finding.severity, finding.check) == ("warning", "record")
    assert "X:a" in finding.message
    assert current(tmp_path).records.entity_row("X:h") is None
    assert [f.message for f in curation.review(draft.id).findings] == [finding.message]
    done = curation.accept(draft.id, reviewer="bob")
    assert done.findings == draft.findings
    assert current(tmp_path).records.entity_row("X:h") is not None


def test_turtle_adds_and_a_second_time_has_nothing_to_add(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    made = uploaded(curation, ("new.ttl", TURTLE))
    assert len(made.changes) == 3
    assert "CL:0000047~promotes~CL:0000540" in held(current(tmp_path))
    with pytest.raises(EditConflict, match="nothing that the graph does not have"):
        uploaded(curation, ("new.ttl", TURTLE))
    assert len(curation.ledger.changesets) == 1
    more = TURTLE + b"CL:0000540 mechkg:binds CL:0000047 .\n"
    again = uploaded(curation, ("new.ttl", more))
    assert len(again.changes) == 1
    assert [f.message for f in again.findings] == [
        "1 statement is in the graph already, with this evidence."
    ]


def written(data: Path, name: str) -> bytes:
    snapshot = current(data)
    form = next(form for form in (*RDF_WRITERS, *WRITERS) if form.name == name)
    return form.write(whole_graph(snapshot), snapshot.schema)


EXPORTS = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "kgx-tsv": "application/vnd.kgx.tsv+gzip",
    "kgx-jsonl": "application/vnd.kgx.jsonl+gzip",
}


@pytest.mark.parametrize("name", EXPORTS)
def test_what_was_exported_is_uploaded_again(tmp_path: Path, name: str) -> None:
    extra = statement("X:e", "binds", "X:f", "S7", sign=0, note="n")
    richer, poorer = tmp_path / "richer", tmp_path / "poorer"
    asserted = [s for s in BASE if not s.derived_from]
    curated(richer, [*asserted, extra])
    curation = curated(poorer, asserted)
    made = uploaded(curation, (f"graph{MEDIA_TYPES[EXPORTS[name]]}", written(richer, name)))
    assert [c.id for c in made.changes if isinstance(c, AddStatement)] == ["S7"]
    assert held(current(poorer)) == held(current(richer))


def test_ends_and_predicates_are_those_of_the_graph(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    for row, said in ((b"X:a\tpromotes\tX:zz\t", "X:zz"), (b"X:a\tcures\tX:b\t", "cures")):
        table = EDGES.splitlines()[0] + b"\n" + row + b"\n"
        with pytest.raises(QueryError, match=said):
            uploaded(curation, ("edges.tsv", table))
    assert curation.ledger.changesets == {}


def packed(members: Sequence[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


BAD: list[tuple[str, bytes, str]] = [
    ("x.ttl", b"@prefix a: <b", ""),
    ("x.ttl", b"\xff\xfe\x00", ""),
    ("x.tsv", b"subject\tpredicate\tobject\nX:a\tbinds\n", "line 2"),
    ("x.tsv", b"", ""),
    ("x.tsv", b"\x00" * 100, ""),
    ("x.jsonl", b'{"id": 1', ""),
    ("x.jsonld", b'{"@context": "https://example.org/c.jsonld", "@id": "http://a/b"}', ""),
    ("x.jsonld", b"[" * 100_000, ""),
    ("x.kgx.tsv.tar.gz", b"\x1f\x8b\x08broken", ""),
    ("x.kgx.tsv.tar.gz", packed([("../../evil.tsv", b"subject\tpredicate\n")]), ""),
    ("x.kgx.tsv.tar.gz", packed([("a.exe", b"MZ")]), ""),
    ("x.parquet", b"PAR1", ""),
    ("../../etc/passwd", b"root", ""),
]


@pytest.mark.parametrize(("name", "content", "where"), BAD, ids=range(len(BAD)))
def test_files_that_cannot_be_read_are_refused_in_words(
    tmp_path: Path, name: str, content: bytes, where: str
) -> None:
    curation = curated(tmp_path)
    before = sorted(p.name for p in tmp_path.rglob("*"))
    with pytest.raises(ChangesRefused) as refused:
        uploaded(curation, (name, content))
    first = refused.value.findings[0]
    assert (first.severity, first.check) == ("error", "record")
    assert where in first.where
    assert str(tmp_path) not in str(refused.value)
    assert "/tmp" not in str(refused.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_each_bad_line_is_named(tmp_path: Path) -> None:
    table = b"subject\tpredicate\tobject\nX:a\tbinds\nX:a\tbinds\tX:b\nX:b\n"
    with pytest.raises(ChangesRefused) as refused:
        uploaded(curated(tmp_path), ("x.tsv", table))
    assert [f.where for f in refused.value.findings] == ["line 2", "line 4"]


def test_a_bomb_and_a_slow_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curation = curated(tmp_path)
    bomb = gzip.compress(b"x" * 10_000_000)
    with pytest.raises(TooLarge):
        curation.upload([("x.tsv.gz", bomb)], upload_formats(), author="a", reason="r",
                        max_bytes=1_000_000)  # fmt: skip
    monkeypatch.setattr(store, "MAX_SECONDS", 0.0)
    with pytest.raises(TooCostly, match="Split it"):
        uploaded(curation, ("edges.tsv", EDGES))


def test_what_could_not_be_read_again_is_not_recorded(tmp_path: Path) -> None:
    curation = curated(tmp_path)
    long = AddStatement(
        subject="X:a", predicate="binds", object="X:b", evidence=PAPER, note="n" * 20_001
    )
    with pytest.raises(QueryError, match="cannot be recorded"):
        accept(curation, long)
    with pytest.raises(QueryError, match="cannot be recorded"):
        accept(curation, RetractStatement(id="S2"), AddEntity(id="X:i", name="\ud800"))
    assert accept(curation, RetractStatement(id="S2")).id == "1"
    assert len(Curation(tmp_path, "lab").ledger.changesets) == 1
    assert json.dumps(sorted(held(current(tmp_path)))) == json.dumps(
        ["S1", "X:a~affects~X:d", "X:c~binds~X:d"]
    )
    assert Catalogue(tmp_path).path("lab").name == curation.ledger.versions()[-1]
