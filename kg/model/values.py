"""The value types of a knowledge graph: entities, statements, evidence and paths.

All are frozen `msgspec` structs: equal by value, hashable where their parts are, and written to
JSON in the order of their fields. Identifiers are CURIEs (`CL:0000047`) or, for statements, the
identifier that the source gave (`SC061`).

What answers hold by the thousand is kept out of the garbage collector (`gc=False`): frozen values
make no cycles.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, Literal, get_args

import msgspec

__all__ = [
    "Assumption",
    "ASSERTED",
    "ASPECTS",
    "CONTEXT_TYPES",
    "EFFECTS",
    "EFFECT_OF_SIGN",
    "HEDGES",
    "MAX_ROUTES",
    "Aspect",
    "Context",
    "ContextType",
    "Corroboration",
    "CuratedUse",
    "Direction",
    "Effect",
    "Entity",
    "Evidence",
    "Hedge",
    "Hop",
    "HopStatement",
    "Path",
    "PathEntity",
    "PathMembers",
    "Qualifier",
    "ScorePart",
    "Sign",
    "Statement",
    "Subgraph",
    "SynonymKind",
    "effect_of",
    "sign_of",
]

Sign = Literal[-1, 0, 1]
"""The number of an effect: +1 raises, -1 lowers, 0 none is meant; None where it is not known."""

Effect = Literal["raises", "lowers", "none", "unknown", "both"]
"""What more of the subject's aspect does to the object's aspect.

*none*: no effect is meant (a place, a kind); *unknown*: there is one, its direction is not said;
*both*: it is known to go both ways.
"""

Aspect = Literal[
    "", "abundance", "activity", "number_of_cells", "integrity", "occurrence", "localization"
]
"""Which measure of an entity an effect starts from or acts on; empty where none is meant."""

Hedge = Literal["asserted", "reported", "suggested", "contested", "hypothesised"]
"""How far the source commits itself: the evidence strength in words, firmest first."""

ContextType = Literal[
    "species", "system", "model", "disease", "stage", "anatomy", "cell", "dose", "intervention",
    "outcome", "trial",
]  # fmt: skip
"""The kinds of context that statements have under closed names."""

EFFECTS: Final[tuple[Effect, ...]] = get_args(Effect)
ASPECTS: Final[tuple[Aspect, ...]] = get_args(Aspect)
HEDGES: Final[tuple[Hedge, ...]] = get_args(Hedge)
CONTEXT_TYPES: Final[tuple[ContextType, ...]] = get_args(ContextType)

MAX_ROUTES: Final = 20
"""Routes that corroborate a statement, at most: more are not counted."""

EFFECT_OF_SIGN: Final = MappingProxyType[Sign | None, Effect](
    {1: "raises", -1: "lowers", 0: "none", None: "unknown"}
)
_SIGN_OF_EFFECT: Final = MappingProxyType[str, Sign | None](
    {"raises": 1, "lowers": -1, "none": 0, "unknown": None, "both": None}
)

Direction = Literal["forward", "reverse"]
"""How a path walks a statement: forward means from its subject to its object."""

ASSERTED = "asserted"
"""The modality of a plain statement."""

SynonymKind = Literal["abbreviation", "brand", "plural", "broad", "narrow", "related", "ambiguous"]
"""How a synonym differs from an exact one (OBO 1.4 scopes and synonym types)."""


def effect_of(sign: Sign | None) -> Effect:
    """Return the effect that a sign states; no sign is *unknown*.

    >>> effect_of(-1), effect_of(0), effect_of(None)
    ('lowers', 'none', 'unknown')
    """
    return EFFECT_OF_SIGN[sign]


def sign_of(effect: Effect) -> Sign | None:
    """Return the sign of an effect, None for *unknown* and *both*.

    >>> sign_of("raises"), sign_of("both")
    (1, None)
    """
    return _SIGN_OF_EFFECT[effect]


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A node: something that statements are about.

    `category` is the most specific Biolink category (`biolink:Cell`); `xrefs` are CURIEs of the
    same thing elsewhere; `provided_by` names the sources in which identifier and name were seen;
    `synonym_kinds` holds those of `synonyms` that are more or less than exact;
    `attributes` holds every further field of its records (taxon, symbol, information content ...).

    >>> Entity(id="CL:0000540", name="neuron", category="biolink:Cell").synonyms
    ()
    """

    id: str
    name: str
    category: str = "biolink:NamedThing"
    synonyms: tuple[str, ...] = ()
    description: str = ""
    xrefs: tuple[str, ...] = ()
    provided_by: tuple[str, ...] = ()
    iri: str = ""
    synonym_kinds: dict[str, SynonymKind] = msgspec.field(default_factory=dict)
    attributes: dict[str, str] = msgspec.field(default_factory=dict)


class Qualifier(msgspec.Struct, frozen=True, gc=False):
    """A condition under which a statement was made, such as `species` = `rat`.

    >>> Qualifier("species", "rat").type
    'species'
    """

    type: str
    value: str


class Context(msgspec.Struct, frozen=True, gc=False):
    """A condition of a closed kind under which a statement was made: an ontology term.

    `value` is a CURIE where there is one (`NCBITaxon:10116`), else a word of the source; `label`
    is the name of that term.

    >>> Context("species", "NCBITaxon:10116", "rat").type
    'species'
    """

    type: ContextType
    value: str
    label: str = ""


class Corroboration(msgspec.Struct, frozen=True, gc=False):
    """How well other statements of a graph support one, whatever its sources.

    `routes` counts ways of three steps that join its subject and object otherwise and share no
    entity, at most `MAX_ROUTES`; `score` is the sum over all such ways, each the less the more its
    entities are linked (`mechkg.kg.build.corroborate`).

    >>> Corroboration(3, 0.75).routes
    3
    """

    routes: int
    score: float

    @property
    def words(self) -> str:
        """What it says, in words.

        >>> Corroboration(1, 0.1).words, Corroboration(20, 9.5).words
        ('supported by 1 independent route', 'supported by 20 or more independent routes')
        """
        many = f"{self.routes}{' or more' if self.routes == MAX_ROUTES else ''}"
        return f"supported by {many} independent route{'' if self.routes == 1 else 's'}"


class CuratedUse(msgspec.Struct, frozen=True, gc=False):
    """How many curated mechanisms lead over a statement, and which: `mechanisms` names the first.

    >>> CuratedUse(1, ("DB00945_MESH_D000787_1",)).count
    1
    """

    count: int
    mechanisms: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it says, in words.

        >>> CuratedUse(1, ("M1",)).words, CuratedUse(3, ("M1", "M2", "M3")).words
        ('used in 1 curated mechanism', 'used in 3 curated mechanisms')
        """
        return f"used in {self.count:,} curated mechanism{'' if self.count == 1 else 's'}"


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One reason to believe a statement: one source, with what it says where.

    `kind` is the class of evidence (`article`, `literature`, `ontology_axiom` ...);
    `knowledge_level` and `agent_type` take Biolink's values; `location` is the place in the
    source (`P4S3`: paragraph 4, sentence 3); `titles` stand in the order of `publications`;
    `seen_in` says where a curator saw identifier and title; `context` is where this evidence was
    seen beyond what all evidence of the statement shares.

    >>> Evidence(kind="article", source="infores:mechkg", location="P4S3").publications
    ()
    """

    kind: str
    source: str
    publications: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    location: str = ""
    knowledge_level: str = "not_provided"
    agent_type: str = "not_provided"
    seen_in: str = ""
    context: tuple[Context, ...] = ()


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An edge: subject, predicate and object with everything that is known about the claim.

    `effect` says what more of the subject's aspect does to the object's aspect, and `sign` is its
    number: where one of them is given, the other follows. `action` is how a ligand or drug acts on
    its target (`agonist`, `antagonist_antibody` ...); `weight` is the part of an effect that
    passes, 0 to 1. `derived_from` names the statements that an inferred statement follows from; it
    is empty for an asserted one. `corroboration` is what the graph says of it as a whole: None for
    a denied one, and where the graph was loaded without or the statement stands outside one.
    `curated` says which curated mechanisms lead over it, None where none does.

    Raises `ValueError` where sign and effect contradict each other.

    >>> s = Statement(id="SC061", subject="CL:0000047", predicate="secretes",
    ...               object="HGNC:4232", sign=1)
    >>> s.effect, s.modality, s.negated, s.derived_from
    ('raises', 'asserted', False, ())
    """

    id: str
    subject: str
    predicate: str
    object: str
    sign: Sign | None = None
    effect: Effect = "unknown"
    subject_aspect: Aspect = ""
    object_aspect: Aspect = ""
    action: str = ""
    weight: float = 1.0
    negated: bool = False
    hedge: Hedge = "asserted"
    modality: str = ASSERTED
    context: tuple[Context, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    derived_from: tuple[str, ...] = ()
    note: str = ""
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    corroboration: Corroboration | None = None
    curated: CuratedUse | None = None

    def __post_init__(self) -> None:
        """Let sign and effect follow from each other."""
        if self.sign == _SIGN_OF_EFFECT[self.effect]:
            return
        if self.effect == "unknown":
            msgspec.structs.force_setattr(self, "effect", EFFECT_OF_SIGN[self.sign])
        elif self.sign is None:
            msgspec.structs.force_setattr(self, "sign", _SIGN_OF_EFFECT[self.effect])
        else:
            raise ValueError(f"sign {self.sign} contradicts effect {self.effect!r}")


class PathEntity(msgspec.Struct, frozen=True, gc=False):
    """An entity as a path shows it.

    >>> PathEntity("CL:0000540", "neuron", "biolink:Cell").name
    'neuron'
    """

    id: str
    name: str
    category: str


class HopStatement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A statement of a hop, with the direction in which the path walks it.

    >>> HopStatement(id="SC061", subject="CL:0000047", predicate="secretes",
    ...              object="HGNC:4232", direction="forward", sign=0).direction
    'forward'
    """

    id: str
    subject: str
    predicate: str
    object: str
    direction: Direction
    sign: Sign | None = None
    effect: Effect = "unknown"
    subject_aspect: Aspect = ""
    object_aspect: Aspect = ""
    action: str = ""
    weight: float = 1.0
    negated: bool = False
    hedge: Hedge = "asserted"
    modality: str = ASSERTED
    context: tuple[Context, ...] = ()
    qualifiers: tuple[Qualifier, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    derived_from: tuple[str, ...] = ()
    corroboration: Corroboration | None = None
    curated: CuratedUse | None = None


class Hop(msgspec.Struct, frozen=True, gc=False):
    """All admitted statements between two neighbouring entities of a path, never empty.

    >>> Hop(()).statements
    ()
    """

    statements: tuple[HopStatement, ...]


class ScorePart(msgspec.Struct, frozen=True, gc=False):
    """A named part of a score; a score is the sum of `value * weight` over its parts.

    >>> part = ScorePart("length", 2.0, -1.0)
    >>> part.value * part.weight
    -2.0
    """

    name: str
    value: float
    weight: float


class Assumption(msgspec.Struct, frozen=True, gc=False):
    """What must hold for an effect to pass on from one hop to the next.

    `position` is that of the entity in between; the effect passes with `weight`, above 0 and below
    1. `reason` says it in words.

    >>> Assumption("animal_to_human", 1, 0.4).weight
    0.4
    """

    name: str
    position: int
    weight: float
    reason: str = ""


class Path(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sequence of distinct entities with the statements of each hop between them.

    `len(hops) == length == len(entities) - 1`. `sign` is the product of the hops' signs, None
    where one is unknown or both; `effect` says which. A larger `score` is better. Where hops are
    held to a grammar, only statements by which the effect passes on are there, and `assumptions`
    says what that rests on. `weakest` is the index of the hop of least evidence strength;
    `contexts_agree` is False where no choice of its statements can hold in one context;
    `context_conflicts` says in which kinds of context they exclude each other.
    """

    entities: tuple[PathEntity, ...]
    hops: tuple[Hop, ...]
    length: int
    sign: Sign | None
    effect: Effect = "unknown"
    score: float
    score_parts: tuple[ScorePart, ...]
    explanation: str
    assumptions: tuple[Assumption, ...] = ()
    weakest: int = 0
    contexts_agree: bool = True
    context_conflicts: tuple[ContextType, ...] = ()


class PathMembers(msgspec.Struct, frozen=True, gc=False):
    """What a path of an answer leads through, with its place among the paths of the answer.

    `entities` and `statements` are identifiers; `rank` is 1 for the best path.

    >>> PathMembers(1, -2.5, ("CL:0000047", "HGNC:4232"), ("SC061",)).rank
    1
    """

    rank: int
    score: float
    entities: tuple[str, ...]
    statements: tuple[str, ...]


class Subgraph(msgspec.Struct, frozen=True, kw_only=True):
    """A set of entities and statements between them: what every writer and picture takes.

    Each statement's subject and object are among `entities`. `title` says in words what the
    subgraph shows; `snapshot` is the content hash of the graph that it was taken from;
    `sources` are the identifiers of the entities that the question starts from, `targets` of those
    that it leads to: none but where it asks for paths. An entity may be both. `paths` says which
    of these lie on which path of an answer, the best first.
    `credits` names the sources of the statements, each with its licence where that is known.

    >>> Subgraph(entities=(), statements=()).title
    ''
    """

    entities: tuple[Entity, ...]
    statements: tuple[Statement, ...]
    title: str = ""
    snapshot: str = ""
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    paths: tuple[PathMembers, ...] = ()
    credits: tuple[str, ...] = ()
