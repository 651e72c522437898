"""`mechkg load`: what each file gave, what was refused, and that nothing stays of a failure."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel_cache import copy_kernels

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
Run = Callable[..., subprocess.CompletedProcess[str]]

BAD = "subject\tpredicate\tobject\na:1\tp\ta:2\na:1\tp\na:1\t\ta:2\n"


def test_tables_of_nodes_and_edges_become_a_graph_that_answers(mechkg: Run, tmp_path: Path) -> None:
    here = {"cwd": tmp_path, "MECHKG_DATA": "mine"}
    files = [str(DATA / f"hetio-{part}.tsv") for part in ("nodes", "edges")]
    ran = mechkg("load", *files, "--name", "hetio", **here)
    assert ran.returncode == 0, ran.stderr
    rows = [line.split() for line in ran.stdout.splitlines() if line.strip().startswith("hetio-")]
    counts = json.loads(mechkg("info", "--json", **here).stdout)["counts"]
    seen = {row[2]: [int(cell.replace(",", "")) for cell in row[3:]] for row in rows}
    assert seen["entity"] == [counts["entities"], counts["entities"], 0, 0, 0, 0]
    assert seen["statement"] == [counts["statements"], counts["statements"], 0, 0, 0, 0]
    assert "Nothing was refused." in ran.stdout
    statement = (DATA / "hetio-edges.tsv").read_text().splitlines()[1].split("\t")
    header = (DATA / "hetio-edges.tsv").read_text().splitlines()[0].split("\t")
    ends = [statement[header.index(name)] for name in ("subject", "object")]
    found = json.loads(mechkg("paths", *ends, "--json", **here).stdout)
    assert [entity["id"] for entity in found["paths"][0]["entities"]] == ends
    assert found["paths"][0]["hops"][0]["statements"][0]["evidence"][0]["kind"] == "database"


def test_json_gives_counts_of_each_file(mechkg: Run, tmp_path: Path) -> None:
    edges = str(DATA / "hetio-edges.tsv")
    ran = mechkg("load", edges, "--name", "g", "--json", cwd=tmp_path, MECHKG_DATA="mine")
    told = json.loads(ran.stdout)
    assert told["graph"]["name"] == "g"
    assert told["refusals"] == []
    (file,) = told["loaded"]["files"]
    assert file["statements"] == file["evidence"] == told["graph"]["counts"]["evidence"]


def test_curated_mechanisms_mark_what_they_use(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text("subject\tpredicate\tobject\na:1\tp\ta:2\na:2\tp\ta:3\n")
    (tmp_path / "m.jsonl").write_text('{"id": "M1", "path": ["a:2", "a:1", "a:9"]}\n')
    here = {"cwd": tmp_path, "MECHKG_DATA": "mine"}
    ran = mechkg("load", "e.tsv", "--name", "g", "--mechanisms", "m.jsonl", **here)
    assert ran.returncode == 0, ran.stderr
    assert "1 curated mechanism: 1 of 2 steps are in the graph, 1 statement is used." in ran.stdout
    told = mechkg("paths", "a:1", "a:3", "--parts", **here).stdout
    assert told.count("used in 1 curated mechanism") == 1
    (path,) = json.loads(mechkg("paths", "a:1", "a:3", "--json", **here).stdout)["paths"]
    uses = [hop["statements"][0]["curated"] for hop in path["hops"]]
    assert uses == [{"count": 1, "mechanisms": ["M1"]}, None]
    refused = mechkg("load", "e.tsv", "--name", "h", "--mechanisms", str(DATA / "nothing"), **here)
    assert refused.returncode == 2


def test_every_refusal_is_told_and_nothing_stays(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.tsv").write_text(BAD)
    (tmp_path / "bad.jsonl").write_text('{"id": "a:1"}\n{"subject": "a:1"}\nnot json\n')
    arguments = ("load", "bad.tsv", "bad.jsonl", "--name", "g")
    here = {"cwd": tmp_path, "MECHKG_DATA": "mine"}
    ran = mechkg(*arguments, "--json", **here)
    assert ran.returncode == 2
    refused = [(r["file"], r["line"]) for r in json.loads(ran.stdout)["refusals"]]
    assert refused == [("bad.tsv", 3), ("bad.tsv", 4), ("bad.jsonl", 2), ("bad.jsonl", 3)]
    table = mechkg(*arguments, **here)
    assert "the column 'predicate' is empty" in table.stdout
    assert "bad.tsv, line 3" in table.stderr
    assert "3 more records were refused" in table.stderr
    assert not list((tmp_path / "mine").iterdir())


def test_a_long_list_of_refusals_is_cut_and_says_so(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.tsv").write_text("subject\tpredicate\tobject\n" + "a:1\tp\n" * 30)
    ran = mechkg("load", "bad.tsv", "--name", "g", cwd=tmp_path, MECHKG_DATA="mine")
    assert ran.stdout.splitlines()[-1] == "10 more; --json gives all."


def test_an_unknown_format_is_refused_with_what_is_known(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "graph.foo").write_text("?")
    ran = mechkg("load", "graph.foo", "--name", "g", cwd=tmp_path, MECHKG_DATA="mine")
    assert ran.returncode == 2
    assert "Known: " in ran.stderr
    assert ".nt" in ran.stderr
    assert ".tsv" in ran.stderr


def test_a_mapping_makes_entities_one(mechkg: Run, tmp_path: Path) -> None:
    (tmp_path / "edges.tsv").write_text("subject\tpredicate\tobject\na:1\tp\tb:1\nc:9\tp\ta:1\n")
    (tmp_path / "same.sssom.tsv").write_text(
        "subject_id\tpredicate_id\tobject_id\nc:9\tskos:exactMatch\tb:1\n"
    )
    here = {"cwd": tmp_path, "MECHKG_DATA": "mine"}
    ran = mechkg("load", "edges.tsv", "--mapping", "same.sssom.tsv", "--name", "g", **here)
    assert ran.returncode == 0, ran.stderr
    assert "1 identifiers replaced" in ran.stdout
    assert json.loads(mechkg("info", "--json", **here).stdout)["counts"]["entities"] == 2


@pytest.mark.parametrize("name", ["ms-nsc", "../x", "current"])
def test_a_name_that_is_taken_or_leads_elsewhere_is_refused(
    mechkg: Run, tmp_path: Path, name: str
) -> None:
    edges = str(DATA / "hetio-edges.tsv")
    ran = mechkg("load", edges, "--name", name, cwd=tmp_path, MECHKG_DATA="mine")
    assert ran.returncode == 2
    assert "name" in ran.stderr
    assert not (tmp_path / "mine").exists()


def test_old_versions_are_removed_and_told(mechkg: Run, tmp_path: Path) -> None:
    for predicate in ("affects", "regulates"):
        (tmp_path / "edges.tsv").write_text(f"subject\tpredicate\tobject\nX:1\t{predicate}\tX:2\n")
        ran = mechkg("load", "edges.tsv", "--name", "mine", MECHKG_DATA="graphs")
        assert ran.returncode == 0, ran.stderr
    graph = tmp_path / "graphs" / "mine"
    current = (graph / "current").resolve().name
    (old,) = {path.name for path in graph.iterdir()} - {"current", current}
    size = sum(path.stat().st_size for path in (graph / old).rglob("*") if path.is_file())

    planned = mechkg("prune", "--dry-run", "--json", MECHKG_DATA="graphs")
    assert json.loads(planned.stdout) == [{"graph": "mine", "snapshot": old, "bytes": size}]
    assert (graph / old).is_dir()
    done = mechkg("prune", "--graph", "mine", MECHKG_DATA="graphs")
    assert old in done.stdout
    assert f"Removed 1 old version, {size:,} bytes." in done.stdout
    assert {path.name for path in graph.iterdir()} == {"current", current}
    assert "Removed 0 old versions, 0 bytes." in mechkg("prune", MECHKG_DATA="graphs").stdout
    assert mechkg("prune", "--graph", "nowhere", MECHKG_DATA="graphs").returncode == 2


def test_the_first_load_says_that_it_compiles_and_warming_spares_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    lines = "".join(f"X:{i}\taffects\tX:{7 * i % 3000}\n" for i in range(3000))
    (tmp_path / "edges.tsv").write_text(f"subject\tpredicate\tobject\n{lines}")

    def compiled(kept: str) -> set[str]:
        return {path.name for path in (tmp_path / kept).rglob("*.nbc")}

    def run(*arguments: str, kept: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mechkg", *arguments, "--data", str(tmp_path / "data")],
            env=environment | {"NUMBA_CACHE_DIR": str(tmp_path / kept)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stderr

    for kept in ("one", "two"):
        copy_kernels(tmp_path / kept, without="fill_reverse_keys")
    loading = "load", str(tmp_path / "edges.tsv"), "--name", "mine"
    assert "Compiling the loading kernels" in run(*loading, kept="one")
    assert "Compiling" not in run(*loading, kept="one")
    run("warm", kept="two")
    warm = compiled("two")
    assert "Compiling" not in run(*loading, kept="two")
    assert compiled("two") == warm != set()
