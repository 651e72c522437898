"""Categories and predicates of a graph: hierarchy, inverse, sign, valence and mappings.

A `Schema` is data of a snapshot (`schema.json`); for the bundled ontology it is made
from `ontology/mechanism.ttl`, for other graphs from what their readers know. Terms that a graph
uses without defining them get a bare entry (`Schema.completed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.values import Aspect, Effect, Sign, effect_of, sign_of

__all__ = ["Category", "Passage", "Predicate", "Schema", "words_of"]

Passage = Literal["yes", "no", "conditional"]
"""Whether an effect passes; `conditional`: only beside certain hops."""


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A class of entities, such as `biolink:Cell`, under its parents.

    >>> Category(id="biolink:Cell", label="cell").parents
    ()
    """

    id: str
    label: str
    parents: tuple[str, ...] = ()
    description: str = ""


class Predicate(msgspec.Struct, frozen=True, kw_only=True):
    """A relation: how it is written, what it means for the object, and what it maps to.

    `effect` is the default effect of its statements on `object_aspect` per more of
    `subject_aspect`, and `sign` its number: one follows from the other. `valence` says whether the
    effect is beneficial, harmful, neutral or depends on context; `generic` relations are not
    mechanism. `role` is the class by which hops compose (`effect`, `condition`, `supply`,
    `expression`, `lineage`, `ability`, `binding`, `taxonomy`, `part`, `place`, `association`,
    `participation`, `requirement`, `basis`, `model`, `therapy`, `trial`, `disease_out`, `bridge`,
    `identity`;
    empty where it is not known). `causal` says whether a hop of it can carry an effect, and
    `walk_backward` whether one is carried from object to subject: `yes`, `no` or `conditional`
    (only beside certain hops). `verbs` are the phrases of a sentence by form: `singular`, `plural`,
    `passive`, `hedged`, and `raises` and `lowers` for statements whose direction is their own.
    `mappings` are CURIEs in RO and Biolink; `biolink_qualifiers` (such as
    `object_direction_qualifier` = `increased`) complete the Biolink mapping.

    >>> Predicate(id="secretes", label="secretes", sign=1).effect
    'raises'
    """

    id: str
    label: str
    iri: str = ""
    parents: tuple[str, ...] = ()
    inverse: str = ""
    inverse_label: str = ""
    sign: Sign | None = None
    effect: Effect = "unknown"
    subject_aspect: Aspect = ""
    object_aspect: Aspect = ""
    role: str = ""
    causal: Passage = "yes"
    walk_backward: Passage = "no"
    verbs: dict[str, str] = msgspec.field(default_factory=dict)
    valence: str = "neutral"
    symmetric: bool = False
    transitive: bool = False
    generic: bool = False
    domain: tuple[str, ...] = ()
    range: tuple[str, ...] = ()
    mappings: tuple[str, ...] = ()
    biolink: str = "biolink:related_to"
    biolink_qualifiers: dict[str, str] = msgspec.field(default_factory=dict)
    description: str = ""

    def __post_init__(self) -> None:
        """Let sign and effect follow from each other."""
        if self.effect == "unknown" and self.sign is not None:
            msgspec.structs.force_setattr(self, "effect", effect_of(self.sign))
        elif self.sign is None and sign_of(self.effect) is not None:
            msgspec.structs.force_setattr(self, "sign", sign_of(self.effect))
        elif self.sign != sign_of(self.effect):
            raise ValueError(f"sign {self.sign} contradicts effect {self.effect!r}")


class Schema(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All categories and predicates of a graph, in a fixed order.

    >>> schema = Schema(
    ...     categories=(Category(id="biolink:Cell", label="cell"),),
    ...     predicates=(Predicate(id="produces", label="produces"),
    ...                 Predicate(id="secretes", label="secretes", parents=("produces",))))
    >>> sorted(schema.predicates_under("produces"))
    ['produces', 'secretes']
    >>> schema.category("Cell").id
    'biolink:Cell'
    """

    categories: tuple[Category, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    prefixes: dict[str, str] = msgspec.field(default_factory=dict)

    def predicate(self, text: str, parameter: str = "predicate") -> Predicate:
        """Return the predicate whose id, label, IRI or mapping is `text` (case ignored).

        Raises `UnknownTerm`. O(1) after the first call.

        >>> schema = Schema().completed(["biolink:Gene"], ["binds"])
        >>> schema.predicate("BINDS").id
        'binds'
        """
        found = self._predicate_names.get(_key(text))
        if found is None:
            raise UnknownTerm(parameter, text, [p.id for p in self.predicates][:40])
        return found

    def category(self, text: str, parameter: str = "category") -> Category:
        """Return the category whose id or label is `text`, with or without `biolink:`.

        Raises `UnknownTerm`. O(1) after the first call.

        >>> schema = Schema().completed(["biolink:Gene"], ["binds"])
        >>> schema.category("gene").id
        'biolink:Gene'
        """
        found = self._category_names.get(_key(text))
        if found is None:
            raise UnknownTerm(parameter, text, [c.id for c in self.categories][:40])
        return found

    def predicates_under(self, text: str, parameter: str = "predicate") -> frozenset[str]:
        """Return the ids of a predicate and of all predicates below it.

        A mapping that several predicates share (`biolink:affects`) admits all of them.

        >>> schema = Schema().completed(["biolink:Gene"], ["binds"])
        >>> schema.predicates_under("binds")
        frozenset({'binds'})
        """
        key = _key(text)
        roots = {p.id for p in self.predicates if key in map(_key, (p.biolink, *p.mappings))}
        if not roots or key in self._predicate_names:
            roots.add(self.predicate(text, parameter).id)
        return _descendants(roots, {p.id: p.parents for p in self.predicates})

    def categories_under(self, text: str, parameter: str = "category") -> frozenset[str]:
        """Return the ids of a category and of all categories below it.

        >>> schema = Schema().completed(["biolink:Gene"], ["binds"])
        >>> schema.categories_under("Gene")
        frozenset({'biolink:Gene'})
        """
        root = self.category(text, parameter).id
        return _descendants({root}, {c.id: c.parents for c in self.categories})

    def completed(self, categories: Iterable[str], predicates: Iterable[str]) -> Schema:
        """Return the schema with a bare entry for each used term that it does not define.

        >>> Schema().completed(["biolink:Gene"], ["binds"]).predicates[0].sign is None
        True
        """
        known_categories = {c.id for c in self.categories}
        known_predicates = {p.id for p in self.predicates}
        bare_categories = tuple(
            Category(id=name, label=words_of(name))
            for name in sorted(set(categories) - known_categories)
        )
        bare_predicates = tuple(
            Predicate(id=name, label=words_of(name))
            for name in sorted(set(predicates) - known_predicates)
        )
        return msgspec.structs.replace(
            self,
            categories=self.categories + bare_categories,
            predicates=self.predicates + bare_predicates,
        )

    @cached_property
    def _predicate_names(self) -> dict[str, Predicate]:
        names: dict[str, Predicate] = {}
        for get in (_predicate_id, _predicate_texts):
            for predicate in self.predicates:
                for text in get(predicate):
                    names.setdefault(_key(text), predicate)
        return names

    @cached_property
    def _category_names(self) -> dict[str, Category]:
        names: dict[str, Category] = {}
        for category in self.categories:
            for text in (category.id, category.id.removeprefix("biolink:"), category.label):
                names.setdefault(_key(text), category)
        return names


def _predicate_id(predicate: Predicate) -> tuple[str, ...]:
    return (predicate.id, predicate.id.rpartition(":")[2])


def _predicate_texts(predicate: Predicate) -> tuple[str, ...]:
    return (predicate.label, predicate.iri, *predicate.mappings, predicate.biolink)


def _key(text: str) -> str:
    return text.strip().casefold().replace("_", " ")


def words_of(name: str) -> str:
    """Return a name for people of a CURIE or IRI without a label: its last part.

    >>> words_of("ex:has_part"), words_of("http://a/x#heals")
    ('has part', 'heals')
    """
    local = re.split(r"[/#]", name.rstrip("/#"))[-1] if "://" in name else name.rpartition(":")[2]
    return local.replace("_", " ")


def _descendants(roots: set[str], parents: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found = set(roots)
    while True:
        more = {child for child, above in parents.items() if found.intersection(above)} - found
        if not more:
            return frozenset(found)
        found |= more
