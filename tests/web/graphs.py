"""Graphs for the page: one that means harm, and one that is large."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.build.load import load
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Qualifier, Statement
from mechkg.kg.snapshot.catalogue import Catalogue

__all__ = ["ATTACKS", "LONG", "load_hetionet", "publish_crowded", "publish_hostile", "publish_wide"]

RUN = "window.harmed=1"

ATTACKS = (
    f"<img src=x onerror={RUN}>",
    f"<script>{RUN}</script>",
    f'"><svg onload={RUN}>',
    f"</title></style></text><script>{RUN}</script>",
    f"'-{RUN}-'",
    f"javascript:{RUN}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}",
    "<a href='javascript:window.harmed=1'>here</a>",
    "\u202eevitagen si siht\u202c",
    "تنكس عصبي شديد في الجهاز العصبي المركزي",
    "ניוון עצבי <b>מודגש</b>",
    "z\u0335a\u0336l\u0337g\u0338o" + "\u0301" * 200,
    "👩‍👩‍👧‍👦 family of neurons",
    "line\nbreak\ttab\u2028separator",
    "   ",
)
"""Names that break out of what quotes them, run, turn the line round or cannot be seen."""

LONG = ("verylongname " * 800)[:10_000]
UNBROKEN = "W" * 10_000


def publish_hostile(data: Path) -> None:
    """Publish `hostile`: every path from `X:source` to `X:target` carries something harmful."""
    names = (*ATTACKS, LONG, UNBROKEN)
    middle = [
        Entity(
            id=f"X:m{i}",
            name=name,
            category="biolink:Gene" if i % 2 else "biolink:Cell",
            synonyms=(name, f"synonym {name}"),
            description=name,
            xrefs=("javascript:window.harmed=1", f"X:{i}"),
            provided_by=(name,),
            iri="javascript:window.harmed=1",
        )
        for i, name in enumerate(names)
    ]
    ends = [
        Entity(id="X:source", name="source", category="biolink:Cell"),
        Entity(id="X:target", name="target", category="biolink:Disease"),
        Entity(id="javascript:window.harmed=1", name="identifier", category="biolink:Disease"),
        Entity(id='X:"><img src=x onerror=window.harmed=1>', name="quoted identifier"),
    ]
    _publish(data, "hostile", [*ends, *middle], [*_harm(middle), *_parallel()])


def _harm(middle: list[Entity]) -> Iterator[Statement]:
    for i, entity in enumerate(middle):
        said = (_evidence(entity.name), _evidence(entity.name))
        qualifiers = (Qualifier("species", entity.name), Qualifier(entity.name[:200], "rat"))
        yield Statement(
            id=f"IN{i}", subject="X:source", predicate="affects", object=entity.id, sign=1,
            evidence=said, qualifiers=qualifiers, note=entity.name,
        )  # fmt: skip
        yield Statement(
            id=f"OUT{i}", subject=entity.id, predicate="blocks", object="X:target", sign=-1,
            modality="potential" if i % 3 else entity.name[:100].strip() or "potential",
            evidence=said, attributes={"key": entity.name},
        )  # fmt: skip
        yield Statement(
            id=f"INF{i}", subject="X:source", predicate="blocks", object=entity.id, sign=-1,
            evidence=(_evidence(entity.name, "inferred"),), derived_from=(f"IN{i}",),
        )  # fmt: skip
    for i, other in enumerate(
        ("javascript:window.harmed=1", 'X:"><img src=x onerror=window.harmed=1>')
    ):
        yield Statement(id=f"ID{i}", subject="X:source", predicate="affects", object=other, sign=1)
        yield Statement(id=f"DI{i}", subject=other, predicate="affects", object="X:target", sign=1)


def _parallel() -> Iterator[Statement]:
    for i in range(5_000):
        yield Statement(
            id=f"P{i}", subject="X:source", predicate="affects", object="X:target",
            sign=(1, -1, 0, None)[i % 4], evidence=(_evidence(f"copy {i}"),),
            modality="potential" if i % 5 == 0 else "asserted",
        )  # fmt: skip


def _evidence(text: str, kind: str = "literature") -> Evidence:
    return Evidence(
        kind=kind,
        source=text[:300],
        publications=("PMID:1", "javascript:window.harmed=1", f"DOI:10.1/{text[:100]}"),
        titles=(text, text, text),
        location=text[:100],
        seen_in=text[:100],
    )


def publish_crowded(data: Path) -> None:
    """Publish `crowded`: one statement with 5,000 pieces of evidence, one of which has 5,000
    publications; statements that follow from one another in a ring; identifiers that addresses take
    apart.
    """
    names = ("X:ring", "X:a/../b?c=1#50%25&x", "X:source", "X:target")
    many = tuple(f"PMID:{i}" for i in range(1, 5_001))
    pieces = [
        Evidence(kind="literature", source="copied", publications=many),
        *(Evidence(kind="literature", source="copied", location=f"P{i}") for i in range(2_499)),
        *(_evidence(f"piece {i}") for i in range(2_500)),
    ]
    ring = [
        Statement(
            id=f"R{i}", subject=names[2 - 2 * (i % 2)], predicate="affects",
            object=names[0 if i % 2 == 0 else 3], sign=1,
            evidence=(_evidence("ring", "inferred"),), derived_from=(f"R{(i + 1) % 2}",),
        )
        for i in range(2)
    ]  # fmt: skip
    one = Statement(
        id="ONE", subject="X:source", predicate="affects", object="X:target", sign=1,
        evidence=tuple(pieces),
    )  # fmt: skip
    others = [
        Statement(id="S/2?", subject="X:source", predicate="affects", object=names[1], sign=1),
        Statement(id="S#3", subject=names[1], predicate="affects", object="X:target", sign=1),
    ]
    _publish(
        data,
        "crowded",
        [Entity(id=name, name=name[2:], category="biolink:Cell") for name in names],
        [one, *others, *ring],
    )


def publish_wide(data: Path, *, entities: int = 300, statements: int = 800) -> None:
    """Publish `wide`: a figure of so many entities and statements between `W:0` and the last.

    Entities stand in five layers; each statement leads to the next layer. The seed is fixed.
    """
    draw = random.Random(5)
    layers = [[0], *([] for _ in range(3)), [entities - 1]]
    for i in range(1, entities - 1):
        layers[1 + i % 3].append(i)
    pairs = {(0, i) for i in layers[1]} | {(i, entities - 1) for i in layers[3]}
    for near, far in pairwise(layers[1:4]):
        pairs |= {(i, draw.choice(far)) for i in near} | {(draw.choice(near), i) for i in far}
    while len(pairs) < statements:
        k = draw.randrange(1, 3)
        pairs.add((draw.choice(layers[k]), draw.choice(layers[k + 1])))
    kinds = ("biolink:Cell", "biolink:Gene", "biolink:BiologicalProcess", "biolink:Disease")
    _publish(
        data,
        "wide",
        [Entity(id=f"W:{i}", name=f"thing {i}", category=kinds[i % 4]) for i in range(entities)],
        [
            Statement(
                id=f"S{i}", subject=f"W:{a}", predicate="affects" if i % 2 else "blocks",
                object=f"W:{b}", sign=1 if i % 2 else -1, evidence=(_evidence("a source"),),
            )
            for i, (a, b) in enumerate(sorted(pairs))
        ],
    )  # fmt: skip


def load_hetionet(data: Path, tables: Path) -> None:
    """Publish `hetionet` from its two tables."""
    files = [tables / "nodes.tsv.gz", tables / "edges.tsv.gz"]
    loaded = load(files, data / "hetionet", name="hetionet", schema=Schema())
    Catalogue(data).publish("hetionet", loaded.path)


def _publish(data: Path, name: str, entities: list[Entity], statements: list[Statement]) -> None:
    kinds = sorted({entity.category for entity in entities})
    schema = Schema(
        categories=tuple(Category(id=kind, label=kind.partition(":")[2]) for kind in kinds),
        predicates=(
            Predicate(id="affects", label="affects", sign=1),
            Predicate(id="blocks", label="blocks", sign=-1),
        ),
    )
    path = build_snapshot(
        data / name, name=name, entities=entities, statements=statements, schema=schema
    )
    Catalogue(data).publish(name, path)
