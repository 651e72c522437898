"""Progress on standard error: bars on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from mechkg.kg.progress import Progress

__all__ = ["shown"]

EVERY_SECONDS = 2.0
"""Between two lines; work that is done sooner says nothing."""


@contextmanager
def shown() -> Iterator[Progress]:
    """Give a `Progress` that reports the stages of a piece of work on standard error."""
    yield from _on_terminal() if sys.stderr.isatty() else _in_lines()


def _on_terminal() -> Iterator[Progress]:
    # rich takes a tenth of a second to import; only a terminal needs it here.
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        stages: dict[str, bars.TaskID] = {}

        def tell(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(stage, total=total)
            bar.update(stages[stage], completed=done, total=total)

        yield tell


def _in_lines() -> Iterator[Progress]:
    due = monotonic() + EVERY_SECONDS

    def tell(stage: str, done: int, total: int | None) -> None:
        nonlocal due
        if monotonic() >= due:
            due = monotonic() + EVERY_SECONDS
            sys.stderr.write(f"{stage} {done:,}{'' if total is None else f' of {total:,}'}\n")
            sys.stderr.flush()

    yield tell
