/** Paths in the reader's order: scores are sums of value × weight, so no request is needed. */

import type { Path } from "./types";
import { categoryLabel, predicateLabel } from "./words";

/** The reader's weights by part; a part without one keeps the service's. */
export type Weights = Readonly<Record<string, number>>;
export type Grouping = "none" | "metapath" | "mediator";
export type Sorting = "score" | "length" | "evidence";

export function scoreOf(path: Path, weights: Weights): number {
  return path.score_parts.reduce(
    (sum, { name, value, weight }) => sum + value * (weights[name] ?? weight),
    0,
  );
}

/** All paths, best first; those of equal score stay in the service's order. */
export function rerank(paths: readonly Path[], weights: Weights) {
  const kept = Object.keys(weights).length === 0;
  const rows = paths.map((path, index) => ({
    path,
    index,
    score: kept ? path.score : scoreOf(path, weights),
  }));
  return kept ? rows : rows.sort((a, b) => b.score - a.score || a.index - b.index);
}

/** How many different publications the statements of a path rest on. */
export const publicationsOf = ({ hops }: Path): number =>
  new Set(
    hops.flatMap(({ statements }) =>
      statements.flatMap(({ evidence }) => evidence.flatMap(({ publications }) => publications)),
    ),
  ).size;

/** Rows by something else than their score; those that are equal in it stay as they were. */
export function sorted<Row extends { readonly path: Path }>(
  rows: readonly Row[],
  sorting: Sorting,
): readonly Row[] {
  if (sorting === "score") {
    return rows;
  }
  const key = (path: Path) => (sorting === "length" ? path.length : -publicationsOf(path));
  const keyed = rows.map((row) => ({ row, key: key(row.path) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ row }) => row);
}

/** Whether the entities between the ends have more relations than `most`, by geometric mean. */
export function isHubPath(path: Path, most: number): boolean {
  const hubs = path.score_parts.find((part) => part.name === "hubs");
  const between = path.length - 1;
  return hubs !== undefined && between > 0 && Math.exp(hubs.value / between) > most;
}

export interface Group<Row> {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** The categories and predicates along a path. */
function metapathOf({ entities, hops }: Path): string {
  return entities
    .map(({ category }, i) => {
      const hop = hops[i];
      const forward = hop?.statements.some(({ direction }) => direction !== "reverse") ?? true;
      const words = [...new Set(hop?.statements.map((one) => predicateLabel(one.predicate)))];
      const arrow = forward ? ` — ${words.join(" / ")} → ` : ` ← ${words.join(" / ")} — `;
      return categoryLabel(category) + (hop ? arrow : "");
    })
    .join("");
}

const between = (path: Path) => path.entities.slice(1, -1);

/** Names the mediator that each path shares with the most others; ties go to the first. */
function mediatorNamer(paths: readonly Path[]): (path: Path) => string {
  const counts = new Map<string, number>();
  for (const { id } of paths.flatMap(between)) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return (path) => {
    const [first, ...rest] = between(path);
    if (!first) {
      return "Directly";
    }
    const count = (id: string) => counts.get(id) ?? 0;
    const most = rest.reduce((best, one) => (count(one.id) > count(best.id) ? one : best), first);
    return `Through ${most.name || most.id}`;
  };
}

/** Rows in groups, each where its best row stands. */
export function grouped<Row extends { readonly path: Path }>(
  rows: readonly Row[],
  grouping: Grouping,
): readonly Group<Row>[] {
  if (grouping === "none") {
    return [{ name: "", rows }];
  }
  const nameOf = grouping === "metapath" ? metapathOf : mediatorNamer(rows.map((row) => row.path));
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = nameOf(row.path);
    const members = groups.get(name);
    if (members) {
      members.push(row);
    } else {
      groups.set(name, [row]);
    }
  }
  return [...groups].map(([name, members]) => ({ name, rows: members }));
}
