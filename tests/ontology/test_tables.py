"""Everything that the curated tables say is in the ontology, row by row."""

import csv
import re
from pathlib import Path

import pytest

from mechkg.kg.model.values import Entity, Statement
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.rdf.formats import RdfGraph
from mechkg.ontology.rdf.triples import Triples, read_documents, read_triples
from mechkg.ontology.rdf.vocabulary import MECHKG, SENTENCE, SKOS

Row = dict[str, str]


@pytest.fixture(scope="module")
def tables(shared: Path) -> dict[str, list[Row]]:
    def rows(name: str) -> list[Row]:
        with (shared / "data" / "ms-nsc" / f"{name}.tsv").open(newline="") as lines:
            return list(csv.DictReader(lines, delimiter="\t"))

    names = (
        "entities", "seed_sentences", "v2/claims_v2", "v2/claims_added", "v2/bridges",
        "v2/therapies", "v2/overlap_v2", "v2/identity", "v2/trials", "v2/synonyms",
        "v2/predicates_v2", "v2/more_entities",
    )  # fmt: skip
    return {name.removeprefix("v2/"): rows(name) for name in names}


@pytest.fixture(scope="module")
def triples() -> Triples:
    return read_triples(read_documents(bundled_files()))


def ours(curie: str) -> str:
    return curie.replace("mskg:", "mechkg:")


EFFECTS = {"+1": "raises", "-1": "lowers", "0": "none", "?": "unknown"}
SHOWN_AS_OUTCOME = {"-1": "met", "0": "not_met", "?": "not_stated"}
"""The outcome of a study that a row of bridges or therapies writes as its sign."""
DEFINED = {"bridge", "identity"}
"""Roles of predicates that join what follows from definitions."""


def aspect(text: str) -> str:
    return "" if text == "none" else text


def same_claim(row: Row, statement: Statement) -> bool:
    """Whether a statement is what a row of the second tables says, with its contexts."""
    species = {c.value for c in statement.context if c.type == "species"}
    systems = {c.value for c in statement.context if c.type == "system"}
    return (
        (statement.subject, statement.predicate, statement.object)
        == (ours(row["subject"]), row["predicate"], ours(row["object"]))
        and statement.effect == EFFECTS[row["sign"]]
        and statement.subject_aspect == aspect(row["subject_aspect"])
        and statement.object_aspect == aspect(row["object_aspect"])
        and statement.hedge == row["hedge"]
        and species == set(filter(None, row["species"].split("|")))
        and systems == set(filter(None, row["system"].split("|")))
    )


def test_what_the_article_says_cites_it_with_its_title(graph: RdfGraph) -> None:
    said = [e for s in graph.statements for e in s.evidence if e.kind == "article"]
    assert said
    title = "What Is The Connection Between MS And Neural Stem Cells?"
    assert {(e.publications, e.titles) for e in said} == {(("sentence:article",), (title,))}
    assert all(e.location for e in said)


def test_every_claim_is_as_the_second_tables_have_it(
    tables: dict[str, list[Row]], graph: RdfGraph
) -> None:
    statements = {s.id: s for s in graph.statements}
    assert len(tables["claims_v2"]) == 667
    for row in tables["claims_v2"]:
        statement = statements[row["claim_id"]]
        assert same_claim(row, statement), row
        assert statement.modality == row["modality"]
        assert statement.negated == (row["negated"] == "true")
        outcomes = [c.value for c in statement.context if c.type == "outcome"]
        assert outcomes == ([row["outcome"]] if row["outcome"] else [])
    for row in tables["claims_added"]:
        assert same_claim(row, statements[row["claim_id"]]), row


def test_every_bridge_and_therapy_is_there_or_has_given_its_references(
    tables: dict[str, list[Row]], graph: RdfGraph
) -> None:
    statements = {s.id: s for s in graph.statements}
    dropped = {row["claim_id"]: row["v2_claims"].split()[0] for row in tables["overlap_v2"]}
    assert len(dropped) == 16
    for row in (*tables["bridges"], *tables["therapies"]):
        if row["claim_id"] in dropped:
            assert row["claim_id"] not in statements
            kept = statements[dropped[row["claim_id"]]]
            cited = {p for e in kept.evidence for p in e.publications}
            references = {r for r in row["references"].split("|") if r.startswith(("PMID", "DOI"))}
            assert references <= cited, row
            continue
        statement = statements[row["claim_id"]]
        if row["predicate"] == "studied_to_treat":
            outcome = next(c.value for c in statement.context if c.type == "outcome")
            assert outcome in {SHOWN_AS_OUTCOME[row["sign"]], "terminated"}, row
            no_effect = {"sign": "0", "subject_aspect": "none", "object_aspect": "none"}
            assert same_claim(row | no_effect, statement), row
        else:
            assert same_claim(row, statement), row
        assert statement.evidence, row
        assert all(e.seen_in for e in statement.evidence), row


def test_every_identity_is_a_bridge_in_each_direction_of_its_flow(
    tables: dict[str, list[Row]], graph: RdfGraph
) -> None:
    roles = {p.id: p.role for p in graph.schema.predicates}
    bridges = {(s.subject, s.object): s for s in graph.statements if roles[s.predicate] in DEFINED}
    for row in tables["identity"]:
        ends = ours(row["entity_a"]), ours(row["entity_b"])
        there = bridges[ends]
        assert (there.effect, there.weight) == (EFFECTS[row["sign"]], float(row["weight"]))
        assert (there.subject_aspect, there.object_aspect) == (row["aspect_a"], row["aspect_b"])
        if row["flow"] == "both":
            back = bridges[ends[::-1]]
            assert (back.effect, back.subject_aspect) == (there.effect, there.object_aspect)


def test_every_trial_says_its_outcome(tables: dict[str, list[Row]], graph: RdfGraph) -> None:
    by_trial = {
        c.value: s for s in graph.statements for c in s.context
        if s.id.startswith("TR") and c.type == "trial"
    }  # fmt: skip
    entities = {e.id: e for e in graph.entities}
    for row in tables["trials"]:
        assert entities[row["curie"]].category == "biolink:ClinicalTrial"
        if row["therapy"]:
            statement = by_trial[row["curie"]]
            assert statement.subject == ours(row["therapy"])
            assert statement.object == ours(row["population"])


def test_every_synonym_is_there_with_its_kind(
    tables: dict[str, list[Row]], graph: RdfGraph
) -> None:
    entities = {e.id: e for e in graph.entities}
    for row in tables["synonyms"]:
        entity = entities[ours(row["curie"])]
        if row["synonym"] == entity.name:
            continue
        assert row["synonym"] in entity.synonyms, row
        kind = entity.synonym_kinds.get(row["synonym"])
        assert kind is not None or row["kind"] == "exact", row


def test_every_entity(tables: dict[str, list[Row]], graph: RdfGraph, triples: Triples) -> None:
    entities = {e.id: e for e in graph.entities}
    assert len(tables["entities"]) == 466
    for row in tables["more_entities"]:
        entity = entities[ours(row["curie"])]
        assert entity.name == row["label"]
        assert entity.category == row["biolink_category"].partition(" ")[0]
        assert set(filter(None, row["synonyms"].split("|"))) <= {*entity.synonyms, entity.name}
    for row in tables["entities"]:
        entity = entities[ours(row["curie"])]
        assert (entity.name, entity.category) == (row["label"], row["biolink_category"])
        assert set(filter(None, row["synonyms"].split("|"))) <= set(entity.synonyms)
        seen = {w.strip() for w in row["where_verified"].split(" ; ")}
        assert seen <= set(entity.provided_by)
        assert entity.description == row["note"]
        xrefs = [x for x in row["xrefs"].split("|") if x]
        known = {x.partition("(")[0] for x in xrefs}
        added = set(entity.xrefs) - known
        assert known <= set(entity.xrefs)
        assert {x.partition(":")[0] for x in added} <= {"NCBIGene", "UMLS"}
        genes = [x for x in added if x.startswith("NCBIGene:")]
        assert len(genes) == entity.id.startswith("HGNC:")
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


VERB_FORMS = ("singular", "plural", "passive", "hedged")
REWORDED = {
    "subclass_of": {"plural", "passive"}, "part_of": {"passive"}, "participates_in": {"passive"},
    "has_location": set(VERB_FORMS), "enables": set(VERB_FORMS), "analogue_of": {"passive"},
    "raises_amount_of": set(VERB_FORMS), "lowers_amount_of": set(VERB_FORMS),
    "expands": {"singular", "plural", "hedged"}, "contributes_to": {"passive"},
    "studied_to_treat": {"plural"}, "has_feature": {"singular", "plural", "hedged"},
    "has_phenotype": set(VERB_FORMS), "biomarker_for": {"plural"},
}  # fmt: skip
"""Phrases of the table that readers found ungrammatical, as *has the kind*: written anew here."""


def test_every_predicate(tables: dict[str, list[Row]], graph: RdfGraph) -> None:
    assert len(tables["predicates_v2"]) == 53
    passage = {"yes": "yes", "no": "no", "only with a given partner": "conditional"}
    for row in tables["predicates_v2"]:
        predicate = graph.schema.predicate(row["predicate"])
        assert predicate.effect == EFFECTS.get(row["sign"], "unknown")
        # A therapy that was only studied is a role of its own here: it is no claim of an effect.
        is_trial = row["predicate"] == "studied_to_treat"
        assert predicate.role == ("trial" if is_trial else row["class"])
        assert predicate.causal == passage[row["causal"]]
        assert predicate.walk_backward == passage[row["walk_backward"]]
        changed = {f for f in VERB_FORMS if predicate.verbs[f] != row[f"verb_{f}"]}
        assert changed == REWORDED.get(predicate.id, set()), predicate.id
        assert predicate.symmetric == (row["symmetric"] == "yes")
        assert predicate.generic == (row["generic"] == "yes")
        assert predicate.inverse_label == row["inverse_label"]
        stated = {row["subject_aspect"], row["object_aspect"]} - {"none", "by_statement"}
        assert {predicate.subject_aspect, predicate.object_aspect} - {""} == stated


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
