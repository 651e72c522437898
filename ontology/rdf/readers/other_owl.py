"""OWL in syntaxes that are not RDF: recognised, and refused with the tool that converts them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile

__all__ = ["is_other_owl", "refuse_other_owl"]

_SKIPPED: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?"
    rb"(?:\s|#[^\n]*\n|<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>)*",
    re.DOTALL,
)
"""What may come before the first term: a mark, comments, declarations of XML."""
_OWL_XML: Final = rb"<(?:\w+:)?Ontology\b[^>]*http://www\.w3\.org/2002/07/owl#"
_SYNTAXES: Final = (
    ("OWL in functional syntax", re.compile(rb"(?:Prefix|Ontology|Import|Declaration)\s*\(")),
    ("OWL in Manchester syntax", re.compile(rb"(?:Prefix|Ontology|Class|ObjectProperty):")),
    ("OWL/XML", re.compile(_OWL_XML, re.DOTALL)),
)


def is_other_owl(head: bytes) -> bool:
    """Say whether a file begins as OWL in functional, Manchester or XML syntax.

    >>> is_other_owl(b"Prefix(:=<http://a/>)"), is_other_owl(b"@prefix : <http://a/> .")
    (True, False)
    """
    return bool(_syntax(head))


def refuse_other_owl(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Raise `DataError` that names the syntax and how to convert it."""
    if reading.source:
        raise file.error(
            1, f"it is {_syntax(file.head())}, which is not read",
            hint=f"Convert it: robot convert --input {file.name} --output {_stem(file.name)}.ttl",
        )  # fmt: skip
    yield from ()


def _syntax(head: bytes) -> str:
    start = _SKIPPED.match(head)
    begin = start.end() if start else 0
    return next((name for name, form in _SYNTAXES if form.match(head, begin)), "")


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
