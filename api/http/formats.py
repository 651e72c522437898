"""The one table of formats, and how a request chooses from it.

`?format=` wins over a suffix of the address, a suffix over `Accept`, and with none of them the
answer is JSON. Writers come from `kg.writers` and, for RDF, from `ontology.rdf.formats`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable

from mechkg.api.http.problems import refuse
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.writers import FORMATS, Format

__all__ = ["JSON", "Formats"]


JSON = next(f for f in FORMATS if f.name == "json")
"""The format of answers: where a route has an answer of its own, that is what is written."""


class Formats:
    """The formats that one route offers, in order of preference."""

    def __init__(self, formats: Iterable[Format]) -> None:
        self.all: Sequence[Format] = tuple(formats)
        self.by_suffix: Mapping[str, Format] = {f.suffix: f for f in reversed(self.all)}
        named = {**self.by_suffix, **{f.name: f for f in self.all}}
        self.by_name = {_folded(name): one for name, one in named.items()}
        self.media_types = tuple(dict.fromkeys(f.media_type for f in self.all))

    def named(self, text: str) -> Format:
        """Return the format of a name or suffix; raises `UnknownTerm`.

        Case and punctuation do not count: `N-Triples` and `JSON-LD` are found.
        """
        found = self.by_name.get(_folded(text))
        if found is None:
            raise UnknownTerm("format", text, [f.name for f in self.all])
        return found

    def split(self, text: str) -> tuple[str, str]:
        """Return an address' last part without its format suffix, and the suffix.

        >>> Formats([JSON]).split("CL:0000047.json"), Formats([JSON]).split("X:1.5")
        (('CL:0000047', 'json'), ('X:1.5', ''))
        """
        longest_first = sorted(self.by_suffix, key=len, reverse=True)
        for suffix in longest_first:
            if text.endswith(f".{suffix}") and len(text) > len(suffix) + 1:
                return text[: -len(suffix) - 1], suffix
        return text, ""

    def choose(self, named: str, suffix: str, accept: MIMEAccept) -> Format:
        """Return the format of a request: `?format=`, else suffix, else Accept, else the first.

        Raises `UnknownTerm` for an unknown name and `NotAcceptable` where Accept admits none.
        """
        if named or suffix:
            return self.named(named or suffix)
        if not accept:
            return self.all[0]
        best = accept.best_match(self.media_types)
        if best is None:
            known = ", ".join(self.media_types)
            raise refuse(
                NotAcceptable,
                f"Accept admits none of the formats of this address: {known}.",
                known=self.media_types,
            )
        return next(f for f in self.all if f.media_type == best)


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
