"""Terms that Biolink no longer has, each with what it means in the version used here.

`retired.tsv` lists all classes and all slots below *related to* that releases 1.0 to 4.4 of the
Biolink Model (github.com/biolink/biolink-model, CC0-1.0) have and 4.4.6 does not. A successor is
`exact` where the model says so (its `predicate_mapping.yaml`, an alias, a mapping to the same RO
term, a deprecation note, or a change of spelling); else it is the nearest class above the term that
is still there, and `broader`. Inverses have the inverse of the successor.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["Successor", "successors"]


class Successor(NamedTuple):
    """What is asked for in place of a retired term: a term and qualifiers, all of them needed.

    >>> str(successors("predicate")["biolink:negatively_regulates"])
    'biolink:regulates with object_direction_qualifier decreased is asked for'
    """

    term: str
    qualifiers: Mapping[str, str]
    exact: bool

    def __str__(self) -> str:
        pairs = (f"{kind.removeprefix('biolink:')} {v}" for kind, v in self.qualifiers.items())
        told = " and ".join(pairs)
        with_them = f" with {told}" if told else ""
        return f"{self.term}{with_them}{'' if self.exact else ', which is broader,'} is asked for"


@cache
def successors(kind: str) -> Mapping[str, Successor]:
    """Return the successors of all retired terms of a kind, "category" or "predicate".

    >>> successors("category")["biolink:ChemicalSubstance"].term
    'biolink:ChemicalEntity'
    """
    lines = files(__package__).joinpath("retired.tsv").read_text("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return {
        term: Successor(successor, _pairs(qualifiers), fit == "exact")
        for of, term, successor, qualifiers, fit in rows
        if of == kind
    }


def _pairs(text: str) -> dict[str, str]:
    return {f"biolink:{k}": v for k, _, v in (p.partition("=") for p in text.split("|") if p)}
