"""How a figure looks: categories by colour and shape, effects by stroke and tip.

Colours are those of Okabe and Ito (Color Universal Design, 2008), distinct in all common kinds
of colour blindness; fills are the same hues mixed with white, so that dark text keeps a contrast
above 7:1 (WCAG 2.2 AAA), and strokes are darkened to at least 3:1 on white. No meaning
rests on colour alone: each family of categories has its own outline, each effect its own tip.

============  ==================  ============================  =======================
family        Okabe-Ito           outline                       Biolink categories
============  ==================  ============================  =======================
cell          sky blue            pill                          Cell
gene          orange              rectangle                     Gene, Protein ...
chemical      bluish green        hexagon                       ChemicalEntity, Drug ...
process       yellow              parallelogram                 BiologicalProcess ...
disease       vermillion          octagon                       Disease
phenotype     reddish purple      two corners cut               PhenotypicFeature ...
anatomy       blue                arch                          AnatomicalEntity ...
treatment     black               double side lines             Procedure, Treatment
other         grey                rounded rectangle             anything else
============  ==================  ============================  =======================

========================  =============================================
statement                 drawn as
========================  =============================================
sign +1                   green line, filled arrow head
sign -1                   vermillion line, bar
sign 0                    grey line, open arrow head
sign unknown              purple dotted line, open arrow head
symmetric, without sign   grey line without a head
inferred                  dashed
negated                   crossed, the label says "not"
hedged (see `FIRM`)       thin line, hollow tip, italic label
========================  =============================================
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Sign, Statement

__all__ = ["FAMILIES", "FIRM", "Effect", "Family", "effect_of", "family_of"]

Shape = Literal[
    "pill", "rectangle", "hexagon", "parallelogram", "octagon", "cut", "arch", "sides", "rounded"
]

INK: Final = "#1a1a1a"
MUTED: Final = "#555555"
PAPER: Final = "#ffffff"


class Family(msgspec.Struct, frozen=True):
    """A group of categories that is drawn alike: name, fill, stroke, outline, Biolink roots."""

    name: str
    fill: str
    stroke: str
    shape: Shape
    roots: tuple[str, ...] = ()


FAMILIES: Final = (
    Family("cell", "#ddf0fb", "#2a7fb3", "pill", ("biolink:Cell", "biolink:CellLine")),
    Family(
        "gene or protein", "#fbe9c8", "#9a6a00", "rectangle",
        ("biolink:Gene", "biolink:Protein", "biolink:GeneFamily", "biolink:GeneOrGeneProduct",
         "biolink:Polypeptide", "biolink:Transcript", "biolink:NucleicAcidEntity",
         "biolink:MacromolecularComplex", "biolink:GenomicEntity"),
    ),
    Family(
        "chemical or drug", "#d3efe5", "#00735c", "hexagon",
        ("biolink:ChemicalEntity", "biolink:Drug", "biolink:SmallMolecule",
         "biolink:ChemicalExposure", "biolink:MolecularMixture", "biolink:MolecularEntity"),
    ),
    Family(
        "process", "#fbf7c4", "#7a7000", "parallelogram",
        ("biolink:BiologicalProcess", "biolink:PathologicalProcess", "biolink:Pathway",
         "biolink:MolecularActivity", "biolink:PhysiologicalProcess",
         "biolink:BiologicalProcessOrActivity"),
    ),
    Family("disease", "#fbe0d0", "#b34a00", "octagon", ("biolink:Disease",)),
    Family(
        "phenotype", "#f8e3ee", "#a3497a", "cut",
        ("biolink:PhenotypicFeature", "biolink:DiseaseOrPhenotypicFeature",
         "biolink:ClinicalFinding", "biolink:Behavior"),
    ),
    Family(
        "anatomy", "#d6e6f3", "#005a94", "arch",
        ("biolink:AnatomicalEntity", "biolink:CellularComponent",
         "biolink:GrossAnatomicalStructure", "biolink:PathologicalAnatomicalStructure"),
    ),
    Family(
        "treatment", "#ececec", "#1a1a1a", "sides",
        ("biolink:Procedure", "biolink:Treatment", "biolink:ClinicalIntervention"),
    ),
    Family("other", "#f4f4f4", "#6b6b6b", "rounded"),
)  # fmt: skip
"""In the order of the legend; `OTHER` is the last."""

OTHER: Final = FAMILIES[-1]

_FAMILY_OF_ROOT: Final = {root: family for family in FAMILIES for root in family.roots}

FIRM: Final = frozenset({"asserted", "asserted_negative", "research_reported", "challenge"})
"""The modalities that state something; every other one is hedged (possible, potential, aim ...)."""


def family_of(category: str, schema: Schema) -> Family:
    """Return the family of a category: its own, or that of its nearest ancestor that has one.

    >>> family_of("biolink:Cell", Schema()).shape, family_of("x:Unheard", Schema()).name
    ('pill', 'other')
    """
    parents = {c.id: c.parents for c in schema.categories}
    level, seen = [category], {category}
    while level:
        for name in level:
            if name in _FAMILY_OF_ROOT:
                return _FAMILY_OF_ROOT[name]
        level = [p for name in level for p in parents.get(name, ()) if p not in seen]
        seen.update(level)
    return OTHER


class Effect(msgspec.Struct, frozen=True, order=True):
    """What decides how a statement is drawn; statements of equal effect share a line.

    `sign` is 2 where it is unknown, so that effects have an order. `headless` is a symmetric
    relation that does not say who acts: it has neither direction nor tip.
    """

    sign: int
    inferred: bool
    negated: bool
    hedged: bool
    headless: bool = False

    @property
    def colour(self) -> str:
        """The colour of line and tip, at least 4.5:1 on white."""
        return _COLOURS["negated" if self.negated else self.sign]

    @property
    def width(self) -> float:
        """The width of the line in pixels."""
        return 1.2 if self.hedged else 2.0

    @property
    def dotted(self) -> bool:
        """Whether nothing is known of the direction of the effect."""
        return self.sign == UNKNOWN

    @property
    def dashes(self) -> str:
        """The SVG dash pattern, empty for a solid line."""
        return _DASHES[self.dotted, self.inferred]


UNKNOWN: Final = 2

_COLOURS: Final[dict[int | str, str]] = {
    1: "#00735c",
    -1: "#b34a00",
    0: "#4d4d4d",
    UNKNOWN: "#8a4a74",
    "negated": "#6b6b6b",
}

_DASHES: Final = {
    (False, False): "",
    (False, True): "9 5",
    (True, False): "1.5 4.5",
    (True, True): "9 4 1.5 4",
}


def effect_of(statement: Statement, *, symmetric: bool = False) -> Effect:
    """Return how a statement is drawn; `symmetric` says whether its predicate is.

    >>> effect_of(Statement(id="s", subject="a", predicate="p", object="b", sign=-1)).dashes
    ''
    """
    sign: Sign | None = statement.sign
    headless = symmetric and not sign
    return Effect(
        sign=0 if headless else UNKNOWN if sign is None else sign,
        inferred=bool(statement.derived_from),
        negated=statement.negated,
        hedged=statement.modality not in FIRM,
        headless=headless,
    )
