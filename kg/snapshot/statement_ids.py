"""Identifiers of statements whose source gave none: derived from what they say.

`SUBJECT~PREDICATE~OBJECT`, followed by `~DIGEST` where a statement says more or other than its
predicate does for every triple: another effect, a hedge, a qualifier, a context, a denial. Evidence
is no part of the digest, so a statement keeps its identifier when more of it is found; no row, file
name or neighbour is, so it keeps it over loads. In the parts, `~` and `%` are percent-encoded.

Statements of one triple that say the same, but for evidence or for the labels of contexts, get
`~2`, `~3` ... after the digest, in row order. A load makes one statement of those that differ in
evidence alone, so that this is rare.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final, NamedTuple
from urllib.parse import unquote

import msgspec

from mechkg.kg.model.annotations import BARE, Annotations
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Statement

__all__ = ["Parts", "content_digest", "derived_identifier", "distinctive", "parts_of"]

SEPARATOR: Final = "~"
DIGEST_BYTES: Final = 8

_FORM: Final = re.compile(
    r"(?P<subject>[^~]+)~(?P<predicate>[^~]+)~(?P<object>[^~]+)"
    r"(?:~(?P<digest>[0-9a-f]{16}))?(?:~(?P<number>[1-9][0-9]{0,9}))?"
)
_ESCAPES: Final = str.maketrans({"%": "%25", SEPARATOR: "%7E"})
_encode: Final = msgspec.json.Encoder(order="sorted").encode


class Parts(NamedTuple):
    """The parts of a derived identifier; `digest` is empty where there is none."""

    subject: str
    predicate: str
    object: str
    digest: str
    number: int


def parts_of(identifier: str) -> Parts | None:
    """Return the parts of an identifier that has the derived form, None for any other.

    >>> parts_of("CL:0000047~secretes~HGNC:4232")
    Parts(subject='CL:0000047', predicate='secretes', object='HGNC:4232', digest='', number=1)
    >>> parts_of("SC061") is None
    True
    """
    found = _FORM.fullmatch(identifier)
    if found is None:
        return None
    subject, predicate, obj = map(unquote, found.group("subject", "predicate", "object"))
    return Parts(subject, predicate, obj, found["digest"] or "", int(found["number"] or 1))


def derived_identifier(
    subject: str, predicate: str, obj: str, digest: str = "", number: int = 1
) -> str:
    """Return the identifier of a statement by its triple and its digest.

    >>> derived_identifier("a:1", "binds", "x~y"), derived_identifier("a:1", "is", "a:2", "0f", 2)
    ('a:1~binds~x%7Ey', 'a:1~is~a:2~0f~2')
    """
    parts = [text.translate(_ESCAPES) for text in (subject, predicate, obj)]
    if digest:
        parts.append(digest)
    if number > 1:
        parts.append(str(number))
    return SEPARATOR.join(parts)


def distinctive(said: Annotations | Statement, predicate: Predicate) -> Annotations:
    """Return what distinguishes a statement from another of its triple: all but its evidence.

    What is the default of its predicate counts as not said.

    >>> raises = Predicate(id="raises", label="raises", sign=1)
    >>> distinctive(Annotations(effect="raises", hedge="reported"), raises).effect
    'predicate'
    """
    fields = {name: getattr(said, name) for name in Annotations.__struct_fields__}
    for name, default in (
        ("effect", predicate.effect),
        ("subject_aspect", predicate.subject_aspect),
        ("object_aspect", predicate.object_aspect),
    ):
        if fields[name] == default:
            fields[name] = getattr(BARE, name)
    return Annotations(**{**fields, "evidence": ()})


def content_digest(content: Annotations) -> str:
    """Return the digest of what distinguishes a statement, empty where nothing does (BLAKE2b).

    The order of qualifiers and contexts and the labels of contexts do not count. Fields that a
    later version adds change no digest of statements that do not have them.

    >>> content_digest(BARE), len(content_digest(Annotations(negated=True)))
    ('', 16)
    """
    if content == BARE:
        return ""
    said = {
        name: value
        for name in Annotations.__struct_fields__
        if (value := getattr(content, name)) != getattr(BARE, name)
    }
    if content.context:
        said["context"] = sorted((c.type, c.value) for c in content.context)
    if content.qualifiers:
        said["qualifiers"] = sorted((q.type, q.value) for q in content.qualifiers)
    return blake2b(_encode(said), digest_size=DIGEST_BYTES).hexdigest()
