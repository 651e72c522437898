"""INDRA statements: what reading systems and databases say about agents, in JSON or as pairs.

The form in JSON is github.com/sorgerlab/indra (indra/resources/statements_schema.json): a statement
has a `type`, agents under names that depend on it, and a list of `evidence`, each a piece of its
own with its contexts. An agent's identifier is the first grounding of `_GROUNDINGS` that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from mechkg.kg.model.values import Context, ContextType, Evidence
from mechkg.kg.readers.content import DATABASE
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape
from mechkg.kg.readers.kgx import LITERATURE, PIECES

__all__ = ["fits", "records", "table_records"]

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
    "GtpActivation": ("affects", "increased", "activity"),
    "Gef": ("affects", "increased", "activity"),
    "Gap": ("affects", "decreased", "activity"),
}
"""Predicate, direction and aspect of the types that have a direction."""
_TYPES: Final = frozenset(("type", "id", "evidence"))
_SITES: Final = ("residue", "position")
"""What a modification says of its site."""
_READING: Final = frozenset(
    ("reach", "sparser", "trips", "eidos", "rlimsp", "isi", "medscan", "geneways", "tees", "gnbr",
     "semrep", "cwms", "sofia", "hume", "evex")
)  # fmt: skip
"""Sources of INDRA that read texts."""
_CONTEXTS: Final[Mapping[str, ContextType]] = {
    "species": "species", "cell_type": "cell", "cell_line": "cell", "organ": "anatomy",
    "location": "anatomy", "disease": "disease",
}  # fmt: skip
"""Kinds of context by their names in INDRA (`BioContext`)."""
_TERMS: Final = (
    ("TAXONOMY", "NCBITaxon"), ("CL", "CL"), ("CLO", "CLO"), ("CVCL", "CVCL"), ("UBERON", "UBERON"),
    ("GO", "GO"), ("DOID", "DOID"), ("MONDO", "MONDO"), ("MESH", "MESH"), ("EFO", "EFO"),
    ("BTO", "BTO"),
)  # fmt: skip


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
    if isinstance(statements, dict):  # by hash, as INDRA's database answers
        statements = list(statements.values())
    known: set[str] = set()  # agents by all that is said of them
    for statement in statements:
        pairs = list(_pairs(statement))
        if not pairs:
            file.see("statement")
            reason = f"{statement.get('type')} has no two agents"
            file.pass_over("statement", None, reason, example=str(statement.get("id", "")))
        for subject, target in pairs:
            ends = _identifier(subject), _identifier(target)
            for agent, identifier in zip((subject, target), ends, strict=True):
                node = _node(agent, identifier)
                said = repr(sorted(node.items(), key=lambda item: item[0]))
                if said not in known:
                    known.add(said)
                    yield None, node
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
    epistemics = [e.get("epistemics") or {} for e in evidence]
    ends = {name for pair in _ENDS for name in pair} | {"members", "obj_from", "obj_to"}
    rest = {key: value for key, value in statement.items() if key not in ends | _TYPES}
    identifier = str(statement.get("id") or "")
    return {
        "evidence_count": len(evidence) or "",
        **_claim(str(statement.get("type")), rest),
        "id": f"{identifier}{suffix}" if identifier else "",
        "subject": subject,
        "object": target,
        PIECES: tuple(dict.fromkeys(map(_piece, evidence))),
        "supporting_text": [e["text"] for e in evidence if e.get("text")],
        "negated": bool(epistemics) and all(e.get("negated") for e in epistemics),
        "hypothesis": any(e.get("hypothesis") for e in epistemics) or "",
    }


def _claim(kind: str, rest: Mapping[str, Any]) -> dict[str, Any]:
    """Return predicate, direction and aspect of a type, residues as qualifiers, and the rest."""
    predicate, direction, aspect = _EFFECTS.get(kind, (_words(kind), "", ""))
    sites = [
        {"qualifier_type_id": name, "qualifier_value": str(rest[name])}
        for name in _SITES
        if rest.get(name)
    ]
    return {
        **{key: value for key, value in rest.items() if key not in _SITES},
        "predicate": predicate,
        "statement_type": kind,
        "object_direction_qualifier": direction,
        "object_aspect_qualifier": aspect,
        "qualifiers": sites,
    }


def _piece(evidence: Mapping[str, Any]) -> Evidence:
    """Return one piece of evidence: its reader or database, its publication, where it was seen."""
    refs = {str(k).upper(): str(v) for k, v in (evidence.get("text_refs") or {}).items() if v}
    pmid = str(evidence.get("pmid") or refs.get("PMID") or "")
    found = [("PMID", pmid), ("PMC", refs.get("PMCID", "")), ("DOI", refs.get("DOI", ""))]
    publication = next((f"{p}:{i.removeprefix(p)}" for p, i in found if i), "")
    api = str(evidence.get("source_api") or "")
    return _evidence(api, (publication,) if publication else (), _contexts(evidence))


def _evidence(api: str, publications: tuple[str, ...], context: tuple[Context, ...]) -> Evidence:
    return Evidence(
        kind=LITERATURE if publications else DATABASE,
        source=f"infores:{api}" if api else "infores:indra",
        publications=publications,
        agent_type="text_mining_agent" if api.casefold() in _READING else "not_provided",
        context=context,
    )


def _contexts(evidence: Mapping[str, Any]) -> tuple[Context, ...]:
    """Return the biological context of a piece of evidence: terms with their names."""
    said = evidence.get("context") or {}
    found = []
    for name, kind in _CONTEXTS.items():
        term = said.get(name)
        if not isinstance(term, dict):
            continue
        refs, label = term.get("db_refs") or {}, str(term.get("name") or "")
        curie = next((_curie(p, str(refs[n])) for n, p in _TERMS if refs.get(n)), "")
        if curie or label:
            found.append(Context(kind, curie or label, label if curie else ""))
    return tuple(sorted(found, key=lambda c: (c.type, c.value)))


def _curie(prefix: str, local: str) -> str:
    return local if local.startswith(f"{prefix}:") else f"{prefix}:{local}"


def table_records(row: Mapping[str, str], of_edge: str) -> Iterator[Mapping[str, Any]]:
    """Yield agents and statement of a row of INDRA's table of pairs, agents marked `of_edge`.

    Columns: `agA_ns`, `agA_id`, `agA_name`, the same of `agB`, `stmt_type`, and any of
    `evidence_count`, `stmt_hash`, `residue`, `position`, `source_counts`, `belief`.
    """
    ends = []
    for end in ("aga", "agb"):
        names = {row[f"{end}_ns"].upper(): row[f"{end}_id"]}
        ends.append(_identifier({"name": row[f"{end}_name"], "db_refs": names}))
        yield {of_edge: True, "id": ends[-1], "name": row[f"{end}_name"]}
    rest = {k: v for k, v in row.items() if not k.startswith(("aga_", "agb_")) and v}
    kind = rest.pop("stmt_type", "")
    counts = re.findall(r"[\"']([\w-]+)[\"']\s*:\s*\d+", rest.get("source_counts", ""))
    yield {
        **_claim(kind, rest),
        "subject": ends[0],
        "object": ends[1],
        PIECES: tuple(_evidence(api, (), ()) for api in sorted(counts)),
        "primary_knowledge_source": "infores:indra",
    }


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
