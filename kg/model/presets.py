"""Predicates of well-known graphs that do not describe their own: how each reads and what it does.

One table per family of graphs in `presets/`, with the columns of `Predicate`: Hetionet's metaedges,
DrugMechDB's keys, SIGNOR's effects, RO's relations, INDRA's types of statements, SKOS's relations.
The identifiers are distinctive, so that a predicate is recognised by its identifier alone; what a
file or Biolink defines itself goes first.

Sources: Hetionet v1.0 metaedges (Himmelstein 2017, CC0); DrugMechDB link keys (CC0); SIGNOR's
column EFFECT; obo-relations (ro.obo); classes of statements of INDRA (indra/statements); SKOS
Reference, section 8 (W3C 2009). Effects are ours, read off the names: where a name says no
direction, the effect is unknown.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Category, Predicate, Schema

__all__ = ["PRESETS", "known_schema", "preset_of"]

PRESETS: Final = ("hetionet", "drugmechdb", "signor", "ro", "indra", "skos")
"""The families of graphs whose predicates are known, by the name of their table."""

_VERBS: Final = ("singular", "plural", "passive", "hedged")


@cache
def known_schema() -> Schema:
    """Return Biolink's schema with the predicates of all presets that it lacks.

    >>> metaedge = known_schema().predicate("CdG")
    >>> metaedge.label, metaedge.effect, metaedge.object_aspect
    ('downregulates', 'lowers', 'abundance')
    """
    schema = biolink_schema()
    known = {predicate.id for predicate in schema.predicates}
    added = [p for name in PRESETS for p in _predicates(name) if p.id not in known]
    return msgspec.structs.replace(
        schema,
        categories=(*schema.categories, *_categories()),
        predicates=(*schema.predicates, *added),
    )


def preset_of(predicate: str) -> str:
    """Return the preset that defines a predicate, empty where none does.

    >>> preset_of("GiG"), preset_of("biolink:affects")
    ('hetionet', '')
    """
    return next((name for name in PRESETS if predicate in {p.id for p in _predicates(name)}), "")


def _categories() -> tuple[Category, ...]:
    """Return Hetionet's categories that Biolink names otherwise, below those of Biolink."""
    return tuple(
        Category(id=row["id"], label=row["id"], parents=(row["parent"],))
        for row in _rows("categories")
    )


@cache
def _predicates(name: str) -> tuple[Predicate, ...]:
    return tuple(map(_predicate, _rows(name)))


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(f"presets/{name}.tsv").read_text("utf-8")
    header, *rows = (line.split("\t") for line in text.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def _predicate(row: dict[str, str]) -> Predicate:
    flags, mappings = row["flags"], row["mappings"].split("|") if row["mappings"] else []
    fields: dict[str, Any] = {
        **{name: text for name, text in row.items() if name not in ("flags", *_VERBS)},
        "symmetric": "symmetric" in flags,
        "generic": "generic" in flags,
        "mappings": mappings,
        "iri": registry().iri(mappings[0]) if len(mappings) == 1 else "",
        "verbs": {form: row[form] for form in _VERBS},
    }
    return msgspec.convert(fields, Predicate)
