"""Parquet files of nodes or edges: columns mean what those of a table do, lists are lists.

Needs pyarrow (`pip install mechkg[parquet]`). A file is held in memory: at most 1 GiB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from math import isnan
from typing import Any, Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.headers import named_columns, nearest
from mechkg.kg.readers.kgx import batches

__all__ = ["fits", "read"]

MAGIC: Final = b"PAR1"
ROWS: Final = 1 << 14
"""Rows that are made into Python values at a time."""


def fits(head: bytes) -> bool:
    """Say whether some bytes begin a Parquet file."""
    return head.startswith(MAGIC)


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a Parquet file of nodes or edges; raises `DataError` without pyarrow."""
    yield from batches(_records(file), file, reading)


def _records(file: SourceFile) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        # 40 MB and half a second, which only this reader needs.
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise file.error(
            None, "Parquet is read by pyarrow, which is not installed",
            hint="Install it with pip install mechkg[parquet].",
        ) from error  # fmt: skip
    try:
        table = ParquetFile(BytesIO(file.document()))
        columns = table.schema_arrow.names
        named = named_columns(columns)
        if named is None:
            raise file.error(None, "its columns are of no known table", hint=nearest(columns))
        row = 1
        for batch in table.iter_batches(ROWS):
            for record in batch.rename_columns(list(named[0])).to_pylist():
                yield row, {name: _value(value) for name, value in record.items()}
                row += 1
    except (ArrowException, OSError, ValueError) as error:
        raise file.error(None, f"the Parquet file is broken ({error})") from error


def _value(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, float):
        return None if isnan(value) else value
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _value(item) for key, item in value.items()}
    return str(value)
