/** A question as the page holds it, as the service takes it, and in words. */

import { counted } from "./words";

/** Where paths begin or end: what is asked with (a CURIE or typed words), and how it reads. */
export interface End {
  readonly ask: string;
  readonly name: string;
  /** Whether it stands for any entity of a category, to be ranked. */
  readonly open?: true;
}

export type Direction = "directed" | "undirected";
export const FILTERS = [
  "predicate",
  "category",
  "evidence",
  "modality",
  "qualifier",
  "context",
] as const;
export type FilterName = (typeof FILTERS)[number];

export interface Question extends Readonly<Record<FilterName, readonly string[]>> {
  readonly source: End;
  readonly target: End;
  readonly maxHops: number;
  /** Independent routes that must support each step, at least. */
  readonly minRoutes: number;
  readonly direction: Direction;
  readonly via: readonly End[];
  readonly avoid: readonly End[];
}

export const MAX_HOPS = 8;
/** What is asked with where any entity will do. */
export const ANY = "*";
/** Verdicts by which ends are kept; the first keeps all. */
export const EFFECTS = ["", "raises", "lowers", "both", "unknown", "none"] as const;
export type EffectName = (typeof EFFECTS)[number];
export const NOBODY: End = { ask: "", name: "" };

export const EMPTY_QUESTION: Question = {
  source: NOBODY,
  target: NOBODY,
  maxHops: 3,
  minRoutes: 0,
  direction: "directed",
  via: [],
  avoid: [],
  predicate: [],
  category: [],
  evidence: [],
  modality: [],
  qualifier: [],
  context: [],
};

/** The value of `context` that admits only paths whose hops can hold in one context. */
export const CONSISTENT = "consistent";

export const isWhole = ({ source, target }: Question): boolean =>
  source.ask !== "" && target.ask !== "";

/** The side whose entities are ranked; empty where both name entities. */
export function openSide({ source, target }: Question): "" | "source" | "target" {
  return source.open ? "source" : target.open ? "target" : "";
}

export const isFiltered = (question: Question): boolean =>
  question.minRoutes > 0 || FILTERS.some((name) => question[name].length > 0);

/** The body of a request: the parameters of `/api/v1/paths`, defaults left out. */
export function queryOf(question: Question, source: End = question.source) {
  const lists = FILTERS.filter((name) => question[name].length).map((name) => [
    name,
    question[name],
  ]);
  return {
    source: [source.ask],
    target: [question.target.ask],
    max_hops: question.maxHops,
    direction: question.direction,
    ...(question.minRoutes && { min_routes: question.minRoutes }),
    ...Object.fromEntries(lists),
    ...(question.via.length && { via: question.via.map((end) => end.ask) }),
    ...(question.avoid.length && { avoid: question.avoid.map((end) => end.ask) }),
  };
}

const listed = (ends: readonly End[], word: string) =>
  ends
    .map((end) => end.name)
    .join(", ")
    .replace(/, ([^,]*)$/, ` ${word} $1`);

/** "Which drug leads to neuroinflammation", with "what" where any entity will do. */
function whichOf({ source, target }: Question): string {
  const which = ({ ask, name }: End) => (ask === ANY ? "what" : `which ${name}`);
  const asked = source.open
    ? `${which(source)} leads to ${target.name || "…"}`
    : `${which(target)} does ${source.name || "…"} lead to`;
  return asked.charAt(0).toUpperCase() + asked.slice(1);
}

/** The question as a reader would say it. */
export function sentenceOf(question: Question, rival: End | null = null): string {
  const { source, target, maxHops, minRoutes, direction, via, avoid } = question;
  const from = source.name || "…";
  const to = target.name || "…";
  const steps = maxHops === 1 ? "in one step" : `in at most ${maxHops} steps`;
  const parts = [
    openSide(question)
      ? `${whichOf(question)}, ${steps}${direction === "directed" ? "" : " either way"}`
      : direction === "directed"
        ? `How ${rival ? "do" : "does"} ${from}${rival ? ` and ${rival.name}` : ""} lead to ${to}, ${steps}`
        : `What connects ${from}${rival ? ` and ${rival.name}` : ""} with ${to}, ${steps} either way`,
    via.length ? `through ${listed(via, "and")}` : "",
    avoid.length ? `avoiding ${listed(avoid, "or")}` : "",
    minRoutes ? `each step supported by at least ${counted(minRoutes, "independent route")}` : "",
  ];
  return `${parts.filter(Boolean).join(", ")}?`;
}
