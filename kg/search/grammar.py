"""The grammar of composition as data: hops, steps between them, aspects, groups of entities.

Read from `ontology/composition.toml`, which says what each part means. Nothing here knows a graph:
`kg.search.composition` compiles a grammar for one snapshot.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from itertools import product
from typing import Any, Final, Literal

import msgspec

__all__ = ["END", "START", "Grammar", "Hop", "Step", "read_grammar"]

START: Final = "start"
END: Final = "end"
ANY: Final = "*"


class Hop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of hop: statements with predicates of some `roles`, walked in a `direction`.

    With `actions`, only statements that give one of them. `as stated` walks backward only what
    the predicate says may be. `effect` is that of the statement, or one that the hop stands for.

    >>> Hop(name="effect", roles=("effect",)).direction
    'forward'
    """

    name: str
    roles: tuple[str, ...]
    direction: Literal["forward", "backward", "as stated"] = "forward"
    actions: tuple[str, ...] = ()
    effect: Literal["statement", "raises", "lowers", "none", "unknown"] = "statement"
    text: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule: which hop may follow which over which entity, and with what weight.

    `middle` lists categories and groups; empty for any. A `weight` of 0 refuses, with `reason`;
    one below 1 rests on an `assumption`. A rule that is not `strict` is left out of the strict
    grammar.

    >>> Step(id="x", before=("effect",), after=("effect",), weight=1.0).middle
    ()
    """

    id: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    weight: float
    middle: tuple[str, ...] = ()
    assumption: str = ""
    reason: str = ""
    text: str = ""
    strict: bool = True
    source: str = msgspec.field(default="", name="from")


class Grammar(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Hops, steps in the order in which they decide, aspects, groups, and roles by Biolink class.

    aspects[(a, b)] is the weight of aspect a taken for aspect b and the assumption in that; a pair
    that is not listed is refused.
    """

    hops: tuple[Hop, ...]
    steps: tuple[Step, ...]
    aspects: dict[tuple[str, str], tuple[float, str]]
    groups: dict[str, tuple[str, ...]]
    roles: dict[str, str]

    def decide(
        self, before: str, middle: frozenset[str], after: str, *, strict: bool = False
    ) -> Step | None:
        """Return the first rule that fits, None where none does; `middle` is what the entity is.

        >>> read_grammar().decide("therapy", frozenset({"Disease"}), "effect").weight
        0.0
        """
        for step in self._rules.get((before, after), ()):
            if (step.strict or not strict) and (
                not step.middle or not middle.isdisjoint(step.middle)
            ):
                return step
        return None

    @cached_property
    def _rules(self) -> Mapping[tuple[str, str], tuple[Step, ...]]:
        """The rules that may decide on each pair of hops, in their order."""
        names = (START, END, *(hop.name for hop in self.hops))
        return {
            (before, after): tuple(
                step
                for step in self.steps
                if _names(step.before, before) and _names(step.after, after)
            )
            for before, after in product(names, names)
        }

    def aspect(self, before: str, after: str) -> tuple[float, str]:
        """Return the weight of one aspect taken for another, and the assumption; 0 refuses.

        >>> read_grammar().aspect("activity", "abundance")
        (0.8, 'activity_stands_for_amount')
        """
        if not before or not after:
            return 1.0, ""
        return self.aspects.get((before, after), (0.0, ""))


def _names(patterns: Sequence[str], name: str) -> bool:
    """Say whether a hop, or an end of a path, is among those that a rule lists."""
    return name in patterns or (ANY in patterns and name not in {START, END})


@cache
def read_grammar() -> Grammar:
    """Return the bundled grammar."""
    text = files("mechkg.ontology").joinpath("composition.toml").read_text("utf-8")
    return parse_grammar(tomllib.loads(text))


def parse_grammar(data: Mapping[str, Any]) -> Grammar:
    """Return a grammar from its tables; raises `msgspec.ValidationError` or `ValueError`.

    >>> parse_grammar({"hop": [{"name": "effect", "roles": ["effect"]}],
    ...                "step": [{"id": "x", "before": ["start"], "after": ["cause"],
    ...                          "weight": 1.0}]})
    Traceback (most recent call last):
    ValueError: Step x of the grammar names no hop: cause.
    """
    hops = msgspec.convert(data.get("hop", ()), tuple[Hop, ...])
    steps = msgspec.convert(data.get("step", ()), tuple[Step, ...])
    known = {START, END, ANY, *(hop.name for hop in hops)}
    for step in steps:
        unknown = sorted({*step.before, *step.after} - known)
        if unknown:
            raise ValueError(f"Step {step.id} of the grammar names no hop: {', '.join(unknown)}.")
        if 0 < step.weight < 1 and not step.assumption:
            raise ValueError(f"Step {step.id} of the grammar has a weight without an assumption.")
    return Grammar(
        hops=hops,
        steps=steps,
        aspects={
            (before, after): (said, "") if isinstance(said, float) else (said[0], said[1])
            for before, row in data.get("aspects", {}).items()
            for after, said in row.items()
        },
        groups=msgspec.convert(data.get("groups", {}), dict[str, tuple[str, ...]]),
        roles=msgspec.convert(data.get("roles", {}), dict[str, str]),
    )
