"""Sessions of Spark: a master, or a server of Spark Connect such as Sail."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mechkg.kg.errors import EngineError, QueryError

__all__ = ["connected"]


@contextmanager
def connected(
    master: str = "", remote: str = "", settings: Mapping[str, str] | None = None
) -> Iterator[Any]:
    """Give a `pyspark.sql.SparkSession` and stop it afterwards.

    `master` is the address of a master as Spark writes it (`spark://host:7077`, `local[4]`,
    `yarn`), `remote` that of a server of Spark Connect (`sc://host:15002`); one of them is needed.
    `settings` are those of Spark. Raises `QueryError` for none or both of the addresses, and
    `EngineError` where pyspark is not installed.

    >>> with connected(): pass
    Traceback (most recent call last):
    mechkg.kg.errors.QueryError: ...
    """
    if bool(master) == bool(remote):
        raise QueryError(
            "master", "or 'remote' must be given, and not both",
            hint="--master spark://HOST:7077 or --remote sc://HOST:15002.",
        )  # fmt: skip
    session = _session(master, remote, settings or {})
    try:
        yield session
    finally:
        session.stop()


def _session(master: str, remote: str, settings: Mapping[str, str]) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # it warns of every pandas from 3 on
            import pyarrow  # noqa: F401 - what is scanned is handed over as its columns
            from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError(
            f"Spark is spoken to by pyspark, which cannot be imported ({error}).",
            hint="Install it: pip install 'mechkg[spark]' for --remote, and pyspark in place of "
            "pyspark-client for --master.",
        ) from error
    if master and not _has_master():
        raise EngineError(
            "The installed pyspark is the client of Spark Connect, which knows no master.",
            hint="Install pyspark in place of pyspark-client, or use --remote.",
        )
    builder = SparkSession.builder.appName("mechkg")
    builder = builder.remote(remote) if remote else builder.master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return builder.getOrCreate()
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise QueryError("remote" if remote else "master", f"cannot be used: {reason}") from error


def _has_master() -> bool:
    from importlib.util import find_spec

    return find_spec("py4j") is not None
