/** The state of curation: the token, what is open, the changesets, and what is asked of them. */

import { batch, computed, signal } from "@preact/signals";
import { asCurator, Failure } from "../api";
import { again } from "../asking";
import * as store from "../store";
import type { Changeset, ChangesetList, Finding, History, Statement } from "../types";

const KEPT = "mechkg.token";

/** Kept for this tab alone, and no longer than it is open. */
function keptToken(): string {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

/** What the dialog shows: the list, one changeset, the form of a change, or a history. */
export type Open =
  | { readonly kind: "list" }
  | { readonly kind: "changeset"; readonly id: string }
  | { readonly kind: "form"; readonly form: Form; readonly statement: Statement | null }
  | { readonly kind: "history"; readonly id: string };

export type Form = "dispute" | "correct" | "deny" | "retract" | "add";

export const token = signal(keptToken());
export const isCurating = computed(() => token.value !== "");
export const open = signal<Open | null>(null);
export const listed = signal<readonly Changeset[] | null>(null);
export const cut = signal("");
export const shown = signal<Changeset | null>(null);
export const history = signal<History | null>(null);
export const failure = signal<Failure | null>(null);
export const busy = signal(false);
export const notice = signal("");

export function useToken(text: string): void {
  token.value = text.trim();
  try {
    token.value ? sessionStorage.setItem(KEPT, token.value) : sessionStorage.removeItem(KEPT);
  } catch {
    // Without storage the token is kept until the page is left.
  }
  void fetchList();
}

export const findings = computed<readonly Finding[]>(
  () => failure.value?.problem.findings ?? shown.value?.findings ?? [],
);

/** Does one thing at a time, and keeps what went wrong for the reader. */
async function work<T>(what: () => Promise<T>): Promise<T | undefined> {
  batch(() => {
    busy.value = true;
    failure.value = null;
  });
  try {
    return await what();
  } catch (error) {
    if (!(error instanceof Failure)) {
      throw error;
    }
    failure.value = error;
    return undefined;
  } finally {
    busy.value = false;
  }
}

const at = (path: string) => `/api/v1/${path}`;

export async function fetchList(cursor = ""): Promise<void> {
  const path = at(`changesets?limit=20${cursor && `&cursor=${cursor}`}`);
  const found = await work(() => asCurator<ChangesetList>(path, token.peek()));
  if (found) {
    listed.value = [...(cursor ? (listed.peek() ?? []) : []), ...found.changesets];
    cut.value = found.cursor ?? "";
  }
}

export function showChanges(): void {
  batch(() => {
    open.value = { kind: "list" };
    notice.value = "";
  });
  void fetchList();
}

export async function showChangeset(id: string): Promise<void> {
  batch(() => {
    open.value = { kind: "changeset", id };
    shown.value = null;
    notice.value = "";
  });
  const path = at(`changesets/${encodeURIComponent(id)}`);
  const found = await work(() => asCurator<Changeset>(path, token.peek()));
  if (found) {
    shown.value = found;
  }
}

export async function showHistory(id: string): Promise<void> {
  batch(() => {
    open.value = { kind: "history", id };
    history.value = null;
    notice.value = "";
  });
  const path = at(`history?id=${encodeURIComponent(id)}`);
  const found = await work(() => asCurator<History>(path, token.peek()));
  if (found) {
    history.value = found;
  }
}

export function showForm(form: Form, statement: Statement | null): void {
  batch(() => {
    open.value = { kind: "form", form, statement };
    failure.value = null;
    notice.value = "";
  });
}

export function close(): void {
  open.value = null;
}

/** Sends a change; what comes of it is shown, and what it changed is asked anew. */
async function write(path: string, body: object): Promise<void> {
  const made = await work(() => asCurator<Changeset>(at(path), token.peek(), body));
  if (!made) {
    return;
  }
  batch(() => {
    open.value = { kind: "changeset", id: made.id };
    shown.value = made;
    notice.value = made.version
      ? `Changeset ${made.id} is applied: version ${made.version.slice(0, 12)}.`
      : `Changeset ${made.id} is ${made.status}.`;
  });
  if (made.version) {
    void again();
  }
}

/** The note of a statement, to which a correction adds; a path does not carry it. */
export async function noteOf(id: string): Promise<string | undefined> {
  const path = at(`statements/${encodeURIComponent(id)}`);
  const said = await work(() => asCurator<{ readonly note?: string }>(path, ""));
  return said && (said.note ?? "");
}

/** Proposes changes of the version that the reader sees, or applies them at once. */
export function propose(changes: readonly object[], reason: string, accept: boolean) {
  const base = store.snapshot.peek();
  return write("changesets", { reason, changes, accept, ...(base && { base }) });
}

const of = (id: string, what: string) => `changesets/${encodeURIComponent(id)}/${what}`;

export const accept = (id: string) => write(of(id, "accept"), {});
export const reject = (id: string, reason: string) => write(of(id, "reject"), { reason });
export const undo = (id: string, reason: string) => write(of(id, "undo"), { reason, accept: true });
