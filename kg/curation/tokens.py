"""Who may read drafts, propose changes and accept them: tokens, kept as digests.

A token is 256 random bits, so that its SHA-256 says nothing about it; it is shown once, when it is
made. A data directory without tokens takes no changes.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec

from mechkg.kg.errors import QueryError, SnapshotError
from mechkg.kg.snapshot.staging import sync

__all__ = ["ROLES", "Role", "Token", "Tokens"]

Role = Literal["read", "propose", "accept"]
ROLES: Final[tuple[Role, ...]] = ("read", "propose", "accept")
"""What a token allows; each role allows what those before it do."""

FILE: Final = ".tokens.json"
PREFIX: Final = "mechkg_"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token it is, what it allows, and its SHA-256."""

    name: str
    role: Role
    sha256: str
    created: str

    def allows(self, role: Role) -> bool:
        """Say whether the token allows what a role does.

        >>> Token(name="ada", role="propose", sha256="", created="").allows("accept")
        False
        """
        return ROLES.index(self.role) >= ROLES.index(role)


class Tokens:
    """The tokens of a data directory.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     tokens = Tokens(Path(folder))
    ...     secret = tokens.add("ada", "accept")
    ...     tokens.find(secret).name, tokens.find("mechkg_guess")
    ('ada', None)
    """

    def __init__(self, data: Path) -> None:
        self._path = data / FILE

    def listed(self) -> list[Token]:
        """Return all tokens by name. Raises `SnapshotError` where the file is damaged."""
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=list[Token])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise SnapshotError(f"{self._path} cannot be read ({error}).") from error
        return sorted(found, key=lambda token: token.name)

    def find(self, secret: str) -> Token | None:
        """Return the token that a text is, None for one that is none. Constant time a token."""
        digest = sha256(secret.encode("utf-8", "replace")).hexdigest()
        found = None
        for token in self.listed():
            if hmac.compare_digest(token.sha256, digest):
                found = token
        return found

    def add(self, name: str, role: Role) -> str:
        """Make a token and return its text, which is kept nowhere.

        Raises `QueryError` for a name that has one, or that cannot be one.
        """
        if not NAME.fullmatch(name):
            raise QueryError("name", "must be 1 to 64 letters, digits, '.', '_', '@' or '-'")
        if any(token.name == name for token in self.listed()):
            raise QueryError("name", f"has a token already: {name!r}", hint="Remove it first.")
        secret = PREFIX + secrets.token_urlsafe(32)
        token = Token(
            name=name,
            role=role,
            sha256=sha256(secret.encode()).hexdigest(),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._write([*self.listed(), token])
        return secret

    def remove(self, name: str) -> None:
        """Make a token void at once; raises `QueryError` where there is none of this name."""
        kept = [token for token in self.listed() if token.name != name]
        if len(kept) == len(self.listed()):
            raise QueryError("name", f"has no token: {name!r}")
        self._write(kept)

    def _write(self, tokens: list[Token]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{FILE}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(tokens)))
            file.flush()
            os.fsync(handle)
        fresh.replace(self._path)
        sync(self._path.parent)
