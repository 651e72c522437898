/** The state of the page as an address, under the names that the service's parameters have. */

import { batch, effect } from "@preact/signals";
import { pinnedSnapshot } from "./api";
import { ask } from "./asking";
import { FACETS, type Narrowing } from "./facets";
import {
  ANY,
  EFFECTS,
  EMPTY_QUESTION,
  type End,
  FILTERS,
  MAX_HOPS,
  NOBODY,
  openSide,
  type Question,
} from "./question";
import type { Grouping, Sorting, Weights } from "./ranking";
import * as store from "./store";
import { categoryLabel, MAX_ROUTES } from "./words";

/** A name is not part of an address: the service gives it. */
const readEnd = (ask: string): End => ({ ask, name: ask });
const writeEnd = ({ ask }: End) => ask;

const within = (text: string | null, low: number, high: number, otherwise: number) => {
  const value = Number.parseInt(text ?? "", 10);
  return value >= low && value <= high ? value : otherwise;
};

const oneOf = <T extends string>(text: string | null, known: readonly T[], otherwise: T): T =>
  known.find((one) => one === text) ?? otherwise;

const indices = (text: string) =>
  text.split(",").flatMap((one) => (/^[1-9]\d{0,4}$/.test(one) ? [Number(one) - 1] : []));

const readOpen = (ask: string): End => ({
  ask,
  name: ask === ANY ? "anything" : categoryLabel(ask),
  open: true,
});

function readQuestion(address: URLSearchParams): Question {
  const ends = (name: string) =>
    address.getAll(name).map(address.get("open") === name ? readOpen : readEnd);
  const lists = Object.fromEntries(FILTERS.map((name) => [name, address.getAll(name)]));
  return {
    ...EMPTY_QUESTION,
    ...lists,
    source: ends("source")[0] ?? NOBODY,
    target: ends("target")[0] ?? NOBODY,
    maxHops: within(address.get("max_hops"), 1, MAX_HOPS, EMPTY_QUESTION.maxHops),
    minRoutes: within(address.get("min_routes"), 0, MAX_ROUTES, 0),
    direction: oneOf(address.get("direction"), ["directed", "undirected"], "directed"),
    via: ends("via"),
    avoid: ends("avoid"),
  };
}

function writeQuestion(question: Question, into: URLSearchParams): void {
  const { source, target, maxHops, minRoutes, direction, via, avoid } = question;
  const rows: [string, string][] = [
    ["source", writeEnd(source)],
    ["target", writeEnd(target)],
    ["open", openSide(question)],
    ["max_hops", maxHops === EMPTY_QUESTION.maxHops ? "" : String(maxHops)],
    ["min_routes", minRoutes ? String(minRoutes) : ""],
    ["direction", direction === "directed" ? "" : direction],
    ...via.map((end): [string, string] => ["via", writeEnd(end)]),
    ...avoid.map((end): [string, string] => ["avoid", writeEnd(end)]),
    ...FILTERS.flatMap((name) => question[name].map((value): [string, string] => [name, value])),
  ];
  for (const [name, value] of rows.filter(([, text]) => text)) {
    into.append(name, value);
  }
}

function readWeights(text: string): Weights {
  const rows = text.split(",").flatMap((part): [string, number][] => {
    const [name, value] = part.split("=");
    const weight = Number(value);
    return name && value && Number.isFinite(weight) ? [[name, weight]] : [];
  });
  return Object.fromEntries(rows);
}

/** What an address says of the view; a change of these is no step that Back undoes. */
function writeView(into: URLSearchParams): void {
  const numbers = (list: readonly number[]) => list.map((index) => index + 1).join(",");
  const rows: Record<string, string> = {
    path: store.selected.value === null ? "" : numbers([store.selected.value]),
    show: store.checked.value ? numbers(store.checked.value) || "none" : "",
    pin: numbers(store.pinned.value),
    limit: store.wanted.value === 50 ? "" : String(store.wanted.value),
    weights: Object.entries(store.weights.value)
      .map(([name, weight]) => `${name}=${weight}`)
      .join(","),
    group: store.grouping.value === "none" ? "" : store.grouping.value,
    hubs: store.hubLimit.value ? String(store.hubLimit.value) : "",
    statement: store.chosen.value.length <= 20 ? store.chosen.value.join(",") : "",
    hide: store.hidden.value.join(","),
    find: store.searchText.value,
    sort: store.sorting.value === "score" ? "" : store.sorting.value,
    edits: store.edits.value,
  };
  for (const [name, value] of Object.entries(rows).filter(([, text]) => text)) {
    into.set(name, value);
  }
  for (const { facet, value, wanted } of store.narrowings.value) {
    into.append(wanted ? "with" : "without", `${facet}:${value}`);
  }
}

/** What an address says of `with=predicate:treats` and `without=...`. */
function readNarrowings(address: URLSearchParams): readonly Narrowing[] {
  return [true, false].flatMap((wanted) =>
    address.getAll(wanted ? "with" : "without").flatMap((text) => {
      const at = text.indexOf(":");
      const facet = text.slice(0, Math.max(at, 0));
      const known = FACETS.some(({ key }) => key === facet);
      return known ? [{ facet, value: text.slice(at + 1), wanted }] : [];
    }),
  );
}

/** The part of an address that Back steps through. */
function steps(): URLSearchParams {
  const address = new URLSearchParams();
  writeQuestion(store.asked.value, address);
  if (store.comparing.value) {
    address.set("compare", writeEnd(store.comparing.value));
  }
  if (store.effect.value && openSide(store.asked.value)) {
    address.set("effect", store.effect.value);
  }
  if (pinnedSnapshot.value) {
    address.set("snapshot", pinnedSnapshot.value);
  }
  if (store.view.value !== "merged") {
    address.set("view", store.view.value);
  }
  return address;
}

function read(address: URLSearchParams): void {
  const text = (name: string) => address.get(name) ?? "";
  const list = (name: string) => text(name).split(",").filter(Boolean);
  batch(() => {
    store.forgetAnswer();
    pinnedSnapshot.value = text("snapshot");
    store.question.value = readQuestion(address);
    store.effect.value = oneOf(address.get("effect"), EFFECTS, "");
    store.rival.value = text("compare") ? readEnd(text("compare")) : null;
    store.comparing.value = store.rival.peek();
    store.view.value = oneOf(address.get("view"), ["merged", "one", "table"], "merged");
    store.selected.value = indices(text("path"))[0] ?? null;
    store.checked.value = text("show") ? indices(text("show")) : null;
    store.pinned.value = indices(text("pin"));
    store.wanted.value = within(address.get("limit"), 1, 10_000, 50);
    store.weights.value = readWeights(text("weights"));
    store.grouping.value = oneOf<Grouping>(address.get("group"), ["metapath", "mediator"], "none");
    store.sorting.value = oneOf<Sorting>(address.get("sort"), ["length", "evidence"], "score");
    store.hubLimit.value = within(address.get("hubs"), 0, 1_000_000, 0);
    store.chosen.value = list("statement");
    store.reading.value = store.chosen.peek().length > 0;
    store.hidden.value = list("hide");
    store.narrowings.value = readNarrowings(address);
    store.searchText.value = text("find");
    store.edits.value = text("edits");
  });
}

/** Binds page and address: reads it now and whenever Back is pressed, writes what changes. */
export function followAddress(): void {
  read(new URLSearchParams(location.search));
  store.asked.value = store.question.peek();
  let step = steps().toString();
  effect(() => {
    const address = steps();
    const now = address.toString();
    writeView(address);
    const search = address.size ? `?${address}` : "";
    const next = location.pathname + search;
    if (now !== step) {
      step = now;
      history.pushState(null, "", next);
    } else if (search !== location.search) {
      history.replaceState(null, "", next);
    }
  });
  addEventListener("popstate", () => {
    const address = new URLSearchParams(location.search);
    batch(() => {
      read(address);
      store.asked.value = store.question.peek();
      step = steps().toString();
    });
    void ask({ state: true });
  });
  void ask({ state: true });
}
