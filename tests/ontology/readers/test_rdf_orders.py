"""The order of triples and quads changes nothing, nor do the names of blank nodes."""

import random
import re
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from tests.kg.readers.loading import Read
from tests.ontology.readers.test_pathways import (
    BIOPAX,
    GO_CAM,
    MORE_BIOPAX,
    MORE_WIKIPATHWAYS,
    WIKIPATHWAYS,
)
from tests.ontology.readers.test_rdf_in_full import HEAD, KINDS, LABELS
from tests.ontology.readers.test_rdf_kinds import ASSERTED, BLANK, MORE, NANOPUBLICATION, STATED
from tests.ontology.readers.test_rdf_loads import read

MODELS = {
    "GO-CAM": GO_CAM,
    "BioPAX": BIOPAX + MORE_BIOPAX,
    "WikiPathways": WIKIPATHWAYS + MORE_WIKIPATHWAYS,
    "kinds": "\n".join((*(text for text, _ in KINDS.values()), LABELS)),
    "further kinds": "\n".join(text for text, *_ in STATED.values()) + BLANK,
    "nanopublication": NANOPUBLICATION.format(" ".join(ASSERTED.values())),
}
"""Models that are read whole, OBAN among the kinds."""


@pytest.mark.parametrize("model", MODELS)
def test_the_order_of_quads_changes_nothing(tmp_path: Path, model: str) -> None:
    text = (HEAD + MORE + MODELS[model]).encode()
    quads = list(parse(text, format=RdfFormat.TRIG))
    lines = (serialize(quads, format=RdfFormat.N_QUADS) or b"").decode().splitlines()
    path = tmp_path / "graph.nq"
    found: list[Read] = []
    for seed in range(3):
        if seed:
            random.Random(seed).shuffle(lines)
            lines = [re.sub(r"_:(\w+)", rf"_:n{seed}\1", line) for line in lines]
        path.write_text("\n".join((*lines, "")))
        found.append(read(path))
    assert found[0].counts.statements
    assert len({graph.hash for graph in found}) == 1
    reports = {tuple(graph.loaded.report.files[0].reasons) for graph in found}
    assert len({tuple((r.outcome, r.reason, r.count) for r in reasons) for reasons in reports}) == 1
