"""What the columns of a table are called, and what they mean: the header decides, not the content.

Names are compared without regard to case, quotes and surrounding blanks. Comment lines may be
before the header; a header may itself be a comment (`#subject ...`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final, Literal

__all__ = [
    "Header",
    "find_header",
    "first_line",
    "is_triple_table",
    "named_columns",
    "nearest",
    "read_header",
    "split_cells",
]

ENDS: Final = (
    ("subject", "object"), ("subject_id", "object_id"), ("subject_curie", "object_curie"),
    ("source", "target"), ("source_id", "target_id"), ("source_node", "target_node"),
    ("head", "tail"), ("head_id", "tail_id"), ("from", "to"), ("from_id", "to_id"),
    ("from_node", "to_node"), ("start", "end"), ("start_id", "end_id"), ("node1", "node2"),
    ("node_1", "node_2"), ("node_a", "node_b"), ("entity1", "entity2"),
    ("entity_1", "entity_2"), ("gene1", "gene2"), ("protein1", "protein2"),
    ("interactor_a", "interactor_b"), ("src", "dst"), ("src", "dest"), ("src", "tgt"),
    ("subj", "obj"), ("sub", "obj"), ("head_entity", "tail_entity"), ("subject_iri", "object_iri"),
    ("source_curie", "target_curie"), ("entity_a", "entity_b"), ("u", "v"), ("s", "o"), ("h", "t"),
)  # fmt: skip
"""Names of the two ends of an edge, the usual ones first."""
RELATIONS: Final = (
    "predicate", "predicate_id", "edge_label", "relation", "relationship", "metaedge",
    "edge_type", "relation_type", "interaction", "interaction_type", "predicate_label", "rel",
    "pred", "predicate_iri", "predicate_curie", "edge", "property", "type", "label", "link", "r",
    "p",
)  # fmt: skip
"""Names of the relation of an edge, the usual ones first."""
IDS: Final = ("id", "curie", "node_id", "identifier", "entity_id", "node")
NAMES: Final = ("name", "label", "node_name", "preferred_name", "title")
CATEGORIES: Final = ("category", "categories", "type", "kind", "node_type", "class", "labels")

MIDDLE: Final = frozenset(
    (
        "predicate", "relation", "relationship", "edge", "edge_type", "edge_label", "metaedge",
        "interaction", "interaction_type", "relation_type",
    )
)  # fmt: skip
"""Names that make a header of three columns an edge's, whatever its ends are called."""
_KNOWN: Final = frozenset((*(name for pair in ENDS for name in pair), *RELATIONS, *IDS, *NAMES))

_LISTED: Final = frozenset(
    (
        "publications", "knowledge_level", "agent_type", "primary_knowledge_source", "sources",
        "qualified_predicate", "qualifiers", "qualifier", "negated", "description", "synonym",
        "synonyms", "xref", "xrefs", "equivalent_identifiers", "provided_by", "iri",
        "exact_synonym", "related_synonym", "narrow_synonym", "broad_synonym", "same_as", "id",
    )
)  # fmt: skip
"""Fields of KGX, of which the case does not matter."""
MAX_LOOKED_AT: Final = 200
"""Lines that are looked at to tell a header from a row."""
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_MAPPING: Final = "mapping_justification"
_COUNTED: Final = re.compile(
    r"(?:[vx]|col|column|field|unnamed: ?|\.\.\.)?[ _]?(\d+)", re.IGNORECASE
)
"""Names that programs give to columns without one: `V1`, `0`, `Column 2`, `Unnamed: 0`."""
_TITLE: Final = re.compile(
    r"(?:.+[ _.-])?(?:ids?|names?|types?|symbols?|labels?|codes?|curies?|iris?|accessions?|terms?|"
    r"class|action|effects?|score|evidence|source|target|reference|pmids?|gene|drug|disease|protein|"
    r"compound|chemical|phenotype|pathway|cell|tissue|variant|mirna|substance|condition|symptom|"
    r"mechanism|interaction|relation|relationship|predicate|direction|subject|object)s?\d?",
    re.IGNORECASE,
)
"""What columns of the field are called, alone or behind another word (`drug_name`)."""
_SEPARATOR: Final = re.compile(r'"?sep=.?"?', re.IGNORECASE)
"""The line before a header that gives Excel the separator."""

_TRIPLE: Final = ("subject", "predicate", "object")

Kind = Literal["node", "edge"]


@dataclass(frozen=True, slots=True)
class Header:
    r"""The columns of a table under their KGX names, and how its cells are written.

    `line` is the number of the header's line, `cells` what stands in it, `quoted` says whether
    cells are in quotation marks, `spaced` whether a blank follows each separator.

    >>> read_header(b'"ID";"Name";"Category"\n"A:1";"a";"Gene"\n', ";").names
    ('id', 'name', 'category')
    """

    names: tuple[str, ...]
    kind: Kind
    separator: str
    line: int
    quoted: bool
    cells: tuple[str, ...] = ()
    spaced: bool = False


def read_header(head: bytes, separator: str) -> Header | None:
    r"""Return the header of a table that begins with some bytes, None where it has no known one.

    >>> read_header(b"#made by x\nsubject\tedge_label\tobject\n", "\t").line
    2
    >>> read_header(b"#node1\trelation\tnode2\na:1\tp\ta:2\n", "\t").names
    ('subject', 'predicate', 'object')
    """
    comment: tuple[int, str] | None = None
    lines = _lines(head)
    for number, line in lines:
        if not line.strip() or _SEPARATOR.fullmatch(line.strip()):
            continue
        if line.lstrip('"').startswith("#"):
            comment = number, line.lstrip('"').lstrip("#").strip()
            continue
        found = _header(number, line, separator, next((t for _, t in lines if t.strip()), ""))
        if found is None and comment is not None:
            found = _header(*comment, separator, line)
        return found
    return None


def _header(number: int, line: str, separator: str, below: str) -> Header | None:
    cells = split_cells(line, separator)
    named = named_columns(cells)
    if named is None:
        return None
    names, kind = named
    first = split_cells(below, separator, quoted=False)
    needed = names.index("id" if kind == "node" else "subject")
    cell = first[needed] if len(first) > needed else ""
    quoted = '"' in line or re.fullmatch('".*"', cell) is not None
    spaced = f"{separator} " in line
    return Header(names, kind, separator, number, quoted, tuple(map(str.strip, cells)), spaced)


def named_columns(cells: Sequence[str]) -> tuple[tuple[str, ...], Kind] | None:
    """Return the KGX names of columns and whether they are of edges or nodes; None for neither.

    >>> named_columns(["source", "metaedge", "target", "License"])
    (('subject', 'predicate', 'object', 'License'), 'edge')
    >>> named_columns(["id", "label", "type"]), named_columns(["a", "b", "c"])
    ((('id', 'name', 'category'), 'node'), None)
    """
    texts = [cell.strip() for cell in cells]
    folded = [_fold(text) for text in texts]
    kind: Kind = "edge"
    roles = _edge_roles(folded)
    if roles is None:
        kind = "node"
        roles = _node_roles(folded)
    if roles is None:
        return None
    taken = {role: folded[i] for i, role in roles.items()}
    names = [roles.get(i) or _field(text, folded[i], taken) for i, text in enumerate(texts)]
    return tuple(names), kind


def _edge_roles(folded: Sequence[str]) -> dict[int, str] | None:
    """Return which columns of an edge table are its triple, None where it has none."""
    ends = next((pair for pair in ENDS if set(pair) <= set(folded)), None)
    relation = next((name for name in RELATIONS if name in folded), None)
    if ends is None and len(folded) == len(set(folded)) == len(_TRIPLE) and folded[1] in MIDDLE:
        ends, relation = (folded[0], folded[2]), folded[1]
    if ends is None or relation is None or _MAPPING in folded:
        return None
    triple = zip(_TRIPLE, (ends[0], relation, ends[1]), strict=True)
    return {folded.index(name): role for role, name in triple}


def _node_roles(folded: Sequence[str]) -> dict[int, str] | None:
    """Return which columns of a node table name and describe its entities, None for no such."""
    if any(set(pair) <= set(folded) for pair in ENDS):
        return None
    roles: dict[int, str] = {}
    for role, usual in (("id", IDS), ("name", NAMES), ("category", CATEGORIES)):
        found = next((name for name in usual if name in folded), None)
        if found is not None:
            roles.setdefault(folded.index(found), role)
    return roles if "id" in roles.values() and len(roles) > 1 else None


def _field(text: str, folded: str, taken: dict[str, str]) -> str:
    """Return the name of a further column; one that is called like a role gets a mark."""
    known = folded in _LISTED or folded.endswith("_qualifier")
    name = folded if known else text
    return f"{name}_" if taken.get(name, folded) != folded else name


def _fold(text: str) -> str:
    return re.sub(r"[\s\-.]+", "_", text.strip().strip('"').casefold()).removeprefix("biolink:")


def nearest(cells: Sequence[str]) -> str:
    """Return what the columns of an unknown header look like, in one sentence; "" for nothing.

    >>> nearest(["x_id", "relation", "y_id"])
    "It has a column for the relation ('relation'), but none for the two ends."
    """
    folded = [_fold(cell) for cell in cells]
    if _MAPPING in folded:
        return "It is an SSSOM mapping: give it as --mapping."
    ends = next((pair for pair in ENDS if set(pair) <= set(folded)), None)
    relation = next((name for name in RELATIONS if name in folded), None)
    identifier = next((name for name in IDS if name in folded), None)
    if ends is not None:
        return f"It has columns for two ends ({ends[0]!r}, {ends[1]!r}), but none for the relation."
    if identifier is not None:
        return f"It has a column of identifiers ({identifier!r}), but none for name or category."
    if relation is not None:
        return f"It has a column for the relation ({relation!r}), but none for the two ends."
    return ""


def is_triple_table(head: bytes) -> bool:
    r"""Say whether lines are three cells with tabs under no header: subject, predicate, object.

    A first line of words over lines of identifiers is a header, known or not; so is one over a
    middle column of numbers, one of counted names (`V1`), and one in a comment.

    >>> is_triple_table(b"a:1\tbinds\ta:2\n"), is_triple_table(b"head\trel\ttail\na:1\tp\ta:2\n")
    (True, False)
    >>> is_triple_table(b"metric\tmetric_value\tmetric_type\naxioms\t23\tsingle\n")
    False
    """
    lines = [line for _, line in _lines(head) if line.strip()]
    noted = [line for line in lines[:MAX_LOOKED_AT] if line.startswith("#")]
    lines = [line for line in lines if not line.startswith("#")]
    rows = [line.split("\t") for line in lines[:MAX_LOOKED_AT]]
    if not rows or len(rows[0]) != 3 or not all(cell.strip() for cell in rows[0]):
        return False
    if _are_counted(rows[0]) or any(line.count("\t") == len(_TRIPLE) - 1 for line in noted[:1]):
        return False
    first, rest = rows[0], [row for row in rows[1:-1] or rows[1:] if len(row) == 3]
    bare = [cell.strip("'") for cell in first]
    if named_columns(bare) is not None or len(_KNOWN.intersection(map(_fold, bare))) > 1:
        return False
    if not rest:
        return _NUMBER.fullmatch(first[1]) is None
    if _are_titles(bare, rest) or 2 * sum(_is_decimal(row[2]) for row in rest) > len(rest):
        return False
    numbers = sum(_NUMBER.fullmatch(row[1]) is not None for row in rest)
    coded = sum(_is_code(row[0]) and _is_code(row[2]) for row in rest)
    words = not (_is_code(first[0]) or _is_code(first[2]))
    return 2 * numbers <= len(rest) and not (words and 10 * coded >= 9 * len(rest))


def _are_titles(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Say whether all cells are names of columns, and none stands in its column below.

    >>> _are_titles(["Drug", "Target", "Action"], [["aspirin", "PTGS1", "inhibitor"]])
    True
    >>> _are_titles(["drug_name", "interaction_types", "gene"], [])
    True
    """
    return all(_TITLE.fullmatch(cell.strip()) for cell in cells) and not any(
        cell.casefold() == other.casefold()
        for row in rows
        for cell, other in zip(cells, row, strict=False)
    )


def _is_decimal(text: str) -> bool:
    return "." in text and _NUMBER.fullmatch(text.strip()) is not None


def _are_counted(cells: Sequence[str]) -> bool:
    """Say whether cells are names with the numbers of their columns, from 0 or 1 on.

    >>> _are_counted(["V1", "V2", "V3"]), _are_counted(["0", "1", "2"]), _are_counted(["1", "5"])
    (True, True, False)
    """
    found = [_COUNTED.fullmatch(cell.strip()) for cell in cells]
    numbers = [int(match[1]) for match in found if match is not None]
    return numbers in (list(range(len(cells))), list(range(1, len(cells) + 1)))


def _is_code(text: str) -> bool:
    return ":" in text or any(character.isdigit() for character in text)


def first_line(head: bytes) -> str:
    """Return the first line that is neither blank nor a comment."""
    return next((line for _, line in _lines(head) if line.strip() and not line.startswith("#")), "")


def _lines(head: bytes) -> Iterator[tuple[int, str]]:
    text = head.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    mark = "\n" if "\n" in text else "\r"
    number, at = 1, 0
    while (end := text.find(mark, at)) >= 0:
        yield number, text[at:end].rstrip("\r")
        number, at = number + 1, end + 1
    yield number, text[at:].rstrip("\r")


def find_header(head: bytes, separators: str) -> Header | None:
    r"""Return the header under the first separator that makes one, None for none.

    >>> find_header(b"id;name;category\n", ",;").separator
    ';'
    """
    found = (read_header(head, separator) for separator in separators)
    return next((header for header in found if header is not None), None)


def split_cells(line: str, separator: str, *, quoted: bool = True) -> list[str]:
    r"""Return the cells of a line, without quotation marks where it has some.

    >>> split_cells('"a","b,c"', ","), split_cells('"a', ","), split_cells("a\rb\tc", "\t")
    (['a', 'b,c'], ['"a'], ['a\rb', 'c'])
    """
    if not quoted or '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader(StringIO(line, newline=""), delimiter=separator, strict=True), [])
    except csv.Error:
        return line.split(separator)
