"""`list_open_ends`: all ends of an open side as tuples, ranked, without paths and sentences.

It is `find_open_ends` without verdicts, evidence and pages: each end with the score of its best
path and the number of its paths.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from mechkg.kg.errors import QueryError
from mechkg.kg.kernels.search import COUNT_WORK, survey_paths
from mechkg.kg.kernels.types import FINISHED, LENGTHS
from mechkg.kg.model.queries import OpenEndsQuery
from mechkg.kg.model.results import TruncatedBy
from mechkg.kg.model.values import PathEntity
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import score_of
from mechkg.kg.search.consistent import is_consistent
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.diverse import is_late
from mechkg.kg.search.open_ends import MAX_OF_END, pair_of, prepare_open, ranked_ends
from mechkg.kg.search.open_side import open_side
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["EndRow", "EndTable", "list_open_ends"]


class EndRow(NamedTuple):
    """An end: the score and the hops of its best path, and the number of its paths.

    `paths` is a lower bound where `paths_exact` is False, and None where it was not asked for.
    """

    entity: PathEntity
    score: float
    hops: int
    paths: int | None
    paths_exact: bool


class EndTable(msgspec.Struct, frozen=True):
    """All ends of a query that have a path as `rows`, best first.

    `complete` is False where time ran out before all were ranked and counted.
    """

    rows: list[EndRow]
    complete: bool
    truncated_by: TruncatedBy | None
    snapshot: str

    def __len__(self) -> int:
        return len(self.rows)


def list_open_ends(
    snapshot: Snapshot,
    query: OpenEndsQuery,
    *,
    counted: bool = True,
    cancel: Cancel | None = None,
) -> EndTable:
    """Return all ends of a query in the order of `find_open_ends`; `limit` and `cursor` do nothing.

    Without `counted`, paths are not counted. Raises as `find_open_ends` does, and `QueryError` for
    `effect` and `context=consistent`, which need the paths. Time: one labelling, a search under
    its labels for each end and, with `counted`, counting the paths of each.
    """
    query = query.checked()
    side = open_side(SearchContext.of(snapshot), query)
    paths = query.paths(side.side)
    for parameter, is_asked in (("effect", query.effect), ("context", is_consistent(paths))):
        if is_asked:
            raise QueryError(
                parameter, "needs the paths of each end, which a table leaves out",
                hint="Ask for open_ends.",
            )  # fmt: skip
    prepared = prepare_open(snapshot, query, side, cancel)
    ends, keys, in_time = ranked_ends(prepared, side)
    free = None if len(ends) or not in_time else prepared.without_composition()
    if free is not None:
        prepared = free
        ends, keys, in_time = ranked_ends(prepared, side)
    rows: list[EndRow] = []
    for row, key in zip(ends.tolist(), keys.tolist(), strict=True):
        prepared.check_cancelled()
        total, exact = None, True
        if counted:
            pair = pair_of(prepared, side, row)
            found = survey_paths(pair.engine, pair.task, 0, MAX_OF_END, COUNT_WORK, pair.watch)
            if is_late(pair.watch):
                in_time = False
                break
            total, exact = int(np.asarray(found.counts).sum()), found.status == FINISHED
        entity = snapshot.records.path_entity(row)
        rows.append(EndRow(entity, score_of(key), key % LENGTHS, total, exact))
    return EndTable(rows, in_time, None if in_time else "time", snapshot.manifest.hash)
