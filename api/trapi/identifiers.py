"""Identifiers of a question as rows of the graph."""

from __future__ import annotations

from mechkg.api.trapi.remarks import Remarks
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Identifiers"]


class Identifiers:
    """Looks up identifiers in a snapshot, and logs what they were taken for."""

    def __init__(self, snapshot: Snapshot, remarks: Remarks) -> None:
        self.snapshot = snapshot
        self.remarks = remarks

    def row(self, text: str, where: str) -> int | None:
        """Return the row of the entity that an identifier names, None where there is none.

        An identifier is the graph's own, in any spelling of its prefix or as an IRI, or one that
        the graph has as a cross-reference. One that several entities have names none of them.
        O(log entities).
        """
        records = self.snapshot.records
        row = records.entity_row(text)
        if row is not None:
            return row
        rows = self.snapshot.names.identifier_rows(text)
        curies = [records.curie(row) for row in rows]
        if len(rows) == 1:
            self.remarks.info("IdentifierResolved", f"{where}: {text!r} is {curies[0]}.")
            return rows[0]
        if rows:
            message = f"{where}: {text} fits {len(rows)} entities: {', '.join(curies)}."
            self.remarks.warning("AmbiguousIdentifier", message)
        return None
