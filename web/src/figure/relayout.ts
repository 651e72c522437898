/** Asks the server for a figure whenever its statements change; the newest question wins. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { post } from "../api";
import type { Content, Places } from "./edits";
import type { Layout } from "./layout";

export type Drawing = Readonly<{
  /** The last figure that came; it stays until the next is there. */
  layout: Layout | null;
  busy: boolean;
  problem: string;
}>;

export interface Request {
  readonly content: Content;
  readonly places: Places;
  readonly title: string;
  /** Whether nothing more is on its way: what is, is waited for a moment. */
  readonly settled: boolean;
}

/** Changes that come faster than this, in milliseconds, are drawn together. */
const PAUSE = 90;
/** How long a figure waits for the rest of an answer, at most. */
const PATIENCE = 400;
/** Figures that are asked for at once. The service finishes each, wanted or not. */
const AT_ONCE = 2;
const MOST_TITLE = 500;

/** The formats in which entities have places. */
const PLACED: ReadonlySet<string> = new Set(["layout", "svg", "png", "pdf", "pptx"]);

/** Where entities are, as the service takes it; what is not in the figure has no place. */
function placing({ content, places }: Request) {
  const ends = content.links.flatMap(({ subject, object }) => [subject, object]);
  const held = new Set([...content.sources, ...content.targets, ...ends]);
  const moved = [...places.moved].filter(([entity]) => held.has(entity));
  return {
    ...(places.arrangement !== "layered" && { arrangement: places.arrangement }),
    ...(moved.length > 0 && { moved: moved.map(([entity, at]) => `${entity}@${at.join(",")}`) }),
  };
}

/** The body of a question for a figure in any format. */
export function subgraphBody(request: Request, format: string) {
  const { content, title } = request;
  return {
    ...(PLACED.has(format) && placing(request)),
    entities: [...content.sources],
    targets: [...content.targets],
    statements: content.links.map((link) => link.id),
    title: title.slice(0, MOST_TITLE),
    format,
  };
}

export const EMPTY: Layout = {
  title: "",
  width: 0,
  height: 0,
  labelled: true,
  origin: [0, 0],
  entities: [],
  edges: [],
  legend: [],
};

interface Errand {
  readonly key: string;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const keyOf = (request: Request) => {
  const { sources, targets, links } = request.content;
  return JSON.stringify([sources, targets, links.map((link) => link.id).sort(), placing(request)]);
};

/** Whether a figure has neither a statement nor an entity. */
export const isEmpty = ({ sources, targets, links }: Content) =>
  sources.length + targets.length + links.length === 0;

/** Follows a signal with the figure of its content; `again` asks once more after a failure. */
export function follow(request: ReadonlySignal<Request>) {
  const drawing = signal<Drawing>({ layout: null, busy: false, problem: "" });
  let drawn = "";
  let errand: Errand | null = null;
  let flying = 0;
  let held: (() => void) | null = null;
  let started = Number.NEGATIVE_INFINITY;
  let waiting = 0;

  const fetchFigure = async (asked: Request, own: Errand) => {
    if (flying >= AT_ONCE) {
      held = () => void fetchFigure(asked, own);
      return;
    }
    started = performance.now();
    waiting = 0;
    flying += 1;
    let came: Partial<Drawing>;
    try {
      const layout = await post<Layout>("/api/v1/subgraph", subgraphBody(asked, "layout"));
      came = { layout };
    } catch (error) {
      came = { problem: error instanceof Error ? error.message : String(error) };
    }
    flying -= 1;
    if (errand === own) {
      errand = null;
      drawn = came.layout ? own.key : drawn;
      drawing.value = { ...drawing.peek(), busy: false, problem: "", ...came };
    }
    const next = held;
    held = null;
    next?.();
  };

  const leave = () => {
    clearTimeout(errand?.timer);
    errand = null;
    held = null;
  };

  const ask = (asked: Request, now: boolean) => {
    const key = keyOf(asked);
    if (errand?.key === key && (errand.timer === undefined || !now)) {
      return;
    }
    leave();
    const before = drawing.peek();
    if (isEmpty(asked.content)) {
      drawn = key;
      drawing.value = { layout: EMPTY, busy: false, problem: "" };
      return;
    }
    if (key === drawn && !before.problem) {
      drawing.value = { ...before, busy: false };
      return;
    }
    const next: Errand = { key, timer: undefined };
    errand = next;
    drawing.value = { ...before, busy: true, problem: "" };
    waiting ||= performance.now();
    if (now || performance.now() - waiting > PATIENCE) {
      void fetchFigure(asked, next);
      return;
    }
    next.timer = setTimeout(() => {
      next.timer = undefined;
      void fetchFigure(asked, next);
    }, PAUSE);
  };

  const dispose = effect(() => {
    const asked = request.value;
    // A reader who has asked waits: what is whole is drawn at once, but not many times a moment.
    ask(asked, asked.settled && performance.now() - started > PAUSE);
  });
  return {
    drawing: drawing as ReadonlySignal<Drawing>,
    again: () => ask(request.peek(), true),
    dispose,
  };
}
