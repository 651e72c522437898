"""Curators by HTTP: who may, what comes of it, and what a client learns when it does not."""

from __future__ import annotations

import gzip
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from mechkg.api.http.app import create_app
from mechkg.api.http.settings import Settings
from mechkg.client import Client, ServiceError
from mechkg.kg.curation.changes import CorrectStatement, RetractStatement, StatementFields
from mechkg.kg.curation.log import LOG
from mechkg.kg.curation.store import fork
from mechkg.kg.curation.tokens import ROLES, Tokens
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.kg.full_disk import full_disk
from tests.kg.test_curation import BASE, built
from tests.kg.test_curation import OTHER as FOUND

PAPER = [{"kind": "literature", "source": "infores:pubmed", "publications": ["PMID:1"]}]
RETRACT = {"op": "retract_statement", "id": "S2"}


def corrected(fields: Any) -> Any:
    return {"op": "correct_statement", "id": "S1", "set": fields}


class Curator:
    """A client with a token."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/api/v1/{path}", headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1/{path}", json=body or {}, headers=self.headers | named)

    def change(self, *changes: Any, accept: bool = True, **more: str) -> TestResponse:
        body = {"reason": "because", "changes": changes, "accept": accept}
        return self.post("changesets", body, **more)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Catalogue(tmp_path).publish("lab", built(tmp_path / "lab", BASE).path)
    return tmp_path


@pytest.fixture
def client(data: Path) -> FlaskClient:
    return create_app(Settings(data=data, graph="lab")).test_client()


@pytest.fixture
def curator(client: FlaskClient, data: Path) -> Curator:
    return Curator(client, Tokens(data).add("ada", "accept"))


def statements(client: FlaskClient) -> set[str]:
    return {s["id"] for s in client.get("/api/v1/graph").json["statements"]}


WRITES = (
    ("changesets", {"reason": "x", "changes": [RETRACT]}),
    ("changesets/1/accept", {}),
    ("changesets/1/reject", {"reason": "x"}),
    ("changesets/1/undo", {"reason": "x"}),
)


@pytest.mark.parametrize(("path", "body"), WRITES, ids=[w[0] for w in WRITES])
def test_nothing_is_written_without_a_token(client: FlaskClient, data: Path, path: str, body: Any):
    before = statements(client)
    for secret in ("", "mechkg_guess", "Basic x"):
        refused = Curator(client, secret).post(path, body)
        assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (
            401, "unauthorized",
        )  # fmt: skip
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert statements(client) == before
    assert not (data / "lab" / LOG).exists()


NAMES = (
    "PREFIX s: <https://w3id.org/mechkg/statement/> PREFIX b: <https://w3id.org/biolink/vocab/> "
)


def updated(client: FlaskClient, secret: str, text: str, **headers: str) -> TestResponse:
    kind = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {secret}"}
    return client.post("/sparql?reason=new%20paper", data=text, headers=kind | headers)


def test_an_update_is_a_changeset_that_can_be_undone(client: FlaskClient, data: Path) -> None:
    secret = Tokens(data).add("ada", "accept")
    turtle = client.get("/api/v1/graph.ttl").text
    before = statements(client)
    plain = next(line for line in client.get("/api/v1/graph.nt").text.splitlines()
                 if "> <https://w3id.org/mechkg/vocab/promotes> <" in line)  # fmt: skip
    gone = {s["id"] for s in client.get("/api/v1/graph").json["statements"]
            if s["predicate"] == "promotes"}  # fmt: skip
    refused = updated(client, Tokens(data).add("bob", "propose"), f"DELETE DATA {{ {plain} }}")
    assert (refused.status_code, statements(client)) == (403, before)
    done = updated(client, secret, f"DELETE DATA {{ {plain} }}")
    assert done.status_code == 200, done.text
    left = statements(client)
    assert left < before
    assert before - left <= gone
    back = updated(client, secret, f"INSERT DATA {{ {plain.rstrip(chr(46))} }}")
    assert back.status_code == 200, back.text
    (edit,) = back.json["edits"]
    assert edit["statement_after"]["evidence"][0]["source"] == "SPARQL update of ada"
    for changeset in (back.json["id"], done.json["id"]):
        undone = Curator(client, secret).post(
            f"changesets/{changeset}/undo", {"reason": "x", "accept": True}
        )
        assert undone.status_code == 200
    assert client.get("/api/v1/graph.ttl").text == turtle


def test_an_update_by_a_pattern_changes_what_it_finds(client: FlaskClient, data: Path) -> None:
    secret = Tokens(data).add("ada", "accept")
    before = statements(client)
    done = updated(
        client, secret, f"{NAMES} DELETE {{ ?s a b:Association }} WHERE {{ ?s b:subject ?a }}"
    )
    assert done.status_code == 200, done.text
    assert {e["statement_before"]["id"] for e in done.json["edits"]} == before
    assert statements(client) == set()


@pytest.mark.parametrize(
    ("text", "status", "slug"),
    [
        ("DROP ALL", 403, "forbidden-query"),
        ("LOAD <http://127.0.0.1/x>", 403, "forbidden-query"),
        ("INSERT DATA { GRAPH <a:g> { <a:b> <a:c> <a:d> } }", 403, "forbidden-query"),
        ("DELETE DATA { <http://a/b> <http://a/c> <http://a/d> }", 409, "edit-conflict"),
        ("INSERT DATA { <a:b> <a:c> }", 422, "changes-refused"),
        ("INSERT DATA { <a:b> <a:c> <a:d>", 400, "malformed-query"),
        ("DELETE { ?s ?p ?o }", 400, "malformed-query"),
        ("INSERT DATA { " + "[] <a:b> (" * 200, 422, "too-costly"),
        (" ", 400, "malformed-query"),
    ],
    ids=range(9),
)
def test_an_update_that_cannot_be_made_changes_nothing(
    client: FlaskClient, data: Path, text: str, status: int, slug: str
) -> None:
    secret = Tokens(data).add("ada", "accept")
    before = statements(client)
    refused = updated(client, secret, text)
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (status, slug)
    assert statements(client) == before
    assert not (data / "lab" / LOG).exists()


def test_each_role_may_do_what_it_says(client: FlaskClient, data: Path) -> None:
    reader, author, reviewer = (
        Curator(client, Tokens(data).add(f"{role}-er", role)) for role in ROLES
    )
    anyone = Curator(client, "")
    assert reader.change(RETRACT, accept=False).status_code == 403
    assert author.change(RETRACT).status_code == 403
    draft = author.change(RETRACT, accept=False)
    assert (draft.status_code, draft.json["status"]) == (200, "proposed")
    assert anyone.get("changesets").json["changesets"] == []
    assert anyone.get("changesets/1").status_code == 404
    assert reader.get("changesets/1").json["changes"] == [RETRACT]
    assert author.post("changesets/1/accept").status_code == 403
    assert "S2" in statements(client)
    done = reviewer.post("changesets/1/accept").json
    assert (done["author"], done["reviewer"]) == ("propose-er", "accept-er")
    assert "S2" not in statements(client)
    listed = anyone.get("changesets").json
    assert [c["id"] for c in listed["changesets"]] == ["1"]
    assert listed["complete"]


def test_a_change_is_seen_at_once_undone_and_remembered(client: FlaskClient, curator: Curator):
    before = client.get("/version").json["snapshot"]
    correct = {
        "op": "correct_statement",
        "id": "S1",
        "set": {"effect": "lowers"},
        "evidence": PAPER,
    }
    done = curator.change(correct)
    version = client.get("/version").json["snapshot"]
    assert done.json["version"] == version != before
    assert done.headers["ETag"] == f'"{version}"'
    assert client.get("/api/v1/statements/S1").json["effect"] == "lowers"
    path = client.get("/api/v1/paths?source=X:a&target=X:b&max_hops=1").json["paths"][0]
    assert path["effect"] == "lowers"
    history = client.get("/api/v1/history?id=S1").json["changesets"]
    assert [c["edits"][0]["statement_after"]["effect"] for c in history] == ["lowers"]
    diff = client.get(f"/api/v1/diff?start={before}&end={version}").json
    assert [e["statement_before"]["id"] for e in diff["edits"]] == ["S1", "I1"]
    assert diff["edits"] == done.json["edits"]
    undone = curator.post("changesets/1/undo", {"reason": "a slip", "accept": True})
    assert undone.json["undoes"] == "1"
    assert client.get("/api/v1/statements/S1").json["effect"] == "raises"
    assert client.get("/api/v1/diff").json["edits"] == []


def test_what_was_not_changed_differs_in_nothing(client: FlaskClient) -> None:
    version = client.get("/version").json["snapshot"]
    assert client.get("/api/v1/diff").json == {"start": version, "end": version, "edits": []}
    assert client.get("/api/v1/diff?end=ffffffff").status_code == 410
    assert client.get("/api/v1/history?id=S1").json["changesets"] == []


def test_lost_updates_and_repeated_requests_are_refused(client: FlaskClient, curator: Curator):
    tag = client.get("/api/v1/statements/S1").headers["ETag"]
    first = curator.change(RETRACT, If_Match=tag, Idempotency_Key="k")
    assert first.status_code == 200
    assert curator.change(RETRACT, If_Match=tag, Idempotency_Key="k").json == first.json
    other = {"op": "retract_statement", "id": "X:a~affects~X:d"}
    stale = curator.change(other, If_Match=tag)
    assert (stale.status_code, stale.json["type"].rpartition("/")[2]) == (412, "stale-base")
    assert curator.change(other, If_Match=first.headers["ETag"]).status_code == 200
    assert curator.change(RETRACT, Idempotency_Key="k2").status_code == 422


BAD = (
    ({}, 422),
    ({"reason": "x", "changes": []}, 422),
    ({"reason": "", "changes": [RETRACT]}, 422),
    ({"reason": "x", "changes": [{"op": "drop_table"}]}, 422),
    ({"reason": "x", "changes": [corrected({"effect": "up"})]}, 422),
    ({"reason": "x", "changes": [corrected({"sgn": 1})]}, 422),
    ({"reason": "x", "changes": [{"op": "add_statement", "subject": "X:a", "predicate": "binds",
                                  "object": "X:c", "evidence": [{"kind": "x"}]}]}, 422),
    ({"reason": "x", "changes": [RETRACT], "base": "../x"}, 422),
    ({"reason": "x", "changes": [RETRACT], "base": "0123456789ab"}, 412),
    ({"reason": "x", "changes": [RETRACT, RETRACT], "accept": True}, 422),
    ({"reason": "x", "changes": [{"op": "retract_statement", "id": "I1"}], "accept": True}, 409),
    ({"reason": "x", "changes": [RETRACT], "who": "me"}, 422),
)  # fmt: skip


@pytest.mark.parametrize(("body", "status"), BAD, ids=range(len(BAD)))
def test_bad_changesets_are_refused_in_words(
    client: FlaskClient, curator: Curator, body: Any, status: int
) -> None:
    before = statements(client)
    refused = curator.post("changesets", body)
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json"), (
        refused.text
    )
    assert refused.json["detail"].endswith((".", "?"))
    assert statements(client) == before


def test_checks_name_what_they_find(client: FlaskClient, curator: Curator) -> None:
    wrong = {"op": "retract_statement", "id": "S9"}
    bad_paper = [{"kind": "literature", "source": "", "publications": ["PMID:one"]}]
    dispute = {"op": "dispute_statement", "id": "S1", "evidence": bad_paper}
    for changes, named in (((RETRACT, wrong, wrong), "S9"), ((dispute,), "PMID:one")):
        refused = curator.change(*changes, accept=False)
        assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
        assert refused.json["type"].endswith("/changes-refused")
        assert all(named in f["message"] for f in refused.json["findings"])
        assert {f["severity"] for f in refused.json["findings"]} == {"error"}
    assert curator.get("changesets").json["changesets"] == []
    turned = corrected({"effect": "lowers"})
    draft = curator.change(turned, accept=False).json
    assert [f["check"] for f in draft["findings"]] == ["effect"]
    shown = curator.get("changesets/1").json
    assert shown["findings"] == draft["findings"]
    assert shown["edits"][0]["statement_after"]["effect"] == "lowers"
    assert curator.change({"op": "retract_statement", "id": "S1"}).status_code == 200
    late = curator.get("changesets/1").json
    assert [f["severity"] for f in late["findings"]][-1] == "error"
    assert Curator(client, "").get("changesets/1").status_code == 404
    accepted = curator.post("changesets/1/accept")
    assert accepted.status_code in {409, 412, 422}


TABLE = b"subject\tpredicate\tobject\nX:a\tbinds\tX:c\n"


def upload(curator: Curator, body: bytes, kind: str, query: str = "reason=r", **more: str):
    headers = curator.headers | more | {"Content-Type": kind}
    return curator.client.post(f"/api/v1/changesets/upload?{query}", data=body, headers=headers)


def test_a_file_is_a_changeset(client: FlaskClient, curator: Curator) -> None:
    kind = "text/tab-separated-values"
    draft = upload(curator, TABLE, kind)
    assert (draft.status_code, draft.json["status"]) == (200, "proposed")
    assert "X:a~binds~X:c" not in statements(client)
    query = "reason=r&accept=true&source=infores:lab"
    first = upload(curator, TABLE, kind, query, **{"Idempotency-Key": "k"})
    assert first.json["edits"][0]["statement_after"]["evidence"][0]["source"] == "infores:lab"
    assert upload(curator, TABLE, kind, query, **{"Idempotency-Key": "k"}).json == first.json
    assert "X:a~binds~X:c" in statements(client)
    tag = f'"{first.json["base"]}"'
    stale = upload(curator, TABLE.replace(b"X:c", b"X:d"), kind, query, **{"If-Match": tag})
    assert stale.status_code == 412
    whole = client.get("/api/v1/graph?format=turtle").data
    assert upload(curator, whole, "text/turtle").status_code == 409


def test_files_of_strangers_are_refused(client: FlaskClient, curator: Curator, data: Path) -> None:
    before = statements(client)
    size = Settings().body_bytes
    for body, kind, query, status in (
        (TABLE, "text/html", "reason=r", 415),
        (TABLE, "application/json", "reason=r", 415),
        (TABLE, "text/tab-separated-values", "", 422),
        (TABLE, "text/tab-separated-values", "reason=r&path=/etc/passwd", 422),
        (TABLE, "text/tab-separated-values", "reason=r&base=..", 422),
        (b" ", "text/turtle", "reason=r", 422),
        (b"@prefix a: <b", "text/turtle", "reason=r", 422),
        (b'{"@context": "file:///etc/passwd"}', "application/ld+json", "reason=r", 422),
        (gzip.compress(bytes(17 * size)), "text/tab-separated-values", "reason=r", 413),
        (b"x" * (size + 1), "text/turtle", "reason=r", 413),
    ):
        refused = upload(curator, body, kind, query)
        assert (refused.status_code, refused.mimetype) == (status, "application/problem+json"), (
            kind, refused.text,
        )  # fmt: skip
        assert not re.search(r"/tmp|Traceback|root:", refused.text)
    anyone, reader = Curator(client, ""), Curator(client, Tokens(data).add("eve", "read"))
    author = Curator(client, Tokens(data).add("bob", "propose"))
    kind = "text/tab-separated-values"
    assert upload(anyone, TABLE, kind).status_code == 401
    assert upload(reader, TABLE, kind).status_code == 403
    assert upload(author, TABLE, kind, "reason=r&accept=true").status_code == 403
    assert statements(client) == before


def test_a_changeset_of_a_thousand_statements_is_one_version(
    client: FlaskClient, curator: Curator
) -> None:
    many = [
        {"op": "add_statement", "subject": "X:a", "predicate": "promotes", "object": "X:g",
         "evidence": PAPER, "note": f"n{number}"}
        for number in range(1_000)
    ]  # fmt: skip
    done = curator.change(*many)
    assert done.status_code == 200
    assert len(statements(client)) == len(BASE) + 1_000
    assert len(json.dumps(many)) < Settings().body_bytes


def test_the_bundled_graph_is_copied_not_edited(data_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "ms-nsc").symlink_to(data_directory / "ms-nsc")
    token = Tokens(tmp_path).add("ada", "accept")
    retract = {"op": "retract_statement", "id": "SC061"}
    fixed = create_app(Settings(data=tmp_path, graph="ms-nsc")).test_client()
    refused = Curator(fixed, token).change(retract)
    assert refused.status_code == 409
    assert "fork" in refused.json["detail"]
    from mechkg.ontology.curation import conclusions

    fork(tmp_path, "ms-nsc", "ours", infer=conclusions)
    ours = create_app(Settings(data=tmp_path, graph="ours")).test_client()
    bundled = ours.get("/api/v1/graph").json["statements"]
    assert bundled == fixed.get("/api/v1/graph").json["statements"]
    done = Curator(ours, token).change(retract)
    assert done.status_code == 200, done.text
    after = ours.get("/api/v1/graph").json["statements"]
    assert all("SC061" not in s["derived_from"] and s["id"] != "SC061" for s in after)
    undone = Curator(ours, token).post("changesets/1/undo", {"reason": "x", "accept": True})
    assert undone.status_code == 200
    assert ours.get("/api/v1/graph").json["statements"] == bundled


def test_the_client_for_python_does_the_same(data: Path) -> None:
    secret = Tokens(data).add("ada", "accept")
    app = create_app(Settings(data=data, graph="lab"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"127.0.0.1:{server.port}"
    try:
        with Client(address, token=secret) as client, Client(address) as anyone:
            before = client.difference().end
            fields = StatementFields(effect="lowers")
            correct = CorrectStatement(id="S1", set=fields, evidence=FOUND)
            draft = client.propose([correct], reason="because")
            assert list(anyone.changesets()) == []
            assert client.changeset(draft.id).changes == (correct,)
            done = client.accept(draft.id, expected=before)
            assert anyone.statement("S1").effect == "lowers"
            assert [c.id for c in anyone.changesets()] == [draft.id]
            assert anyone.history("S1")[0].edits == done.edits[:1]
            assert anyone.difference().edits == done.edits
            with pytest.raises(ServiceError) as stale:
                client.undo(draft.id, reason="no", accept=True, expected=before)
            assert stale.value.kind == "stale-base"
            with pytest.raises(ServiceError) as refused:
                anyone.undo(draft.id, reason="no", accept=True)
            assert refused.value.kind == "unauthorized"
            client.undo(draft.id, reason="no", accept=True)
            assert anyone.statement("S1").effect == "raises"
            assert anyone.difference().edits == ()
            made = client.upload(TABLE, "text/tab-separated-values", reason="a table", accept=True)
            assert anyone.statement("X:a~binds~X:c").evidence[0].source == "upload of ada"
            client.undo(made.id, reason="no", accept=True)
            other = client.propose([RetractStatement(id="S2")], reason="maybe")
            assert client.reject(other.id, reason="no").status == "rejected"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_full_disk_is_said_and_changes_nothing(client: FlaskClient, curator: Curator) -> None:
    before = statements(client)
    for room in (0, 100, 2_000, 5_000, 9_000, 20_000):
        with full_disk(room):
            answer = curator.change(RETRACT)
        assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (
            503, "changes-unavailable",
        ), answer.text  # fmt: skip
        assert "Nothing was changed" in answer.json["detail"]
        assert statements(client) == before
    assert curator.change(RETRACT).json["status"] == "accepted"
    assert "S2" not in statements(client)
