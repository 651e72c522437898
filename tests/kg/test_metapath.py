"""Metapath patterns: what is read, what is refused, what the automaton accepts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechkg.kg.errors import QueryError
from mechkg.kg.model.queries import MAX_HOPS
from mechkg.kg.search.metapath import MAX_POSITIONS, Automaton, Step, automaton, parse_metapath


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("secretes", [Step(("secretes",), (), False, 1, 1)]),
        ("*{2}", [Step((), (), False, 2, 2)]),
        (
            " ^protects | damages ( Cell ) ? ",
            [Step(("protects", "damages"), ("Cell",), True, 0, 1)],
        ),
        (
            "produces/affects{1,3}",
            [Step(("produces",), (), False, 1, 1), Step(("affects",), (), False, 1, 3)],
        ),
        (
            "<http://purl.obolibrary.org/obo/RO_0003000>+",
            [Step(("http://purl.obolibrary.org/obo/RO_0003000",), (), False, 1, MAX_HOPS)],
        ),
        (
            "biolink:affects(biolink:Gene|Protein)",
            [Step(("biolink:affects",), ("biolink:Gene", "Protein"), False, 1, 1)],
        ),
    ],
)
def test_patterns_are_read(text: str, steps: list[Step]) -> None:
    assert list(parse_metapath(text)) == steps


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "a{",
        "a{2",
        "a{,2}",
        "a{2,1}",
        "a{0}",
        "a{1,99}",
        "a(",
        "a()b",
        "a)",
        "^",
        "a|",
        "a||b",
        "a^b",
        "*b",
        "<a",
        "a{9}",
        "a{999999}",
    ],
)
def test_nonsense_is_refused_by_name(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_metapath(text)
    assert refused.value.parameter == "metapath"


@given(st.text("ab*^/|(){}?+<>0123456789, ", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        steps = parse_metapath(text)
    except QueryError:
        return
    assert all(0 <= step.low <= step.high <= MAX_HOPS and step.high for step in steps)


def test_endless_patterns_are_refused() -> None:
    with pytest.raises(QueryError, match="more than"):
        automaton(parse_metapath("/".join(["a{8}"] * (MAX_POSITIONS // 8 + 1))))


def accepts(plan: Automaton, word: str) -> bool:
    live = plan.first
    for i, letter in enumerate(word):
        live &= sum(
            1 << p
            for p, step in enumerate(plan.steps)
            if not step.predicates or letter in step.predicates
        )
        if i == len(word) - 1:
            return bool(live & plan.last)
        live = _union(plan.follow, live)
    return False


def _union(table: tuple[int, ...], live: int) -> int:
    found = 0
    for p, mask in enumerate(table):
        if live >> p & 1:
            found |= mask
    return found


letters = st.sampled_from(["a", "b", "a|b", "*"])
times = st.sampled_from(["", "?", "{2}", "{1,3}", "{0,2}"])


@given(
    st.lists(st.tuples(letters, times), min_size=1, max_size=4),
    st.text("ab", min_size=1, max_size=7),
)
def test_the_automaton_accepts_what_a_regular_expression_does(
    parts: list[tuple[str, str]], word: str
) -> None:
    plan = automaton(parse_metapath("/".join(a + b for a, b in parts)))
    classes = {"a": "a", "b": "b", "a|b": "[ab]", "*": "[ab]"}
    expression = "".join(classes[a] + b for a, b in parts)
    assert accepts(plan, word) == bool(re.fullmatch(expression, word))
    assert all(
        (plan.follow[p] >> q & 1) == (plan.before[q] >> p & 1)
        for p in range(len(plan.steps))
        for q in range(len(plan.steps))
    )
