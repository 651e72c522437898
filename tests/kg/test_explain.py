"""Signs of hops and paths, from tables worked out by hand."""

import pytest

from mechkg.kg.model.values import Sign
from mechkg.kg.search.explain import hop_sign, path_sign


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
