"""The RDF files of one load are one dataset: in any order, split and syntax one snapshot."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from mechkg.kg.build.load import load
from mechkg.kg.errors import DataError, LoadRefused
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.rdf.readers import dataset
from tests.kg.readers.loading import Read
from tests.ontology.readers.test_rdf_in_full import HEAD, content, write
from tests.ontology.readers.test_rdf_loads import ALL, ROOT, SYNTAXES, read

BUNDLE = [ROOT / "ontology/mechanism.ttl", *sorted((ROOT / "ontology/ms-nsc").glob("*.ttl"))]


def test_the_bundled_ontology_is_one_graph_however_it_is_cut(tmp_path: Path) -> None:
    whole = tmp_path / "whole.ttl"
    whole.write_text("\n".join(file.read_text("utf-8") for file in BUNDLE), "utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, file in enumerate(BUNDLE):
        if number % 3:
            (folder / f"{number}.ttl").write_bytes(file.read_bytes())
        else:
            quads = parse(file.read_bytes(), format=RdfFormat.TURTLE)
            text = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
            (folder / f"{number}.nt").write_bytes(text or b"")
    hashes = {read(*files).hash for files in ([whole], [folder])}
    assert len(hashes) == 1


PARTS = {
    "terms": """ex:blocks a owl:ObjectProperty ; rdfs:label "blocks" ; skos:notation "blocks" ;
        mechkg:sign -1 ; owl:inverseOf ex:blockedBy .
        ex:blockedBy a owl:ObjectProperty . ex:remark a owl:AnnotationProperty .
        ex:binds a owl:ObjectProperty, owl:SymmetricProperty .""",
    "names": """ex:a rdfs:label "a drug" ; a biolink:Drug . ex:rat rdfs:label "rat" .
        ex:b rdfs:label "b"@en, "B auf deutsch"@de . <http://doi.org/10.1/x> dcterms:title "T" .""",
    "claims": """ex:s1 a biolink:Association ; biolink:subject ex:a ; biolink:predicate ex:blocks ;
        biolink:object ex:b ; mechkgc:species ex:rat ; mechkg:evidence ex:e1 .""",
    "evidence": """ex:e1 a mechkg:Evidence ; mechkg:kind "literature" ;
        biolink:primary_knowledge_source <http://example.org/db> ;
        prov:wasDerivedFrom ex:sentence . ex:sentence a mechkg:Sentence ;
        dcterms:isPartOf <http://doi.org/10.1/x> .""",
    "rest": """ex:s1 biolink:negated true . ex:a ex:remark ex:nothing .""",
}
MORE = (
    HEAD
    + """
@prefix mechkg: <https://w3id.org/mechkg/vocab/> .
@prefix mechkgc: <https://w3id.org/mechkg/context/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
"""
)


@pytest.mark.parametrize("suffix", SYNTAXES)
def test_a_statement_is_whole_wherever_its_parts_are_said(tmp_path: Path, suffix: str) -> None:
    whole = read(write(tmp_path, MORE + "\n".join(PARTS.values()), suffix, "whole"))
    (statement,) = whole.statements
    assert (statement.predicate, statement.sign, statement.negated) == ("blocks", -1, True)
    assert [(c.type, c.label) for c in statement.context] == [("species", "rat")]
    assert statement.evidence[0].titles == ("T",)
    assert whole.entities["ex:b"].attributes["name@de"] == "B auf deutsch"
    files = [write(tmp_path, MORE + text, suffix, name) for name, text in PARTS.items()]
    orders = list(permutations(files))
    assert {read(*order).hash for order in (orders[0], orders[-1], orders[50])} == {whole.hash}


def mixed(folder: Path, order: Sequence[str]) -> list[Path]:
    suffixes = dict(zip(PARTS, SYNTAXES, strict=False))
    return [write(folder, MORE + PARTS[name], suffixes[name], name) for name in order]


@pytest.mark.parametrize("limit", [0, 1 << 25])
def test_syntaxes_may_be_mixed_and_lines_be_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(dataset, "SMALL", limit)
    whole = read(write(tmp_path, MORE + "\n".join(PARTS.values()), "ttl", "whole"))
    found = {read(*mixed(tmp_path, order)).hash for order in (tuple(PARTS), tuple(PARTS)[::-1])}
    assert found == {whole.hash}


def test_large_lines_take_terms_and_inverses_of_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """ex:x ex:blocks ex:y . ex:z ex:blockedBy ex:x . ex:x ex:binds ex:y .
        ex:y ex:binds ex:x . ex:x rdfs:label "x" ."""
    files = [write(tmp_path, MORE + PARTS["terms"]), write(tmp_path, MORE + text, "nt", "lines")]
    whole = write(tmp_path, MORE + PARTS["terms"] + text, "nt", "whole")
    expected = content(read(whole))
    assert content(read(*files)) == expected
    monkeypatch.setattr(dataset, "SMALL", 0)
    for found in (read(whole), read(*files), read(*files[::-1])):
        assert {("ex:x", "blocks", "ex:y"), ("ex:x", "blocks", "ex:z")} < found.triples
        assert {e: (x.name, x.category) for e, x in found.entities.items()} == {
            e: (x.name, x.category)
            for e, x in expected[0].items()  # type: ignore[attr-defined]
        }


def sources(found: Read) -> dict[tuple[str, str], list[str]]:
    return {(s.subject, s.object): [e.source for e in s.evidence] for s in found.statements}


def test_a_triple_is_credited_to_each_file_that_says_it(tmp_path: Path) -> None:
    first = write(tmp_path, HEAD + "ex:a ex:p ex:b, ex:c . obo:CL_1 ex:p ex:a .", name="first")
    other = write(
        tmp_path,
        HEAD + "ex:a ex:p ex:b, ex:d . <https://identifiers.org/CL:1> ex:p ex:a, ex:b .",
        "nt", "other",
    )  # fmt: skip
    for files in ((first, other), (other, first)):
        found = read(*files)
        assert sources(found) == {
            ("ex:a", "ex:b"): ["first.ttl", "other.nt"], ("ex:a", "ex:c"): ["first.ttl"],
            ("ex:a", "ex:d"): ["other.nt"], ("CL:1", "ex:a"): ["first.ttl", "other.nt"],
            ("CL:1", "ex:b"): ["other.nt"],
        }  # fmt: skip
        counts = {c.file: c for c in found.loaded.report.files if c.kind == "triple"}
        assert {name: (c.seen, c.accounted_for) for name, c in counts.items()} == {
            "first.ttl": (3, 3), "other.nt": (4, 4),
        }  # fmt: skip
        assert [tally.file for tally in found.loaded.files] == [path.name for path in files]


def test_what_is_passed_over_is_counted_for_its_file(tmp_path: Path) -> None:
    first = write(tmp_path, HEAD + 'ex:a ex:p ex:b ; ex:weight "3" .', name="first")
    other = write(tmp_path, HEAD + 'ex:a ex:p ex:b ; ex:size "4", "5" ; ex:p [] .', name="other")
    counts = {c.file: c for c in read(first, other).loaded.report.files if c.kind == "triple"}
    assert all(c.seen == c.accounted_for for c in counts.values())
    assert sum(c.passed_over for c in counts.values()) == 3
    assert counts["other.ttl"].merged == 1


def test_a_broken_file_is_refused_and_the_others_with_it(tmp_path: Path) -> None:
    good = write(tmp_path, HEAD + "ex:a ex:p ex:b .", name="good")
    broken, worse = tmp_path / "broken.ttl", tmp_path / "worse.nt"
    broken.write_text("@prefix ex: <http://example.org/> .\nex:a ex:p .\n")
    worse.write_text("<a:s> <a:p> <a:o> .\n<a:s> <a:p> nothing .\n")
    with pytest.raises(LoadRefused) as refused:
        read(good, broken, worse)
    assert {(r.file, r.line) for r in refused.value.refusals} == {
        ("broken.ttl", 2),
        ("worse.nt", 2),
    }
    halves = [
        write(tmp_path, HEAD + f"ex:s a biolink:Association ; {text} .", name=name)
        for name, text in {"one": "biolink:subject ex:a", "two": "biolink:object ex:b"}.items()
    ]
    with pytest.raises(DataError, match="statement ex:s has no predicate"):
        read(*halves)


@pytest.mark.parametrize("suffix", SYNTAXES)
@pytest.mark.parametrize(
    ("languages", "name"),
    [
        (("en",), "cell"), (("de", "en"), "Zelle"), (("fr", "de"), "cellule"), (("ja",), "CELL"),
        (("de-AT",), "CELL"), (("pt",), "célula"),
    ],
)  # fmt: skip
def test_preferred_languages_name_an_entity(
    tmp_path: Path, suffix: str, languages: tuple[str, ...], name: str
) -> None:
    names = {"en": "cell", "de": "Zelle", "fr": "cellule", "pt-BR": "célula", "": "CELL"}
    labels = ", ".join(f'"{text}"' + (f"@{tag}" if tag else "") for tag, text in names.items())
    path = write(tmp_path, HEAD + f'ex:c rdfs:label {labels} ; skos:altLabel "Zelle"@nl .', suffix)
    loaded = load([path], tmp_path / "data", name="g", schema=biolink_schema(), formats=ALL,
                  languages=languages)  # fmt: skip
    (entity,) = Read(loaded, open_snapshot(loaded.path)).entities.values()
    assert entity.name == name
    assert {entity.name, *entity.synonyms} == set(names.values())
    preferred = {tag.partition("-")[0] for tag in languages if "-" not in tag}
    kept = {key: text for key, text in entity.attributes.items() if key.startswith("name@")}
    assert kept == {
        f"name@{tag.casefold()}": text
        for tag, text in (*names.items(), ("nl", "Zelle"))
        if tag and tag.partition("-")[0] not in preferred
    }


def test_a_folder_is_the_files_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    (folder / "below").mkdir(parents=True)
    write(folder, HEAD + "ex:a ex:p ex:b .")
    (folder / "nodes.tsv").write_text("id\tname\nex:a\tA\n")
    (folder / "notes.md").write_text("no graph")
    (folder / ".hidden.ttl").write_text("no Turtle")
    found = read(folder)
    assert (found.entities["ex:a"].name, len(found.statements)) == ("A", 1)
    (count,) = (c for c in found.loaded.report.files if c.file == "graph")
    assert (count.seen, count.kept, count.passed_over) == (4, 2, 2)
    assert {e.text for reason in count.reasons for e in reason.examples} == {"below", "notes.md"}
    with pytest.raises(DataError, match="no file was named"):
        read(folder / "below")


@pytest.mark.parametrize("later", ["a-edges.tsv", "z-edges.tsv"])
def test_terms_of_rdf_serve_tables_in_any_order(tmp_path: Path, later: str) -> None:
    terms = write(tmp_path, MORE + PARTS["terms"], name="terms")
    table = tmp_path / later
    table.write_text("subject\tpredicate\tobject\nex:a\thttp://example.org/blocks\tex:b\n")
    found = [read(*files) for files in ((terms, table), (table, terms))]
    assert [[(s.predicate, s.sign) for s in graph.statements] for graph in found] == [
        [("blocks", -1)]
    ] * 2
    assert found[0].hash == found[1].hash
