"""Values as HTML, for notebooks: small tables, every text escaped, no script and no style.

Importing this module gives the value types the methods `_repr_html_` and `_repr_svg_`, which a
notebook calls to show a value under its cell. The value types themselves know nothing of HTML.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from mechkg.kg.errors import TooLarge
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.results import NeighbourhoodResult, PathResult
from mechkg.kg.model.values import ASSERTED, Entity, Hop, HopStatement, Path, Statement, Subgraph

__all__ = [
    "html_of_entity",
    "html_of_neighbourhood",
    "html_of_path",
    "html_of_paths",
    "html_of_statement",
    "html_of_subgraph",
]

SIGNS: Final = {1: "+", -1: "−", 0: "0", None: "?"}
MOST_ROWS: Final = 200
"""Rows of a table; what is left out is said under it."""

Cells = Iterable[str]


def html_of_entity(entity: Entity) -> str:
    """Return an entity as a table of what is known about it.

    >>> "GDNF" in html_of_entity(Entity(id="HGNC:4232", name="GDNF"))
    True
    """
    rows = (
        ("identifier", entity.id),
        ("category", entity.category),
        ("synonyms", "; ".join(entity.synonyms)),
        ("description", entity.description),
        ("same elsewhere", ", ".join(entity.xrefs)),
    )
    told = [(escape(name), escape(value)) for name, value in rows if value]
    return _table(entity.name, ("", ""), told)


def html_of_statement(statement: Statement | HopStatement) -> str:
    """Return a statement with one row for each piece of its evidence."""
    said = f"{statement.subject} {statement.predicate} {statement.object}"
    rows = [
        (
            escape(piece.kind),
            escape(piece.location),
            escape("; ".join(piece.publications)),
            escape("; ".join(piece.titles)),
        )
        for piece in statement.evidence
    ]
    caption = f"{statement.id}: {'not: ' if statement.negated else ''}{said} ({_limits(statement)})"
    return _table(caption, ("evidence", "where", "publications", "titles"), rows)


def html_of_path(path: Path) -> str:
    """Return a path with one row a hop: from, predicate, to, and the statements behind it."""
    rows = [
        (
            escape(start.name),
            _predicates(hop),
            escape(end.name),
            escape(", ".join(s.id for s in hop.statements)),
        )
        for start, hop, end in zip(path.entities, path.hops, path.entities[1:], strict=False)
    ]
    caption = f"sign {SIGNS[path.sign]}, score {path.score:.3f}"
    return _table(caption, ("from", "predicate", "to", "statements"), rows)


def html_of_paths(found: PathResult) -> str:
    """Return what all paths say together, the best paths a row each, and what was left out."""
    rows = [
        (
            str(place),
            SIGNS[path.sign],
            _sentence(path),
            f"{path.score:.3f}",
            escape(", ".join(s.id for hop in path.hops for s in hop.statements)),
        )
        for place, path in enumerate(found.paths[:MOST_ROWS], 1)
    ]
    head = ("", "sign", "path", "score", "statements")
    least = "" if found.total_is_exact else "at least "
    foot = f"{len(rows)} of {least}{found.total} paths; snapshot {found.snapshot}"
    return _table(found.net_effect.sentence, head, rows, foot)


def html_of_neighbourhood(found: NeighbourhoodResult) -> str:
    """Return the groups of a neighbourhood with their counts, then its members, nearest first."""
    groups = [
        (escape(g.predicate), g.direction, f"{g.statements:,}", f"{g.entities:,}")
        for g in found.groups
    ]
    members = [
        (
            escape(one.entity.name),
            escape(one.entity.category),
            str(one.distance),
            escape(", ".join(f"{s.predicate} [{s.id}]" for s in one.statements)),
        )
        for one in found.neighbours[:MOST_ROWS]
    ]
    least = "" if found.total_is_exact else "at least "
    foot = f"{len(members)} of {least}{found.total:,} neighbours; snapshot {found.snapshot}"
    caption = f"{found.entity.name} ({found.entity.id})"
    return _table(caption, ("predicate", "direction", "statements", "entities"), groups) + _table(
        "Neighbours", ("name", "category", "hops", "statements"), members, foot
    )


def html_of_subgraph(graph: Subgraph) -> str:
    """Return the statements of a subgraph by name, a row each."""
    names = {entity.id: entity.name for entity in graph.entities}
    rows = [
        (
            escape(s.id),
            escape(names[s.subject]),
            escape(s.predicate),
            escape(names[s.object]),
            _limits(s),
            str(len(s.evidence)),
        )
        for s in graph.statements[:MOST_ROWS]
    ]
    head = ("statement", "subject", "predicate", "object", "as", "evidence")
    foot = f"{len(rows)} of {len(graph.statements):,} statements; snapshot {graph.snapshot}"
    return _table(graph.title, head, rows, foot)


def _sentence(path: Path) -> str:
    parts = [escape(path.entities[0].name)]
    for hop, entity in zip(path.hops, path.entities[1:], strict=True):
        back = all(s.direction == "reverse" for s in hop.statements)
        parts.append(f"{'← ' if back else ''}<i>{_predicates(hop)}</i>{'' if back else ' →'}")
        parts.append(escape(entity.name))
    return " ".join(parts)


def _predicates(hop: Hop) -> str:
    return escape(" / ".join(dict.fromkeys(s.predicate for s in hop.statements)))


def _limits(statement: Statement | HopStatement) -> str:
    modality = [] if statement.modality == ASSERTED else [statement.modality]
    hedge = [] if statement.hedge == "asserted" else [statement.hedge]
    context = [f"{c.type}: {c.label or c.value}" for c in statement.context]
    qualifiers = [f"{q.type}: {q.value}" for q in statement.qualifiers]
    support = statement.corroboration
    routes = [support.words] if support is not None and support.routes else []
    used = [statement.curated.words] if statement.curated is not None else []
    limits = (*hedge, *modality, *context, *qualifiers, *routes, *used)
    return escape("; ".join((f"sign {SIGNS[statement.sign]}", *limits)))


def _table(caption: str, head: Cells, rows: Iterable[Cells], foot: str = "") -> str:
    """Return a table; cells are HTML already, caption and foot are not."""
    top = "".join(f"<th scope='col'>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    below = f"<tfoot><tr><td colspan='9'>{escape(foot)}</td></tr></tfoot>" if foot else ""
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody>{below}</table>"
    )


def _svg_of_subgraph(graph: Subgraph) -> str | None:
    """Return a figure, or None where the graph is too large for one: its table is shown then."""
    from mechkg.kg.draw import draw_svg  # drawing libraries, which a table needs none of

    try:
        return draw_svg(graph, biolink_schema()).decode()
    except TooLarge:
        return None


_REPRESENTATIONS: Final = (
    (Entity, "_repr_html_", html_of_entity),
    (Statement, "_repr_html_", html_of_statement),
    (Path, "_repr_html_", html_of_path),
    (PathResult, "_repr_html_", html_of_paths),
    (NeighbourhoodResult, "_repr_html_", html_of_neighbourhood),
    (Subgraph, "_repr_html_", html_of_subgraph),
    (Subgraph, "_repr_svg_", _svg_of_subgraph),
)

for _type, _method, _function in _REPRESENTATIONS:
    setattr(_type, _method, _function)
