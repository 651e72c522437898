"""Results: what a graph answers to the queries of `mechkg.kg.model.queries`."""

from __future__ import annotations

from typing import Literal

import msgspec

from mechkg.kg.model.grounding import Closure, Grounding
from mechkg.kg.model.queries import (
    CompareQuery,
    NeighbourhoodQuery,
    OpenEndsQuery,
    PathQuery,
    SearchQuery,
    SignificanceQuery,
)
from mechkg.kg.model.values import Context, Hedge, Path, PathEntity, Sign, Statement

__all__ = [
    "Applied",
    "Chokepoint",
    "Chokepoints",
    "Comparison",
    "Expectation",
    "Match",
    "Mediator",
    "MediatorSignificance",
    "MetapathShare",
    "MetapathSignificance",
    "Neighbour",
    "NeighbourGroup",
    "NeighbourShare",
    "NeighbourhoodResult",
    "NetEffect",
    "OpenEnd",
    "OpenEndsResult",
    "Origin",
    "PathResult",
    "PathSummary",
    "PathsThrough",
    "Preview",
    "Relaxation",
    "Result",
    "SearchResult",
    "Side",
    "Significance",
    "StatementChokepoint",
    "TruncatedBy",
    "WhyNot",
]

Applied = Literal["applied", "off", "refused"]
"""Whether paths are held to the grammar of composition, or it admits none of them."""

TruncatedBy = Literal["limit", "time", "hub"]

Origin = Literal["both", "left", "right"]
"""Which side of a comparison has something: both, or one of them only."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer says of itself.

    `complete` is True only if nothing was left out; `truncated_by` says why something was. `total`
    counts what the query asks for, and is a lower bound where `total_is_exact` is False. `cursor`
    continues the answer where it has pages, and `snapshot` is the content hash of the graph.
    `groundings` say how names were read that are neither identifiers nor the names of entities,
    `closures` which subclasses were taken in.
    """

    complete: bool
    truncated_by: TruncatedBy | None
    total: int
    total_is_exact: bool
    cursor: str | None = None
    snapshot: str
    groundings: tuple[Grounding, ...] = ()
    closures: tuple[Closure, ...] = ()


Verdict = Literal["raises", "lowers", "both", "unknown", "none"]
"""What a source does to a target, as far as it can be said."""

Basis = Literal["direct", "denied", "trial", "association", "chains", "weak_chains", "none"]
"""What a verdict rests on; `denied`: a claim denies the effect; `weak_chains`: too weak to say."""


class NetEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What a source does to a target, and what all paths, not only the returned ones, say of it.

    `supports` counts paths of sign +1, `opposes` -1, `neutral` 0, `unknown` the rest; `exact`
    is False where counting was cut short. `verdict` does not follow from these counts: direct
    claims decide before the outcome of trials, these before what denies an effect, then the best
    chains by weight. `basis` says which of them decided, `hedge` is the firmest of what it rests
    on, `statements` are its identifiers, `context` says where it was seen, and `weight` is that of
    the best chain (1 for a claim). `claim` is the effect in words, hedged; `sentence` adds what it
    rests on and how many paths there are.

    >>> NetEffect(supports=3, opposes=1, neutral=0, unknown=2, exact=True, verdict="raises",
    ...           basis="chains", sentence="").verdict
    'raises'
    """

    supports: int
    opposes: int
    neutral: int
    unknown: int
    exact: bool
    verdict: Verdict
    basis: Basis
    hedge: Hedge | None = None
    statements: tuple[str, ...] = ()
    context: tuple[Context, ...] = ()
    weight: float = 1.0
    claim: str = ""
    sentence: str


class PathResult(Result, frozen=True, kw_only=True):
    """The best paths, best first, and what was left out.

    `complete` is True only if nothing was left out before or after these paths; `total` counts
    all admissible paths (with `diverse`, those that stand for the others) and is a lower bound
    where `total_is_exact` is False; `bound` is the best score that a path not returned could
    still have (None: proven that none is better). `composition` says whether the paths are held to
    the grammar of composition; `refused`: it admits none, so these join the ends without passing
    an effect on. `scorer` names the one that ranked them.
    """

    query: PathQuery
    paths: tuple[Path, ...]
    net_effect: NetEffect
    bound: float | None = None
    composition: Applied = "off"
    scorer: str = ""


class PathSummary(Result, frozen=True, kw_only=True):
    """The last line of a stream of paths: a `PathResult` without its paths.

    `returned` counts the paths of the stream; all of them are proven to be the best there are,
    in their order, whatever ended it.
    """

    query: PathQuery
    returned: int
    net_effect: NetEffect
    bound: float | None = None
    composition: Applied = "off"
    scorer: str = ""


class OpenEnd(msgspec.Struct, frozen=True, kw_only=True):
    """One end, with the best of its paths and what all of them say.

    `total` counts its paths, a lower bound where `total_is_exact` is False. `net_effect` is that
    of a query for the paths of this end alone. `supporting` is the best path that has the effect
    of the verdict, of those that were weighed, where this is not the best of all.
    """

    entity: PathEntity
    path: Path
    supporting: Path | None = None
    total: int
    total_is_exact: bool
    net_effect: NetEffect


class OpenEndsResult(Result, frozen=True, kw_only=True):
    """The entities of an open side that paths join to the other side, best path first.

    Ends are in the order of their best paths: higher score, then fewer hops, then identifier.
    `total` counts the ends that have a path (with `effect`, of that verdict), `candidates` the
    entities that the open side (`open`) admits. `bound` is the best score that the path of an end
    not returned could still have, where time ran out. `composition` and `scorer` are as for paths,
    but no end is ranked by the learned order.
    """

    query: OpenEndsQuery
    open: Literal["source", "target"]
    ends: tuple[OpenEnd, ...]
    candidates: int
    bound: float | None = None
    composition: Applied = "off"
    scorer: str = ""
    sentence: str


class Preview(Result, frozen=True, kw_only=True):
    """Estimated size and cost of a query.

    `total` is the number of admissible paths, counted where `total_is_exact`, else estimated;
    `low` and `high` hold it with a probability of some 95 in 100 (both are `total` where exact).
    `entries` estimates how many entries of the adjacency a search looks at, `milliseconds` what the
    `limit` best take on one core, within a factor of 3 or so; `seconds` is the class of that time:
    at most 0.01, 0.1, 1, 10 or 100, or more (null). `complete` is False where time ran out before
    the estimate was made.
    """

    query: PathQuery
    low: int
    high: int
    entries: int
    milliseconds: float
    seconds: float | None
    sentence: str


class Relaxation(msgspec.Struct, frozen=True, kw_only=True):
    """How many paths there would be without one constraint, all others kept.

    `parameter` had the value `given`, and has the value `instead` here. `paths` is a
    lower bound where `exact` is False.
    """

    parameter: str
    given: str
    instead: str
    paths: int
    exact: bool
    sentence: str


class WhyNot(Result, frozen=True, kw_only=True):
    """Why a query has no paths, or few: what each constraint costs.

    `total` counts the paths of the query as it stands. `distance` is the fewest statements, of any
    kind and walked either way, between a source and a target; None where nothing connects them, or
    where the search for it was cut (`connected` None). `relaxations` put what helps most first.
    `complete` is False where time ran out before all was tried.
    """

    query: PathQuery
    connected: bool | None
    distance: int | None
    relaxations: tuple[Relaxation, ...]
    sentence: str


class NeighbourGroup(msgspec.Struct, frozen=True):
    """How many statements and distinct neighbours one predicate and direction have."""

    predicate: str
    direction: Literal["out", "in"]
    statements: int
    entities: int


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """An entity at `distance` hops, with the statements that reach it from one hop nearer."""

    entity: PathEntity
    distance: int
    statements: tuple[Statement, ...]


class NeighbourhoodResult(Result, frozen=True, kw_only=True):
    """Groups of the whole neighbourhood, then one page of members, nearest and best first.

    `negated` are statements that deny a relation of the entity; they never make a neighbour.
    """

    query: NeighbourhoodQuery
    entity: PathEntity
    groups: tuple[NeighbourGroup, ...]
    neighbours: tuple[Neighbour, ...]
    negated: tuple[Statement, ...]


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An entity found by name; `matched` is the name or synonym that fitted."""

    id: str
    name: str
    category: str
    matched: str
    synonyms: tuple[str, ...] = ()
    degree: int = 0


class SearchResult(Result, frozen=True, kw_only=True):
    """Matches, best first: exact names, exact synonyms, prefixes, then words."""

    query: SearchQuery
    matches: tuple[Match, ...]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a comparison: its paths to the target in number and the best of them in full."""

    entities: tuple[PathEntity, ...]
    total: int
    total_is_exact: bool
    mediators: int
    net_effect: NetEffect | None
    paths: tuple[Path, ...]


class PathsThrough(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of one side through a mediator, and the best of them in short."""

    paths: int
    supports: int
    opposes: int
    neutral: int
    unknown: int
    entities: tuple[str, ...]
    statements: tuple[str, ...]
    sign: Sign | None
    score: float
    explanation: str


class Mediator(msgspec.Struct, frozen=True, kw_only=True):
    """An entity between a side and the target; `origin` says whose paths it lies on.

    A side without a path through it is None.
    """

    entity: PathEntity
    origin: Origin
    left: PathsThrough | None
    right: PathsThrough | None


class MetapathShare(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of path, as categories and predicates in turns, and how many paths each side has.

    A hop's predicates are joined by `|`, with `^` before one that is walked in reverse.
    """

    metapath: tuple[str, ...]
    origin: Origin
    left: int
    right: int


class NeighbourShare(msgspec.Struct, frozen=True, kw_only=True):
    """A neighbour by one predicate, with the statements that each side has to it."""

    predicate: str
    direction: Literal["out", "in"]
    entity: PathEntity
    origin: Origin
    left: tuple[str, ...]
    right: tuple[str, ...]


class Comparison(Result, frozen=True, kw_only=True):
    """What two sources share on their way to a target, and what only one of them has.

    Mediators, metapaths and neighbours come shared ones first, then those of the left and of the
    right side, by falling numbers of paths. `total` counts all mediators (without a target, all
    neighbours), `shared`, `only_left` and `only_right` by whom they belong to. Where not all
    paths could be listed, `total_is_exact` is False: then these are the mediators of the best
    paths of each side (or the neighbours that were looked at), and one that seems to belong to one
    side may belong to both.
    """

    query: CompareQuery
    left: Side
    right: Side
    mediators: tuple[Mediator, ...]
    metapaths: tuple[MetapathShare, ...]
    neighbours: tuple[NeighbourShare, ...]
    shared: int
    only_left: int
    only_right: int
    sentence: str


class Chokepoint(msgspec.Struct, frozen=True, kw_only=True):
    """An entity between the ends and the paths through it.

    `share` is `paths` divided by all; 1 means that every path leads through it (`cut`).
    """

    entity: PathEntity
    paths: int
    share: float
    cut: bool
    supports: int
    opposes: int
    neutral: int
    unknown: int


class StatementChokepoint(msgspec.Struct, frozen=True, kw_only=True):
    """A statement and the paths whose hop it is part of.

    `sole` counts those whose hop has no other statement: without this one they would be gone.
    `cut` says that this is true of all paths.
    """

    id: str
    subject: PathEntity
    predicate: str
    object: PathEntity
    paths: int
    share: float
    sole: int
    cut: bool


class Chokepoints(Result, frozen=True, kw_only=True):
    """Through which entities and statements the paths of a query lead, the most used first.

    `total` counts the paths, `through` the distinct entities between the ends and
    `statements_through` the distinct statements, of which at most `limit` each are listed. Where
    `total_is_exact` is False not all paths could be looked at, and shares are those of the best.
    """

    query: PathQuery
    entities: tuple[Chokepoint, ...]
    statements: tuple[StatementChokepoint, ...]
    through: int
    statements_through: int
    sentence: str


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """How many paths there are, and how many the degrees alone lead to expect.

    `expected` is the mean over all rewired graphs: exact where `closed`, else that of the sampled
    ones, with its `standard_error` (None where that cannot be said: fewer than two were sampled, or
    all have as many). `ratio` is `observed`
    divided by `expected`, None where that is 0 or not known. `p` is the chance of as many paths or
    more: exact where `p_closed`, else (1 + samples with as many or more) / (1 + samples)
    (Davison & Hinkley 1997), with its standard error `p_error`.
    """

    observed: int
    expected: float | None
    standard_error: float | None
    closed: bool
    ratio: float | None
    p: float
    p_error: float
    p_closed: bool


class MediatorSignificance(msgspec.Struct, frozen=True, kw_only=True):
    """An entity between the ends, and the paths through it."""

    entity: PathEntity
    paths: Expectation


class MetapathSignificance(msgspec.Struct, frozen=True, kw_only=True):
    """A metapath, and its paths.

    `metapath` has the category of each entity and between two the predicate of a statement that
    joins them, `^` before one that is walked from object to subject. A path whose hop has
    statements of several predicates is one of several metapaths.
    """

    metapath: tuple[str, ...]
    paths: Expectation


class Significance(Result, frozen=True, kw_only=True):
    """Whether there are more paths than the degrees alone lead to expect.

    Mediators and metapaths come by rising `p`, then by falling ratio. `total` counts the
    mediators, `metapaths_total` the metapaths that there are, of which at most `limit` each are
    listed. `unlikely` counts the mediators with `p` below 0.05, `unlikely_expected` how many of
    its mediators a rewired graph has with such a `p` on average, None where no time was left for
    it. `samples` is how many rewired graphs were looked at; fewer than were asked for where time
    ran out.
    """

    query: SignificanceQuery
    paths: Expectation
    mediators: tuple[MediatorSignificance, ...]
    metapaths: tuple[MetapathSignificance, ...]
    metapaths_total: int
    unlikely: int
    unlikely_expected: float | None
    samples: int
    sentence: str
