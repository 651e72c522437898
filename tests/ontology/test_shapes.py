"""A sound graph passes; each way of breaking a copy is found, with its focus and a sentence."""

import shutil
from pathlib import Path

import pytest

from mechkg.kg.errors import DataError, ValidationError
from mechkg.kg.model.values import Subgraph
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.rdf.formats import FORMATS, RdfGraph
from mechkg.ontology.validate import validate

ARTICLE = "ms-nsc/statements-article.ttl"
OWN = "ms-nsc/statements-own.ttl"

# what is broken, file, start of the block, text in it, its replacement, focus, part of the sentence
BREAKS = [
    (
        "no evidence",
        ARTICLE,
        "statement:SC054 ",
        "    mechkg:evidence evidence:SC054-1 .",
        "    mechkg:weight 1.0 .",
        "SC054",
        "has no evidence",
    ),
    (
        "evidence of no statement",
        ARTICLE,
        "statement:SC054 ",
        "",
        "",
        "evidence:SC054-1",
        "belongs to no statement",
    ),
    (
        "evidence that is something else",
        ARTICLE,
        "evidence:SC055-1 ",
        "a mechkg:Evidence",
        "a prov:Entity",
        "SC055",
        "evidence that is not described",
    ),
    (
        "a species in words",
        "ms-nsc/statements-therapies.ttl",
        "statement:XT0126 ",
        "context:species NCBITaxon:9606",
        'context:species "human"',
        "XT0126",
        "species",
    ),
    (
        "a study without outcome",
        "ms-nsc/statements-therapies.ttl",
        "statement:XT0127 ",
        '    context:outcome "not_met" ;\n',
        "",
        "XT0127",
        "outcome is not said",
    ),
    (
        "a title that was not seen",
        OWN,
        "evidence:MK001-3 ",
        'dcterms:title "',
        'dcterms:title "(title not seen) ',
        "evidence:MK001-3",
        "not seen",
    ),
    (
        "predicate without role",
        "mechanism.ttl",
        "mechkg:secretes ",
        '    mechkg:role "supply" ;\n',
        "",
        "mechkg:secretes",
        "role",
    ),
    (
        "unknown modality",
        ARTICLE,
        "statement:SC056 ",
        'modality "asserted"',
        'modality "certain"',
        "SC056",
        "modality",
    ),
    (
        "two modalities",
        ARTICLE,
        "statement:SC057 ",
        'modality "asserted"',
        'modality "asserted", "possible"',
        "SC057",
        "modality",
    ),
    (
        "unknown kind",
        ARTICLE,
        "evidence:SC058-1 ",
        '"article"',
        '"hearsay"',
        "evidence:SC058-1",
        "kind",
    ),
    (
        "unknown knowledge level",
        ARTICLE,
        "evidence:SC059-1 ",
        '"knowledge_assertion"',
        '"sure"',
        "evidence:SC059-1",
        "knowledge level",
    ),
    (
        "no source",
        ARTICLE,
        "evidence:SC060-1 ",
        "biolink:primary_knowledge_source infores:mechkg",
        'mechkg:seenIn "a dream"',
        "evidence:SC060-1",
        "primary knowledge source",
    ),
    (
        "no sentence",
        ARTICLE,
        "evidence:SC061-1 ",
        "    prov:wasDerivedFrom sentence:P4S3 ;\n",
        "",
        "evidence:SC061-1",
        "needs exactly one sentence",
    ),
    (
        "a sentence that is not there",
        ARTICLE,
        "evidence:SC062-1 ",
        "sentence:P4S3",
        "sentence:P4S9",
        "evidence:SC062-1",
        "needs exactly one sentence",
    ),
    (
        "two titles",
        OWN,
        "evidence:MK001-2 ",
        "dcterms:title ",
        'dcterms:title "another", ',
        "evidence:MK001-2",
        "more than one title",
    ),
    (
        "no publication",
        OWN,
        "evidence:MK001-3 ",
        "    biolink:publications PMID:32897420 ;\n",
        "",
        "evidence:MK001-3",
        "needs a publication",
    ),
    (
        "two publications",
        OWN,
        "evidence:MK001-4 ",
        "publications PMID:32556722",
        "publications PMID:32556722, PMID:1",
        "evidence:MK001-4",
        "more than one publication",
    ),
    (
        "subject out of domain",
        ARTICLE,
        "statement:SC101 ",
        "subject CL:0000134",
        "subject MONDO:0005301",
        "SC101",
        "subject of a category",
    ),
    (
        "object out of range",
        ARTICLE,
        "statement:SC100 ",
        "object MESH:D009414",
        "object MONDO:0005301",
        "SC100",
        "object of a category",
    ),
    (
        "unknown predicate",
        ARTICLE,
        "statement:SC104 ",
        "predicate mechkg:protects",
        "predicate mechkg:hugs",
        "mechkg:hugs",
        "does not describe",
    ),
    (
        "the opposite effect",
        OWN,
        "statement:MK001 ",
        'mechkg:effect "raises" ;\n    mechkg:sign 1',
        'mechkg:effect "lowers" ;\n    mechkg:sign -1',
        "MK001",
        "effect against",
    ),
    (
        "wrong identifier",
        ARTICLE,
        "statement:SC039 ",
        "statement:SC039 ",
        "statement:S39 ",
        "S39",
        "identifier that is not",
    ),
    (
        "plain triple missing",
        ARTICLE,
        "CL:0000134 RO:0001000 UBERON:0001013 ",
        "CL:0000134 RO:0001000 UBERON:0001013 .",
        "",
        "SC094",
        "plain triple is missing",
    ),
    (
        "denial of something else",
        ARTICLE,
        "statement:SC098 ",
        "owl:targetIndividual CL:0000047",
        "owl:targetIndividual CL:0000540",
        "SC098",
        "NegativePropertyAssertion",
    ),
    (
        "a cell under a disease",
        ARTICLE,
        "statement:SC029 ",
        "object CL:0000125",
        "object MONDO:0005301",
        "SC029",
        "another branch",
    ),
    (
        "entity without label",
        "ms-nsc/cells.ttl",
        "CL:0000540 ",
        '    rdfs:label "neuron" ;\n',
        "",
        "CL:0000540",
        "label",
    ),
    (
        "entity without category",
        "ms-nsc/anatomy.ttl",
        "UBERON:0000955 ",
        "a biolink:AnatomicalEntity ;",
        "",
        "UBERON:0000955",
        "no category",
    ),
    (
        "identifier of another form",
        "ms-nsc/factors.ttl",
        "HGNC:4232 ",
        "UniProt:P39905",
        "UniProt:protein",
        "HGNC:4232",
        "UniProt:protein, which is not of the form",
    ),
    (
        "predicate without range",
        "mechanism.ttl",
        "mechkg:replaces ",
        "    mechkg:range biolink:Cell ;\n",
        "",
        "mechkg:replaces",
        "which objects it admits",
    ),
    (
        "asserted and denied",
        ARTICLE,
        "statement:SC115 ",
        "subject mechkg:GeneticallyModifiedNeuralStemCell",
        "subject CL:0000134",
        "SC098",
        "is asserted by SC115",
    ),
]


def test_the_bundled_ontology_is_sound() -> None:
    graph = validate(bundled_files())
    assert len(graph.statements) == 1738


def broken(text: str, start: str, old: str, new: str) -> str:
    """A file with one text replaced in the block that starts so."""
    at = text.index(f"\n{start}") + 1
    end = text.index(" .\n", at) + 3
    block = text[at:end]
    assert old in block, start
    return text[:at] + block.replace(old, new, 1) + text[end:]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[str, str], ...]:
    """What is found in a copy that is broken in all ways at once, each at another place."""
    copy = tmp_path_factory.mktemp("broken")
    source = bundled_files()[0].parent
    for path in ("mechanism.ttl", *(f"ms-nsc/{p.name}" for p in (source / "ms-nsc").glob("*.ttl"))):
        if path.endswith(("literature.ttl", "databases.ttl")):
            continue  # the rest is enough, and quicker
        text = (source / path).read_text()
        for _, file, start, old, new, *_ in BREAKS:
            if file == path:
                text = broken(text, start, old, new)
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text(text)
    with pytest.raises(ValidationError) as caught:
        validate([copy / "mechanism.ttl", copy / "ms-nsc"])
    assert f"{len(caught.value.findings)} findings" in str(caught.value)
    return caught.value.findings


@pytest.mark.parametrize(
    ("focus", "sentence"), [row[5:] for row in BREAKS], ids=[row[0] for row in BREAKS]
)
def test_a_break_is_found(findings: tuple[tuple[str, str], ...], focus: str, sentence: str) -> None:
    assert [said for at, said in findings if at == focus and sentence in said]


# What the breaks do besides: who names what has no category, whose plain triple says otherwise,
# what stands under a mesenchymal cell that became a neural one.
PARTS = ("object of a category", "plain triple is missing", "which are disjoint")
CONSEQUENCES = {
    *((at, PARTS[0]) for at in ("SC020", "SC109")),
    *((at, PARTS[1]) for at in ("SC029", "SC100", "SC101", "SC115")),
    *(
        (at, PARTS[2])
        for at in ("CL:0000134", "CL:0002540", "CL:0002568", "CL:0002569", "CL:0002570")
    ),
}


def test_nothing_else_is_blamed(findings: tuple[tuple[str, str], ...]) -> None:
    expected = [row[5:] for row in BREAKS]
    others = {
        (at, said)
        for at, said in findings
        if not any(at == focus and sentence in said for focus, sentence in expected)
    }
    assert {(at, part) for at, said in others for part in PARTS if part in said} == CONSEQUENCES
    assert len(others) == len(CONSEQUENCES)


def test_a_missing_part_is_a_data_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "article.ttl"
    shutil.copy(bundled_files()[0].parent / ARTICLE, path)
    path.write_text(
        broken(path.read_text(), "statement:SC061 ", "    biolink:subject CL:0000047 ;\n", "")
    )
    with pytest.raises(DataError, match=r"article\.ttl, line \d+: statement SC061 has no subject"):
        validate([path])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('mechkg:hedge "asserted"', 'mechkg:hedge "sure"', "hedge"),
        ('mechkg:objectAspect "number_of_cells"', 'mechkg:objectAspect "size"', "object_aspect"),
        ('mechkg:effect "raises"', 'mechkg:effect "helps"', "effect"),
        ("mechkg:sign 1 ", "mechkg:sign 0 ", "sign 0 contradicts effect 'raises'"),
    ],
)
def test_a_word_of_no_vocabulary_is_a_data_error(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    path = tmp_path / "article.ttl"
    text = (bundled_files()[0].parent / ARTICLE).read_text()
    path.write_text(broken(text, "statement:SC043 ", old, new))
    with pytest.raises(DataError, match=rf"article\.ttl, line \d+: statement SC043: .*{reason}"):
        validate([path])


def test_an_export_is_sound_by_itself(graph: RdfGraph, tmp_path: Path) -> None:
    one = [s for s in graph.statements if s.id in {"SC061", "XC0119", "MK001", "SC098"}]
    ends = {end for s in one for end in (s.subject, s.object)}
    part = Subgraph(
        entities=tuple(e for e in graph.entities if e.id in ends), statements=tuple(one)
    )
    (tmp_path / "part.ttl").write_bytes(FORMATS[0].write(part, graph.schema))
    assert {s.id for s in validate([tmp_path / "part.ttl"]).statements} == {s.id for s in one}
