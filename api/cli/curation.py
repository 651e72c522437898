"""Curators on the command line: fork a graph, edit it, look back; make tokens for the server.

The command line writes to the data directory itself, so that it needs no token: who may write there
may do anything.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from mechkg.api.cli.options import as_json, data, snapshot
from mechkg.api.cli.tables import print_line, print_table
from mechkg.kg.errors import ChangesRefused, QueryError, TooLarge

__all__ = ["edit", "fork", "token"]

MAX_BYTES: Final = 1 << 26
"""Bytes of a file that is uploaded."""
MAX_SHOWN: Final = 50
"""Findings of a refused changeset that a table shows."""

reason = click.option("--reason", required=True, help="Why.")
author = click.option(
    "--author", default="", envvar="MECHKG_AUTHOR",
    help="Who makes the change; the user of the system if not given.",
)  # fmt: skip
draft = click.option("--draft", is_flag=True, help="Propose it for review instead of doing it.")
evidence = click.option(
    "--evidence", multiple=True, metavar="PMID:1",
    help="A publication (PMID:1, DOI:10.1/x) or source (infores:x) that shows it. May be repeated.",
)  # fmt: skip


@click.command()
@click.argument("source")
@click.option("--name", required=True, help="Name of the copy.")
@data
def fork(source: str, name: str, data: Path) -> None:
    """Copy the graph SOURCE under another name, to edit it.

    The bundled graph ms-nsc takes no changes itself: fork it, and serve the copy with --graph.
    """
    from mechkg.kg.curation import store
    from mechkg.ontology.curation import conclusions

    path = store.fork(data, source, name, infer=conclusions)
    print_line(f"Copied {source} to {name}: version {path.name}.")


@click.group()
def token() -> None:
    """Make, list and remove the tokens by which curators write over HTTP.

    A token has a role: read (drafts), propose, or accept. Without tokens, a server takes no
    changes.
    """


@token.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(["read", "propose", "accept"]), required=True,
              help="What it allows; each role allows what those before it do.")  # fmt: skip
@data
def add_token(name: str, role: Any, data: Path) -> None:
    """Make a token for NAME and print it, once: only its digest is kept."""
    from mechkg.kg.curation.tokens import Tokens

    print_line(Tokens(data).add(name, role))


@token.command("list")
@data
def list_tokens(data: Path) -> None:
    """List whose tokens there are."""
    from mechkg.kg.curation.tokens import Tokens

    rows = [(t.name, t.role, t.created) for t in Tokens(data).listed()]
    print_table(("name", "role", "made"), rows)


@token.command("remove")
@click.argument("name")
@data
def remove_token(name: str, data: Path) -> None:
    """Make the token of NAME void at once."""
    from mechkg.kg.curation.tokens import Tokens

    Tokens(data).remove(name)
    print_line(f"The token of {name} is void.")


@click.group()
def edit() -> None:
    """Change a graph by changesets: all or nothing, recorded, undone at will.

    Each command takes --data and --graph. A running server shows a change with its next answer.
    """


@edit.command("apply")
@click.argument("file", type=click.File("rb"))
@reason
@author
@draft
@snapshot
def apply_file(*, file: Any, reason: str, author: str, draft: bool, data: Path, graph: str) -> None:
    """Apply the changes of FILE, a JSON list as HTTP takes it (- reads standard input)."""
    from mechkg.kg.curation.changes import Change

    try:
        changes = msgspec.json.decode(file.read(), type=tuple[Change, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise QueryError("file", f"is no list of changes: {error}") from error
    _propose(data, graph, changes, author=author, reason=reason, draft=draft)


@edit.command("upload")
@click.argument("files", nargs=-1, required=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option(
    "--source", default="",
    help="Cited for statements for which a file cites no source; the file if not given.",
)  # fmt: skip
@reason
@author
@draft
@snapshot
def upload(
    *, files: tuple[Path, ...], source: str, reason: str, author: str, draft: bool, data: Path,
    graph: str,
) -> None:  # fmt: skip
    """Add what FILES say: entities and statements, in any format that load reads.

    One changeset; what the graph has already is left out. Ends that no file describes must be
    entities of the graph, and predicates and categories its own. At most 64 MiB.
    """
    from mechkg.api.cli.loading import formats, ready

    ready()
    parts = [(path.name, _content(path)) for path in files]
    with _findings_shown():
        made = _curation(data, graph).upload(
            parts, formats(), author=_author(author), reason=reason, source=source,
            accept=not draft,
        )  # fmt: skip
    _print_made(made)


_CHANGES: Final = {
    "retract": "Take the statement or entity ID out of the graph.",
    "dispute": "Mark the statement ID as contested, with the evidence that speaks against it.",
    "deny": "Add the denial of the statement ID, with its evidence.",
}


@edit.command("add")
@click.argument("subject")
@click.argument("predicate")
@click.argument("object")
@click.option(
    "--set", "fields", multiple=True, metavar="NAME=VALUE",
    help="A member of the statement (effect=lowers, hedge=reported). May be repeated.",
)  # fmt: skip
@evidence
@reason
@author
@draft
@snapshot
def add(
    *, subject: str, predicate: str, object: str, fields: tuple[str, ...],
    evidence: tuple[str, ...], reason: str, author: str, draft: bool, data: Path, graph: str,
) -> None:  # fmt: skip
    """Add the statement that SUBJECT PREDICATE OBJECT; the ends are identifiers."""
    change = {
        "op": "add_statement", "subject": subject, "predicate": predicate, "object": object,
        "evidence": _evidence(evidence), **_fields(fields),
    }  # fmt: skip
    _make(change, reason=reason, author=author, draft=draft, data=data, graph=graph)


@edit.command("correct")
@click.argument("id")
@click.option(
    "--set", "fields", multiple=True, required=True, metavar="NAME=VALUE",
    help="A member and its value (effect=lowers, name=neuron). May be repeated.",
)  # fmt: skip
@click.option("--entity", is_flag=True, help="ID is an entity, not a statement.")
@evidence
@reason
@author
@draft
@snapshot
def correct(
    *, id: str, fields: tuple[str, ...], entity: bool, evidence: tuple[str, ...], reason: str,
    author: str, draft: bool, data: Path, graph: str,
) -> None:  # fmt: skip
    """Set members of the statement or entity ID."""
    kind = "correct_entity" if entity else "correct_statement"
    change: dict[str, Any] = {"op": kind, "id": id, "set": _fields(fields)}
    if evidence:
        change["evidence"] = _evidence(evidence)
    _make(change, reason=reason, author=author, draft=draft, data=data, graph=graph)


def _simple(name: str) -> click.Command:
    """Return the command of a change that names a thing and no more than its evidence."""

    @edit.command(name, help=_CHANGES[name])
    @click.argument("id")
    @evidence
    @click.option("--entity", is_flag=True, help="ID is an entity, not a statement.")
    @reason
    @author
    @draft
    @snapshot
    def command(
        *, id: str, evidence: tuple[str, ...], entity: bool, reason: str, author: str, draft: bool,
        data: Path, graph: str,
    ) -> None:  # fmt: skip
        change: dict[str, Any] = {"op": f"{name}_{'entity' if entity else 'statement'}", "id": id}
        if name != "retract" or evidence:
            change["evidence"] = _evidence(evidence)
        _make(change, reason=reason, author=author, draft=draft, data=data, graph=graph)

    return command


for _name in _CHANGES:
    _simple(_name)


@edit.command("undo")
@click.argument("changeset")
@reason
@author
@draft
@snapshot
def undo(*, changeset: str, reason: str, author: str, draft: bool, data: Path, graph: str) -> None:
    """Take the accepted CHANGESET back, by another one."""
    _print_made(
        _curation(data, graph).undo(
            changeset, author=_author(author), reason=reason, accept=not draft
        )
    )


@edit.command("accept")
@click.argument("changeset")
@author
@snapshot
def accept(changeset: str, author: str, data: Path, graph: str) -> None:
    """Apply the proposed CHANGESET."""
    _print_made(_curation(data, graph).accept(changeset, reviewer=_author(author)))


@edit.command("reject")
@click.argument("changeset")
@reason
@author
@snapshot
def reject(changeset: str, reason: str, author: str, data: Path, graph: str) -> None:
    """Close the proposed CHANGESET without applying it."""
    made = _curation(data, graph).reject(changeset, reviewer=_author(author), reason=reason)
    _print_made(made)


@edit.command("list")
@as_json
@snapshot
def list_changesets(as_json: bool, data: Path, graph: str) -> None:
    """List the changesets of the graph."""
    found = list(_curation(data, graph).ledger.changesets.values())
    if as_json:
        _print_json(found)
        return
    rows = [(c.id, c.status, c.author, c.time, c.reason, c.version) for c in found]
    print_table(("changeset", "status", "author", "time", "reason", "version"), rows)


@edit.command("show")
@click.argument("changeset")
@snapshot
def show(changeset: str, data: Path, graph: str) -> None:
    """Print CHANGESET as JSON: what it does or would do, and what checks find in it."""
    _print_json(_curation(data, graph).review(changeset))


@edit.command("history")
@click.argument("id")
@snapshot
def history(id: str, data: Path, graph: str) -> None:
    """Print as JSON what was done to the statement or entity ID."""
    _print_json(_curation(data, graph).history(id))


@edit.command("diff")
@click.option("--start", default="", help="A version; the first that was changed if not given.")
@click.option("--end", default="", help="A version; the current one if not given.")
@click.option(
    "--format", "form", type=click.Choice(["json", "turtle", "patch"]), default="json",
    show_default=True, help="JSON, the new state as Turtle, or an RDF Patch.",
)  # fmt: skip
@snapshot
def diff(start: str, end: str, form: str, data: Path, graph: str) -> None:
    """Print what differs between two versions, for a look, for git or for another store."""
    from mechkg.kg.snapshot.catalogue import Catalogue
    from mechkg.kg.snapshot.snapshot import open_snapshot
    from mechkg.ontology.curation import rdf_patch, turtle

    found = _curation(data, graph).difference(start, end)
    if form == "json":
        _print_json(found)
        return
    schema = open_snapshot(Catalogue(data).path(graph or None)).schema
    write = turtle if form == "turtle" else rdf_patch
    sys.stdout.write(write(found, schema).decode())


def _curation(data: Path, graph: str) -> Any:
    from mechkg.kg.curation.store import Curation
    from mechkg.kg.snapshot.catalogue import Catalogue
    from mechkg.ontology.bundle import BUNDLE
    from mechkg.ontology.check_edits import ontology_findings
    from mechkg.ontology.curation import conclusions
    from mechkg.ontology.sparql.derive import store_beside

    name = Catalogue(data).path(graph or None).parent.name
    return Curation(
        data, name, infer=conclusions, check=ontology_findings, beside=store_beside, fixed=BUNDLE
    )


def _propose(
    data: Path, graph: str, changes: Any, *, author: str, reason: str, draft: bool
) -> None:
    """Enter changes and print what became of them, or what checks found against them."""
    curation = _curation(data, graph)
    with _findings_shown():
        made = curation.propose(changes, author=_author(author), reason=reason, accept=not draft)
    _print_made(made)


def _content(path: Path) -> bytes:
    """Return the bytes of a file; raises `TooLarge`."""
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(f"{path.name} is larger than {MAX_BYTES >> 20} MiB.", hint="Split it.")
    return path.read_bytes()


@contextmanager
def _findings_shown() -> Iterator[None]:
    """Print what checks found in a changeset that they refuse."""
    try:
        yield
    except ChangesRefused as error:
        rows = [(f.severity, f.check, f.where, f.message) for f in error.findings[:MAX_SHOWN]]
        print_table(("finding", "check", "change", "what was found"), rows)
        if len(error.findings) > MAX_SHOWN:
            print_line(f"{len(error.findings) - MAX_SHOWN:,} more.")
        raise


def _make(
    change: dict[str, Any], *, reason: str, author: str, draft: bool, data: Path, graph: str
) -> None:
    from mechkg.kg.curation.changes import Change

    try:
        decoded: Any = msgspec.convert(change, Change, strict=False)
    except msgspec.ValidationError as error:
        problem, _, where = str(error).partition(" - at `$.")
        raise QueryError(where.rstrip("`") or "change", f"is not valid: {problem}") from error
    _propose(data, graph, [decoded], author=author, reason=reason, draft=draft)


def _author(name: str) -> str:
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise QueryError("author", "is missing", hint="Give --author.") from error


def _evidence(given: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return pieces of evidence: one for each publication or source."""
    return [
        {"kind": "database", "source": text}
        if text.startswith("infores:")
        else {"kind": "literature", "source": "", "publications": [text]}
        for text in given
    ]


def _fields(given: tuple[str, ...]) -> dict[str, Any]:
    """Return members by name; a value that is JSON is taken as that."""
    fields: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise QueryError("set", f"must be NAME=VALUE, not {text!r}")
        try:
            fields[name] = msgspec.json.decode(value)
        except msgspec.DecodeError:
            fields[name] = value
    return fields


def _print_made(made: Any) -> None:
    version = f", version {made.version}" if made.version else ""
    print_line(f"Changeset {made.id} is {made.status}{version}.")
    sys.stdout.flush()
    for warning in made.warnings:
        click.echo(f"Note: {warning}", err=True)


def _print_json(value: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")
