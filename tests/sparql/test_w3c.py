"""The W3C's SPARQL 1.1 tests over HTTP, against a real server.

Query evaluation without entailment and federation, query syntax, the protocol tests that concern
queries, and the service description. Every failure stands in `expected-failures` with its reason,
and nothing else may fail.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, Store
from rdflib import Graph, Namespace, URIRef

from tests.processes import PATIENCE
from tests.sparql.conftest import Switch
from tests.sparql.w3c import (
    EVALUATION,
    FORMS,
    SYNTAX,
    Case,
    Manifest,
    Request,
    result_set,
    same_graph,
    same_results,
)

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
EXPECTED = Path(__file__).with_name("expected-failures")
ELSEWHERE = "http://kasei.us/2009/09/sparql/data/data0.rdf"
"""A graph that protocol tests name and the suite does not hold: any content will do."""


def expected_failures() -> dict[str, str]:
    lines = [line for line in EXPECTED.read_text().splitlines() if line and line[0] != "#"]
    return dict(line.split(maxsplit=1) for line in lines)


@pytest.fixture(scope="session")
def outcomes(w3c: Path, switch: Switch) -> dict[str, str]:
    """Why each test failed, by its id; an empty text for one that passed."""
    found = {}
    for folder in (*EVALUATION, *SYNTAX, "protocol"):
        for case in Manifest(w3c / folder).cases():
            if "update" not in case.name and "Update" not in case.kind:
                found[case.id] = run(case, switch)
    return found


def run(case: Case, switch: Switch) -> str:
    if case.kind == "ProtocolTest":
        placeholder = (ELSEWHERE, case.folder / "data1.nt")
        switch.load([], [*case.named, placeholder])
        return next(filter(None, (answered(one, switch) for one in case.requests)), "")
    assert case.query is not None
    if case.kind.endswith("SyntaxTest11"):
        # One test says FROM <file>, which is read against the endpoint's address.
        switch.load([], [(f"{switch.url}/file", case.folder.parent / "protocol" / "data1.nt")])
        return parsed(case, case.query.read_text(), switch)
    text = case.query.read_text()
    data = [(path, urljoin(case.base, path.name)) for path in case.data]
    switch.load(data, list(case.named))
    return evaluated(case, f"BASE <{urljoin(case.base, case.query.name)}>\n{text}", switch)


def ask(switch: Switch, query: str, accept: str) -> requests.Response:
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    return requests.post(f"{switch.url}/sparql", query.encode(), headers=headers, timeout=PATIENCE)


def parsed(case: Case, query: str, switch: Switch) -> str:
    answer = ask(switch, query, "*/*")
    wanted = 200 if case.kind == "PositiveSyntaxTest11" else 400
    return "" if answer.status_code == wanted else f"{answer.status_code}: {answer.text[:200]}"


def evaluated(case: Case, query: str, switch: Switch) -> str:
    assert case.result is not None
    if case.result.suffix not in FORMS:
        solutions = result_set(case.result, case.base)
        if solutions is not None:
            answer = ask(switch, query, FORMS[".srj"][1])
            return "" if same_results(solutions, answer.content, "json") else answer.text[:200]
        answer = ask(switch, query, "text/turtle")
        if answer.status_code != 200:
            return f"{answer.status_code}: {answer.text[:200]}"
        same = same_graph(case.result, case.base, answer.content)
        return "" if same else "another graph"
    form, media_type = FORMS[case.result.suffix]
    answer = ask(switch, query, media_type)
    if answer.status_code != 200:
        return f"{answer.status_code}: {answer.text[:200]}"
    if answer.headers["Content-Type"].partition(";")[0] != media_type:
        return f"came as {answer.headers['Content-Type']}"
    same = same_results(case.result.read_bytes(), answer.content, form)
    return "" if same else f"other results: {answer.text[:200]}"


TABULAR = {media_type for _, media_type in FORMS.values()}
RDF_FORMS = {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"}


def answered(one: Request, switch: Switch) -> str:
    address = switch.url + one.path.replace("/sparql/", "/sparql", 1)
    answer = requests.request(
        one.method, address, data=one.body, headers=one.headers, timeout=PATIENCE
    )
    if str(answer.status_code)[0] not in one.status:
        return f"{answer.status_code}: {answer.text[:200]}"
    media_type = answer.headers["Content-Type"].partition(";")[0]
    if one.form and media_type not in (RDF_FORMS if one.form == "RDF" else TABULAR):
        return f"came as {media_type}"
    if one.boolean is not None and answer.json()["boolean"] is not one.boolean:
        return "another answer"
    return ""


def test_exactly_the_expected_ones_fail(outcomes: dict[str, str]) -> None:
    failed = {name: reason for name, reason in outcomes.items() if reason}
    surprising = {name: failed[name] for name in failed.keys() - expected_failures().keys()}
    assert surprising == {}
    assert expected_failures().keys() == failed.keys()
    assert len(outcomes) > 330


def test_what_fails_fails_in_the_store_alone(w3c: Path) -> None:
    """Each expected failure is one of the library too, asked in memory and without a server."""
    for name in expected_failures():
        folder, _, test = name.partition("/")
        (case,) = [case for case in Manifest(w3c / folder).cases() if case.name == test]
        assert case.query is not None
        assert case.result is not None
        store = Store()
        for path in case.data:
            store.load(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=case.base)
        for iri, path in case.named:
            graph = NamedNode(iri)
            store.load(path.read_bytes(), format=RdfFormat.TURTLE, to_graph=graph, base_iri=iri)
        solutions = result_set(case.result, case.base) if case.result.suffix == ".ttl" else None
        form = "json" if solutions else FORMS[case.result.suffix][0]
        answer = store.query(case.query.read_text(), base_iri=case.base).serialize(
            format=getattr(QueryResultsFormat, form.upper())
        )
        wanted = solutions or case.result.read_bytes()
        assert not same_results(wanted, answer, form), name


def test_share_by_category(outcomes: dict[str, str]) -> None:
    """Print the table, which `-s` shows."""
    counts: dict[str, list[bool]] = defaultdict(list)
    for name, reason in outcomes.items():
        counts[name.partition("/")[0]].append(not reason)
    rows = [f"{name:20} {sum(passed):4} of {len(passed):4}" for name, passed in counts.items()]
    sys.stdout.write("\n".join(["", "W3C SPARQL 1.1, passed:", *rows, ""]))
    assert set(counts) == {*EVALUATION, *SYNTAX, "protocol"}


def description(url: str, accept: str) -> Graph:
    answer = requests.get(f"{url}/sparql", headers={"Accept": accept}, timeout=PATIENCE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(accept)
    form = "json-ld" if accept == "application/ld+json" else accept
    return Graph().parse(data=answer.content, format=form, publicID=url)


@pytest.mark.parametrize("accept", sorted(RDF_FORMS))
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser
def test_service_description_is_rdf_with_the_endpoint(switch: Switch, accept: str) -> None:
    graph = description(switch.url, accept)
    (service,) = graph.subjects(predicate=SD.endpoint, object=URIRef(f"{switch.url}/sparql"))
    assert (service, None, SD.Service) in graph


def test_service_description_conforms_to_its_schema(switch: Switch) -> None:
    """Each property stands between the classes that the vocabulary says (its section 3)."""
    graph = description(switch.url, "text/turtle")
    ranges = {
        SD.defaultDataset: (SD.Service, SD.Dataset),
        SD.defaultGraph: (SD.Dataset, SD.Graph),
        SD.namedGraph: (SD.Dataset, SD.NamedGraph),
        SD.graph: (SD.NamedGraph, SD.Graph),
        SD.propertyFeature: (SD.Service, SD.Feature),
    }
    for name, (domain, kind) in ranges.items():
        pairs = list(graph.subject_objects(name))
        assert pairs, name
        for subject, target in pairs:
            assert (subject, None, domain) in graph
            assert (target, None, kind) in graph
    used = {str(p) for p in graph.predicates() if str(p).startswith(str(SD))}
    known = {*map(str, ranges), *map(str, (SD.endpoint, SD.name, SD.resultFormat))}
    assert used <= known | {str(SD.supportedLanguage)}
