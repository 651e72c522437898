"""Named graphs that are no nanopublications: evidence says in which one a triple stands."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from mechkg.ontology.rdf.readers import dataset
from tests.kg.readers.loading import Read
from tests.kg.readers.test_load_report import assert_accounted_for
from tests.ontology.readers.test_rdf_loads import read

TRIG = """@prefix a: <https://a.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
a:one { a:x a:p a:y . a:x a:p a:v } a:two { a:x a:p a:y ; a:q a:w }
a:names { a:x rdfs:label "x" }
_:blank { a:x a:q a:v }
a:x a:p a:z .
"""
SYNTAXES = {"a.trig": RdfFormat.TRIG, "a.nq": RdfFormat.N_QUADS, "a.jsonld": RdfFormat.JSON_LD}
ONE, TWO = "https://a.org/one", "https://a.org/two"


def write(folder: Path, name: str) -> Path:
    path = folder / name
    quads = parse(TRIG.encode(), format=RdfFormat.TRIG)
    path.write_bytes(serialize(quads, format=SYNTAXES[name]))
    return path


def locations(found: Read) -> dict[str, set[str]]:
    return {
        f"{s.predicate[-1]} {s.object[-1]}": {evidence.location for evidence in s.evidence}
        for s in found.statements
    }


@pytest.mark.parametrize("name", SYNTAXES)
@pytest.mark.parametrize("small", [True, False])
def test_evidence_names_the_graph(
    name: str, small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "SMALL", 1 << 25 if small else 0)
    found = read(write(tmp_path, name))
    assert locations(found) == {
        "p y": {ONE, TWO}, "p v": {ONE}, "q w": {TWO}, "p z": {""}, "q v": {""},
    }  # fmt: skip
    counts = {c.kind: c for c in found.loaded.report.files}
    graphs = counts["named graph"]
    assert (graphs.seen, graphs.kept, graphs.passed_over) == (3, 2, 1)
    assert_accounted_for(found.loaded.report)


def test_graphs_of_several_files_are_kept_apart(tmp_path: Path) -> None:
    paths = [write(tmp_path, name) for name in SYNTAXES]
    found = read(*paths)
    (statement,) = (s for s in found.statements if s.object == "https://a.org/w")
    assert {(e.source, e.location) for e in statement.evidence} == {(p.name, TWO) for p in paths}
    assert found.hash == read(*reversed(paths)).hash


def test_one_graph_of_many_quads_stays_bare(tmp_path: Path) -> None:
    lines = (f"<https://a.org/x{n}> <https://a.org/p> <https://a.org/y> <{ONE}> .\n"
             for n in range(5000))  # fmt: skip
    (tmp_path / "a.nq").write_text("".join(lines))
    found = read(tmp_path / "a.nq")
    assert {e.location for s in found.statements for e in s.evidence} == {ONE}
    assert len(found.statements) == 5000
