/** What paths hold: the values that a reader can filter and count them by. */

import { CONSISTENT, type FilterName } from "./question";
import type { Path, Statement } from "./types";
import { categoryLabel, evidenceLabel, phrase, predicateLabel, sourceLabel } from "./words";

export interface Facet {
  readonly key: string;
  readonly title: string;
  /** The parameter by which the service searches again; null where it has none. */
  readonly filter: FilterName | null;
  readonly label: (value: string) => string;
  readonly values: (path: Path) => readonly string[];
}

/** Qualifiers that name a place in a source, not a condition of the statement. */
const REMARKS = new Set(["note", "path", "drugmechdb_key"]);

const fromStatements = (take: (statement: Statement) => readonly string[]) => (path: Path) =>
  path.hops.flatMap((hop) => hop.statements.flatMap(take));

const EFFECTS: Readonly<Record<string, string>> = {
  none: "no effect meant",
  unknown: "direction unknown",
  both: "both directions",
};

const contextLabel = (value: string) =>
  value === CONSISTENT
    ? "all steps in one context"
    : phrase(value).replace("!=", ": not ").replace("~=", ": none or ").replace("=", ": ");

/** The value that leaves out what `TYPE=VALUE` admits. */
export const excluding = (value: string) => value.replace("=", "!=");

export const FACETS: readonly Facet[] = [
  {
    key: "predicate",
    title: "Predicate",
    filter: "predicate",
    label: predicateLabel,
    values: fromStatements(({ predicate }) => [predicate]),
  },
  {
    key: "category",
    title: "Category between the ends",
    filter: "category",
    label: categoryLabel,
    values: ({ entities }) => entities.slice(1, -1).map(({ category }) => category),
  },
  {
    key: "effect",
    title: "Effect of the path",
    filter: null,
    label: (value) => EFFECTS[value] ?? value,
    values: ({ effect }) => [effect],
  },
  {
    key: "hedge",
    title: "Certainty of a step",
    filter: null,
    label: phrase,
    values: fromStatements(({ hedge }) => [hedge]),
  },
  {
    key: "source",
    title: "Source",
    filter: "evidence",
    label: sourceLabel,
    values: fromStatements(({ evidence }) => evidence.map(({ source }) => source)),
  },
  {
    key: "kind",
    title: "Kind of evidence",
    filter: "evidence",
    label: evidenceLabel,
    values: fromStatements(({ evidence }) => evidence.map(({ kind }) => kind)),
  },
  {
    key: "modality",
    title: "Modality",
    filter: "modality",
    label: phrase,
    values: fromStatements(({ modality }) => [modality]),
  },
  {
    key: "context",
    title: "Context",
    filter: "context",
    label: contextLabel,
    values: fromStatements(({ context }) =>
      context.map(({ type, value, label }) => `${type}=${label || value}`),
    ),
  },
  {
    key: "qualifier",
    title: "Qualifier",
    filter: "qualifier",
    label: contextLabel,
    values: fromStatements(({ qualifiers }) =>
      qualifiers
        .filter(({ type, value }) => !REMARKS.has(type) && value)
        .map(({ type, value }) => `${type}=${value}`),
    ),
  },
];

export type Counts = ReadonlyMap<string, number>;

/** In how many paths each value occurs, most first. */
export function count(paths: readonly Path[], values: Facet["values"]): Counts {
  const counts = new Map<string, number>();
  for (const path of paths) {
    for (const value of new Set(values(path))) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return new Map([...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)));
}

/** A value that the paths in view must have, or must not have, in at least one step. */
export interface Narrowing {
  readonly facet: string;
  readonly value: string;
  readonly wanted: boolean;
}

/** Whether a path has what it must have, and nothing that it must not. */
export function passes(path: Path, narrowings: readonly Narrowing[]): boolean {
  return narrowings.every(({ facet, value, wanted }) => {
    const values = FACETS.find(({ key }) => key === facet)?.values(path) ?? [];
    return values.includes(value) === wanted;
  });
}
