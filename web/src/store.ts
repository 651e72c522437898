/** The state of the page: signals that every part reads, and the actions that change them. */

import { batch, computed, signal } from "@preact/signals";
import type { Failure } from "./api";
import { type Narrowing, passes } from "./facets";
import {
  type EffectName,
  EMPTY_QUESTION,
  type End,
  FILTERS,
  type FilterName,
  type Question,
} from "./question";
import { type Grouping, isHubPath, rerank, type Sorting, sorted, type Weights } from "./ranking";
import type { EntityRef, Path, PathSummary, Version } from "./types";

/** A loaded path with its place in the service's own order, by which the page knows it. */
export interface Ranked {
  readonly path: Path;
  readonly index: number;
  /** The score under the reader's weights. */
  readonly score: number;
}

export type Status = "idle" | "streaming" | "done" | "stopped" | "error";
export type View = "one" | "merged" | "table";

/** How many of the best paths the figure shows until the reader says which. */
const DRAWN = 8;

/** What is typed and ticked, asked or not yet. */
export const question = signal<Question>(EMPTY_QUESTION);
/** The field for the second source of a comparison; null where there is none. */
export const rival = signal<End | null>(null);
/** The rival that was asked about: what is typed counts once the question is asked. */
export const comparing = signal<End | null>(null);

/** The verdict that ends of an open side must have; empty: any. */
export const effect = signal<EffectName>("");

export const status = signal<Status>("idle");
/** The question that the loaded paths answer. */
export const asked = signal<Question>(EMPTY_QUESTION);
/** The paths that came, in the service's order. */
export const loaded = signal<readonly Path[]>([]);
export const summary = signal<PathSummary | null>(null);
export const failure = signal<Failure | null>(null);
/** How many paths the reader wants loaded: grows with each "more". */
export const wanted = signal(50);
/** Whether the answer is laid out to its end: until its figure is drawn, only what is seen first. */
export const unfolded = signal(true);
export const version = signal<Version | null>(null);
export const snapshot = computed(() => summary.value?.snapshot ?? version.value?.snapshot ?? "");

export const weights = signal<Weights>({});
export const grouping = signal<Grouping>("none");
export const sorting = signal<Sorting>("score");
/** Paths through entities of more relations than this, on average, are hidden; 0 hides none. */
export const hubLimit = signal(0);
/** What the paths in view must have, or must not have, in at least one step. */
export const narrowings = signal<readonly Narrowing[]>([]);
/** Only paths whose sentence holds this text are in view. */
export const searchText = signal("");

/** The chosen path and those that are shown and pinned, by index; null: the best are shown. */
export const selected = signal<number | null>(null);
export const checked = signal<readonly number[] | null>(null);
export const pinned = signal<readonly number[]>([]);

export const view = signal<View>("merged");
/** The statements whose evidence is open; none: those of the selected path. */
export const chosen = signal<readonly string[]>([]);
/** The reader's changes of the figure, as an address holds them. */
export const edits = signal("");
/** What the legend hides: shapes and effects. */
export const hidden = signal<readonly string[]>([]);
/** Whether the evidence is open, where it lies over the figure. */
export const reading = signal(false);
export const exporting = signal(false);
export const helping = signal(false);
/** What the live region says. */
export const announcement = signal("");

const admitted = computed(() =>
  sorted(rerank(loaded.value, weights.value), sorting.value).filter(
    ({ path }) =>
      (!hubLimit.value || !isHubPath(path, hubLimit.value)) &&
      passes(path, narrowings.value) &&
      holds(path, searchText.value),
  ),
);

const holds = (path: Path, text: string) =>
  path.explanation.toLowerCase().includes(text.trim().toLowerCase());

/** The list as the reader sees it: pinned paths first, then best first under the weights. */
export const ranked = computed<readonly Ranked[]>(() => {
  const pins = new Set(pinned.value);
  return [
    ...admitted.value.filter(({ index }) => pins.has(index)),
    ...admitted.value.filter(({ index }) => !pins.has(index)),
  ];
});

/** How many loaded paths are through hubs, and so not in view. */
export const hubsHidden = computed(() =>
  hubLimit.value ? loaded.value.filter((path) => isHubPath(path, hubLimit.value)).length : 0,
);

/** How many loaded paths are not in view, for whatever reason. */
export const outOfView = computed(() => loaded.value.length - admitted.value.length);

/** The indices of the paths that the figure shows. */
export const shown = computed<ReadonlySet<number>>(() => {
  const best = ranked.value.slice(0, Math.max(DRAWN, pinned.value.length));
  return new Set(checked.value ?? best.map(({ index }) => index));
});

/** What the figure draws: the shown paths and the selected one, if the filters let them through. */
export const paths = computed<readonly Path[]>(() =>
  ranked.value
    .filter(({ index }) => shown.value.has(index) || index === selected.value)
    .map(({ path }) => path),
);

export const selectedPath = computed<Path | null>(() =>
  selected.value === null ? null : (loaded.value[selected.value] ?? null),
);

/** What the pointer is on, in the list or in the figure: the other one marks it, too. */
export type Pointed =
  | { readonly path: number }
  | { readonly entity: string }
  | { readonly statements: readonly string[] };

export const pointed = signal<Pointed | null>(null);
export const pointAt = (what: Pointed | null): void => {
  pointed.value = what;
};

/** Whether a path leads through what is pointed at in the figure. */
export function touches(what: Pointed | null, { entities, hops }: Path): boolean {
  if (what === null || "path" in what) {
    return false;
  }
  return "entity" in what
    ? entities.slice(1, -1).some(({ id }) => id === what.entity)
    : hops.some((hop) => hop.statements.some(({ id }) => what.statements.includes(id)));
}

const nameOfPath = (index: number) => `Path ${index + 1}`;

export function select(index: number | null): void {
  batch(() => {
    selected.value = index;
    chosen.value = [];
    announcement.value = index === null ? "No path selected." : `${nameOfPath(index)} selected.`;
  });
}

export function check(index: number, show: boolean): void {
  const now = [...shown.peek()].filter((one) => one !== index);
  checked.value = show ? [...now, index] : now;
  announcement.value = `${nameOfPath(index)} ${show ? "drawn" : "no longer drawn"}.`;
}

/** Draws all paths in view, or none of them. */
export function checkAll(show: boolean): void {
  checked.value = show ? ranked.peek().map(({ index }) => index) : [];
}

export function pin(index: number): void {
  const now = pinned.peek();
  batch(() => {
    const pins = !now.includes(index);
    pinned.value = pins ? [...now, index] : now.filter((one) => one !== index);
    if (checked.peek() && pinned.peek().includes(index)) {
      check(index, true);
    }
    announcement.value = `${nameOfPath(index)} ${pins ? "pinned on top" : "no longer pinned"}.`;
  });
}

/** Forgets what belongs to the answer of another question. */
export function forgetAnswer(): void {
  batch(() => {
    loaded.value = [];
    summary.value = null;
    failure.value = null;
    selected.value = null;
    checked.value = null;
    pinned.value = [];
    chosen.value = [];
    edits.value = "";
    narrowings.value = [];
    searchText.value = "";
    pointed.value = null;
    wanted.value = 50;
  });
}

export function change(part: Partial<Question>): void {
  question.value = { ...question.peek(), ...part };
}

export const endOf = ({ id, name }: EntityRef): End => ({ ask: id, name: name || id });

const added = (ends: readonly End[], end: End) =>
  ends.some((one) => one.ask === end.ask) ? ends : [...ends, end];

const without = (ends: readonly End[], ask: string) => ends.filter((one) => one.ask !== ask);

/** Puts an entity on every path, or off them; the caller asks again. */
export function constrain(where: "via" | "avoid", end: End): void {
  const now = question.peek();
  const other = where === "via" ? "avoid" : "via";
  change({ [where]: added(now[where], end), [other]: without(now[other], end.ask) });
}

export function release(where: "via" | "avoid", ask: string): void {
  change({ [where]: without(question.peek()[where], ask) });
}

export function toggleFilter(name: FilterName, value: string): void {
  const now = question.peek()[name];
  change({ [name]: now.includes(value) ? now.filter((one) => one !== value) : [...now, value] });
}

/** Chooses a value of a facet, or lifts it; a value is wanted or unwanted, not both. */
export function narrow(facet: string, value: string, wanted: boolean): void {
  const same = (one: Narrowing) => one.facet === facet && one.value === value;
  const now = narrowings.peek();
  const lifted = now.some((one) => same(one) && one.wanted === wanted);
  const others = now.filter((one) => !same(one));
  narrowings.value = lifted ? others : [...others, { facet, value, wanted }];
}

export function clearFilters(): void {
  batch(() => {
    change({ ...Object.fromEntries(FILTERS.map((name) => [name, []])), minRoutes: 0 });
    hubLimit.value = 0;
    narrowings.value = [];
    searchText.value = "";
  });
}
