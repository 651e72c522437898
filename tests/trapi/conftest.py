"""One server on the bundled ontology, and what judges its answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from translator_tom import MetaKnowledgeGraph, Response
from translator_tom.validation import semantic_validate

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import Service, serving

Check = Callable[[str, Any], None]


@pytest.fixture(scope="session")
def trapi(service: Service) -> Service:
    return service


@pytest.fixture(scope="session")
def specification(shared: Path) -> Check:
    """Checks a value against a schema of the TRAPI 2.0 specification."""
    file = shared / "data" / "trapi" / "TranslatorReasonerAPI-2.0.0-beta.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("$ref: https://standards.ncats.io/workflow/1.3.5/schema", "type: array")
    components = yaml.safe_load(text)["components"]

    def check(name: str, value: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        jsonschema.Draft202012Validator(schema).validate(value)

    return check


@pytest.fixture(scope="session")
def semantics() -> Check:
    """Checks a value by the rules that Translator's own object model has for it."""
    kinds = {"Response": Response, "MetaKnowledgeGraph": MetaKnowledgeGraph}

    def check(name: str, value: Any) -> None:
        _, errors = semantic_validate(kinds[name].from_dict(value))
        assert [(error.message, error.location) for error in errors] == []

    return check


@pytest.fixture(scope="session")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server on a graph in which almost everything is joined to everything else."""
    data = tmp_path_factory.mktemp("dense")
    build_dense(data)
    log = tmp_path_factory.mktemp("dense-log") / "server.log"
    with serving(data, log, graph="dense", jobs=3) as running:
        yield running


def build_dense(data: Path) -> None:
    draw = random.Random(4)
    entities = [Entity(id=f"X:{i}", name=f"x{i}", category="biolink:Gene") for i in range(400)]
    ends = {(draw.randrange(400), draw.randrange(400)) for _ in range(20_000)}
    statements = [
        Statement(id=f"s{n}", subject=f"X:{a}", predicate="affects", object=f"X:{b}")
        for n, (a, b) in enumerate(sorted(ends))
        if a != b
    ]
    snapshot = build_snapshot(
        data / "dense",
        name="dense",
        entities=entities,
        statements=statements,
        schema=biolink_schema(),
    )
    Catalogue(data).publish("dense", snapshot)
