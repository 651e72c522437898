"""Columns parted by the range of a key: in memory while they are few, else in files.

What is too large to be sorted at once is parted first; each part is then sorted by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mechkg.kg.build.adjacency_kernels import find_buckets, group
from mechkg.kg.columns.closing import close_all
from mechkg.kg.columns.npy import read_back, write_all

__all__ = ["MOST_IN_BUCKET", "Buckets", "bounds_of"]

MOST_IN_BUCKET: Final = 1 << 20
"""Keys that are sorted at once, about: 8 MiB."""
MOST_BUCKETS: Final = 64
"""Each is a file or two; beyond 67 million keys the buckets become larger instead."""


def bounds_of(sample: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Return keys between which about `MOST_IN_BUCKET` of `total` keys lie, judged by a sample.

    >>> bounds_of(np.arange(100), 4 * MOST_IN_BUCKET).tolist()
    [25, 50, 75]
    """
    parts = min(-(-total // MOST_IN_BUCKET), MOST_BUCKETS)
    ordered = np.sort(sample)
    return np.unique(ordered[np.arange(1, parts) * len(ordered) // parts])


class Buckets:
    """Rows of several columns, the first of which is an int64 key, in buckets by `bounds`.

    Bucket i holds the keys from bound i - 1 up to before bound i, in the order in which they came.
    With a `directory` the rows go to files `spool_<name>_...` there, else they stay in memory.

    >>> buckets = Buckets((np.int64, np.int32), np.array([10]))
    >>> buckets.add(np.array([3, 30, 1]), np.array([0, 1, 2], np.int32))
    >>> [column.tolist() for column in buckets.taken(0)], buckets.taken(1)[1].tolist()
    ([[3, 1], [0, 2]], [1])
    """

    def __init__(
        self,
        types: Sequence[DTypeLike],
        bounds: NDArray[np.int64],
        directory: Path | None = None,
        name: str = "",
    ) -> None:
        self._types = [np.dtype(kind) for kind in types]
        self.bounds = bounds
        self._lengths = np.zeros(len(self), np.int64)
        self._held: list[list[list[NDArray[Any]]]] = [[[] for _ in types] for _ in range(len(self))]
        self._paths: list[list[Path]] = []
        self._files: list[list[FileIO]] = []
        if directory is not None:
            self._paths = [
                [directory / f"spool_{name}_{number}_{place}" for place in range(len(types))]
                for number in range(len(self))
            ]
            self._files = [[FileIO(path, "wb") for path in paths] for paths in self._paths]

    def __len__(self) -> int:
        return len(self.bounds) + 1

    def add(self, key: NDArray[np.int64], *others: NDArray[Any]) -> None:
        """Take some rows; O(k log buckets)."""
        bucket = np.empty(len(key), np.int32)
        counts = np.zeros(len(self), np.int64)
        find_buckets(key, self.bounds, bucket, counts)
        self._lengths += counts
        ends = np.cumsum(counts)
        for place, column in enumerate((key, *others)):
            grouped = np.empty(len(column), self._types[place])
            group(column, bucket, ends - counts, grouped)
            for number in np.flatnonzero(counts).tolist():
                part = grouped[ends[number] - counts[number] : ends[number]]
                if self._files:
                    write_all(self._files[number][place], part.view(np.uint8).data)
                else:
                    self._held[number][place].append(part)

    def taken(self, number: int) -> list[NDArray[Any]]:
        """Return the columns of a bucket and let go of it; nothing may be added after that.

        Raises `OSError` where a file has lost some of them.
        """
        if self._files:
            self.close()
            columns = []
            for path, kind in zip(self._paths[number], self._types, strict=True):
                with path.open("rb") as file:
                    columns.append(read_back(file, kind, int(self._lengths[number])))
                path.unlink()
            return columns
        parts, self._held[number] = self._held[number], []
        return [
            np.concatenate([np.empty(0, kind), *column])
            for column, kind in zip(parts, self._types, strict=True)
        ]

    def close(self) -> None:
        """Close the files; may be called again."""
        close_all(*(file for files in self._files for file in files))
