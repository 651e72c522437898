"""A user's own predicates in YAML: how they read, what they do, and how they may be walked.

The file is a list of predicates, or a mapping whose `predicates` is one. Each entry has the fields
of `mechkg.kg.model.schema.Predicate`; `id` is the predicate as the data spells it, and all others
may be left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from mechkg.kg.errors import DataError
from mechkg.kg.model.schema import Predicate, Schema

__all__ = ["MAX_BYTES", "parse_predicates", "read_predicates", "with_predicates"]

MAX_BYTES: Final = 1 << 22
"""Size of a file of predicates, at most."""

_FIELDS: Final = tuple(field.name for field in msgspec.structs.fields(Predicate))


def read_predicates(path: Path) -> tuple[Predicate, ...]:
    """Return the predicates that a YAML file declares. Raises `DataError`; O(size of the file)."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(str(path), None, error.strerror or str(error)) from error
    if len(text) > MAX_BYTES:
        raise DataError(str(path), None, f"a file of predicates has at most {MAX_BYTES:,} bytes")
    return parse_predicates(text, str(path))


def parse_predicates(text: bytes, name: str) -> tuple[Predicate, ...]:
    """Return the predicates of a YAML text; raises `DataError` with the name of its file.

    >>> text = b"[{id: blocks, sign: -1, verbs: {singular: blocks, plural: block}}]"
    >>> [(p.id, p.label, p.effect) for p in parse_predicates(text, "mine.yaml")]
    [('blocks', 'blocks', 'lowers')]
    """
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise DataError(name, None, "aliases are not read")
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise DataError(name, line, f"the YAML is broken ({error.problem})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataError(name, None, f"the YAML is broken ({error})") from error
    entries = document.get("predicates") if isinstance(document, dict) else document
    if not isinstance(entries, list) or not entries:
        hint = "Write a list of predicates, each with its `id`."
        raise DataError(name, None, "the file declares no predicates", hint=hint)
    found = [_predicate(entry, number, name) for number, entry in enumerate(entries, 1)]
    twice = {p.id for p in found if sum(p.id == other.id for other in found) > 1}
    if twice:
        raise DataError(name, None, f"the predicate {min(twice)!r} is declared twice")
    return tuple(found)


def _predicate(entry: Any, number: int, name: str) -> Predicate:
    """Return an entry as a predicate; raises `DataError` that names it."""
    if not isinstance(entry, dict) or not entry.get("id"):
        raise DataError(name, None, f"predicate {number} has no `id`")
    unknown = sorted(str(key) for key in entry if key not in _FIELDS)
    if unknown:
        known = ", ".join(_FIELDS)
        reason = f"the predicate {entry['id']!r} has an unknown field {unknown[0]!r}"
        raise DataError(name, None, reason, hint=f"Known fields: {known}.")
    label = str(entry["id"]).rpartition(":")[2].replace("_", " ")
    try:
        return msgspec.convert({"label": label, **entry}, Predicate)
    except (msgspec.ValidationError, ValueError) as error:
        reason = f"the predicate {entry['id']!r} is not described as it should be ({error})"
        raise DataError(name, None, reason) from error


def with_predicates(schema: Schema, declared: tuple[Predicate, ...]) -> Schema:
    """Return a schema in which some predicates are as declared.

    >>> mine = Predicate(id="affects", label="moves")
    >>> [p.label for p in with_predicates(Schema(predicates=(mine,)), (mine,)).predicates]
    ['moves']
    """
    own = {predicate.id for predicate in declared}
    others = (p for p in schema.predicates if p.id not in own)
    return msgspec.structs.replace(schema, predicates=(*declared, *others))
