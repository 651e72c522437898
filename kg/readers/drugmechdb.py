"""DrugMechDB: expert-drawn mechanisms from a drug to a disease, one YAML record each.

A record (github.com/SuLab/DrugMechDB, node-link form) has `graph` (its identifier, drug and
disease), `nodes` (id, label, name), `links` (source, key, target) and `references`. A file holds
one record, a list or several documents. A link is a statement with
the record as evidence; links of several records that say the same become one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import yaml

from mechkg.kg.errors import DataError
from mechkg.kg.model.values import Entity, Evidence, Sign, Statement
from mechkg.kg.readers.content import Batch, Reading, Records, Said
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import most_specific
from mechkg.kg.readers.yaml_keys import Keys

__all__ = ["read"]

SOURCE: Final = "infores:drugmechdb"
KIND: Final = "curated_mechanism_db"
MAX_RECORD: Final = 1 << 26
"""The largest YAML file, 64 MiB."""
MAX_DEPTH: Final = 16
BATCH: Final = 256

_CATEGORIES: Final[Mapping[str, str]] = {
    "ChemicalSubstance": "biolink:ChemicalEntity",
    "MacromolecularComplex": "biolink:MacromolecularComplex",
}
"""Labels that Biolink has renamed since."""

_READ: Final[Mapping[str, frozenset[str]]] = {
    "record": frozenset(
        ("graph", "nodes", "links", "references", "reference", "directed", "multigraph")
    ),
    "graph": frozenset(("_id", "drug", "disease")),
    "node": frozenset(("id", "name", "label", "alt_names", "alt_ids")),
    "link": frozenset(("source", "key", "target")),
}
"""The keys of each part of a record that are read, or say nothing of it."""

_SIGNS: Final[Mapping[str, Sign]] = {
    "positively regulates": 1, "negatively regulates": -1,
    "increases activity of": 1, "decreases activity of": -1,
    "increases abundance of": 1, "decreases abundance of": -1,
    "increases expression of": 1, "increases stability of": 1,
}  # fmt: skip
"""Predicates whose name says the direction of the effect; the schema decides about others."""


class _Node(msgspec.Struct):
    id: str
    name: str
    label: str = ""
    alt_names: list[str] = []
    alt_ids: list[str] = []


class _Link(msgspec.Struct):
    source: str
    key: str
    target: str


class _About(msgspec.Struct, rename={"id": "_id"}):
    id: str
    drug: str | None = ""
    disease: str | None = ""


class _Record(msgspec.Struct):
    graph: _About
    nodes: list[_Node]
    links: list[_Link]
    references: list[str] | str | None = None
    reference: list[str] | str | None = None
    comment: str | None = ""


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a YAML file; some hundred records at a time."""
    entities: list[Entity] = []
    statements: list[Said] = []
    count = 0
    for record in _records(file):
        try:
            entities.extend(_entities(record, reading))
            statements.extend(_statements(record))
        except ValueError as error:
            raise file.error(None, str(error)) from error
        count += 1
        if count % BATCH == 0:
            yield Records(tuple(entities), tuple(statements))
            entities, statements = [], []
    if not count:
        raise file.error(None, "it holds no DrugMechDB record")
    yield Records(tuple(entities), tuple(statements))


def _records(file: SourceFile) -> Iterator[_Record]:
    for document in _documents(file.name, file.document(MAX_RECORD)):
        for item in document if isinstance(document, list) else [document]:
            try:
                record = msgspec.convert(item, _Record)
            except msgspec.ValidationError as error:
                raise file.error(None, f"it is no DrugMechDB record ({error})") from error
            _pass_over(item, record.graph.id, file)
            yield record


def _pass_over(item: Mapping[str, Any], name: str, file: SourceFile) -> None:
    """Count what a record says that the model has no field for."""
    parts = [("record", item), ("graph", item["graph"])]
    parts += [("node", node) for node in item["nodes"]]
    parts += [("link", link) for link in item["links"]]
    for what, part in parts:
        for key in sorted(key for key, value in part.items() if value and key not in _READ[what]):
            file.see("field")
            reason = f"{key!r} of a {what}: the model has no field for it"
            file.pass_over("field", None, reason, example=name)


def _documents(name: str, text: bytes) -> Iterator[Any]:
    try:
        _refuse_bombs(name, text)
        yield from yaml.load_all(text, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else None
        raise DataError(name, line, f"the YAML is broken ({error.problem})") from error
    except (yaml.YAMLError, ValueError) as error:
        raise DataError(name, None, f"the YAML is broken ({error})") from error


def _refuse_bombs(name: str, text: bytes) -> None:
    """Refuse aliases, by which a few bytes stand for billions, and nesting past `MAX_DEPTH`.

    The loader recurses in C without a guard; the event parser does not. It also takes the last of
    two equal keys, which YAML forbids (1.2.2, section 3.2.1.3), in silence.
    """
    depth = 0
    keys = Keys()
    for event in yaml.parse(text, yaml.CSafeLoader):
        repeated = keys.repeated(event)
        if repeated:
            line = event.start_mark.line + 1 if event.start_mark else None
            raise DataError(name, line, f"the key {repeated!r} is there twice in one mapping")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or isinstance(event, yaml.AliasEvent):
            reason = "aliases" if depth <= MAX_DEPTH else f"more than {MAX_DEPTH} levels"
            line = event.start_mark.line + 1 if event.start_mark else None
            raise DataError(name, line, f"the YAML has {reason}, which is not read")


def _entities(record: _Record, reading: Reading) -> Iterator[Entity]:
    for node in record.nodes:
        if not _clean(node.id):
            raise ValueError("a node has an empty id")
        label = _CATEGORIES.get(node.label, node.label)
        yield Entity(
            id=_clean(node.id),
            name=node.name,
            category=most_specific([label] if label else [], reading.depths),
            synonyms=tuple(node.alt_names),
            xrefs=tuple(node.alt_ids),
            provided_by=(SOURCE,),
        )


def _statements(record: _Record) -> Iterator[Said]:
    known = {_clean(node.id) for node in record.nodes}
    evidence = Evidence(
        kind=KIND,
        source=SOURCE,
        publications=(*_listed(record.references), *_listed(record.reference)),
        location=record.graph.id,
        knowledge_level="knowledge_assertion",
        agent_type="manual_agent",
    )
    for link in record.links:
        ends = _clean(link.source), _clean(link.target)
        for end in ends:
            if end not in known:
                raise ValueError(f"a link names {end!r}, which is not among its nodes")
        statement = Statement(
            id="",
            subject=ends[0],
            predicate=link.key.replace(" ", "_"),
            object=ends[1],
            sign=_SIGNS.get(link.key),
            evidence=(evidence,),
        )
        yield statement, link.key in _SIGNS


def _clean(curie: str) -> str:
    """Return an identifier without the blanks and invisible marks that pasting left around it."""
    return curie.strip(" \t\n\u00a0\u200b\ufeff")


def _listed(value: list[str] | str | None) -> list[str]:
    return [value] if isinstance(value, str) else (value or [])
