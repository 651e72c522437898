"""Word the context of a finding: *in rat EAE*, *in vitro*, *carried by neural stem cells*.

Only what says where a finding was made, or how, is worded: a curator's note on how it was read
stays in the statement.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from types import MappingProxyType
from typing import Final

from mechkg.kg.model.nouns import listed, model_name, noun_of, pluralised
from mechkg.kg.model.values import Context

__all__ = ["HUMAN", "context_phrase"]

_SPECIES: Final = MappingProxyType(
    {
        "NCBITaxon:9606": ("humans", "human"),
        "NCBITaxon:10090": ("mice", "mouse"),
        "NCBITaxon:10116": ("rats", "rat"),
    }
)
"""Plural and attributive names of the species that a reader expects by their common names."""

HUMAN: Final = "NCBITaxon:9606"

_SYSTEMS: Final = MappingProxyType(
    {
        "in_vitro": "in vitro",
        "ex_vivo": "ex vivo",
        "clinical_trial": "in a clinical trial",
        "observational_human": "in observational studies",
    }
)
"""Study systems that a sentence names; the others say nothing of where an effect was seen."""

_OUTSIDE: Final = MappingProxyType({"in_vitro": "cells in vitro", "ex_vivo": "tissue ex vivo"})
"""Study systems in which no animal lives, and what of a species is studied there."""

_STAGES: Final = MappingProxyType(
    {
        "adult": "in adults",
        "neonatal": "in newborns",
        "embryonic": "in embryos",
        "healthy": "in health",
        "chronic": "in the chronic phase",
        "acute": "in the acute phase",
        "acute phase": "in the acute phase",
        "late passage": "at late passage",
        "early passage": "at early passage",
        "chronic active lesion edge": "at the edge of chronic active lesions",
        "chronic lesion": "in chronic lesions",
    }
)
"""How a sentence says stages that no general rule words."""

_KEYED_STAGES: Final = MappingProxyType({"after": "after {}", "indication": "for {}"})
"""Stages that begin with a key; those of other keys (*temporal*, *state*) are notes."""

_INTERVENTIONS: Final = MappingProxyType(
    {
        "components": "in the combination {}",
        "component": "in the combination {}",
        "induced by": "induced by {}",
        "inducer": "induced by {}",
        "modulated by": "modulated by {}",
        "modification": "with {}",
        "compared with": "compared with {}",
    }
)
"""How an intervention of a kind is worded; those of other kinds are notes."""

_CARRIERS: Final = ("carrier=", "carried by")
_MODELS: Final = re.compile(
    r"(model|lesion|injury|demyelination|disease|stroke|hypoperfusion|ischa?emia|\w+(itis|osis|pathy)"
    r"|\w+s)$"
)
"""Ends of what animals have; other models are named as such."""

_REMARK: Final = re.compile(r", [^,]*\bnot (?:named|stated|given)\b[^,]*$")
"""What a curator remarks on a model, which is not part of its name."""

_OUTCOMES: Final = MappingProxyType(
    {
        "met": "primary endpoint met",
        "not_met": "primary endpoint not met",
        "not_stated": "outcome not stated",
        "terminated": "trial terminated",
    }
)
_CURIE: Final = re.compile(r"[A-Za-z][\w.-]*:\S+")


def context_phrase(
    contexts: Iterable[Context],
    *,
    known: frozenset[str] = frozenset(),
    beside: str = "in",
    cells: bool = False,
    pooled: bool = False,
) -> str:
    """Return where a finding was made, in words; empty where nothing is said of it.

    `known` holds the CURIEs that the sentence names anyway. `beside` is the word before a cell:
    what a cell secretes is secreted *with* another one, not in it. `cells`: what acts is a cell or
    a graft, so that a second species is where it came from. `pooled`: the contexts are those of
    several statements, of which no one need have all.

    >>> context_phrase([Context("species", "NCBITaxon:10116", "Rattus norvegicus"),
    ...                 Context("model", "MONDO:0005134", "EAE")])
    'in rat EAE'
    >>> context_phrase([Context("system", "in_vitro"), Context("cell", "CL:0000128", "OL")])
    'in vitro, in OLs'
    >>> context_phrase([Context("species", "NCBITaxon:9606"), Context("system", "in_vitro")])
    'in human cells in vitro'
    """
    by_type: dict[str, list[Context]] = {}
    for context in contexts:
        if context.value not in known:
            by_type.setdefault(context.type, []).append(context)
    interventions = [part for c in by_type.get("intervention", ()) for part in _parts(c)]
    carried = any(part.startswith(_CARRIERS) or " carried by" in part for part in interventions)
    cell = "carried by" if carried else beside
    models = by_type.get("model", [])
    modelled = set(map(_label, models))
    systems = {c.value for c in by_type.get("system", [])}
    species = by_type.get("species", [])
    given = [] if pooled else _donors(species, systems, models, cells=cells)
    places = _species_and_model([c for c in species if c not in given], models)
    settings = _settings(places, systems, alive=bool(models))
    parts = [
        *(_donated(given, places, systems) if given else settings),
        _among("in", _names([c for c in by_type.get("disease", []) if _label(c) not in modelled])),
        _among(cell, map(pluralised, _names(by_type.get("cell", [])))),
        *(
            _site(name)
            for name in _names(by_type.get("anatomy", []))
            if not any(name in _label(model) for model in models)
        ),
        *(words for name in _names(by_type.get("stage", [])) for words in _stages(name)),
        *(_dose(name) for name in _names(by_type.get("dose", []))),
        *_interventions(interventions),
        *(_OUTCOMES.get(c.value, _label(c)) for c in by_type.get("outcome", [])),
    ]
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _donors(
    species: Sequence[Context], systems: Collection[str], models: Sequence[Context], *, cells: bool
) -> list[Context]:
    """Return the species of which only cells or tissue were studied, not the living host."""
    if systems and _OUTSIDE.keys() >= set(systems) and not models:
        return list(species)
    human = [c for c in species if c.value == HUMAN]
    others = len(species) > len(human) or bool(models)
    return human if cells and others and systems == {"in_vivo"} else []


def _donated(
    given: Sequence[Context], places: Sequence[str], systems: Collection[str]
) -> list[str]:
    """Return where cells of some species were studied: *human cells in mouse EAE*."""
    kinds = listed([_species(c)[1] for c in given if _label(c)])
    outside = [words for system, words in _OUTSIDE.items() if system in systems]
    if not kinds:
        return [*filter(None, places), *(_SYSTEMS[s] for s in _OUTSIDE if s in systems)]
    if outside:
        return [f"in {kinds} {listed(outside)}"]
    return [f"{kinds} cells {place}" for place in places if place] or [f"{kinds} cells"]


def _species_and_model(species: Sequence[Context], models: Sequence[Context]) -> list[str]:
    """Return where: *in mouse EAE*. A model is one of animals, so that humans stand beside it."""
    labels = [model_name(_REMARK.sub("", part)) for c in models for part in _parts(c) if part]
    known = {model_name(_label(c)) for c in models if c.label}
    usual = [label for label in labels if label in known or _MODELS.search(_head(label))]
    others = [f"model: {label}" for label in labels if label not in usual]
    animals = [c for c in species if usual and c.value != HUMAN]
    kinds = " and ".join(_species(c)[1] for c in animals if _label(c))
    hosts = [_species(c)[0] for c in species if c not in animals and _label(c)]
    return [
        _among("in", (_model(label, kinds) for label in usual)), _among("in", hosts), *others
    ]  # fmt: skip


def _settings(hosts: Sequence[str], systems: Collection[str], *, alive: bool) -> list[str]:
    """Return where a finding was made: *in rat EAE and in vitro*, but *in rats, in vitro*.

    What was seen in animals (`alive`, or in vivo) and in vitro was seen in both.
    """
    places = [words for system, words in _SYSTEMS.items() if system in systems]
    hosts = [host for host in hosts if host]
    outside = [_SYSTEMS[system] for system in _OUTSIDE if system in systems]
    studies = [words for words in places if words not in outside]
    if hosts and outside and (alive or "in_vivo" in systems):
        return [*hosts[:-1], listed([hosts[-1], *outside]), *studies]
    return [*hosts, *places]


def _among(preposition: str, names: Iterable[str]) -> str:
    joined = listed(list(dict.fromkeys(names)))
    return f"{preposition} {joined}" if joined else ""


def _species(context: Context) -> tuple[str, str]:
    return _SPECIES.get(context.value, (_label(context), _label(context)))


def _model(label: str, species: str) -> str:
    """Return a model with its species: *the mouse cuprizone model*, *rat EAE*."""
    words = f"{species} {label.removeprefix('animal ') if species else label}".strip()
    return f"the {words}" if _head(label).endswith("model") else words


def _head(label: str) -> str:
    return re.split(r",? (?:of|in|into) |,", label, maxsplit=1)[0]


def _names(contexts: Sequence[Context]) -> list[str]:
    return [name for name in map(_label, contexts) if name]


def _site(name: str) -> str:
    place = noun_of(name, "biolink:AnatomicalEntity").text
    return f"{'at' if place.endswith('barrier') else 'in'} {place}"


def _parts(context: Context) -> list[str]:
    return [part.strip() for part in _label(context).split(";")]


def _interventions(parts: Sequence[str]) -> Iterable[str]:
    for part in parts:
        key, equals, value = part.partition("=")
        pattern = _INTERVENTIONS.get(key) if equals else None
        if pattern is not None:
            yield pattern.format(value)
        elif part.startswith("compared with"):
            yield part


def _stages(label: str) -> Iterable[str]:
    """Yield a stage in words: *adult; after: migration* is in adults, after migration."""
    for part in label.split("; "):
        key, colon, value = part.partition(": ")
        if colon:
            known = _STAGES.get(value)
            pattern = _KEYED_STAGES.get(key)
            yield known if known and not pattern else pattern.format(value) if pattern else ""
        else:
            begin = part.split(" ", 1)[0]
            yield _STAGES.get(part) or (part if begin in {"after", "before"} else f"in {part}")


def _dose(label: str) -> str:
    return f"at {label}" if label.startswith(("low", "high")) else f"dose: {label}"


def _label(context: Context) -> str:
    """Return the label of a context; empty where it has only an identifier."""
    if context.label or not _CURIE.fullmatch(context.value):
        return context.label or context.value.replace("_", " ")
    return _SPECIES.get(context.value, ("",))[0]
