"""A hundred questions at every door: the same paths, verdicts, subclasses and refusals."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from mcp import Client as Agent
from mcp import StdioServerParameters
from mcp.server.mcpserver.exceptions import ToolError

from mechkg.api.mcp.tools import Tools
from mechkg.client import Client, ServiceError
from mechkg.kg.errors import MechKGError
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.results import NetEffect, PathResult
from mechkg.ontology.rdf.vocabulary import STANDARD_PREFIXES
from tests.api.servers import ROOT, Service, serving
from tests.cli.conftest import Run, mechkg
from tests.processes import PATIENCE, until

SOURCES = (
    "NSC", "astrocyte", "ocrelizumab", "HLA-DRB1", "GDNF", "microglial cells", "T-helper 17 cell",
    "inflammatory response", "mesenchymal stem cell*", "cladribine", "nobody in particular",
)  # fmt: skip
TARGETS = (
    "neuron", "multiple sclerosis", "Remyelination", "axons", "multiple sclerosis!",
    "oligodendrocyte*", "ocrelizumab", "sclerosis, multiple", "blood\u2013brain barrier",
    "demyelination",
)  # fmt: skip
FURTHER: tuple[dict[str, str], ...] = (
    {}, {}, {}, {"via": "biolink:Gene"}, {"avoid": "inflammatory response"}, {"via": "OPC"},
    {"context": "consistent"}, {"avoid": "biolink:Disease"}, {"context": "species~=human"},
    {"via": "glial cell*", "context": "consistent"}, {"via": "nobody in particular"},
)  # fmt: skip
"""What questions ask beside their ends, in turns; eleven, so that all meet all sources."""

LIMIT = 3
NOBODY = {"nobody in particular"}
"""What names no entity."""


class Question(NamedTuple):
    """The ends of a question, and what else it asks."""

    source: str
    target: str
    further: dict[str, str]

    def fields(self, **more: Any) -> dict[str, Any]:
        """Its parameters with one value each."""
        return {"source": self.source, "target": self.target, **self.further, **more}

    def lists(self, **more: Any) -> dict[str, Any]:
        """Its parameters as lists."""
        return {name: [value] for name, value in self.fields().items()} | more


QUESTIONS = [
    Question(*ends, FURTHER[place % len(FURTHER)])
    for place, ends in enumerate(islice(product(SOURCES, TARGETS), 5, 105))
]

__all__ = ["mechkg"]  # a fixture

Answer = tuple[Any, ...]
"""(total, statements of each hop, closures, net effect), or (refused, what it suggests)."""


@pytest.fixture(scope="module")
def service(data_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    log = tmp_path_factory.mktemp("doors") / "server.log"
    limits = {"sparql_seconds": 60, "query_seconds": 60}  # no answer depends on the load
    with serving(data_directory, log, graph="ms-nsc", **limits) as running:
        yield running


@pytest.fixture(scope="module")
def graph(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


@pytest.fixture(scope="module")
def expected(graph: Graph) -> list[Answer]:
    """What the library answers."""
    return [answer_of(lambda one=one: found(graph, one)) for one in QUESTIONS]


def found(graph: Graph, question: Question) -> PathResult:
    return graph.find_paths(**question.fields(limit=LIMIT))


def answer_of(ask: Callable[[], PathResult]) -> Answer:
    try:
        result = ask()
    except (MechKGError, ServiceError) as error:
        return refusal(str(error))
    paths = msgspec.to_builtins(result.paths)
    closures = tuple(c.sentence for c in result.closures)
    return result.total, hops_of(paths), closures, msgspec.json.encode(result.net_effect)


def refusal(text: str) -> Answer:
    """What a refusal says, whatever words a door puts around it."""
    said = re.search(r"Parameter (source|target|via) .*", text)
    assert said, text
    return "refused", said[0]


def hops_of(paths: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(
        tuple(tuple(s["id"] for s in hop["statements"]) for hop in path["hops"]) for path in paths
    )


def answer_of_json(answer: dict[str, Any]) -> Answer:
    closures = tuple(closure["sentence"] for closure in answer["closures"])
    effect = msgspec.json.encode(msgspec.convert(answer["net_effect"], NetEffect))
    return answer["total"], hops_of(answer["paths"]), closures, effect


def test_the_questions_are_of_every_kind(expected: list[Answer]) -> None:
    assert len(QUESTIONS) == 100
    assert sum(answer[0] == "refused" for answer in expected) > 5
    assert sum(bool(answer[2]) for answer in expected if answer[0] != "refused") > 20
    verdicts = {msgspec.json.decode(a[3])["verdict"] for a in expected if a[0] != "refused"}
    assert verdicts == {"raises", "lowers", "both", "unknown", "none"}
    assert sum(answer[0] == 0 for answer in expected) > 5
    assert sum(len(answer[1]) == LIMIT for answer in expected if answer[0] != "refused") > 5


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_http(service: Service, expected: list[Answer], method: str) -> None:
    for ends, wanted in zip(QUESTIONS, expected, strict=True):
        if method == "GET":
            answer = service.get("/api/v1/paths", params=ends.fields(limit=LIMIT))
        else:
            answer = service.post("/api/v1/paths", json=ends.lists(limit=LIMIT))
        told = answer.json()
        got = answer_of_json(told) if answer.ok else refusal(told["detail"])
        assert got == wanted, ends


def test_the_stream_that_the_page_reads(service: Service, expected: list[Answer]) -> None:
    for ends, wanted in zip(QUESTIONS, expected, strict=True):
        answer = service.post("/api/v1/paths/stream", json=ends.lists(limit=LIMIT))
        if answer.ok:
            *paths, summary = map(json.loads, answer.text.splitlines())
            got = answer_of_json(summary | {"paths": paths})
        else:
            got = refusal(answer.json()["detail"])
        assert got == wanted, ends


def test_the_client(service: Service, expected: list[Answer]) -> None:
    client = Client(service.url)
    for ends, wanted in zip(QUESTIONS, expected, strict=True):
        asked = ends.fields(limit=LIMIT)
        assert answer_of(lambda asked=asked: client.find_paths(**asked)) == wanted, ends


def test_the_command_line(mechkg: Run, expected: list[Answer]) -> None:
    for ends, wanted in zip(QUESTIONS, expected, strict=True):
        further = [text for name, value in ends.further.items() for text in (f"--{name}", value)]
        arguments = ["paths", ends.source, ends.target, *further, "--limit", str(LIMIT), "--json"]
        told = mechkg(*arguments, "--graph", "ms-nsc")
        if told.returncode:
            assert refusal(" ".join(told.stderr.split())) == wanted, ends
        else:
            assert answer_of_json(json.loads(told.stdout)) == wanted, ends


def test_an_agent(environment: dict[str, str], expected: list[Answer]) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "mechkg", "mcp", "--graph", "ms-nsc"],
        env=environment | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )

    async def talk() -> list[tuple[bool, str]]:
        async with Agent(command, read_timeout_seconds=PATIENCE) as agent:
            told = []
            for question in QUESTIONS:
                asked = question.lists(limit=LIMIT, tokens=8000)
                answer = await agent.call_tool("find_paths", asked)
                told.append((bool(answer.is_error), answer.content[0].text))
            return told

    for ends, wanted, (is_error, text) in zip(
        QUESTIONS, expected, asyncio.run(talk()), strict=True
    ):
        if is_error:
            assert refusal(" ".join(text.split())) == wanted, ends
            continue
        lines = [line for line in text.splitlines() if re.match(r"\d+\. \(", line)]
        identifiers = [
            sorted(re.findall(r"\b(?:SC|XC|MK)\d+", " ".join(re.findall(r"\[([^\]]*)\]", line))))
            for line in lines
        ]
        _, paths, closures, effect = wanted
        assert identifiers == [
            sorted(s for hop in path for s in hop if re.match(r"(SC|XC|MK)\d+$", s))
            for path in paths
        ], ends
        assert all(sentence in text for sentence in closures), ends
        assert msgspec.json.decode(effect)["sentence"] in text, ends


def between(graph: Graph, name: str) -> str:
    """Return the pattern of SPARQL by which an entity of a path is what `via` or `avoid` names."""
    if name.startswith("biolink:"):
        return f"?middle a {name} ."
    iri = iri_of(graph, graph.entity(name.rstrip("*")).id)
    below = name.endswith("*")
    return f"?middle rdfs:subClassOf* <{iri}> ." if below else f"FILTER(?middle = <{iri}>)"


def iri_of(graph: Graph, curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return f"{(STANDARD_PREFIXES | graph.schema.prefixes)[prefix]}{local}"


def sparql_of(graph: Graph, ends: Question) -> str:
    """Return a question in SPARQL: what lies between the ends in patterns over the paths."""
    source, target = json.dumps(ends.source), json.dumps(ends.target)
    contexts = json.dumps(ends.further["context"]) if "context" in ends.further else ""
    middle = (
        "?path path:entity (?position ?middle) . FILTER(?position > 0 && ?position < ?length) {}"
    )
    lies: dict[str, Callable[[str], str]] = {
        "via": middle.format,
        "avoid": lambda pattern: f"FILTER NOT EXISTS {{ {middle.format(pattern)} }}",
    }
    patterns = [
        lies[name](between(graph, value))
        for name, value in ends.further.items()
        if name in lies and value not in NOBODY
    ]
    every = 1000 if patterns else LIMIT
    return (
        "PREFIX path: <https://w3id.org/mechkg/path/> "
        "PREFIX biolink: <https://w3id.org/biolink/vocab/> "
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        f"SELECT DISTINCT ?rank ?explanation {{ ({source} {target} 3 {every} {contexts}) path:find "
        f"(?path ?rank ?score ?sign ?length ?explanation) . {' '.join(patterns)} }} "
        f"ORDER BY ?rank LIMIT {LIMIT}"
    )


def without(ends: Question) -> Question:
    """Return a question that asks for nothing between its ends."""
    kept = {name: value for name, value in ends.further.items() if name == "context"}
    return ends._replace(further=kept)


def widened(graph: Graph, ends: Question) -> set[str]:
    """Return which ends of a question subclasses stand for; none where it is refused."""
    try:
        return {closure.parameter for closure in found(graph, ends).closures} - {"via", "avoid"}
    except MechKGError:
        return set()


def test_sparql(service: Service, graph: Graph, expected: list[Answer]) -> None:
    """Without parameters for what lies between, patterns say it."""
    until(lambda: service.post("/sparql", data={"query": "ASK {}"}).ok)  # the store is made
    compared: Counter[str] = Counter()
    for ends, wanted in zip(QUESTIONS, expected, strict=True):
        between_ends = {ends.further.get("via"), ends.further.get("avoid")} - {None}
        if between_ends & {*NOBODY, ends.source, ends.target}:
            continue  # a name that is none, or of an end: no pattern over paths says that
        if between_ends and widened(graph, ends) != widened(graph, without(ends)):
            continue  # patterns over paths do not decide which subclasses stand for the ends
        answer = service.post("/sparql", data={"query": sparql_of(graph, ends)})
        if not answer.ok:
            assert refusal(answer.json()["detail"]) == wanted, ends
            continue
        told = [row["explanation"]["value"] for row in answer.json()["results"]["bindings"]]
        assert told == [path.explanation for path in found(graph, ends).paths], ends
        compared.update(ends.further.keys())
    assert min(compared[name] for name in ("via", "avoid", "context")) > 5


def test_trapi(service: Service, graph: Graph, expected: list[Answer]) -> None:
    """Pathfinder walks both ways, takes identifiers, and adds generic edges to direct paths.

    Whether subclasses stand for an end is said beside it, not behind its name.
    """
    asked, marked = 0, 0
    for ends, wanted in zip(QUESTIONS, expected, strict=True):
        if wanted[0] == "refused":
            continue
        marks = [end[-1:] if end[-1:] in {"!", "*"} else "" for end in ends[:2]]
        curies = [graph.entity(end.rstrip("!*")).id for end in ends[:2]]
        if curies[0] == curies[1]:
            continue  # which Pathfinder refuses
        nodes = {key: {"ids": [curie]} for key, curie in zip("st", curies, strict=True)}
        further = {name: [value] for name, value in ends.further.items()}
        taken = {
            f"{side}_subclass": mark == "*"
            for side, mark in zip(("subject", "object"), marks, strict=True)
            if mark
        }
        path = {"subject": "s", "object": "t", "max_hops": 2, "limit": LIMIT, **further, **taken}
        body = {"message": {"query_graph": {"nodes": nodes, "paths": {"p": path}}}}
        answer = service.post("/trapi/2.0/query", json=body)
        assert answer.status_code == 200, answer.text
        results = answer.json()["message"]["results"]
        told = {
            attribute["value"]
            for result in results
            for analysis in result["analyses"]
            for attribute in analysis["attributes"]
            if attribute["attribute_type_id"] == "mechkg:explanation"
        }
        same = graph.find_paths(
            source=curies[0] + marks[0],
            target=curies[1] + marks[1],
            direction="undirected",
            max_hops=2,
            limit=LIMIT,
            **ends.further,
        )
        assert len(told) == len(same.paths), ends
        assert {p.explanation for p in same.paths if p.length > 1} <= told, ends
        asked, marked = asked + 1, marked + bool(taken)
    assert asked > 60
    assert marked > 20


ANALYSES: tuple[tuple[str, dict[str, Any]], ...] = tuple(
    (kind, asked | further)
    for kind, asked in (
        ("compare", {"left": "NSC", "right": "MSC", "target": "multiple sclerosis"}),
        ("compare", {"left": "astrocyte", "right": "microglia*", "target": "neuron"}),
        ("compare", {"left": "GDNF", "right": "BDNF!", "target": "nobody in particular"}),
        ("chokepoints", {"source": "NSC", "target": "multiple sclerosis"}),
        ("chokepoints", {"source": "ocrelizumab", "target": "multiple sclerosis"}),
        ("chokepoints", {"source": "mesenchymal stem cell*", "target": "axons"}),
        ("significance", {"source": "ocrelizumab", "target": "multiple sclerosis"}),
    )
    for further in FURTHER[3:10]
) + tuple(
    ("neighbourhood", {"entity": entity, **further})
    for entity in ("GDNF", "astrocyte", "astrocyte*", "astrocyte!", "nobody in particular")
    for further in ({}, {"context": "species=human"}, {"context": "system!=in_vitro"})
) + tuple(
    ("open_ends", asked | further)
    for asked in (
        {"source": "Drug", "target": "oligodendrocyte*"},
        {"source": "astrocyte!", "target": "biolink:BiologicalProcess", "effect": "raises"},
        {"source": "Nerve Growth Factors*", "target": "neuron"},
        {"source": "Drug", "target": "nobody in particular"},
    )
    for further in FURTHER[2:9:2]
)  # fmt: skip
"""The other questions about paths and surroundings, each with via, avoid and contexts."""

TOOLS = {
    "compare": "compare", "chokepoints": "chokepoints", "neighbourhood": "neighbours",
    "open_ends": "open_ends", "significance": "significance",
}  # fmt: skip

MORE = {"compare": {"paths": 0}, "open_ends": {"limit": 100}, "significance": {"samples": 5}}
"""How much of an answer is asked for."""


@pytest.fixture(scope="module")
def analyses(graph: Graph) -> list[Answer]:
    """What the library answers to these."""
    return [analysis_of(lambda one=one: analysed(graph, *one)) for one in ANALYSES]


def analysed(graph: Graph | Client, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
    more = MORE.get(kind, {})
    result: dict[str, Any] = msgspec.to_builtins(getattr(graph, kind)(**asked, **more))
    return result


def analysis_of(ask: Callable[[], dict[str, Any]]) -> Answer:
    try:
        result = ask()
    except (MechKGError, ServiceError) as error:
        return "refused", re.sub(r".*?(Parameter \w+ .*)", r"\1", str(error))
    result.pop("query")
    for side in ("left", "right"):
        if side in result:
            result[side].pop("paths")
    return tuple(sorted((name, msgspec.json.encode(value)) for name, value in result.items()))


def test_other_questions_are_answered_and_refused(analyses: list[Answer]) -> None:
    assert len(ANALYSES) > 50
    assert 5 < sum(answer[0] == "refused" for answer in analyses) < 25
    assert len(set(analyses)) > 45


def test_other_questions_over_http(service: Service, analyses: list[Answer]) -> None:
    client = Client(service.url)
    for (kind, asked), wanted in zip(ANALYSES, analyses, strict=True):
        got = analysis_of(lambda kind=kind, asked=asked: analysed(client, kind, asked))
        assert got == wanted, (kind, asked)


def test_other_questions_on_the_command_line(mechkg: Run, analyses: list[Answer]) -> None:
    for (kind, asked), wanted in zip(ANALYSES, analyses, strict=True):
        arguments = [text for n, v in asked.items() if n != "entity" for text in (f"--{n}", v)]
        ends = [asked["entity"]] if "entity" in asked else []
        more = [text for n, v in MORE.get(kind, {}).items() for text in (f"--{n}", str(v))]
        command = kind.replace("_", "-")
        told = mechkg(command, *ends, *arguments, *more, "--json", "--graph", "ms-nsc")
        if told.returncode:
            assert wanted[0] == "refused", (kind, asked)
            assert wanted[1].split(".")[0] in " ".join(told.stderr.split()), (kind, asked)
        else:
            assert analysis_of(lambda told=told: json.loads(told.stdout)) == wanted, (kind, asked)


def test_other_questions_of_an_agent(graph: Graph) -> None:
    tools = Tools(lambda: graph)
    for kind, asked in ANALYSES:
        lists = {n: v if n in {"entity", "effect"} else (v,) for n, v in asked.items()}
        tool = getattr(tools, TOOLS[kind])
        try:
            result = analysed(graph, kind, asked)
        except MechKGError as error:
            with pytest.raises(ToolError, match=re.escape(str(error))):
                asyncio.run(tool(**lists))
            continue
        more = MORE[kind] if kind == "significance" else {}
        text = asyncio.run(tool(**lists, **more, limit=100, tokens=20_000))
        assert kind == "neighbourhood" or result["sentence"] in text, (kind, asked)
        lists_of = ("mediators", "entities", "neighbours", "ends")
        shown = next((result[name] for name in lists_of if result.get(name)), ())
        assert all(f"({one['entity']['id']})" in text for one in shown), (kind, asked)
