/** Where an arrow key leads from an entity or a line of a figure. */

import type { DrawnEdge, DrawnEntity } from "./layout";

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export const WAYS: Record<Arrow, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export const isArrow = (key: string): key is Arrow => key in WAYS;

/** What an entity that no statement leads to costs more: statements are walked where there are any. */
const UNLINKED = 4;
/** How much a pixel to the side costs more than one ahead. */
const ASIDE = 2;

/**
 * The entity that an arrow key leads to, or undefined at an edge of the figure: the nearest that
 * lies that way, and rather one that a statement joins.
 */
export function stepFrom(
  from: DrawnEntity,
  arrow: Arrow,
  entities: readonly DrawnEntity[],
  edges: readonly DrawnEdge[],
): DrawnEntity | undefined {
  const linked = new Set(
    edges.flatMap(({ source, target }) =>
      source === from.id ? [target] : target === from.id ? [source] : [],
    ),
  );
  const others = entities.filter(({ id }) => id !== from.id);
  return nearest(from, arrow, others, ({ id }) => linked.has(id));
}

/** The line of an entity that an arrow key leads to: that whose labels are nearest that way. */
export function lineFrom(
  from: DrawnEntity,
  arrow: Arrow,
  edges: readonly DrawnEdge[],
): DrawnEdge | undefined {
  const own = edges.filter(({ source, target }) => source === from.id || target === from.id);
  return nearest(from, arrow, own.map(placed), () => true)?.edge;
}

/** The line that an arrow key leads to from another one: rather one of the same entities. */
export function nextLine(
  from: DrawnEdge,
  arrow: Arrow,
  edges: readonly DrawnEdge[],
): DrawnEdge | undefined {
  const ends = new Set([from.source, from.target]);
  const others = edges.filter(({ key }) => key !== from.key).map(placed);
  const shares = ({ edge }: Placed) => ends.has(edge.source) || ends.has(edge.target);
  return nearest(placed(from), arrow, others, shares)?.edge;
}

/** The end of a line that an arrow key leads to. */
export function endFrom(
  from: DrawnEdge,
  arrow: Arrow,
  entities: readonly DrawnEntity[],
): DrawnEntity | undefined {
  const ends = entities.filter(({ id }) => id === from.source || id === from.target);
  return nearest(placed(from), arrow, ends, () => true);
}

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Placed extends Place {
  readonly edge: DrawnEdge;
}

/** Where a line is: at its labels. */
export const placed = (edge: DrawnEdge): Placed => ({ x: edge.label_x, y: edge.label_y, edge });

function nearest<P extends Place>(
  from: Place,
  arrow: Arrow,
  places: readonly P[],
  isLinked: (place: P) => boolean,
): P | undefined {
  const [dx, dy] = WAYS[arrow];
  let best: P | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const x = place.x - from.x;
    const y = place.y - from.y;
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead <= 1 || aside > ahead * 3) {
      continue;
    }
    const cost = (ahead + aside * ASIDE) * (isLinked(place) ? 1 : UNLINKED);
    if (cost < least) {
      [best, least] = [place, cost];
    }
  }
  return best;
}
