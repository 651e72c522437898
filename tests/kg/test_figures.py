"""The geometry of figures: nothing overlaps, labels are on their lines, lines pass round boxes."""

from __future__ import annotations

from itertools import islice
from math import hypot
from random import Random

import msgspec
import pytest

from bench.figures import Geometry, figures, geometry
from mechkg.kg.draw import Layout, draw_svg, layout
from mechkg.kg.draw.graphviz import Dot
from mechkg.kg.draw.legend import legend_rows
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Statement, Subgraph

SCHEMA = Schema(
    predicates=(
        Predicate(id="joins", label="joins", symmetric=True),
        Predicate(id="regulates", label="positively regulates"),
        Predicate(id="raises", label="raises", sign=1),
    )
)
NAMES = (
    "neuron",
    "GDNF",
    "oligodendrocyte precursor cell",
    "negative regulation of axon regeneration",
)
LEAST_LABEL = 11.0


@pytest.fixture(scope="module")
def ontology(data_directory) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


@pytest.fixture(scope="module", autouse=True)
def dot():
    """One process of Graphviz for all figures here."""
    kept = Dot()
    with kept.in_use():
        yield
    kept.close()


def faults(measured: Geometry) -> dict[str, int]:
    """What a figure must not have, where it has some."""
    counted = ("box_overlaps", "label_overlaps", "labels_aside", "boxes_crossed", "labels_crossed")
    return {name: getattr(measured, name) for name in counted if getattr(measured, name)}


def random_graph(seed: int, *, sources: int = 1) -> Subgraph:
    """A graph of some entities and twice as many statements, none of an entity about itself."""
    draw = Random(seed)
    size = draw.randrange(sources + 2, 16)
    pairs = [draw.sample(range(size), 2) for _ in range(draw.randrange(1, 2 * size + 2))]
    return Subgraph(
        entities=tuple(
            Entity(id=f"X:{i}", name=f"{draw.choice(NAMES)} {i}", category="biolink:Cell")
            for i in range(size)
        ),
        statements=tuple(
            Statement(
                id=f"s{i}", subject=f"X:{a}", object=f"X:{b}",
                predicate=draw.choice(("joins", "regulates", "raises")),
            )
            for i, (a, b) in enumerate(pairs)
        ),
        sources=tuple(f"X:{i}" for i in range(sources)),
        targets=(f"X:{size - 1}",),
    )  # fmt: skip


def test_figures_of_questions_are_legible(ontology):
    for question, placed in islice(figures(ontology, "ms-nsc"), 12):
        measured = geometry(placed)
        assert placed.labelled
        assert faults(measured) == {}, question
        assert measured.label_size >= LEAST_LABEL, question


@pytest.mark.parametrize("sources", [1, 3])
def test_no_label_or_box_is_met_in_any_figure(sources):
    for seed in range(20):
        graph = random_graph(seed, sources=sources)
        placed = layout(graph, SCHEMA)
        assert placed.labelled
        assert faults(geometry(placed)) == {}, seed


def test_lines_have_no_corners():
    placed = layout(random_graph(3), SCHEMA)
    for line in placed.lines:
        for i in range(3, len(line.points) - 1, 3):
            before, at, after = line.points[i - 1 : i + 2]
            one = (at[0] - before[0], at[1] - before[1])
            other = (after[0] - at[0], after[1] - at[1])
            size = hypot(*one) * hypot(*other)
            if size > 1:
                turned = abs(one[0] * other[1] - one[1] * other[0]) / size
                assert turned < 0.3, (line.subject, line.object)


def chain(*predicates: str) -> Subgraph:
    """`X:0` to the last entity, one statement a predicate; `<` before one that is stored turned."""
    links = []
    for i, predicate in enumerate(predicates):
        ends = [f"X:{i}", f"X:{i + 1}"]
        a, b = reversed(ends) if predicate.startswith("<") else ends
        kind = predicate.lstrip("<")
        sign = 1 if kind == "raises" else None
        links.append(Statement(id=f"s{i}", subject=a, predicate=kind, object=b, sign=sign))
    return Subgraph(
        entities=tuple(Entity(id=f"X:{i}", name=f"e{i}") for i in range(len(predicates) + 1)),
        statements=tuple(links),
        sources=("X:0",),
        targets=(f"X:{len(predicates)}",),
    )


def test_a_path_runs_from_left_to_right_however_its_statements_are_stored():
    for predicates in (("raises", "<joins", "raises"), ("<raises", "<regulates", "raises")):
        placed = layout(chain(*predicates), SCHEMA)
        places = [box.x for box in placed.boxes]
        assert places == sorted(places)


def test_a_symmetric_relation_has_no_head_and_one_line():
    links = chain("raises", "joins").statements
    turned = msgspec.structs.replace(links[1], id="turned", subject="X:2", object="X:1")
    graph = msgspec.structs.replace(chain("raises", "joins"), statements=(*links, turned))
    raised, joined = layout(graph, SCHEMA).lines
    assert (raised.effect.headless, joined.effect.headless) == (False, True)
    assert joined.statements == ("s1", "turned")
    assert joined.labels[-1].count == "×2"
    signed = msgspec.structs.replace(links[1], sign=-1, effect="lowers")
    graph = msgspec.structs.replace(graph, statements=(links[0], signed))
    assert not layout(graph, SCHEMA).lines[1].effect.headless, "who acts is said"


def words(placed: Layout) -> set[str]:
    text = " ".join(legend_rows(placed, 2_000))
    known = ("raises", "symmetric", "direction unknown", "pieces of evidence", "parallel")
    return {word for word in known if word in text}


def test_the_legend_names_what_is_drawn_and_nothing_else():
    plain = chain("raises", "joins")
    assert words(layout(plain, SCHEMA)) == {"raises", "symmetric"}
    unknown = chain("regulates")
    assert words(layout(unknown, SCHEMA)) == {"direction unknown"}
    twice = tuple(Evidence(kind="literature", source="x") for _ in range(2))
    first = msgspec.structs.replace(plain.statements[0], evidence=twice)
    counted = msgspec.structs.replace(plain, statements=(first, plain.statements[1]))
    assert words(layout(counted, SCHEMA)) == {"raises", "symmetric", "pieces of evidence"}
    assert "· 2" in draw_svg(counted, SCHEMA).decode()
    assert "· 1" not in draw_svg(plain, SCHEMA).decode()
