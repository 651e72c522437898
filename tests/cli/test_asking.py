"""`mechkg paths --preview`, `--why-not` and `--diverse`."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kernel_cache import copy_kernels

ROOT = Path(__file__).parents[2]


def test_a_preview_tells_size_and_cost(mechkg) -> None:
    done = mechkg("paths", "NSC", "Remyelination", "--preview")
    assert done.returncode == 0, done.stderr
    first, cost = done.stdout.splitlines()
    total = json.loads(mechkg("paths", "NSC", "Remyelination", "--json").stdout)["total"]
    assert first == f"There are {total} paths of at most 3 hops."
    assert cost.endswith("entries: at most 0.01 s.")


def test_why_not_names_the_constraint(mechkg) -> None:
    done = mechkg("paths", "neuron", "NSC", "--why-not")
    assert done.returncode == 0, done.stderr
    assert "With statements walked both ways: there are" in done.stdout.splitlines()[0]
    assert "direction" in done.stdout


def test_both_print_the_json_of_the_http_answer(mechkg) -> None:
    for option, member in (("--preview", "seconds"), ("--why-not", "relaxations")):
        done = mechkg("paths", "neuron", "NSC", option, "--json")
        assert member in json.loads(done.stdout)


def test_they_exclude_each_other(mechkg) -> None:
    done = mechkg("paths", "neuron", "NSC", "--preview", "--why-not")
    assert done.returncode == 2
    assert "Give one of them" in done.stderr
    assert done.stderr.count("\n") == 1


def test_diverse_paths_share_no_mediator(mechkg) -> None:
    done = mechkg("paths", "NSC", "Remyelination", "--diverse", "mediator", "--json")
    between = [e["id"] for p in json.loads(done.stdout)["paths"] for e in p["entities"][1:-1]]
    assert len(between) == len(set(between)) > 2


def test_paths_are_a_table(mechkg) -> None:
    done = mechkg("paths", "NSC", "Remyelination", "--csv", "--limit", "5")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    answer = json.loads(mechkg("paths", "NSC", "Remyelination", "--json", "--limit", "5").stdout)
    assert [row["explanation"] for row in rows] == [p["explanation"] for p in answer["paths"]]
    same = mechkg("paths", "NSC", "Remyelination", "--format", "csv", "--limit", "5")
    assert same.stdout == done.stdout
    refused = mechkg("paths", "NSC", "Remyelination", "--csv", "--preview")
    assert (refused.returncode, "csv" in refused.stderr) == (2, True)


def test_parts_of_scores_are_said_in_words(mechkg) -> None:
    done = mechkg("paths", "NSC", "Remyelination", "--parts", "--limit", "3")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if " = " in line]
    assert len(lines) == 3
    for line in lines:
        score, _, parts = line.partition(". ")[2].partition(" = ")
        values = [float(part) for part in parts.split()[::2]]
        assert sum(values) == pytest.approx(float(score), abs=0.05)
    assert "length" in lines[0]
    assert "independent route" in done.stdout
    assert "Parts of scores: length: its hops;" in done.stdout
    assert "; hubs: how many statements" in done.stdout


def test_two_sources_are_compared(mechkg) -> None:
    done = mechkg("compare", "NSC", "MSC", "neuron")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Neural stem cells and mesenchymal stem cells share ")
    assert "both" in done.stdout
    told = json.loads(mechkg("compare", "NSC", "--right", "MSC", "--json").stdout)
    assert told["shared"] == sum(n["origin"] == "both" for n in told["neighbours"]) > 0


def test_ends_are_ranked_with_their_best_paths(mechkg) -> None:
    ends = "open-ends", "Drug", "neuroinflammation", "--effect", "lowers", "--limit", "3"
    done = mechkg(*ends)
    assert done.returncode == 0, done.stderr
    answer = json.loads(mechkg(*ends, "--json").stdout)
    assert done.stdout.startswith(answer["sentence"])
    assert all(end["path"]["explanation"] in done.stdout for end in answer["ends"])
    assert f"--cursor {answer['cursor']}" in done.stdout
    rows = mechkg(*ends, "--csv").stdout.splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == [e["entity"]["id"] for e in answer["ends"]]
    refused = mechkg("open-ends", "NSC", "GDNF")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_chokepoints_are_told_with_their_share(mechkg) -> None:
    done = mechkg("chokepoints", "NSC", "Remyelination", "--limit", "2")
    assert done.returncode == 0, done.stderr
    assert "oligodendrocyte precursor cell" in done.stdout
    answer = json.loads(mechkg("chokepoints", "NSC", "Remyelination", "--json").stdout)
    most = answer["entities"][0]
    assert f"{most['paths']} ({most['share']:.0%})" in done.stdout
    assert done.stdout.endswith("Not all is shown: cut by --limit.\n")


def test_paths_are_held_against_what_is_expected(mechkg) -> None:
    asked = "significance", "NSC", "Remyelination", "--samples", "20", "--limit", "2"
    done = mechkg(*asked)
    assert done.returncode == 0, done.stderr
    answer = json.loads(mechkg(*asked, "--json").stdout)
    assert done.stdout.startswith(answer["sentence"])
    assert all(one["entity"]["id"] in done.stdout for one in answer["mediators"])
    assert all(" ".join(one["metapath"]) in " ".join(done.stdout.split())
               for one in answer["metapaths"])  # fmt: skip
    assert done.stdout.endswith("Not all is shown: cut by --limit.\n")
    refused = mechkg("significance", "NSC", "Remyelination", "--context", "consistent")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_chosen_statements_are_written(mechkg) -> None:
    done = mechkg("export", "--statements", "SC061", "--statements", "MK001", "--format", "tsv")
    assert done.returncode == 0, done.stderr
    assert [row.split("\t")[0] for row in done.stdout.splitlines()[1:]] == ["SC061", "MK001"]
    refused = mechkg("export", "--statements", "XX999", "--format", "tsv")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_the_first_search_compiles_outside_of_its_time(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "mechkg", "paths", "NSC", "GDNF", "--timeout", "0.5"]

    def ask() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=environment | {"NUMBA_CACHE_DIR": str(tmp_path)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )

    copy_kernels(tmp_path, without="collect")
    first, then = ask(), ask()
    assert "Compiling the search kernels" in first.stderr
    assert "SC061" in first.stdout
    assert (then.stdout, then.stderr) == (first.stdout, "")
