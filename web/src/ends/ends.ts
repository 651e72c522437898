/** Asks which entities of an open side have paths, best first. */

import { effect, signal } from "@preact/signals";
import { Failure, post } from "../api";
import { askWith } from "../asking";
import { type EffectName, isWhole, openSide, type Question, queryOf } from "../question";
import * as store from "../store";
import type { OpenEnd, OpenEndsResult } from "../types";

/** How many ends come at a time. */
export const PAGE = 20;

interface State {
  /** The last page that came; null until one has. */
  readonly result: OpenEndsResult | null;
  readonly ends: readonly OpenEnd[];
  readonly failure: Failure | null;
}

const NOTHING: State = { result: null, ends: [], failure: null };
export const found = signal<State>(NOTHING);
const attempt = signal(0);

export const findAgain = (): void => {
  attempt.value += 1;
};

export function endsQuery(question: Question, wanted: EffectName) {
  const side = openSide(question);
  return { ...queryOf(question), open: side, limit: PAGE, ...(wanted && { effect: wanted }) };
}

/** The address of the ends in another format: their best paths, or a table of them. */
export function endsAddress(question: Question, wanted: EffectName, format: string): string {
  const address = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...endsQuery(question, wanted), limit: 1000 })) {
    for (const one of Array.isArray(value) ? value : [value]) {
      address.append(name, String(one));
    }
  }
  address.set("format", format);
  return `/api/v1/open-ends?${address}`;
}

let current = "";

/** Asks whenever the question or the wanted effect changes. */
export function followEnds(): void {
  effect(() => {
    const question = store.asked.value;
    const wanted = store.effect.value;
    const turn = attempt.value;
    if (!openSide(question) || !isWhole(question)) {
      current = "";
      found.value = NOTHING;
      return;
    }
    const query = endsQuery(question, wanted);
    const key = JSON.stringify([query, turn]);
    // A name that has become known is no new question.
    if (key !== current) {
      current = key;
      found.value = NOTHING;
      void load(query, key, []);
    }
  });
}

/** Loads the next ends. */
export async function moreEnds(): Promise<void> {
  const { result, ends } = found.peek();
  if (result?.cursor) {
    const query = endsQuery(store.asked.peek(), store.effect.peek());
    await load({ ...query, cursor: result.cursor }, current, ends);
  }
}

async function load(query: object, key: string, before: readonly OpenEnd[]): Promise<void> {
  try {
    const result = await post<OpenEndsResult>("/api/v1/open-ends", query);
    if (key === current) {
      found.value = { result, ends: [...before, ...result.ends], failure: null };
      store.announcement.value = result.sentence;
    }
  } catch (error) {
    if (key === current && error instanceof Failure) {
      found.value = { result: null, ends: before, failure: error };
      store.announcement.value = error.message;
    }
  }
}

/** Opens the paths of one end: it takes the place of the open side. */
export function openEnd(end: OpenEnd): void {
  const side = openSide(store.asked.peek());
  if (side) {
    askWith({ [side]: store.endOf(end.entity) });
  }
}
