"""Cursors: where to go on with an answer, tied to its query and its snapshot."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

import msgspec

from mechkg.kg.errors import StaleCursor

__all__ = ["read_cursor", "write_cursor"]

PAGING = {"cursor", "limit", "timeout"}
"""Fields that may differ between the pages of one answer."""


def write_cursor(query: msgspec.Struct, snapshot: str, position: int) -> str:
    """Return the cursor that resumes an answer at a position.

    >>> from mechkg.kg.model.queries import SearchQuery
    >>> query = SearchQuery(q="cell")
    >>> cursor = write_cursor(query, "c0ffee", 20)
    >>> read_cursor(SearchQuery(q="cell", limit=5, cursor=cursor), "c0ffee")
    20
    """
    mark = _mark(query, snapshot)
    return urlsafe_b64encode(mark + position.to_bytes(8, "big")).rstrip(b"=").decode()


def read_cursor(query: msgspec.Struct, snapshot: str) -> int:
    """Return the position at which a query's `cursor` resumes, 0 where it has none.

    Raises `StaleCursor` for a cursor of another query, of another snapshot, or no cursor at all.
    """
    cursor: str = getattr(query, "cursor", "")
    if not cursor:
        return 0
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError as error:
        raise StaleCursor from error
    if len(raw) != 16 or raw[:8] != _mark(query, snapshot):
        raise StaleCursor
    return int.from_bytes(raw[8:], "big")


def _mark(query: msgspec.Struct, snapshot: str) -> bytes:
    asked = {k: v for k, v in msgspec.structs.asdict(query).items() if k not in PAGING}
    text = msgspec.json.encode([type(query).__name__, snapshot, asked], order="deterministic")
    return blake2b(text, digest_size=8).digest()
