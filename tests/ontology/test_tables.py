"""Everything that the curated tables say is in the ontology, row by row."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mechkg.kg.model.values import Entity, Statement
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.rdf.formats import RdfGraph
from mechkg.ontology.rdf.triples import Triples, read_documents, read_triples
from mechkg.ontology.rdf.vocabulary import MECHKG, SENTENCE, SKOS

Row = dict[str, str]

ADDED_SYNONYMS = {"CL:0000134": {"MSC"}, "MONDO:0005301": {"MS"}}
"""What curators added to a name of the tables, with its source in the Turtle."""


@pytest.fixture(scope="module")
def tables(shared: Path) -> dict[str, list[Row]]:
    def rows(name: str) -> list[Row]:
        with (shared / "data" / "ms-nsc" / f"{name}.tsv").open(newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t"))

    names = ("entities", "seed_claims", "extended_claims", "predicates", "seed_sentences")
    return {name: rows(name) for name in names}


@pytest.fixture(scope="module")
def triples() -> Triples:
    return read_triples(read_documents(bundled_files()))


def ours(curie: str) -> str:
    return curie.replace("mskg:", "mechkg:")


def reference(text: str) -> str:
    """The identifier that a reference of the tables has here."""
    if text.startswith("URL:"):
        return f"reference:{text.removeprefix('URL:')}"
    return f"clinicaltrials:{text}" if text.startswith("NCT") else text


def qualifiers(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (p.strip() for p in text.split(";"))):
        key, equals, value = part.partition("=")
        if part != "negated=true":
            yield (key.strip(), value.strip()) if equals else ("note", part)


def same_claim(row: Row, statement: Statement) -> bool:
    return (
        statement.subject == ours(row["subject"])
        and statement.predicate == row["predicate"]
        and statement.object == ours(row["object"])
        and statement.sign == int(row["polarity"])
        and statement.negated == (row["negated"] == "true" or "negated=true" in row["qualifiers"])
        and {(q.type, q.value) for q in statement.qualifiers} == set(qualifiers(row["qualifiers"]))
    )


def test_every_claim_of_the_article(tables: dict[str, list[Row]], graph: RdfGraph) -> None:
    statements = {s.id: s for s in graph.statements}
    assert len(tables["seed_claims"]) == 125
    for row in tables["seed_claims"]:
        statement = statements[row["claim_id"]]
        assert same_claim(row, statement), row
        assert statement.modality == row["modality"]
        assert [e.location for e in statement.evidence] == row["sentence_refs"].split(",")
        assert {e.kind for e in statement.evidence} == {"article"}
        assert statement.note == row["curator_note"]


def test_every_extended_claim(tables: dict[str, list[Row]], graph: RdfGraph) -> None:
    statements = {s.id: s for s in graph.statements}
    assert len(tables["extended_claims"]) == 542
    for row in tables["extended_claims"]:
        statement = statements[row["claim_id"]]
        assert same_claim(row, statement), row
        possible = "modality=may" in row["qualifiers"]
        assert statement.modality == ("possible" if possible else "asserted")
        assert {e.kind for e in statement.evidence} == {row["evidence_type"]}
        references = [r for r in row["references"].split("|") if r]
        found = [p for e in statement.evidence for p in e.publications]
        assert found == [reference(r) for r in references], row
        titles = [t.strip() for t in row["reference_titles_as_seen"].split("||") if t.strip()]
        assert [t for e in statement.evidence for t in e.titles] == titles
        seen = [e.seen_in for e in statement.evidence]
        parts = [w.strip() for w in row["where_verified"].split("||")]
        assert seen == parts or set(seen) == {row["where_verified"]}


def test_every_entity(tables: dict[str, list[Row]], graph: RdfGraph, triples: Triples) -> None:
    entities = {e.id: e for e in graph.entities}
    assert len(tables["entities"]) == len(entities) == 466
    for row in tables["entities"]:
        entity = entities[ours(row["curie"])]
        assert (entity.name, entity.category) == (row["label"], row["biolink_category"])
        assert set(entity.synonyms) - ADDED_SYNONYMS.get(entity.id, set()) == set(
            filter(None, row["synonyms"].split("|"))
        )
        seen = {w.strip() for w in row["where_verified"].split(" ; ")}
        assert {s for s in entity.provided_by if not s.startswith("MechKG")} == seen
        assert entity.description == row["note"]
        xrefs = [x for x in row["xrefs"].split("|") if x]
        assert set(entity.xrefs) == {x.partition("(")[0] for x in xrefs}
        assert_entry_names(xrefs, triples)
        assert_matches(entity, row["note"], triples, graph)


def assert_entry_names(xrefs: list[str], triples: Triples) -> None:
    for xref in xrefs:
        if match := re.fullmatch(r"UniProt:(\w+)\((\w+)\)", xref):
            iri = f"http://purl.uniprot.org/uniprot/{match[1]}"
            assert triples.values(iri, SKOS["notation"]) == [match[2]]


def assert_matches(entity: Entity, note: str, triples: Triples, graph: RdfGraph) -> None:
    for name, target in re.findall(r"skos:(\w+Match) (\w+:\w+)", note):
        found = triples.values(entity.iri, SKOS[name])
        iris = {e.id: e.iri for e in graph.entities}
        local = target.partition(":")[2]
        assert iris.get(target) in found or any(f.endswith(local) for f in found)
    for target in re.findall(r"rdfs:subClassOf (\w+:\w+)", note):
        parents = {
            s.object
            for s in graph.statements
            if s.subject == entity.id and s.predicate == "subclass_of" and not s.negated
        }
        assert target in parents


def test_every_predicate(tables: dict[str, list[Row]], graph: RdfGraph) -> None:
    assert len(tables["predicates"]) == 35
    for row in tables["predicates"]:
        predicate = graph.schema.predicate(row["predicate"])
        assert predicate.sign == int(row["polarity"])
        assert predicate.valence == row["valence"]
        identifiers = set(re.findall(r"(?:RO|BFO):\d{7}|rdfs:subClassOf", row["ro_id"]))
        assert identifiers <= set(predicate.mappings)
        named = set(re.findall(r"biolink:\w+", row["biolink_predicate"]))
        assert named <= {predicate.biolink, *predicate.mappings}
        directions = re.findall(r"direction (\w+)", row["biolink_predicate"])
        found = predicate.biolink_qualifiers.get("object_direction_qualifier")
        assert found == (directions[0] if directions else None)
        inverse = row["inverse"].replace(" (local)", "")
        assert predicate.symmetric == (inverse == "(symmetric)")
        if not predicate.symmetric and predicate.id != "subclass_of":
            assert predicate.inverse == inverse


def test_every_sentence(tables: dict[str, list[Row]], triples: Triples) -> None:
    assert len(tables["seed_sentences"]) == 29
    for row in tables["seed_sentences"]:
        iri = SENTENCE[row["sentence_id"]]
        assert triples.value(iri, MECHKG["characterStart"]) == row["char_start"]
        assert triples.value(iri, MECHKG["characterEnd"]) == row["char_end"]
        assert triples.value(iri, MECHKG["sha1Prefix"]) == row["sha1_12"]


def test_the_one_statement_that_the_tables_ground_together(graph: RdfGraph) -> None:
    statement = next(s for s in graph.statements if s.id == "MK001")
    triple = (statement.subject, statement.predicate, statement.object)
    assert triple == ("HGNC:4232", "protects", "CL:0000540")
    assert [e.location or e.publications[0] for e in statement.evidence] == [
        "P4S3", "PMID:28878618", "PMID:32897420", "PMID:32556722",
    ]  # fmt: skip
    assert all(e.titles and e.seen_in for e in statement.evidence[1:])
