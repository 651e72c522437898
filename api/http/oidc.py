"""Access tokens of an OpenID Connect issuer, and the role that each gives.

A token is a JWT (RFC 7519, 8725) that the issuer has signed with a key of its key set (RFC 7517).
The key set is a file, or is fetched: from the address of the setting, or from the one that the
issuer's discovery document names (OpenID Connect Discovery 1.0, section 4). That, and callbacks to
listed hosts, are all that the service itself reaches, and only where they are configured.

A key set is fetched when a token first needs it, and again when it is `MAX_AGE` old, or when a
token names a key that is not in it, but not within `MIN_AGE` of the last attempt, whatever tokens
come: a flood of bad ones costs one fetch a minute and process. While fetches fail, keys that are
there are used for `MAX_STALE`.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
import msgspec
import requests
from jwt import PyJWK

from mechkg.api.http.settings import Settings, is_safe
from mechkg.kg.curation.tokens import ROLES, Role
from mechkg.kg.errors import QueryError

__all__ = ["InvalidToken", "Issuer", "Keys", "KeysUnavailable", "OidcClaims", "issuer_of"]

MAX_AGE: Final = 3_600.0
MIN_AGE: Final = 60.0
MAX_STALE: Final = 86_400.0
"""Seconds after which a key set is fetched again, may be at the soonest, and is no longer used."""

MAX_BYTES: Final = 1 << 18
MAX_KEYS: Final = 100
MIN_RSA_BITS: Final = 2_048
FETCH_SECONDS: Final = 5.0
LEEWAY: Final = 30
"""Seconds by which clocks may differ."""

MAX_TOKEN: Final = 8_000
MAX_NAME: Final = 200

ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
"""Signature algorithms by the type of a public key; none that a shared secret would do for."""


class InvalidToken(Exception):
    """A token that is not accepted; the text says why, and holds nothing of the token."""


class KeysUnavailable(Exception):
    """The key set cannot be read or fetched now."""


@dataclass(frozen=True)
class OidcClaims:
    """Whom a token is of, and the highest role that it gives; None where it gives none."""

    name: str
    role: Role | None


@dataclass(frozen=True)
class Key:
    """A public key, and the algorithms that it is for."""

    public: Any
    algorithms: tuple[str, ...]


class Keys:
    """The public keys of an issuer by their identifiers; safe under threads.

    `read` returns a key set's JSON and raises `OSError` or `ValueError`; it is called in a thread
    that nobody waits for longer than `FETCH_SECONDS`. `clock` gives seconds.
    """

    def __init__(
        self, read: Callable[[], bytes], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._read_at = self._tried_at = -math.inf
        self._fetched = threading.Event()
        self._fetched.set()
        self._failed = False

    def find(self, kid: str) -> Key:
        """Return the key of an identifier, an empty one naming the only key of a set.

        Raises `InvalidToken` where there is none, and `KeysUnavailable`.
        """
        found = self._named(kid)
        if found is None or self._age() > MAX_AGE:
            self._refresh()
        if found is None or self._age() > MAX_STALE:
            self._fetched.wait(FETCH_SECONDS)
            found = self._named(kid)
        if self._age() > MAX_STALE or (found is None and self._is_behind()):
            raise KeysUnavailable
        if found is None:
            raise InvalidToken("It is signed with a key that its issuer does not list.")
        return found

    def _age(self) -> float:
        return self._clock() - self._read_at

    def _is_behind(self) -> bool:
        """Say whether the issuer may list keys that could not be read."""
        return self._failed or not self._fetched.is_set()

    def _named(self, kid: str) -> Key | None:
        keys = self._keys
        if not kid:
            return next(iter(keys.values())) if len(keys) == 1 else None
        return keys.get(kid)

    def _refresh(self) -> None:
        """Begin to read the key set, unless that is under way or was begun lately."""
        with self._lock:
            if not self._fetched.is_set() or self._clock() - self._tried_at < MIN_AGE:
                return
            self._tried_at = self._clock()
            self._fetched.clear()
        threading.Thread(target=self._fetch, name="reading an issuer's keys", daemon=True).start()

    def _fetch(self) -> None:
        try:
            self._keys = usable_keys(self._read())
            self._read_at, self._failed = self._clock(), False
        except (OSError, ValueError, RecursionError) as error:  # those of requests and msgspec, too
            self._failed = True
            logging.getLogger(__name__).warning("The keys of the issuer: %s", error)
        finally:
            self._fetched.set()


def usable_keys(text: bytes) -> dict[str, Key]:
    """Return the keys of a key set that verify signatures, by identifier.

    Keys of other kinds are left out (RFC 7517, section 5), as are RSA keys of less than 2,048 bits
    (RFC 7518, section 3.3). Raises `ValueError` for what is no key set.
    """
    decoded = msgspec.json.decode(text)
    listed = decoded.get("keys") if isinstance(decoded, dict) else None
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise ValueError(f"not a set of at most {MAX_KEYS} keys")
    named = ((str(data.get("kid", "")), _key_of(data)) for data in listed if isinstance(data, dict))
    return {kid: key for kid, key in named if key is not None}


def _key_of(data: dict[str, Any]) -> Key | None:
    """Return a key of a key set, None where it is not one for signatures."""
    known = ALGORITHMS.get(str(data.get("kty")), ())
    if not known or data.get("use", "sig") != "sig" or "d" in data:
        return None
    if data.get("alg") and data["alg"] not in known:
        return None
    try:
        parsed = PyJWK.from_dict(data)
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError):
        return None
    if getattr(parsed.key, "key_size", MIN_RSA_BITS) < MIN_RSA_BITS and parsed.key_type == "RSA":
        return None
    several = parsed.key_type == "RSA" and not data.get("alg")
    algorithms = known if several else (parsed.algorithm_name,)
    return Key(parsed.key, algorithms) if set(algorithms) <= set(known) else None


class Issuer:
    """An issuer whose access tokens are accepted, for an audience.

    `scope_claim` names the claim that lists scopes, a text of words or a list; `roles` says which
    role a scope gives; `name_claim` names the claim that says who somebody is.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: Keys,
        *,
        scope_claim: str,
        name_claim: str,
        roles: Mapping[str, Role],
    ) -> None:
        self._issuer, self._audience, self._keys = issuer, audience, keys
        self._scope_claim, self._name_claim, self._roles = scope_claim, name_claim, roles

    def verify(self, token: str) -> OidcClaims:
        """Return whose token it is and what it allows. Raises `InvalidToken`, `KeysUnavailable`.

        Time of one verification of a signature, for any text.
        """
        claims = self._verified(token)
        name = _claim(claims, self._name_claim)
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or not name.isprintable():
            raise InvalidToken(f"Its claim {self._name_claim} does not say who holds it.")
        given = _scopes(_claim(claims, self._scope_claim))
        roles = [role for scope, role in self._roles.items() if scope in given]
        return OidcClaims(f"oidc:{name}", max(roles, key=ROLES.index, default=None))

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN:
            raise InvalidToken(f"It is longer than {MAX_TOKEN:,} characters.")
        try:
            header = jwt.get_unverified_header(token)
            kid = header.get("kid", "")
            if "crit" in header or not isinstance(kid, str):
                raise InvalidToken("Its header asks for what this server does not know.")
            key = self._keys.find(kid)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.public,
                algorithms=list(key.algorithms),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            raise InvalidToken(_why(error)) from error
        except (ValueError, TypeError, RecursionError) as error:
            raise InvalidToken("It is not a token that can be read.") from error
        return claims


_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (jwt.ExpiredSignatureError, "It has expired."),
    (jwt.ImmatureSignatureError, "It is not valid yet."),
    (jwt.InvalidAudienceError, "It is for another audience."),
    (jwt.InvalidIssuerError, "It is of another issuer."),
    (jwt.MissingRequiredClaimError, "It lacks a claim: exp, iss and aud are needed."),
    (jwt.InvalidAlgorithmError, "It is signed by an algorithm that its key is not for."),
    (jwt.InvalidSignatureError, "Its signature is wrong."),
)


def _why(error: jwt.PyJWTError) -> str:
    kinds = (words for kind, words in _REASONS if isinstance(error, kind))
    return next(kinds, "It is not a token that can be read.")


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """Return a claim by its name, or by the names that lead to it, with dots between them.

    >>> _claim({"realm_access": {"roles": ["a"]}}, "realm_access.roles")
    ['a']
    """
    if name in claims:
        return claims[name]
    value: object = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _scopes(value: object) -> frozenset[str]:
    """Return the scopes that a claim lists: words of a text (RFC 8693, section 4.2), or a list.

    >>> sorted(_scopes("openid mechkg:read")), sorted(_scopes(["a b", 1]))
    (['mechkg:read', 'openid'], ['a b'])
    """
    if isinstance(value, str):
        return frozenset(value.split())
    listed = value if isinstance(value, list) else ()
    return frozenset(item for item in listed if isinstance(item, str))


def issuer_of(settings: Settings) -> Issuer | None:
    """Return the issuer that the settings name, None where they name none.

    Raises `QueryError` for a file of keys that cannot be read.
    """
    if not settings.oidc_issuer:
        return None
    return Issuer(
        settings.oidc_issuer,
        settings.oidc_audience,
        Keys(_source(settings)),
        scope_claim=settings.oidc_scope_claim,
        name_claim=settings.oidc_name_claim,
        roles=settings.roles_of_scopes(),
    )


def _source(settings: Settings) -> Callable[[], bytes]:
    """Return what reads the key set; one in a file is read at once, to see that it can be."""
    where = settings.oidc_keys
    if where and "://" not in where:
        try:
            found, reason = usable_keys(Path(where).read_bytes()), "it has no key for signatures"
        except (OSError, ValueError) as error:
            found, reason = {}, str(error)
        if not found:
            raise QueryError("oidc_keys", f"cannot be read as a key set: {where} ({reason})")
        return Path(where).read_bytes
    if where:
        return lambda: fetch(where)
    return lambda: _discovered(settings.oidc_issuer)


def _discovered(issuer: str) -> bytes:
    """Fetch the key set that the discovery document of an issuer names."""
    found = msgspec.json.decode(fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise ValueError(f"the discovery document is not that of {issuer}")
    address = found.get("jwks_uri")
    if not isinstance(address, str) or not is_safe(address):
        raise ValueError("the discovery document names no https address of keys")
    return fetch(address)


def fetch(address: str) -> bytes:
    """Return what an address answers: at most `MAX_BYTES`, within `FETCH_SECONDS` or so.

    Follows no redirection. Raises `ValueError` and `requests.RequestException`.
    """
    deadline = time.monotonic() + FETCH_SECONDS
    body = b""
    with requests.get(
        address, timeout=FETCH_SECONDS, stream=True, allow_redirects=False,
        headers={"Accept": "application/json"},
    ) as answer:  # fmt: skip
        if answer.status_code != 200:
            raise ValueError(f"{address} answers {answer.status_code}")
        for piece in answer.iter_content(1 << 14):
            body += piece
            if len(body) > MAX_BYTES or time.monotonic() > deadline:
                raise ValueError(f"{address} sends too much, or too slowly")
    return body
