/** The statements whose evidence is open: those of the answer, and those that are asked for. */

import { computed, effect, signal } from "@preact/signals";
import { Failure, post } from "../api";
import * as store from "../store";
import type { EntityRef, Statement, Subgraph } from "../types";

/** The most statements that one request takes. */
const MOST = 20_000;

interface Fetched {
  readonly statements: ReadonlyMap<string, Statement>;
  readonly names: ReadonlyMap<string, string>;
}

const NOTHING: Fetched = { statements: new Map(), names: new Map() };

/** What was asked for besides the answer. */
const fetched = signal<Fetched>(NOTHING);
export const fetching = signal(false);
export const fetchFailure = signal<Failure | null>(null);

const ofAnswer = computed<Fetched>(() => {
  const statements = new Map<string, Statement>();
  const names = new Map<string, string>();
  for (const path of store.loaded.value) {
    for (const { id, name } of path.entities) {
      names.set(id, name);
    }
    for (const statement of path.hops.flatMap((hop) => hop.statements)) {
      statements.set(statement.id, statement);
    }
  }
  return { statements, names };
});

export const nameOf = (id: string): string =>
  ofAnswer.value.names.get(id) || fetched.value.names.get(id) || id;

export const statementOf = (id: string): Statement | undefined =>
  ofAnswer.value.statements.get(id) ?? fetched.value.statements.get(id);

/** Which statements are open: those chosen, or those of the selected or else the best path. */
export const open = computed<readonly string[]>(() => {
  const path = store.selectedPath.value ?? store.ranked.value[0]?.path;
  return store.chosen.value.length
    ? store.chosen.value
    : (path?.hops.flatMap((hop) => hop.statements.map(({ id }) => id)) ?? []);
});

/** Fetches statements that the answer does not hold. */
export async function fetchStatements(ids: readonly string[], stop?: AbortSignal): Promise<void> {
  const missing = ids.filter((id) => !statementOf(id)).slice(0, MOST);
  if (!missing.length) {
    return;
  }
  fetching.value = true;
  fetchFailure.value = null;
  try {
    const part = await post<Subgraph>("/api/v1/subgraph", { statements: missing }, stop);
    const now = fetched.peek();
    const entities: readonly EntityRef[] = part.entities;
    fetched.value = {
      statements: new Map([
        ...now.statements,
        ...part.statements.map((one) => [one.id, one] as const),
      ]),
      names: new Map([...now.names, ...entities.map(({ id, name }) => [id, name] as const)]),
    };
  } catch (error) {
    if (!stop?.aborted && error instanceof Failure) {
      fetchFailure.value = error;
    }
  } finally {
    fetching.value = false;
  }
}

/** Fetches whatever is chosen and not at hand, as soon as it is chosen. */
export function followChosen(): void {
  effect(() => {
    const ids = store.chosen.value;
    const stop = new AbortController();
    if (ids.length) {
      // What this reads is not to be followed: only the choice is.
      queueMicrotask(() => void fetchStatements(ids, stop.signal));
    }
    return () => stop.abort();
  });
}
