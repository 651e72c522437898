"""Which documents and named graphs say each triple: the union of graphs forgets it.

RDF 1.1 Semantics, section 4.1: several graphs are read as one by their union. What a triple
became is still credited to the files that say it, and to the graphs of these that have a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

__all__ = ["Origins"]

Node = NamedNode | BlankNode | Literal | Triple
Index = Mapping[str, Mapping[str, Sequence[Node]]]


class Origins:
    """The listings of each triple, by number: a listing is a document, or a named graph of one.

    Most subjects are described by one listing, of which the number is kept. Only of a subject and
    predicate that a second listing names, too, each object has its own set of listings.

    >>> origins, x = Origins(), Literal("x")
    >>> origins.listing(0), origins.listing(1), origins.listing(1, "a:g"), origins.listing(1)
    (0, 1, 2, 1)
    >>> origins.note("a:s", "a:p", x, 0, [])
    >>> origins.note("a:s", "a:p", Literal("y"), 2, [x])
    >>> origins.of_triple("a:s", "a:p", x), origins.of_triple("a:s", "a:p", Literal("y"))
    ((0,), (2,))
    >>> origins.document(2), origins.graph(2)
    (1, 'a:g')
    """

    def __init__(self) -> None:
        self._listings: dict[tuple[int, str], int] = {}
        self._known: list[tuple[int, str]] = []
        self._first: dict[str, int] = {}
        self._shared: dict[tuple[str, str], dict[Node, set[int]]] = {}

    def listing(self, document: int, graph: str = "") -> int:
        """Return the number of a document, or of a named graph of it."""
        number = self._listings.setdefault((document, graph), len(self._known))
        if number == len(self._known):
            self._known.append((document, graph))
        return number

    @property
    def listings(self) -> list[tuple[int, str]]:
        """Document and graph of each listing, by number."""
        return self._known

    def document(self, listing: int) -> int:
        """Return the document of a listing."""
        return self._known[listing][0] if self._known else listing

    def graph(self, listing: int) -> str:
        """Return the name of the graph of a listing, "" for none."""
        return self._known[listing][1] if self._known else ""

    def note(
        self, subject: str, predicate: str, target: Node, listing: int, before: Sequence[Node]
    ) -> None:
        """Note that a listing has a triple; `before` are the objects that are known so far."""
        first = self._first.setdefault(subject, listing)
        if first == listing and not self._shared:
            return
        said = self._shared.get((subject, predicate))
        if said is None:
            if first == listing:
                return
            said = self._shared[subject, predicate] = {node: {first} for node in before}
        said.setdefault(target, set()).add(listing)

    def knows(self, subject: str) -> bool:
        """Say whether a listing has triples of a subject."""
        return subject in self._first

    def first(self, subject: str) -> int:
        """Return the first listing that describes a subject, 0 for one that none describes."""
        return self._first.get(subject, 0)

    def of_triple(self, subject: str, predicate: str, target: Node) -> tuple[int, ...]:
        """Return the listings of a triple; of one that was rewritten, that of its subject."""
        said = self._shared.get((subject, predicate))
        if said is not None and target in said:
            return tuple(sorted(said[target]))
        return (self.first(subject),)

    def counts(self, index: Index, documents: int) -> tuple[list[int], list[int]]:
        """Return the triples of each document, and how many of them an earlier listing has, too."""
        seen, again = [0] * documents, [0] * documents
        for subject, about in index.items():
            first = self.document(self.first(subject))
            for predicate, nodes in about.items():
                said = self._shared.get((subject, predicate))
                if said is None:
                    seen[first] += len(nodes)
                    continue
                for numbers in said.values():
                    for number in numbers:
                        seen[self.document(number)] += 1
                        again[self.document(number)] += number != min(numbers)
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
