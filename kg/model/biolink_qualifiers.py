"""Effects, aspects and contexts in Biolink's qualifiers, both ways.

Source: Biolink Model 4.4, slots `object_aspect_qualifier`, `object_direction_qualifier`,
`species_context_qualifier`, `anatomical_context_qualifier`, `disease_context_qualifier`,
`stage_qualifier` and the enumerations GeneOrGeneProductOrChemicalEntityAspectEnum,
DiseaseOrPhenotypicFeatureAspectEnum and DirectionQualifierEnum.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mechkg.kg.model.values import Aspect, Context, ContextType, Effect, Qualifier

__all__ = [
    "ASPECT_SLOTS",
    "CONTEXT_SLOTS",
    "DIRECTIONS",
    "aspect_of",
    "aspect_value",
    "contexts_of",
    "effect_of_qualifiers",
    "slot_qualifiers",
]

CONTEXT_SLOTS: Final = MappingProxyType[ContextType, str](
    {
        "species": "species_context_qualifier",
        "anatomy": "anatomical_context_qualifier",
        "disease": "disease_context_qualifier",
        "stage": "stage_qualifier",
    }
)
"""The context types that Biolink has a slot for."""

ASPECT_SLOTS: Final = ("subject_aspect_qualifier", "object_aspect_qualifier")
"""The slots of the two aspects, subject before object."""

DIRECTIONS: Final = MappingProxyType[str, Effect](
    {
        "increased": "raises",
        "upregulated": "raises",
        "decreased": "lowers",
        "downregulated": "lowers",
    }
)
"""What each value of Biolink's direction qualifiers says."""

_OPPOSITE: Final = MappingProxyType[Effect, Effect]({"raises": "lowers", "lowers": "raises"})
_OF_BIOLINK: Final = MappingProxyType[str, Aspect](
    {
        "": "",
        "abundance": "abundance",
        "activity": "activity",
        "activity_or_abundance": "activity",
        "expression": "abundance",
        "synthesis": "abundance",
        "transcription": "abundance",
        "translation": "abundance",
        "secretion": "abundance",
        "stability": "abundance",
        "severity": "occurrence",
        "likelihood": "occurrence",
        "localization": "localization",
        "transport": "localization",
    }
)
"""The aspect that each Biolink value speaks of, where more of it is more of the aspect."""
_IN_BIOLINK: Final = frozenset({"abundance", "activity", "localization"})
_TYPES: Final = MappingProxyType({slot: kind for kind, slot in CONTEXT_SLOTS.items()})


def aspect_of(value: str) -> Aspect | None:
    """Return the aspect that a Biolink value speaks of, None where more of it is not more.

    >>> aspect_of("expression"), aspect_of("degradation")
    ('abundance', None)
    """
    return _OF_BIOLINK.get(value)


def aspect_value(aspect: Aspect) -> str:
    """Return Biolink's value of an aspect, empty where it has none (number of cells, integrity).

    >>> aspect_value("abundance"), aspect_value("integrity")
    ('abundance', '')
    """
    return aspect if aspect in _IN_BIOLINK else ""


def effect_of_qualifiers(qualifiers: Mapping[str, str]) -> Effect | None:
    """Return the effect that direction qualifiers state, None where they state none.

    A subject that is decreased turns the effect round: it is per *more* of the subject.

    >>> effect_of_qualifiers({"object_direction_qualifier": "decreased"})
    'lowers'
    >>> effect_of_qualifiers({"object_direction_qualifier": "decreased",
    ...                       "subject_direction_qualifier": "decreased"})
    'raises'
    >>> effect_of_qualifiers({}) is None
    True
    """
    target = DIRECTIONS.get(qualifiers.get("object_direction_qualifier", ""))
    cause = DIRECTIONS.get(qualifiers.get("subject_direction_qualifier", ""))
    if target is None:
        return None if cause is None else "unknown"
    if aspect_of(qualifiers.get("object_aspect_qualifier", "")) is None:
        return "unknown"
    return _OPPOSITE[target] if cause == "lowers" else target


def contexts_of(
    qualifiers: tuple[Qualifier, ...],
) -> tuple[tuple[Context, ...], tuple[Qualifier, ...]]:
    """Return the contexts among qualifiers that Biolink has slots for, and the other qualifiers.

    >>> contexts_of((Qualifier("species_context_qualifier", "NCBITaxon:10090"),))[0]
    (Context(type='species', value='NCBITaxon:10090', label=''),)
    """
    contexts = tuple(Context(_TYPES[q.type], q.value) for q in qualifiers if q.type in _TYPES)
    return contexts, tuple(q for q in qualifiers if q.type not in _TYPES)


def slot_qualifiers(context: tuple[Context, ...]) -> tuple[Qualifier, ...]:
    """Return contexts as qualifiers of Biolink's slots, those without a slot left out.

    >>> slot_qualifiers((Context("species", "NCBITaxon:10090"), Context("dose", "low")))
    (Qualifier(type='species_context_qualifier', value='NCBITaxon:10090'),)
    """
    return tuple(
        Qualifier(CONTEXT_SLOTS[c.type], c.value) for c in context if c.type in CONTEXT_SLOTS
    )
