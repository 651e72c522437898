"""Answers as pandas tables, for analysis: a row a path, or a row a statement.

pandas comes with the extra `notebook`; it is imported when a table is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mechkg.kg.model.values import Context, Path, Subgraph

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["paths_frame", "statements_frame"]


def paths_frame(paths: Iterable[Path]) -> pd.DataFrame:
    """Return a table of paths in their order, one row each. O(statements of all paths).

    Columns: source, target, length (hops), sign (Int64, missing where unknown), score, then one
    column for each part of the score (score_length ...), weighed; path (names and predicates in
    words), metapath (categories), statements and publications (tuples of identifiers).
    """
    import pandas as pd  # an extra, and slow to import

    table = pd.DataFrame([_row(path) for path in paths])
    if not table.empty:
        table["sign"] = table["sign"].astype("Int64")
    return table


def statements_frame(graph: Subgraph) -> pd.DataFrame:
    """Return a table of a subgraph's statements, one row each, with the names of their ends.

    Columns: id, subject, subject_name, predicate, object, object_name, sign (Int64), effect,
    subject_aspect, object_aspect, hedge, modality, negated, evidence (number of pieces),
    publications (tuple), context (dict of tuples of CURIEs), qualifiers (dict).
    """
    import pandas as pd  # as above

    names = {entity.id: entity.name for entity in graph.entities}
    table = pd.DataFrame(
        {
            "id": s.id,
            "subject": s.subject,
            "subject_name": names[s.subject],
            "predicate": s.predicate,
            "object": s.object,
            "object_name": names[s.object],
            "sign": s.sign,
            "effect": s.effect,
            "subject_aspect": s.subject_aspect,
            "object_aspect": s.object_aspect,
            "hedge": s.hedge,
            "modality": s.modality,
            "negated": s.negated,
            "evidence": len(s.evidence),
            "publications": tuple(p for piece in s.evidence for p in piece.publications),
            "context": _by_type(s.context),
            "qualifiers": {q.type: q.value for q in s.qualifiers},
        }
        for s in graph.statements
    )
    if not table.empty:
        table["sign"] = table["sign"].astype("Int64")
    return table


def _by_type(context: Iterable[Context]) -> dict[str, tuple[str, ...]]:
    by_type: dict[str, tuple[str, ...]] = {}
    for one in context:
        by_type[one.type] = (*by_type.get(one.type, ()), one.value)
    return by_type


def _row(path: Path) -> dict[str, object]:
    said = [statement for hop in path.hops for statement in hop.statements]
    words = [path.entities[0].name]
    for hop, entity in zip(path.hops, path.entities[1:], strict=True):
        words += [f"-{'/'.join(dict.fromkeys(s.predicate for s in hop.statements))}-", entity.name]
    return {
        "source": path.entities[0].id,
        "target": path.entities[-1].id,
        "length": path.length,
        "sign": path.sign,
        "effect": path.effect,
        "score": path.score,
        **{f"score_{part.name}": part.value * part.weight for part in path.score_parts},
        "path": " ".join(words),
        "metapath": " ".join(entity.category.removeprefix("biolink:") for entity in path.entities),
        "statements": tuple(statement.id for statement in said),
        "publications": tuple(
            dict.fromkeys(p for s in said for piece in s.evidence for p in piece.publications)
        ),
    }
