"""Forty sentences, read by eye: what answers over two graphs say in English.

Each stands among the first ten paths of its question. The hops of Hetionet (Himmelstein 2017,
CC0) are worded by the predicates that a load recognises.
"""

from pathlib import Path

import pytest

from mechkg.kg.build.load import load
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.presets import known_schema

TRIPLES = (
    ("Metformin", "CbG", "ND1"),
    ("Alzheimer's disease", "DaG", "ND1"),
    ("Metformin", "CuG", "CRKL"),
    ("Dexamethasone", "CdG", "CD83"),
    ("CD83", "GrG", "FGFR2"),
    ("GDNF", "GiG", "RET"),
    ("brain", "AuG", "GDNF"),
    ("Parkinson's disease", "DdG", "SNCA"),
    ("asthma", "DlA", "lung"),
    ("Naproxen", "CrC", "Ibuprofen"),
    ("Naproxen", "CpD", "rheumatoid arthritis"),
    ("Fingolimod", "CtD", "multiple sclerosis"),
    ("osteoarthritis", "DrD", "rheumatoid arthritis"),
    ("GDNF", "GcG", "PABPC1L2A"),
    ("adrenal gland", "AdG", "GDNF"),
    ("idiopathic pulmonary fibrosis", "DuG", "CDH3"),
)
CATEGORIES = {
    "Anatomy": {"adrenal gland", "brain", "lung"},
    "Compound": {"Dexamethasone", "Fingolimod", "Ibuprofen", "Metformin", "Naproxen"},
    "Gene": {"CD83", "CDH3", "CRKL", "FGFR2", "GDNF", "ND1", "PABPC1L2A", "RET", "SNCA"},
}

BUNDLED = (
    (
        "NSC",
        "neuron",
        (
            "Neural stem cells develop into neurons. Neural stem cells also protect neurons (in "
            "multiple sclerosis)."
        ),
    ),
    (
        "NSC",
        "neuron",
        (
            "Neural stem cells promote neuroprotection (via neurotrophic support), which "
            "protects neurons (in humans). Weakest hop: neural stem cells to neuroprotection."
        ),
    ),
    (
        "NSC",
        "Remyelination",
        (
            "Neural stem cells may promote remyelination (via replacement of oligodendrocytes, "
            "in multiple sclerosis)."
        ),
    ),
    (
        "MSC",
        "neuron",
        (
            "Mesenchymal stem cells of the bone marrow are reported, against other findings, to"
            " develop into neurons (in mouse experimental autoimmune encephalomyelitis and in "
            "vitro)."
        ),
    ),
    (
        "MSC",
        "inflammatory response",
        (
            "Mesenchymal stem cells are reported to inhibit the inflammatory response (in mouse "
            "experimental autoimmune encephalomyelitis)."
        ),
    ),
    (
        "GDNF",
        "Remyelination",
        (
            "GDNF is reported to promote remyelination (in rat experimental autoimmune "
            "encephalomyelitis, carried by neural stem cells, in chronic EAE, compared with "
            "native NSC)."
        ),
    ),
    (
        "GDNF",
        "neuron",
        "GDNF protects neurons.",
    ),
    (
        "A1 (neurotoxic) reactive astrocyte",
        "neuron",
        "A1 (neurotoxic) reactive astrocytes damage neurons (in humans, in multiple sclerosis).",
    ),
    (
        "astrocyte",
        "neuron",
        (
            "Astrocytes promote neuroprotection (in humans, in multiple sclerosis), which "
            "protects neurons (in humans)."
        ),
    ),
    (
        "microglial cell",
        "Remyelination",
        "Microglial cells promote remyelination.",
    ),
    (
        "T-helper 17 cell",
        "blood brain barrier",
        "T-helper 17 cells damage the blood brain barrier (in humans).",
    ),
    (
        "IL17A",
        "Remyelination",
        (
            "IL17A is reported to inhibit remyelination (in the mouse lysolecithin model of "
            "focal demyelination)."
        ),
    ),
    (
        "TNF",
        "Remyelination",
        (
            "TNF is reported, against other findings, to promote remyelination (via TNFR2, in "
            "the mouse cuprizone model of demyelination)."
        ),
    ),
    (
        "IFNG",
        "Remyelination",
        (
            "IFNG is reported to inhibit remyelination (in the mouse cuprizone model of "
            "demyelination)."
        ),
    ),
    (
        "fingolimod",
        "multiple sclerosis",
        "Fingolimod treats multiple sclerosis (CIS and relapsing MS, in humans).",
    ),
    (
        "fingolimod",
        "multiple sclerosis",
        (
            "Fingolimod inhibits lymphocyte migration (egress from lymphoid organs, in humans); "
            "lymphocyte migration leads to the neuroinflammatory response (in humans, in the "
            "central nervous system), which contributes to multiple sclerosis (in humans)."
        ),
    ),
    (
        "Natalizumab",
        "multiple sclerosis",
        "Natalizumab treats multiple sclerosis.",
    ),
    (
        "ocrelizumab",
        "B cell",
        "Ocrelizumab depletes B cells (selectively, in humans).",
    ),
    (
        "CXCL12",
        "Remyelination",
        (
            "CXCL12 promotes remyelination (through CXCR4 on OPC, in oligodendrocyte precursor "
            "cells)."
        ),
    ),
    (
        "oligodendrocyte precursor cell",
        "neuron",
        (
            "Oligodendrocyte precursor cells promote remyelination, which ameliorates "
            "neurodegeneration; neurodegeneration damages neurons (in humans). Weakest hop: "
            "remyelination to neurodegeneration."
        ),
    ),
    (
        "multiple sclerosis",
        "Recovery of Function",
        (
            "Multiple sclerosis features axonal degeneration (in humans), which leads to "
            "neurological disability (in humans, in multiple sclerosis), which means less "
            "recovery of function. Weakest hop: neurological disability to recovery of "
            "function."
        ),
    ),
    (
        "leukocyte",
        "neuron",
        (
            "Leukocytes carry out leukocyte migration (in humans, in multiple sclerosis, at the "
            "blood brain barrier), which raises the inflammatory response, which damages neurons. "
            "Weakest hop: the inflammatory response to neurons."
        ),
    ),
    (
        "MSC",
        "multiple sclerosis",
        (
            "Mesenchymal stem cells are reported to promote oligodendrocyte differentiation (in"
            " neural stem cells, in adults), which, when impaired, underlies multiple sclerosis"
            " (in humans, in oligodendrocyte precursor cells, in chronic disease). Weakest hop:"
            " mesenchymal stem cells to oligodendrocyte differentiation. The hops of this path "
            "were seen in different contexts (cell: neural stem cell, oligodendrocyte precursor"
            " cell)."
        ),
    ),
    (
        "bexarotene",
        "Remyelination",
        (
            "Bexarotene is reported, against other findings, to promote remyelination (in "
            "humans, in a clinical trial, primary endpoint not met)."
        ),
    ),
    (
        "biotin",
        "multiple sclerosis",
        (
            "Biotin is hypothesised to promote remyelination (in humans), which is hypothesised"
            " to ameliorate multiple sclerosis (in humans). Weakest hop: biotin to "
            "remyelination."
        ),
    ),
    (
        "vitamin D",
        "multiple sclerosis",
        (
            "Vitamin D lowers the risk of multiple sclerosis (in humans, in observational "
            "studies). Vitamin D may also ameliorate multiple sclerosis (in humans, in "
            "observational studies)."
        ),
    ),
    (
        "HLA-DRB1",
        "multiple sclerosis",
        (
            "HLA-DRB1 carries genetic risk for multiple sclerosis (in humans, in observational "
            "studies). This is an association: no mechanism is stated."
        ),
    ),
    (
        "4-aminopyridine",
        "Difficulty walking",
        "4-aminopyridine ameliorates difficulty walking (in humans, in a clinical trial).",
    ),
)

HETIONET = (
    (
        "Metformin",
        "ND1",
        "Metformin binds ND1.",
    ),
    (
        "Alzheimer's disease",
        "ND1",
        (
            "Alzheimer's disease is associated with ND1. This is an association: no mechanism "
            "is stated."
        ),
    ),
    (
        "Metformin",
        "CRKL",
        "Metformin upregulates CRKL.",
    ),
    (
        "Dexamethasone",
        "CD83",
        "Dexamethasone downregulates CD83.",
    ),
    (
        "CD83",
        "FGFR2",
        "CD83 regulates FGFR2.",
    ),
    (
        "GDNF",
        "RET",
        "GDNF interacts with RET.",
    ),
    (
        "brain",
        "GDNF",
        "The brain shows raised expression of GDNF.",
    ),
    (
        "Parkinson's disease",
        "SNCA",
        "Parkinson's disease shows lowered expression of SNCA.",
    ),
    (
        "asthma",
        "lung",
        "Asthma localises to the lung.",
    ),
    (
        "Naproxen",
        "Ibuprofen",
        "Naproxen resembles ibuprofen. This is an association: no mechanism is stated.",
    ),
    (
        "Naproxen",
        "rheumatoid arthritis",
        "Naproxen palliates rheumatoid arthritis.",
    ),
    (
        "Fingolimod",
        "multiple sclerosis",
        "Fingolimod treats multiple sclerosis.",
    ),
    (
        "osteoarthritis",
        "rheumatoid arthritis",
        (
            "Osteoarthritis resembles rheumatoid arthritis. This is an association: no "
            "mechanism is stated."
        ),
    ),
    (
        "GDNF",
        "PABPC1L2A",
        "GDNF covaries with PABPC1L2A. This is an association: no mechanism is stated.",
    ),
    (
        "adrenal gland",
        "GDNF",
        "The adrenal gland shows lowered expression of GDNF.",
    ),
    (
        "idiopathic pulmonary fibrosis",
        "CDH3",
        "Idiopathic pulmonary fibrosis shows raised expression of CDH3.",
    ),
    (
        "Metformin",
        "Alzheimer's disease",
        ("Metformin binds ND1, which is associated with Alzheimer's disease."),
    ),
    (
        "Dexamethasone",
        "FGFR2",
        ("Dexamethasone downregulates CD83; CD83 regulates FGFR2."),
    ),
    (
        "Ibuprofen",
        "rheumatoid arthritis",
        ("Ibuprofen resembles naproxen, which palliates rheumatoid arthritis."),
    ),
    (
        "SNCA",
        "Parkinson's disease",
        "SNCA is downregulated in Parkinson's disease.",
    ),
    (
        "GDNF",
        "brain",
        "GDNF is upregulated in the brain.",
    ),
)


@pytest.fixture(scope="module")
def bundled(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


@pytest.fixture(scope="module")
def hetionet(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    folder = tmp_path_factory.mktemp("hetionet")
    names = sorted({name for subject, _, object_ in TRIPLES for name in (subject, object_)})
    of = {name: kind for kind, some in CATEGORIES.items() for name in some}
    nodes = [f"x:{i}\t{name}\t{of.get(name, 'Disease')}" for i, name in enumerate(names)]
    edges = [f"x:{names.index(s)}\t{p}\tx:{names.index(o)}" for s, p, o in TRIPLES]
    files = folder / "nodes.tsv", folder / "edges.tsv"
    files[0].write_text("\n".join(["id\tname\tcategory", *nodes, ""]))
    files[1].write_text("\n".join(["subject\tpredicate\tobject", *edges, ""]))
    return open_graph(load(files, folder, name="hetionet", schema=known_schema()).path)


@pytest.mark.parametrize(("source", "target", "sentence"), BUNDLED)
def test_the_bundled_ontology_reads_as_english(
    bundled: Graph, source: str, target: str, sentence: str
) -> None:
    found = bundled.find_paths(source=source, target=target, max_hops=3)
    assert sentence in [path.explanation for path in found.paths]


@pytest.mark.parametrize(("source", "target", "sentence"), HETIONET)
def test_hetionet_reads_as_english(
    hetionet: Graph, source: str, target: str, sentence: str
) -> None:
    turned = any((s, o) == (target, source) for s, _, o in TRIPLES)
    direction = "undirected" if turned else "directed"
    found = hetionet.find_paths(source=source, target=target, direction=direction)
    assert sentence in [path.explanation for path in found.paths]
