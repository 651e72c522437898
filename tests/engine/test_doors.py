"""The doors of engines: `mechkg paths --engine`, `open_engine`, mappings, and what they refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import mechkg
from mechkg.api.cli import COMMANDS
from mechkg.ontology.endpoint.copy import MAX_COPIED, break_even
from mechkg.ontology.endpoint.http import Credentials, checked_url
from mechkg.ontology.endpoint.mapping import read_mapping
from tests.engine.servers import oxigraph
from tests.engine.test_snapshot_engine import shown

RELATES = "http://example.org/relates/"
TRIPLES = [
    *(f'<http://example.org/{n}> <http://www.w3.org/2000/01/rdf-schema#label> "{n.upper()}" .'
      for n in "abcd"),
    '<http://example.org/d> <http://www.w3.org/2004/02/skos/core#altLabel> "last"@en .',
    '<http://example.org/c> <http://www.w3.org/2004/02/skos/core#altLabel> "either" .',
    '<http://example.org/b> <http://www.w3.org/2004/02/skos/core#altLabel> "either" .',
    f"<http://example.org/a> <{RELATES}raises> <http://example.org/b> .",
    f"<http://example.org/b> <{RELATES}lowers> <http://example.org/c> .",
    f"<http://example.org/c> <{RELATES}lowers> <http://example.org/d> .",
    f"<http://example.org/a> <{RELATES}raises> <http://example.org/a> .",
    f'<http://example.org/a> <{RELATES}raises> "a literal" .',
]  # fmt: skip
MAPPING = f"""
dialect = "oxigraph"
[prefixes]
X = "http://example.org/"
[statements]
namespaces = ["{RELATES}"]
[predicates."{RELATES}raises"]
id = "raises"
effect = "raises"
[predicates."{RELATES}lowers"]
id = "lowers"
effect = "lowers"
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(tmp_path_factory.mktemp("few"), TRIPLES) as url:
        yield url


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING)
    return path


def test_the_command_prints_paths_and_what_they_cost(endpoint: str, mapping: Path) -> None:
    paths = next(command for command in COMMANDS if command.name == "paths")
    options = ["--engine", endpoint, "--mapping", str(mapping), "--composition", "off"]
    ran = CliRunner().invoke(paths, ["A", "last", *options], catch_exceptions=False)
    assert ran.exit_code == 0
    assert all(f"{name}" in ran.stdout for name in "ABCD")
    assert " requests, " in ran.stderr
    previewed = CliRunner().invoke(paths, ["A", "last", *options, "--preview"])
    assert previewed.exit_code == 0
    assert previewed.stdout.startswith("There is 1 path")


def test_a_mapping_says_what_triples_mean(endpoint: str, mapping: Path) -> None:
    with mechkg.open_engine(endpoint, mapping) as graph:
        answer = graph.answer(source="X:a", target="http://example.org/d", composition="off")
    (path,) = answer.result.paths
    assert [entity.id for entity in path.entities] == ["X:a", "X:b", "X:c", "X:d"]
    assert [entity.name for entity in path.entities] == list("ABCD")
    assert (path.sign, path.effect) == (1, "raises")
    assert answer.result.complete
    assert answer.usage.rows > 0


def test_names_that_fit_nothing_or_several(endpoint: str, mapping: Path) -> None:
    with mechkg.open_engine(endpoint, mapping) as graph:
        for text in ("nobody", "X:nobody", 'a" . } #', "http://example.org/> <x"):
            with pytest.raises(mechkg.UnknownEntity):
                graph.find_paths(source="X:a", target=text)
        with pytest.raises(mechkg.AmbiguousName, match="X:b, X:c"):
            graph.find_paths(source="X:a", target="either")


def test_a_hub_beyond_the_row_limit_is_named(endpoint: str, tmp_path: Path) -> None:
    limited = tmp_path / "limited.toml"
    limited.write_text("max_rows = 1\n" + MAPPING)
    with mechkg.open_engine(endpoint, limited) as graph:
        answer = graph.answer(source="X:a", target="X:d", direction="undirected")
    assert not answer.result.complete
    assert answer.reason
    assert answer.result.bound is not None


@pytest.mark.parametrize(
    "text",
    [
        "dialect = 'oracle'", "unknown = 1", "labels = ['no iri']",
        "[statements]\nnamespaces=['x>']", "languages = ['en\"']", "not toml",
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(mechkg.DataError) as refused:
        read_mapping(path)
    assert refused.value.file == str(path)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:///etc/passwd", ""), ("ftp://a/b", ""), ("http://u:p@a/b", ""), ("http:///x", ""),
        ("http://a.example/sparql", "basic"), ("http://a/x\r\nHost: b", ""),
        ("http://a:99999/", ""),
    ],
)  # fmt: skip
def test_addresses_that_are_never_called(url: str, kind: str) -> None:
    with pytest.raises(mechkg.EngineError):
        checked_url(url, Credentials(kind=kind))


def test_credentials_go_to_this_machine_or_over_tls() -> None:
    for url in ("http://127.0.0.1:1/x", "https://a.example/x"):
        assert checked_url(url, Credentials(kind="basic", user="u", password="p")) == url
    assert "secret" not in repr(Credentials(kind="basic", user="u", password="secret"))


def test_a_copy_has_what_the_engine_sees(endpoint: str, mapping: Path, tmp_path: Path) -> None:
    copy = next(command for command in COMMANDS if command.name == "copy")
    options = ["--engine", endpoint, "--mapping", str(mapping), "--data", str(tmp_path / "data")]
    ran = CliRunner().invoke(copy, ["--name", "few", *options], catch_exceptions=False)
    assert ran.exit_code == 0
    assert ran.stdout.startswith("Copied 3 statements of 4 entities into few ")
    graph = mechkg.open_graph(tmp_path / "data" / "few" / "current")
    ends = {"source": "X:a", "target": "X:d", "composition": "off"}
    with mechkg.open_engine(endpoint, mapping) as remote:
        assert shown(graph.find_paths(**ends)) == shown(remote.find_paths(**ends))
    for name in ("ms-nsc", "../out"):
        with pytest.raises(mechkg.QueryError):
            CliRunner().invoke(copy, ["--name", name, *options], catch_exceptions=False)


def test_a_copy_is_offered_where_it_pays(endpoint: str, mapping: Path) -> None:
    paths = next(command for command in COMMANDS if command.name == "paths")
    options = ["--engine", endpoint, "--mapping", str(mapping), "--composition", "off"]
    ran = CliRunner().invoke(paths, ["A", "last", *options], catch_exceptions=False)
    assert "mechkg copy --name NAME" in ran.stderr
    assert break_even(MAX_COPIED + 1, mechkg.Usage(received=1)) is None
