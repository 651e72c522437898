"""Queries: what a graph answers.

What is valid is said here, once: HTTP, the command line, the tools for agents and Python all build
these types. Ranges are `msgspec.Meta` constraints and the meaning of a parameter is the
`description` of its field, so the OpenAPI text, `--help` and the tools for agents take both from
here; `checked` holds what spans several fields. `mechkg.kg.model.results` has the answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta, inspect

from mechkg.kg.errors import QueryError
from mechkg.kg.model.values import MAX_ROUTES

__all__ = [
    "MAX_HOPS",
    "MAX_LIMIT",
    "MAX_SET",
    "MAX_STATEMENTS",
    "CompareQuery",
    "NeighbourhoodQuery",
    "OpenEndsQuery",
    "Parameter",
    "PathConstraints",
    "PathQuery",
    "SearchQuery",
    "SignificanceQuery",
    "SubgraphQuery",
    "parameters",
]

MAX_HOPS = 8
MAX_LIMIT = 10_000
MAX_SET = 1_000
"""Entities that a query may name in one parameter."""

MAX_STATEMENTS = 20_000
"""Statements that a query may name: as many as a picture holds."""

Name = Annotated[str, Meta(min_length=1, max_length=500)]
Names = Annotated[tuple[Name, ...], Meta(max_length=MAX_SET)]
StatementIds = Annotated[tuple[Name, ...], Meta(max_length=MAX_STATEMENTS)]
Hops = Annotated[int, Meta(ge=1, le=MAX_HOPS)]
Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
MAX_SECONDS = 300
"""Longest that a query may be given."""

Seconds = Annotated[float, Meta(gt=0, le=MAX_SECONDS)]
Cursor = Annotated[
    str,
    Meta(
        max_length=500,
        description="Where to go on: the `cursor` of an earlier answer to the same query.",
    ),
]
Category = Annotated[
    Names,
    Meta(description="Only entities of this category or of one below it: Cell or biolink:Cell."),
]


class PathConstraints(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which paths count and how they are ranked, whatever their ends."""

    min_hops: Annotated[Hops, Meta(description="Fewest hops of a path.")] = 1
    max_hops: Annotated[Hops, Meta(description="Most hops of a path.")] = 3
    direction: Annotated[
        Literal["directed", "undirected"],
        Meta(
            description="`directed` walks statements from subject to object, `undirected` both "
            "ways; symmetric predicates are always walked both ways."
        ),
    ] = "directed"
    predicate: Annotated[
        Names,
        Meta(
            description="Only this predicate and those below it: identifier, label, IRI, RO or "
            "Biolink CURIE. By default all but those of taxonomy, identity and "
            "mapping (subclass_of, same_as)."
        ),
    ] = ()
    category: Annotated[
        Names,
        Meta(
            description="Only entities of this category, or of one below it, between the ends: "
            "Cell or biolink:Cell."
        ),
    ] = ()
    via: Annotated[
        Names,
        Meta(
            description="Must lie on each path: an entity, written as for `source`, or a category."
        ),
    ] = ()
    avoid: Annotated[Names, Meta(description="Must not lie on a path; written as for `via`.")] = ()
    evidence: Annotated[
        Names,
        Meta(
            description="Only statements with this evidence: kind, source, publication, passage "
            "(P4S3) or knowledge level. `inferred` adds what reasoning infers, `any` takes all."
        ),
    ] = ()
    modality: Annotated[
        Names, Meta(description="Only statements of this modality, such as asserted or possible.")
    ] = ()
    qualifier: Annotated[
        Names,
        Meta(
            description="Only statements with this qualifier or context: `TYPE` or `TYPE=VALUE`, "
            "the value a CURIE or its label (`species=rat`)."
        ),
    ] = ()
    context: Annotated[
        Names,
        Meta(
            description="Only statements that hold in this context: `TYPE=VALUE` names it, "
            "`TYPE!=VALUE` does not, `TYPE~=VALUE` names it or none of its type. TYPE is species, "
            "system, model, disease, stage, anatomy, cell, dose, intervention, outcome or trial. "
            "`consistent`: only paths whose hops can all hold in one context."
        ),
    ] = ()
    min_routes: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_ROUTES,
            description="Only statements that so many independent routes of three steps support "
            "(`corroboration`); 0 takes all.",
        ),
    ] = 0
    metapath: Annotated[
        str,
        Meta(
            max_length=1000,
            description="The sequence of categories and predicates that a path must follow.",
        ),
    ] = ""
    scorer: Annotated[
        str,
        Meta(
            max_length=100,
            description="How paths are ranked; `default` leaves it to the graph, and the answer "
            "says which it was.",
        ),
    ] = "default"
    weights: Annotated[
        Names,
        Meta(
            description="Weights of parts of the score, from -10 to 0: `hubs:-0.5`. The best paths "
            "are exact under them; `default` then takes no learned order."
        ),
    ] = ()
    composition: Annotated[
        Literal["default", "off", "strict"],
        Meta(
            description="Which hop may follow which: `default` holds directed paths to the grammar "
            "by which an effect passes on, `strict` also refuses relations that it does not know, "
            "`off` lets any hop follow any other."
        ),
    ] = "default"
    timeout: Annotated[
        Seconds,
        Meta(
            description="Seconds after which the search returns what it has found; a server has a "
            "bound of its own."
        ),
    ] = 10.0

    def _check_hops(self) -> None:
        if self.min_hops > self.max_hops:
            raise QueryError(
                "min_hops", f"must not exceed max_hops ({self.min_hops} > {self.max_hops})"
            )


class PathQuery(PathConstraints, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How does a source lead to a target? Sets are unordered, a path joins any pair of them.

    `source` and `target` take CURIEs or names. Constraints of one parameter are alternatives,
    those of different parameters hold together; each of `via` must lie on a path.

    `diverse` thins the answer out: with `metapath` it holds the best path of each metapath (the
    categories along the path and, for each hop, its predicates and their directions), with
    `mediator` the best path, then the best of those that share no entity between the ends with
    it, then of those that share none with these two, and so on.

    >>> PathQuery(source=("NSC",), target=("neuron",)).checked().max_hops
    3
    """

    source: Annotated[
        Names,
        Meta(
            min_length=1,
            description="Where paths start: CURIE or name; `NAME*` with all below it, `NAME!` "
            "without.",
        ),
    ]
    target: Annotated[
        Names, Meta(min_length=1, description="Where paths end; written as for `source`.")
    ]
    diverse: Annotated[
        Literal["", "metapath", "mediator"],
        Meta(
            description="Thin the answer out: the best path of each `metapath`, or paths that "
            "share no `mediator`."
        ),
    ] = ""
    limit: Annotated[Limit, Meta(description="Most paths of the answer.")] = 10
    cursor: Cursor = ""

    def checked(self) -> PathQuery:
        """Return the query itself, or raise `QueryError` for what spans several fields.

        >>> PathQuery(source=("a",), target=("b",), min_hops=3, max_hops=2).checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter min_hops must not exceed max_hops (3 > 2).
        """
        self._check_hops()
        return self


class OpenEndsQuery(PathConstraints, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entities of a set lead to a target, or are led to by a source, and by which paths?

    One of `source` and `target` is open: a category (`Drug`), a class with all below it (`NAME*`)
    or `*` for any entity. Its members, the ends, are ranked by the best path of each. The other
    side names entities as in a `PathQuery`; what they are joined by is what a `PathQuery` of each
    end would find. An entity of this side is no end.

    >>> OpenEndsQuery(source=("Drug",), target=("neuron",)).checked().limit
    10
    """

    source: Annotated[
        Names,
        Meta(
            min_length=1,
            description="Where paths start: entities as for paths or, where this side is open, "
            "categories (`Drug`), `NAME*` or `*`.",
        ),
    ]
    target: Annotated[
        Names,
        Meta(min_length=1, description="Where paths end; written as for `source`."),
    ]
    open: Annotated[
        Literal["", "source", "target"],
        Meta(
            description="Which side is ranked. Needed only where both could be; with it, that "
            "side may be a list of entities, too."
        ),
    ] = ""
    effect: Annotated[
        Literal["", "raises", "lowers", "both", "unknown", "none"],
        Meta(description="Only ends whose net effect has this verdict, or none."),
    ] = ""
    limit: Annotated[int, Meta(ge=1, le=1000, description="Most ends of the answer.")] = 10
    cursor: Cursor = ""

    def checked(self) -> OpenEndsQuery:
        """Return the query itself, or raise `QueryError` for what spans several fields.

        >>> OpenEndsQuery(source=("*",), target=("*",)).checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter source and target cannot both be `*`. ...
        """
        self._check_hops()
        if "*" in self.source and "*" in self.target:
            raise QueryError(
                "source", "and target cannot both be `*`", hint="Name entities at one side."
            )
        return self

    def paths(self, open_side: Literal["source", "target"]) -> PathQuery:
        """Return the query for the paths of the ends, whose open side names nothing.

        >>> OpenEndsQuery(source="*", target="MS").paths("source").target
        'MS'
        """
        shared = {name: getattr(self, name) for name in PathConstraints.__struct_fields__}
        source = () if open_side == "source" else self.source
        target = () if open_side == "target" else self.target
        return PathQuery(source=source, target=target, **shared)


class CompareQuery(PathConstraints, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How do two sources differ in how they lead to a target?

    `left` and `right` are sets as `source` of a `PathQuery` is; the paths of each are found alone.
    Without a `target` the neighbours of the two sides are compared, predicate by predicate; then,
    of the constraints, only `direction`, `predicate`, `category`, `context` and `timeout` count.
    `limit` bounds the mediators and metapaths that are listed, and the neighbours of each side.

    >>> CompareQuery(left=("NSC",), right=("MSC",)).checked().max_hops
    3
    """

    left: Annotated[Names, Meta(min_length=1, description="One side: CURIE or name.")]
    right: Annotated[Names, Meta(min_length=1, description="The other side: CURIE or name.")]
    target: Annotated[
        Names,
        Meta(
            description="Where paths end; written as for `source`. Without it the neighbours of "
            "the two sides are compared."
        ),
    ] = ()
    paths: Annotated[
        int, Meta(ge=0, le=100, description="How many of the best paths of each side are returned.")
    ] = 5
    limit: Annotated[
        Limit, Meta(description="Most mediators, metapaths, and neighbours of each origin.")
    ] = 100

    def checked(self) -> CompareQuery:
        """Return the query itself, or raise `QueryError` for what spans several fields.

        >>> CompareQuery(left=("a",), right=("b",), via=("c",)).checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter via constrains paths, which need a target. ...
        """
        self._check_hops()
        if not self.target:
            paths = "via", "avoid", "evidence", "modality", "qualifier", "min_routes", "metapath"
            for name in paths:
                if getattr(self, name):
                    raise QueryError(
                        name,
                        "constrains paths, which need a target",
                        hint="Name a target, or leave it out.",
                    )
        return self

    def side(self, source: Names) -> PathQuery:
        """Return the path query of one side.

        >>> CompareQuery(left="NSC", right="MSC", target="neuron").side(("MSC",)).source
        ('MSC',)
        """
        shared = {name: getattr(self, name) for name in PathConstraints.__struct_fields__}
        return PathQuery(source=source, target=self.target, limit=max(1, self.paths), **shared)


class SignificanceQuery(PathConstraints, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Are there more paths from a source to a target than the degrees alone lead to expect?

    The paths are those of a `PathQuery`. They are counted anew in `samples` rewired graphs, in
    which every entity keeps its number of statements of each type and partners are random, as far
    as `timeout` allows.

    >>> SignificanceQuery(source=("NSC",), target=("neuron",)).checked().samples
    1000
    """

    source: Annotated[
        Names,
        Meta(min_length=1, description="Where paths start: CURIE or name, as for paths."),
    ]
    target: Annotated[
        Names, Meta(min_length=1, description="Where paths end; written as for `source`.")
    ]
    samples: Annotated[
        int, Meta(ge=1, le=100_000, description="Most rewired graphs that paths are counted in.")
    ] = 1_000
    seed: Annotated[
        int,
        Meta(
            ge=0, le=2**32 - 1, description="Where chance begins: the same gives the same graphs."
        ),
    ] = 1
    limit: Annotated[
        Limit, Meta(description="Most mediators, and most metapaths, of the answer.")
    ] = 10

    def checked(self) -> SignificanceQuery:
        """Return the query itself, or raise `QueryError` for what spans several fields.

        >>> SignificanceQuery(source="a", target="b", context=("consistent",)).checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter context cannot ask for consistent paths here, ...
        """
        self._check_hops()
        if any(text.casefold() == "consistent" for text in self.context):
            raise QueryError(
                "context",
                "cannot ask for consistent paths here, as rewired ones have no context",
                hint="Leave consistent out.",
            )
        return self

    def paths(self) -> PathQuery:
        """Return the query for the paths.

        >>> SignificanceQuery(source=("NSC",), target=("neuron",), max_hops=2).paths().max_hops
        2
        """
        shared = {name: getattr(self, name) for name in PathConstraints.__struct_fields__}
        return PathQuery(source=self.source, target=self.target, **shared)


class NeighbourhoodQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entities and statements surround an entity, by predicate and direction?

    >>> NeighbourhoodQuery(entity="GDNF").depth
    1
    """

    entity: Annotated[
        Name, Meta(description="A CURIE (CL:0000047), or a name that fits one entity.")
    ]
    depth: Annotated[int, Meta(ge=1, le=3, description="How many hops away from the entity.")] = 1
    direction: Annotated[
        Literal["out", "in", "both"],
        Meta(description="Statements that lead away from the entity, to it, or both."),
    ] = "both"
    predicate: Annotated[Names, Meta(description="Only this predicate and those below it.")] = ()
    category: Category = ()
    context: Annotated[
        Names,
        Meta(
            description="Only statements that hold in this context; written as for paths, without "
            "`consistent`."
        ),
    ] = ()
    limit: Annotated[Limit, Meta(description="Most neighbours of the answer.")] = 100
    cursor: Cursor = ""


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entities have a name like this? Prefixes match, so it serves autocompletion.

    >>> SearchQuery(q="gdn").limit
    20
    """

    q: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            description="A name, synonym or identifier, or its beginning, or words of it.",
        ),
    ]
    category: Category = ()
    limit: Annotated[int, Meta(ge=1, le=1000, description="Most entities of the answer.")] = 20
    cursor: Cursor = ""


class SubgraphQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which statements join these entities, or how do these statements look together?

    Without `statements` the answer holds all between two of the `entities` and `targets`; with
    them, even with an empty list, exactly these and the entities, whether or not a statement names
    them. Without `targets` no entity has a side in a figure.

    >>> SubgraphQuery(entities=("NSC", "GDNF")).checked().entities
    ('NSC', 'GDNF')
    """

    entities: Annotated[
        Names,
        Meta(description="CURIEs or names, at most 1,000; with `targets`, a figure's sources."),
    ] = ()
    targets: Annotated[
        Names, Meta(description="CURIEs or names, at most 1,000, which a figure shows as targets.")
    ] = ()
    statements: Annotated[
        StatementIds | None,
        Meta(
            description="Identifiers, at most 20,000: exactly these and their ends; null for all "
            "statements between two of the entities."
        ),
    ] = None
    title: Annotated[
        str, Meta(max_length=500, description="What the part shows: the title of a picture.")
    ] = ""

    def checked(self) -> SubgraphQuery:
        """Return the query itself, or raise `QueryError` where it names nothing.

        >>> SubgraphQuery().checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter entities is missing. ...
        """
        if not (self.entities or self.targets or self.statements):
            raise QueryError("entities", "is missing", hint="Name entities, statements or both.")
        return self


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a query as a face offers it.

    `meaning` is a sentence, `kind` the type of one value, `default` is `msgspec.NODEFAULT` where
    the field is required; one that is `repeatable` takes a set.
    """

    name: str
    meaning: str
    kind: inspect.Type
    default: Any
    required: bool
    repeatable: bool


def parameters(query: type[msgspec.Struct]) -> tuple[Parameter, ...]:
    """Return the parameters of a query type: its own first, then those that it inherits.

    >>> source, target, diverse, *_, timeout = [p.name for p in parameters(PathQuery)]
    >>> source, target, diverse, timeout
    ('source', 'target', 'diverse', 'timeout')
    """
    described = cast("inspect.StructType", inspect.type_info(query))
    inherited = {n for base in query.__bases__ for n in getattr(base, "__struct_fields__", ())}
    fields = sorted(described.fields, key=lambda field: field.name in inherited)
    return tuple(map(_parameter, fields))


def _parameter(field: inspect.Field) -> Parameter:
    kind, meaning = field.type, ""
    while isinstance(kind, inspect.Metadata):
        meaning = meaning or (kind.extra_json_schema or {}).get("description", "")
        kind = kind.type
    sets = [one for one in _alternatives(kind) if isinstance(one, inspect.VarTupleType)]
    return Parameter(
        name=field.name,
        meaning=meaning,
        kind=sets[0].item_type if sets else kind,
        default=field.default,
        required=field.required,
        repeatable=bool(sets),
    )


def _alternatives(kind: inspect.Type) -> Iterator[inspect.Type]:
    """Yield a type, or the members of a union, without what is said of them."""
    if isinstance(kind, inspect.Metadata):
        yield from _alternatives(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _alternatives(one)
    else:
        yield kind
