"""What a format is, and how a file's format is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mechkg.kg.readers.content import Reader
from mechkg.kg.readers.files import SourceFile

__all__ = ["Format", "recognise"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read.

    `fits` is asked with the first bytes of a file (up to 64 KiB, decompressed) whose name ends
    in one of `suffixes`; the first format of a table that fits is the one.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    fits: Callable[[bytes], bool]
    read: Reader


def recognise(file: SourceFile, formats: Sequence[Format]) -> Format:
    r"""Return the format of a file; raises `DataError` where no format fits.

    >>> import tempfile, pathlib
    >>> from mechkg.kg.readers import FORMATS
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "nodes.tsv")
    ...     _ = path.write_text("id\tname\tcategory\n")
    ...     recognise(SourceFile(path), FORMATS).name
    'kgx-tsv'
    """
    head = file.head()
    name = file.plain_name.lower()
    named = [f for f in formats if name.endswith(f.suffixes)]
    found = next((f for f in named if f.fits(head)), None)
    if found is not None:
        return found
    if not head:
        raise file.error(None, "the file is empty")
    if named:
        labels = " nor ".join(f.label for f in named)
        raise file.error(1, f"it does not begin as {labels}", hint=_known(formats))
    raise file.error(None, "its name ends in no known suffix", hint=_known(formats))


def _known(formats: Sequence[Format]) -> str:
    return "Known: " + "; ".join(f"{f.label} ({', '.join(f.suffixes)})" for f in formats) + "."
