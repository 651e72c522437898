"""Two different statements of one identifier, and where the files name it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mechkg.kg.errors import DataError
from mechkg.kg.readers.files import SourceFile

__all__ = ["SharedIdentifier", "located"]

HINT = "Give each statement its own identifier, or none."


class SharedIdentifier(DataError):
    """Two different statements of a graph have one identifier.

    >>> SharedIdentifier("g", "e1").reason
    "two different statements are called 'e1'"
    """

    def __init__(self, graph: str, identifier: str) -> None:
        super().__init__(
            graph, None, f"two different statements are called {identifier!r}", hint=HINT
        )
        self.identifier = identifier


def located(error: SharedIdentifier, files: Sequence[SourceFile]) -> DataError:
    """Return the error with the first two lines of files that name the identifier.

    Files are read again up to there; O(bytes). One that is not text, or packed together with
    others, has no lines: then the error is as it was.
    """
    pattern = re.compile(rb"(?<![\w.:-])" + re.escape(error.identifier.encode()) + rb"(?![\w.:-])")
    places: list[tuple[str, int]] = []
    for file in sorted(files, key=lambda file: (file.name, str(file.path))):
        for line in _lines(file, pattern):
            places.append((file.name, line))
            if len(places) == 2:
                break
        if len(places) == 2:
            break
    if not places:
        return error
    (name, line), *others = places
    again = "".join(f", the other in {other}, line {number}" for other, number in others)
    return DataError(name, line, f"{error.reason}{again}", hint=HINT)


def _lines(file: SourceFile, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """Yield the lines of a file in which a pattern occurs."""
    try:
        for block in file.blocks():
            seen = 0
            for match in pattern.finditer(block.data):
                line = block.line + block.data.count(b"\n", 0, match.start())
                if line != seen:
                    yield line
                seen = line
    except DataError:
        return
