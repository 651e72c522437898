"""Signs, sentences and verdicts, from tables worked out by hand."""

import pytest

from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import HopStatement, PathEntity, Sign
from mechkg.kg.search.explain import (
    conflict_of,
    explain_path,
    hop_phrase,
    hop_sign,
    net_effect,
    path_sign,
)

PREDICATES = {
    p.id: p
    for p in (
        Predicate(id="secretes", label="secretes", inverse_label="secreted by", sign=0),
        Predicate(id="promotes", label="promotes", inverse_label="promoted by", sign=1),
        Predicate(id="inhibits", label="inhibits", sign=-1),
        Predicate(id="part_of", label="part of", inverse_label="has part", sign=0),
        Predicate(id="binds", label="binds", sign=0, symmetric=True),
        Predicate(id="negatively_regulates", label="negatively regulates", sign=-1),
    )
}


def said(
    predicate: str, modality: str = "asserted", *, reverse: bool = False, sign: Sign | None = 0
) -> HopStatement:
    return HopStatement(
        id=predicate,
        subject="a:1",
        predicate=predicate,
        object="a:2",
        direction="reverse" if reverse else "forward",
        modality=modality,
        sign=sign,
    )


@pytest.mark.parametrize(
    ("effects", "sign"),
    [
        ([(1, False)], 1),
        ([(-1, False), (-1, False)], -1),
        ([(0, False), (1, False)], 1),
        ([(None, False), (-1, False)], -1),
        ([(0, False), (None, False)], None),
        ([(1, False), (-1, False)], None),
        ([(1, False), (-1, True)], 1),
        ([(0, False), (1, True)], 0),
        ([(1, True)], None),
        ([(0, True)], 0),
        ([(0, True), (None, True)], None),
    ],
)
def test_sign_of_a_hop(effects: list[tuple[Sign | None, bool]], sign: Sign | None) -> None:
    assert hop_sign(effects) == sign


@pytest.mark.parametrize(
    ("signs", "sign"),
    [([1, 1], 1), ([1, -1], -1), ([-1, -1], 1), ([0, 1], 0), ([0, None], None), ([-1, None], None)],
)
def test_sign_of_a_path(signs: list[Sign | None], sign: Sign | None) -> None:
    assert path_sign(signs) == sign


@pytest.mark.parametrize(
    ("statements", "phrase"),
    [
        ([said("secretes")], "secretes"),
        ([said("part_of")], "is part of"),
        ([said("part_of", reverse=True)], "has part"),
        ([said("promotes", reverse=True)], "is promoted by"),
        ([said("binds", reverse=True)], "binds"),
        ([said("negatively_regulates")], "negatively regulates"),
        ([said("promotes", "potential")], "potentially promotes"),
        ([said("promotes", "challenge")], "promotes (challenge)"),
        ([said("inhibits", reverse=True)], "is (reversed) inhibits"),
        ([said("secretes"), said("binds")], "binds and secretes"),
        ([said("promotes", reverse=True), said("secretes")], "secretes"),
    ],
)
def test_phrase_of_a_hop(statements: list[HopStatement], phrase: str) -> None:
    assert hop_phrase(statements, [0.1] * len(statements), PREDICATES) == phrase


def test_weakest_link_and_conflict_are_named() -> None:
    a, b, c = (PathEntity(f"x:{n}", n, "") for n in "abc")
    conflict = conflict_of(
        [said("promotes", sign=1), said("inhibits", sign=-1)], PREDICATES, "b", "c"
    )
    text = explain_path(
        (a, b, c), ("possibly secretes", "promotes and inhibits"), (0.6, 0.1), [conflict]
    )
    assert text == (
        "a possibly secretes b, which promotes and inhibits c. Weakest link: a possibly "
        "secretes b. Sources disagree: b promotes or inhibits c."
    )
    assert not conflict_of([said("promotes", sign=1), said("secretes")], PREDICATES, "b", "c")


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((5, 0, 0, 5), "unknown"),
        ((0, 2, 1, 0), "supports"),
        ((0, 1, 2, 0), "opposes"),
        ((0, 3, 2, 0), "mixed"),
        ((9, 1, 0, 9), "supports"),
        ((0, 0, 0, 0), "unknown"),
    ],
)
def test_verdict(counts: tuple[int, int, int, int], verdict: str) -> None:
    effect = net_effect(counts, exact=True, source="S", target="T")
    assert effect.verdict == verdict
    assert (effect.neutral, effect.supports, effect.opposes, effect.unknown) == counts


def test_sentences_of_net_effects() -> None:
    assert net_effect((0, 0, 0, 0), exact=True, source="S", target="T").sentence == (
        "No path leads from S to T."
    )
    assert net_effect((0, 0, 0, 0), exact=False, source="S", target="T").sentence == (
        "No path from S to T was found before the search was cut."
    )
    assert (
        "at least 4 paths" in net_effect((1, 1, 1, 1), exact=False, source="S", target="T").sentence
    )
