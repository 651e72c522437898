"""The questions of ontology/queries/verdicts.tsv, with what a reader of the field expects."""

import csv
from collections.abc import Iterator

import pytest

from mechkg.kg.model.queries import PathQuery
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.compile_bundle import compile_bundle

TABLE = bundled_files()[0].parent / "queries" / "verdicts.tsv"
WANTED = 38
"""Of 40 questions, those whose verdict must be the expected one; and whose mediators."""


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return open_snapshot(compile_bundle(tmp_path_factory.mktemp("bundle")))


@pytest.fixture(scope="module")
def answers(bundled: Snapshot) -> list[tuple[dict[str, str], str, set[str]]]:
    """Each question with its verdict and the entities of its first five paths."""
    return list(asked(bundled))


def asked(snapshot: Snapshot) -> Iterator[tuple[dict[str, str], str, set[str]]]:
    with TABLE.open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            query = PathQuery(source=(row["source"],), target=(row["target"],), max_hops=4)
            result = find_paths(snapshot, query)
            between = {e.id for path in result.paths[:5] for e in path.entities[1:-1]}
            direct = {"(direct)"} if any(p.length == 1 for p in result.paths[:5]) else set()
            yield row, result.net_effect.verdict, between | direct


def test_the_table_names_entities_and_known_verdicts(bundled: Snapshot) -> None:
    with TABLE.open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len(rows) == 40
    assert len({row["question"] for row in rows}) == len(rows)
    for row in rows:
        named = {row["source"], row["target"], *filter(None, row["mediators"].split("|"))}
        assert all(
            bundled.records.entity_row(curie) is not None
            for curie in named
            if not curie.startswith("(")
        ), row
        assert row["verdict"] in {"raises", "lowers", "both", "none", "unknown"}


def test_verdicts_are_those_of_the_table(
    answers: list[tuple[dict[str, str], str, set[str]]],
) -> None:
    wrong = [(row["question"], row["verdict"], verdict)
             for row, verdict, _ in answers if verdict != row["verdict"]]  # fmt: skip
    assert len(answers) - len(wrong) >= WANTED, wrong


def test_the_expected_mediators_are_among_the_first_five(
    answers: list[tuple[dict[str, str], str, set[str]]],
) -> None:
    missed = [
        row["question"]
        for row, _, found in answers
        if (wanted := {m for m in row["mediators"].split("|") if m and "requires" not in m})
        and not wanted & found
    ]
    assert len(answers) - len(missed) >= WANTED, missed


def test_a_verdict_of_animal_findings_says_so(bundled: Snapshot) -> None:
    """Interferon beta calms neuroinflammation in mice: the drug is given to people."""
    names = {"source": ("peginterferon beta-1a",), "target": ("neuroinflammatory response",)}
    effect = find_paths(bundled, PathQuery(**names)).net_effect
    seen = [s for s in effect.statements for c in bundled.statement(
        bundled.records.statement_row(s)).context if c.type == "species"]  # fmt: skip
    assert seen
    assert effect.sentence.startswith("Peginterferon beta-1a is inferred to inhibit")
    assert "; seen in mice)" in effect.sentence
    assert {c.value for c in effect.context} == {"NCBITaxon:10090"}


@pytest.mark.parametrize(
    ("source", "target", "decided", "words"),
    [
        # What was looked for and not found is denied, whatever chains suggest.
        ("HGNC:6014", "MONDO:0005134", ("none", "denied"), "denied"),
        ("HGNC:8799", "MESH:D000074586", ("none", "denied"), "denied"),
        # Names, kinds and parts of the target have no effect on it.
        ("MESH:D003907", "NCIT:C122080", ("none", "none"), "No effect of dexamethasone"),
        ("HGNC:1033", "MESH:D009414", ("none", "none"), "No effect of BDNF"),
        ("GO:0042098", "GO:0046651", ("none", "none"), "No effect of T cell proliferation"),
        # A disease does nothing to what it rests on.
        ("MONDO:0005301", "UBERON:0000120", ("none", "none"), "No effect of multiple sclerosis"),
        ("UBERON:0000120", "MONDO:0005301", ("lowers", "direct"), "lowers the risk"),
        # Nor does a model do anything to the disease that it models.
        ("MESH:D004195", "MONDO:0005301", ("none", "none"), "No effect of animal disease models"),
        # Trials on a kind of the disease decide before mechanisms.
        ("CHEBI:15956", "MONDO:0005301", ("none", "trial"), "not shown to act on chronic"),
        ("CHEBI:31684", "MONDO:0005301", ("lowers", "trial"), "met the primary endpoint"),
        # Claims are limited as their curator limited them.
        ("CHEBI:63115", "MONDO:0005301", ("lowers", "direct"), "(CIS and relapsing MS; in humans)"),
        ("MESH:C527517", "CL:0000084", ("lowers", "direct"), "only the CD20+ subset"),
        ("CL:0000047", "GO:0006954", ("lowers", "direct"), "1 claim states it directly, 1 more"),
    ],
)  # fmt: skip
def test_verdicts_of_the_bundled_ontology_are_what_its_claims_say(
    bundled: Snapshot, source: str, target: str, decided: tuple[str, str], words: str
) -> None:
    query = PathQuery(source=(source,), target=(target,), max_hops=2)
    effect = find_paths(bundled, query).net_effect
    assert (effect.verdict, effect.basis) == decided, effect.sentence
    assert words in effect.sentence


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        ("CL:0011020", "MESH:D000074586", "(grafts not detectable beyond day 8, human cells in"),
        ("HGNC:11892", "CL:0000047", "damage neural stem cells (in mouse cells in vitro)"),
        ("HGNC:10632", "GO:0072678", "(shown for T cell chemotaxis, in humans)"),
        ("MESH:D018380", "CL:0000542", "(autologous, in humans)"),
        ("HP:0007305", "mechkg:VEPLatency", "raises the visual evoked potential P100 latency"),
    ],
)  # fmt: skip
def test_sentences_say_what_limits_a_claim(
    bundled: Snapshot, source: str, target: str, sentence: str
) -> None:
    query = PathQuery(source=(source,), target=(target,), max_hops=1)
    assert any(sentence in path.explanation for path in find_paths(bundled, query).paths)
