/** A figure as the server draws it: `format=layout` of POST /api/v1/subgraph. */

import type { Sign } from "../types";

export interface DrawnEntity {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  /** Centre and size in pixels, y downwards. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly shape: string;
  /** Whether the question named it. */
  readonly focus: boolean;
  /** The name as it is broken into lines. */
  readonly lines: readonly string[];
}

/** One line beside an edge: its words, and how much stands behind them (`×2 · 5`). */
export interface Label {
  readonly text: string;
  readonly count: string;
}

/** A line of the figure: parallel statements of one effect. */
export interface DrawnEdge {
  readonly key: string;
  readonly source: string;
  readonly target: string;
  readonly predicate: string;
  readonly sign: Sign;
  readonly inferred: boolean;
  readonly negated: boolean;
  /** Whether the statements only suppose what they say. */
  readonly hedged: boolean;
  readonly modality: string;
  readonly statements: readonly string[];
  readonly evidence: number;
  readonly labels: readonly Label[];
  /** An SVG path of one `M` and cubic curves, from outline to outline. */
  readonly path: string;
  readonly label_x: number;
  readonly label_y: number;
}

/** How the entities of a category look; a family is what looks alike. */
export interface DrawnCategory {
  readonly shape: string;
  readonly family: string;
}

export interface Layout {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** False in an overview, whose lines carry no labels. */
  readonly labelled: boolean;
  readonly entities: readonly DrawnEntity[];
  readonly edges: readonly DrawnEdge[];
  readonly legend: readonly DrawnCategory[];
}

export type Trait = "raises" | "lowers" | "neutral" | "unknown" | "inferred" | "hedged" | "negated";

/** What a line shows besides its ends; what is denied has no effect to show. */
export function traitsOf(
  edge: Pick<DrawnEdge, "sign" | "inferred" | "hedged" | "negated">,
): Trait[] {
  const effect = edge.sign === 1 ? "raises" : edge.sign === -1 ? "lowers" : "neutral";
  const traits: Trait[] = [edge.negated ? "negated" : edge.sign === null ? "unknown" : effect];
  if (edge.inferred) {
    traits.push("inferred");
  }
  if (edge.hedged) {
    traits.push("hedged");
  }
  return traits;
}
