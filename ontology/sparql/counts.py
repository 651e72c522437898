"""What a store holds of each predicate and class, counted once, for the queries typed first.

`SELECT (COUNT(*) AS ?n) { ?s ?p ?o }`, which predicates and classes there are, and how often each
occurs: a store answers these by reading all of its triples. They are counted when the store is
made, and such a query is rewritten to VALUES over the counts, so that all else of it (names, order,
LIMIT) keeps its meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from mechkg.ontology.rdf.vocabulary import RDF
from mechkg.ontology.sparql.query_text import Text, Token

__all__ = ["Counts", "count_store", "read_counts", "rewrite_counts", "write_counts"]

MAX_TERMS: Final = 2_000
"""Predicates, or classes, that are counted one by one."""

_COUNT: Final = "?mechkg_count"
_MODIFIERS: Final = frozenset(("ORDER", "BY", "ASC", "DESC", "LIMIT", "OFFSET", "(", ")"))


class Counts(msgspec.Struct, frozen=True):
    """Triples of the default graph: all, by predicate, and those of rdf:type by class (IRIs)."""

    triples: int
    predicates: dict[str, int]
    classes: dict[str, int]


def count_store(store: Any) -> Counts | None:
    """Count the default graph of an open store; None where it has too many terms. O(triples)."""
    tables = []
    for pattern in ("?s ?x ?o", f"?s <{RDF['type']}> ?x"):
        text = f"SELECT ?x (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?x LIMIT {MAX_TERMS + 1}"
        rows = [(row["x"], int(row["n"].value)) for row in store.query(text)]
        if len(rows) > MAX_TERMS or not all(str(term).startswith("<") for term, _ in rows):
            return None
        tables.append({term.value: count for term, count in rows})
    predicates, classes = tables
    return Counts(sum(predicates.values()), predicates, classes)


def write_counts(store: Path, counts: Counts) -> None:
    """Write the counts of a store beside its directory."""
    store.with_suffix(".json").write_bytes(msgspec.json.encode(counts))


def read_counts(store: Path) -> Counts | None:
    """Return the counts of a store, None where it has none."""
    try:
        return msgspec.json.decode(store.with_suffix(".json").read_bytes(), type=Counts)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def rewrite_counts(text: Text, counts: Counts) -> str | None:
    """Return a query that asks the counts instead of the store, None where they cannot answer.

    >>> counts = Counts(3, {"http://a": 3}, {})
    >>> rewrite_counts(Text("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), counts)
    'SELECT ( 3 AS ?n ) { }'
    >>> rewrite_counts(Text("SELECT (COUNT(*) AS ?n) { ?s ?p ?s }"), counts) is None
    True
    """
    tokens = _body(text)
    opening = next((n for n, token in enumerate(tokens) if token.text == "{"), 0)
    closing = next((n for n, token in enumerate(tokens) if token.text == "}"), 0)
    head = tokens[1 : opening - (tokens[opening - 1].text == "WHERE")] if opening else []
    group = _group(text, tokens[opening + 1 : closing])
    if not head or group is None or text.form != "SELECT":
        return None
    variables, grouped, of_classes = group
    table = counts.classes if of_classes else counts.predicates
    words = [token.text for token in head]
    tail = tokens[closing + 1 :]
    if (name := _counted(words, variables)) is not None and not tail:
        return f"SELECT ( {sum(table.values())} AS {name} ) {{ }}"
    if words == ["DISTINCT", grouped] and _only_modifies(tail, {grouped}):
        values = " ".join(f"<{term}>" for term in table)
        return _joined(text, ["SELECT", *words, f"{{ VALUES {grouped} {{ {values} }} }}"], tail)
    return _by_group(text, words, group, table, tail)


def _by_group(
    text: Text,
    words: list[str],
    group: tuple[set[str], str, bool],
    table: dict[str, int],
    tail: Sequence[Token],
) -> str | None:
    variables, grouped, _ = group
    rest = words[1:] if words[:1] == [grouped] else words[:-1]
    name = _counted(rest, variables)
    by = [token.text for token in tail[:3]]
    if grouped not in {words[0], words[-1]} or name is None or by != ["GROUP", "BY", grouped]:
        return None
    if not _only_modifies(tail[3:], {grouped, name}):
        return None
    values = " ".join(f"(<{term}> {count})" for term, count in table.items())
    where = f"{{ VALUES ({grouped} {_COUNT}) {{ {values} }} }}"
    columns = [grouped, f"(SUM({_COUNT}) AS {name})"]
    if words[0] != grouped:
        columns.reverse()
    return _joined(text, ["SELECT", *columns, where], tail)


def _body(text: Text) -> list[Token]:
    """Return the tokens after the prologue."""
    tokens = list(text.tokens)
    start = next((n for n, token in enumerate(tokens) if token.text == "SELECT"), len(tokens))
    return tokens[start:]


def _group(text: Text, inside: Sequence[Token]) -> tuple[set[str], str, bool] | None:
    """Return the variables of a lone triple pattern, the one that counts know, if it is a class."""
    if len(inside) == 4 and inside[3].text == ".":
        inside = inside[:3]
    if len(inside) != 3:
        return None
    subject, predicate, value = inside
    is_type = predicate.text in {"a", "A"} or text.iri(predicate) == RDF["type"]
    variables = [t.text for t in inside if t.kind == "variable"]
    wanted = 2 if is_type else 3
    if len(set(variables)) != wanted or {subject.kind, value.kind} != {"variable"}:
        return None
    return set(variables), value.text if is_type else predicate.text, is_type


def _counted(words: Sequence[str], variables: set[str]) -> str | None:
    """Return the variable that `( COUNT ( * ) AS ?n )` fills, None for another text."""
    if len(words) != 8 or [*words[:3], words[4], words[5], words[7]] != [
        "(", "COUNT", "(", ")", "AS", ")"
    ]:  # fmt: skip
        return None
    fits = words[3] in {"*", *variables} and words[6].startswith(("?", "$"))
    return words[6] if fits and words[6] not in variables else None


def _only_modifies(tail: Sequence[Token], variables: set[str]) -> bool:
    return all(t.text in _MODIFIERS | variables or t.kind == "number" for t in tail)


def _joined(text: Text, parts: list[str], tail: Sequence[Token]) -> str:
    if tail:
        parts.append(text.text[tail[0].start :])
    return " ".join(parts)
