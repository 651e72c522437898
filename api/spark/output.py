"""Rows of a cluster -> a directory of Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyarrow.parquet import ParquetDataset

from mechkg.kg.errors import QueryError

__all__ = ["free_output", "write_rows"]


def free_output(output: Path) -> None:
    """Raise `QueryError` where a directory to be written is there already.

    >>> free_output(Path("nowhere"))
    """
    if output.exists():
        raise QueryError("output", f"is there already: {output}", hint="Name another directory.")


def write_rows(rows: Any, output: Path) -> int:
    """Write a data frame of Spark as Parquet below `output`; returns the number of rows.

    All machines see `output` under the same path. Raises `QueryError` where it is there already.
    """
    free_output(output)
    rows.write.parquet(output.absolute().as_uri())
    return sum(part.count_rows() for part in ParquetDataset(output).fragments)
