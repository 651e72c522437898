/** Where an arrow key leads from an entity of a figure. */

import type { DrawnEdge, DrawnEntity } from "./layout";

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

const WAYS: Record<Arrow, readonly [number, number]> = {
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
  const [dx, dy] = WAYS[arrow];
  const linked = new Set(
    edges.flatMap(({ source, target }) =>
      source === from.id ? [target] : target === from.id ? [source] : [],
    ),
  );
  let best: DrawnEntity | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const entity of entities) {
    const x = entity.x - from.x;
    const y = entity.y - from.y;
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (entity.id === from.id || ahead <= 1 || aside > ahead * 3) {
      continue;
    }
    const cost = (ahead + aside * ASIDE) * (linked.has(entity.id) ? 1 : UNLINKED);
    if (cost < least) {
      [best, least] = [entity, cost];
    }
  }
  return best;
}
