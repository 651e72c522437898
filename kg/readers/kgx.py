"""What the fields of a KGX edge or node mean, and the reader of KGX JSON Lines.

KGX (Knowledge Graph Exchange, github.com/biolink/kgx, specification/kgx-format.md) writes the
Biolink Model as tables or as one JSON object a line. Every field is kept: those that the model
has as themselves, `*_qualifier` fields as qualifiers, all others as attributes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec

from mechkg.kg.model.annotations import (
    Annotations,
    context_order,
    qualifier_order,
    statement_of,
)
from mechkg.kg.model.biolink_qualifiers import (
    ASPECT_SLOTS,
    CONTEXT_SLOTS,
    aspect_of,
    contexts_of,
    effect_of_qualifiers,
)
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import (
    ASPECTS,
    ASSERTED,
    EFFECTS,
    HEDGES,
    Context,
    Effect,
    Entity,
    Evidence,
    Qualifier,
    SynonymKind,
)
from mechkg.kg.readers.attribute_lists import with_attributes
from mechkg.kg.readers.cells import (
    attribute,
    compact,
    identifiers,
    is_missing,
    plain_value,
    says_nothing,
    values,
)
from mechkg.kg.readers.content import (
    DATABASE,
    Batch,
    LineRecords,
    Reading,
    Records,
    Said,
    category_id,
)
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_text import decode

__all__ = [
    "ENTITY_FIELDS", "NODE_FIELDS", "UNMAPPED", "Mapped", "attributes_of", "batches",
    "edge_annotations", "json_lines", "json_records", "most_specific", "read_jsonl", "LITERATURE",
    "PIECES", "synonym_kinds", "term",
]  # fmt: skip

Word = TypeVar("Word", bound=str)
Value = TypeVar("Value")

LITERATURE: Final = "literature"
BATCH: Final = 4096
UNMAPPED: Final = "biolink:related_to"

NODE_FIELDS: Final[Mapping[str, str]] = {
    "synonym": "synonyms", "exact_synonym": "synonyms", "related_synonym": "synonyms",
    "narrow_synonym": "synonyms", "broad_synonym": "synonyms", "xref": "xrefs",
    "equivalent_identifiers": "xrefs", "same_as": "xrefs",
}  # fmt: skip
"""Node fields of KGX that mean a field of `kg.model.values.Entity` with another name."""
ENTITY_FIELDS: Final = frozenset(
    field.name
    for field in msgspec.structs.fields(Entity)
    if field.name not in {"attributes", "synonym_kinds"}
)

PIECES: Final = "\0evidence"
"""The field in which a reader hands on pieces of evidence, each with its own contexts; no file has
a field of this name."""

PRIMARY: Final = "primary_knowledge_source"
_EVIDENCE_FIELDS: Final = frozenset(
    (PIECES, "publications", "knowledge_level", "agent_type", PRIMARY, "sources")
)
_JSON_FIELDS: Final = frozenset(("sources", "qualifiers"))
"""Fields that hold objects, which tables write as JSON."""
_OLDER_SOURCES: Final = ("knowledge_source", "original_knowledge_source", "provided_by")
"""Fields that name the source of an edge in older KGX, the first that is there counts."""
_QUALIFIER_FIELDS: Final = frozenset(("qualified_predicate", "qualifiers", "qualifier"))
_OTHER_QUALIFIERS: Final = MappingProxyType(
    {
        f"qualified_{end}_{what}": f"{end}_{what}_qualifier"
        for end in ("subject", "object")
        for what in ("aspect", "direction")
    }
)
"""Biolink's qualifiers as the tables of RTX-KG2 call them."""
_OWN_FIELDS: Final = frozenset(("id", "subject", "predicate", "object", "negated"))
_NOT_ATTRIBUTES: Final = _EVIDENCE_FIELDS | _QUALIFIER_FIELDS | _OWN_FIELDS
_OWN_COLUMNS: Final = _NOT_ATTRIBUTES | {
    "category", "original_predicate", "sign", "effect", "subject_aspect", "object_aspect", "action",
    "weight", "hedge", "modality", "context", "titles", "locations", "derived_from", "note",
    "evidence", "attributes", "object_direction_qualifier", "qualified_predicate",
    *ASPECT_SLOTS, *CONTEXT_SLOTS.values(),
}  # fmt: skip
_MAPPING: Final = ("object_aspect_qualifier", "object_direction_qualifier", "qualified_predicate")
"""Fields that complete the Biolink mapping of a predicate where MechKG wrote the edge."""
_EFFECTS: Final = MappingProxyType[str, Effect](
    {"-1": "lowers", "0": "none", "1": "raises", "": "unknown"}
)
"""What the column `sign` of MechKG's own KGX says where there is no column `effect`."""


def edge_annotations(fields: Mapping[str, Any], reading: Reading) -> Annotations:
    """Return what the fields of an edge say beside its triple; empty fields are left out.

    The source is the primary knowledge source, else the file. `sources` must be a list of
    objects with `resource_id` and `resource_role`; raises `ValueError` with the reason.

    >>> from mechkg.kg.model.schema import Schema
    >>> said = edge_annotations({"object_direction_qualifier": "decreased", "p_value": "0.01",
    ...                          "primary_knowledge_source": "infores:ctd"}, Reading(Schema(), "f"))
    >>> said.effect, said.qualifiers[0].value, said.attributes, said.evidence[0].source
    ('lowers', 'decreased', {'p_value': '0.01'}, 'infores:ctd')
    """
    present = {
        key: plain_value(value) if key in _JSON_FIELDS and isinstance(value, str) else value
        for key, value in with_attributes(fields).items()
        if value not in (None, "", [])
    }
    pieces = _pieces(present)
    qualifiers = tuple(sorted(_qualifiers(present, whole=pieces is not None), key=qualifier_order))
    if pieces is not None:
        return _own(present, pieces, qualifiers)
    attributes = {
        key: attribute(value)
        for key, value in present.items()
        if key not in _NOT_ATTRIBUTES
        and key not in _OTHER_QUALIFIERS
        and not key.endswith("_qualifier")
    }
    sources = present.get("sources", [])
    if not isinstance(sources, list) or not any(isinstance(item, dict) for item in sources):
        attributes |= {"sources": compact(sources)} if sources else {}
        sources = []  # names of resources: no sources as KGX has them
    elif len(sources) > 1:
        attributes["sources"] = compact(sources)
    if len(several := values(present.get(PRIMARY, ()))) > 1:
        attributes[PRIMARY] = attribute(several)
    stated = {q.type: q.value for q in qualifiers}
    subject_aspect, object_aspect = (aspect_of(stated.get(slot, "")) or "" for slot in ASPECT_SLOTS)
    context, qualifiers = contexts_of(qualifiers)
    made = present.get(PIECES)
    shared, evidence = _shared(made) if isinstance(made, tuple) and made else ((), ())
    return Annotations(
        effect=effect_of_qualifiers(stated) or "predicate",
        subject_aspect=subject_aspect,
        object_aspect=object_aspect,
        negated=_truth(present.get("negated", False)),
        context=tuple(dict.fromkeys((*context, *shared))),
        qualifiers=qualifiers,
        evidence=evidence or (_evidence(present, _primary(present, sources, reading.source)),),
        attributes=attributes,
    )


def _pieces(fields: Mapping[str, Any]) -> tuple[Evidence, ...] | None:
    """Return the pieces of evidence that MechKG's own KGX writer adds, None in other KGX."""
    written = fields.get("evidence")
    try:
        if isinstance(written, str):
            return msgspec.json.decode(written, type=tuple[Evidence, ...])
        return None if written is None else msgspec.convert(written, tuple[Evidence, ...])
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None


def _own(
    fields: Mapping[str, Any], pieces: tuple[Evidence, ...], qualifiers: tuple[Qualifier, ...]
) -> Annotations:
    """Return what an edge says that MechKG wrote (`mechkg.kg.writers.kgx`): all of a statement."""
    sign = str(fields.get("sign", ""))
    if sign not in _EFFECTS:
        raise ValueError(f"'sign' must be -1, 0 or 1, not {sign!r}")
    return Annotations(
        effect=_word(fields, "effect", EFFECTS, _EFFECTS[sign]),
        subject_aspect=_word(fields, "subject_aspect", ASPECTS, ""),
        object_aspect=_word(fields, "object_aspect", ASPECTS, ""),
        action=compact(fields.get("action", "")),
        weight=_number(fields.get("weight", 1.0)),
        negated=_truth(fields.get("negated", False)),
        hedge=_word(fields, "hedge", HEDGES, "asserted"),
        context=tuple(
            sorted(
                _decoded("context", fields.get("context", []), tuple[Context, ...]),
                key=context_order,
            )
        ),
        modality=compact(fields.get("modality", ASSERTED)),
        qualifiers=qualifiers,
        evidence=pieces,
        derived_from=tuple(sorted(values(fields.get("derived_from", ())))),
        note=compact(fields.get("note", "")),
        attributes={
            **{k: compact(v) for k, v in fields.items() if k not in _OWN_COLUMNS},
            **_decoded("attributes", fields.get("attributes", {}), dict[str, str]),
        },
    )


def _word(fields: Mapping[str, Any], name: str, words: tuple[Word, ...], missing: Word) -> Word:
    """Return the field of a closed list of words; raises `ValueError` for any other word."""
    written = fields.get(name, missing)
    for word in words:
        if word == written:
            return word
    raise ValueError(f"{name!r} must be one of {', '.join(filter(None, words))}, not {written!r}")


def _number(written: Any) -> float:
    try:
        weight = float(written)
    except (TypeError, ValueError):
        weight = -1.0
    if not 0.0 <= weight <= 1.0:
        raise ValueError(f"'weight' must be a number from 0 to 1, not {written!r}")
    return weight


def _decoded(name: str, written: Any, kind: type[Value]) -> Value:
    """Return a field that is JSON in a table and a value in JSON Lines."""
    try:
        if isinstance(written, str):
            return msgspec.json.decode(written, type=kind)
        return msgspec.convert(written, kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ValueError(f"{name!r} is not what MechKG writes there ({error})") from error


def _evidence(fields: Mapping[str, Any], source: str) -> Evidence:
    publications = tuple(identifiers(fields.get("publications", ())))
    return Evidence(
        kind=LITERATURE if publications else DATABASE,
        source=source,
        publications=publications,
        knowledge_level=str(fields.get("knowledge_level", "not_provided")),
        agent_type=str(fields.get("agent_type", "not_provided")),
    )


def _shared(
    pieces: tuple[Evidence, ...],
) -> tuple[tuple[Context, ...], tuple[Evidence, ...]]:
    """Return the contexts that all pieces of evidence share, and the pieces without these."""
    first, *others = pieces
    shared = tuple(c for c in first.context if all(c in piece.context for piece in others))
    if not shared:
        return (), pieces
    kept = (
        msgspec.structs.replace(p, context=tuple(c for c in p.context if c not in shared))
        for p in pieces
    )
    return shared, tuple(dict.fromkeys(kept))


def _primary(fields: Mapping[str, Any], sources: Any, fallback: str) -> str:
    named = values(fields.get(PRIMARY, ()))
    if named:
        return named[0]
    for source in [] if isinstance(sources, str) else sources:
        if not isinstance(source, dict) or not isinstance(source.get("resource_id"), str):
            raise ValueError("an entry of 'sources' has no resource_id")  # noqa: TRY004 - data
        if str(source.get("resource_role")).removeprefix("biolink:") == PRIMARY:
            return str(source["resource_id"])
    older = (values(fields.get(name, ())) for name in _OLDER_SOURCES)
    return next((names[0] for names in older if names), fallback)


def _qualifiers(fields: Mapping[str, Any], *, whole: bool) -> Iterator[Qualifier]:
    """Yield the qualifiers; where `whole`, the field of that name holds them as `type=value`."""
    if whole:
        for text in values(fields.get("qualifiers", ())):
            kind, equals, value = text.partition("=")
            if not equals:
                raise ValueError(f"an entry of 'qualifiers' is not type=value: {text!r}")
            yield Qualifier(kind, value)
        return
    for key, value in fields.items():
        if key == "qualifiers" and isinstance(value, list):
            for item in value:
                if not isinstance(item, dict) or "qualifier_value" not in item:
                    raise ValueError("an entry of 'qualifiers' has no qualifier_value")
                kind = str(item.get("qualifier_type_id", "qualifier")).removeprefix("biolink:")
                yield Qualifier(kind, compact(item["qualifier_value"]))
        elif key.endswith("_qualifier") or key in _QUALIFIER_FIELDS or key in _OTHER_QUALIFIERS:
            for text in values(value):
                yield Qualifier(_OTHER_QUALIFIERS.get(key, key), text)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in ("true", "false", "1", "0", "yes", "no"):
        raise ValueError(f"'negated' must be true or false, not {text!r}")
    return text in ("true", "1", "yes")


def term(text: str) -> str:
    """Return the name of a predicate as MechKG writes it: Biolink's without their prefix.

    >>> term("biolink:affects"), term("RO:0002213")
    ('affects', 'RO:0002213')
    """
    return text.removeprefix("biolink:")


def most_specific(texts: Sequence[str], depths: Mapping[str, int]) -> str:
    """Return the category that stands deepest, the first among equals.

    A name that Biolink has gets the prefix `biolink:`; no name at all is `biolink:NamedThing`.

    >>> depths = {"biolink:NamedThing": 0, "biolink:Cell": 3}
    >>> most_specific(["biolink:NamedThing", "Cell"], depths), most_specific([], depths)
    ('biolink:Cell', 'biolink:NamedThing')
    """
    named = [category_id(text, depths) for text in texts]
    return max(named, key=lambda name: depths.get(name, -1), default="biolink:NamedThing")


def json_records(_file: SourceFile) -> LineRecords:
    """Say how shares of a file of JSON Lines are read."""
    return LineRecords(0, 1, read_jsonl)


def read_jsonl(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read KGX JSON Lines, nodes and edges, distinguished by their keys, in batches."""
    yield from batches(json_lines(file), file, reading)


def batches(
    records: Iterable[tuple[int | None, Mapping[str, Any]]], file: SourceFile, reading: Reading
) -> Iterator[Batch]:
    """Yield KGX nodes and edges as batches; those that cannot be kept are refused.

    `records` are lines and fields; an edge has a field `subject` or `object`. Every reader that
    can say its records in the words of KGX hands them on through this.
    """
    entities: list[Entity] = []
    statements: list[Said] = []
    mapped = Mapped()
    for number, (line, record) in enumerate(records, 1):
        kind = "statement" if "subject" in record or "object" in record else "entity"
        file.see(kind)
        try:
            if kind == "statement":
                statements.append(_statement(record, reading))
                if written_by_mechkg(record):
                    mapped.add(compact(record["original_predicate"]), record)
            else:
                entities.append(entity_of(record, reading))
        except ValueError as error:
            where = "" if line is not None else f" (record {number:,})"
            file.refuse(line, f"{error}{where}", kind)
        if len(entities) + len(statements) >= BATCH:
            yield Records(tuple(entities), tuple(statements), mapped.taken(), line=line)
            entities, statements = [], []
    if entities or statements:
        yield Records(tuple(entities), tuple(statements), mapped.taken())


def json_lines(file: SourceFile) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line and object of each line of JSON; others are refused."""
    for block in file.blocks():
        for line, text in enumerate(block.data.split(b"\n")[:-1], block.line):
            if not text.strip():
                continue
            try:
                record = decode(text)
            except ValueError as error:
                file.see("record")
                file.refuse(line, f"the JSON is broken ({error})")
                continue
            if isinstance(record, dict):
                yield line, record
            else:
                file.see("record")
                file.refuse(line, "the line is not a JSON object")


def _required(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if isinstance(value, str):
        text = value.strip()
        if is_missing(text):
            raise ValueError(f"the key '{key}' is {text!r}, which names nothing")
        if text.isprintable() and text:
            return text
        if text:
            raise ValueError(f"{text!r} cannot be an identifier")
    elif value is not None:
        kind = "a number" if isinstance(value, (int, float, msgspec.Raw)) else "no text"
        raise ValueError(
            f"the key '{key}' is {kind} ({compact(value)[:40]}); an identifier is a text with a "
            "prefix, such as NCBIGene:7157"
        )
    raise ValueError(f"the key '{key}' is missing or empty")


def _statement(record: Mapping[str, Any], reading: Reading) -> Said:
    said = edge_annotations(record, reading)
    identifier = record.get("id") or ""
    statement = statement_of(
        said,
        id=compact(identifier),
        subject=_required(record, "subject"),
        predicate=term(_relation(record)),
        object=_required(record, "object"),
    )
    return statement, said.effect != "predicate"


def _relation(record: Mapping[str, Any]) -> str:
    """Return the predicate; MechKG writes its own name for one that Biolink has only roughly."""
    predicate = _required(record, "predicate")
    return compact(record["original_predicate"]) if written_by_mechkg(record) else predicate


def written_by_mechkg(fields: Collection[str]) -> bool:
    """Say whether an edge with these fields comes from `mechkg.kg.writers.kgx`.

    >>> written_by_mechkg(["subject", "predicate", "object", "original_predicate"])
    False
    """
    return all(name in fields for name in ("original_predicate", "modality", "evidence"))


class Mapped:
    """How MechKG's own predicates are said in Biolink, gathered from the edges that it wrote.

    The first edge of a predicate counts; what Biolink has nothing closer for is not mapped.

    >>> mapped = Mapped()
    >>> mapped.add("secretes", {"predicate": "biolink:produces"})
    >>> [(p.id, p.biolink) for p in mapped.taken().predicates], mapped.taken()
    ([('secretes', 'biolink:produces')], None)
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._fresh: list[Predicate] = []

    def add(self, name: str, edge: Mapping[str, Any]) -> None:
        """Take the mapping that an edge shows for its predicate."""
        if name in self._seen:
            return
        self._seen.add(name)
        biolink = compact(edge.get("predicate") or "")
        if biolink.startswith("biolink:") and biolink != UNMAPPED:
            completing = {key: compact(edge[key]) for key in _MAPPING if edge.get(key)}
            label = name.replace("_", " ")
            self._fresh.append(
                Predicate(id=name, label=label, biolink=biolink, biolink_qualifiers=completing)
            )

    def taken(self) -> Schema | None:
        """Return what was learnt since the last call, None for nothing."""
        fresh, self._fresh = tuple(self._fresh), []
        return Schema(predicates=fresh) if fresh else None


def entity_of(record: Mapping[str, Any], reading: Reading) -> Entity:
    """Return the entity of a KGX node; raises `ValueError` where it has no id.

    Fields that the model does not have are attributes.
    """
    identifier = _required(record, "id")
    lists: dict[str, list[str]] = {"synonyms": [], "xrefs": [], "provided_by": []}
    texts: dict[str, str] = {}
    others: dict[str, Any] = {}
    for key, value in with_attributes(record).items():
        field = NODE_FIELDS.get(key, key)
        if value is None or value == "" or field in {"id", "category"}:
            continue
        if field in lists:
            lists[field] += identifiers(value) if field == "xrefs" else values(value)
        elif field in ENTITY_FIELDS:
            text = compact(value)
            texts[field] = "" if says_nothing(text) else text
        else:
            others[field] = value
    category, further = reading.category(values(record.get("category") or ()))
    attributes = attributes_of(others)
    if further:
        attributes["category"] = further
    kinds = synonym_kinds(attributes)
    return Entity(
        id=identifier,
        name=texts.get("name", ""),
        category=category,
        synonym_kinds=kinds,
        synonyms=tuple(dict.fromkeys(lists["synonyms"])),
        description=texts.get("description", ""),
        xrefs=tuple(dict.fromkeys(lists["xrefs"])),
        provided_by=tuple(dict.fromkeys(lists["provided_by"])),
        iri=texts.get("iri", ""),
        attributes=attributes,
    )


def synonym_kinds(attributes: dict[str, str]) -> dict[str, SynonymKind]:
    """Take the kinds of synonyms, as MechKG writes them, out of the attributes of a node.

    >>> synonym_kinds({"synonym_kinds": '{"a":"broad"}'}), synonym_kinds({"synonym_kinds": "?"})
    ({'a': 'broad'}, {})
    """
    try:
        kinds = msgspec.json.decode(attributes["synonym_kinds"], type=dict[str, SynonymKind])
    except (KeyError, msgspec.DecodeError):
        return {}
    del attributes["synonym_kinds"]
    return dict(sorted(kinds.items()))


def attributes_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return further fields of a node as attributes, by name; empty ones are left out.

    A field `attributes` that is an object of texts, as MechKG writes it, holds attributes itself.

    >>> attributes_of({"symbol": "TNF", "attributes": '{"in_taxon": "NCBITaxon:9606"}', "x": ""})
    {'in_taxon': 'NCBITaxon:9606', 'symbol': 'TNF'}
    """
    found: dict[str, str] = {}
    for key, value in with_attributes(fields).items():
        if value is None or value in ("", []):
            continue
        if key == "attributes":
            try:
                found |= _decoded(key, value, dict[str, str])
            except ValueError:
                found[key] = compact(value)
        else:
            found[key] = attribute(value)
    return {key: found[key] for key in sorted(found)}
