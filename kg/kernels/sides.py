"""A task as the estimating kernels take it: what a step may walk, from either end."""

from __future__ import annotations

from mechkg.kg.kernels.count_walks import View
from mechkg.kg.kernels.search import Task
from mechkg.kg.kernels.types import Segment

__all__ = ["views_of"]


def views_of(task: Task) -> tuple[View, View]:
    """Return how a task steps forward from the sources and backward from the targets."""
    s = task.steps
    out, into = (s.out_ptr, s.out_nbr, s.out_pred), (s.in_ptr, s.in_nbr, s.in_pred)
    along, against = (s.along, s.along_mode), (s.against, s.against_mode)
    return (
        View(Segment(*out, *along, 0), Segment(*into, *against, 1)),
        View(Segment(*into, *along, 1), Segment(*out, *against, 0)),
    )
