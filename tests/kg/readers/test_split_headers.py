"""Tables whose header is a file of its own, as BioCypher and users of Neo4j's import write them."""

import tarfile
from itertools import permutations
from pathlib import Path

import pytest

from mechkg.kg.errors import MechKGError
from tests.kg.readers.loading import Read, read

FILES = {
    "Protein-header.csv": ":ID;name;taxon:int;id;synonyms:string[];:LABEL\n",
    "Protein-part000.csv": 'A:1;"one; first";9606;"A:1";"p53|TP-53";Protein|NamedThing\n',
    "Protein-part001.csv": '\ufeffA:2;"two";9606;"B:2";;Protein|NamedThing\n',
    "Binds-header.csv": ":START_ID;how;subject;:END_ID;:TYPE\n",
    "Binds-part000.csv": "A:1;'well; fast';'x';A:2;binds\n",
    "import-call.sh": "neo4j-admin database import\n",
}


def folder_of(path: Path) -> Path:
    folder = path / "out"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def assert_whole(found: Read) -> None:
    first, second = found.entities["A:1"], found.entities["A:2"]
    assert (first.name, first.category, first.synonyms) == (
        "one; first", "biolink:Protein", ("TP-53", "p53"),
    )  # fmt: skip
    assert first.attributes == {"taxon": "9606"}
    assert second.attributes == {"taxon": "9606", "id_": "B:2"}
    (statement,) = found.statements
    assert (statement.subject, statement.predicate, statement.object) == ("A:1", "binds", "A:2")
    assert statement.attributes == {"how": "well; fast", "subject_": "x"}


def test_a_folder_of_headers_and_parts_is_one_graph(tmp_path: Path) -> None:
    found = read(folder_of(tmp_path))
    assert_whole(found)
    assert found.loaded.report.lost == 1  # the script


def test_the_order_of_headers_and_parts_says_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    names = sorted(name for name in FILES if name.endswith(".csv"))
    orders = [list(order) for order in permutations(names)][::40]
    hashes = {read(*(folder / name for name in order)).hash for order in orders}
    assert len(hashes) == 1


def test_an_archive_may_have_the_header_last(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    with tarfile.open(tmp_path / "g.tar", "w") as archive:
        for name in sorted(FILES, reverse=True):
            if name.endswith(".csv"):
                archive.add(folder / name, f"out/{name}")
    assert_whole(read(tmp_path / "g.tar"))


@pytest.mark.parametrize("arrays", [";", "|"])
def test_the_delimiter_of_arrays_is_that_of_labels(arrays: str, tmp_path: Path) -> None:
    other = {";": "|", "|": ";"}[arrays]
    row = f"A:1,a,x{arrays}y{other}z,Gene{arrays}NamedThing\n"
    (tmp_path / "n.csv").write_text(f":ID,name,synonym:string[],:LABEL\n{row}")
    assert set(read(tmp_path / "n.csv").entities["A:1"].synonyms) == {"x", f"y{other}z"}


def test_headers_of_other_tables_are_taken_too(tmp_path: Path) -> None:
    (tmp_path / "edges_header.tsv").write_text("subject\tpredicate\tobject\n")
    (tmp_path / "edges_1.tsv").write_text("A:1\taffects\tA:2\n")
    (tmp_path / "edges.tsv").write_text("subject\tpredicate\tobject\nA:3\taffects\tA:4\n")
    (tmp_path / "edges_2.tsv").write_text("A:5\taffects\t\n")
    ok = read(*(tmp_path / name for name in ("edges_header.tsv", "edges_1.tsv", "edges.tsv")))
    assert ok.triples == {("A:1", "affects", "A:2"), ("A:3", "affects", "A:4")}
    with pytest.raises(MechKGError, match=r"edges_2\.tsv, line 1: "):
        read(tmp_path / "edges_header.tsv", tmp_path / "edges_2.tsv")


def test_a_part_alone_names_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "Gene-part000.csv").write_text("A:1;a;Gene\n")
    with pytest.raises(MechKGError, match="ends in -header"):
        read(tmp_path / "Gene-part000.csv")
