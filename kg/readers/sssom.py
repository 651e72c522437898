"""Declared equivalences: an SSSOM table says which CURIEs name the same thing.

SSSOM (mapping-commons.github.io/sssom) is a table with tabs under a commented YAML header; only
rows with the predicate `skos:exactMatch` (or `owl:equivalentClass`, `owl:sameAs`) that are not
negated count. The subject is merged into the object.
"""

from __future__ import annotations

from typing import Final

from mechkg.kg.readers.files import SourceFile

__all__ = ["Equivalences", "read"]

_EXACT: Final = frozenset(("skos:exactMatch", "owl:equivalentClass", "owl:sameAs"))
_NEEDED: Final = ("subject_id", "predicate_id", "object_id")


class Equivalences:
    """Sets of CURIEs for the same thing, each with one that stands for all (union-find).

    >>> same = Equivalences()
    >>> same.join("UMLS:C1", "MONDO:1")
    >>> same.join("MESH:D1", "UMLS:C1")
    >>> same.chosen("MESH:D1"), same.chosen("GO:1"), len(same)
    ('MONDO:1', 'GO:1', 2)
    """

    def __init__(self) -> None:
        self._into: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._into)

    def join(self, curie: str, into: str) -> None:
        """Say that both name the same thing, and that `into` is the one to keep."""
        curie, into = self.chosen(curie), self.chosen(into)
        if curie != into:
            self._into[curie] = into

    def chosen(self, curie: str) -> str:
        """Return the CURIE that stands for this one, itself where nothing was declared."""
        root = curie
        while root in self._into:
            root = self._into[root]
        while curie != root:
            self._into[curie], curie = root, self._into[curie]
        return root

    def members(self) -> list[str]:
        """Return the CURIEs that another stands for."""
        return list(self._into)


def read(file: SourceFile, same: Equivalences) -> int:
    """Add the exact matches of a file to `same`; returns how many rows were others.

    Raises `DataError` for a missing column, a wrong number of fields or an empty CURIE.
    """
    names: list[str] = []
    others = 0
    for block in file.blocks():
        for line, text in enumerate(block.data.decode().split("\n")[:-1], block.line):
            if text.startswith("#") or not text.strip():
                continue
            cells = text.rstrip("\r").split("\t")
            if not names:
                names = cells
                missing = [name for name in _NEEDED if name not in names]
                if missing:
                    raise file.error(line, f"the column '{missing[0]}' is missing")
                continue
            if len(cells) != len(names):
                raise file.error(line, f"it has {len(cells)} fields, the header has {len(names)}")
            others += not _joined(dict(zip(names, cells, strict=True)), line, file, same)
    if not names:
        raise file.error(None, "it holds no SSSOM table")
    return others


def _joined(row: dict[str, str], line: int, file: SourceFile, same: Equivalences) -> bool:
    for name in _NEEDED:
        if not row[name]:
            raise file.error(line, f"the column '{name}' is empty")
    if row["predicate_id"] not in _EXACT or row.get("predicate_modifier") == "Not":
        return False
    same.join(row["subject_id"], row["object_id"])
    return True
