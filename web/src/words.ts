/** The words of the schema, of numbers and of signs as a reader meets them. */

import { signal } from "@preact/signals";
import type { Sign } from "./types";

/** `biolink:BiologicalProcess` is a "biological process". */
export function categoryLabel(category: string): string {
  const name = category.replace(/^.*:/, "");
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase() || category;
}

/** What the graph calls its predicates, once that is known. */
export const labels = signal<ReadonlyMap<string, string>>(new Map());

/** `develops_into` is "develops into", as long as the graph's own word for it is not known. */
export const predicateLabel = (predicate: string): string =>
  labels.value.get(predicate) ?? predicate.replace(/^[A-Za-z]+:/, "").replaceAll("_", " ");

/** A machine's word as a phrase: `ontology_axiom`, `infores:cl`. */
export const phrase = (word: string): string => word.replaceAll("_", " ");

const EVIDENCE: Readonly<Record<string, string>> = {
  article: "Article",
  literature: "Literature",
  ontology_axiom: "Ontology axiom",
  ontology_definition: "Ontology definition",
  curated_ligand_receptor_db: "Ligand–receptor database",
  curated_mechanism_db: "Mechanism database",
  inferred: "Inferred",
};

export const evidenceLabel = (kind: string): string => EVIDENCE[kind] ?? phrase(kind);

const SOURCES: Readonly<Record<string, string>> = {
  mechkg: "MechKG",
  cl: "Cell Ontology",
  drugmechdb: "DrugMechDB",
  liana: "LIANA",
  go: "Gene Ontology",
  goa: "Gene Ontology Annotation",
};

export function sourceLabel(source: string): string {
  const name = source.replace(/^(infores|source):/, "");
  return SOURCES[name] ?? phrase(name);
}

/** Whole numbers by hand: to load the rules of a language takes longer than to draw a row. */
export const number = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** A score as it is written: with a minus sign, not a hyphen. */
export const decimal = (value: number): string => value.toFixed(2).replace("-", "−");

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** How many routes are counted at most. */
export const MAX_ROUTES = 20;

/** How well the rest of the graph supports a statement, in words. */
export const supportedBy = (routes: number): string =>
  `supported by ${routes === MAX_ROUTES ? `${routes} or more` : routes} independent route${routes === 1 ? "" : "s"}`;

export const SIGNS = new Map<Sign, { mark: string; word: string; name: string }>([
  [1, { mark: "+", word: "raises it", name: "raises" }],
  [-1, { mark: "−", word: "lowers it", name: "lowers" }],
  [0, { mark: "·", word: "states a link, not an effect", name: "neutral" }],
  [null, { mark: "?", word: "leaves the direction open", name: "unknown" }],
]);

/** Marks piled on a letter beyond any script's need: they would paint over other rows. */
const PILED = /(\p{M}{4})\p{M}+/gu;

/** A text that may be of any length, as far as a row can hold it. */
export const short = (text: string, most = 240): string => {
  const cut = text.length > most ? `${text.slice(0, most).trimEnd()}…` : text;
  return cut.replace(PILED, "$1");
};
