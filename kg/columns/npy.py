"""Write `.npy` files piece by piece, and map them.

The format is that of NumPy (NEP 1, version 1.0), for arrays of one dimension. Its header is a
Python literal, which NumPy reads with `ast`; CPython 3.11 fails there when two threads parse at
once ("AST constructor recursion depth mismatch", cpython issue 106905), so it is matched here.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.lib.format import write_array_header_1_0
from numpy.typing import DTypeLike, NDArray

from mechkg.kg.closing import Closing
from mechkg.kg.errors import SnapshotError

__all__ = [
    "ArrayWriter",
    "constant",
    "is_constant",
    "looked_up",
    "map_array",
    "open_array",
    "read_back",
    "taken",
    "torn",
    "write_all",
    "write_array",
    "write_constant",
]

_HEADER: Final = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|][a-z][0-9]+)', 'fortran_order': False, "
    rb"'shape': \(([0-9]+),\), \} *\n",
    re.DOTALL,
)
"""What `write_array_header_1_0` of numpy writes for one dimension."""

PIECE: Final = 1 << 20
"""Items that are written at once."""


def constant(value: int | float, dtype: type[np.generic], count: int) -> NDArray[Any]:
    """Return a column that has one value throughout and takes no memory for it.

    >>> constant(7, np.int32, 3).tolist(), constant(7, np.int32, 3).strides
    ([7, 7, 7], (0,))
    """
    return np.broadcast_to(np.array(value, dtype), (count,))


def is_constant(column: NDArray[Any]) -> bool:
    """Say whether a column is one of `constant`, of at least one item.

    >>> is_constant(constant(7, np.int32, 3)), is_constant(np.full(3, 7))
    (True, False)
    """
    return column.strides == (0,) and len(column) > 0


def taken(column: NDArray[Any], order: NDArray[np.integer]) -> NDArray[Any]:
    """Return the items of a column at some positions, constant where the column is.

    >>> taken(constant(7, np.int32, 3), np.array([2, 0])).strides
    (0,)
    """
    return np.broadcast_to(column[0], order.shape) if is_constant(column) else column[order]


def looked_up(table: NDArray[Any], column: NDArray[Any]) -> NDArray[Any]:
    """Return `table[column]`, constant where the column is.

    >>> looked_up(np.array([5, 6]), constant(1, np.int32, 3)).tolist()
    [6, 6, 6]
    """
    if is_constant(column):
        return np.broadcast_to(table[column[0]], column.shape)
    return np.asarray(table[column])


class ArrayWriter(Closing):
    """Writes a one-dimensional `.npy` file whose length is known at the end only.

    The file is the one that `numpy.save` would write; O(1) memory.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with ArrayWriter(Path(folder, "a.npy"), np.int32) as writer:
    ...         writer.add(np.arange(2, dtype=np.int32))
    ...         writer.add(np.arange(3, dtype=np.int32))
    ...     np.load(Path(folder, "a.npy")).tolist()
    [0, 1, 0, 1, 2]
    """

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._count = 0
        self._file = path.open("wb", buffering=0)
        with ExitStack() as failed:
            failed.callback(self._file.close)
            _write_header(self._file, self._dtype, 0)
            failed.pop_all()

    def add(self, piece: NDArray[Any]) -> None:
        """Write some more items, as the type of the file."""
        data = np.ascontiguousarray(piece, self._dtype)
        write_all(self._file, data.view(np.uint8).data)
        self._count += len(piece)

    def close(self) -> None:
        """Write the length into the head; may be called again."""
        if not self._file.closed:
            with self._file:
                self._file.seek(0)
                _write_header(self._file, self._dtype, self._count)


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write a one-dimensional array as a `.npy` file.

    Unlike `numpy.save`, it raises `OSError` where a full disk does not take the last bytes.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_array(Path(folder, "a.npy"), np.arange(3))
    ...     np.load(Path(folder, "a.npy")).tolist()
    [0, 1, 2]
    """
    with path.open("wb", buffering=0) as file:
        _write_header(file, array.dtype, len(array))
        for begin in range(0, len(array), PIECE):
            piece = np.ascontiguousarray(array[begin : begin + PIECE])
            write_all(file, piece.view(np.uint8).data)


def _write_header(file: FileIO, dtype: np.dtype[Any], count: int) -> None:
    """Write the head, which numpy pads for the longest length: it never changes its size."""
    head = {"descr": dtype.str, "fortran_order": False, "shape": (count,)}
    text = BytesIO()
    write_array_header_1_0(text, head)
    write_all(file, text.getbuffer())


def write_constant(path: Path, value: int | float, dtype: DTypeLike, count: int) -> None:
    """Write `count` equal items as a `.npy` file; O(1) memory.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_constant(Path(folder, "a.npy"), 7, np.uint8, 3)
    ...     np.load(Path(folder, "a.npy")).tolist()
    [7, 7, 7]
    """
    piece = np.full(min(count, PIECE), value, dtype)
    with ArrayWriter(path, dtype) as writer:
        for begin in range(0, count, PIECE):
            writer.add(piece[: min(PIECE, count - begin)])


def write_all(file: FileIO, data: memoryview) -> None:
    """Write all bytes: one call may write fewer, at most 2 GiB, or what a full disk still takes.

    Raises `OSError`, which names the file.

    >>> from tempfile import TemporaryFile
    >>> with TemporaryFile(buffering=0) as file:
    ...     write_all(file, memoryview(b"text"))
    ...     file.seek(0), file.read()
    (0, b'text')
    """
    try:
        while data:
            data = data[file.write(data) :]
    except OSError as error:
        error.filename = str(file.name)
        raise


def read_back(file: BinaryIO, dtype: DTypeLike, count: int) -> NDArray[Any]:
    """Return the next `count` items of a file to which they were written.

    Raises `OSError` where there are fewer: the loops that take them look at no length.

    >>> from tempfile import TemporaryFile
    >>> with TemporaryFile(buffering=0) as file:
    ...     write_all(file, memoryview(b"four"))
    ...     _ = file.seek(0)
    ...     read_back(file, np.uint8, 5)
    Traceback (most recent call last):
    OSError: ... holds 4 of 5 items that were written to it. Look at the disk, then load again.
    """
    items = np.fromfile(file, dtype, count)
    if len(items) < count:
        raise OSError(
            f"{file.name} holds {len(items):,} of {count:,} items that were written to it. "
            "Look at the disk, then load again."
        )
    return items


def map_array(path: Path) -> np.memmap[Any, Any]:
    """Return a file of one dimension as a read-only map; O(1).

    Raises `OSError`, and `ValueError` where the file is none or shorter than its header says.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_array(Path(folder, "a.npy"), np.arange(3))
    ...     map_array(Path(folder, "a.npy")).tolist()
    [0, 1, 2]
    """
    with path.open("rb") as file:
        header = _HEADER.match(file.read(512))
        if header is None:
            raise ValueError("it is no .npy file of one dimension")
        dtype, count = header[1].decode(), int(header[2])
        return np.memmap(file, dtype, "r", offset=header.end(), shape=(count,))


def open_array(path: Path) -> NDArray[Any]:
    """Map a `.npy` file read-only as a plain array; raises `SnapshotError` where it is torn."""
    try:
        # A plain array over the map: subclasses of ndarray slice several times slower.
        return np.asarray(map_array(path))
    except (OSError, ValueError) as error:
        raise torn(path, error) from error


def torn(path: Path, reason: object) -> SnapshotError:
    """Return the error of a file that is missing, short, or no array."""
    return SnapshotError(f"{path} cannot be read ({reason}).", hint="Load the graph again.")
