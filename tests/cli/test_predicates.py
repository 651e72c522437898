"""`mechkg load --predicates`: what a user's file says of predicates, and what the report names."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mechkg.kg.errors import DataError
from mechkg.kg.graph import open_graph
from mechkg.kg.readers.predicates import parse_predicates

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]

YAML = """
predicates:
- id: ex:blocks
  label: blocks
  sign: -1
  inverse_label: blocked by
  verbs: {singular: blocks, plural: block, passive: is blocked by, hedged: may block}
- id: ex:touches
  symmetric: true
"""
TURTLE = """
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix mechkg: <https://w3id.org/mechkg/vocab/> .
ex:blocks a owl:ObjectProperty ; rdfs:label "blocks" ; mechkg:sign -1 ;
    mechkg:inverseLabel "blocked by" .
ex:touches a owl:ObjectProperty, owl:SymmetricProperty ; rdfs:label "touches" .
"""
NODES = "id\tname\tcategory\nX:1\tdrugA\tDrug\nX:2\tTNF\tGene\nX:3\tMS\tDisease\n"
EDGES = "subject\tpredicate\tobject\nX:1\tex:blocks\tX:2\nX:3\tex:touches\tX:2\nX:1\tex:hums\tX:3\n"


@pytest.mark.parametrize(("suffix", "text"), [(".yaml", YAML), (".ttl", TURTLE)])
def test_a_declared_predicate_reads_as_it_is_declared(
    mechkg: Run, tmp_path: Path, suffix: str, text: str
) -> None:
    (tmp_path / f"mine{suffix}").write_text(text)
    (tmp_path / "nodes.tsv").write_text(NODES)
    (tmp_path / "edges.tsv").write_text(EDGES)
    arguments = ("nodes.tsv", "edges.tsv", "--name", "g", "--predicates", f"mine{suffix}")
    ran = mechkg("load", *arguments, cwd=tmp_path, MECHKG_DATA="data")
    assert ran.returncode == 0, ran.stderr
    report = " ".join(ran.stdout.split())
    assert f"2 predicates (2 statements) were read as mine{suffix} declares." in report
    assert "1 predicate (1 statement) is known by its name only" in report
    graph = open_graph(tmp_path / "data" / "g" / "current")
    (path,) = graph.find_paths(source="drugA", target="TNF", max_hops=1).paths
    assert (path.effect, path.explanation) == ("lowers", "drugA blocks TNF.")
    # A symmetric predicate is walked against its direction, too.
    (path,) = graph.find_paths(source="TNF", target="MS", max_hops=1).paths
    assert path.hops[0].statements[0].direction == "reverse"
    assert path.explanation == "TNF touches MS."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{id: p, sgn: 1}]", "unknown field 'sgn'"),
        ("[{id: p, sign: 3}]", "'p' is not described as it should be"),
        ("[{id: p, effect: raises, sign: -1}]", "contradicts"),
        ("[{label: p}]", "predicate 1 has no `id`"),
        ("[{id: p}, {id: p}]", "declared twice"),
        ("{}", "declares no predicates"),
        ("[{id: &a p, label: *a}]", "aliases"),
        ("[{id: p", "the YAML is broken"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_said(text: str, said: str) -> None:
    with pytest.raises(DataError, match=r"mine\.yaml") as caught:
        parse_predicates(text.encode(), "mine.yaml")
    assert said in str(caught.value)


def test_a_known_graph_is_named_in_the_report(mechkg: Run, tmp_path: Path) -> None:
    edges = str(ROOT / "tests" / "data" / "hetio-edges.tsv")
    ran = mechkg("load", edges, "--name", "g", "--json", cwd=tmp_path, MECHKG_DATA="data")
    answer = json.loads(ran.stdout)
    (vocabulary,) = answer["loaded"]["report"]["vocabularies"]
    assert vocabulary["name"] == "hetionet"
    assert vocabulary["statements"] == answer["graph"]["counts"]["statements"]
