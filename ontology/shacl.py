"""The part of SHACL that `shapes.ttl` uses, over triples in memory: some microseconds a node.

pySHACL validates whole files (`mechkg validate`) and is what the results here are compared with; a
changeset of a curator cannot wait for it. Oxigraph evaluates constraints in SPARQL. What a shape
uses and is not known here is an error when it is read, never passed over.

Source: Shapes Constraint Language (SHACL), W3C Recommendation, 20 July 2017, sections 2 to 5.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from mechkg.kg.errors import DataError
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import RDF, RDFS, SH, XSD

__all__ = ["Breach", "Shape", "breaches", "read_shapes"]

Values = Iterable[Node | None]
"""The values that break a constraint; None where it is none of them alone."""

_TARGETS: Final = ("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf")
_ASIDE: Final = frozenset(
    SH[name] for name in (*_TARGETS, "path", "property", "sparql", "message", "severity")
) | {RDF["type"]}
_LEXICAL: Final = {
    XSD["boolean"]: re.compile("true|false|0|1"),
    XSD["integer"]: re.compile("[+-]?[0-9]+"),
    XSD["string"]: re.compile(".*", re.DOTALL),
}
"""Lexical forms of the datatypes that shapes may name (XML Schema 1.1, part 2)."""


_NUMBERS: Final = frozenset(
    XSD[name]
    for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")
)


class Breach(NamedTuple):
    """A node that breaks a constraint, the value that does if it is one value, and what is said."""

    focus: Node
    value: Node | None
    message: str
    is_violation: bool
    in_sparql: bool = False


@dataclass(frozen=True, slots=True)
class _Constraint:
    """A parameter of a shape, such as `minCount`, and its value; lists and shapes are read."""

    name: str
    node: Node
    items: tuple[Node, ...] = ()
    shapes: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape, or a property shape where it has a path."""

    message: str
    is_violation: bool
    targets: tuple[tuple[str, Node], ...]
    path: str = ""
    is_inverse: bool = False
    constraints: tuple[_Constraint, ...] = ()
    properties: tuple[Shape, ...] = ()
    selects: tuple[tuple[str, str], ...] = ()


# -- reading ----------------------------------------------------------------------------------


def read_shapes(triples: Triples) -> list[Shape]:
    """Return the node shapes of a document; raises `DataError` for what is not known here."""
    named = SH["NodeShape"]
    return [
        _shape(triples, subject)
        for subject in triples.by_subject
        if named in triples.values(subject, RDF["type"])
    ]


def _shape(triples: Triples, subject: str) -> Shape:
    by = triples.by_subject[subject]
    path, is_inverse = _path(triples, subject, by)
    constraints = []
    for predicate, nodes in by.items():
        if predicate not in _ASIDE:
            name = predicate.removeprefix(SH.start)
            if name not in _CHECKS:
                raise triples.error(subject, f"{predicate} is no constraint that is known here")
            constraints += [_constraint(triples, name, node) for node in nodes]
    severity = triples.value(subject, SH["severity"]) or SH["Violation"]
    return Shape(
        message=triples.value(subject, SH["message"]),
        is_violation=severity == SH["Violation"],
        targets=tuple((name, node) for name in _TARGETS for node in by.get(SH[name], ())),
        path=path,
        is_inverse=is_inverse,
        constraints=tuple(constraints),
        properties=tuple(_shape(triples, text_of(node)) for node in by.get(SH["property"], ())),
        selects=tuple(_select(triples, text_of(node)) for node in by.get(SH["sparql"], ())),
    )


def _path(triples: Triples, subject: str, by: Mapping[str, list[Node]]) -> tuple[str, bool]:
    """Return the predicate that a property shape follows, and whether it does so backwards."""
    nodes = by.get(SH["path"], [])
    if not nodes or isinstance(nodes[0], NamedNode):
        return (nodes[0].value if nodes else ""), False  # type: ignore[union-attr]
    inverse = triples.value(text_of(nodes[0]), SH["inversePath"])
    if not inverse:
        raise triples.error(subject, "its path is neither a predicate nor the inverse of one")
    return inverse, True


def _constraint(triples: Triples, name: str, node: Node) -> _Constraint:
    if name == "in":
        return _Constraint(name, node, items=tuple(_listed(triples, node)))
    if name == "or":
        return _Constraint(
            name, node, shapes=tuple(_shape(triples, text_of(n)) for n in _listed(triples, node))
        )
    shapes = (_shape(triples, text_of(node)),) if name == "not" else ()
    return _Constraint(name, node, shapes=shapes)


def _listed(triples: Triples, node: Node) -> Iterator[Node]:
    while text_of(node) != RDF["nil"]:
        by = triples.by_subject[text_of(node)]
        yield by[RDF["first"]][0]
        node = by[RDF["rest"]][0]


def _select(triples: Triples, subject: str) -> tuple[str, str]:
    """Return the message and the query of a constraint in SPARQL, with its prefixes."""
    header = triples.value(subject, SH["prefixes"])
    declared = [text_of(node) for node in triples.by_subject[header].get(SH["declare"], ())]
    prefixes = "".join(
        f"PREFIX {triples.value(d, SH['prefix'])}: <{triples.value(d, SH['namespace'])}>\n"
        for d in declared
    )
    return triples.value(subject, SH["message"]), prefixes + triples.value(subject, SH["select"])


# -- validating -------------------------------------------------------------------------------


def breaches(triples: Triples, shapes: Iterable[Shape]) -> Iterator[Breach]:
    """Yield each way in which triples break shapes. O(triples), and what constraints ask."""
    data = _Data(triples)
    for shape in shapes:
        for focus in data.targets(shape):
            yield from _of_shape(data, shape, focus)
            for message, select in shape.selects:
                for value in data.selected(select, focus):
                    yield Breach(focus, value, message, shape.is_violation, in_sparql=True)


def _of_shape(data: _Data, shape: Shape, focus: Node) -> Iterator[Breach]:
    values = data.along(shape, focus)
    for constraint in shape.constraints:
        for value in _CHECKS[constraint.name](data, constraint, focus, values):
            yield Breach(focus, value, shape.message, shape.is_violation)
    for part in shape.properties:
        for value in values:
            yield from _of_shape(data, part, value)


def _conforms(data: _Data, shape: Shape, node: Node) -> bool:
    return next(_of_shape(data, shape, node), None) is None


@dataclass(frozen=True)
class _Data:
    """The triples that are validated."""

    triples: Triples
    _above: dict[Node, set[Node]] = field(default_factory=dict)

    def objects(self, subject: Node, predicate: str) -> list[Node]:
        """Return the objects of a subject and a predicate."""
        if isinstance(subject, Literal):
            return []
        return self.triples.by_subject.get(text_of(subject), {}).get(predicate, [])

    def along(self, shape: Shape, focus: Node) -> list[Node]:
        """Return the values of a shape at a focus node: those of its path, or the node itself."""
        if not shape.path:
            return [focus]
        if shape.is_inverse:
            return self.subjects.get(shape.path, {}).get(focus, [])
        return self.objects(focus, shape.path)

    def targets(self, shape: Shape) -> dict[Node, None]:
        """Return the focus nodes of a shape."""
        found: dict[Node, None] = {}
        for name, node in shape.targets:
            found |= dict.fromkeys(self._targets(name, node))
        return found

    def _targets(self, name: str, node: Node) -> Iterable[Node]:
        if name == "targetNode":
            return [node]
        if name == "targetClass":
            kinds = self.subjects.get(RDF["type"], {})
            return [s for kind, found in kinds.items() if node in self.above(kind)
                    for s in found]  # fmt: skip
        by_object = self.subjects.get(text_of(node), {})
        if name == "targetObjectsOf":
            return by_object
        return [subject for found in by_object.values() for subject in found]

    @cached_property
    def subjects(self) -> dict[str, dict[Node, list[Node]]]:
        """The subjects by predicate and object."""
        found: dict[str, dict[Node, list[Node]]] = {}
        for subject, by in self.triples.by_subject.items():
            node = BlankNode(subject[2:]) if subject.startswith("_:") else NamedNode(subject)
            for predicate, objects in by.items():
                table = found.setdefault(predicate, {})
                for one in objects:
                    table.setdefault(one, []).append(node)
        return found

    def above(self, kind: Node) -> set[Node]:
        """Return a class and those above it."""
        known = self._above.get(kind)
        if known is None:
            known, rest = set(), [kind]
            while rest:
                one = rest.pop()
                if one not in known:
                    known.add(one)
                    rest += self.objects(one, RDFS["subClassOf"])
            self._above[kind] = known
        return known

    def is_instance(self, node: Node, kind: Node) -> bool:
        """Say whether a node is of a class, or of one below it."""
        return any(kind in self.above(own) for own in self.objects(node, RDF["type"]))

    @cached_property
    def _store(self) -> Store:
        store = Store()
        store.extend(
            Quad(subject, NamedNode(predicate), one)  # type: ignore[arg-type]
            for predicate, table in self.subjects.items()
            for one, found in table.items()
            for subject in found
        )
        return store

    def selected(self, select: str, focus: Node) -> list[Node]:
        """Return the values of `?value` that a query gives for `$this`, which is an IRI."""
        head, where, body = select.partition("WHERE")
        text = f"{head.replace('$this', '')}{where}{body.replace('$this', str(focus))}"
        return [row["value"] for row in self._store.query(text)]  # type: ignore[union-attr]


# -- constraints: SHACL, section 4 ------------------------------------------------------------

Check = Callable[["_Data", _Constraint, Node, list[Node]], Values]


def _min_count(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    return [None] if len(values) < int(text_of(wanted.node)) else []


def _max_count(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    return [None] if len(values) > int(text_of(wanted.node)) else []


def _node_kind(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    if text_of(wanted.node) != SH["IRI"]:
        raise DataError("shapes", None, f"{wanted.node} is no kind of node that is known here")
    return [v for v in values if not isinstance(v, NamedNode)]


def _in(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    return [v for v in values if v not in wanted.items]


def _pattern(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    pattern = re.compile(text_of(wanted.node))
    return [v for v in values if isinstance(v, BlankNode) or not pattern.search(text_of(v))]


def _class(data: _Data, wanted: _Constraint, _: Node, values: list[Node]) -> Values:
    return [v for v in values if not data.is_instance(v, wanted.node)]


def _datatype(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    kind = text_of(wanted.node)
    form = _LEXICAL[kind]
    return [
        v for v in values
        if not (isinstance(v, Literal) and v.datatype.value == kind and form.fullmatch(v.value))
    ]  # fmt: skip


def _min_inclusive(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    least = _number(wanted.node)
    return [v for v in values if not least <= _number(v)]


def _max_inclusive(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    most = _number(wanted.node)
    return [v for v in values if not _number(v) <= most]


def _min_length(_: _Data, wanted: _Constraint, __: Node, values: list[Node]) -> Values:
    least = int(text_of(wanted.node))
    return [v for v in values if isinstance(v, BlankNode) or len(text_of(v)) < least]


def _less_than(data: _Data, wanted: _Constraint, focus: Node, values: list[Node]) -> Values:
    others = data.objects(focus, text_of(wanted.node))
    return [v for v in values for other in others if not _number(v) < _number(other)]


def _or(data: _Data, wanted: _Constraint, _: Node, values: list[Node]) -> Values:
    return [v for v in values if not any(_conforms(data, shape, v) for shape in wanted.shapes)]


def _not(data: _Data, wanted: _Constraint, _: Node, values: list[Node]) -> Values:
    return [v for v in values if any(_conforms(data, shape, v) for shape in wanted.shapes)]


def _number(node: Node) -> float:
    """Return the number of a literal, NaN where it is none: it compares with nothing."""
    if not isinstance(node, Literal) or node.datatype.value not in _NUMBERS:
        return math.nan
    try:
        return float(node.value)
    except ValueError:
        return math.nan


_CHECKS: Final[Mapping[str, Check]] = {
    "minCount": _min_count,
    "maxCount": _max_count,
    "nodeKind": _node_kind,
    "in": _in,
    "pattern": _pattern,
    "class": _class,
    "datatype": _datatype,
    "minInclusive": _min_inclusive,
    "maxInclusive": _max_inclusive,
    "minLength": _min_length,
    "lessThan": _less_than,
    "or": _or,
    "not": _not,
}
