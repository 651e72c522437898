"""The named graphs of quads that are read by lines: evidence says in which one a triple is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.readers.content import Reading

__all__ = ["Graphs"]


class Graphs:
    """The evidence that the graphs of a file give, by the numbers of a `Cutter`.

    `names` grows as the file is cut; "" stands for the default graph.

    >>> from mechkg.kg.model.schema import Schema
    >>> graphs = Graphs(["", "http://a/g"], Reading(Schema(), "x.nq"))
    >>> graphs.annotations("http://a/g").evidence[0].location
    'http://a/g'
    >>> graphs.said(np.array([0, 1]))[1].texts(), graphs.said(np.array([0, 0]))[1]
    (['', 'http://a/g'], None)
    """

    def __init__(self, names: Sequence[str], reading: Reading) -> None:
        self._names = names
        self._reading = reading
        self._made: dict[str, Annotations] = {}

    def annotations(self, name: str) -> Annotations:
        """Return what a graph says of the triples in it, by listing them."""
        if not name:
            return self._reading.listed
        if name not in self._made:
            (listed,) = self._reading.listed.evidence
            evidence = msgspec.structs.replace(listed, location=name)
            self._made[name] = Annotations(evidence=(evidence,))
        return self._made[name]

    def said(self, numbers: NDArray[np.int32] | None) -> tuple[Annotations, Column | None]:
        """Return the annotations of some triples, and the graph of each where they differ."""
        if numbers is None or not len(numbers):
            return self._reading.listed, None
        used, places = np.unique(numbers, return_inverse=True)
        names = [self._names[number] for number in used.tolist()]
        if len(set(names)) == 1:
            return self.annotations(names[0]), None
        return self._reading.listed, Column.of(names).take(places)

    def kept(
        self, numbers: NDArray[np.int32], wanted: NDArray[np.bool_], relates: NDArray[np.bool_]
    ) -> dict[str, bool]:
        """Return the named graphs of the wanted triples, and whether one of theirs relates."""
        relating = {self._names[number] for number in np.unique(numbers[relates]).tolist()}
        found = {self._names[number] for number in np.unique(numbers[wanted]).tolist()}
        return {name: name in relating for name in sorted(found) if name}
