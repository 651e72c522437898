/** The keys of the page. Arrows belong to the figure; here is what works everywhere. */

import { signal } from "@preact/signals";
import { stop } from "./asking";
import * as store from "./store";

export const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ["/", "Type a question"],
  ["j", "Next path"],
  ["k", "Path before"],
  ["Enter", "Read the evidence of the path"],
  ["← ↑ → ↓", "Walk the list or the figure, whichever has the focus"],
  ["g", "Go to the figure"],
  ["Shift ← ↑ → ↓", "In the figure: walk to the lines"],
  ["Ctrl ← ↑ → ↓", "In the figure: move the entity"],
  ["x", "Show the path in the figure, or not"],
  ["p", "Pin the path on top, or not"],
  ["e", "Take the figure along"],
  ["Esc", "Stop a search; close what is open"],
  ["?", "This list"],
];

const focus = (selector: string) => {
  const place = document.querySelector<HTMLElement>(selector);
  place?.focus();
  place?.scrollIntoView({ block: "nearest" });
};

function step(by: number): void {
  const rows = store.ranked.peek();
  const at = rows.findIndex(({ index }) => index === store.selected.peek());
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  if (next) {
    store.select(next.index);
    requestAnimationFrame(() => focus(`[data-path="${next.index}"]`));
  }
}

const withPath = (act: (index: number) => void) => () => {
  const index = store.selected.peek();
  if (index !== null) {
    act(index);
  }
};

const ACTIONS: Readonly<Record<string, () => void>> = {
  "/": () => focus('[data-field="source"]'),
  j: () => step(1),
  k: () => step(-1),
  g: () => focus('.figure [tabindex="0"]'),
  x: withPath((index) => store.check(index, !store.shown.peek().has(index))),
  p: withPath((index) => store.pin(index)),
  e: () => {
    if (store.loaded.peek().length) {
      store.exporting.value = true;
    }
  },
  "?": () => {
    store.helping.value = true;
  },
  Escape: stop,
};

const SETTING = "mechkg-single-keys";

/** Whether keys without Control, Alt or Command do something: a reader who dictates may turn it off. */
export const singleKeys = signal(read());

function read(): boolean {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true; // A browser that keeps nothing has the default on each visit.
  }
}

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  try {
    localStorage.setItem(SETTING, on ? "on" : "off");
  } catch {
    // It then holds for this visit.
  }
}

/** Whether a key belongs to what has the focus. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("input:not([type=checkbox]), select, textarea");

export function followKeys(): void {
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if ((isTyping(target) && key !== "Escape") || document.querySelector("dialog[open]")) {
      return;
    }
    const onPath = target instanceof Element && target.closest("[data-path]");
    if (key === "Enter" && onPath && onPath.getAttribute("aria-pressed") === "true") {
      event.preventDefault();
      store.reading.value = true;
      requestAnimationFrame(() => focus("#evidence"));
      return;
    }
    if (!singleKeys.peek() && key !== "Escape") {
      return;
    }
    const act = ACTIONS[key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
}
