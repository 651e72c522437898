"""OBO flat files: terms, relations and instances as stanzas of tags.

The format is OBO 1.4 (owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html). A term gives what
the same ontology gives as OBO Graphs: `is_a`, `relationship`, the parts of `intersection_of` and
`equivalent_to` are statements; names, synonyms, cross-references and replacements describe
entities.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Statement, SynonymKind
from mechkg.kg.readers.content import Batch, Reading, Records, Said
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.obo import (
    ANNOTATED,
    has_known_type,
    predicate_name,
    synonym_kind,
    term_category,
)

__all__ = ["fits", "read"]

BATCH: Final = 4096
AXIOM: Final = "ontology_axiom"
DEFINITION: Final = "ontology_definition"
_COMMENT: Final = re.compile(r"\s+!.*|\s*\{[^{}]*\}\s*$")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)')
_ESCAPE: Final = re.compile(r"\\(.)")
_QUALIFIER: Final = re.compile(r'([\w:.-]+)="([^"]*)"')
_ESCAPED: Final = {"n": "\n", "t": "\t", "W": " "}
_LISTS: Final = frozenset(("subset", "comment", "consider", "created_by", "creation_date"))
"""Tags that are attributes of an entity."""
_SCOPES: Final[Mapping[str, str]] = {
    "synonym": "", "exact_synonym": "EXACT", "broad_synonym": "BROAD",
    "narrow_synonym": "NARROW", "related_synonym": "RELATED",
}  # fmt: skip
"""Tags of synonyms with the scope that they say (OBO 1.0 had a tag for each scope)."""
_KNOWN: Final = frozenset(
    (
        *_LISTS, *_SCOPES, "id", "name", "namespace", "def", "alt_id", "xref", "is_a",
        "intersection_of", "relationship", "equivalent_to", "instance_of", "replaced_by",
        "is_obsolete", "is_anonymous",
    )
)  # fmt: skip
"""Tags of a term or instance that are read, or say nothing of it."""
_CLAIMS: Final = frozenset(
    ("is_a", "intersection_of", "relationship", "equivalent_to", "instance_of")
)
"""Tags whose trailing modifiers support a statement."""
_SUPPORTED: Final = re.compile(r"\[\s*[^\]\s]|\{\s*[^}\s]")
"""References or modifiers behind a text that are not empty."""
_MODIFIED: Final = re.compile(r'\{[^{}]*="[^{}]*\}\s*(?:!.*)?$')
_UNKNOWN: Final = "a tag that the model has no field for"
_KINDS: Final = frozenset(("Term", "Typedef", "Instance"))
_PASSED_OVER: Final[Mapping[str, str]] = {
    "union_of": "a union of classes is no statement about one of them",
    "disjoint_from": "that two classes share nothing is no mechanism",
    "disjoint_over": "an axiom about a relation",
    "property_value": "a property of a term that the model has no field for",
    "holds_over_chain": "an axiom about a relation",
    "equivalent_to_chain": "an axiom about a relation",
}
_IDS: Final = frozenset(
    ("id", "is_a", "alt_id", "replaced_by", "consider", "intersection_of", "relationship",
     "equivalent_to", "instance_of", "xref", "union_of", "disjoint_from")
)  # fmt: skip
"""Tags whose values begin with identifiers."""
_ABOUT_PROPERTY: Final = frozenset(
    ("is_a", "inverse_of", "domain", "range", "transitive_over", "relationship")
)


@dataclass(slots=True)
class _Stanza:
    """A stanza: its kind (`Term`, `Typedef`, `Instance`, "" for the header), line and tags."""

    kind: str
    line: int
    tags: list[tuple[int, str, str]] = field(default_factory=list)

    def first(self, name: str) -> str:
        return next((value for _, tag, value in self.tags if tag == name), "")

    def all(self, name: str) -> list[str]:
        return [value for _, tag, value in self.tags if tag == name]


def fits(head: bytes) -> bool:
    """Say whether some bytes begin an OBO flat file.

    >>> fits(b"format-version: 1.2"), fits(b"[1, 2]")
    (True, False)
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"format-version:") or re.search(rb"(?m)^\[Term\]", head) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read an OBO flat file; relations first, as their names decide those of statements."""
    stanzas = list(_stanzas(file))
    header = stanzas[0]
    _expand(stanzas)
    namespace = _bare(header.first("default-namespace"))
    source = _bare(header.first("ontology")) or reading.source
    relations = {
        _bare(stanza.first("id")): _predicate(stanza, reading)
        for stanza in stanzas
        if stanza.kind == "Typedef"
    }
    yield Records(defined=Schema(predicates=tuple(relations.values())))
    names = {identifier: predicate.id for identifier, predicate in relations.items()}
    properties = _properties(stanzas)
    evidence = Evidence(
        kind=AXIOM, source=source, knowledge_level="knowledge_assertion",
        agent_type="manual_agent", location=_bare(header.first("data-version")),
    )  # fmt: skip
    entities: list[Entity] = []
    statements: list[Said] = []
    for stanza in _read_stanzas(stanzas, file):
        identifier = _bare(stanza.first("id"))
        if not identifier:
            file.refuse(stanza.line, f"the stanza [{stanza.kind}] has no id", "entity")
            continue
        if stanza.kind == "Typedef":
            file.keep("relation")
            _pass_over(stanza, file)
            continue
        _settle_properties(stanza, names, properties)
        entities.append(_entity(stanza, identifier, namespace, source, reading))
        entities += _merged_ids(stanza, identifier, source, reading)
        statements += _statements(stanza, names, evidence, file, reading)
        _pass_over(stanza, file)
        if len(entities) + len(statements) >= BATCH:
            yield Records(tuple(entities), tuple(statements), line=stanza.line)
            entities, statements = [], []
    yield Records(tuple(entities), tuple(statements))


def _read_stanzas(stanzas: Sequence[_Stanza], file: SourceFile) -> Iterator[_Stanza]:
    """Yield the stanzas that are read; count imports, and what other stanzas hold."""
    for line, tag, value in stanzas[0].tags:
        if tag == "import":
            _pass_over_tag(file, line, "import: nothing is fetched", value)
        elif tag == "owl-axioms":
            _pass_over_tag(file, line, "owl-axioms: OWL that the format has no tag for", value)
    for stanza in stanzas[1:]:
        if stanza.kind in _KINDS:
            yield stanza
            continue
        for line, tag, value in stanza.tags:
            _pass_over_tag(file, line, f"the stanza [{stanza.kind}] is not read", tag + value)


def _stanzas(file: SourceFile) -> Iterator[_Stanza]:
    stanza = _Stanza("", 1)
    for block in file.blocks():
        for line, raw in enumerate(block.data.decode().split("\n")[:-1], block.line):
            text = raw.strip()
            if text.startswith("[") and text.endswith("]"):
                yield stanza
                stanza = _Stanza(text[1:-1], line)
            elif text and not text.startswith("!"):
                tag, colon, value = text.partition(":")
                if colon:
                    stanza.tags.append((line, tag.strip(), value.strip()))
                else:
                    file.see("tag")
                    file.refuse(line, f"the line has no tag: {text[:60]!r}", "tag")
    yield stanza


def _properties(stanzas: Sequence[_Stanza]) -> frozenset[str]:
    """Return the relations that are metadata tags: properties of a term."""
    return frozenset(
        _bare(stanza.first("id"))
        for stanza in stanzas
        if stanza.kind == "Typedef" and _bare(stanza.first("is_metadata_tag")) == "true"
    )


def _expand(stanzas: Sequence[_Stanza]) -> None:
    """Give identifiers the IRIs that `idspace` tags of the header say, where these differ."""
    known = registry()
    spaces = dict(value.split()[:2] for value in stanzas[0].all("idspace") if " " in value)
    own = {
        prefix: start
        for prefix, start in spaces.items()
        if known.canonical(f"{start}1") != known.canonical(f"{prefix}:1")
    }
    if not own:
        return
    pattern = re.compile(rf"(?<!\S)({'|'.join(map(re.escape, own))}):(?=\S)")
    for stanza in stanzas:
        stanza.tags = [
            (line, tag, pattern.sub(lambda found: own[found[1]], value) if tag in _IDS else value)
            for line, tag, value in stanza.tags
        ]


def _settle_properties(
    stanza: _Stanza, names: Mapping[str, str], properties: Collection[str]
) -> None:
    """Turn relations that are mere properties into such, and properties that relate into relations.

    The format maps both to OWL alike: what relates two terms is no annotation (section 5).
    """
    settled = []
    for line, tag, value in stanza.tags:
        words = _bare(value).split()
        relates = len(words) == 2 and words[0] in names and words[0] not in properties
        if tag == "relationship" and words[:1] and words[0] in properties:
            exact = words[0] == "skos:exactMatch" and len(words) > 1
            settled.append((line, "xref", words[1]) if exact else (line, "property_value", value))
        elif tag == "property_value" and relates and not value.partition(" ")[2].startswith('"'):
            settled.append((line, "relationship", value))
        elif tag == "property_value" and words[:1] == ["skos:exactMatch"] and len(words) > 1:
            settled.append((line, "xref", words[1].strip('"')))
        else:
            settled.append((line, tag, value))
    stanza.tags = settled


def _merged_ids(
    stanza: _Stanza, identifier: str, source: str, reading: Reading
) -> Iterator[Entity]:
    """Yield the identifiers that were merged into a term: obsolete terms that it replaces."""
    for other in sorted(set(map(_bare, stanza.all("alt_id")))):
        yield Entity(
            id=other, name=other, category=term_category(other, "", reading),
            provided_by=(source,), attributes={"deprecated": "true", "replaced_by": identifier},
        )  # fmt: skip


def _bare(value: str) -> str:
    """Return a value without its comment and trailing modifiers, escapes resolved."""
    return _unescaped(_COMMENT.sub("", value).strip())


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text)


def _predicate(stanza: _Stanza, reading: Reading) -> Predicate:
    identifier = _bare(stanza.first("id"))
    others = [x for x in map(_bare, stanza.all("xref")) if ":" in x and ":" not in identifier]
    xref = (*others, identifier)[0]  # of a short name, the cross-reference is the IRI (section 5.9)
    label = _bare(stanza.first("name"))
    name = reading.predicate(xref) or xref
    text = _STRING.match(stanza.first("def"))
    return Predicate(
        id=name, label=label or identifier, mappings=tuple(dict.fromkeys((xref, identifier))),
        description=_unescaped(text[1]) if text else "",
    )  # fmt: skip


def _entity(
    stanza: _Stanza, identifier: str, namespace: str, source: str, reading: Reading
) -> Entity:
    name, *others = (*map(_bare, stanza.all("name")), "")
    matches = map(_STRING.match, stanza.all("def"))
    definitions = [_unescaped(match[1]) for match in matches if match is not None]
    synonyms, kinds = _synonyms(stanza, name)
    synonyms += [text for text in others if text and text not in (name, *synonyms)]
    xrefs = [re.split(r"\s", x)[0] for x in map(_bare, stanza.all("xref"))]
    own_namespace = _bare(stanza.first("namespace")) or namespace
    return Entity(
        id=identifier,
        name=name or identifier,
        category=term_category(identifier, own_namespace, reading),
        synonyms=tuple(sorted(synonyms)),
        synonym_kinds=kinds,
        description=definitions[0] if definitions else "",
        xrefs=tuple(sorted({*xrefs, *map(_bare, stanza.all("alt_id"))})),
        provided_by=(source,),
        attributes=_attributes(stanza, definitions[1:]),
    )


def _synonyms(stanza: _Stanza, name: str) -> tuple[list[str], dict[str, SynonymKind]]:
    found: dict[str, SynonymKind | None] = {}
    for scope, value in ((s, v) for tag, s in _SCOPES.items() for v in stanza.all(tag)):
        match = _STRING.match(value)
        if match is not None and _unescaped(match[1]) != name:
            kind = synonym_kind(*_scope_and_type(match[2], scope))
            found.setdefault(_unescaped(match[1]), kind)
    return list(found), {text: kind for text, kind in sorted(found.items()) if kind}


def _scope_and_type(rest: str, scope: str) -> tuple[str, str]:
    """Return the scope of a synonym and its type, "" for none, of what stands behind its text."""
    words = [scope] if scope else re.split(r"[\[{]", rest)[0].split()
    return (*words, "EXACT", "")[:2] if len(words) != 1 else (words[0], "")


def _attributes(stanza: _Stanza, definitions: Sequence[str]) -> dict[str, str]:
    found = {name: "|".join(sorted(map(_bare, stanza.all(name)))) for name in _LISTS}
    found["description"] = "|".join(definitions)
    if _bare(stanza.first("is_obsolete")) == "true":
        found["deprecated"] = "true"
    found["replaced_by"] = "|".join(sorted(map(_bare, stanza.all("replaced_by"))))
    return {name: text for name, text in sorted(found.items()) if text}


def _statements(
    stanza: _Stanza,
    names: Mapping[str, str],
    evidence: Evidence,
    file: SourceFile,
    reading: Reading,
) -> Iterator[Said]:
    identifier = _bare(stanza.first("id"))
    for line, tag, value in stanza.tags:
        claim = _claim(tag, _bare(value).split())
        if claim is None:
            continue
        relation, target, kind = claim
        if not target:
            file.refuse(line, f"'{tag}' names no target", "statement")
            continue
        predicate = _FIXED.get(relation) or names.get(relation)
        piece = Evidence(
            kind=kind, source=evidence.source, location=evidence.location,
            knowledge_level=evidence.knowledge_level, agent_type=evidence.agent_type,
            publications=_publications(value),
        )  # fmt: skip
        statement = Statement(
            id="", subject=identifier, object=target, evidence=(piece,),
            predicate=predicate or predicate_name(relation, "", reading),
        )  # fmt: skip
        yield statement, False


_FIXED: Final = {"is_a": "subclass_of", "instance_of": "type"}


def _claim(tag: str, words: Sequence[str]) -> tuple[str, str, str] | None:
    """Return relation, target and kind of evidence of a tag that states something."""
    first, second = (*words, "", "")[:2]
    if tag in {"is_a", "instance_of"}:
        return tag, first, AXIOM
    if tag == "relationship":
        return first, second, AXIOM
    if tag == "intersection_of":
        return (first, second, DEFINITION) if second else ("is_a", first, DEFINITION)
    return ("same_as", first, AXIOM) if tag == "equivalent_to" else None


def _publications(value: str) -> tuple[str, ...]:
    """Return the references that trailing modifiers name, as `{source="PMID:1"}`."""
    pairs = _QUALIFIER.findall(value)
    return tuple(dict.fromkeys(text for key, text in pairs if key in {"source", "xref"}))


def _pass_over(stanza: _Stanza, file: SourceFile) -> None:
    for line, tag, value in stanza.tags:
        about = stanza.kind == "Typedef" and tag in _ABOUT_PROPERTY
        reason = "an axiom about a relation" if about else _PASSED_OVER.get(tag)
        if not reason and stanza.kind != "Typedef" and tag not in _KNOWN:
            reason = _UNKNOWN
        if reason:
            _pass_over_tag(file, line, f"{tag}: {reason}", value)
        elif stanza.kind != "Typedef" and _is_annotated(tag, value):
            _pass_over_tag(file, line, f"{tag}: {ANNOTATED}", value)


def _is_annotated(tag: str, value: str) -> bool:
    """Say whether something supports or types a text, for which the model has no field."""
    if tag in _CLAIMS:
        return False
    text = _STRING.match(value)
    if text is None:
        return _MODIFIED.search(value) is not None
    if tag == "synonym":
        scope, type_ = _scope_and_type(text[2], "")
        if type_ and not has_known_type(scope, type_):
            return True
    return _SUPPORTED.search(text[2]) is not None


def _pass_over_tag(file: SourceFile, line: int, reason: str, value: str) -> None:
    file.see("axiom")
    file.pass_over("axiom", line, reason, example=value[:80])
