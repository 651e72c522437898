/** How many of the loaded paths have each value of a facet. */

import { computed, effect, signal } from "@preact/signals";
import { type Counts, count, FACETS, type Facet } from "./facets";
import type { FilterName } from "./question";
import * as store from "./store";

export type SearchedFacet = Facet & { readonly filter: FilterName };

/** The facets by which the service can search again. */
export const SEARCHED: readonly SearchedFacet[] = FACETS.filter(
  (facet): facet is SearchedFacet => facet.filter !== null,
);

const isUsed = (filter: FilterName) => store.asked.value[filter].length > 0;

const present = computed(
  () => new Map(FACETS.map(({ key, values }) => [key, count(store.loaded.value, values)])),
);

/** The counts of a facet when nothing was ticked in it: what could be ticked instead. */
const unticked = signal<ReadonlyMap<string, { counts: Counts; ends: string }>>(new Map());

const endsOf = () => `${store.asked.value.source.ask} ${store.asked.value.target.ask}`;

/** Remembers the counts of the facets in which nothing is ticked. */
export function followFacets(): void {
  effect(() => {
    if (store.status.value !== "done" || store.loaded.value.length === 0) {
      return;
    }
    const open = SEARCHED.filter(({ filter }) => !isUsed(filter)).map(
      ({ key }) =>
        [
          key,
          {
            counts: present.value.get(key) ?? new Map(),
            ends: endsOf(),
          },
        ] as const,
    );
    unticked.value = new Map([...unticked.peek(), ...open]);
  });
}

/** The values of a facet to search again by, those that are ticked always among them. */
export function valuesOf(facet: SearchedFacet): readonly string[] {
  const kept = unticked.value.get(facet.key);
  const before = isUsed(facet.filter) && kept?.ends === endsOf();
  const counts = (before ? kept?.counts : present.value.get(facet.key)) ?? new Map();
  const others = SEARCHED.filter((one) => one.filter === facet.filter && one !== facet);
  const ticked = store.question.value[facet.filter].filter(
    (value) =>
      !counts.has(value) &&
      // A value that another facet of the same filter lists is ticked there.
      (others.length === 0 || (facet.key === "source") === value.includes(":")),
  );
  return [...counts.keys(), ...ticked];
}

export interface Choice {
  readonly value: string;
  readonly chosen: boolean;
  /** How many paths are in view once this is pressed; those in view now where it is chosen. */
  readonly result: number;
}

/** The values of a facet that loaded paths have, the commonest first, and those that are chosen. */
export function choicesOf(facet: Facet, wanted: boolean): readonly Choice[] {
  const shown = store.ranked.value.map(({ path }) => path);
  const chosen = store.narrowings.value
    .filter((one) => one.facet === facet.key && one.wanted === wanted)
    .map(({ value }) => value);
  const counts = count(shown, facet.values);
  const values = new Set([...(present.value.get(facet.key)?.keys() ?? []), ...chosen]);
  return [...values].map((value) => {
    const having = counts.get(value) ?? 0;
    const isChosen = chosen.includes(value);
    const left = wanted ? having : shown.length - having;
    return { value, chosen: isChosen, result: isChosen ? shown.length : left };
  });
}
