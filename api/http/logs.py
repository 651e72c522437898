"""Lines of the log that nobody outside can forge: one event begins one line, whatever it quotes.

They are texts to read, or objects of JSON for machines (`log_format`).
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request

__all__ = [
    "EscapingFormatter",
    "JsonFormatter",
    "access_fields",
    "escape_handlers",
    "identify",
    "write_json",
]

REQUEST_ID = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._:-]{1,64}")

HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
"""Unicode categories that move the cursor, end a line, reorder text, or cannot be written."""


class EscapingFormatter(logging.Formatter):
    r"""Formats as another formatter does, with what is not printable written as an escape.

    Lines after the first, those of a traceback, are indented.

    >>> record = logging.LogRecord("a", 40, "b.py", 1, "no %s", ("x\r\x1b[2J\nforged",), None)
    >>> EscapingFormatter(logging.Formatter("%(levelname)s %(message)s")).format(record)
    'ERROR no x\\x0d\\x1b[2J\\x0aforged'
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        whole = logging.makeLogRecord({**vars(record), "args": None, "exc_text": None})
        whole.msg = escaped(record.getMessage())
        first, *others = self._inner.format(whole).split("\n")
        return "\n".join([escaped(first), *(f"  {escaped(line)}" for line in others)])


class JsonFormatter(logging.Formatter):
    r"""Writes a record as one object of JSON: time, level, logger, message, request, error.

    `fields` of a record (`extra={"fields": ...}`) are further members.

    >>> record = logging.LogRecord("a", 40, "b.py", 1, "no %s", ("x\\r",), None)
    >>> json.loads(JsonFormatter().format(record))["message"]
    'no x\\r'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        line |= getattr(record, "fields", {})
        return json.dumps(line, default=str)  # in ASCII: nothing else can end or hide a line


_ACCESS: Final = {"client": "h", "method": "m", "path": "U", "protocol": "H", "status": "s",
                  "bytes": "B", "milliseconds": "M", "request_id": "{x-request-id}o"}  # fmt: skip
"""Members of a line about a request, and gunicorn's atoms that they are."""


def access_fields(atoms: dict[str, Any], *, with_query: bool) -> dict[str, Any]:
    """Return what a line about a request holds; numbers are numbers.

    >>> access_fields({"m": "GET", "U": "/", "s": "200", "q": "a=1"}, with_query=True)
    {'method': 'GET', 'path': '/', 'status': 200, 'query': 'a=1'}
    """
    found = {name: atoms[atom] for name, atom in _ACCESS.items() if atom in atoms}
    if with_query and atoms.get("q"):
        found["query"] = atoms["q"]
    if "status" in found:
        found["status"] = int(found["status"])
    return found


def escaped(text: str) -> str:
    r"""Return a text with an escape for each character that is not printed as itself.

    >>> escaped("a\u2028b")
    'a\\u2028b'
    """
    return "".join(_escape(c) if unicodedata.category(c) in HIDDEN else c for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def escape_handlers(logger: logging.Logger) -> None:
    """Give all handlers of a logger the formatter; one that has it keeps it."""
    for handler in logger.handlers:
        inner = handler.formatter or logging.Formatter()
        if not isinstance(inner, EscapingFormatter | JsonFormatter):
            handler.setFormatter(EscapingFormatter(inner))


def write_json(logger: logging.Logger) -> None:
    """Give all handlers of a logger the formatter that writes JSON."""
    for handler in logger.handlers:
        handler.setFormatter(JsonFormatter())


def identify(app: Flask) -> None:
    """Give every request an identifier, its own or a new one, and return it with the answer."""

    @app.before_request
    def take() -> None:
        given = request.headers.get(REQUEST_ID, "")
        g.request_id = given if _GIVEN.fullmatch(given) else uuid4().hex[:16]

    @app.after_request
    def give(response: Response) -> Response:
        if "request_id" in g:
            response.headers[REQUEST_ID] = g.request_id
        return response
