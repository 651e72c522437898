"""Place an overview, for graphs too large to read line by line: columns and straight lines.

Columns are distances from the sources; the order in a column is that of the mean height of the
neighbours (barycentres: Sugiyama, Tagawa and Toda, *Methods for visual understanding of
hierarchical system structures*, 1981). The time is O((n + m) log n), whatever the graph.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, sqrt
from typing import Final

from mechkg.kg.draw.bundles import Bundle
from mechkg.kg.draw.scene import Box, Placement
from mechkg.kg.draw.shapes import Curve, Point, bowed

__all__ = ["place_overview"]

_ROW_GAP: Final = 18.0
_COLUMN_GAP: Final = 110.0
_SWEEPS: Final = 6


def place_overview(
    boxes: Sequence[Box],
    bundles: Sequence[Bundle],
    room: Sequence[float],
    sources: Sequence[str],
    targets: Sequence[str],
) -> Placement:
    """Place boxes in columns, sources first and targets last, and lines between their centres.

    `room` is the height over each box that must stay free. Lines have no labels.
    """
    row = {box.id: i for i, box in enumerate(boxes)}
    links = [(row[b.subject], row[b.object]) for b in bundles if b.subject != b.object]
    first, last = [row[name] for name in sources], [row[name] for name in targets]
    columns = _columns(len(boxes), links, first, last)
    heights = [box.height + 2 * room[i] + _ROW_GAP for i, box in enumerate(boxes)]
    ordered = _ordered(columns, links, heights)
    total = max(sum(heights[i] for i in column) for column in ordered)
    centres: dict[int, Point] = {}
    left = 0.0
    for column in ordered:
        width = max(boxes[i].width for i in column)
        y = (total - sum(heights[i] for i in column)) / 2
        for i in column:
            centres[i] = round(left + width / 2, 2), round(y + heights[i] / 2, 2)
            y += heights[i]
        left += width + _COLUMN_GAP
    places = tuple(centres[i] for i in range(len(boxes)))
    return Placement(
        width=left - _COLUMN_GAP,
        height=total,
        centres=places,
        curves=dict(_curves(places, bundles, row)),
    )


def _columns(
    count: int, links: Sequence[tuple[int, int]], first: Sequence[int], last: Sequence[int]
) -> list[list[int]]:
    """Return boxes by distance from the first ones, wide columns split, the last ones alone.

    Without first ones, distances count from the boxes that no line leads to.
    """
    after: list[list[int]] = [[] for _ in range(count)]
    entered = set()
    for subject, object_ in links:
        after[subject].append(object_)
        entered.add(object_)
    starts = list(first) or [i for i in range(count) if i not in entered]
    distance = dict.fromkeys(starts, 0)
    queue = deque(starts)
    for start in (None, *range(count)):
        if start is not None and start not in distance:
            distance[start] = 1 if first else 0
            queue.append(start)
        while queue:
            box = queue.popleft()
            for neighbour in after[box]:
                if neighbour not in distance:
                    distance[neighbour] = distance[box] + 1
                    queue.append(neighbour)
    end = max(distance.values()) + 1
    distance |= dict.fromkeys(last, end)
    layers: dict[int, list[int]] = {}
    for box in range(count):
        layers.setdefault(distance[box], []).append(box)
    most = ceil(sqrt(count) * 1.6)
    return [part for layer in sorted(layers) for part in _parts(layers[layer], most)]


def _parts(layer: Sequence[int], most: int) -> Iterable[list[int]]:
    """Cut a layer into columns of even length, none longer than `most`."""
    number = ceil(len(layer) / most)
    return (list(layer[i::number]) for i in range(number))


def _ordered(
    columns: list[list[int]], links: Sequence[tuple[int, int]], heights: Sequence[float]
) -> list[list[int]]:
    """Sort each column by the mean height of its boxes' neighbours, a few times over."""
    around: list[list[int]] = [[] for _ in heights]
    for subject, object_ in links:
        around[subject].append(object_)
        around[object_].append(subject)
    level = [0.0] * len(heights)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 else columns[::-1]:
            if sweep:
                column.sort(key=lambda i: _mean(i, around, level))
            y = -sum(heights[i] for i in column) / 2
            for i in column:
                level[i] = y + heights[i] / 2
                y += heights[i]
    return columns


def _mean(box: int, around: Sequence[Sequence[int]], level: Sequence[float]) -> float:
    near = around[box]
    return sum(level[i] for i in near) / len(near) if near else level[box]


def _curves(
    centres: Sequence[Point], bundles: Sequence[Bundle], row: Mapping[str, int]
) -> Iterable[tuple[int, Curve]]:
    """Straight lines, bent where another joins the same two boxes or both stand in a column."""
    seen: dict[frozenset[int], int] = {}
    for number, bundle in enumerate(bundles):
        pair = frozenset((row[bundle.subject], row[bundle.object]))
        if len(pair) == 2:
            before = seen.get(pair, 0)
            seen[pair] = before + 1
            ends = centres[row[bundle.subject]], centres[row[bundle.object]]
            yield number, bowed(*ends, 16.0 * before)
