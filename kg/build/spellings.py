"""Which spellings of identifiers mean one entity, and which one a graph shows.

Identity is decided by `mechkg.kg.model.identifiers`. A prefix that all files of a load spell
alike is shown so (`UniProtKB:`); where they differ, or something else than a CURIE was written,
the registry's prefix is. Neither depends on the order of files.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column, Interner
from mechkg.kg.columns.text_kernels import cut_prefixes
from mechkg.kg.model.identifiers import OBO, registry

__all__ = ["Spellings"]

_OTHER, _KNOWN, _ODD = range(3)
"""What a prefix is: none of the registry, one as the registry writes it, one written otherwise."""


class Spellings:
    """The canonical form of each identifier, and the spellings of each prefix.

    Memory: a few hundred bytes a prefix, and 4 bytes an identifier once two spellings met.

    >>> spellings = Spellings()
    >>> spellings.take("cl:0000540"), spellings.take("CL:0000047"), spellings.take("lab:1")
    ('CL:0000540', 'CL:0000047', 'lab:1')
    >>> spellings.shown(Column.of(["CL:0000540"])).texts()
    ['CL:0000540']
    >>> alone = Spellings()
    >>> alone.take("cl:0000540"), alone.shown(Column.of(["CL:0000540"])).texts()
    ('CL:0000540', ['cl:0000540'])
    """

    def __init__(self) -> None:
        self._registry = registry()
        self._prefixes = Interner()
        self._kinds = np.empty(0, np.uint8)
        self._spelt: dict[str, set[str]] = {}
        self._target: NDArray[np.int32] | None = None

    def form(self, curie: str) -> str:
        """Return the canonical form of an identifier."""
        return self._registry.canonical(curie)

    def take(self, curie: str) -> str:
        """Return the canonical form of an identifier and remember how it was spelt."""
        form = self.form(curie)
        name, colon, _ = curie.partition(":")
        if colon and self._registry.prefix(name):
            self._spelt.setdefault(self._registry.prefix(name), set()).add(name)
        elif form != curie:
            prefix = form.partition(":")[0]
            self._spelt.setdefault(prefix, set()).add(prefix)
        return form

    def take_column(self, column: Column, begin: int) -> Iterator[tuple[int, str]]:
        """Yield row and canonical form of each identifier from a row on that is spelt otherwise.

        No Python string is made of any other; O(bytes). The column may grow meanwhile.
        """
        fresh = column.take(slice(begin, None))
        if not len(fresh):
            return
        stop = np.empty(len(fresh), np.int64)
        again = np.empty(len(fresh), np.bool_)
        cut_prefixes(fresh.buffer, fresh.start, fresh.end, stop, again)
        prefixes = Column(fresh.buffer, fresh.start, stop)
        kinds = self._kinds_of(prefixes)
        odd = np.flatnonzero((kinds == _ODD) | ((kinds == _KNOWN) & again))
        texts = fresh.take(odd).texts()
        for row, text in zip(odd.tolist(), texts, strict=True):
            form = self.take(text)
            if form != text:
                yield begin + row, form

    def _kinds_of(self, prefixes: Column) -> NDArray[np.uint8]:
        numbers = self._prefixes.intern(prefixes)
        known = len(self._kinds)
        if len(self._prefixes) > known:
            texts = self._prefixes.column.take(slice(known, None)).texts()
            self._kinds = np.append(self._kinds, np.array(list(map(self._kind, texts)), np.uint8))
        return self._kinds[numbers]

    def _kind(self, text: str) -> int:
        if "://" in text:
            return _ODD if self._registry.may_hold(text) else _OTHER
        prefix = self._registry.prefix(text[:-1])
        if not prefix:
            return _ODD if text[:-1].casefold() == OBO else _OTHER
        if text.endswith("_"):
            return _ODD
        self._spelt.setdefault(prefix, set()).add(text[:-1])
        return _KNOWN if prefix == text[:-1] else _ODD

    def join(self, number: int, target: int) -> None:
        """Say that the entity of a number is that of another, canonical one."""
        if self._target is None or len(self._target) <= max(number, target):
            grown = np.arange(2 * max(number, target) + 2, dtype=np.int32)
            if self._target is not None:
                grown[: len(self._target)] = self._target
            self._target = grown
        self._target[number] = target

    def number(self, number: int) -> int:
        """Return the number of the canonical form."""
        if self._target is None or number >= len(self._target):
            return number
        return int(self._target[number])

    def numbers(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the numbers of the canonical forms, int32."""
        if self._target is None or not len(numbers):
            return numbers
        top = int(numbers.max()) + 1
        if top > len(self._target):
            self.join(top, top)
        return self._target[numbers]

    @property
    def _names(self) -> dict[str, str]:
        """The spelling of each prefix that the graph shows otherwise than the registry does."""
        return {
            prefix: next(iter(spelt))
            for prefix, spelt in self._spelt.items()
            if len(spelt) == 1 and prefix not in spelt
        }

    @property
    def prefixes(self) -> dict[str, str]:
        """The namespaces of such spellings, as a prefix map.

        >>> spellings = Spellings()
        >>> spellings.take("uniprotkb:P05231"), spellings.prefixes
        ('UniProt:P05231', {'uniprotkb': 'http://purl.uniprot.org/uniprot/'})
        """
        namespaces = self._registry.namespaces
        return {name: namespaces[prefix] for prefix, name in sorted(self._names.items())}

    def shown(self, column: Column) -> Column:
        """Return identifiers in canonical form as the graph shows them."""
        names = self._names
        if not names:
            return column
        cut = (text.partition(":") for text in column.texts())
        return Column.of([f"{names.get(prefix, prefix)}{c}{local}" for prefix, c, local in cut])
