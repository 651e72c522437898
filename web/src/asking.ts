/** Asks the question that stands, lets the answer come in, and stops it. */

import { batch, signal } from "@preact/signals";
import { Failure, get, post, streamPaths } from "./api";
import { type End, isWhole, NOBODY, openSide, type Question, queryOf } from "./question";
import * as store from "./store";
import type { EntityRef, Path, Version, WhyNot } from "./types";
import { counted, labels, number } from "./words";

/** How many paths come at a time, and the most that the service gives at once. */
const PAGE = 50;
const MOST = 10_000;
/** The list is drawn at most this often, in milliseconds, while paths come in. */
const BEAT = 160;
/** A first answer that comes within so many milliseconds is shown at once, without a "searching". */
const NOTICE = 60;

/** Why there are no paths; null until it is known. */
export const whyNot = signal<WhyNot | null>(null);
export const whyNotFailed = signal<Failure | null>(null);

let running = new AbortController();

/** Stops what is on its way; what came stands. */
export function stop(): void {
  running.abort();
  if (store.status.peek() === "streaming") {
    store.status.value = "stopped";
    store.announcement.value = `Stopped after ${counted(store.loaded.peek().length, "path")}.`;
  }
}

/** Asks the question that stands, from its beginning. */
export async function ask(keep: { readonly state: boolean } = { state: false }): Promise<void> {
  const question = store.question.peek();
  running.abort();
  whyNot.value = null;
  whyNotFailed.value = null;
  if (!isWhole(question)) {
    batch(() => {
      store.forgetAnswer();
      store.asked.value = question;
      store.comparing.value = null;
      store.status.value = "idle";
    });
    await nameTheRest();
    return;
  }
  if (openSide(question)) {
    batch(() => {
      store.forgetAnswer();
      store.asked.value = question;
      store.comparing.value = null;
      store.status.value = "idle";
    });
    await nameTheRest();
    return;
  }
  const begin = () => {
    if (keep.state) {
      store.loaded.value = [];
      store.summary.value = null;
    } else {
      store.forgetAnswer();
    }
    store.unfolded.value = false;
    store.asked.value = question;
    store.comparing.value = store.rival.peek()?.ask ? store.rival.peek() : null;
  };
  await load(question, store.wanted.peek(), "", begin);
  if (store.asked.peek().source.ask !== question.source.ask) {
    return;
  }
  if (store.status.peek() === "done" && store.loaded.peek().length === 0) {
    await explain(question);
  }
  await nameTheRest();
  if (store.loaded.peek().length > 0) {
    await learnLabels();
  }
}

/** Loads the next paths, from where the last answer was cut. */
export async function more(): Promise<void> {
  const cursor = store.summary.peek()?.cursor;
  if (cursor) {
    store.wanted.value = Math.min(store.wanted.peek() + PAGE, MOST);
    await load(store.asked.peek(), PAGE, cursor, () => {});
  }
}

/** Asks again what failed. */
export const again = (): Promise<void> => ask({ state: true });

async function load(
  question: Question,
  limit: number,
  cursor: string,
  begin: () => void,
): Promise<void> {
  running.abort();
  const own = new AbortController();
  running = own;
  const before = cursor ? store.loaded.peek() : [];
  const came: Path[] = [];
  let last = performance.now();
  let begun = false;
  const open = () => {
    if (!begun) {
      begun = true;
      batch(() => {
        begin();
        store.status.value = "streaming";
        store.failure.value = null;
      });
    }
  };
  const notice = setTimeout(open, NOTICE);
  if (store.status.peek() !== "idle") {
    open();
  }
  const flush = () => {
    open();
    last = performance.now();
    store.loaded.value = [...before, ...came];
  };
  try {
    const query = { ...queryOf(question), limit, ...(cursor && { cursor }) };
    const onPath = (path: Path) => {
      came.push(path);
      if (performance.now() - last > BEAT) {
        flush();
      }
    };
    const summary = await streamPaths(query, onPath, own.signal);
    batch(() => {
      flush();
      store.summary.value = summary;
      store.status.value = "done";
      nameEnds(question);
    });
    announce();
  } catch (error) {
    if (own === running && (begun || !own.signal.aborted)) {
      fail(error, own.signal.aborted, flush);
    }
  } finally {
    clearTimeout(notice);
  }
}

function fail(error: unknown, stopped: boolean, flush: () => void): void {
  batch(() => {
    flush();
    if (!stopped) {
      store.failure.value =
        error instanceof Failure
          ? error
          : new Failure({ type: "", title: "", status: 0, detail: String(error) });
      store.status.value = "error";
      store.announcement.value = store.failure.value.message;
    }
  });
}

function announce(): void {
  const { total, total_is_exact, net_effect } = store.summary.peek() ?? {};
  const found = store.loaded.peek().length;
  store.announcement.value =
    found && total !== undefined && net_effect
      ? `${number(found)} of ${total_is_exact ? "" : "at least "}${counted(total, "path")}. ${net_effect.sentence}`
      : none();
}

/** Says that nothing was found; a search cut short has not shown that there is nothing. */
export function none(): string {
  return store.summary.peek()?.truncated_by ? "No paths found yet." : "No paths.";
}

/** Gives identifiers the names under which the graph knows them: first those of the answer. */
function nameEnds(question: Question): void {
  const [first] = store.loaded.peek();
  const known = new Map(first?.entities.map(({ id, name }) => [id, name]));
  rename(question, (ask) => known.get(ask));
}

const NAMELESS = /^[A-Za-z][\w.-]*:\S+$/;

/** Asks for the names of identifiers that no answer has named. */
export async function nameTheRest(): Promise<void> {
  const { source, target, via, avoid } = store.question.peek();
  const rival = store.rival.peek();
  const ends = [source, target, ...via, ...avoid, ...(rival ? [rival] : [])];
  const nameless = ends.filter(
    ({ ask, name, open }) => !open && ask === name && NAMELESS.test(ask),
  );
  const names = new Map<string, string>();
  for (const { ask } of nameless) {
    try {
      const entity = await get<EntityRef>(`/api/v1/entities/${encodeURIComponent(ask)}`);
      names.set(ask, entity.name);
    } catch {
      // What is wrong with an identifier, its question tells.
    }
  }
  if (names.size) {
    rename(store.asked.peek(), (ask) => names.get(ask));
  }
}

/** Renames the ends of the question, unless the reader has typed another since. */
function rename(question: Question, nameOf: (ask: string) => string | undefined): void {
  const named = (end: End): End => ({ ...end, name: nameOf(end.ask) || end.name });
  const all = (one: Question): Question => ({
    ...one,
    source: named(one.source),
    target: named(one.target),
    via: one.via.map(named),
    avoid: one.avoid.map(named),
  });
  batch(() => {
    store.asked.value = all(question);
    store.question.value = all(store.question.peek());
    const rival = store.rival.peek();
    store.rival.value = rival && named(rival);
    const comparing = store.comparing.peek();
    store.comparing.value = comparing && named(comparing);
  });
}

/** Asks why there are no paths, and what would let some through. */
export async function explain(question: Question = store.asked.peek()): Promise<void> {
  const own = running;
  whyNotFailed.value = null;
  try {
    const told = await post<WhyNot>("/api/v1/paths/why-not", queryOf(question), own.signal);
    if (own === running) {
      whyNot.value = told;
      store.announcement.value = `${none()} ${told.sentence}`;
    }
  } catch (error) {
    if (error instanceof Failure && own === running) {
      whyNotFailed.value = error;
    }
  }
}

/** Changes the question and asks it. */
export function askWith(part: Partial<Question>): void {
  store.change(part);
  void ask();
}

export function askVia(end: End): void {
  store.constrain("via", end);
  void ask();
}

export function askAvoid(end: End): void {
  store.constrain("avoid", end);
  void ask();
}

/** Makes an entity the source; asks if the target is known. */
export function searchFrom(end: End): void {
  const { target, via, avoid } = store.question.peek();
  const others = (ends: readonly End[]) => ends.filter(({ ask }) => ask !== end.ask);
  askWith({
    source: end,
    target: target.ask === end.ask ? NOBODY : target,
    via: others(via),
    avoid: others(avoid),
  });
}

interface Terms {
  readonly predicates: readonly { readonly id: string; readonly label: string }[];
}

/** Asks once what the graph calls its predicates, when an answer or the start page names some. */
export async function learnLabels(): Promise<void> {
  if (labels.peek().size > 0) {
    return;
  }
  try {
    const { predicates } = await get<Terms>("/api/v1/schema");
    labels.value = new Map(predicates.map(({ id, label }) => [id, label]));
  } catch {
    // Their identifiers, in words, are shown instead.
  }
}

export async function learnVersion(): Promise<void> {
  try {
    store.version.value = await get<Version>("/version");
  } catch {
    // The footer says that the graph is unknown; the questions themselves tell what is wrong.
    store.version.value = null;
  }
}
