"""Paths and net effects in words: number, voice, hedge, context, what disagrees."""

from typing import Any

import pytest

from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Context, HopStatement, PathEntity
from mechkg.kg.search.net_effect import net_effect_of
from mechkg.kg.search.sentences import (
    context_phrase,
    hedged_verb,
    hop_words,
    noun_phrase,
    path_sentence,
    plural_verb,
)
from mechkg.kg.search.verdict import Decision

PREDICATES = {
    p.id: p
    for p in (
        Predicate(
            id="secretes",
            label="secretes",
            verbs={"singular": "secretes", "plural": "secrete", "passive": "is secreted by"},
        ),
        Predicate(id="promotes", label="promotes", inverse_label="promoted by", sign=1),
        Predicate(id="inhibits", label="inhibits", sign=-1),
        Predicate(id="part_of", label="part of", inverse_label="has part", sign=0),
        Predicate(id="binds", label="binds", symmetric=True),
        Predicate(id="negatively_regulates", label="negatively regulates", sign=-1),
    )
}
NSC = PathEntity("CL:0000047", "neural stem cell", "biolink:Cell")
GDNF = PathEntity("HGNC:4232", "GDNF", "biolink:Gene")
AXON = PathEntity("GO:0030424", "axon", "biolink:CellularComponent")


def said(predicate: str, *, reverse: bool = False, **more: Any) -> HopStatement:
    return HopStatement(
        id=predicate,
        subject="a:1",
        predicate=predicate,
        object="a:2",
        direction="reverse" if reverse else "forward",
        **more,
    )


@pytest.mark.parametrize(
    ("name", "category", "words"),
    [
        ("neural stem cell", "biolink:Cell", ("neural stem cells", True)),
        ("mesenchymal stem cell of the bone marrow", "biolink:Cell",
         ("mesenchymal stem cells of the bone marrow", True)),
        ("Nerve Growth Factors", "biolink:Protein", ("Nerve Growth Factors", True)),
        ("A1 (neurotoxic) reactive astrocyte", "biolink:Cell",
         ("A1 (neurotoxic) reactive astrocytes", True)),
        ("T cell (human)", "biolink:Cell", ("T cells (human)", True)),
        ("lung", "Anatomy", ("the lung", False)),
        ("multiple sclerosis", "biolink:Disease", ("multiple sclerosis", False)),
        ("diabetes", "biolink:Disease", ("diabetes", False)),
        ("GDNF", "biolink:Gene", ("GDNF", False)),
        ("axon", "biolink:CellularComponent", ("the axon", False)),
        ("inflammatory response", "biolink:BiologicalProcess",
         ("the inflammatory response", False)),
        ("Remyelination", "biolink:BiologicalProcess", ("Remyelination", False)),
        ("hippocampus", "biolink:AnatomicalEntity", ("the hippocampus", False)),
    ],
)  # fmt: skip
def test_names_have_number_and_article(name: str, category: str, words: tuple[str, bool]) -> None:
    assert noun_phrase(PathEntity("x:1", name, category)) == words


@pytest.mark.parametrize(
    ("statement", "plural", "verb"),
    [
        (said("secretes"), False, "secretes"),
        (said("secretes"), True, "secrete"),
        (said("secretes", reverse=True), True, "are secreted by"),
        (said("part_of"), False, "is part of"),
        (said("part_of", reverse=True), True, "have part"),
        (said("promotes", reverse=True), False, "is promoted by"),
        (said("binds", reverse=True), False, "binds"),
        (said("negatively_regulates"), True, "negatively regulate"),
        (said("promotes", hedge="reported"), True, "are reported to promote"),
        (said("promotes", hedge="suggested"), False, "may promote"),
        (said("part_of", hedge="suggested"), False, "may be part of"),
        (said("promotes", hedge="hypothesised"), False, "is hypothesised to promote"),
        (said("promotes", hedge="contested"), False,
         "is reported, against other findings, to promote"),
        (said("promotes", modality="potential"), False, "may promote"),
        (said("promotes", modality="under_investigation"), False,
         "is being studied for whether it promotes"),
        (said("promotes", negated=True), True, "do not promote"),
    ],
)  # fmt: skip
def test_verbs_agree_and_are_hedged(statement: HopStatement, plural: bool, verb: str) -> None:
    assert hedged_verb(PREDICATES[statement.predicate], statement, plural=plural) == verb


@pytest.mark.parametrize(
    ("singular", "plural"),
    [("carries out", "carry out"), ("expresses", "express"), ("is", "are"), ("has", "have"),
     ("positively regulates", "positively regulate"), ("enriches", "enrich")],
)  # fmt: skip
def test_verbs_have_a_plural(singular: str, plural: str) -> None:
    assert plural_verb(singular) == plural


def test_contexts_name_species_model_system_and_outcome() -> None:
    rat, eae = Context("species", "NCBITaxon:10116"), Context("model", "MONDO:0005134", "EAE")
    assert context_phrase([rat, eae]) == "in rat EAE"
    assert context_phrase([eae]) == "in EAE"
    assert context_phrase([rat, Context("species", "NCBITaxon:9606")]) == "in rats and humans"
    assert context_phrase([Context("system", "in_vitro")]) == "in vitro"
    assert context_phrase([Context("system", "database")]) == ""
    assert context_phrase([Context("outcome", "not_met")]) == "primary endpoint not met"
    assert context_phrase([eae], known=frozenset({"MONDO:0005134"})) == ""


def test_another_mechanism_is_a_sentence_of_its_own() -> None:
    words = hop_words(NSC, AXON, [said("promotes"), said("part_of")], (0.1, 0.2), PREDICATES)
    assert words.clause == "promote the axon"
    assert words.also == ("Neural stem cells are also part of the axon.",)


def test_opposed_statements_are_said_to_disagree() -> None:
    both = [
        said("promotes", effect="raises", context=(Context("species", "NCBITaxon:10090"),)),
        said("inhibits", effect="lowers", hedge="reported"),
    ]
    words = hop_words(NSC, AXON, both, (0.1, 0.2), PREDICATES)
    assert words.also == (
        (
            "Sources disagree: neural stem cells promote the axon (in mice), and are reported to "
            "inhibit the axon."
        ),
    )


def test_statements_along_the_hop_speak_before_those_against_it() -> None:
    mixed = [said("promotes", reverse=True), said("secretes")]
    assert hop_words(NSC, GDNF, mixed, (0.1, 0.9), PREDICATES).clause == "secrete GDNF"


def test_the_weakest_hop_is_named_on_every_path_of_two_hops() -> None:
    hops = [
        hop_words(NSC, GDNF, [said("secretes")], (0.1,), PREDICATES),
        hop_words(GDNF, AXON, [said("promotes", hedge="suggested")], (0.5,), PREDICATES),
    ]
    assert path_sentence((NSC, GDNF, AXON), hops, (0.1, 0.5)) == (
        "Neural stem cells secrete GDNF, which may promote the axon. Weakest hop: GDNF to axon."
    )
    assert "Weakest" not in path_sentence((NSC, GDNF), hops[:1], (0.1,))


@pytest.mark.parametrize(
    ("decision", "counts", "sentence"),
    [
        (Decision(verdict="none", basis="none"), (0, 0, 0, 0), "No path leads from S to T."),
        (Decision(verdict="raises", basis="direct", hedge="asserted", statements=("1",)),
         (0, 2, 1, 0),
         "S raises T: 1 claim states it directly. Of 3 paths 2 raise it and 1 lowers it."),
        (Decision(verdict="lowers", basis="direct", hedge="hypothesised", statements=("1", "2")),
         (0, 0, 1, 0),
         ("S lowers T: 2 claims state it directly (on hypotheses alone). "
         "Of 1 path 0 raise it and 1 lowers it.")),
        (Decision(verdict="none", basis="denied", hedge="reported", statements=("1",)),
         (0, 0, 0, 0), "An effect of S on T is denied: 1 claim (reported)."),
        (Decision(verdict="none", basis="trial", hedge="asserted", statements=("1",),
                  context=(Context("outcome", "not_met"),)),
         (0, 0, 0, 0),
         "S was tried and not shown to act on T: 1 claim (primary endpoint not met)."),
        (Decision(verdict="raises", basis="association", hedge="asserted", statements=("1",)),
         (0, 0, 0, 0),
         ("S goes along with more T: 1 claim of association, of which no mechanism is stated.")),
        (Decision(verdict="raises", basis="chains", hedge="asserted", weight=0.42),
         (0, 1, 0, 1),
         ("S raises T: by inference, as no claim says so directly (best chain 0.42 of a direct "
         "claim). Of 2 paths 1 raises it and 0 lower it; 1 has no single direction.")),
        (Decision(verdict="unknown", basis="weak_chains", weight=0.08), (0, 1, 0, 0),
         ("Whether S raises or lowers T cannot be said: the best chain weighs only 0.08 of a "
         "direct claim. Of 1 path 1 raises it and 0 lower it.")),
    ],
)  # fmt: skip
def test_net_effects_say_what_they_rest_on(
    decision: Decision, counts: tuple[int, int, int, int], sentence: str
) -> None:
    assert net_effect_of(decision, counts, exact=True, source="S", target="T").sentence == sentence


def test_a_count_that_was_cut_is_a_lower_bound() -> None:
    none = Decision(verdict="none", basis="none")
    cut = net_effect_of(none, (0, 0, 0, 0), exact=False, source="S", target="T")
    assert cut.sentence == "No path from S to T was found before the search was cut."
    chains = Decision(verdict="raises", basis="chains", hedge="asserted")
    more = net_effect_of(chains, (1, 1, 1, 1), exact=False, source="S", target="T")
    assert "Of at least 4 paths" in more.sentence


def test_what_follows_from_definitions_is_left_out_beside_a_claim() -> None:
    named = {
        "leads_to": Predicate(id="leads_to", label="leads to", role="effect", sign=1),
        "results_in": Predicate(id="results_in", label="results in", role="bridge", sign=1),
    }
    both = [said("results_in", effect="raises"), said("leads_to", effect="raises")]
    assert hop_words(GDNF, AXON, both, [0.1, 0.2], named).clause == "leads to the axon"
    assert not hop_words(GDNF, AXON, both, [0.1, 0.2], named).also
    assert hop_words(GDNF, AXON, both[:1], [0.1], named).clause == "results in the axon"


@pytest.mark.parametrize(("reverse", "words"), [(True, "when impaired underlies"),
                                                (False, "rests on impaired")])  # fmt: skip
def test_a_disease_rests_on_what_is_impaired(reverse: bool, words: str) -> None:
    basis = Predicate(id="b", label="rests on", inverse_label="underlies", role="basis", sign=-1)
    statement = said("b", reverse=reverse, effect="lowers", sign=-1)
    assert hedged_verb(basis, statement, plural=False) == words


@pytest.mark.parametrize(
    ("kind", "label", "words"),
    [
        ("stage", "adult", "in adults"),
        ("stage", "chronic EAE; after: migration", "chronic EAE, after migration"),
        ("stage", "chronic disease; state: impaired OPCs", "chronic disease, impaired OPCs"),
        ("model", "Disease Models, Animal", "in animal disease models"),
        ("model", "EAE, relapsing", "in EAE, relapsing"),
    ],
)
def test_contexts_are_worded(kind: str, label: str, words: str) -> None:
    assert context_phrase([Context(kind, "x:1", label)]) == words
