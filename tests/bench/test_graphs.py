"""The graphs: what is on disk is what the columns say, and a seed gives one graph."""

from __future__ import annotations

import numpy as np
import pytest

from bench.__main__ import main
from bench.graphs import Graph, GraphMissing, checked_name, index_tables, make_graph, write_triples
from bench.synthetic import CATEGORIES, RELATIONS, Shape


def rows(path):
    return [line.split("\t") for line in path.read_text().splitlines()[1:]]


def test_the_tables_say_what_the_columns_say(small: Graph, tmp_path):
    for name in ("nodes.tsv", "edges.tsv"):
        (tmp_path / name).write_bytes((small.nodes.parent / name).read_bytes())
    read = index_tables("again", tmp_path)
    assert (read.entities, read.statements) == (small.entities, small.statements)
    for name in ("subject", "object"):
        assert np.array_equal(read.column(name), small.column(name))
    names = [small.predicates[i] for i in small.column("predicate")]
    assert [read.predicates[i] for i in read.column("predicate")] == names
    kinds = [small.categories[i] for i in small.column("category")]
    assert [read.categories[i] for i in read.column("category")] == kinds


def test_statements_are_distinct_join_two_entities_and_fit_their_relation(small: Graph):
    subject, predicate, object_ = map(small.column, ("subject", "predicate", "object"))
    assert len(subject) == 20_000
    assert not np.any(subject == object_)
    assert len(np.unique(np.stack([subject, predicate, object_]), axis=1).T) == 20_000
    kind = np.array(list(CATEGORIES))[small.column("category")]
    for position, relation in enumerate(RELATIONS):
        chosen = predicate == position
        assert set(kind[subject[chosen]]) == {relation.subject}
        assert set(kind[object_[chosen]]) == {relation.object}


def test_a_seed_gives_one_graph(small: Graph, tmp_path):
    again = make_graph("synthetic-20k", tmp_path)
    assert again.edges.read_bytes() == small.edges.read_bytes()


@pytest.mark.parametrize(
    "name", ["hetionet", "synthetic-2k", "synthetic-1G", "synthetic-M", "x-1M"]
)
def test_a_graph_that_nobody_can_make_is_refused_at_once(name: str, tmp_path, capsys):
    with pytest.raises(ValueError, match="such as"):
        make_graph(name, tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["--graphs", "hetio", name, "--cache", str(tmp_path)])
    assert ended.value.code == 2
    assert name.partition("-")[2] in capsys.readouterr().err
    assert checked_name("synthetic-10k") == "synthetic-10k"


def test_a_few_entities_hold_much_of_the_graph(small: Graph):
    assert small.degree.sum() == 2 * small.statements
    assert small.degree.max() > 10 * np.median(small.degree)


def test_identifiers_and_rows_are_each_other(small: Graph):
    first = rows(small.nodes)[7][0]
    assert small.identifier(7) == first
    assert small.row(first) == 7


def test_triples_are_the_statements(small: Graph):
    write_triples(small)
    lines = small.triples.read_text().splitlines()
    subject, predicate, object_ = rows(small.edges)[0]
    assert len(lines) == small.statements
    assert [part.rpartition("/")[2].rstrip("> .") for part in lines[0].split("> <")] == [
        subject,
        predicate,
        object_,
    ]


@pytest.mark.parametrize(("text", "statements"), [("20k", 20_000), ("10M", 10_000_000)])
def test_sizes_are_read(text, statements):
    shape = Shape.of(text)
    assert (shape.statements, shape.entities) == (statements, statements // 10)
    assert sum(shape.counts()) == statements
    assert sum(map(len, shape.first_rows().values())) == shape.entities


def test_a_graph_that_is_not_here_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("MECHKG_SHARED", str(tmp_path / "nowhere"))
    with pytest.raises(GraphMissing, match="nowhere"):
        make_graph("hetio", tmp_path)
