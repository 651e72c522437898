/** What the drawn paths rest on, numbered in the order in which a reader meets it. */

import { computed } from "@preact/signals";
import type { Reference } from "./citing";
import * as store from "./store";
import type { Evidence, Path, Statement } from "./types";
import { sourceLabel } from "./words";

/** The publications of a piece of evidence with their titles; without any, its source. */
function citedBy({ publications, titles, source, kind }: Evidence): readonly Reference[] {
  return publications.length > 0
    ? publications.map((id, i) => ({ id, title: titles[i] ?? "" }))
    : [{ id: source || kind, title: sourceLabel(source || kind), isSource: true }];
}

interface Numbered {
  /** In order: that of number 1 first. */
  readonly list: readonly Reference[];
  readonly numbers: ReadonlyMap<string, number>;
}

const statementsOf = (paths: readonly Path[]): readonly Statement[] =>
  paths.flatMap((path) => path.hops.flatMap((hop) => hop.statements));

/** The references of the paths that the figure draws. */
export const bibliography = computed<Numbered>(() => {
  const list: Reference[] = [];
  const numbers = new Map<string, number>();
  const titled = new Map<string, number>();
  for (const reference of statementsOf(store.paths.value).flatMap(({ evidence }) =>
    evidence.flatMap(citedBy),
  )) {
    const known = numbers.get(reference.id);
    if (known === undefined) {
      list.push(reference);
      numbers.set(reference.id, list.length);
    } else if (reference.title && !list[known - 1]?.title && !titled.has(reference.id)) {
      // One piece of evidence may have the title that another leaves out.
      titled.set(reference.id, known);
      list[known - 1] = reference;
    }
  }
  return { list, numbers };
});

/** The numbers of what statements rest on, each once, in order; none for what is not drawn. */
export function numbersOf(statements: readonly Pick<Statement, "evidence">[]): readonly number[] {
  const { numbers } = bibliography.value;
  const found = statements.flatMap(({ evidence }) =>
    evidence.flatMap(citedBy).flatMap(({ id }) => numbers.get(id) ?? []),
  );
  return [...new Set(found)].sort((a, b) => a - b);
}

/** The number of a publication, if the figure rests on it. */
export const numberOf = (id: string): number | undefined => bibliography.value.numbers.get(id);

/** `[1, 3-5]`, with en dashes; nothing where there are none. */
export function bracketed(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const one of numbers) {
    const last = runs.at(-1);
    if (last && one === last[1] + 1) {
      last[1] = one;
    } else {
      runs.push([one, one]);
    }
  }
  const told = runs.map(([from, to]) =>
    from === to ? String(from) : `${from}${to === from + 1 ? ", " : "–"}${to}`,
  );
  return told.length > 0 ? `[${told.join(", ")}]` : "";
}
