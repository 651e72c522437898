"""Which way each line runs in a layered figure: from left to right, or back.

A layered layout wants a graph without cycles. Lines on a directed walk from a source to a target
run forward, as far as cycles allow; any other runs from what is nearer to the sources to what is
nearer to the targets: a statement that a path walks in reverse, or that has no direction, does not
turn the figure round.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from mechkg.kg.draw.bundles import Bundle

__all__ = ["flows"]


def flows(
    bundles: Sequence[Bundle], sources: Sequence[str], targets: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the left and the right end of each line; equal ends for a self-loop. O(n + m log m).

    >>> flows((), ("a",), ("b",))
    []
    """
    place = _places(bundles, sources, targets)
    ahead = _neighbours((b.subject, b.object) for b in bundles if not b.effect.headless)
    reached = _distances(ahead, sources).keys()
    reaching = _distances(_turned(ahead), targets).keys()

    first, last = set(sources), set(targets)

    def oriented(bundle: Bundle) -> tuple[str, str]:
        subject, object_ = bundle.subject, bundle.object
        if (object_ in first) != (subject in first) or (subject in last) != (object_ in last):
            return (object_, subject) if object_ in first or subject in last else (subject, object_)
        forward = not bundle.effect.headless and subject in reached and object_ in reaching
        if forward or place.get(subject, 1.0) <= place.get(object_, 1.0):
            return subject, object_
        return object_, subject

    given = [oriented(bundle) for bundle in bundles]
    back = _closing_cycles(given, place)
    return [(b, a) if (a, b) in back else (a, b) for a, b in given]


def _places(
    bundles: Sequence[Bundle], sources: Sequence[str], targets: Sequence[str]
) -> dict[str, float]:
    """Return how far each entity is between the ends: 0 at the sources, 1 at the targets."""
    ahead = _neighbours((b.subject, b.object) for b in bundles)
    around = _merged(ahead, _turned(ahead))
    near, far = _distances(around, sources), _distances(around, targets)
    places = {}
    for name in around:
        from_source, to_target = near.get(name), far.get(name)
        if from_source is None:
            places[name] = 0.5 if to_target is None else 1 / (1 + to_target)
        elif to_target is None:
            places[name] = from_source / (from_source + 1) if targets else float(from_source)
        else:
            places[name] = from_source / ((from_source + to_target) or 1)
    return places


def _closing_cycles(
    edges: Sequence[tuple[str, str]], place: Mapping[str, float]
) -> set[tuple[str, str]]:
    """Return the edges that close a cycle in a depth-first walk from the left (Tarjan, 1972)."""
    ahead = _neighbours(edges)
    order = {name: i for i, name in enumerate(ahead)}
    back, done, open_now = set(), set(), set()
    for start in sorted(ahead, key=lambda name: (place.get(name, 1.0), order[name])):
        if start in done:
            continue
        stack = [(start, iter(ahead[start]))]
        open_now.add(start)
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                open_now.discard(name)
                done.add(name)
            elif following in open_now:
                back.add((name, following))
            elif following not in done:
                open_now.add(following)
                stack.append((following, iter(ahead[following])))
    return {(a, b) for a, b in back if a != b}


def _neighbours(edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return what each entity leads to, entities in order of first appearance."""
    ahead: dict[str, list[str]] = {}
    for a, b in edges:
        ahead.setdefault(a, []).append(b)
        ahead.setdefault(b, [])
    return ahead


def _turned(ahead: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return _neighbours((b, a) for a, following in ahead.items() for b in following)


def _merged(
    one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    return {name: [*one.get(name, ()), *other.get(name, ())] for name in {**one, **other}}


def _distances(ahead: Mapping[str, Sequence[str]], starts: Iterable[str]) -> dict[str, int]:
    distance = dict.fromkeys(starts, 0)
    queue = deque(distance)
    while queue:
        name = queue.popleft()
        for following in ahead.get(name, ()):
            if following not in distance:
                distance[following] = distance[name] + 1
                queue.append(following)
    return distance
