"""Values of the core as lines for a language model: short, and never without an identifier.

A path is one line: its sentence, hedged as its evidence and with its contexts, and in brackets the
statements behind each hop. A statement is one line with everything that was said, and one line a
piece of evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mechkg.kg.model.results import (
    Chokepoints,
    Comparison,
    Expectation,
    NeighbourhoodResult,
    OpenEndsResult,
    PathResult,
    PathsThrough,
    SearchResult,
    Significance,
    WhyNot,
)
from mechkg.kg.model.score_words import legend_of, score_words
from mechkg.kg.model.values import ASSERTED, Entity, Evidence, Path, Statement

__all__ = [
    "tell_chokepoints",
    "tell_comparison",
    "tell_entity",
    "tell_evidence",
    "tell_matches",
    "tell_neighbourhood",
    "tell_open_ends",
    "tell_path",
    "tell_paths",
    "tell_significance",
    "tell_why_not",
]

SIGNS = {1: "+", -1: "-", 0: "0", None: "?"}
MOST_SYNONYMS = 6
_LEGEND = (
    "Signs: + raises, - lowers, 0 links only, ? unknown. In brackets: the statements of each "
    "hop, hops apart by >."
)


def tell_matches(found: SearchResult) -> Iterator[str]:
    """Yield what a name may mean, best first."""
    if not found.matches:
        yield f"Nothing is called {found.query.q!r}. Try a shorter word or a synonym."
        return
    for match in found.matches:
        also = f", matched {match.matched!r}" if match.matched != match.name else ""
        yield (
            f"{match.id} | {match.name} | {_short(match.category)} | "
            f"{match.degree} statements{also}"
        )
    yield from _left_out(len(found.matches), found)


def tell_entity(entity: Entity, around: NeighbourhoodResult) -> Iterator[str]:
    """Yield what an entity is, and what kinds of statements are made about it."""
    yield f"{entity.name} ({entity.id}), {_short(entity.category)}"
    if entity.description:
        yield entity.description
    if entity.synonyms:
        yield "also: " + "; ".join(entity.synonyms[:MOST_SYNONYMS])
    if entity.xrefs:
        yield "same elsewhere: " + ", ".join(entity.xrefs[:MOST_SYNONYMS])
    for group in around.groups:
        arrow = "->" if group.direction == "out" else "<-"
        yield f"{arrow} {group.predicate}: {group.statements} statements, {group.entities} entities"
    for statement in around.negated:
        yield f"denied: {_triple(statement, {})} [{statement.id}]"


def tell_paths(found: PathResult, *, parts: bool = False) -> Iterator[str]:
    """Yield what all paths say together, then the best of them, a line each.

    With `parts`, another line says how each score comes about.
    """
    yield found.net_effect.sentence
    if not found.paths and found.total_is_exact:
        yield "No path. Ask why_not with the same values to see which constraint keeps paths out."
        return
    for place, path in enumerate(found.paths, 1):
        yield f"{place}. {tell_path(path)}"
        if parts:
            yield f"   score {score_words(path)}"
    if found.paths:
        yield _LEGEND
    if parts and (legend := legend_of(found.paths)):
        yield legend
    yield from _left_out(len(found.paths), found)


def tell_open_ends(found: OpenEndsResult) -> Iterator[str]:
    """Yield how many ends have paths, then each with its verdict, paths and best path, a line."""
    yield found.sentence
    for place, end in enumerate(found.ends, 1):
        least = "" if end.total_is_exact else "at least "
        noun = "path" if end.total == 1 else "paths"
        yield (
            f"{place}. {end.entity.name} ({end.entity.id}): {end.net_effect.verdict}, "
            f"{least}{end.total:,} {noun}; {tell_path(end.supporting or end.path)}"
        )
    if found.ends:
        yield "Signs: + raises, - lowers, 0 links only, ? unknown. In brackets: statements."
    yield from _left_out(len(found.ends), found)


def tell_path(path: Path) -> str:
    """Return a path as one line: its sign, its sentence, and the statements of each hop."""
    cited = " > ".join(", ".join(s.id for s in hop.statements) for hop in path.hops)
    return f"({SIGNS[path.sign]}) {path.explanation} [{cited}]"


def tell_neighbourhood(found: NeighbourhoodResult) -> Iterator[str]:
    """Yield the groups of a neighbourhood with their counts, then its members."""
    yield f"{found.entity.name} ({found.entity.id}): {found.total} neighbours"
    for group in found.groups:
        arrow = "->" if group.direction == "out" else "<-"
        yield f"{arrow} {group.predicate}: {group.entities}"
    for one in found.neighbours:
        said = ", ".join(
            f"{'' if s.subject == found.entity.id else 'is object of '}{s.predicate}"
            f"({SIGNS[s.sign]}){'' if s.hedge == ASSERTED else f' {s.hedge}'} [{s.id}]"
            for s in one.statements
        )
        yield f"{one.entity.name} ({one.entity.id}), {one.distance} hop: {said}"
    yield from _left_out(len(found.neighbours), found)


def tell_evidence(statement: Statement, names: dict[str, str]) -> Iterator[str]:
    """Yield a statement with everything that limits it, then each piece of its evidence."""
    limits = [f"{c.type}: {c.label or c.value}" for c in statement.context]
    limits += [f"{q.type}: {q.value}" for q in statement.qualifiers]
    if statement.hedge != "asserted":
        limits.insert(0, statement.hedge)
    if statement.modality != ASSERTED:
        limits.insert(0, statement.modality)
    yield (
        f"[{statement.id}] {_triple(statement, names)} ({SIGNS[statement.sign]})"
        + (f" ({'; '.join(limits)})" if limits else "")
    )
    for piece in statement.evidence:
        yield f"  - {_piece(piece)}"
    if statement.corroboration is not None and statement.corroboration.routes:
        yield f"  - {statement.corroboration.words}"
    if statement.curated is not None:
        yield f"  - {statement.curated.words}: {', '.join(statement.curated.mechanisms)}"
    if statement.derived_from:
        yield "  - inferred from " + ", ".join(f"[{s}]" for s in statement.derived_from)
    if statement.note:
        yield f"  - note: {statement.note}"


def tell_why_not(found: WhyNot) -> Iterator[str]:
    """Yield why there are no paths, or few, and what to ask instead, what helps most first."""
    yield found.sentence
    for one in found.relaxations:
        yield f"- {one.sentence}"
    if not found.complete:
        yield f"[Not all constraints were tried: cut by {found.truncated_by}.]"


def tell_chokepoints(found: Chokepoints) -> Iterator[str]:
    """Yield what most paths lead through: entities, then statements, most first."""
    yield found.sentence
    for one in found.entities:
        yield f"{one.entity.name} ({one.entity.id}): {_paths(one.paths, one.share, cut=one.cut)}"
    for used in found.statements:
        said = f"{used.subject.name} -{used.predicate}-> {used.object.name} [{used.id}]"
        yield f"{said}: {_paths(used.paths, used.share, cut=used.cut)}"
    if not found.complete:
        yield f"[Not all are shown: cut by {found.truncated_by or 'limit'}.]"


def tell_significance(found: Significance) -> Iterator[str]:
    """Yield how many paths are expected, then mediators and metapaths, least likely first."""
    yield found.sentence
    for one in found.mediators:
        yield f"{one.entity.name} ({one.entity.id}): {_expected(one.paths)}"
    for kind in found.metapaths:
        yield f"{' '.join(kind.metapath)}: {_expected(kind.paths)}"
    if not found.complete:
        yield f"[Not all are shown: cut by {found.truncated_by}.]"


def _expected(paths: Expectation) -> str:
    noun = "path" if paths.observed == 1 else "paths"
    if paths.expected is None:
        return f"{paths.observed} {noun}, expectation not known"
    return f"{paths.observed} {noun}, {paths.expected:.2g} expected, p {paths.p:.2g}"


def _paths(paths: int, share: float, *, cut: bool) -> str:
    noun = "path" if paths == 1 else "paths"
    return f"{paths} {noun}, {share:.0%}{', without it there is none' if cut else ''}"


def tell_comparison(found: Comparison) -> Iterator[str]:
    """Yield what two sides have together and alone, then each mediator or neighbour."""
    yield found.sentence
    for mediator in found.mediators:
        sides = (("left", mediator.left), ("right", mediator.right))
        told = "; ".join(f"{name}: {_through(one)}" for name, one in sides if one is not None)
        yield f"{mediator.origin}: {mediator.entity.name} ({mediator.entity.id}), {told}"
    for one in found.neighbours:
        arrow = "->" if one.direction == "out" else "<-"
        cited = ", ".join((*one.left, *one.right))
        yield f"{one.origin}: {arrow} {one.predicate} {one.entity.name} [{cited}]"
    shown = len(found.mediators) + len(found.neighbours)
    yield from _left_out(shown, found)


def _through(paths: PathsThrough) -> str:
    return f"{paths.paths} paths, best ({SIGNS[paths.sign]}) [{', '.join(paths.statements)}]"


def _triple(statement: Statement, names: dict[str, str]) -> str:
    subject = names.get(statement.subject, statement.subject)
    object_ = names.get(statement.object, statement.object)
    denied = "does NOT hold: " if statement.negated else ""
    return f"{denied}{subject} -{statement.predicate}-> {object_}"


def _piece(piece: Evidence) -> str:
    titles = dict(zip(piece.publications, piece.titles, strict=False))
    cited = "; ".join(f"{p} {titles.get(p, '')}".strip() for p in piece.publications)
    seen = "; ".join(f"{c.type}: {c.label or c.value}" for c in piece.context)
    parts = (piece.kind, piece.location, cited, piece.source, f"({seen})" if seen else "")
    return ", ".join(part for part in parts if part)


def _left_out(
    shown: int,
    found: SearchResult | PathResult | OpenEndsResult | NeighbourhoodResult | Comparison,
) -> Iterable[str]:
    least = "" if found.total_is_exact else "at least "
    if shown < found.total or least:
        yield f"[{shown} of {least}{found.total} shown: cut by {found.truncated_by or 'limit'}.]"


def _short(category: str) -> str:
    return category.removeprefix("biolink:")
