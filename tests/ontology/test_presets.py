"""Predicates of well-known graphs: what they say agrees with the ontology, and loads use it."""

import gzip
from pathlib import Path

import pytest

from mechkg.kg.build.load import load
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.presets import PRESETS, known_schema, preset_of
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.ontology.rdf.formats import RdfGraph

UNQUALIFIED = ("related_to", "actively_involved_in", "correlated_with")
"""Biolink predicates that several of ours are exchanged under without saying the same."""


def test_signs_of_biolink_are_those_of_the_ontology(graph: RdfGraph) -> None:
    effects: dict[str, set[str]] = {}
    for p in graph.schema.predicates:
        if p.role not in {"bridge", "identity"}:
            effects.setdefault(p.biolink.removeprefix("biolink:"), set()).add(p.effect)
    signed = [p for p in biolink_schema().predicates if p.sign is not None]
    assert signed
    assert all(effects[p.id] == {p.effect} for p in signed)


def test_presets_agree_with_the_ontology_where_both_have_a_predicate(graph: RdfGraph) -> None:
    ours = {p.id: p for p in graph.schema.predicates}
    shared = [p for p in known_schema().predicates if p.id in ours and preset_of(p.id)]
    assert shared
    for p in shared:
        assert (p.effect, p.role) == (ours[p.id].effect, ours[p.id].role), p.id
        assert p.object_aspect == ours[p.id].object_aspect, p.id


def test_every_preset_words_its_predicates() -> None:
    added = [p for p in known_schema().predicates if preset_of(p.id)]
    assert {preset_of(p.id) for p in added} == set(PRESETS)
    for p in added:
        assert set(p.verbs) == {"singular", "plural", "passive", "hedged"}, p.id


def loaded(folder: Path, text: str) -> Snapshot:
    path = folder / "edges.tsv"
    path.write_text(text)
    return open_snapshot(load([path], folder, name="known", schema=known_schema()).path)


@pytest.mark.parametrize(
    ("predicate", "label", "effect"),
    [
        ("CdG", "downregulates", "lowers"),
        ("CtD", "treats", "lowers"),
        ("DaG", "is associated with", "unknown"),
        ("up-regulates quantity by expression", None, "raises"),
        ("down-regulates activity", None, "lowers"),
        ("decreases_activity_of", "decreases the activity of", "lowers"),
        ("dephosphorylation", "dephosphorylates", "unknown"),
        ("conversion", "is converted to", "raises"),
    ],
)
def test_a_table_of_a_known_graph_has_labels_and_effects(
    tmp_path: Path, predicate: str, label: str | None, effect: str
) -> None:
    text = f"subject\tpredicate\tobject\nx:1\t{predicate}\tx:2\n"
    snapshot = loaded(tmp_path, text)
    statement = snapshot.records.statement(0)
    assert statement.effect == effect
    (described,) = [p for p in snapshot.schema.predicates if p.id == statement.predicate]
    assert label is None or described.label == label
    assert described.role


def test_every_metaedge_of_hetionet_that_is_handed_over_is_known(shared: Path) -> None:
    with gzip.open(shared / "data" / "hetio" / "edges.tsv.gz", "rt") as lines:
        next(lines)
        used = {line.split("\t")[1] for line in lines}
    assert {preset_of(predicate) for predicate in used} == {"hetionet"}
