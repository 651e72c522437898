"""A folder among the files of a load means the files in it that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mechkg.kg.readers.files import SourceFile

__all__ = ["members_of"]

_UNKNOWN: Final = "its name ends in no known suffix"
_FOLDER: Final = "a folder within a folder is not read"


def members_of(
    paths: Sequence[Path], suffixes: tuple[str, ...]
) -> tuple[list[SourceFile], list[Path]]:
    """Return the folders among some paths with what they pass over, and all files.

    Files whose names begin with a dot are none. Raises `DataError` for a folder that cannot be
    read.

    >>> members_of([Path("a.tsv")], (".tsv",))
    ([], [PosixPath('a.tsv')])
    """
    folders, files = [], []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        folder = SourceFile(path, format="folder")
        folders.append(folder)
        try:
            members = sorted(m for m in path.iterdir() if not m.name.startswith("."))
        except OSError as error:
            reason = f"the folder cannot be read ({error.strerror or error})"
            raise folder.error(None, reason) from error
        for member in members:
            if member.is_dir():
                folder.pass_over("file", None, _FOLDER, example=member.name)
            elif SourceFile(member).plain_name.lower().endswith(suffixes):
                folder.keep("file")
                files.append(member)
            else:
                folder.pass_over("file", None, _UNKNOWN, example=member.name)
    return folders, files
