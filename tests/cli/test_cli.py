"""The command line as a person and a program use it: processes, output, exit codes."""

import json
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.processes import PATIENCE, running, until

Run = Callable[..., subprocess.CompletedProcess[str]]

COFFEE = """
@prefix ex: <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix biolink: <https://w3id.org/biolink/vocab/> .
ex:caffeine a biolink:Drug ; rdfs:label "caffeine" .
ex:adora2a a biolink:Gene ; rdfs:label "%s" .
ex:sleep a biolink:PhenotypicFeature ; rdfs:label "sleepiness" .
ex:caffeine ex:blocks ex:adora2a .
ex:adora2a ex:promotes ex:sleep .
"""


def ask(server: str, path: str, **parameters: object) -> Any:
    query = urllib.parse.urlencode(parameters, doseq=True)
    with urllib.request.urlopen(f"{server}{path}?{query}") as answer:
        return json.load(answer)


def refused(ran: subprocess.CompletedProcess[str]) -> str:
    """Assert that a command was refused in one line, and return the line."""
    assert ran.returncode == 2, (ran.returncode, ran.stderr)
    (line,) = ran.stderr.splitlines()
    assert line.startswith("mechkg: ")
    assert "Traceback" not in line
    return line


def test_no_arguments_show_help(mechkg: Run) -> None:
    told = mechkg("--help")
    assert told.returncode == 0
    for command in ("serve", "load", "validate", "paths", "search", "export", "draw", "info"):
        assert f"\n  {command} " in told.stdout


@pytest.mark.parametrize(
    ("arguments", "path", "parameters"),
    [
        (
            ("paths", "NSC", "neuron", "--max-hops", "2"),
            "/api/v1/paths",
            {"source": "NSC", "target": "neuron", "max_hops": 2},
        ),
        (
            (
                "paths",
                "MSC",
                "Remyelination",
                "--predicate",
                "promotes",
                "--direction",
                "undirected",
                "--limit",
                "3",
            ),
            "/api/v1/paths",
            {
                "source": "MSC",
                "target": "Remyelination",
                "predicate": "promotes",
                "direction": "undirected",
                "limit": 3,
            },
        ),
        (
            ("neighbourhood", "GDNF", "--direction", "out"),
            "/api/v1/entities/GDNF/neighbourhood",
            {"direction": "out"},
        ),
        (
            ("search", "stem", "--category", "Cell"),
            "/api/v1/search",
            {"q": "stem", "category": "Cell"},
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_json_is_that_of_http(
    mechkg: Run, server: str, arguments: tuple[str, ...], path: str, parameters: dict[str, object]
) -> None:
    ran = mechkg(*arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    over_http = ask(server, path, **parameters)
    printed = json.loads(ran.stdout)
    for answer in (over_http, printed):
        answer["query"].pop("format", None)
    assert printed == over_http


def test_paths_as_a_table(mechkg: Run) -> None:
    ran = mechkg("paths", "neural stem cell", "neuron", "--max-hops", "2", "--limit", "1000")
    assert ran.returncode == 0, ran.stderr
    shown = " ".join(ran.stdout.split())
    assert "neural stem cell -secretes-> GDNF -protects-> neuron" in shown
    assert "\x1b" not in ran.stdout
    assert ran.stdout.splitlines()[-1].endswith("paths, all shown.")


def test_what_was_cut_is_said_and_can_be_had(mechkg: Run) -> None:
    first = json.loads(mechkg("paths", "NSC", "neuron", "--limit", "2", "--json").stdout)
    assert (first["complete"], first["truncated_by"]) == (False, "limit")
    rest = mechkg("paths", "NSC", "neuron", "--limit", "2", "--cursor", first["cursor"], "--json")
    assert json.loads(rest.stdout)["paths"][0] not in first["paths"]
    table = mechkg("paths", "NSC", "neuron", "--limit", "2").stdout
    assert f"2 of {first['total']:,} paths, cut by --limit." in table
    assert f"--cursor {first['cursor']}" in table


def test_sets_as_options(mechkg: Run) -> None:
    ran = mechkg("paths", "NSC", "--source", "MSC", "--target", "Remyelination", "--json")
    assert json.loads(ran.stdout)["query"]["source"] == ["NSC", "MSC"]


def test_neighbourhood_shows_denied_claims(mechkg: Run) -> None:
    ran = mechkg("neighbourhood", "MSC")
    assert ran.returncode == 0, ran.stderr
    assert (
        "Denied: Mesenchymal stem cells are not a kind of neural stem cell. [SC098]" in ran.stdout
    )
    said = {line.split("[")[0] for line in ran.stdout.splitlines()}
    assert any("Mesenchymal stem cells are reported to " in line for line in said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("paths", "NSC", "neurom"), "neurom"),
        (("paths", "NSC"), "target"),
        (("paths", "NSC", "neuron", "--max-hops", "99"), "max_hops"),
        (("paths", "NSC", "neuron", "--max-hops", "x"), "max-hops"),
        (("paths", "NSC", "neuron", "--min-hops", "3", "--max-hops", "2"), "min_hops"),
        (("paths", "NSC", "neuron", "--direction", "up"), "direction"),
        (("paths", "NSC", "neuron", "--predicate", "cures"), "cures"),
        (("paths", "NSC", "neuron", "--hops", "2"), "--hops"),
        (("search", ""), "q"),
        (("search", "x\x1b[31m", "--category", "\x1b[31m"), "category"),
        (("info", "--graph", "nowhere"), "nowhere"),
        (("info", "--graph", "../.."), "name"),
        (("load", "missing.ttl", "--name", "x"), "missing.ttl"),
        (("load", "--name", "x"), "file"),
        (("export", "--format", "docx"), "docx"),
        (("export", "--output", "nowhere/at/all.ttl"), "nowhere"),
        (("draw", "NSC", "neuron", "--format", "tsv"), "format"),
        (("fly",), "fly"),
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line_and_exit_code_2(
    mechkg: Run, arguments: tuple[str, ...], said: str
) -> None:
    ran = mechkg(*arguments)
    line = refused(ran)
    assert said in line
    assert "\x1b" not in line
    assert ran.stdout == ""


def test_load_info_and_ask(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "coffee.ttl").write_text(COFFEE % "adenosine A2A receptor")
    here = {"cwd": tmp_path, "MECHKG_DATA": "mine"}
    loaded = mechkg("load", "coffee.ttl", "--name", "coffee", **here)
    assert loaded.returncode == 0, loaded.stderr
    assert "3 entities, 2 statements" in loaded.stdout
    told = json.loads(mechkg("info", "--json", **here).stdout)
    assert (told["name"], told["counts"]["entities"]) == ("coffee", 3)
    found = json.loads(mechkg("paths", "caffeine", "sleepiness", "--json", **here).stdout)
    assert [e["name"] for e in found["paths"][0]["entities"]] == [
        "caffeine",
        "adenosine A2A receptor",
        "sleepiness",
    ]


def test_a_wrong_file_changes_nothing(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "coffee.ttl").write_text(COFFEE % "receptor")
    (tmp_path / "broken.ttl").write_text(f"{COFFEE % 'x'}\nthis is not Turtle\n")
    here = {"cwd": tmp_path, "MECHKG_DATA": "mine"}
    assert mechkg("load", "coffee.ttl", "--name", "coffee", **here).returncode == 0
    before = sorted(str(p) for p in (tmp_path / "mine").rglob("*"))
    ran = mechkg("load", "coffee.ttl", "broken.ttl", "--name", "coffee", **here)
    assert "broken.ttl, line 11" in ran.stderr.splitlines()[-1]
    assert ran.returncode == 2
    assert sorted(str(p) for p in (tmp_path / "mine").rglob("*")) == before


def test_control_characters_of_a_graph_do_not_reach_the_terminal(
    mechkg: Run, tmp_path: Path
) -> None:
    (tmp_path / "hostile.ttl").write_text(COFFEE % "red \\u001B[31m [bold]team[/bold]")
    here = {"cwd": tmp_path, "MECHKG_DATA": "mine"}
    assert mechkg("load", "hostile.ttl", "--name", "hostile", **here).returncode == 0
    shown = mechkg("paths", "caffeine", "sleepiness", **here).stdout
    assert "\x1b" not in shown
    assert "[bold]team[/bold]" in shown


def test_validate_names_node_and_finding(mechkg: Run, tmp_path: Path) -> None:
    root = Path(__file__).parents[2] / "ontology"
    own = (root / "ms-nsc" / "statements-own.ttl").read_text()
    (tmp_path / "broken.ttl").write_text(
        own.replace('mechkg:modality "asserted"', 'mechkg:modality "certain"', 1)
    )
    others = [p for p in (root / "ms-nsc").glob("*.ttl") if p.name != "statements-own.ttl"]
    files = [root / "mechanism.ttl", *others, tmp_path / "broken.ttl"]
    ran = mechkg("validate", *map(str, files))
    assert ran.returncode == 2
    assert "MK001" in ran.stdout


def test_validate_the_bundled_ontology(mechkg: Run) -> None:
    ran = mechkg("validate")
    assert ran.returncode == 0, ran.stderr
    assert "statements" in ran.stdout


def test_export_by_suffix_format_and_part(mechkg: Run, tmp_path: Path) -> None:
    ends = ("NSC", "neuron", "--max-hops", "2")
    assert mechkg("export", *ends, "--output", "a.ttl", cwd=tmp_path).returncode == 0
    assert mechkg("export", *ends, "--format", "turtle").stdout == (tmp_path / "a.ttl").read_text()
    triangle = [part for name in ("NSC", "GDNF", "neuron") for part in ("--entities", name)]
    assert "SC061" in mechkg("export", *triangle, "--format", "tsv").stdout
    assert "SC061" in mechkg("export", "--entity", "GDNF", "--format", "tsv").stdout
    whole = mechkg("export").stdout
    assert whole.count("a biolink:Association") >= 667


def test_export_leaves_no_torn_file(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("mine")
    ran = mechkg("export", "NSC", "nothing at all", "--output", "a.ttl", cwd=tmp_path)
    refused(ran)
    assert [p.name for p in tmp_path.iterdir()] == ["a.ttl"]
    assert (tmp_path / "a.ttl").read_text() == "mine"


def test_draw_writes_pictures(mechkg: Run, tmp_path: Path) -> None:
    ends = ("NSC", "neuron", "--max-hops", "2", "--limit", "5")
    for name in ("a.svg", "a.png"):
        ran = mechkg("draw", *ends, "--output", name, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
    assert "<svg" in (tmp_path / "a.svg").read_text()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_leaves_early_is_no_error(environment: dict[str, str], reader: str) -> None:
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{sys.executable}' -m mechkg export | {reader}"],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_serve_refuses_what_is_not_a_setting(mechkg: Run) -> None:
    assert "port" in refused(mechkg("serve", "--port", "99999"))
    assert "MECHKG_WORKERS" in refused(mechkg("serve", MECHKG_WORKERS="many"))


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_server_stops_when_told(environment: dict[str, str], sent: signal.Signals) -> None:
    with running(
        [sys.executable, "-m", "mechkg", "serve", "--port", "0"],
        env=environment | {"PYTHONUNBUFFERED": "1"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert any("http://" in line for line in process.stdout)
        process.send_signal(sent)
        assert process.wait(PATIENCE) == 0


def test_an_interrupted_load_leaves_with_130_and_changes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    lines = (f"<http://a/{n}> <http://a/p> <http://a/{n + 1}> .\n" for n in range(400_000))
    (tmp_path / "big.nt").write_text("".join(lines))
    with running(
        [sys.executable, "-m", "mechkg", "load", "big.nt", "--name", "big", "--data", "mine"],
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        until(lambda: process.poll() is not None or list(tmp_path.glob("mine/big/*")))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, errors
    assert errors.splitlines()[-1] == "mechkg: interrupted."
    assert list((tmp_path / "mine").glob("big/current")) == []
