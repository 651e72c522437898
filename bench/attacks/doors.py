"""Findings A of the review of the doors."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import requests

from bench.attacks.lab import (
    SECONDS,
    Lab,
    Outcome,
    command,
    trapi,
)
from tests.api.servers import ROOT


def large_export(lab: Lab) -> Outcome:
    data, count = lab.fresh(), 260_000
    table = data / "edges.tsv"
    rows = "".join(f"X:{n % 5_000}\tbiolink:affects\tX:{n // 5_000}\n" for n in range(count))
    table.write_text(f"subject\tpredicate\tobject\n{rows}")
    command("load", str(table), "--name", "own", "--data", str(data))
    said = []
    for form in ("ntriples", "kgx-tsv"):
        code, _ = command("export", "--graph", "own", "--data", str(data), "--format", form,
                             "--output", str(data / f"out.{form}"))  # fmt: skip
        said.append(code)
    with lab.server(data, graph="own", export_statements=1_000_000) as service:
        answer = requests.get(f"{service.url}/api/v1/graph.nt", stream=True, timeout=SECONDS)
        size = sum(map(len, answer.iter_content(1 << 20)))
    said.append(answer.status_code)
    return f"exit {said[:2]}; HTTP {said[2]}, {size >> 20} MiB", said == [0, 0, 200]


def other_version(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        said = []
        for member in ({"attribute_constraints": [{"id": "biolink:publications", "name": "x",
                                                   "operator": "matches", "value": "^nope"}]},
                       {"qualifier_constraints": [{"qualifier_set": []}]}, {"predicate": "x"},
                       {"exclude": True}):  # fmt: skip
            query = trapi(1)
            query["message"]["query_graph"]["edges"]["e0"] |= member
            answer = service.post("/trapi/2.0/query", json=query)
            said.append(answer.status_code)
    return str(said), all(status == 400 for status in said)


def turned_round(lab: Lab) -> Outcome:
    data = lab.fresh()
    rows = "X:1\tbiolink:treats\tX:9\nX:2\tbiolink:studied_to_treat\tX:9\n"
    (data / "edges.tsv").write_text(f"subject\tpredicate\tobject\n{rows}")
    command("load", str(data / "edges.tsv"), "--name", "own", "--data", str(data))
    found = []
    with lab.server(data, graph="own") as service:
        for predicate, subject, obj in (("treats", "b", "a"), ("treated_by", "a", "b")):
            graph = {"nodes": {"a": {"ids": ["X:9"]}, "b": {"categories": ["biolink:NamedThing"]}},
                     "edges": {"e": {"subject": subject, "object": obj,
                                     "predicates": [f"biolink:{predicate}"]}}}  # fmt: skip
            answer = service.post("/trapi/2.0/query", json={"message": {"query_graph": graph}})
            results = answer.json()["message"]["results"] or []
            found.append(sorted(json.dumps(r["node_bindings"]["b"]) for r in results))
    return str(found), found[0] == found[1]


def import_names(_: Lab) -> Outcome:
    done = subprocess.run([sys.executable, "-c", "import mechkg; print(mechkg.__version__)"],
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    wheel = 'only-include = ["mechkg"' in (ROOT / "pyproject.toml").read_text()
    return f"import mechkg: {done.stdout.strip()}", done.returncode == 0 and wheel


def container_volume(_: Lab) -> Outcome:
    text = (ROOT / "Dockerfile").read_text()
    right = "VOLUME /data" in text and "/data" in text.partition("USER mechkg")[0]
    return "the image makes /data for its user" if right else "the image has no /data", right
