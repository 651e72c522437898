"""The few queries that an endpoint is sent (SPARQL 1.1), as text.

A statement is a triple of two different IRIs whose property the mapping counts. Predicates are
never listed in `IN` or as alternatives of a path, which Virtuoso evaluates a hundred times slower:
each has a branch of its own. Nor are filters for IRIs used beside `BIND` in a union: its compiler
refuses that (error SP031), so blank nodes among named entities are left out by the reader.
"""

from __future__ import annotations

from collections.abc import Sequence

from mechkg.ontology.endpoint.mapping import EndpointMapping

__all__ = ["Queries"]


class Queries:
    """Writes queries for one mapping; entities and properties are given as IRIs.

    >>> Queries(EndpointMapping()).all_statements().startswith("SELECT (COUNT(*) AS ?n)")
    True
    """

    def __init__(self, mapping: EndpointMapping) -> None:
        self._mapping = mapping
        self._filter = _filter(mapping)

    def version(self) -> str:
        """Return the query for a token that changes with the content."""
        return self._mapping.version or "SELECT (COUNT(*) AS ?n) {?s ?p ?o}"

    def all_statements(self) -> str:
        """Return the query that counts all statements."""
        return f"SELECT (COUNT(*) AS ?n) {{?s ?p ?o {self._whole()}}}"

    def with_property(self, iri: str) -> str:
        """Return the query for the statements of one property."""
        return f"SELECT ?s ?o {{?s <{iri}> ?o FILTER(isIRI(?s) && isIRI(?o) && ?s != ?o)}}"

    def descriptions(self) -> list[tuple[int, str]]:
        """Return the queries for all names (0) and types (1) of entities."""
        names = [(0, iri, self._spoken()) for iri in self._mapping.labels]
        types = [(1, iri, "") for iri in self._mapping.types]
        return [
            (place, f"SELECT ?s ?v {{?s <{iri}> ?v {kept}}}")
            for place, iri, kept in (*names, *types)
        ]

    def properties(self) -> str:
        """Return the query for all properties that make statements."""
        return f"SELECT DISTINCT ?p {{?s ?p ?o {self._whole()}}}"

    def _whole(self) -> str:
        return f"FILTER(isIRI(?s)) {self._filter}"

    def table(self, end: str) -> str:
        """Return the query for the number of statements of each subject (`s`) or object (`o`)."""
        return f"SELECT ?{end} (COUNT(*) AS ?n) {{?s ?p ?o {self._whole()}}} GROUP BY ?{end}"

    def degrees(self, iris: Sequence[str]) -> str:
        """Return the query for the degrees of some entities; each has a row, whatever it has."""
        listed = _values("x", iris)
        return (
            "SELECT ?x (SUM(?a) AS ?out) (SUM(?b) AS ?in) {"
            f"{{{listed} ?x ?p ?o {self._of('x', 'o')} BIND(1 AS ?a) BIND(0 AS ?b)}} UNION "
            f"{{{listed} ?s ?p ?x {self._of('s', 'x')} BIND(0 AS ?a) BIND(1 AS ?b)}} UNION "
            f"{{{listed} BIND(0 AS ?a) BIND(0 AS ?b)}}}} GROUP BY ?x"
        )

    def _of(self, subject: str, obj: str) -> str:
        text = self._filter.replace("?s", f"?{subject}").replace("?o", f"?{obj}")
        return text + (" FILTER(isIRI(?s))" if subject == "s" else "")

    def expand(
        self, subjects: Sequence[str], objects: Sequence[str], properties: Sequence[str] | None
    ) -> str:
        """Return the query for the statements of some subjects and of some objects."""
        return f"SELECT ?s ?p ?o {{{self._branches(subjects, objects, properties)}}}"

    def count(
        self, subjects: Sequence[str], objects: Sequence[str], properties: Sequence[str] | None
    ) -> str:
        """Return the query for the number of rows that `expand` gives."""
        return f"SELECT (COUNT(*) AS ?n) {{{self._branches(subjects, objects, properties)}}}"

    def _branches(
        self, subjects: Sequence[str], objects: Sequence[str], properties: Sequence[str] | None
    ) -> str:
        return " UNION ".join(
            f"{{{_values(end, iris)} {pattern}{extra}}}"
            for end, iris, extra in (
                ("s", subjects, ""), ("o", objects, " FILTER(isIRI(?s))"),
            )
            if iris
            for pattern in self._patterns(properties)
        )  # fmt: skip

    def _patterns(self, properties: Sequence[str] | None) -> list[str]:
        if properties is None:
            return [f"?s ?p ?o {self._filter}"]
        return [
            f"?s <{iri}> ?o FILTER(isIRI(?o) && ?s != ?o) BIND(<{iri}> AS ?p)" for iri in properties
        ]

    def between(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Return the query for the statements from the first to the second of each pair."""
        listed = " ".join(f"(<{a}> <{b}>)" for a, b in pairs)
        return f"SELECT ?s ?p ?o {{VALUES (?s ?o) {{{listed}}} ?s ?p ?o {self._filter}}}"

    def entities(self, iris: Sequence[str]) -> str:
        """Return the query for names and types of some entities; each has a row (`k` is "")."""
        listed = _values("s", iris)
        labels = [("l", iri, self._spoken()) for iri in self._mapping.labels]
        types = [("t", iri, "") for iri in self._mapping.types]
        branches = [
            f'{{{listed} ?s <{iri}> ?v {kept} BIND("{kind}" AS ?k)}}'
            for kind, iri, kept in (*labels, *types)
        ]
        return f'SELECT ?s ?k ?v {{{{{listed} BIND("" AS ?k)}} UNION {" UNION ".join(branches)}}}'

    def _spoken(self) -> str:
        languages = " || ".join(
            ['LANG(?v) = ""', *(f'LANGMATCHES(LANG(?v), "{x}")' for x in self._mapping.languages)]
        )
        return f"FILTER({languages})"

    def members(self, types: Sequence[str]) -> str:
        """Return the query that counts the entities of some types."""
        branches = " UNION ".join(
            f"{{{_values('t', types)} ?s <{iri}> ?t}}" for iri in self._mapping.types
        )
        return f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{{branches}}}"

    def beginning(self, text: str, limit: int) -> str:
        """Return the query for entities of which a name or synonym begins so, whatever the case."""
        start = _quoted(text.lower())
        kinds = [("l", iri) for iri in self._mapping.labels]
        kinds += [("y", iri) for iri in self._mapping.synonyms]
        branches = " UNION ".join(
            f'{{?s <{iri}> ?v FILTER(STRSTARTS(LCASE(STR(?v)), {start})) BIND("{kind}" AS ?k)}}'
            for kind, iri in kinds
        )
        return f"SELECT DISTINCT ?s ?k ?v {{{branches}}} LIMIT {limit}"

    def named(self, texts: Sequence[str]) -> str:
        """Return the query for the entities whose name or synonym is one of some texts."""
        forms = dict.fromkeys(
            form for text in texts for form in (text, text.lower(), text.capitalize(), text.upper())
        )
        tags = ("", *(f"@{language}" for language in self._mapping.languages))
        listed = " ".join(_quoted(form) + tag for form in forms for tag in tags)
        kinds = [("l", iri) for iri in self._mapping.labels]
        kinds += [("y", iri) for iri in self._mapping.synonyms]
        branches = " UNION ".join(
            f'{{VALUES ?v {{{listed}}} ?s <{iri}> ?v BIND("{kind}" AS ?k)}}' for kind, iri in kinds
        )
        return f"SELECT DISTINCT ?s ?k ?v {{{branches}}}"


def _values(name: str, iris: Sequence[str]) -> str:
    return f"VALUES ?{name} {{{' '.join(f'<{iri}>' for iri in iris)}}}"


def _quoted(text: str) -> str:
    """Return a text as a literal of SPARQL 1.1 (section 19.8, STRING_LITERAL2)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for raw, mark in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(raw, mark)
    return f'"{"".join(c for c in escaped if c >= " ")}"'


def _filter(mapping: EndpointMapping) -> str:
    """Return the filter of triples that are statements."""
    stated = mapping.statements
    kept = [f"?p = <{iri}>" for iri in stated.properties]
    kept += [f'STRSTARTS(STR(?p), "{start}")' for start in stated.namespaces]
    if kept:
        chosen = f"({' || '.join(kept)})"
    else:
        chosen = " && ".join(f'!STRSTARTS(STR(?p), "{start}")' for start in stated.without)
    both = "isIRI(?o) && ?s != ?o"
    return f"FILTER({both} && {chosen})" if chosen else f"FILTER({both})"
