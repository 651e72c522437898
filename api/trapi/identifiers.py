"""Identifiers of a question as rows of the graph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from mechkg.api.trapi.remarks import Remarks
from mechkg.kg.snapshot.snapshot import Snapshot
from mechkg.ontology.rdf.vocabulary import STANDARD_PREFIXES, Codec

__all__ = ["Identifiers"]


class Identifiers:
    """Looks up identifiers in a snapshot, and logs what they were taken for."""

    def __init__(self, snapshot: Snapshot, remarks: Remarks) -> None:
        self.snapshot = snapshot
        self.remarks = remarks

    def row(self, text: str, where: str) -> int | None:
        """Return the row of the entity that an identifier names, None where there is none.

        It is looked up as it stands, then without space around it, as an IRI, and with its prefix
        in any case. O(log entities).
        """
        records = self.snapshot.records
        row = records.entity_row(text)
        if row is None:
            rows = map(records.entity_row, self._variants(text.strip()))
            row = next((row for row in rows if row is not None), None)
            if row is not None:
                found = records.curie(row)
                self.remarks.info("IdentifierResolved", f"{where}: {text!r} is {found}.")
        return row

    def _variants(self, text: str) -> Iterator[str]:
        yield text
        yield self._codec.curie(text)
        prefix, _, local = text.partition(":")
        for known in self._codec.prefixes:
            if known.casefold() == prefix.casefold():
                yield f"{known}:{local}"

    @cached_property
    def _codec(self) -> Codec:
        return Codec(STANDARD_PREFIXES | self.snapshot.schema.prefixes)
