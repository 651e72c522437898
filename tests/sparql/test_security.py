"""What a SPARQL text may try, and that the server answers others meanwhile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.api.servers import Service

ALL = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"


def ask(service: Service, query: str, **options: object) -> requests.Response:
    return service.post("/sparql", data={"query": query}, **options)


def refusal(answer: requests.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"].endswith((".", "?"))
    return answer.status_code, problem["type"].rpartition("/")[2]


def nested(opening: str, closing: str, levels: int) -> str:
    return f"SELECT * {{ {opening * levels} ?s ?p ?o {closing * levels} }}"


def star(patterns: int) -> str:
    return "SELECT * { " + " ".join(f"?s ?p{n} ?o{n} ." for n in range(patterns)) + " }"


TOO_COSTLY = (422, "too-costly")
FORBIDDEN = (403, "forbidden-query")
MALFORMED = (400, "malformed-query")

REFUSED = {
    "parentheses": ("SELECT * { FILTER(" + "(" * 4800 + "1" + ")" * 4800 + ") }", TOO_COSTLY),
    "braces": (nested("{", "}", 2200), TOO_COSTLY),
    "optional chain": (nested("?a ?b ?c OPTIONAL {", "}", 2800), TOO_COSTLY),
    "union chain": ("SELECT * { {} " + "UNION {} " * 6800 + "}", TOO_COSTLY),
    "sum": (f"SELECT (1{'+1' * 7200} AS ?x) {{}}", TOO_COSTLY),
    "not": (f"SELECT ({'!' * 7200}true AS ?x) {{}}", TOO_COSTLY),
    "quoted triples": (f"SELECT * {{ {'<<( ' * 3000} ?s ?p ?o {' )>>' * 3000} }}", TOO_COSTLY),
    "blank nodes": ("SELECT * { ?s ?p " + "[ ?p " * 3000 + "1" + "]" * 3000 + "}", TOO_COSTLY),
    "path steps": ("SELECT * { ?s " + "/".join(["<a:b>"] * 500) + " ?o }", TOO_COSTLY),
    "inverse paths": ("SELECT * { ?s " + "^(" * 400 + "<a:b>" + ")" * 400 + " ?o }", TOO_COSTLY),
    "star": (star(320), TOO_COSTLY),
    "long text": ("SELECT * { ?s ?p ?o } #" + "x" * 70_000, TOO_COSTLY),
    "service": ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", FORBIDDEN),
    "silent service": ("SELECT * { serVice SILENT ?x { ?s ?p ?o } }", FORBIDDEN),
    "load": ("LOAD <http://127.0.0.1:1/>", FORBIDDEN),
    "load file": ("LOAD <file:///etc/passwd> INTO GRAPH <a:b>", FORBIDDEN),
    "insert": ("INSERT DATA { <a:b> <a:b> <a:b> }", FORBIDDEN),
    "delete": ("PREFIX a: <a:b> DELETE WHERE { ?s ?p ?o }", FORBIDDEN),
    "drop": ("DROP ALL", FORBIDDEN),
    "from": ("SELECT * FROM <http://127.0.0.1:1/> { ?s ?p ?o }", (422, "unknown-term")),
    "from file": ("SELECT * FROM NAMED <file:///etc/passwd> { ?s ?p ?o }", (422, "unknown-term")),
    "nothing": ("hello", MALFORMED),
    "half": ("SELECT * { ?s ?p", MALFORMED),
    "unclosed string": ("SELECT * { ?s ?p \"x }", MALFORMED),
    "many rows": ("SELECT * { ?s ?p ?o }", (413, "too-large")),
    "many triples": ("CONSTRUCT WHERE { ?s ?p ?o }", (413, "too-large")),
    "cross product": (f"SELECT (COUNT(*) AS ?n) {{ {ALL} }}", TOO_COSTLY),
    "memory": (f"SELECT * {{ {ALL} }} ORDER BY ?i ?c", TOO_COSTLY),
    "distinct": (f"SELECT DISTINCT ?a ?d ?g {{ {ALL} }}", TOO_COSTLY),
    "concatenation": (
        "SELECT (STRLEN(GROUP_CONCAT(CONCAT(STR(?a), STR(?f)))) AS ?n) { ?a ?b ?c . ?d ?e ?f }",
        TOO_COSTLY,
    ),
    "doubled string": (
        "SELECT (STRLEN(?z) AS ?n) { BIND('" + "x" * 1000 + "' AS ?s0) "
        + " ".join(f"BIND(CONCAT(?s{n}, ?s{n}) AS ?s{n + 1})" for n in range(30))
        + " BIND(?s30 AS ?z) }",
        TOO_COSTLY,
    ),
    "endless path": (
        "SELECT (COUNT(*) AS ?n) { ?a (!<a:b>)* ?b . ?b (!<a:c>)* ?c . ?c (!<a:d>)* ?d }",
        TOO_COSTLY,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_text_is_refused_with_a_problem_and_the_server_lives(endpoint: Service, name: str) -> None:
    query, expected = REFUSED[name]
    assert refusal(ask(endpoint, query)) == expected
    assert ask(endpoint, "ASK { ?s ?p ?o }").json()["boolean"] is True


ANSWERED = {
    "regex": f'SELECT (REGEX("{"a" * 44}!", "^(a+)+$") AS ?x) {{}}',
    "values": "SELECT (COUNT(*) AS ?n) { VALUES ?x { " + " ".join(map(str, range(9000))) + " } }",
    "words in strings": 'SELECT ("SERVICE LOAD FROM <x>" AS ?x) { } # SERVICE',
    "words in IRIs": "ASK { <http://a/SERVICE> ?p ?o }",
    "depth within bounds": nested("{", "}", 40),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_what_is_harmless_is_answered(endpoint: Service, name: str) -> None:
    answer = ask(endpoint, ANSWERED[name])
    assert answer.status_code in {200, 413}, answer.text


def test_nothing_is_fetched_whatever_the_text(endpoint: Service) -> None:
    """A listener that any way out would reach is never called."""
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(2.0)
        port = listener.getsockname()[1]

        def wait() -> None:
            try:
                listener.accept()[0].close()
            except TimeoutError:
                return
            called.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        here = f"http://127.0.0.1:{port}/x"
        for query in (
            f"SELECT * {{ SERVICE <{here}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <{here}> {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{here}> {{ ?s ?p ?o }}",
            f"LOAD <{here}>",
            f"PREFIX s: <{here}> SELECT * FROM NAMED s: {{ ?s ?p ?o }}",
        ):
            assert ask(endpoint, query).status_code in {403, 422}
        addresses = {"query": "ASK {}", "default-graph-uri": here, "named-graph-uri": here}
        assert endpoint.get("/sparql", params=addresses).status_code == 422
        waiting.join()
    assert not called.is_set()


def test_others_are_answered_while_processes_die(endpoint: Service) -> None:
    """Four queries that take all there is, and meanwhile look-ups and path searches."""
    bombs = ("cross product", "memory", "distinct", "endless path")
    done = threading.Event()
    looks = 0

    def look() -> None:
        nonlocal looks
        while not done.is_set():
            assert endpoint.get("/api/v1/entities/CL:0000047").status_code == 200
            assert endpoint.get("/healthz").status_code == 200
            paths = endpoint.get("/api/v1/paths?source=NSC&target=neuron&max_hops=2")
            assert paths.status_code == 200
            looks += 1

    with ThreadPoolExecutor(max_workers=8) as pool:
        looking = pool.submit(look)
        asked: list[Callable[[], requests.Response]] = [
            lambda query=REFUSED[name][0]: ask(endpoint, query) for name in bombs * 2
        ]
        answers = []
        while looks < 4 and not looking.done():
            answers += [future.result() for future in [pool.submit(one) for one in asked]]
        done.set()
        looking.result()
    kinds = {refusal(answer) for answer in answers}
    assert kinds <= {TOO_COSTLY, (429, "too-many-requests")}
    assert TOO_COSTLY in kinds
    assert ask(endpoint, "ASK { ?s ?p ?o }").json()["boolean"] is True
