/** What the loaded paths hold, counted: the filters that a reader can choose among. */

import { computed, effect, signal } from "@preact/signals";
import { CONSISTENT, type FilterName } from "./question";
import * as store from "./store";
import type { Path, Statement } from "./types";
import { categoryLabel, evidenceLabel, phrase, predicateLabel, sourceLabel } from "./words";

export interface Facet {
  readonly key: string;
  readonly title: string;
  readonly filter: FilterName;
  readonly label: (value: string) => string;
  readonly values: (path: Path) => readonly string[];
}

/** Qualifiers that name a place in a source, not a condition of the statement. */
const REMARKS = new Set(["note", "path", "drugmechdb_key"]);

const fromStatements = (take: (statement: Statement) => readonly string[]) => (path: Path) =>
  path.hops.flatMap((hop) => hop.statements.flatMap(take));

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
function count(paths: readonly Path[], values: Facet["values"]): Counts {
  const counts = new Map<string, number>();
  for (const path of paths) {
    for (const value of new Set(values(path))) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return new Map([...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)));
}

const isUsed = (filter: FilterName) => store.asked.value[filter].length > 0;

const present = computed(
  () => new Map(FACETS.map(({ key, values }) => [key, count(store.loaded.value, values)])),
);

/** The counts of a facet when nothing was ticked in it: what could be ticked instead. */
const unticked = signal<ReadonlyMap<string, { counts: Counts; paths: number; ends: string }>>(
  new Map(),
);

const endsOf = () => `${store.asked.value.source.ask} ${store.asked.value.target.ask}`;

/** Remembers the counts of the facets in which nothing is ticked. */
export function followFacets(): void {
  effect(() => {
    if (store.status.value !== "done" || store.loaded.value.length === 0) {
      return;
    }
    const open = FACETS.filter(({ filter }) => !isUsed(filter)).map(
      ({ key }) =>
        [
          key,
          {
            counts: present.value.get(key) ?? new Map(),
            paths: store.loaded.value.length,
            ends: endsOf(),
          },
        ] as const,
    );
    unticked.value = new Map([...unticked.peek(), ...open]);
  });
}

export interface Counted {
  readonly rows: readonly (readonly [value: string, count: number])[];
  /** How many paths were counted, and whether before this filter was set. */
  readonly paths: number;
  readonly before: boolean;
}

/** The values of a facet to choose among, those that are ticked always among them. */
export function countsOf(facet: Facet): Counted {
  const kept = unticked.value.get(facet.key);
  const before = isUsed(facet.filter) && kept?.ends === endsOf();
  const counts = (before ? kept?.counts : present.value.get(facet.key)) ?? new Map();
  const others = FACETS.filter((one) => one.filter === facet.filter && one !== facet);
  const ticked = store.question.value[facet.filter].filter(
    (value) =>
      !counts.has(value) &&
      // A value that another facet of the same filter lists is ticked there.
      (others.length === 0 || (facet.key === "source") === value.includes(":")),
  );
  return {
    rows: [...counts, ...ticked.map((value) => [value, 0] as const)],
    paths: before ? (kept?.paths ?? 0) : store.loaded.value.length,
    before,
  };
}
