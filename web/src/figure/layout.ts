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

/** One row on a line: its words, and how much is behind them (`×2 · 5`), where it is more than one. */
export interface Label {
  readonly text: string;
  readonly count: string;
  /** Whether it goes on with the words of the row before. */
  readonly continues: boolean;
}

/** A line of the figure: parallel statements of one effect. */
export interface DrawnEdge {
  readonly key: string;
  readonly source: string;
  readonly target: string;
  readonly predicate: string;
  readonly sign: Sign;
  /** What is at its end; nothing at that of a symmetric relation. */
  readonly marker: "arrow" | "bar" | "open" | "none";
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
  readonly label_width: number;
  readonly label_height: number;
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
  /** What the places of entities that are moved are counted from. */
  readonly origin: readonly [number, number];
  readonly entities: readonly DrawnEntity[];
  readonly edges: readonly DrawnEdge[];
  readonly legend: readonly DrawnCategory[];
}

export type Trait =
  | "raises"
  | "lowers"
  | "neutral"
  | "unknown"
  | "symmetric"
  | "inferred"
  | "hedged"
  | "negated";

/** What decides how a line looks. */
export type Looks = Pick<DrawnEdge, "sign" | "marker" | "inferred" | "hedged" | "negated">;

function effectOf({ sign, marker, negated }: Looks): Trait {
  if (negated || marker === "none") {
    return negated ? "negated" : "symmetric";
  }
  return sign === null ? "unknown" : sign === 1 ? "raises" : sign === -1 ? "lowers" : "neutral";
}

/** What a line shows besides its ends; what is denied has no effect to show. */
export function traitsOf(edge: Looks): Trait[] {
  const traits: Trait[] = [effectOf(edge)];
  if (edge.inferred) {
    traits.push("inferred");
  }
  if (edge.hedged) {
    traits.push("hedged");
  }
  return traits;
}
