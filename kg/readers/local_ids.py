"""Identifiers that a file gave its nodes itself: they mean something within the file only.

Programs that draw graphs number their nodes (`n0`, `12`). Two files that do so speak of different
nodes, as two RDF files do with the fragment `#a`; so these numbers are resolved as such a fragment
is (RFC 3986, section 5.1.3), against the name of the file. What MechKG wrote has identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from mechkg.kg.readers.files import SourceFile

__all__ = ["resolved"]

Items = Iterable[tuple[int | None, Mapping[str, Any]]]
_NUMBERED: Final = re.compile(r"[ne]?\d+")
_WRITTEN: Final = re.compile(rb'"(?:snapshot|hedge)"|<creator>MechKG<')
"""What stands at the beginning of a graph that MechKG wrote."""
_NODES: Final = ("id",)
_ENDS: Final = ("subject", "object")


def resolved(records: Items, file: SourceFile) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """Yield KGX records in which the numbers of nodes are those of a file.

    >>> from pathlib import Path
    >>> records = [(None, {"subject": "n0", "predicate": "p", "object": "A:1"})]
    >>> next(resolved(records, SourceFile(Path(), name="g.graphml")))[1]["subject"]
    'file:///g.graphml#n0'
    """
    if file.path.is_file() and _WRITTEN.search(file.head()):
        yield from records
        return
    base = f"file:///{quote(file.name)}#"
    for line, record in records:
        keys = _ENDS if "subject" in record or "object" in record else _NODES
        numbered = {
            key: base + text
            for key in keys
            if isinstance(text := record.get(key), str) and _NUMBERED.fullmatch(text)
        }
        yield line, {**record, **numbered} if numbered else record
