/** Asks what two sources share on their way to a target, and what only one of them has. */

import { effect, signal } from "@preact/signals";
import { Failure, post } from "../api";
import { askWith } from "../asking";
import { type End, isWhole, type Question, queryOf } from "../question";
import * as store from "../store";
import type { EntityRef, Extent, NetEffect, Path, Sign } from "../types";

export type Origin = "both" | "left" | "right";
export type SideName = "left" | "right";

export interface Side {
  readonly entities: readonly EntityRef[];
  readonly total: number;
  readonly total_is_exact: boolean;
  readonly mediators: number;
  readonly net_effect: NetEffect | null;
  readonly paths: readonly Path[];
}

/** The paths of a side through a mediator; entities and statements are those of the best one. */
export interface PathsThrough {
  readonly paths: number;
  readonly entities: readonly string[];
  readonly statements: readonly string[];
  readonly sign: Sign;
  readonly explanation: string;
}

export interface Mediator {
  readonly entity: EntityRef;
  readonly origin: Origin;
  readonly left: PathsThrough | null;
  readonly right: PathsThrough | null;
}

export interface MetapathShare {
  readonly metapath: readonly string[];
  readonly origin: Origin;
  readonly left: number;
  readonly right: number;
}

export interface Comparison extends Omit<Extent, "cursor"> {
  readonly left: Side;
  readonly right: Side;
  readonly mediators: readonly Mediator[];
  readonly metapaths: readonly MetapathShare[];
  readonly shared: number;
  readonly only_left: number;
  readonly only_right: number;
  readonly sentence: string;
}

interface State {
  readonly result: Comparison | null;
  readonly failure: Failure | null;
}

const NOTHING: State = { result: null, failure: null };
export const comparison = signal<State>(NOTHING);
const attempt = signal(0);

export const compareAgain = (): void => {
  attempt.value += 1;
};

/** The parameters of `/api/v1/compare`: those of paths, with two sides for the source. */
export function comparisonQuery(question: Question, rival: End) {
  const { source, ...rest } = queryOf(question);
  return { left: source, right: [rival.ask], ...rest };
}

/** The address of the comparison in another format, as the graph of both sides' best paths. */
export function comparisonAddress(question: Question, rival: End, format: string): string {
  const address = new URLSearchParams();
  for (const [name, value] of Object.entries(comparisonQuery(question, rival))) {
    for (const one of Array.isArray(value) ? value : [value]) {
      address.append(name, String(one));
    }
  }
  address.set("format", format);
  return `/api/v1/compare?${address}`;
}

/** Compares whenever the question or the rival changes. */
export function followComparison(): void {
  let last = "";
  effect(() => {
    const rival = store.comparing.value;
    const question = store.asked.value;
    const turn = attempt.value;
    if (!rival || !isWhole(question)) {
      last = "";
      comparison.value = NOTHING;
      return undefined;
    }
    const query = comparisonQuery(question, rival);
    const key = JSON.stringify([query, turn]);
    // A name that has become known is no new question.
    if (key === last) {
      return undefined;
    }
    last = key;
    comparison.value = NOTHING;
    void compare(query, () => key === last);
    return undefined;
  });
}

async function compare(query: object, isNewest: () => boolean): Promise<void> {
  try {
    const result = await post<Comparison>("/api/v1/compare", query);
    if (isNewest()) {
      comparison.value = { result, failure: null };
      store.announcement.value = result.sentence;
    }
  } catch (error) {
    if (isNewest() && error instanceof Failure) {
      comparison.value = { result: null, failure: error };
      store.announcement.value = error.message;
    }
  }
}

/** What is said of both sides together; of each, its own card has the rest of the sentence. */
export function sharedSentence({ sentence, left, right }: Comparison): string {
  const apart = [left, right].map((side) => side.net_effect?.sentence ?? "");
  return apart
    .reduce((text, own) => text.replace(own, ""), sentence)
    .replace(/ {2,}/g, " ")
    .trim();
}

/** The other side leaves; the paths of this one are shown. */
export function openSide(end: End, via: readonly End[] = []): void {
  store.rival.value = null;
  askWith({ source: end, ...(via.length && { via }) });
}

export function endOfSide(name: SideName): End {
  const { result } = comparison.peek();
  const [entity] = result?.[name].entities ?? [];
  return entity ? store.endOf(entity) : store.asked.peek().source;
}

export const openThrough = (name: SideName, via: End): void => openSide(endOfSide(name), [via]);
