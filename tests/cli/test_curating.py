"""Curators on the command line."""

from __future__ import annotations

import json
from difflib import unified_diff
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result

from mechkg.api.cli import mechkg
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.errors import ChangesRefused, EditConflict, MechKGError, QueryError
from mechkg.kg.graph import open_graph
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.ontology.rdf.formats import read_graph
from tests.kg.test_curation import BASE, built


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Catalogue(tmp_path).publish("lab", built(tmp_path / "lab", BASE).path)
    return tmp_path


def run(data: Path, *words: str, graph: str = "lab", stdin: str | None = None) -> Result:
    environment = {"MECHKG_DATA": str(data), "MECHKG_GRAPH": graph, "MECHKG_AUTHOR": "ada"}
    return CliRunner().invoke(mechkg, words, env=environment, input=stdin)


def done(data: Path, *words: str, stdin: str | None = None) -> str:
    result = run(data, *words, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_graph_is_edited_reviewed_and_looked_back_on(data: Path) -> None:
    why = ("--reason", "because")
    said = done(
        data, "edit", "correct", "S1", "--set", "effect=lowers", "--evidence", "PMID:7", *why
    )
    assert said.startswith("Changeset 1 is accepted, version ")
    statement = open_graph(data / "lab" / "current").statement("S1")
    assert statement.effect == "lowers"
    assert statement.evidence[-1].publications == ("PMID:7",)
    done(data, "edit", "dispute", "S2", "--evidence", "infores:x", *why, "--draft")
    assert open_graph(data / "lab" / "current").statement("S2").hedge == "asserted"
    done(data, "edit", "accept", "2")
    assert open_graph(data / "lab" / "current").statement("S2").hedge == "contested"
    done(data, "edit", "add", "X:e", "promotes", "X:f", "--evidence", "PMID:8", *why)
    done(data, "edit", "deny", "X:e~promotes~X:f", "--evidence", "PMID:9", *why)
    done(data, "edit", "retract", "X:a~affects~X:d", *why)
    entity = [{"op": "add_entity", "id": "X:new", "name": "new"}]
    done(data, "edit", "apply", "-", *why, stdin=json.dumps(entity))
    done(data, "edit", "retract", "X:new", "--entity", *why, "--draft")
    done(data, "edit", "reject", "7", *why)
    listed = json.loads(done(data, "edit", "list", "--json"))
    assert [c["status"] for c in listed] == ["accepted"] * 6 + ["rejected"]
    assert {c["author"] for c in listed} == {"ada"}
    done(data, "edit", "undo", "1", *why)
    assert open_graph(data / "lab" / "current").statement("S1").effect == "raises"
    history = json.loads(done(data, "edit", "history", "S1"))
    assert [c["id"] for c in history] == ["1", "8"]


def test_a_load_does_not_leave_changes_out(data: Path, tmp_path: Path) -> None:
    done(data, "edit", "retract", "S2", "--reason", "r")
    table = tmp_path / "edges.tsv"
    table.write_text("subject\tpredicate\tobject\nX:a\tbiolink:affects\tX:b\n")
    refused = run(data, "load", str(table), "--name", "lab")
    assert isinstance(refused.exception, QueryError)
    assert "changes of curators" in str(refused.exception)


def test_differences_are_written_for_other_tools(data: Path, tmp_path: Path) -> None:
    done(data, "edit", "add", "X:e", "promotes", "X:f", "--evidence", "PMID:8", "--reason", "r")
    done(data, "edit", "retract", "S2", "--reason", "r")
    edits = json.loads(done(data, "edit", "diff"))["edits"]
    assert len(edits) == 3  # what is inferred from S2 goes with it
    turtle = tmp_path / "new.ttl"
    turtle.write_text(done(data, "edit", "diff", "--format", "turtle"))
    assert [s.id for s in read_graph([turtle]).statements] == ["X:e~promotes~X:f"]
    patch = done(data, "edit", "diff", "--format", "patch").splitlines()
    assert patch[1] == "TX ."
    assert patch[-1] == "TC ."
    made = quote("X:e~promotes~X:f", safe="")
    assert any(line.startswith("A ") and made in line for line in patch)
    assert any(line.startswith("D ") and "statement/S2" in line for line in patch)


def test_files_are_uploaded(data: Path, tmp_path: Path) -> None:
    nodes, edges = tmp_path / "nodes.tsv", tmp_path / "edges.tsv"
    nodes.write_text("id\tname\tcategory\nX:h\thub\tbiolink:Cell\n")
    edges.write_text("subject\tpredicate\tobject\nX:h\tbinds\tX:a\n")
    why = ("--reason", "r", "--draft")
    said = done(data, "edit", "upload", str(nodes), str(edges), "--source", "infores:lab", *why)
    assert said.startswith("Changeset 1 is proposed")
    done(data, "edit", "accept", "1")
    made = open_graph(data / "lab" / "current").statement("X:h~binds~X:a")
    assert [piece.source for piece in made.evidence] == ["infores:lab"]
    edges.write_text("subject\tpredicate\tobject\nX:h\tbinds\n")
    refused = run(data, "edit", "upload", str(edges), *why)
    assert isinstance(refused.exception, ChangesRefused)
    assert "line 2" in refused.output


def test_checks_are_printed(data: Path) -> None:
    turned = run(
        data, "edit", "correct", "S1", "--set", "effect=lowers", "--reason", "r", "--draft"
    )
    assert "Note: S1 has the effect lowers" in turned.output
    shown = json.loads(done(data, "edit", "show", "1"))
    assert [f["check"] for f in shown["findings"]] == ["effect"]
    assert shown["edits"]
    wrong = [{"op": "retract_statement", "id": name} for name in ("S8", "S9")]
    refused = run(data, "edit", "apply", "-", "--reason", "r", stdin=json.dumps(wrong))
    assert isinstance(refused.exception, ChangesRefused)
    assert all(word in refused.output for word in ("changes[0]", "S8", "changes[1]", "S9"))


def test_graphs_are_backed_up_pinned_pruned_and_restored(data: Path, tmp_path: Path) -> None:
    for number in range(3):
        done(data, "edit", "correct", "S1", "--set", f"note=n{number}", "--reason", "r")
    versions = [c["version"] for c in json.loads(done(data, "edit", "list", "--json"))]
    file = tmp_path / "lab.tar"
    assert "Backed up 1 graph." in done(data, "backup", str(file))
    assert "is pinned" in done(data, "pin", versions[0])
    removed = json.loads(done(data, "prune", "--keep", "1", "--json"))
    assert versions[0] not in {one["snapshot"] for one in removed}
    assert versions[1] not in {one["snapshot"] for one in removed}
    assert json.loads(done(data, "prune", "--days", "1", "--json")) == []
    assert "no longer pinned" in done(data, "pin", versions[0], "--remove")
    assert isinstance(run(data, "restore", str(file)).exception, QueryError)
    there = tmp_path / "there"
    assert "Restored 1 graph." in done(there, "restore", str(file))
    assert open_graph(there / "lab" / "current").statement("S1").note == "n2"
    listed = json.loads(done(there, "edit", "list", "--json"))
    assert [c["version"] for c in listed] == versions


def test_an_export_differs_by_what_was_edited(data: Path, tmp_path: Path) -> None:
    def exported() -> list[str]:
        done(data, "export", "--output", str(tmp_path / "ours.ttl"))
        return (tmp_path / "ours.ttl").read_text().splitlines()

    done(data, "edit", "correct", "S1", "--set", "hedge=suggested", "--reason", "r")
    before = exported()
    done(data, "edit", "correct", "S1", "--set", "hedge=reported", "--reason", "r")
    done(data, "edit", "add", "X:a", "binds", "X:c", "--evidence", "PMID:8", "--reason", "r")
    after = exported()
    changed = [line for line in unified_diff(before, after, n=0) if line[:1] in "+-"][2:]
    gone = [line for line in changed if line.startswith("-")]
    assert [line.strip("-\t ") for line in gone] == ['mechkg:hedge "suggested" ;']
    assert len(changed) < 25
    done(data, "edit", "undo", "3", "--reason", "r")
    done(data, "edit", "undo", "2", "--reason", "r")
    assert exported() == before


def test_a_graph_is_forked_and_tokens_are_made(data: Path) -> None:
    assert "Copied lab to ours" in done(data, "fork", "lab", "--name", "ours")
    secret = done(data, "token", "add", "ada", "--role", "propose").strip()
    found = Tokens(data).find(secret)
    assert found is not None
    assert found.role == "propose"
    assert "propose" in done(data, "token", "list")
    done(data, "token", "remove", "ada")
    assert Tokens(data).find(secret) is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("edit", "retract", "S9", "--reason", "r"), QueryError),
        (("edit", "retract", "I1", "--reason", "r"), EditConflict),
        (("edit", "correct", "S1", "--set", "effect", "--reason", "r"), QueryError),
        (("edit", "correct", "S1", "--set", "effect=up", "--reason", "r"), QueryError),
        (("edit", "apply", "-", "--reason", "r"), QueryError),
        (("edit", "undo", "9", "--reason", "r"), QueryError),
        (("fork", "lab", "--name", "lab"), QueryError),
        (("token", "remove", "eve"), QueryError),
    ],
)
def test_what_cannot_be_is_said(
    data: Path, words: tuple[str, ...], kind: type[MechKGError]
) -> None:
    result = run(data, *words, stdin="{}")
    assert isinstance(result.exception, kind), result.output
    assert str(result.exception).endswith((".", "?"))
