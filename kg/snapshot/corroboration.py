"""How well the statements of a snapshot are corroborated: two columns, and how they were made.

``corroboration_routes.npy`` (uint8) and ``corroboration_score.npy`` (float32) have one item for
each statement that can carry a path, ``corroboration.json`` a
`CorroborationMethod`. A snapshot that was built
without has none of them (`kg.build.corroborate` makes them).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.npy import open_array, write_array
from mechkg.kg.model.load_report import CorroborationMethod
from mechkg.kg.model.values import Corroboration
from mechkg.kg.snapshot.digests import broken

__all__ = ["FILES", "Corroborations", "open_corroborations", "write_corroborations"]

METHOD: Final = "corroboration.json"
ROUTES: Final = "corroboration_routes.npy"
SCORE: Final = "corroboration_score.npy"

DIGITS: Final = 4
"""Decimal places of a score that are shown."""

FILES: Final = (METHOD, ROUTES, SCORE)
"""The files of a snapshot that hold it."""


@dataclass(frozen=True, slots=True)
class Corroborations:
    """Routes (uint8) and scores (float32) of the statements that can carry a path, in row order."""

    routes: NDArray[np.uint8]
    score: NDArray[np.float32]
    method: CorroborationMethod

    def of(self, row: int) -> Corroboration | None:
        """Return the corroboration of a statement; None for one that is denied."""
        if row >= len(self.routes):
            return None
        return Corroboration(int(self.routes[row]), round(float(self.score[row]), DIGITS))


def write_corroborations(directory: Path, made: Corroborations) -> None:
    """Write the three files into an existing directory."""
    write_array(directory / ROUTES, made.routes)
    write_array(directory / SCORE, made.score)
    text = msgspec.json.encode(made.method, order="deterministic")
    (directory / METHOD).write_bytes(msgspec.json.format(text, indent=1))


def open_corroborations(directory: Path, statements: int) -> Corroborations | None:
    """Map the columns of a snapshot whose first `statements` rows can carry a path, if it has any.

    Raises `SnapshotError` where they are torn or fit another graph.
    """
    path = directory / METHOD
    if not path.exists():
        return None
    try:
        method = msgspec.json.decode(path.read_bytes(), type=CorroborationMethod)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise broken(path, error) from error
    routes, score = open_array(directory / ROUTES), open_array(directory / SCORE)
    fits = routes.shape == score.shape == (statements,)
    if not fits or routes.dtype != np.uint8 or score.dtype != np.float32:
        raise broken(directory, "its corroboration does not fit its index")
    return Corroborations(routes, score, method)
