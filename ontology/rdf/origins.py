"""Which documents of a dataset say each triple: the union of graphs forgets it.

RDF 1.1 Semantics, section 4.1: several graphs are read as one by their union. What a triple
became is still credited to the files that say it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

__all__ = ["Origins"]

Node = NamedNode | BlankNode | Literal | Triple
Index = Mapping[str, Mapping[str, Sequence[Node]]]


class Origins:
    """The documents of each triple, by number; documents are entered one after the other.

    Most subjects are described by one document, of which the number is kept. Only of a subject
    and predicate that a second document names, too, each object has its own set of documents.

    >>> origins, x = Origins(), Literal("x")
    >>> origins.note("a:s", "a:p", x, 0, [])
    >>> origins.note("a:s", "a:p", Literal("y"), 1, [x])
    >>> origins.of_triple("a:s", "a:p", x), origins.of_triple("a:s", "a:p", Literal("y"))
    ((0,), (1,))
    """

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._shared: dict[tuple[str, str], dict[Node, set[int]]] = {}

    def note(
        self, subject: str, predicate: str, target: Node, document: int, before: Sequence[Node]
    ) -> None:
        """Note that a document has a triple; `before` are the objects that are known so far."""
        first = self._first.setdefault(subject, document)
        if first == document:
            return
        said = self._shared.get((subject, predicate))
        if said is None:
            said = self._shared[subject, predicate] = {node: {first} for node in before}
        said.setdefault(target, set()).add(document)

    def knows(self, subject: str) -> bool:
        """Say whether a document has triples of a subject."""
        return subject in self._first

    def first(self, subject: str) -> int:
        """Return the first document that describes a subject, 0 for one that none describes."""
        return self._first.get(subject, 0)

    def of_triple(self, subject: str, predicate: str, target: Node) -> tuple[int, ...]:
        """Return the documents of a triple; of one that was rewritten, that of its subject."""
        said = self._shared.get((subject, predicate))
        if said is not None and target in said:
            return tuple(sorted(said[target]))
        return (self.first(subject),)

    def counts(self, index: Index, documents: int) -> tuple[list[int], list[int]]:
        """Return the triples of each document, and how many of them an earlier one has, too."""
        seen, again = [0] * documents, [0] * documents
        for subject, about in index.items():
            for predicate, nodes in about.items():
                said = self._shared.get((subject, predicate))
                if said is None:
                    seen[self.first(subject)] += len(nodes)
                    continue
                for numbers in said.values():
                    for number in numbers:
                        seen[number] += 1
                        again[number] += number != min(numbers)
        return seen, again

    def rename_objects(self, names: Mapping[str, str]) -> None:
        """Follow new IRIs of objects, by the keys of their nodes."""
        for key, said in self._shared.items():
            if any(_key(node) in names for node in said):
                fresh: dict[Node, set[int]] = {}
                for node, numbers in said.items():
                    new = names.get(_key(node))
                    fresh.setdefault(node if new is None else NamedNode(new), set()).update(numbers)
                self._shared[key] = fresh

    def move(self, index: Index, old: str, new: str) -> None:
        """Follow a subject to another key; `index` still has the triples of both."""
        if old not in self._first:
            return
        for predicate in {**index.get(old, {}), **index.get(new, {})}:
            self._merge(index, (old, predicate), (new, predicate))
        first = self._first.pop(old)
        self._first[new] = min(first, self._first.get(new, first))

    def move_predicate(self, index: Index, subject: str, old: str, new: str) -> None:
        """Follow the triples of a subject from a predicate to another."""
        self._merge(index, (subject, old), (subject, new))

    def _merge(self, index: Index, old: tuple[str, str], new: tuple[str, str]) -> None:
        alike = self._first.get(new[0], self._first.get(old[0])) == self._first.get(old[0])
        if alike and old not in self._shared and new not in self._shared:
            return
        said: dict[Node, set[int]] = {}
        for key in (old, new):
            nodes = self._shared.pop(key, None) or {
                node: {self._first[key[0]]} for node in index.get(key[0], {}).get(key[1], ())
            }
            for node, numbers in nodes.items():
                said.setdefault(node, set()).update(numbers)
        self._shared[new] = said


def _key(node: Node) -> str:
    if isinstance(node, Literal):
        return ""
    return str(node) if isinstance(node, BlankNode | Triple) else node.value
