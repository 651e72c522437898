"""Requests that are wrong, and what the service must say to each.

`python -m tests.api.bad_inputs URL` prints the table of the documentation.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.processes import PATIENCE

__all__ = ["BAD_INPUTS", "BadInput", "table"]


@dataclass(frozen=True)
class BadInput:
    """A wrong request with the status, the problem's slug and a part of the sentence."""

    title: str
    path: str
    status: int
    slug: str
    says: str
    method: str = "GET"
    options: dict[str, Any] = field(default_factory=dict)

    def ask(self, url: str) -> requests.Response:
        """Send it; a body given in pieces goes out chunked."""
        options = dict(self.options)
        if isinstance(options.get("data"), tuple):
            options["data"] = iter(options["data"])
        return requests.request(self.method, url + self.path, timeout=PATIENCE, **options)


def _paths(**changes: Any) -> dict[str, Any]:
    return {"params": {"source": "NSC", "target": "neuron", **changes}}


def _body(data: bytes, kind: str = "application/json") -> dict[str, Any]:
    return {"data": data, "headers": {"Content-Type": kind}}


P = "/api/v1/paths"
I422 = "invalid-parameter"

BAD_INPUTS = (
    BadInput("unknown name", P, 422, "unknown-entity", "neurom", options=_paths(target="neurom")),
    BadInput(
        "ambiguous name",
        P,
        422,
        "ambiguous-name",
        "Use one of",
        options=_paths(source="interferon"),
    ),
    BadInput(
        "bad CURIE", P, 422, "unknown-entity", "CL:99999999", options=_paths(source="CL:99999999")
    ),
    BadInput(
        "unknown entity in the address",
        "/api/v1/entities/CL:99999999",
        404,
        "unknown-entity",
        "names no entity",
    ),
    BadInput("unknown statement", "/api/v1/statements/SC999", 404, "unknown-term", "SC999"),
    BadInput("0 hops", P, 422, I422, "at least 1", options=_paths(max_hops=0)),
    BadInput("99 hops", P, 422, I422, "at most 8", options=_paths(max_hops=99)),
    BadInput("hops in words", P, 422, I422, "a whole number", options=_paths(max_hops="three")),
    BadInput(
        "fewest above most hops",
        P,
        422,
        I422,
        "must not exceed",
        options=_paths(min_hops=3, max_hops=2),
    ),
    BadInput(
        "unknown parameter", P, 422, "unknown-parameter", "Known parameters", options=_paths(hops=3)
    ),
    BadInput(
        "a parameter twice", P, 422, I422, "was given 2 times", options=_paths(max_hops=[2, 3])
    ),
    BadInput(
        "unknown predicate", P, 422, "unknown-term", "cures", options=_paths(predicate="cures")
    ),
    BadInput(
        "unknown category", P, 422, "unknown-term", "Unicorn", options=_paths(category="Unicorn")
    ),
    BadInput("unknown scorer", P, 422, "unknown-term", "luck", options=_paths(scorer="luck")),
    BadInput("unknown direction", P, 422, "unknown-term", "up", options=_paths(direction="up")),
    BadInput("unknown format", P, 422, "unknown-term", "docx", options=_paths(format="docx")),
    BadInput("foreign cursor", P, 422, "stale-cursor", "cursor", options=_paths(cursor="abc")),
    BadInput("no time", P, 422, I422, "more than 0", options=_paths(timeout=0)),
    BadInput("no source", P, 422, I422, "is missing", options={"params": {"target": "neuron"}}),
    BadInput("empty source", P, 422, I422, "must not be empty", options=_paths(source="")),
    BadInput(
        "control characters",
        P,
        422,
        "unknown-entity",
        "names no entity",
        options=_paths(source="\x00\x1b[31mNSC\u202e"),
    ),
    BadInput(
        "a name with characters that nobody sees",
        P,
        422,
        "unknown-entity",
        "names no entity",
        "POST",
        {"json": {"source": ["N\x00SC\u202e"], "target": ["neuron"]}},
    ),
    BadInput(
        "a packed body",
        P,
        415,
        "unsupported-media-type",
        "must not be compressed",
        "POST",
        {
            "data": b"\x1f\x8b",
            "headers": {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        },
    ),
    BadInput(
        "markup",
        P,
        422,
        "unknown-entity",
        "names no entity",
        options=_paths(source="<script>alert(1)</script>"),
    ),
    BadInput(
        "another alphabet",
        P,
        422,
        "unknown-entity",
        "names no entity",
        options=_paths(source="神经干细胞 🧠"),
    ),
    BadInput(
        "malformed JSON", P, 400, "malformed-json", "not JSON", "POST", _body(b'{"source": ["NSC"')
    ),
    BadInput(
        "not UTF-8", P, 400, "malformed-json", "not JSON", "POST", _body(b'{"source": ["\xff"]}')
    ),
    BadInput(
        "deep JSON",
        P,
        400,
        "malformed-json",
        "nested",
        "POST",
        _body(b'{"source": ' + b"[" * 100_000),
    ),
    BadInput("JSON list", P, 422, I422, "a JSON object", "POST", _body(b"[]")),
    BadInput(
        "wrong content type",
        P,
        415,
        "unsupported-media-type",
        "application/json",
        "POST",
        _body(b"source=NSC", "application/x-www-form-urlencoded"),
    ),
    BadInput(
        "empty sets",
        P,
        422,
        I422,
        "at least 1 value",
        "POST",
        _body(b'{"source": [], "target": []}'),
    ),
    BadInput(
        "10,000 ids",
        P,
        422,
        I422,
        "at most 1000 values, not 10,000",
        "POST",
        {"json": {"source": [f"CL:{n:07}" for n in range(10_000)], "target": ["neuron"]}},
    ),
    BadInput(
        "10,000 ids in the address",
        P,
        414,
        "uri-too-long",
        "too large",
        options=_paths(source=[f"CL:{n:07}" for n in range(10_000)]),
    ),
    BadInput(
        "number for a name",
        P,
        422,
        I422,
        "source[0] must be text",
        "POST",
        _body(b'{"source": [1], "target": ["neuron"]}'),
    ),
    BadInput(
        "text for a number",
        P,
        422,
        I422,
        "a whole number",
        "POST",
        _body(b'{"source": ["NSC"], "target": ["neuron"], "max_hops": "3"}'),
    ),
    BadInput(
        "unknown member",
        P,
        422,
        "unknown-parameter",
        "hops is not known",
        "POST",
        _body(b'{"source": ["NSC"], "target": ["neuron"], "hops": 3}'),
    ),
    BadInput(
        "body of 2 MB", P, 413, "request-too-large", "1,048,576", "POST", _body(b" " * 2_000_000)
    ),
    BadInput(
        "chunked body",
        P,
        411,
        "length-required",
        "Content-Length",
        "POST",
        {"data": (b'{"source": ', b"[]}"), "headers": {"Content-Type": "application/json"}},
    ),
    BadInput("unknown address", "/api/v1/nothing", 404, "not-found", "There is no /api/v1/nothing"),
    BadInput("wrong method", P, 405, "method-not-allowed", "not allowed", "DELETE"),
    BadInput(
        "no acceptable format",
        P,
        406,
        "not-acceptable",
        "Accept admits none",
        options={**_paths(), "headers": {"Accept": "application/zip"}},
    ),
    BadInput("empty search", "/api/v1/search?q=", 422, I422, "must not be empty"),
    BadInput("depth 4", "/api/v1/entities/NSC/neighbourhood?depth=4", 422, I422, "at most 3"),
)


def table(url: str) -> str:
    """Return what a server says to each, as a Markdown table."""
    rows = ["| input | status | type | detail |", "|---|---|---|---|"]
    for bad in BAD_INPUTS:
        problem = bad.ask(url).json()
        detail = problem["detail"].replace("|", "\\|").replace("<", "&lt;")
        if len(detail) > 160:
            detail = f"{detail[:157]}..."
        slug = problem["type"].rpartition("/")[2]
        rows.append(f"| {bad.title} | {problem['status']} | `{slug}` | {detail} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table(sys.argv[1].rstrip("/")))
