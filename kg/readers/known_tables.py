"""Tables of well-known resources, recognised by the columns that only they have.

PrimeKG (`kg.csv`, doi:10.7910/DVN/IXA7BM), SIGNOR (signor.uniroma2.it, the 28 columns of its
download), INDRA's pairs of agents (`agA_ns`, `agB_ns`, `stmt_type` ...), OmniPath (`interactions`
of omnipathdb.org) and files for Neo4j's bulk import (neo4j.com/docs/operations-manual: `:ID`,
`:START_ID`, `:END_ID`, `:TYPE`, `:LABEL`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import Block, SourceFile
from mechkg.kg.readers.headers import first_line, split_cells
from mechkg.kg.readers.indra import table_records
from mechkg.kg.readers.kgx import batches
from mechkg.kg.readers.neo4j_csv import NEO4J, csv_form, is_neo4j, neo4j_edge, neo4j_node
from mechkg.kg.readers.tables import quoted_rows

__all__ = ["OF_EDGE", "fits", "fresh", "plain_rows", "read"]

Row = Mapping[str, str]
Items = Iterator[Mapping[str, Any]]
SEPARATORS: Final = ("\t", ",", ";", "|")
MAX_ROW_NODES: Final = 1 << 20
"""Distinct nodes of rows that are remembered; beyond, a node may be described twice."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A known table: its name, the columns that tell it, what a row says in the words of KGX."""

    name: str
    fits: Callable[[frozenset[str]], bool]
    records: Callable[..., Items]


def _has(*names: str) -> Callable[[frozenset[str]], bool]:
    return lambda columns: columns.issuperset(names)


def _header(head: bytes) -> tuple[_Table, str] | None:
    """Return the known table that some bytes begin, and its separator."""
    line = first_line(head)
    for separator in SEPARATORS:
        names = frozenset(cell.strip().casefold() for cell in split_cells(line, separator))
        for table in _TABLES:
            if len(names) > 1 and table.fits(names):
                return table, separator
    return None


def fits(head: bytes) -> bool:
    r"""Say whether some bytes begin a known table.

    >>> fits(b":START_ID,:END_ID,:TYPE\n"), fits(b"id,name,category\n")
    (True, False)
    """
    return _header(head) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a known table row by row; a node that many rows name is one record."""
    yield from batches(_records(file), file, reading)


def _records(file: SourceFile) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = _header(file.head())
    if found is None:
        raise file.error(1, "the header is of no known table")
    table, separator = found
    file.format = table.name
    names: list[str] = []
    known: set[bytes] = set()
    records, quote = table.records, '"'
    if table.name == NEO4J:
        form = csv_form(file.head(), separator)
        records, quote = partial(records, arrays=form.arrays), form.quote
    plain = separator == "\t" and quote == '"' and '"' not in first_line(file.head())
    rows = plain_rows if plain else partial(quoted_rows, quote=quote)
    for line, cells in rows(file.blocks(), separator, file):
        if cells[0].startswith("#"):
            file.see("record")
            file.pass_over("record", line, "a comment", example=cells[0][:80])
            continue
        if not names:
            fold = str.strip if table.name == NEO4J else _folded
            names = [fold(cell) for cell in cells]
            if not table.fits(frozenset(map(_folded, names))):
                raise file.error(line, "the header is of no known table: its line is broken")
            _refuse_several_ids(table, names, line, file)
            _refuse_twice(names, line, file)
            continue
        if [fold(cell) for cell in cells] == names:
            file.see("record")
            file.pass_over("record", line, "the header once more", example=cells[0][:80])
            continue
        if len(cells) > len(names) and any(cells[len(names) :]):
            file.see("record")
            file.refuse(line, f"it has {len(cells)} fields, the header has {len(names)}")
            continue
        filled = [*cells, *[""] * (len(names) - len(cells))]
        row = dict(zip(names, map(str.strip, filled), strict=False))
        yield from fresh(records(row), line, known)


def _refuse_twice(names: Sequence[str], line: int, file: SourceFile) -> None:
    """Raise `DataError` where two columns have one name: the cells of one would be lost."""
    read = [name for name in names if name and not name.upper().endswith(":IGNORE")]
    twice = sorted(name for name, count in Counter(read).items() if count > 1)
    if twice:
        raise file.error(line, f"the header names the column {twice[0]!r} twice")


def _refuse_several_ids(table: _Table, names: Sequence[str], line: int, file: SourceFile) -> None:
    """Raise `DataError` where several columns of a file for Neo4j make up one identifier."""
    kinds = [name.partition(":")[2].upper() for name in names if table.name == NEO4J]
    for kind in ("ID", "START_ID", "END_ID"):
        if sum(re.match(rf"{kind}(?![A-Z_])", found) is not None for found in kinds) > 1:
            raise file.error(
                line, f"several columns :{kind} make up one identifier, which is not read"
            )


def fresh(
    records: Iterable[Mapping[str, Any]], line: int, known: set[bytes]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield records with their line, without nodes that a row before describes in the same words.

    `known` are digests of such nodes; one that is described otherwise is a record of its own.
    """
    for record in records:
        if record.get(OF_EDGE):
            if not record.get("id"):
                continue
            digest = sha256(repr(sorted(record.items(), key=_first)).encode()).digest()[:16]
            if digest in known:
                continue
            if len(known) < MAX_ROW_NODES:
                known.add(digest)
        yield line, {key: value for key, value in record.items() if key != OF_EDGE}


def _first(item: tuple[str, Any]) -> str:
    return item[0]


def _folded(cell: str) -> str:
    return cell.strip().casefold()


def plain_rows(
    blocks: Iterator[Block], separator: str, file: SourceFile
) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row of a table without quotation marks."""
    del file  # a table of plain rows has no fault of its own
    for block in blocks:
        for line, text in enumerate(block.data.decode().split("\n")[:-1], block.line):
            cells = text.rstrip("\r").split(separator)
            if text.strip() and not (text.startswith(("#", "!")) and len(cells) == 1):
                yield line, cells


OF_EDGE: Final = "\0of edge"
"""Marks a node that a row names beside its edge."""


def _primekg(row: Row) -> Items:
    ends = []
    for end in ("x", "y"):
        source, local = row[f"{end}_source"], row[f"{end}_id"]
        identifier = _primekg_id(source, local)
        ends.append(identifier)
        kind = row[f"{end}_type"]
        yield {
            OF_EDGE: True, "id": identifier, "name": row[f"{end}_name"],
            "category": _PRIMEKG_TYPES.get(kind, kind), "primekg_index": row.get(f"{end}_index"),
        }  # fmt: skip
    yield {
        "subject": ends[0], "predicate": row["relation"], "object": ends[1],
        "display_relation": row.get("display_relation", ""),
    }  # fmt: skip


def _primekg_node(row: Row) -> Items:
    source, kind = row["node_source"], row["node_type"]
    yield {
        "id": _primekg_id(source, row["node_id"]), "name": row["node_name"],
        "category": _PRIMEKG_TYPES.get(kind, kind), "primekg_index": row.get("node_index", ""),
    }  # fmt: skip


def _primekg_id(source: str, local: str) -> str:
    """Return the identifier of a node: numbers of different sources differ."""
    if "_" in local and source == "MONDO_grouped":
        return f"MONDO_grouped:{local}"
    return _curie(_PRIMEKG_PREFIXES.get(source, source), local) if local else ""


_PRIMEKG_PARTS: Final = ("id", "type", "name", "source")
_PRIMEKG_PREFIXES: Final = {
    "NCBI": "NCBIGene", "DrugBank": "DRUGBANK", "HPO": "HP", "MONDO": "MONDO", "GO": "GO",
    "UBERON": "UBERON", "CTD": "MESH", "REACTOME": "REACT",
}  # fmt: skip
_PRIMEKG_TYPES: Final = {
    "gene/protein": "biolink:Gene", "drug": "biolink:Drug", "disease": "biolink:Disease",
    "effect/phenotype": "biolink:PhenotypicFeature", "anatomy": "biolink:AnatomicalEntity",
    "biological_process": "biolink:BiologicalProcess", "pathway": "biolink:Pathway",
    "molecular_function": "biolink:MolecularActivity", "exposure": "biolink:ChemicalEntity",
    "cellular_component": "biolink:CellularComponent",
}  # fmt: skip
_PADDED: Final = frozenset(("GO", "HP", "MONDO", "UBERON"))


def _curie(prefix: str, local: str) -> str:
    """Return a CURIE; numbers of OBO ontologies get the seven digits that they have.

    >>> _curie("GO", "6915"), _curie("NCBIGene", "7157"), _curie("CHEBI", "CHEBI:1")
    ('GO:0006915', 'NCBIGene:7157', 'CHEBI:1')
    >>> _curie("SIGNOR", "")
    ''
    """
    if ":" in local or not local:
        return local
    if prefix in _PADDED and local.isdigit():
        local = local.zfill(7)
    return f"{prefix}:{local}" if prefix else local


def _signor(row: Row) -> Items:
    upper = {name.upper(): value for name, value in row.items()}
    ends = []
    for end in ("A", "B"):
        kind = upper.get(f"TYPE{end}", "")
        prefix = _SIGNOR_PREFIXES.get(upper.get(f"DATABASE{end}", "").upper(), "SIGNOR")
        ends.append(_curie(prefix, upper[f"ID{end}"]))
        yield {
            OF_EDGE: True, "id": ends[-1], "name": upper[f"ENTITY{end}"],
            "category": _SIGNOR_TYPES.get(kind.casefold(), ""), "signor_type": kind,
        }  # fmt: skip
    effect = upper["EFFECT"]
    own = {*_SIGNOR_OWN}
    pmid = upper.get("PMID", "")
    yield {
        **{key.lower(): value for key, value in upper.items() if key not in own and value},
        "subject": ends[0],
        "predicate": re.sub(r"[\s_]+", "_", effect),
        "object": ends[1],
        "object_direction_qualifier": _direction(effect),
        "object_aspect_qualifier": "abundance" if "quantity" in effect else
        "activity" if "activity" in effect else "",
        "publications": [f"PMID:{pmid}"] if pmid.isdigit() else [],
        "primary_knowledge_source": "infores:signor",
    }  # fmt: skip


_SIGNOR_OWN: Final = (
    "ENTITYA", "TYPEA", "IDA", "DATABASEA", "ENTITYB", "TYPEB", "IDB", "DATABASEB", "EFFECT",
)  # fmt: skip
_SIGNOR_PREFIXES: Final = {
    "UNIPROT": "UniProtKB", "PUBCHEM": "PUBCHEM.COMPOUND", "CHEBI": "CHEBI", "MIRBASE": "MIRBASE",
    "RNACENTRAL": "RNACENTRAL", "DRUGBANK": "DRUGBANK", "NCBI": "NCBIGene",
}  # fmt: skip
_SIGNOR_TYPES: Final = {
    "protein": "biolink:Protein", "complex": "biolink:MacromolecularComplex",
    "proteinfamily": "biolink:ProteinFamily", "chemical": "biolink:ChemicalEntity",
    "smallmolecule": "biolink:SmallMolecule", "phenotype": "biolink:BiologicalProcess",
    "mirna": "biolink:MicroRNA", "ncrna": "biolink:NoncodingRNAProduct",
    "antibody": "biolink:Drug",
}  # fmt: skip


def _direction(effect: str) -> str:
    if effect.startswith("up-regulates"):
        return "increased"
    return "decreased" if effect.startswith("down-regulates") else ""


def _omnipath(row: Row) -> Items:
    ends = []
    for end in ("source", "target"):
        kind = row.get(f"entity_type_{end}", "")
        prefix, category = _omnipath_kind(row[end], kind)
        ends.append(_curie(prefix, row[end]))
        yield {
            OF_EDGE: True, "id": ends[-1], "name": row.get(f"{end}_genesymbol", ""),
            "category": category, "entity_type": kind,
        }  # fmt: skip
    up, down = (_is_true(row.get(name, "")) for name in ("is_stimulation", "is_inhibition"))
    references = re.findall(r"(?:^|[;:])(\d+)\b", row.get("references", ""))
    own = {
        "source", "target", "source_genesymbol", "target_genesymbol", "sources", "type",
        "entity_type_source", "entity_type_target",
    }  # fmt: skip
    direction = "increased" if up > down else "decreased" if down > up else ""
    yield {
        **{key: value for key, value in row.items() if key not in own},
        "subject": ends[0],
        "predicate": "affects" if up or down else "interacts_with",
        "object": ends[1],
        "object_direction_qualifier": direction,
        "interaction_type": row.get("type", ""),
        "publications": [f"PMID:{pmid}" for pmid in dict.fromkeys(references)],
        "primary_knowledge_source": "infores:omnipath",
        "resources": row.get("sources", ""),
    }  # fmt: skip


_ACCESSION: Final = re.compile(r"[OPQ]\d[A-Z\d]{3}\d|[A-NR-Z]\d(?:[A-Z][A-Z\d]{2}\d){1,2}(?:-\d+)?")
"""Accessions of UniProt (uniprot.org/help/accession_numbers)."""
_OMNIPATH_TYPES: Final = {
    "protein": "biolink:Protein", "complex": "biolink:MacromolecularComplex",
    "mirna": "biolink:MicroRNA", "lncrna": "biolink:NoncodingRNAProduct",
    "small_molecule": "biolink:SmallMolecule", "phenotype": "biolink:BiologicalProcess",
}  # fmt: skip


def _omnipath_kind(text: str, kind: str) -> tuple[str, str]:
    """Return the prefix of a molecule of OmniPath, and its category.

    >>> _omnipath_kind("P28482", ""), _omnipath_kind("MIMAT0000076", "")
    (('UniProtKB', 'biolink:Protein'), ('MIRBASE', 'biolink:MicroRNA'))
    >>> _omnipath_kind("5311", "small_molecule"), _omnipath_kind("HOTAIR", "lncrna")[0]
    (('PUBCHEM.COMPOUND', 'biolink:SmallMolecule'), '')
    """
    category = _OMNIPATH_TYPES.get(kind, "")
    if text.startswith("COMPLEX"):
        return "", "biolink:MacromolecularComplex"
    if text.startswith("MIMAT"):
        return "MIRBASE", "biolink:MicroRNA"
    if text.isdigit() and kind == "small_molecule":
        return "PUBCHEM.COMPOUND", category
    if _ACCESSION.fullmatch(text):
        return "UniProtKB", category or "biolink:Protein"
    return "", category


_INDRA_COLUMNS: Final = (
    "aga_ns", "aga_id", "aga_name", "agb_ns", "agb_id", "agb_name", "stmt_type",
)  # fmt: skip


def _is_true(text: str) -> bool:
    return text.casefold() in {"1", "true", "t"}


_TABLES: Final[Sequence[_Table]] = (
    _Table(
        "primekg",
        _has("relation", *(f"{end}_{part}" for end in "xy" for part in _PRIMEKG_PARTS)),
        _primekg,
    ),
    _Table("primekg", _has("node_id", "node_type", "node_name", "node_source"), _primekg_node),
    _Table("signor", _has("entitya", "ida", "databasea", "entityb", "idb", "effect"), _signor),
    _Table("indra-table", _has(*_INDRA_COLUMNS), lambda row: table_records(row, OF_EDGE)),
    _Table("omnipath", _has("source", "target", "is_stimulation", "is_inhibition"), _omnipath),
    _Table(NEO4J, is_neo4j("start_id", "end_id"), neo4j_edge),
    _Table(NEO4J, is_neo4j("id"), neo4j_node),
)
