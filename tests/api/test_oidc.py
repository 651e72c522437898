"""Curators with access tokens of an OpenID Connect issuer: a small one, that serves its keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from flask.testing import FlaskClient

from mechkg.api.http import oidc
from mechkg.api.http.app import create_app
from mechkg.api.http.oidc import InvalidToken, Issuer, Keys, KeysUnavailable, fetch, usable_keys
from mechkg.api.http.settings import Settings
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.errors import QueryError
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.kg.test_curation import BASE, built

AUDIENCE = "mechkg"
RETRACT = {"op": "retract_statement", "id": "S2"}
ALGORITHMS = ("RS256", "PS512", "ES256", "ES384", "EdDSA")


@cache
def private(name: str, algorithm: str = "RS256") -> Any:
    """A key of a name, made once: RSA keys take long."""
    del name
    if algorithm.startswith("ES"):
        return ec.generate_private_key(ec.SECP256R1() if algorithm == "ES256" else ec.SECP384R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


def public(name: str, algorithm: str = "RS256", **more: Any) -> dict[str, Any]:
    """The public key of a name, as a key set has it."""
    made = jwt.get_algorithm_by_name(algorithm).to_jwk(private(name, algorithm).public_key())
    return {**json.loads(made), "kid": name, "use": "sig", **more}


class Handler(BaseHTTPRequestHandler):
    """Answers what the issuer serves at a path, and counts."""

    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = self.server.served.get(self.path)
        self.send_response(404 if body is None else 200)
        if self.path == "/moved":
            self.send_header("Location", "/keys")
        text = json.dumps(body).encode()
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """An issuer: its discovery document and its key set, over HTTP on loopback."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.served: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": self.url, "jwks_uri": f"{self.url}/keys"
            },
        }  # fmt: skip
        self.list("first")

    def list(self, *names: str) -> None:
        """Serve the keys of some names."""
        self.served["/keys"] = {"keys": [public(name) for name in names]}

    def token(
        self, kid: str = "first", algorithm: str = "RS256", key: Any = None, header: Any = None,
        **claims: Any,
    ) -> str:  # fmt: skip
        """Return a token of somebody who may review, but for some claims (None: left out)."""
        all_claims = {
            "iss": self.url, "aud": AUDIENCE, "sub": "ada", "exp": time.time() + 600,
            "scope": "openid mechkg:review",
        } | claims  # fmt: skip
        kept = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(
            kept, key or private(kid, algorithm), algorithm, {"kid": kid} | (header or {})
        )

    def accepted(self, keys: Keys | None = None, **more: Any) -> Issuer:
        """Return what accepts its tokens."""
        options = {"scope_claim": "scope", "name_claim": "sub",
                   "roles": Settings().roles_of_scopes()} | more  # fmt: skip
        return Issuer(self.url, AUDIENCE, keys or self.keys(), **options)

    def keys(self, **more: Any) -> Keys:
        """Return its keys, read over HTTP."""
        return Keys(lambda: fetch(f"{self.url}/keys"), **more)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def issuer(running: Server) -> Server:
    running.list("first")
    running.asked.clear()
    return running


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("lab")
    Catalogue(data).publish("lab", built(data / "lab", BASE).path)
    return data


@pytest.fixture
def client(issuer: Server, lab: Path) -> FlaskClient:
    settings = Settings.gather(
        {}, data=lab, graph="lab", oidc_issuer=issuer.url, oidc_audience=AUDIENCE
    )
    return create_app(settings).test_client()


def propose(client: FlaskClient, token: str, *, accept: bool = False) -> Any:
    body = {"reason": "because", "changes": [RETRACT], "accept": accept}
    headers = {"Authorization": f"Bearer {token}"}
    return client.post("/api/v1/changesets", json=body, headers=headers)


def unsigned(issuer: Server, header: dict[str, Any], secret: bytes = b"") -> str:
    """A token with a header of one's own, signed by a secret or by nothing."""
    claims = {"iss": issuer.url, "aud": AUDIENCE, "sub": "eve", "exp": time.time() + 600,
              "scope": "mechkg:admin"}  # fmt: skip
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
             for part in (header, claims)]  # fmt: skip
    digest = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest() if secret else b""
    return ".".join([*parts, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()])


def test_scopes_give_roles_and_the_log_says_who(client: FlaskClient, issuer: Server):
    for scope, accept, status in (
        ("openid", False, 403),
        ("mechkg:read", False, 403),
        ("mechkg:curate", False, 200),
        ("mechkg:curate", True, 403),
        ("mechkg:reviewer", True, 403),
    ):
        answer = propose(client, issuer.token(scope=scope), accept=accept)
        assert answer.status_code == status, (scope, answer.json)
    draft = client.get("/api/v1/changesets/1", headers={
        "Authorization": f"Bearer {issuer.token(scope='mechkg:read')}"})  # fmt: skip
    assert draft.json["author"] == "oidc:ada"
    assert client.get("/api/v1/changesets/1").status_code == 404
    nothing = {"Authorization": f"Bearer {issuer.token(scope='openid')}"}
    assert client.get("/api/v1/changesets/1", headers=nothing).status_code == 404
    for who in ("mechkg:review", "mechkg:admin"):
        answer = client.post("/api/v1/changesets/1/reject", json={"reason": "no"}, headers={
            "Authorization": f"Bearer {issuer.token(scope=who)}"})  # fmt: skip
        assert answer.status_code == (200 if who == "mechkg:review" else 409)
    assert set(issuer.asked) == {"/.well-known/openid-configuration", "/keys"}
    assert len(issuer.asked) == 2


def bad_tokens(issuer: Server) -> dict[str, tuple[str, str]]:
    """Tokens that are not accepted, and a word of why."""
    pem = private("first").public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    good = issuer.token()
    head, body, signature = good.split(".")
    other = issuer.token(sub="eve").split(".")[1]
    return {
        "expired": (issuer.token(exp=time.time() - 120), "expired"),
        "never expires": (issuer.token(exp=None), "lacks a claim"),
        "not yet": (issuer.token(nbf=time.time() + 600), "not valid yet"),
        "other audience": (issuer.token(aud="elsewhere"), "another audience"),
        "audiences without ours": (issuer.token(aud=["a", "b"]), "another audience"),
        "no audience": (issuer.token(aud=None), "lacks a claim"),
        "other issuer": (issuer.token(iss="https://evil.example"), "another issuer"),
        "issuer with a slash": (issuer.token(iss=f"{issuer.url}/"), "another issuer"),
        "no issuer": (issuer.token(iss=None), "lacks a claim"),
        "algorithm none": (unsigned(issuer, {"alg": "none", "kid": "first"}), "algorithm"),
        "algorithm None": (unsigned(issuer, {"alg": "None", "kid": "first"}), "algorithm"),
        "public key as secret": (
            unsigned(issuer, {"alg": "HS256", "kid": "first"}, pem), "algorithm"
        ),
        "other algorithm of another key": (
            issuer.token("first", "ES256", private("x", "ES256")), "algorithm"
        ),
        "key of somebody else": (issuer.token(key=private("evil")), "signature"),
        "key in the header": (
            issuer.token(key=private("evil"), header={"jwk": public("evil")}), "signature"
        ),
        "address of keys in the header": (
            issuer.token("evil", header={"jku": f"{issuer.url}/evil"}), "does not list"
        ),
        "unknown key": (issuer.token("unknown"), "does not list"),
        "file as key": (issuer.token("first", header={"kid": "../../etc/passwd"}), "not list"),
        "key that is no text": (unsigned(issuer, {"alg": "RS256", "kid": 1}), "token"),
        "critical extension": (issuer.token(header={"crit": ["x"], "x": 1}), "It "),
        "changed claims": (f"{head}.{other}.{signature}", "signature"),
        "no signature": (f"{head}.{body}.", "signature"),
        "encrypted": (f"{head}.{body}.{signature}.a.b", "read"),
        "no name": (issuer.token(sub=None), "who holds it"),
        "a name with control characters": (issuer.token(sub="ada\n2026"), "who holds it"),
        "long": (issuer.token(more="x" * 8_000), "longer"),
        "text": ("no-token", "read"),
        "bytes": ("é.ü.ß", "read"),
        "nested": (f"{base64.urlsafe_b64encode(b'[' * 3_000).decode()}.e30.e30", "read"),
        "token of the server's form": ("mechkg_guess", "not one of this server's"),
    }  # fmt: skip


def test_bad_tokens_change_nothing_are_told_why_and_cost_one_fetch(
    client: FlaskClient, issuer: Server, lab: Path
):
    assert propose(client, issuer.token(scope="openid")).status_code == 403  # keys are there
    before = (lab / "lab" / "current").resolve()
    fetched = len(issuer.asked)
    for name, (token, why) in bad_tokens(issuer).items():
        answer = propose(client, token, accept=True)
        assert answer.status_code == 401, name
        assert why in answer.json["detail"], (name, answer.json)
        challenge = answer.headers["WWW-Authenticate"]
        assert "error=invalid_token" in challenge
        assert token[:40] not in answer.text
        # Reading needs no token; a bad one there is none.
        plain = client.get("/api/v1/graph", headers={"Authorization": f"Bearer {token}"})
        assert plain.status_code == 200
    assert len(issuer.asked) == fetched  # within a minute of the first
    assert (lab / "lab" / "current").resolve() == before


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_signatures_by_public_keys_are_verified(issuer: Server, algorithm: str):
    issuer.served["/keys"] = {"keys": [public("one", algorithm, alg=algorithm)]}
    accepted = issuer.accepted()
    assert accepted.verify(issuer.token("one", algorithm)).role == "accept"
    if algorithm == "PS512":
        with pytest.raises(InvalidToken, match="algorithm"):
            accepted.verify(issuer.token("one", "RS256", private("one", "PS512")))


def test_keys_that_are_not_for_signatures_are_not_used():
    weak = rsa.generate_private_key(65537, 1024)
    listed = [
        public("good"),
        public("encryption", use="enc"),
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {**public("private"), "d": "AQAB"},
        public("hmac", alg="HS256"),
        public("none", alg="none"),
        {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key())), "kid": "weak"},
        {"kty": "RSA", "kid": "broken"},
        {"kty": "RSA", "kid": "odd", "n": [], "e": "AQAB"},
        "text",
    ]
    assert set(usable_keys(json.dumps({"keys": listed}).encode())) == {"good"}
    for text in (b"", b"[]", b'{"keys": 1}', b"\xff", json.dumps({"keys": [1] * 101}).encode()):
        with pytest.raises(ValueError, match=r"."):
            usable_keys(text)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_keys_are_rotated_and_fetched_at_most_once_a_minute(issuer: Server):
    clock = Clock()
    accepted = issuer.accepted(issuer.keys(clock=clock))
    assert accepted.verify(issuer.token()).name == "oidc:ada"
    issuer.list("first", "second")
    rotated = issuer.token("second")
    for _ in range(20):
        with pytest.raises(InvalidToken):
            accepted.verify(rotated)
    assert len(issuer.asked) == 1
    clock.now += oidc.MIN_AGE
    assert accepted.verify(rotated).name == "oidc:ada"
    issuer.list("second")
    clock.now += oidc.MAX_AGE + 1
    accepted.verify(issuer.token("second"))  # begins to fetch, and does not wait for it
    for _ in range(100):
        if len(issuer.asked) == 3:
            break
        time.sleep(0.01)
    clock.now += oidc.MIN_AGE
    with pytest.raises(InvalidToken):  # withdrawn
        accepted.verify(issuer.token("first"))


def test_a_flood_of_unknown_keys_is_one_fetch(issuer: Server):
    accepted = issuer.accepted()

    def refused(number: int) -> bool:
        try:
            accepted.verify(issuer.token("first", header={"kid": f"k{number}"}))
        except InvalidToken:
            return True
        return False

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(refused, range(64)))
    assert issuer.asked == ["/keys"]


def test_keys_outlive_an_issuer_that_is_away_for_a_day(issuer: Server):
    clock = Clock()
    accepted = issuer.accepted(issuer.keys(clock=clock))
    token = issuer.token(exp=time.time() + 10**6)
    accepted.verify(token)
    del issuer.served["/keys"]
    clock.now += oidc.MAX_STALE - 1
    assert accepted.verify(token).name == "oidc:ada"
    with pytest.raises(KeysUnavailable):  # it may be a key that the issuer lists by now
        accepted.verify(issuer.token("second"))
    clock.now += 2
    with pytest.raises(KeysUnavailable):
        accepted.verify(token)
    issuer.list("first")
    clock.now += oidc.MIN_AGE
    assert accepted.verify(token).name == "oidc:ada"


def test_an_issuer_that_cannot_be_asked_is_busy_not_a_failure(issuer: Server, lab: Path):
    settings = Settings(
        data=lab, graph="lab", oidc_issuer=issuer.url, oidc_audience=AUDIENCE,
        oidc_keys=f"{issuer.url}/none",
    )  # fmt: skip
    client = create_app(settings).test_client()
    answer = propose(client, issuer.token())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert client.get("/api/v1/graph", headers={
        "Authorization": f"Bearer {issuer.token()}"}).status_code == 200  # fmt: skip
    own = Tokens(lab).add("bob", "propose")
    try:
        assert propose(client, own).status_code == 200
    finally:
        Tokens(lab).remove("bob")


@pytest.mark.parametrize("path", ["/moved", "/large", "/none", "/odd"])
def test_what_is_no_key_set_is_not_followed(issuer: Server, path: str):
    issuer.served |= {"/moved": None, "/large": "x" * (oidc.MAX_BYTES + 1), "/odd": ["keys"]}
    accepted = issuer.accepted(Keys(lambda: fetch(f"{issuer.url}{path}")))
    with pytest.raises(KeysUnavailable):
        accepted.verify(issuer.token())
    assert issuer.asked == [path]


def test_keys_in_a_file_need_no_network_and_other_claims_can_be_set(
    issuer: Server, lab: Path, tmp_path: Path
):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [public("first")]}))
    settings = Settings.gather(
        {}, data=lab, graph="lab", oidc_issuer=issuer.url, oidc_audience=AUDIENCE,
        oidc_keys=str(file), oidc_scope_claim="realm_access.roles", oidc_name_claim="email",
        oidc_roles="KG curators=propose, admins=accept",
    )  # fmt: skip
    client = create_app(settings).test_client()
    token = issuer.token(email="ada@example.org", realm_access={"roles": ["KG curators"]})
    made = propose(client, token)
    assert made.status_code == 200
    assert made.json["author"] == "oidc:ada@example.org"
    assert propose(client, token, accept=True).status_code == 403
    assert issuer.asked == []
    file.write_text("{}")
    with pytest.raises(QueryError, match="oidc_keys cannot be read as a key set"):
        create_app(settings)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"oidc_issuer": "https://id.example.org"}, "oidc_audience"),
        ({"oidc_audience": "mechkg"}, "oidc_issuer"),
        ({"oidc_issuer": "http://id.example.org", "oidc_audience": "a"}, "oidc_issuer"),
        ({"oidc_issuer": "id.example.org", "oidc_audience": "a"}, "oidc_issuer"),
        ({"oidc_keys": "http://id.example.org/keys"}, "oidc_keys"),
        ({"oidc_keys": "file:///etc/passwd"}, "oidc_keys"),
        ({"oidc_roles": "a"}, "oidc_roles"),
        ({"oidc_roles": "a=admin"}, "oidc_roles"),
        ({"oidc_roles": "=read"}, "oidc_roles"),
    ],
)
def test_settings_that_do_not_go_together_are_named(given: dict[str, str], named: str):
    with pytest.raises(QueryError) as caught:
        Settings.gather({}, **given)
    assert caught.value.parameter == named


def test_the_description_names_the_issuer(client: FlaskClient, issuer: Server):
    schemes = client.get("/openapi.json").json["components"]["securitySchemes"]
    assert schemes["issuer"] == {
        "type": "openIdConnect",
        "openIdConnectUrl": f"{issuer.url}/.well-known/openid-configuration",
    }
