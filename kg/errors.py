"""Every error that MechKG raises on purpose, in one tree.

::

    MechKGError                 anything below; has .slug, .title and .hint
    |-- QueryError              a parameter is wrong; names the parameter
    |   |-- UnknownEntity       no entity has this identifier or name; has suggestions
    |   |-- AmbiguousName       several entities have this name; has candidates
    |   |-- UnknownTerm         no such predicate, category, modality, scorer ...
    |   |-- StaleCursor         a cursor of another query or another snapshot
    |   |-- SnapshotGone        a version of the graph that is not kept any more
    |   |-- MalformedQuery      a text in a query language that cannot be parsed
    |   `-- ForbiddenQuery      such a text asks for what is never done
    |-- DataError               a source file is wrong; names file, line and reason
    |   |-- LoadRefused         files cannot be loaded; has every refusal that was met
    |   `-- ValidationError     a graph breaks its shapes; has one finding a focus node
    |-- SnapshotError           a snapshot directory is missing, torn or of another format
    |   `-- LogError            the log of changes is damaged, or cannot be written
    |-- EditConflict            a change that the graph, as it is, does not admit
    |   `-- ChangesRefused      checks of a changeset found errors; has all findings
    |-- StaleBase               a change made for a version that is not the current one any more
    |-- EngineError             another store of a graph does not answer as it should
    |-- NotSupported            what such a store cannot do, and a snapshot can
    |-- PluginError             an installed plug-in cannot be used; names it
    |-- TooLarge                an answer is past what this form can carry; says the limit
    |-- TooCostly               a question needs more than it may have; names the limit
    `-- Cancelled               the caller wished it to end

The core knows no HTTP and no exit codes: `api.http.problems` maps `slug` to a status, the command
line maps every `MechKGError` to exit code 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal, NamedTuple

import msgspec

__all__ = [
    "AmbiguousName",
    "Cancelled",
    "Candidate",
    "ChangesRefused",
    "DataError",
    "EditConflict",
    "EngineError",
    "Finding",
    "ForbiddenQuery",
    "LoadRefused",
    "LogError",
    "MalformedQuery",
    "MechKGError",
    "NotSupported",
    "PluginError",
    "QueryError",
    "SnapshotError",
    "SnapshotGone",
    "StaleBase",
    "StaleCursor",
    "TooCostly",
    "TooLarge",
    "UnknownEntity",
    "UnknownParameter",
    "UnknownTerm",
    "ValidationError",
]


MAX_SHOWN: Final = 3
"""Errors of a changeset that its sentence shows."""


class MechKGError(Exception):
    """The root of the tree: what is wrong, in one sentence, and what to do about it.

    >>> str(MechKGError("The disk is full.", hint="Free some space."))
    'The disk is full. Free some space.'
    """

    slug: ClassVar[str] = "error"
    title: ClassVar[str] = "MechKG could not do this"

    def __init__(self, detail: str, *, hint: str = "") -> None:
        super().__init__(f"{detail} {hint}".strip())
        self.detail = detail
        self.hint = hint


class QueryError(MechKGError):
    """A parameter of a query has a value that cannot be answered.

    >>> error = QueryError("max_hops", "must be between 1 and 8, not 99")
    >>> error.parameter, str(error)
    ('max_hops', 'Parameter max_hops must be between 1 and 8, not 99.')
    """

    slug = "invalid-parameter"
    title = "A parameter is not valid"

    def __init__(self, parameter: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"Parameter {parameter} {reason.rstrip('.')}.", hint=hint)
        self.parameter = parameter


class UnknownEntity(QueryError):
    """No entity of the graph has this identifier or name; `suggestions` are (curie, name) pairs.

    >>> str(UnknownEntity("source", "neurom", [("CL:0000540", "neuron")]))
    "Parameter source names no entity: 'neurom'. Did you mean neuron (CL:0000540)?"
    """

    slug = "unknown-entity"
    title = "No such entity"

    def __init__(
        self, parameter: str, text: str, suggestions: Sequence[tuple[str, str]] = ()
    ) -> None:
        listed = ", ".join(f"{name} ({curie})" for curie, name in suggestions)
        hint = f"Did you mean {listed}?" if listed else "Look it up with a search first."
        super().__init__(parameter, f"names no entity: {text!r}", hint=hint)
        self.text = text
        self.suggestions = tuple(suggestions)


class Candidate(NamedTuple):
    """An entity that a name may mean: its category, statements, and some of what it is linked to.

    >>> str(Candidate("CL:0000037", "hematopoietic stem cell", "biolink:Cell", 2, ("neuron",)))
    'CL:0000037 (hematopoietic stem cell; Cell; 2 statements, among them with neuron)'
    """

    id: str
    name: str
    category: str = ""
    statements: int = 0
    linked: tuple[str, ...] = ()

    def __str__(self) -> str:
        noun = "statement" if self.statements == 1 else "statements"
        linked = f", among them with {', '.join(self.linked)}" if self.linked else ""
        category = self.category.rpartition(":")[2]
        return f"{self.id} ({self.name}; {category}; {self.statements:,} {noun}{linked})"


class AmbiguousName(QueryError):
    """A name that may mean several things; `candidates` are (curie, name) pairs, never a guess.

    `details` says more of each candidate. There may be one only: then the name is known to have
    other meanings, which the graph does not hold.

    >>> error = AmbiguousName("source", "HSC", [("CL:0000037", "a"), ("CL:0000632", "b")])
    >>> str(error)
    "Parameter source is ambiguous: 'HSC' names 2 entities. Use one of CL:0000037, CL:0000632."
    """

    slug = "ambiguous-name"
    title = "The name fits several entities"

    def __init__(
        self,
        parameter: str,
        text: str,
        candidates: Sequence[tuple[str, str]],
        details: Sequence[Candidate] = (),
    ) -> None:
        listed = ", ".join(map(str, details) if details else (curie for curie, _ in candidates))
        one = len(candidates) == 1
        reason = "has other meanings, too" if one else f"names {len(candidates)} entities"
        super().__init__(
            parameter,
            f"is ambiguous: {text!r} {reason}",
            hint=f"If it is meant, use {listed}." if one else f"Use one of {listed}.",
        )
        self.text = text
        self.candidates = tuple(candidates)
        self.details = tuple(details)


class UnknownTerm(QueryError):
    """No predicate, category, modality, format or scorer of this name; `known` lists some.

    >>> str(UnknownTerm("predicate", "cures", ["treats", "ameliorates"]))
    "Parameter predicate has no value 'cures'. Known values: treats, ameliorates."
    """

    slug = "unknown-term"
    title = "No such term"

    def __init__(self, parameter: str, text: str, known: Sequence[str] = ()) -> None:
        hint = f"Known values: {', '.join(known)}." if known else ""
        super().__init__(parameter, f"has no value {text!r}", hint=hint)
        self.text = text
        self.known = tuple(known)


class UnknownParameter(QueryError):
    """A parameter that the question does not have; `known` lists those that it has.

    >>> str(UnknownParameter("hops", ["max_hops", "min_hops"]))
    'Parameter hops is not known here. Known parameters: max_hops, min_hops.'
    """

    slug = "unknown-parameter"
    title = "No such parameter"

    def __init__(self, parameter: str, known: Sequence[str]) -> None:
        listed = ", ".join(known) or "none"
        super().__init__(parameter, "is not known here", hint=f"Known parameters: {listed}.")
        self.known = tuple(known)


class StaleCursor(QueryError):
    """A cursor that belongs to another query or to another snapshot.

    >>> StaleCursor().parameter
    'cursor'
    """

    slug = "stale-cursor"
    title = "The cursor does not belong to this query"

    def __init__(self) -> None:
        super().__init__(
            "cursor", "was not issued for this query on this snapshot", hint="Ask without it."
        )


class SnapshotGone(QueryError):
    """A version of the graph that is asked for is not kept; `served` is the hash of the current.

    >>> str(SnapshotGone("0123abcd", "32b7cf498433"))
    "Parameter snapshot names a version that is not kept: '0123abcd'. Served now: 32b7cf498433."
    """

    slug = "snapshot-gone"
    title = "This version of the graph is gone"

    def __init__(self, text: str, served: str) -> None:
        super().__init__(
            "snapshot",
            f"names a version that is not kept: {text!r}",
            hint=f"Served now: {served}.",
        )
        self.text = text
        self.known = (served,)


class MalformedQuery(QueryError):
    """A text in a query language is not of that language.

    >>> str(MalformedQuery("ends within a string"))
    'Parameter query ends within a string.'
    """

    slug = "malformed-query"
    title = "The query cannot be parsed"

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__("query", reason, hint=hint)


class ForbiddenQuery(QueryError):
    """A text in a query language asks for what is never done here: to write, or to fetch.

    >>> str(ForbiddenQuery("may not use SERVICE"))
    'Parameter query may not use SERVICE.'
    """

    slug = "forbidden-query"
    title = "The query asks for what is not allowed"

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__("query", reason, hint=hint)


class DataError(MechKGError):
    """A source file cannot be read; `line` counts from 1 and is None where a file has no lines.

    >>> str(DataError("edges.tsv", 12, "the column 'object' is empty"))
    "edges.tsv, line 12: the column 'object' is empty."
    """

    slug = "invalid-data"
    title = "The data cannot be loaded"

    def __init__(self, file: str, line: int | None, reason: str, *, hint: str = "") -> None:
        where = file if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {reason.rstrip('.')}.", hint=hint)
        self.file = file
        self.line = line
        self.reason = reason


class LoadRefused(DataError):
    """Files cannot be loaded; `refusals` are the reasons in the order of files and lines.

    The reading of a file ends with its 1,000th refusal.

    >>> str(LoadRefused([DataError("e.tsv", 2, "bad"), DataError("e.tsv", 5, "bad")]))
    'e.tsv, line 2: bad. 1 more record was refused.'
    """

    def __init__(self, refusals: Sequence[DataError]) -> None:
        first = refusals[0]
        others = len(refusals) - 1
        said = f"{others:,} more record{' was' if others == 1 else 's were'} refused."
        hint = f"{first.hint} {said if others else ''}".strip()
        super().__init__(first.file, first.line, first.reason, hint=hint)
        self.refusals = tuple(refusals)


class ValidationError(DataError):
    """A graph breaks its shapes; `findings` are (focus node, sentence) pairs.

    >>> str(ValidationError("ms-nsc", [("SC061", "has no evidence")]))
    'ms-nsc: 1 finding, the first: SC061 has no evidence.'
    """

    slug = "invalid-graph"
    title = "The graph breaks its shapes"

    def __init__(self, file: str, findings: Sequence[tuple[str, str]]) -> None:
        focus, sentence = findings[0]
        noun = "finding" if len(findings) == 1 else "findings"
        super().__init__(
            file, None, f"{len(findings)} {noun}, the first: {focus} {sentence.rstrip('.')}"
        )
        self.findings = tuple(findings)


class SnapshotError(MechKGError):
    """A snapshot directory is missing, torn, or was written by another format version.

    >>> SnapshotError("data/x has no manifest.json.", hint="Load it again.").hint
    'Load it again.'
    """

    slug = "invalid-snapshot"
    title = "The snapshot cannot be opened"


class LogError(SnapshotError):
    """The log of a graph's changes is damaged or cannot be written; the graph itself is served.

    >>> LogError("curation.log cannot be written.").slug
    'log-unavailable'
    """

    slug = "log-unavailable"
    title = "The graph takes no changes now"


class EditConflict(MechKGError):
    """A change cannot be made to the graph as it is: nothing of its changeset is done.

    >>> EditConflict("S1 is inferred.", hint="Edit what it follows from.").slug
    'edit-conflict'
    """

    slug = "edit-conflict"
    title = "The graph does not admit this change"


FindingKind = Literal[
    "change", "identifier", "shape", "domain", "effect", "composition", "duplicate",
    "contradiction", "record",
]  # fmt: skip
"""The kinds of checks that find something in a changeset."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a check found in a changeset.

    An *error* refuses it, a *warning* is kept with it for its reviewer. `check` is the kind of
    check: `change` (it cannot be done to the graph), `identifier`, `shape`, `domain` (categories
    that a predicate does not admit), `effect`, `composition`, `duplicate`, `contradiction`,
    `record` (of an uploaded file). `where` is the position of the change, or the line of the file,
    `about` the statement or entity.

    >>> Finding(severity="warning", check="duplicate", message="S2 says what S1 says.").where
    ''
    """

    severity: Literal["error", "warning"]
    check: FindingKind
    message: str
    where: str = ""
    about: str = ""


class ChangesRefused(EditConflict):
    """Checks of a changeset found errors; `findings` are all of them, and all warnings.

    >>> bad = Finding(severity="error", check="shape", message="S1 has no evidence.")
    >>> str(ChangesRefused([bad, bad]))
    '2 errors in the changeset: S1 has no evidence. S1 has no evidence.'
    """

    slug = "changes-refused"
    title = "The changes do not pass the checks"

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding.message for finding in findings if finding.severity == "error"]
        noun = "error" if len(errors) == 1 else "errors"
        more = len(errors) - MAX_SHOWN
        rest = f" And {more:,} more." if more > 0 else ""
        said = " ".join(errors[:MAX_SHOWN])
        super().__init__(f"{len(errors):,} {noun} in the changeset: {said}{rest}")
        self.findings = tuple(findings)


class StaleBase(MechKGError):
    """What a change is about was edited after the version that its author saw.

    >>> str(StaleBase("0123abcd", ["SC061"]))
    'SC061 was edited after version 0123abcd. Look at it again, then repeat the change.'
    """

    slug = "stale-base"
    title = "The graph has changed meanwhile"

    def __init__(self, base: str, edited: Sequence[str]) -> None:
        if edited:
            said = f"{', '.join(edited)} {'was' if len(edited) == 1 else 'were'} edited"
        else:
            said = "The graph was edited"
        super().__init__(
            f"{said} after version {base}.", hint="Look at it again, then repeat the change."
        )


class EngineError(MechKGError):
    """A store that a graph is queried in does not answer, or not as its protocol says.

    >>> EngineError("The endpoint answered 503.", hint="Try again later.").slug
    'engine-unavailable'
    """

    slug = "engine-unavailable"
    title = "The store of the graph does not answer"


class NotSupported(MechKGError):
    """A graph behind an engine is asked for what takes a snapshot.

    >>> NotSupported("The metagraph needs a snapshot.").slug
    'not-supported'
    """

    slug = "not-supported"
    title = "This graph cannot answer that"


class PluginError(MechKGError):
    """An installed plug-in cannot be imported, or is of another type than its group wants.

    >>> PluginError("mechkg.writers", "gml", "mechkg-gml", "No module named 'gml'").hint
    'Install another version of mechkg-gml, or uninstall it.'
    """

    slug = "invalid-plugin"
    title = "A plug-in cannot be used"

    def __init__(self, group: str, name: str, distribution: str, reason: str) -> None:
        super().__init__(
            f"The plug-in {name} of {distribution} ({group}) cannot be used: {reason}.",
            hint=f"Install another version of {distribution}, or uninstall it.",
        )
        self.distribution = distribution


class TooLarge(MechKGError):
    """The answer is larger than this form can carry; the sentence says the limit.

    >>> TooLarge("A picture holds at most 400 entities, not 1,204.").slug
    'too-large'
    """

    slug = "too-large"
    title = "The answer is too large for this form"


class TooCostly(MechKGError):
    """A question needs more time, memory or size than it may have; `limit` says how much.

    >>> TooCostly("The query took longer than 10 s.", limit="10 s").limit
    '10 s'
    """

    slug = "too-costly"
    title = "The question needs more than it may have"

    def __init__(self, detail: str, *, limit: str, hint: str = "") -> None:
        super().__init__(detail, hint=hint)
        self.limit = limit


class Cancelled(MechKGError):
    """The caller asked a long piece of work to stop.

    >>> str(Cancelled("The load was stopped; nothing was changed."))
    'The load was stopped; nothing was changed.'
    """

    slug = "cancelled"
    title = "Stopped on request"
