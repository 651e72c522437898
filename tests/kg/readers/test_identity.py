"""Spellings of one identifier meet, others stay apart, and no order of files matters."""

from itertools import permutations
from pathlib import Path

import pytest

from mechkg.kg.model.identifiers import registry
from tests.kg.readers.loading import read

NODES = "id\tname\tcategory\n"
EDGES = "subject\tpredicate\tobject\n"
SPELLINGS = {
    "CL:0000540": [
        "cl:0000540", "Cl:0000540", "CL_0000540", "CL:CL:0000540",
        "http://purl.obolibrary.org/obo/CL_0000540", "https://purl.obolibrary.org/obo/CL_0000540",
        "https://identifiers.org/CL:0000540", "http://identifiers.org/cl/CL:0000540",
        "https://bioregistry.io/cl:0000540", "obo:CL_0000540", "OBO:CL_0000540",
        "http://purl.obolibrary.org/obo/CL_0000540/",
    ],
    "HGNC:4232": ["hgnc:4232", "HGNC:HGNC:4232", "http://identifiers.org/hgnc/HGNC:4232"],
    "UniProt:P05231": ["UniProtKB:P05231", "http://purl.uniprot.org/uniprot/P05231"],
    "PMID:123": ["pubmed:123", "https://pubmed.ncbi.nlm.nih.gov/123",
                 "http://www.ncbi.nlm.nih.gov/pubmed/123", "https://pubmed.ncbi.nlm.nih.gov/123/"],
    "DOI:10.1/x": ["doi:10.1/x", "https://doi.org/10.1/x", "http://dx.doi.org/10.1/x"],
    "ABC:0001": ["http://purl.obolibrary.org/obo/ABC_0001", "obo:ABC_0001"],
}  # fmt: skip


@pytest.mark.parametrize("curie", SPELLINGS)
def test_every_spelling_of_an_identifier_is_one_entity(tmp_path: Path, curie: str) -> None:
    nodes, edges = tmp_path / "nodes.tsv", tmp_path / "edges.tsv"
    nodes.write_text(f"{NODES}{curie}\tthe name\tbiolink:Gene\n")
    spellings = SPELLINGS[curie]
    rows = "".join(f"{text}\taffects\tlab:{i}\n" for i, text in enumerate(spellings))
    edges.write_text(EDGES + rows + f"{curie}\taffects\tlab:x\n")
    found = read(nodes, edges)
    assert len(found.entities) == len(spellings) + 2
    assert found.entities[curie].name == "the name"
    assert {s.subject for s in found.statements} == {curie}
    assert {found.hash} == {read(edges, nodes).hash}


@pytest.mark.parametrize("curie", SPELLINGS)
def test_a_single_spelling_of_a_prefix_is_kept(tmp_path: Path, curie: str) -> None:
    for text in SPELLINGS[curie]:
        edges = tmp_path / "edges.tsv"
        edges.write_text(f"{EDGES}{text}\taffects\tlab:1\n")
        shown = read(edges).statements[0].subject
        assert registry().canonical(shown) == curie
        assert text in registry().spellings(curie) or shown == curie or "://" not in shown


def test_unlike_identifiers_stay_apart(tmp_path: Path) -> None:
    ids = ["lab:1", "LAB:1", "lab_1", "MP_1", "CL", "CL:", "http://a.example/1", "https://a.example/1",
           "http://a.example/1/", "CL:1", "CLO:1", "Gene::1", "gene:1", "ex:1"]  # fmt: skip
    edges = tmp_path / "edges.tsv"
    edges.write_text(EDGES + "".join(f"{text}\taffects\tlab:x\n" for text in ids))
    assert {s.subject for s in read(edges).statements} == set(ids)


def test_the_order_of_files_and_lines_changes_nothing(tmp_path: Path) -> None:
    texts = {
        "n1.tsv": [NODES, "CL:0000540\tneuron\tbiolink:Cell\n", "hgnc:4232\tGFAP\tbiolink:Gene\n"],
        "n2.tsv": [NODES, "CL_0000540\tnerve cell\tbiolink:NamedThing\n"],
        "e1.tsv": [EDGES, "HGNC:4232\taffects\tcl:0000540\n", "lab:1\taffects\tCL:0000540\n"],
        "e2.tsv": [EDGES, "HGNC:HGNC:4232\taffects\tlab:1\n"],
    }
    hashes = set()
    for turned in (False, True):
        for name, (head, *rows) in texts.items():
            (tmp_path / name).write_text(head + "".join(rows[::-1] if turned else rows))
        for names in permutations(texts):
            hashes.add(read(*(tmp_path / name for name in names)).hash)
    assert len(hashes) == 1


def test_the_registry_is_one_to_one() -> None:
    known = registry()
    for prefix, namespace in known.namespaces.items():
        assert known.canonical(f"{namespace}0000001") == f"{prefix}:0000001"
        assert known.iri(f"{prefix}:0000001") == f"{namespace}0000001"
