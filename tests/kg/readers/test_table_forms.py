"""The ways in which tables are written: headers, separators, quotes, lists, blanks, line ends."""

import json
from pathlib import Path

import pytest

from mechkg.kg.errors import LoadRefused
from tests.kg.readers.loading import read

TRIPLES = {("A:1", "affects", "A:2"), ("A:3", "affects", "A:4")}
MANY = range(20_000)
"""Columns of a header that is longer than what a format is told by elsewhere."""
ROWS = "A:1\taffects\tA:2\nA:3\taffects\tA:4\n"

EDGES = {
    "usual": "subject\tpredicate\tobject\n" + ROWS,
    "capitals": "SUBJECT\tPredicate\tObject\n" + ROWS,
    "words": "Source Node\tEdge Type\tTarget Node\n" + ROWS,
    "head and tail": "head\trelation\ttail\n" + ROWS,
    "from and to": "From\tRel\tTo\n" + ROWS,
    "ends of any name": "gene\tinteraction\tdisease\n" + ROWS,
    "identifiers": "subject_id\tpredicate_id\tobject_id\n" + ROWS,
    "no header": ROWS,
    "comments": "# made by x\n#\n\nsubject\tpredicate\tobject\n" + ROWS,
    "a header in a comment": "#subject\tpredicate\tobject\n" + ROWS,
    "comments inside": "subject\tpredicate\tobject\nA:1\taffects\tA:2\n# x\n\n"
    "A:3\taffects\tA:4\n",
    "commas": ("subject\tpredicate\tobject\n" + ROWS).replace("\t", ","),
    "semicolons": ("subject\tpredicate\tobject\n" + ROWS).replace("\t", ";"),
    "bars": ("subject\tpredicate\tobject\n" + ROWS).replace("\t", "|"),
    "carriage returns": ("subject\tpredicate\tobject\n" + ROWS).replace("\n", "\r"),
    "Windows": "\ufeff" + ("subject\tpredicate\tobject\n" + ROWS).replace("\n", "\r\n"),
    "quoted": '"subject"\t"predicate"\t"object"\n"A:1"\t"affects"\t"A:2"\nA:3\taffects\tA:4\n',
    "quoted rows": 'subject\tpredicate\tobject\n"A:1"\t"affects"\t"A:2"\n"A:3"\taffects\tA:4\n',
    "blanks": " subject \tpredicate\tobject\n A:1 \taffects\tA:2\nA:3\taffects \t  A:4\n",
    "empty cells at the end": "subject\tpredicate\tobject\tx\nA:1\taffects\tA:2\t\t\t\n"
    "A:3\taffects\tA:4\n",
    "no newline at the end": ("subject\tpredicate\tobject\n" + ROWS).rstrip("\n"),
    "a long header": "subject\tpredicate\tobject\t" + "\t".join(f"column_{i}" for i in MANY)
    + "\n" + ROWS,
    "the triple last": "\t".join(f"column_{i}" for i in MANY)
    + "\tsubject\tpredicate\tobject\n" + "".join("\t" * len(MANY) + row + "\n"
                                                  for row in ROWS.splitlines()),
}  # fmt: skip


@pytest.mark.parametrize("form", EDGES)
@pytest.mark.parametrize("suffix", ["tsv", "csv"])
def test_edges_are_the_same_in_every_form(tmp_path: Path, form: str, suffix: str) -> None:
    if suffix == "csv" and form == "no header":
        return  # three columns without a header are read with tabs only
    path = tmp_path / f"edges.{suffix}"
    path.write_text(EDGES[form], encoding="utf-8", newline="")
    assert read(path).triples == TRIPLES


LISTS = {
    "bars": "x|y",
    "JSON": '["x", "y"]',
    "Python": "['x', 'y']",
    "a tuple": "('x', 'y')",
    "numpy": "['x' 'y']",
    "an array": "array(['x', 'y'], dtype=object)",
    "unit separators": "x\x1fy",
    "blanks": " x | y ",
}


@pytest.mark.parametrize("form", LISTS)
def test_lists_are_the_same_in_every_spelling(tmp_path: Path, form: str) -> None:
    cell = LISTS[form]
    (tmp_path / "n.tsv").write_text(f"id\tname\tsynonym\txref\nA:1\ta\t{cell}\t{cell}\n")
    entity = read(tmp_path / "n.tsv").entities["A:1"]
    assert entity.synonyms == entity.xrefs == ("x", "y")


CATEGORIES = (
    "gene", "Gene", "biolink:Gene", "biolink:gene", "https://w3id.org/biolink/vocab/Gene",
    "http://w3id.org/biolink/vocab/Gene", "['biolink:Gene', 'biolink:NamedThing']",
    '["biolink:NamedThing", "biolink:Gene"]', "biolink:NamedThing|biolink:Gene", "GENE",
)  # fmt: skip


@pytest.mark.parametrize("text", CATEGORIES)
def test_a_category_is_the_same_in_every_spelling(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.tsv").write_text(f"id\tname\tcategory\nA:1\ta\t{text}\n")
    assert read(tmp_path / "n.tsv").entities["A:1"].category == "biolink:Gene"


@pytest.mark.parametrize("text", ["NaN", "nan", "None", "NULL", "null", "N/A", "<NA>", "\\N"])
@pytest.mark.parametrize("suffix", ["tsv", "csv", "jsonl"])
def test_what_programs_write_for_nothing_is_no_entity(
    tmp_path: Path, text: str, suffix: str
) -> None:
    row = {
        "tsv": f"subject\tpredicate\tobject\nA:1\taffects\t{text}\n",
        "csv": f"subject,predicate,object\nA:1,affects,{text}\n",
        "jsonl": json.dumps({"subject": "A:1", "predicate": "affects", "object": text}) + "\n",
    }
    path = tmp_path / f"edges.{suffix}"
    path.write_text(row[suffix])
    with pytest.raises(LoadRefused, match="names nothing"):
        read(path)


def test_names_that_begin_like_nothing_are_kept(tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text(
        "subject\tpredicate\tobject\nNANOG\taffects\tNA\nNone1\tp\tnon\n"
    )
    assert read(tmp_path / "e.tsv").counts.statements == 2
