"""The Turtle files as they stand: syntax, counts, layout, sources."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import bioregistry
import pytest
from pyoxigraph import RdfFormat, parse, serialize
from rdflib import Graph
from rdflib.compare import isomorphic

from mechkg.kg.model.values import Statement
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.rdf.formats import RdfGraph
from mechkg.ontology.rdf.triples import read_documents, read_triples
from mechkg.ontology.rdf.vocabulary import DCTERMS, MECHKG, OWL, SH

SHAPES = bundled_files()[0].with_name("shapes.ttl")
ABOX = bundled_files()[1:]

STATEMENTS_BY_PREDICATE = {
    "specialises": 29, "same_as": 8, "constituent_of": 8, "results_in": 35, "opposite_of": 22,
    "protects": 22, "subclass_of": 46, "performs": 1, "reduces_risk_of": 1, "damages": 49,
    "studied_to_treat": 58, "promotes": 378, "depletes": 6, "has_active_form": 3, "precedes": 2,
    "activates": 74, "inhibits": 239, "exacerbates": 5, "contributes_to": 59, "treats": 41,
    "suppresses": 55, "has_feature": 11, "has_location": 3, "capable_of": 26, "has_basis_in": 4,
    "surrounds": 1, "negatively_regulates": 20, "leads_to": 85, "located_in": 18,
    "participates_in": 7, "develops_into": 22, "replaces": 1, "produces": 42, "ameliorates": 45,
    "secretes": 35, "mitigates_effects_of": 1, "interacts_with": 2, "model_of": 7,
    "derives_from": 3, "requires": 3, "enhances": 2, "positively_regulates": 49, "part_of": 14,
    "correlated_with": 34, "expresses": 40, "associated_with": 13, "binds": 68, "expands": 4,
    "regulates": 2, "genetic_risk_for": 5, "raises_amount_of": 3, "has_phenotype": 20,
    "biomarker_for": 2, "lowers_amount_of": 3, "analogue_of": 1, "enables": 1,
}  # fmt: skip
ENTITIES_BY_CATEGORY = {
    "ChemicalEntity": 27, "Drug": 45, "Cell": 74, "ChemicalExposure": 1, "BiologicalProcess": 119,
    "CellularComponent": 8, "Gene": 209, "PhenotypicFeature": 40, "Procedure": 10, "Treatment": 8,
    "OrganismTaxon": 7, "AnatomicalEntity": 27, "ClinicalAttribute": 11, "OrganismalEntity": 2,
    "Protein": 7, "Behavior": 1, "Disease": 24, "ClinicalTrial": 32, "PathologicalProcess": 8,
    "PathologicalAnatomicalStructure": 2, "SequenceVariant": 1,
}  # fmt: skip
EVIDENCE_BY_KIND = {
    "ontology_axiom": 76, "ontology_definition": 68, "literature": 1148, "article": 154,
    "curator_reading": 19, "curated_mechanism_db": 133, "curated_pathway": 59,
    "go_annotation": 264, "curated_ligand_receptor_db": 61,
}  # fmt: skip
MODALITIES = {
    "curator_inference": 62, "asserted": 1647, "potential": 5, "possible": 4,
    "research_reported": 3, "future_possible": 3, "asserted_negative": 1, "challenge": 6,
    "under_investigation": 5, "aim": 2,
}  # fmt: skip

EFFECTS = {
    "raises": 1005, "lowers": 487, "none": 149, "unknown": 97,
}  # fmt: skip
HEDGES = {
    "asserted": 920, "reported": 675, "suggested": 104, "hypothesised": 17, "contested": 22,
}  # fmt: skip


@pytest.mark.parametrize("path", [*bundled_files(), SHAPES], ids=lambda path: path.name)
def test_two_parsers_read_the_same_triples(path: Path) -> None:
    quads = parse(path=str(path), format=RdfFormat.TURTLE)
    written = serialize((q.triple for q in quads), format=RdfFormat.N_TRIPLES)
    theirs = Graph().parse(data=written, format="nt")
    assert len(theirs) > 0
    assert isomorphic(theirs, Graph().parse(path))


def test_counts(graph: RdfGraph) -> None:
    ids = Counter(s.id[:2] for s in graph.statements)
    assert ids == {
        "SC": 125, "XC": 542, "MK": 10, "NC": 40, "XB": 730, "XT": 160, "ID": 102, "TR": 29,
    }  # fmt: skip
    assert Counter(s.predicate for s in graph.statements) == STATEMENTS_BY_PREDICATE
    categories = Counter(e.category.removeprefix("biolink:") for e in graph.entities)
    assert categories == ENTITIES_BY_CATEGORY
    assert Counter(e.kind for s in graph.statements for e in s.evidence) == EVIDENCE_BY_KIND
    assert Counter(s.modality for s in graph.statements) == MODALITIES
    assert Counter(s.effect for s in graph.statements) == EFFECTS
    assert Counter(s.hedge for s in graph.statements) == HEDGES
    assert [s.id for s in graph.statements if s.negated] == ["SC098", "XC0196", "XC0315", "XC0403"]
    assert all(s.evidence for s in graph.statements)


def test_predicates_are_the_tables_with_one_parent(graph: RdfGraph) -> None:
    described = {p.id for p in graph.schema.predicates}
    assert described == {*STATEMENTS_BY_PREDICATE, "occurs_in", "causally_influences"}
    assert all(p.label and p.domain and p.range and p.description for p in graph.schema.predicates)
    assert {p.id for p in graph.schema.predicates if p.generic} == {
        "subclass_of", "associated_with", "correlated_with", "causally_influences",
        "analogue_of", "biomarker_for", "genetic_risk_for", "interacts_with",
    }  # fmt: skip


def test_no_title_is_made_up(graph: RdfGraph) -> None:
    titles = {t for s in graph.statements for e in s.evidence for t in e.titles}
    assert not [t for t in titles if "not seen" in t or "truncated" in t or not t.strip()]


def test_every_predicate_can_be_worded_and_composed(graph: RdfGraph) -> None:
    for p in graph.schema.predicates:
        # Beside these, a predicate without a direction may have verbs for one that is stated.
        assert {"singular", "plural", "passive", "hedged"} <= set(p.verbs), p.id
        assert set(p.verbs) <= {"singular", "plural", "passive", "hedged", "raises", "lowers"}, p.id
        assert p.role, p.id


def test_the_article_is_cited_by_sentence_and_not_copied() -> None:
    triples = read_triples(read_documents(ABOX))
    sentences = [s for s, p in triples.by_subject.items() if MECHKG["sha1Prefix"] in p]
    assert len(sentences) == 29
    paragraphs = Counter(triples.value(s, MECHKG["paragraph"]) for s in sentences)
    assert sorted(paragraphs) == ["", *"123456789"]
    spans = sorted(
        tuple(int(triples.value(s, MECHKG[f"character{end}"])) for end in ("Start", "End"))
        for s in sentences
    )
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    titles = [v for s in triples.by_subject for v in triples.values(s, DCTERMS["title"])]
    assert "What Is The Connection Between MS And Neural Stem Cells?" in titles


def test_header_has_licence_version_and_sources() -> None:
    triples = read_triples(read_documents(bundled_files()[:1]))
    header = "https://w3id.org/mechkg/"
    licence = triples.value(header, DCTERMS["license"])
    assert licence == "https://creativecommons.org/licenses/by/4.0/"
    assert triples.value(header, OWL["versionInfo"])
    assert len(triples.values(header, DCTERMS["source"])) == 3
    declared = {s for s, p in triples.by_subject.items() if SH["prefix"] in p}
    assert set(triples.values(header, SH["declare"])) == declared


def test_every_prefix_is_in_the_bioregistry_or_our_own(graph: RdfGraph) -> None:
    triples = read_triples(read_documents(bundled_files()[:1]))
    for subject, predicates in triples.by_subject.items():
        if SH["prefix"] not in predicates:
            continue
        prefix = triples.value(subject, SH["prefix"])
        if triples.value(subject, SH["namespace"]).startswith("https://w3id.org/mechkg/"):
            continue
        known = bioregistry.normalize_prefix(prefix)
        assert known, prefix
        pattern = triples.value(subject, MECHKG["identifierPattern"])
        assert prefix == "biolink" or pattern == (bioregistry.get_pattern(known) or ""), prefix
    used = {e.id.partition(":")[0] for e in graph.entities}
    assert used - {"mechkg"} <= {p for p in used if bioregistry.normalize_prefix(p)}


def expected_comment(statement: Statement, names: dict[str, str]) -> str:
    denied = "not: " if statement.negated else ""
    ends = names[statement.subject], names[statement.object]
    return f"# {denied}{ends[0]} -{statement.predicate}-> {ends[1]}"


def test_the_comment_over_each_statement_says_what_it_says(graph: RdfGraph) -> None:
    names = {e.id: e.name for e in graph.entities}
    comments = {}
    for path in ABOX:
        above = ""
        for line in path.read_text().splitlines():
            if line.startswith("# "):
                above = line
            elif match := re.match(r"statement:(\w+) ", line):
                comments[match[1]] = above
    wrong = {
        s.id: comments.get(s.id)
        for s in graph.statements
        if comments.get(s.id) != expected_comment(s, names)
    }
    assert wrong == {}


def test_entities_stand_in_the_file_of_their_category(graph: RdfGraph) -> None:
    homes = {
        "cells": {"Cell"},
        "factors": {"Gene", "Protein", "ChemicalEntity", "SequenceVariant"},
        "processes": {"BiologicalProcess", "PathologicalProcess", "Behavior"},
        "diseases-and-findings": {
            "Disease", "PhenotypicFeature", "ChemicalExposure", "OrganismalEntity", "OrganismTaxon",
            "ClinicalAttribute",
        },
        "anatomy": {"AnatomicalEntity", "CellularComponent", "PathologicalAnatomicalStructure"},
        "therapies": {"Drug", "Procedure", "Treatment"},
        "trials": {"ClinicalTrial"},
    }  # fmt: skip
    for path in ABOX:
        found = set(re.findall(r"^\S+ a biolink:(\w+) ;$", path.read_text(), re.MULTILINE))
        assert found - {"Association"} <= homes.get(path.stem, set()), path.name
    assert {e.category.removeprefix("biolink:") for e in graph.entities} == set().union(
        *homes.values()
    )
