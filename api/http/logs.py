"""Lines of the log that nobody outside can forge: one event begins one line, whatever it quotes."""

from __future__ import annotations

import logging
import re
import unicodedata
from uuid import uuid4

from flask import Flask, Response, g, request

__all__ = ["EscapingFormatter", "escape_handlers", "identify"]

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
        if not isinstance(inner, EscapingFormatter):
            handler.setFormatter(EscapingFormatter(inner))


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
