"""Bounds on RDF that strangers wrote, checked before a parser sees it.

A parser follows nesting on its stack and expands XML entities without limit, so one small
document can end a process or hold it for minutes. Size, nesting and entities are bounded here;
that no context, entity or import is fetched from anywhere is a property of pyoxigraph.
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

from pyoxigraph import RdfFormat

from mechkg.kg.errors import DataError

__all__ = ["MAX_BYTES", "MAX_NESTING", "check_document"]

MAX_BYTES: Final = 512 * 2**20
MAX_NESTING: Final = 100
MAX_ENTITY_LENGTH: Final = 400

_TOKEN: Final = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    rb'|"(?:[^"\\\n\r]|\\.)*"|\'(?:[^\'\\\n\r]|\\.)*\'|<[^<>\s]*>|#[^\n]*'
    rb"|(?P<open><<|[\[({])|(?P<close>>>|[\])}])",
    re.DOTALL,
)
_JSON_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)


def check_document(data: bytes, syntax: RdfFormat, file: str) -> None:
    """Raise `DataError` if a document is too large, nested too deeply, or abuses XML entities.

    O(size of the document), constant memory.

    >>> check_document(b"<a:a> <a:b> " + b"[ <a:c> " * 200, RdfFormat.TURTLE, "deep.ttl")
    Traceback (most recent call last):
    mechkg.kg.errors.DataError: deep.ttl, line 1: is nested more than 100 levels deep.
    """
    if len(data) > MAX_BYTES:
        raise DataError(file, None, f"is larger than {MAX_BYTES // 2**20} MiB")
    if syntax == RdfFormat.RDF_XML:
        _check_xml(data, file)
    elif syntax == RdfFormat.JSON_LD:
        _check_nesting(data, _JSON_TOKEN, file)
    elif sum(map(data.count, (b"[", b"(", b"{", b"<<"))) > MAX_NESTING:
        _check_nesting(data, _TOKEN, file)


def _check_nesting(data: bytes, token: re.Pattern[bytes], file: str) -> None:
    depth = 0
    for match in token.finditer(data):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
            if depth > MAX_NESTING:
                raise _too_deep(file, data.count(b"\n", 0, match.start()) + 1)
        elif kind == "close":
            depth = max(0, depth - 1)


def _check_xml(data: bytes, file: str) -> None:
    depth = 0
    parser = expat.ParserCreate()

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_NESTING:
            raise _too_deep(file, parser.CurrentLineNumber)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(
        name: str, _parameter: bool, value: str | None, _base: str | None,
        _system: str | None, _public: str | None, _notation: str | None,
    ) -> None:  # fmt: skip
        if value is None or "&" in value or "%" in value or len(value) > MAX_ENTITY_LENGTH:
            raise DataError(
                file,
                parser.CurrentLineNumber,
                f"the XML entity {name!r} is external, nested or longer than "
                f"{MAX_ENTITY_LENGTH} characters",
            )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DataError(file, error.lineno, expat.ErrorString(error.code)) from error


def _too_deep(file: str, line: int) -> DataError:
    return DataError(file, line, f"is nested more than {MAX_NESTING} levels deep")
