"""CURIE <-> IRI, by one `curies.Converter` made from a prefix map.

The core ships no prefix map of its own beyond what a schema carries: the bundled ontology's stands
in `ontology/mechanism.ttl` (`sh:declare`), and each snapshot keeps the prefixes that it was
compiled with.
"""

from __future__ import annotations

from collections.abc import Mapping

from curies import Converter

__all__ = ["converter", "is_curie"]


def converter(prefixes: Mapping[str, str]) -> Converter:
    """Return a converter for a map of prefix to IRI start.

    >>> converter({"CL": "http://purl.obolibrary.org/obo/CL_"}).expand("CL:0000540")
    'http://purl.obolibrary.org/obo/CL_0000540'
    """
    return Converter.from_prefix_map(dict(prefixes))


def is_curie(text: str) -> bool:
    """Say whether a text has the form of a CURIE: a prefix, a colon, a local part, no space.

    >>> is_curie("CL:0000540"), is_curie("neural stem cell"), is_curie(":x")
    (True, False, False)
    """
    prefix, colon, local = text.partition(":")
    return bool(prefix and colon and local) and not any(c.isspace() for c in text)
