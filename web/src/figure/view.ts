/** What the figure shows, from the state of the page: the only place here that reads the store. */

import { batch, computed, effect, signal } from "@preact/signals";
import { askAvoid, askVia, searchFrom } from "../asking";
import type { Question } from "../question";
import { brokenAt } from "../removed";
import * as store from "../store";
import type { EntityRef, Path } from "../types";
import { counted } from "../words";
import { captionOf } from "./caption";
import * as changes from "./edits";
import type { DrawnEntity } from "./layout";
import { follow, type Request } from "./relayout";

export { subgraphBody } from "./relayout";

export const view = store.view;
export const show = (next: store.View) => {
  store.view.value = next;
};

const linksOf = (path: Path): changes.Link[] =>
  path.hops.flatMap((hop) =>
    hop.statements.map(({ id, subject, object }) => ({ id, subject, object })),
  );

/** The first or the last entities of paths, each once. */
function endsOf(paths: readonly Path[], place: 0 | -1): readonly EntityRef[] {
  const ends = paths.flatMap((path) => path.entities.at(place) ?? []);
  return [...new Map(ends.map((entity) => [entity.id, entity])).values()];
}

const idsOf = (entities: readonly EntityRef[]) => entities.map((entity) => entity.id);

/** The paths that are drawn: those that the reader has checked, or only the selected one. */
const drawn = computed<readonly Path[]>(() => {
  const one = store.selectedPath.value ?? store.paths.value[0];
  return view.value !== "one" ? store.paths.value : one ? [one] : [];
});

/** The drawn paths that lead through nothing that the reader took out. */
const unbroken = computed(() => drawn.value.filter((path) => !brokenAt(path)));

export const drawnPaths = computed(() => drawn.value.length);

/** The question that is answered: what belongs to another is forgotten. */
export const asked = store.asked;

export const edits = computed(() => changes.readEdits(store.edits.value));

interface Past {
  readonly of: Question;
  readonly steps: readonly (readonly changes.Edit[])[];
  /** What was undone, the last first to be done again. */
  readonly undone: readonly (readonly changes.Edit[])[];
  /** What the reader acted on last: it keeps its place in the next figure. */
  readonly at: string | null;
}

const pastOf = (of: Question): Past => ({ of, steps: [], undone: [], at: null });
const past = signal<Past>(pastOf(asked.peek()));
const current = computed<Past>(() =>
  past.value.of === asked.value ? past.value : pastOf(asked.value),
);

export const anchor = computed(() => current.value.at);
/** Whether the reader changed what the figure holds; where that is, is no matter. */
export const isEdited = computed(() =>
  edits.value.some(({ kind }) => kind === "expand" || kind === "remove"),
);
export const canUndo = computed(() => edits.value.length > 0 || current.value.steps.length > 0);
export const canRedo = computed(() => current.value.undone.length > 0);

export function announce(words: string): void {
  store.announcement.value = words;
}

function change(next: readonly changes.Edit[], at: string | null, told = ""): void {
  const { of, steps } = current.peek();
  store.announcement.value = told;
  past.value = { of, steps: [...steps, edits.peek()], undone: [], at };
  store.edits.value = changes.writeEdits(next);
}

export function undo(): void {
  const { of, steps, undone, at } = current.peek();
  // A figure from an address has no past here; its last change is undone all the same.
  const before = steps.at(-1) ?? edits.peek().slice(0, -1);
  past.value = { of, steps: steps.slice(0, -1), undone: [...undone, edits.peek()], at };
  store.edits.value = changes.writeEdits(before);
  announce("The last change of the figure is undone.");
}

export function redo(): void {
  const { of, steps, undone, at } = current.peek();
  const next = undone.at(-1);
  if (next) {
    past.value = { of, steps: [...steps, edits.peek()], undone: undone.slice(0, -1), at };
    store.edits.value = changes.writeEdits(next);
    announce("What was undone is done again.");
  }
}

export const arrangement = computed(() => changes.placesOf(edits.value).arrangement);

/** Arranges the figure anew; what was moved by hand goes back to its place. */
export function arrange(as: changes.Arrangement): void {
  change(changes.arrangedAs(edits.peek(), as), null, `The figure is ${as} now.`);
}

/** Puts an entity elsewhere: `x` and `y` are its centre in the figure as it is drawn. */
export function move({ id, name }: DrawnEntity, x: number, y: number): void {
  const { origin, entities } = drawing.peek().layout ?? { origin: [0, 0], entities: [] };
  const moved = changes.movedTo(edits.peek(), id, x - origin[0], y - origin[1]);
  // What was not moved keeps its place in the view.
  const others = entities.filter((one) => one.id !== id);
  const still = others.find((one) => one.focus) ?? others[0];
  change(moved, still?.id ?? null, `${name || id} is moved.`);
}

export const reset = () => change([], null, "The figure is as it was before all changes.");
export const isExpandedAt = (entity: string) => changes.isExpanded(edits.value, entity);

const sources = computed(() => endsOf(drawn.value, 0));
const targets = computed(() => endsOf(drawn.value, -1));
export const names = computed(() => [
  ...new Set([...sources.value, ...targets.value].map((entity) => entity.name || entity.id)),
]);

function titleOf(paths: readonly Path[], count: number, edited: boolean): string {
  const one = (place: 0 | -1) => {
    const all = new Set(paths.map((path) => path.entities.at(place)?.name));
    return [...all].join(", ");
  };
  const pair = `${counted(count, "path")} from ${one(0)} to ${one(-1)}`;
  return edited ? `${pair}, changed by hand` : pair;
}

/** The figure that is asked for; while a new answer has not begun, still that of the old one. */
let last: Request = {
  content: { links: [], sources: [], targets: [] },
  places: changes.placesOf([]),
  title: "",
  settled: true,
};

export const request = computed<Request>(() => {
  const settled = store.status.value !== "streaming";
  if (drawn.value.length || settled) {
    const content = {
      links: drawn.value.flatMap(linksOf),
      sources: idsOf(sources.value),
      targets: idsOf(targets.value),
    };
    const walks = drawn.value.map((path) => ({
      entities: idsOf(path.entities),
      links: linksOf(path).map(({ id }) => id),
    }));
    last = {
      content: changes.edited(content, edits.value, walks),
      places: changes.placesOf(edits.value),
      title: titleOf(drawn.value, unbroken.value.length, isEdited.value),
      settled,
    };
  }
  return last;
});

export const { drawing, again } = follow(request);

/** Unfolds the answer once its figure is on the screen. */
export function followDrawing(): void {
  effect(() => {
    if (drawing.value.busy || store.loaded.value.length === 0 || store.unfolded.value) {
      return;
    }
    // The first frame holds the figure; once a second begins, the first was handed on.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        setTimeout(() => {
          store.unfolded.value = true;
        });
      });
    });
    return () => cancelAnimationFrame(frame);
  });
}

/** The marks of the selected path: its entities and statements; null where all count alike. */
export const stressed = computed<ReadonlySet<string> | null>(() => {
  const pointed = store.pointed.value;
  const over = pointed && "path" in pointed ? store.loaded.value[pointed.path] : undefined;
  const path = over && drawn.value.includes(over) ? over : store.selectedPath.value;
  return path && view.value === "merged"
    ? new Set([
        ...path.entities.map((entity) => entity.id),
        ...linksOf(path).map((statement) => statement.id),
      ])
    : null;
});

export const chosen = computed<ReadonlySet<string>>(() => new Set(store.chosen.value));
export const chooseEvidence = (statements: readonly string[]) => {
  store.chosen.value = statements;
};
export const openEvidence = (statements: readonly string[]) =>
  batch(() => {
    store.chosen.value = statements;
    store.reading.value = true;
  });

export type { Pointed } from "../store";
export const pointAt = store.pointAt;
export const reading = store.reading;
export const toggleEvidence = () => {
  store.reading.value = !store.reading.peek();
};

export const hidden = computed<ReadonlySet<string>>(() => new Set(store.hidden.value));
export const toggleHidden = (what: string) => {
  const now = store.hidden.peek();
  store.hidden.value = now.includes(what) ? now.filter((one) => one !== what) : [...now, what];
};

const touching = (entity: string) =>
  request.peek().content.links.filter((one) => one.subject === entity || one.object === entity);

export const actions = {
  expand: (entity: string, links: readonly changes.Link[]) =>
    change(
      [...edits.peek(), { kind: "expand", entity, links }],
      entity,
      `${counted(links.length, "statement")} added to the figure.`,
    ),
  collapse: (entity: string) =>
    change(changes.collapsed(edits.peek(), entity), entity, "What was added is gone again."),
  remove: (entity: string) => {
    const before = unbroken.peek().length;
    change([...edits.peek(), { kind: "remove", entity }], null);
    const gone = before - unbroken.peek().length;
    announce(`Removed from the figure${gone ? ` with ${counted(gone, "path")} through it` : ""}.`);
  },
  choose: (entity: string) => chooseEvidence(touching(entity).map((link) => link.id)),
  evidence: (entity: string) => openEvidence(touching(entity).map((link) => link.id)),
  via: (entity: DrawnEntity) => askVia(store.endOf(entity)),
  avoid: (entity: DrawnEntity) => askAvoid(store.endOf(entity)),
  searchFrom: (entity: DrawnEntity) => searchFrom(store.endOf(entity)),
};

export const caption = computed(() =>
  captionOf({
    title: request.value.title,
    claim: store.summary.value?.net_effect.claim ?? "",
    paths: unbroken.value,
    snapshot: store.snapshot.value,
    edited: isEdited.value,
  }),
);

export const snapshot = store.snapshot;
export const taking = store.exporting;
export const takeAlong = () => {
  store.exporting.value = true;
};
export const stopTaking = () => {
  store.exporting.value = false;
};

/** The address of this view, of this version of the graph. */
export function permalink(): string {
  const address = new URL(location.href);
  address.searchParams.set("snapshot", snapshot.peek());
  return address.href;
}

/** The address of the figure alone, for a frame on another page. */
export function embedLink(): string {
  const address = new URL(permalink());
  address.pathname = "/embed";
  return address.href;
}
