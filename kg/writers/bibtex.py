"""BibTeX: the publications behind a subgraph's statements, one entry each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from mechkg.kg.draw.text import clean
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Evidence, Subgraph

__all__ = ["write"]

_ESCAPES: Final = MappingProxyType(
    {
        "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
        "%": r"\%", "&": r"\&", "$": r"\$", "#": r"\#", "_": r"\_",
        "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    }
)  # fmt: skip
"""BibTeX counts braces even after a backslash, so that none may stand alone."""

_FIELDS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "pmid": ("article", "pmid", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
        "pubmed": ("article", "pmid", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
        "pmc": ("article", "pmcid", "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
        "pmcid": ("article", "pmcid", "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
        "doi": ("article", "doi", "https://doi.org/{}"),
        "isbn": ("book", "isbn", ""),
    }
)
"""Entry type, field and address of an identifier, by its lower-case prefix."""

_MOST_NAMED: Final = 50
"""How many statements a note names."""


def write(subgraph: Subgraph, schema: Schema) -> bytes:  # noqa: ARG001 - every writer takes one
    r"""Return one entry per publication, in UTF-8, ordered by key; authors are not known here.

    Evidence without a publication is cited by its source, so that no statement with evidence goes
    without an entry. A key is the identifier in letters, digits, `-` and `.`: stable over answers.
    `note` names the statements that the publication is evidence of, with the place in it where that
    is known. A web page is `@online`.

    >>> from mechkg.kg.model.values import Entity, Evidence, Statement
    >>> seen = Evidence(kind="literature", source="x", publications=("PMID:1",), titles=("50% up",))
    >>> said = Statement(id="S1", subject="a", predicate="p", object="a", evidence=(seen,))
    >>> a = Entity(id="a", name="a")
    >>> print(write(Subgraph(entities=(a,), statements=(said,)), Schema()).decode(), end="")
    @article{pmid-1,
      title = {{50\% up}},
      pmid = {1},
      url = {https://pubmed.ncbi.nlm.nih.gov/1/},
      note = {Evidence of S1}
    }
    """
    titles: dict[str, str] = {}
    named: dict[str, dict[str, None]] = {}
    for statement in subgraph.statements:
        for evidence in statement.evidence:
            where = f" ({evidence.location})" if evidence.location else ""
            for place, publication in enumerate(_cited(evidence)):
                named.setdefault(publication, {})[f"{statement.id}{where}"] = None
                if place < len(evidence.titles) and evidence.titles[place]:
                    titles.setdefault(publication, evidence.titles[place])
    entries = sorted(_unique_keys(named).items(), key=lambda item: item[1])
    return "".join(
        _entry(publication, key, titles.get(publication, ""), list(named[publication]))
        for publication, key in entries
    ).encode()


def _cited(evidence: Evidence) -> tuple[str, ...]:
    """Return the publications of a piece of evidence, its source where it has none."""
    return evidence.publications or (evidence.source or evidence.kind,)


def _unique_keys(publications: Mapping[str, object]) -> dict[str, str]:
    """Return a key for each publication; those that would share one get a number."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for publication in sorted(publications):
        key = plain = re.sub(r"[^A-Za-z0-9.-]+", "-", publication).strip("-.").lower() or "unnamed"
        number = 2
        while key in taken:
            key, number = f"{plain}-{number}", number + 1
        taken.add(key)
        keys[publication] = key
    return keys


def _entry(publication: str, key: str, title: str, statements: list[str]) -> str:
    prefix, _, local = publication.partition(":")
    page = publication.startswith(("https://", "http://"))
    kind, field, address = _FIELDS.get(prefix.lower(), ("online" if page else "misc", "", ""))
    more = len(statements) - _MOST_NAMED
    listed = ", ".join(statements[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    fields = {"title": f"{{{_escaped(title)}}}" if title else ""}
    if field:
        fields[field] = _escaped(local)
        fields["url"] = address.format(quote(local, safe="/.-")) if address else ""
    elif page:
        fields["url"] = quote(publication, safe="/:.-?=&;@+,()")
    else:
        fields["howpublished"] = _escaped(publication)
    fields["note"] = f"Evidence of {_escaped(listed)}"
    rows = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{key},\n{rows}\n}}\n"


def _escaped(text: str) -> str:
    words = " ".join(clean(text).split())
    return "".join(_ESCAPES.get(letter, letter) for letter in words)
