"""Paths and net effects in words: number, voice, hedge, context, what disagrees."""

from typing import Any

import msgspec
import pytest

from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Aspect, Context, HopStatement, PathEntity, Qualifier
from mechkg.kg.search.context_words import context_phrase
from mechkg.kg.search.net_effect import net_effect_of
from mechkg.kg.search.sentences import hop_words, noun_phrase, path_sentence
from mechkg.kg.search.verb_words import hedged_verb, plural_verb
from mechkg.kg.search.verdict import Decision
from mechkg.kg.search.verdict_words import End

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
        ("Nerve Growth Factors", "biolink:Protein", ("nerve growth factors", True)),
        ("A1 (neurotoxic) reactive astrocyte", "biolink:Cell",
         ("A1 (neurotoxic) reactive astrocytes", True)),
        ("T cell (human)", "biolink:Cell", ("T cells (human)", True)),
        ("lung", "Anatomy", ("the lung", False)),
        ("multiple sclerosis", "biolink:Disease", ("multiple sclerosis", False)),
        ("diabetes", "biolink:Disease", ("diabetes", False)),
        ("GDNF", "biolink:Gene", ("GDNF", False)),
        ("axon", "biolink:CellularComponent", ("axons", True)),
        ("inflammatory response", "biolink:BiologicalProcess",
         ("the inflammatory response", False)),
        ("Remyelination", "biolink:BiologicalProcess", ("remyelination", False)),
        ("hippocampus", "biolink:AnatomicalEntity", ("the hippocampus", False)),
        ("Notch signaling pathway", "biolink:BiologicalProcess",
         ("the Notch signaling pathway", False)),
        ("Cell- and Tissue-Based Therapy", "biolink:Treatment",
         ("cell- and tissue-based therapy", False)),
        ("Recovery of Function", "biolink:PhenotypicFeature", ("recovery of function", False)),
        ("Babinski sign", "biolink:PhenotypicFeature", ("Babinski sign", False)),
        ("Lhermitte's sign", "biolink:PhenotypicFeature", ("Lhermitte's sign", False)),
        ("Interferon beta-1a", "biolink:Drug", ("interferon beta-1a", False)),
        ("Vitamin C", "Compound", ("vitamin C", False)),
        ("Akt", "biolink:Protein", ("Akt", False)),
        ("Gdnf", "biolink:Gene", ("Gdnf", False)),
        ("Parkinson disease", "biolink:Disease", ("Parkinson disease", False)),
        ("Mus musculus", "biolink:OrganismTaxon", ("Mus musculus", False)),
        ("Expanded Disability Status Scale", "biolink:ClinicalAttribute",
         ("Expanded Disability Status Scale", False)),
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
    assert words.clause == "promote axons"
    assert words.also == ("Neural stem cells are also part of axons.",)


def test_opposed_statements_are_said_to_disagree() -> None:
    both = [
        said("promotes", effect="raises", context=(Context("species", "NCBITaxon:10090"),)),
        said("inhibits", effect="lowers", hedge="reported"),
    ]
    words = hop_words(NSC, AXON, both, (0.1, 0.2), PREDICATES)
    assert words.also == (
        (
            "Sources disagree: neural stem cells promote axons (in mice), and are reported to "
            "inhibit them."
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
        "Neural stem cells secrete GDNF, which may promote axons. Weakest hop: GDNF to axons."
    )
    assert "Weakest" not in path_sentence((NSC, GDNF, AXON), hops, (0.3, 0.3))
    assert "Weakest" not in path_sentence((NSC, GDNF), hops[:1], (0.1,))


S, T = (End((PathEntity(f"x:{name}", name, "x:Thing"),)) for name in "ST")
CELL = End((PathEntity("CL:0000236", "B cell", "biolink:Cell"),))
DISEASE = End((PathEntity("MONDO:0005301", "multiple sclerosis", "biolink:Disease"),))
PROCESS = End((PathEntity("GO:0006954", "inflammatory response", "biolink:BiologicalProcess"),))


@pytest.mark.parametrize(
    ("decision", "counts", "sentence"),
    [
        (Decision(verdict="none", basis="none"), (0, 0, 0, 0), "No path leads from S to T."),
        (Decision(verdict="raises", basis="direct", hedge="asserted", statements=("1",)),
         (0, 2, 1, 0),
         "S raises T: 1 claim states it directly. Of 3 paths, 2 raise it and 1 lowers it."),
        (Decision(verdict="lowers", basis="direct", hedge="hypothesised", statements=("1", "2")),
         (0, 0, 1, 0),
         "S is hypothesised to lower T: 2 claims put it forward, as hypotheses alone."),
        (Decision(verdict="raises", basis="direct", hedge="reported", statements=("1",),
                  outweighed=1),
         (0, 2, 0, 0),
         ("S is reported to raise T: 1 claim reports it directly, though 1 weaker claim says "
          "otherwise. Both paths raise it.")),
        (Decision(verdict="raises", basis="direct", hedge="asserted", statements=("1",),
                  associated=True, verb="express"), (0, 1, 0, 0),
         "S expresses T: 1 claim states it directly."),
        (Decision(verdict="lowers", basis="direct", hedge="reported", statements=("1",),
                  associated=True, verb="show lowered expression of"), (0, 0, 1, 0),
         "S is reported to show lowered expression of T: 1 claim reports it directly."),
        (Decision(verdict="none", basis="denied", hedge="reported", statements=("1",)),
         (0, 0, 0, 0), "An effect of S on T is denied: 1 claim (reported)."),
        (Decision(verdict="none", basis="trial", hedge="asserted", statements=("1",),
                  context=(Context("outcome", "not_met"),)),
         (0, 0, 0, 0),
         "S was tried and not shown to act on T: 1 claim (primary endpoint not met)."),
        (Decision(verdict="lowers", basis="trial", hedge="asserted", statements=("1",),
                  context=(Context("outcome", "met"),)),
         (1, 0, 0, 0),
         ("S was tried for T, and met the primary endpoint: 1 claim (primary endpoint met). The "
          "only path states a link, not an effect.")),
        (Decision(verdict="raises", basis="association", hedge="asserted", statements=("1",)),
         (0, 0, 0, 0),
         ("S is positively associated with T: 1 claim of association, for which no mechanism is "
          "stated.")),
        (Decision(verdict="raises", basis="chains", hedge="asserted", weight=0.42),
         (0, 1, 0, 1),
         ("S is inferred to raise T: no claim says so directly (moderate indirect "
         "evidence). Of 2 paths, 1 raises it and none lowers it; 1 leaves the direction open.")),
        (Decision(verdict="lowers", basis="chains", hedge="suggested", weight=0.42),
         (0, 2, 8, 0),
         ("On balance, S may lower T: by inference, as no claim says so directly (moderate "
          "indirect evidence; weakest claim: suggested). Of 10 paths, 2 raise it and 8 lower it.")),
        (Decision(verdict="lowers", basis="chains", hedge="asserted", weight=0.65),
         (0, 0, 2, 0),
         ("S is inferred to lower T: no claim says so directly (strong indirect evidence). Both "
          "paths lower it.")),
        (Decision(verdict="lowers", basis="chains", hedge="asserted", weight=0.65, inferred=True,
                  context=(Context("species", "NCBITaxon:10090"),
                           Context("species", "NCBITaxon:9606"))),
         (0, 3, 2, 0),
         ("On balance, S is inferred to lower T: no claim says so directly (strong indirect "
          "evidence; weakest claim: a curator's inference; seen in mice and humans), and more "
          "paths say the opposite, but weigh less. Of 5 paths, 3 raise it and 2 lower it.")),
        (Decision(verdict="lowers", basis="chains", hedge="suggested", weakest="asserted",
                  weight=0.55, open=("1",), tried=True), (1, 1, 4, 0),
         ("On balance, S may lower T: by inference, as the outcome of a trial is not stated "
          "(moderate indirect evidence). Of 6 paths, 1 raises it and 4 lower it; 1 states a link, "
          "not an effect.")),
        (Decision(verdict="raises", basis="chains", hedge="suggested", weakest="reported",
                  weight=0.2, open=("1", "2")), (0, 1, 0, 2),
         ("S may raise T: by inference, as 2 direct claims leave the direction open (weak indirect "
          "evidence; weakest claim: reported). Of 3 paths, 1 raises it and none lowers it; 2 leave "
          "the direction open.")),
        (Decision(verdict="lowers", basis="chains", hedge="asserted", weakest="asserted",
                  weight=0.52, established=True), (0, 10, 3, 0),
         ("S is inferred to lower T: no claim says so directly, but it treats a kind of T "
          "(moderate indirect evidence), and more paths say the opposite, but weigh less. Of 13 "
          "paths, 10 raise it and 3 lower it.")),
        (Decision(verdict="unknown", basis="chains", open=("1",), tried=True), (1, 0, 0, 0),
         ("S was tried for T, and no outcome is stated. The only path states a link, not an "
          "effect.")),
        (Decision(verdict="unknown", basis="weak_chains", weight=0.08, open=("1",), tried=True),
         (1, 0, 1, 0),
         ("Evidence that S lowers T is too weak for a verdict: the outcome of a trial is not "
          "stated; the best chain has 0.08 of the weight of a direct claim, and a verdict needs "
          "0.18. Of 2 paths, none raises it and 1 lowers it; 1 states a link, not an effect.")),
        (Decision(verdict="both", basis="chains", hedge="reported", weight=0.2), (0, 2, 1, 0),
         ("The evidence on whether S raises or lowers T points both ways: no claim decides it "
          "directly (weak indirect evidence; weakest claim: reported). Of 3 paths, 2 raise it and "
          "1 lowers it.")),
        (Decision(verdict="both", basis="chains", hedge="asserted", weight=0.65), (0, 2, 0, 1),
         ("The evidence on whether S raises or lowers T points both ways: no claim decides it "
          "directly (strong indirect evidence). Of 3 paths, 2 raise it and none lowers it; 1 "
          "points both ways or nowhere.")),
        (Decision(verdict="raises", basis="direct", hedge="asserted", statements=("1", "2"),
                  weaker=1, context=(Context("species", "NCBITaxon:10090"),
                                     Context("system", "in_vitro"))),
         (0, 2, 0, 0),
         ("S raises T: 1 claim states it directly, 1 more weakly (in mouse cells in vitro). Both "
          "paths raise it.")),
        (Decision(verdict="raises", basis="chains", hedge="asserted", weight=0.3,
                  assumed="a ligand activates its receptor"), (0, 1, 0, 0),
         ("S is inferred to raise T: no claim says so directly (moderate indirect evidence; "
          "assumption: a ligand activates its receptor). The only path raises it.")),
        (Decision(verdict="unknown", basis="chains", associated=True), (0, 0, 0, 2),
         "No effect of S on T is stated. Both paths leave the direction open."),
        (Decision(verdict="unknown", basis="chains", hedge=None, weight=0.2), (0, 0, 0, 3),
         "No direction of effect of S on T is stated. All 3 paths leave the direction open."),
        (Decision(verdict="unknown", basis="weak_chains", weight=0.08), (0, 1, 0, 0),
         ("Evidence that S raises T is too weak for a verdict: the best chain has 0.08 of "
         "the weight of a direct claim, and a verdict needs 0.18. The only path raises it.")),
        (Decision(verdict="unknown", basis="weak_chains", weight=0.08), (0, 1, 1, 0),
         ("Whether S raises or lowers T cannot be said: the best chain has 0.08 of the "
         "weight of a direct claim, and a verdict needs 0.18. Of 2 paths, 1 raises it and 1 "
          "lowers it.")),
        (Decision(verdict="none", basis="none"), (5, 0, 0, 0),
         "No effect of S on T is stated. All 5 paths state a link, not an effect."),
        (Decision(verdict="unknown", basis="chains"), (2, 0, 0, 1),
         ("No direction of effect of S on T is stated. Of 3 paths, 1 leaves the direction open, "
          "and 2 state a link, not an effect.")),
        (Decision(verdict="none", basis="none"), (0, 0, 0, 4), "No effect of S on T is stated."),
    ],
)  # fmt: skip
def test_net_effects_say_what_they_rest_on(
    decision: Decision, counts: tuple[int, int, int, int], sentence: str
) -> None:
    assert net_effect_of(decision, counts, exact=True, source=S, target=T).sentence == sentence


@pytest.mark.parametrize(
    ("target", "aspect", "sentence"),
    [
        (CELL, "number_of_cells", "B cells are inferred to lower the number of B cells"),
        (CELL, "integrity", "B cells are inferred to lower the integrity of B cells"),
        (CELL, "", "B cells are inferred to lower the number or function of B cells"),
        (DISEASE, "occurrence",
         "B cells are inferred to lower the risk or severity of multiple sclerosis"),
        (PROCESS, "occurrence", "B cells are inferred to inhibit the inflammatory response"),
        (PROCESS, "activity",
         "B cells are inferred to inhibit the activity of the inflammatory response"),
    ],
)  # fmt: skip
def test_a_verdict_names_the_aspect_by_the_verb_of_its_field(
    target: End, aspect: Aspect, sentence: str
) -> None:
    lowered = Decision(verdict="lowers", basis="chains", hedge="reported", aspect=aspect)
    said = net_effect_of(lowered, (0, 0, 3, 0), exact=True, source=CELL, target=target).sentence
    assert said.partition(":")[0] == sentence
    both = Decision(verdict="both", basis="direct", hedge="asserted", aspect=aspect)
    said = net_effect_of(both, (0, 1, 1, 0), exact=True, source=CELL, target=target).sentence
    assert said.startswith("B cells both ")


def test_a_measure_has_no_amount() -> None:
    level = End((PathEntity("x:1", "neurofilament light chain level", "biolink:Protein"),))
    lowered = Decision(verdict="lowers", basis="direct", hedge="asserted", aspect="abundance",
                       statements=("1",))  # fmt: skip
    said = net_effect_of(lowered, (0, 0, 1, 0), exact=True, source=S, target=level).claim
    assert said == "S lowers the neurofilament light chain level"


def test_what_goes_together_is_not_said_to_act() -> None:
    chain = Decision(verdict="lowers", basis="chains", hedge="asserted", associated=True)
    said = net_effect_of(chain, (0, 0, 3, 0), exact=True, source=S, target=CELL).sentence
    assert said.startswith("S is inferred to go with a lower number or function of B cells: ")
    claim = Decision(verdict="raises", basis="direct", hedge="asserted", associated=True)
    said = net_effect_of(claim, (0, 1, 0, 0), exact=True, source=S, target=PROCESS).sentence
    assert said.startswith("S goes with more of the inflammatory response: ")
    both = Decision(verdict="both", basis="direct", hedge="asserted", associated=True)
    said = net_effect_of(both, (0, 1, 1, 0), exact=True, source=CELL, target=DISEASE).sentence
    assert said.startswith(
        "B cells go with a higher and a lower risk or severity of multiple sclerosis"
    )


def test_where_no_effect_is_meant_none_is_said_to_be_unknown() -> None:
    place = Decision(verdict="unknown", basis="chains")
    assert net_effect_of(place, (2, 0, 0, 0), exact=True, source=S, target=T).sentence == (
        "No effect of S on T is stated. Both paths state a link, not an effect."
    )


@pytest.mark.parametrize(
    ("decision", "counts", "associations", "sentence"),
    [
        (Decision(verdict="none", basis="none"), (0, 0, 0, 1), 1,
         "No effect of S on T is stated. The only path is a direct association."),
        (Decision(verdict="raises", basis="association", hedge="asserted", statements=("1",)),
         (0, 0, 0, 1), 1,
         ("S is positively associated with T: 1 claim of association, for which no mechanism is "
          "stated.")),
        (Decision(verdict="raises", basis="direct", hedge="asserted", statements=("1",)),
         (2, 1, 0, 3), 2,
         ("S raises T: 1 claim states it directly. Of 6 paths, 1 raises it and none lowers it; 1 "
          "leaves the direction open, 2 state a link, not an effect, and 2 are direct "
          "associations.")),
    ],
)  # fmt: skip
def test_direct_associations_are_counted_as_what_they_are(
    decision: Decision, counts: tuple[int, int, int, int], associations: int, sentence: str
) -> None:
    said = net_effect_of(
        decision, counts, exact=True, source=S, target=T, associations=associations
    )
    assert said.sentence == sentence


def test_a_verdict_on_a_class_names_the_subclass_that_claims_are_about() -> None:
    glia = PathEntity("CL:0000126", "macroglial cell", "biolink:Cell")
    astrocyte = PathEntity("CL:0000127", "astrocyte", "biolink:Cell")
    widened = End((glia,), widened=True, spoken=(astrocyte,))
    raised = Decision(verdict="raises", basis="direct", hedge="asserted", statements=("1",))
    said = net_effect_of(raised, (0, 1, 0, 0), exact=True, source=widened, target=PROCESS).sentence
    assert said.startswith("Astrocytes (a kind of macroglial cell) promote the inflammatory ")


def test_a_count_that_was_cut_is_a_lower_bound() -> None:
    none = Decision(verdict="none", basis="none")
    cut = net_effect_of(none, (0, 0, 0, 0), exact=False, source=S, target=T)
    assert cut.sentence == "No path from S to T was found before the search was cut."
    chains = Decision(verdict="raises", basis="chains", hedge="asserted")
    more = net_effect_of(chains, (1, 1, 1, 1), exact=False, source=S, target=T)
    assert "Of at least 4 paths" in more.sentence


def test_what_follows_from_definitions_is_left_out_beside_a_claim() -> None:
    named = {
        "leads_to": Predicate(id="leads_to", label="leads to", role="effect", sign=1),
        "results_in": Predicate(id="results_in", label="results in", role="bridge", sign=1),
    }
    both = [said("results_in", effect="raises"), said("leads_to", effect="raises")]
    assert hop_words(GDNF, AXON, both, [0.1, 0.2], named).clause == "leads to axons"
    assert not hop_words(GDNF, AXON, both, [0.1, 0.2], named).also
    assert hop_words(GDNF, AXON, both[:1], [0.1], named).clause == "results in axons"


@pytest.mark.parametrize(("reverse", "words"), [(True, "when impaired, underlies"),
                                                (False, "rests on impaired")])  # fmt: skip
def test_a_disease_rests_on_what_is_impaired(reverse: bool, words: str) -> None:
    basis = Predicate(id="b", label="rests on", inverse_label="underlies", role="basis", sign=-1)
    statement = said("b", reverse=reverse, effect="lowers", sign=-1)
    assert hedged_verb(basis, statement, plural=False) == words


@pytest.mark.parametrize(
    ("kind", "label", "words"),
    [
        ("stage", "adult", "in adults"),
        ("stage", "chronic EAE; after: migration", "in chronic EAE, after migration"),
        ("stage", "chronic disease; state: impaired OPCs", "in chronic disease"),
        ("model", "Disease Models, Animal", "in animal disease models"),
        ("model", "EAE, relapsing", "in EAE, relapsing"),
    ],
)
def test_contexts_are_worded(kind: str, label: str, words: str) -> None:
    assert context_phrase([Context(kind, "x:1", label)]) == words


@pytest.mark.parametrize(
    ("contexts", "words"),
    [
        ([("species", "NCBITaxon:10090", ""), ("model", "x:1", "cuprizone model of demyelination")],
         "in the mouse cuprizone model of demyelination"),
        ([("species", "NCBITaxon:10090", ""), ("species", "NCBITaxon:9606", ""),
          ("model", "MONDO:0005134", "EAE")], "in mouse EAE, in humans"),
        ([("cell", "CL:0000047", "neural stem cell"), ("intervention", "carrier=NSC", "")],
         "carried by neural stem cells"),
        ([("intervention", "components=T3 + NSC; compared_with=NSC", "")],
         "in the combination T3 + NSC, compared with NSC"),
        ([("anatomy", "UBERON:0001017", "central nervous system")],
         "in the central nervous system"),
        ([("anatomy", "UBERON:0000120", "blood brain barrier")], "at the blood brain barrier"),
        ([("anatomy", "UBERON:0000178", "blood")], "in blood"),
        ([("anatomy", "UBERON:0000955", "")], ""),
        ([("cell", "CL:0000100", "motor neuron"), ("cell", "CL:0000101", "sensory neuron"),
          ("cell", "CL:0000700", "dopaminergic neuron")],
         "in motor neurons, sensory neurons and dopaminergic neurons"),
        ([("species", "NCBITaxon:10116", ""), ("model", "MESH:D013119", "spinal cord injury"),
          ("anatomy", "UBERON:0002240", "spinal cord")], "in rat spinal cord injury"),
        ([("species", "NCBITaxon:10090", ""), ("model", "MONDO:0005134", "EAE"),
          ("system", "in_vivo", ""), ("system", "ex_vivo", ""), ("system", "in_vitro", "")],
         "in mouse EAE, in vitro and ex vivo"),
        ([("species", "NCBITaxon:10090", ""), ("system", "in_vitro", "")],
         "in mouse cells in vitro"),
        ([("species", "NCBITaxon:9606", ""), ("system", "ex_vivo", "")],
         "in human tissue ex vivo"),
        ([("species", "NCBITaxon:9606", ""), ("system", "in_vitro", ""),
          ("system", "ex_vivo", "")], "in human cells in vitro and tissue ex vivo"),
        ([("species", "NCBITaxon:9606", ""), ("species", "NCBITaxon:10090", ""),
          ("system", "in_vivo", ""), ("system", "observational_human", ""),
          ("model", "MONDO:0005134", "EAE")], "in mouse EAE, in humans, in observational studies"),
        ([("model", "x:1", "experimental demyelination, toxin not named in the abstract")],
         "in experimental demyelination"),
        ([("stage", "state: dysfunctional in MS", "")], ""),
        ([("model", "x:1", "EAE"), ("disease", "x:1", "EAE"), ("disease", "x:2", "MS")],
         "in EAE, in MS"),
        ([("model", "CSF1 injection into white matter", "")],
         "model: CSF1 injection into white matter"),
    ],
)  # fmt: skip
def test_a_bracket_says_where_and_how_not_what_a_curator_noted(
    contexts: list[tuple[Any, str, str]], words: str
) -> None:
    assert context_phrase([Context(*context) for context in contexts]) == words


@pytest.mark.parametrize(
    ("species", "system", "model", "words"),
    [
        (("9606", "10090"), "in_vivo", "EAE", "human cells in mouse EAE"),
        (("9606", "10090"), "in_vivo", "", "human cells in mice"),
        (("9606",), "in_vivo", "EAE", "human cells in EAE"),
        (("9606",), "in_vivo", "", "in humans"),
        (("10090",), "in_vivo", "EAE", "in mouse EAE"),
        (("9606", "10090"), "observational_human", "EAE",
         "in mouse EAE, in humans, in observational studies"),
    ],
)  # fmt: skip
def test_cells_of_one_species_in_another_are_not_that_species(
    species: tuple[str, ...], system: str, model: str, words: str
) -> None:
    contexts = [Context("species", f"NCBITaxon:{one}") for one in species]
    contexts += [Context("system", system), *([Context("model", "x:1", model)] if model else [])]
    assert context_phrase(contexts, cells=True) == words


def test_a_chain_does_not_join_the_species_of_one_hop_to_the_system_of_another() -> None:
    contexts = [Context("species", "NCBITaxon:10090"), Context("system", "in_vitro")]
    assert context_phrase(contexts, pooled=True) == "in mice, in vitro"


@pytest.mark.parametrize(
    ("predicate", "effect", "words"),
    [("promotes", "raises", "raise"), ("inhibits", "lowers", "lower"),
     ("promotes", "unknown", "affect")],
)  # fmt: skip
def test_a_measure_is_raised_or_lowered_not_promoted(
    predicate: str, effect: str, words: str
) -> None:
    level = PathEntity("x:1", "neurofilament light chain level", "biolink:ClinicalAttribute")
    known = msgspec.structs.replace(PREDICATES[predicate], role="effect")
    one = said(predicate, effect=effect)
    told = hop_words(NSC, level, [one], (0.1,), {**PREDICATES, predicate: known})
    assert told.clause == f"{words} the neurofilament light chain level"


def test_statements_of_one_predicate_keep_their_contexts_apart() -> None:
    mice, rats, none = (
        said("promotes", context=tuple(Context("species", s) for s in species))
        for species in (("NCBITaxon:10090",), ("NCBITaxon:10116",), ())
    )
    one = hop_words(NSC, AXON, [mice, rats], (0.1, 0.2), PREDICATES)
    assert one.clause == "promote axons (in mice; in rats)"
    assert hop_words(NSC, AXON, [none, rats], (0.1, 0.2), PREDICATES).clause == "promote axons"


def test_a_dual_role_is_both_and_no_disagreement() -> None:
    dual = (Qualifier("dual_role", "true"),)
    roles = [said("promotes", effect="raises", qualifiers=dual),
             said("inhibits", effect="lowers", qualifiers=dual)]  # fmt: skip
    words = hop_words(NSC, AXON, roles, (0.1, 0.2), PREDICATES)
    assert (words.clause, words.also) == ("both promote and inhibit axons", ())
    mice, rats = ((Context("species", f"NCBITaxon:{number}"),) for number in (10090, 10116))
    apart = [
        said("promotes", effect="raises", context=mice),
        said("inhibits", effect="lowers", context=rats),
    ]
    assert hop_words(NSC, AXON, apart, (0.1, 0.2), PREDICATES).also == (
        "Both are stated: neural stem cells promote axons (in mice), and inhibit them (in rats).",
    )


@pytest.mark.parametrize(
    ("predicate", "statement", "words"),
    [
        (Predicate(id="p", label="correlates with", symmetric=True, role="association",
                   verbs={"singular": "correlates with", "lowers": "correlates negatively with"}),
         {"effect": "lowers", "sign": -1}, "correlate negatively with GDNF"),
        (Predicate(id="p", label="covaries with", symmetric=True, role="association"),
         {"effect": "lowers", "sign": -1}, "covary with GDNF (a negative association)"),
        (Predicate(id="p", label="touches"), {"effect": "lowers", "sign": -1},
         "touch GDNF (lowering it)"),
        (Predicate(id="p", label="promotes", sign=1, role="effect"), {"effect": "unknown"},
         "affect GDNF"),
        (Predicate(id="p", label="promotes", sign=1, role="effect"), {"effect": "none", "sign": 0},
         "were found not to promote GDNF"),
        (Predicate(id="p", label="resembles", symmetric=True,
                   verbs={"singular": "is an analogue of", "passive": "is mimicked by"}),
         {"reverse": True}, "are mimicked by GDNF"),
        (Predicate(id="p", label="promotes"), {"modality": "challenge"},
         "promote GDNF (a challenge)"),
        (Predicate(id="p", label="protects"),
         {"qualifiers": (Qualifier("against", "excitotoxicity"),)},
         "protect GDNF against excitotoxicity"),
    ],
)  # fmt: skip
def test_a_verb_says_the_direction_that_its_statement_has(
    predicate: Predicate, statement: dict[str, Any], words: str
) -> None:
    one = said("p", **statement)
    assert hop_words(NSC, GDNF, [one], (0.1,), {"p": predicate}).clause == words


@pytest.mark.parametrize(
    ("qualifiers", "reverse", "sentence"),
    [
        ({"object_aspect_qualifier": "activity", "object_direction_qualifier": "decreased"},
         False, "GDNF decreases the activity of RET."),
        ({"object_aspect_qualifier": "expression", "object_direction_qualifier": "increased",
          "subject_aspect_qualifier": "activity", "subject_direction_qualifier": "decreased"},
         False, "GDNF, when its activity is decreased, increases the expression of RET."),
        ({"object_aspect_qualifier": "abundance"}, False, "GDNF affects the abundance of RET."),
        ({"object_aspect_qualifier": "activity", "object_direction_qualifier": "decreased"},
         True, "GDNF has its activity decreased by RET."),
        ({"qualified_predicate": "biolink:contributes_to",
          "object_direction_qualifier": "decreased", "object_aspect_qualifier": "transport"},
         False, "GDNF contributes to a decrease in the transport of RET."),
    ],
)  # fmt: skip
def test_qualifiers_of_biolink_are_worded(
    qualifiers: dict[str, str], reverse: bool, sentence: str
) -> None:
    affects = {"p": Predicate(id="p", label="affects", inverse_label="affected by")}
    one = said(
        "p", reverse=reverse, qualifiers=tuple(map(Qualifier, qualifiers, qualifiers.values()))
    )
    ret = PathEntity("HGNC:9967", "RET", "biolink:Gene")
    words = hop_words(GDNF, ret, [one], (0.1,), affects)
    assert path_sentence((GDNF, ret), [words], (0.1,)) == sentence


def test_what_is_said_of_an_impaired_process_is_not_said_of_the_process() -> None:
    named = {
        "rests": Predicate(id="rests", label="rests on", role="basis", sign=-1),
        "promotes": Predicate(id="promotes", label="promotes", sign=1),
    }
    process = PathEntity("GO:0048709", "oligodendrocyte differentiation", "biolink:Pathway")
    ms = PathEntity("MONDO:0005301", "multiple sclerosis", "biolink:Disease")
    hops = [
        hop_words(ms, process, [said("rests", effect="lowers", sign=-1)], (0.1,), named),
        hop_words(process, GDNF, [said("promotes", effect="raises")], (0.2,), named),
    ]
    assert path_sentence((ms, process, GDNF), hops, (0.1, 0.2)).startswith(
        "Multiple sclerosis rests on impaired oligodendrocyte differentiation. Oligodendrocyte "
        "differentiation promotes GDNF."
    )


def test_every_predicate_of_biolink_reads_as_a_verb_both_ways() -> None:
    for predicate in biolink_schema().predicates:
        for reverse in (False, True):
            one = said(predicate.id, reverse=reverse)
            verb = hedged_verb(predicate, one, plural=False)
            first = next(word for word in verb.split() if not word.endswith("ly"))
            assert first.rstrip(",").endswith("s") or first == "can", (predicate.id, verb)
            assert "in reverse" not in verb, predicate.id


def test_how_a_drug_acts_on_its_target_is_said() -> None:
    binds = {"binds": Predicate(id="binds", label="binds", role="binding")}
    one = said("binds", action="depleting_antibody")
    cause = (Qualifier("causal_mechanism_qualifier", "inhibition"),)
    assert hop_words(GDNF, NSC, [one], (0,), binds).clause == (
        "binds neural stem cells (as a depleting antibody)"
    )
    other = said("binds", qualifiers=cause)
    assert hop_words(GDNF, NSC, [other], (0,), binds).clause == (
        "binds neural stem cells (by inhibition)"
    )


def test_after_a_kind_of_stands_a_singular() -> None:
    named = {"is_a": Predicate(id="is_a", label="is a kind of", role="taxonomy", sign=0)}
    stem = PathEntity("CL:0000034", "stem cell", "biolink:Cell")
    kind = hop_words(NSC, stem, [said("is_a")], (0,), named)
    assert kind.clause == "are a kind of stem cell"
    assert kind.modified, "what stem cells do is said of them in the plural"
    assert hop_words(NSC, stem, [said("is_a", negated=True)], (0,), named).clause == (
        "are not a kind of stem cell"
    )
    inferred = said("is_a", modality="curator_inference")
    assert hop_words(NSC, stem, [inferred], (0,), named).clause == (
        "are, by inference, a kind of stem cell"
    )
    growth = PathEntity("MESH:D009414", "Nerve Growth Factors", "biolink:Protein")
    assert hop_words(GDNF, growth, [said("is_a")], (0,), named).clause == (
        "is one of the nerve growth factors"
    )


@pytest.mark.parametrize(
    ("name", "category", "text"),
    [
        ("oligodendrocyte apoptotic process", "biolink:BiologicalProcess",
         "the oligodendrocyte apoptotic process"),
        ("T cell migration", "biolink:BiologicalProcess", "T cell migration"),
        ("adipose tissue", "biolink:AnatomicalEntity", "adipose tissue"),
        ("papillary muscle of heart", "Anatomy", "the papillary muscle of the heart"),
        ("node of Ranvier", "biolink:CellularComponent", "nodes of Ranvier"),
        ("mitochondrion", "biolink:CellularComponent", "mitochondria"),
        ("CD4-positive, alpha-beta T cell", "biolink:Cell", "CD4-positive, alpha-beta T cells"),
        ("disease-associated microglia", "biolink:Cell", "disease-associated microglia"),
        ("Disease Models, Animal", "biolink:OrganismalEntity", "animal disease models"),
        ("Homo sapiens", "biolink:OrganismTaxon", "Homo sapiens"),
        ("cuprizone model of demyelination", "biolink:Disease",
         "the cuprizone model of demyelination"),
        ("negative regulation of immune response", "biolink:BiologicalProcess",
         "negative regulation of the immune response"),
        ("cranial nerve II", "biolink:AnatomicalEntity", "cranial nerve II"),
        ("relapse of multiple sclerosis", "biolink:PhenotypicFeature",
         "relapses of multiple sclerosis"),
        ("immunosuppressive agent", "biolink:ChemicalEntity", "immunosuppressive agents"),
    ],
)  # fmt: skip
def test_nouns_are_counted_as_english_counts_them(name: str, category: str, text: str) -> None:
    assert noun_phrase(PathEntity("x:1", name, category))[0] == text


def test_qualifiers_that_narrow_a_claim_are_said_and_notes_are_not() -> None:
    named = {"p": Predicate(id="p", label="promotes", role="effect", sign=1)}
    narrowed = said("p", effect="raises", qualifiers=(
        Qualifier("via", "EVs"), Qualifier("receptor", "MET"), Qualifier("note", "see there")
    ))  # fmt: skip
    assert hop_words(GDNF, AXON, [narrowed], [0.1], named).clause == (
        "promotes axons (via EVs, through MET)"
    )


def test_what_is_lowered_is_named_again_unless_it_cannot_be_misread() -> None:
    inflammation = PathEntity("GO:0006954", "inflammatory response", "biolink:BiologicalProcess")
    cells = PathEntity("CL:0000236", "B cell", "biolink:Cell")
    named = {
        "i": Predicate(id="i", label="inhibits", role="effect", sign=-1),
        "l": Predicate(id="l", label="leads to", role="effect", sign=1),
        "k": Predicate(id="k", label="is a kind of", role="taxonomy", sign=0),
    }
    lowers, raises, kind = said("i", effect="lowers"), said("l", effect="raises"), said("k")

    def read(*hops: tuple[PathEntity, HopStatement]) -> str:
        ends = [GDNF, *(entity for entity, _ in hops)]
        words = [
            hop_words(ends[i], entity, [statement], [0.1], named)
            for i, (entity, statement) in enumerate(hops)
        ]
        return path_sentence(ends, words, [0.1] * len(hops))

    assert read((inflammation, lowers), (AXON, raises)) == (
        "GDNF inhibits the inflammatory response; the inflammatory response leads to axons."
    )
    assert read((inflammation, raises), (AXON, raises)).count("inflammatory") == 1
    assert read((cells, lowers), (AXON, raises)) == "GDNF inhibits B cells, which lead to axons."
    assert read((inflammation, lowers), (inflammation, kind)).count(";") == 0
