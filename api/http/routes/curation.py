"""Changes by curators: propose, review, undo, history, and what differs between versions.

Reading what was accepted needs no token. Drafts need one of the role `read`, a proposal one of
`propose`, whatever changes the graph one of `accept`. Without tokens in the data directory, nothing
can be written.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Annotated, Final

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta
from werkzeug.exceptions import (
    Forbidden,
    ServiceUnavailable,
    UnsupportedMediaType,
)

from mechkg.api.http.clients import Holder, unauthorized
from mechkg.api.http.decoding import decode_address, decode_body, whole_body
from mechkg.api.http.problems import refuse
from mechkg.api.http.respond import Responder
from mechkg.kg.curation.changes import Change, Changeset, Edit, Status
from mechkg.kg.curation.log import LOG
from mechkg.kg.curation.store import Curation
from mechkg.kg.curation.tokens import Role
from mechkg.kg.errors import MechKGError, NotSupported, QueryError, UnknownTerm
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.ontology.bundle import BUNDLE
from mechkg.ontology.check_edits import ontology_findings
from mechkg.ontology.curation import conclusions
from mechkg.ontology.sparql.derive import store_beside
from mechkg.ontology.uploads import MEDIA_TYPES, upload_formats

__all__ = [
    "ChangesetList", "ChangesetRequest", "CurationService", "DiffAnswer", "DiffQuery", "History",
    "HistoryQuery", "ListQuery", "NoBody", "Reason", "Undo", "UploadQuery", "curation_blueprint",
]  # fmt: skip

PATIENCE: Final = 10.0
"""Seconds that a changeset waits for the one before it in its process."""

MAX_GROWTH: Final = 16
"""How many times larger than the largest body a file may be once it is decompressed."""

Words = Annotated[str, Meta(min_length=1, max_length=5_000, description="Why.")]
Version = Annotated[
    str,
    Meta(
        pattern="^([0-9a-f]{8,64})?$",
        description="A version that changes led through: its hash, or at least 8 digits of it.",
    ),
]


class ChangesetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes that belong together, in order, and why; with `accept` they are applied at once.

    `base` is the version that the author saw: what the changes name may not have been edited since.
    """

    reason: Words
    changes: Annotated[tuple[Change, ...], Meta(min_length=1, max_length=10_000)]
    base: Version = ""
    accept: bool = False


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a changeset is not accepted."""

    reason: Words


class Undo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a changeset is taken back; with `accept` it is done at once."""

    reason: Words
    accept: bool = False


class UploadQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of an uploaded file: why, and what it is a copy of."""

    reason: Words
    source: Annotated[
        str,
        Meta(
            max_length=200,
            description="Cited for statements for which the file cites no source; the name of the "
            "token's holder if not given.",
        ),
    ] = ""
    base: Version = ""
    accept: Annotated[bool, Meta(description="Apply the changes at once.")] = False


class NoBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body without members: `{}`."""


class ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which changesets are listed, the latest first."""

    status: Annotated[Status | None, Meta(description="Only those of this status.")] = None
    limit: Annotated[int, Meta(ge=1, le=1_000, description="Changesets on a page.")] = 100
    cursor: Annotated[
        str, Meta(max_length=20, pattern="^[0-9]*$", description="Go on after this changeset.")
    ] = ""


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement or an entity by its identifier."""

    id: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2_000,
            description="A statement or an entity, under any identifier that it had.",
        ),
    ]


class DiffQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two versions of the graph; by default the first that was changed, and the current one."""

    start: Version = ""
    end: Version = ""


class ChangesetList(msgspec.Struct, frozen=True, kw_only=True):
    """Changesets, the latest first, without their changes and edits."""

    changesets: tuple[Changeset, ...]
    complete: bool
    truncated_by: str | None
    total: int
    total_is_exact: bool
    cursor: str | None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The accepted changesets that edited one thing, first to last, with their edits of it."""

    id: str
    changesets: tuple[Changeset, ...]


class DiffAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions: one edit a statement or entity."""

    start: str
    end: str
    edits: tuple[Edit, ...]


def curation_blueprint(service: CurationService) -> Blueprint:
    """Return the routes by which curators change the graph that is served."""
    blueprint = Blueprint("curation", __name__)
    service.recover()
    views: tuple[tuple[str, str, str, Callable[..., Response]], ...] = (
        ("GET", "changesets", "list", service.listed),
        ("POST", "changesets", "propose", service.propose),
        ("POST", "changesets/upload", "upload", service.upload),
        ("GET", "changesets/<int:changeset>", "changeset", service.changeset),
        ("POST", "changesets/<int:changeset>/accept", "accept", service.accept),
        ("POST", "changesets/<int:changeset>/reject", "reject", service.reject),
        ("POST", "changesets/<int:changeset>/undo", "undo", service.undo),
        ("GET", "history", "history", service.history),
        ("GET", "diff", "diff", service.diff),
    )
    for method, path, name, view in views:
        blueprint.add_url_rule(f"/api/v1/{path}", name, view, methods=[method])
    return blueprint


class CurationService:
    """What the routes share: the changes of the graph that is served, by who holds a token."""

    def __init__(self, exchange: Responder) -> None:
        self._settings = exchange.settings
        self._clients = exchange.clients
        self._catalogue = Catalogue(exchange.settings.data)
        self._writing = threading.BoundedSemaphore(1)
        self._curation: Curation | None = None

    def recover(self) -> None:
        """Make the switch that a killed process did not make.

        What hinders it is logged, and said to who writes: the graph is served all the same.
        """
        if self._settings.engine or not any(self._settings.data.glob(f"*/{LOG}")):
            return  # nothing was ever changed; there may be no graph yet
        try:
            self._served().recover()
        except (MechKGError, OSError) as error:
            logging.getLogger(__name__).warning("The last change may not be served: %s", error)

    def listed(self) -> Response:
        """List changesets."""
        query = decode_address(ListQuery, request.args, {})
        drafts = self._reads_drafts()
        found = [
            msgspec.structs.replace(c, changes=(), edits=())
            for c in reversed(self._served().ledger.changesets.values())
            if (drafts or c.status == "accepted") and query.status in {None, c.status}
        ]
        rest = [c for c in found if not query.cursor or int(c.id) < int(query.cursor)]
        page = rest[: query.limit]
        cut = len(page) < len(rest)
        return _json(
            ChangesetList(
                changesets=tuple(page),
                complete=not cut,
                truncated_by="limit" if cut else None,
                total=len(found),
                total_is_exact=True,
                cursor=page[-1].id if cut else None,
            )
        )

    def changeset(self, changeset: int) -> Response:
        """Return a changeset with its changes and edits; drafts to those who may read them.

        Those of a draft are what it would do to the graph as it is now, with what checks find.
        """
        decode_address(NoBody, request.args, {})
        name = str(changeset)
        found = self._served().changeset(name)
        if found.status != "accepted" and not self._reads_drafts():
            raise UnknownTerm("changeset", name)
        return _json(self._served().review(name))

    def propose(self) -> Response:
        """Enter a changeset."""
        token = self._holder("propose")
        asked = decode_body(ChangesetRequest, request, self._settings.body_bytes)
        _require(token, "accept" if asked.accept else "propose")
        with self._turn():
            made = self._served().propose(
                asked.changes, author=token.name, reason=asked.reason, base=asked.base,
                expected=_expected(), key=_key(), accept=asked.accept,
            )  # fmt: skip
        return _made(made)

    def upload(self) -> Response:
        """Enter what a file adds as a changeset."""
        token = self._holder("propose")
        query = decode_address(UploadQuery, request.args, {})
        _require(token, "accept" if query.accept else "propose")
        suffix = MEDIA_TYPES.get(request.mimetype)
        if suffix is None:
            known = ", ".join(MEDIA_TYPES)
            raise UnsupportedMediaType(f"A file of one of these types is needed: {known}.")
        body = whole_body(request, self._settings.body_bytes)
        with self._turn():
            made = self._served().upload(
                [(f"upload{suffix}", body)], upload_formats(), author=token.name,
                reason=query.reason, source=query.source or f"upload of {token.name}",
                max_bytes=MAX_GROWTH * self._settings.body_bytes, base=query.base,
                expected=_expected(), key=_key(), accept=query.accept,
            )  # fmt: skip
        return _made(made)

    def update(self, work: Callable[[Snapshot, str], tuple[Change, ...]], reason: str) -> Response:
        """Apply at once what `work` makes of the current version and the name of a source."""
        token = self._holder("accept")
        with self._turn():
            served = self._served()
            snapshot = open_snapshot(self._catalogue.path(served.name), check_bytes=0)
            made = served.propose(
                work(snapshot, f"SPARQL update of {token.name}"), author=token.name, reason=reason,
                base=snapshot.manifest.hash, expected=_expected(), key=_key(), accept=True,
            )  # fmt: skip
        return _made(made)

    def undo(self, changeset: int) -> Response:
        """Enter a changeset that takes another back."""
        token = self._holder("propose")
        asked = decode_body(Undo, request, self._settings.body_bytes)
        _require(token, "accept" if asked.accept else "propose")
        with self._turn():
            made = self._served().undo(
                str(changeset), author=token.name, reason=asked.reason, expected=_expected(),
                key=_key(), accept=asked.accept,
            )  # fmt: skip
        return _made(made)

    def accept(self, changeset: int) -> Response:
        """Apply a proposed changeset."""
        token = self._holder("accept")
        decode_body(NoBody, request, self._settings.body_bytes)
        with self._turn():
            made = self._served().accept(str(changeset), reviewer=token.name, expected=_expected())
        return _made(made)

    def reject(self, changeset: int) -> Response:
        """Close a proposed changeset."""
        token = self._holder("accept")
        asked = decode_body(Reason, request, self._settings.body_bytes)
        with self._turn():
            made = self._served().reject(str(changeset), reviewer=token.name, reason=asked.reason)
        return _made(made)

    def history(self) -> Response:
        """Return what was done to a statement or entity."""
        query = decode_address(HistoryQuery, request.args, {})
        return _json(History(id=query.id, changesets=tuple(self._served().history(query.id))))

    def diff(self) -> Response:
        """Return what differs between two versions."""
        query = decode_address(DiffQuery, request.args, {})
        found = self._served().difference(query.start, query.end)
        return _json(DiffAnswer(start=found.start, end=found.end, edits=found.edits))

    def _served(self) -> Curation:
        """Return the curation of the graph that is served now; raises `NotSupported`."""
        if self._settings.engine:
            raise NotSupported("Curation needs a snapshot, and this graph is behind an engine.")
        name = self._catalogue.path(self._settings.graph or None).parent.name
        known = self._curation
        if known is None or known.name != name:
            known = Curation(
                self._settings.data, name, infer=conclusions, check=ontology_findings,
                beside=store_beside, fixed=BUNDLE,
            )  # fmt: skip
            self._curation = known
        return known

    def _turn(self) -> _Turn:
        return _Turn(self._writing)

    def _holder(self, role: Role) -> Holder:
        """Return who holds the token of the current request; raises as `Clients.holder`.

        And `Unauthorized` without a token, `Forbidden` where it does not allow what a role does.
        """
        found = self._clients.holder(request)
        if found is None:
            raise unauthorized(
                "A token is needed: Authorization: Bearer TOKEN. The server's operator makes one "
                "with mechkg token."
            )
        _require(found, role)
        return found

    def _reads_drafts(self) -> bool:
        """Say whether the current request may see what was not accepted; raises as `_holder`."""
        found = self._clients.holder(request)
        return found is not None and found.allows("read")


class _Turn:
    """A place in the row of writers of this process: one at a time, so that reads keep threads."""

    def __init__(self, writing: threading.BoundedSemaphore) -> None:
        self._writing = writing

    def __enter__(self) -> None:
        if not self._writing.acquire(timeout=PATIENCE):
            raise ServiceUnavailable(
                "Another changeset is being applied. Ask again in a few seconds.", retry_after=5
            )

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._writing.release()
        if isinstance(error, OSError):
            raise refuse(
                ServiceUnavailable,
                f"The change cannot be written: {error.strerror or error}. Nothing was changed.",
                slug="changes-unavailable",
            ) from error


def _require(holder: Holder, role: Role) -> None:
    if not holder.allows(role):
        given = f"is of the role {holder.role}" if holder.role else "gives no role here"
        raise Forbidden(f"The token of {holder.name} {given}; this needs {role}.")


def _key() -> str:
    """Return the Idempotency-Key of the current request, empty if it has none."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 200 or not key.isprintable():
        raise QueryError("Idempotency-Key", "must be at most 200 printable characters")
    return key


def _expected() -> str:
    """Return the version that If-Match of the current request names, empty if none.

    It may be the ETag of any answer about the graph, which begins with the version's hash.
    """
    tags = sorted(request.if_match.as_set(include_weak=True))
    if not tags:
        return ""
    if len(tags) > 1:
        raise QueryError("If-Match", "takes one ETag")
    return tags[0].partition(":")[0].partition("-")[0]


def _made(changeset: Changeset) -> Response:
    response = _json(changeset)
    if changeset.version:
        response.set_etag(changeset.version)
    return response


def _json(answer: msgspec.Struct) -> Response:
    response = Response(msgspec.json.encode(answer), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
