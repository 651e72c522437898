/** What the service answers, as far as the page reads it: kg/model.py and kg/queries.py. */

/** +1 raises, -1 lowers, 0 has no direction, null is unknown. */
export type Sign = -1 | 0 | 1 | null;

export interface EntityRef {
  readonly id: string;
  readonly name: string;
  readonly category: string;
}

export type Entity = EntityRef;

export interface Qualifier {
  readonly type: string;
  readonly value: string;
}

export interface Evidence {
  readonly kind: string;
  readonly source: string;
  readonly publications: readonly string[];
  /** In the order of `publications`. */
  readonly titles: readonly string[];
  /** The place in the source: `P4S3`, paragraph 4, sentence 3. */
  readonly location: string;
  readonly knowledge_level: string;
  readonly agent_type: string;
  readonly seen_in: string;
}

export interface Statement {
  readonly id: string;
  readonly subject: string;
  readonly predicate: string;
  readonly object: string;
  readonly sign: Sign;
  readonly negated: boolean;
  readonly modality: string;
  readonly qualifiers: readonly Qualifier[];
  readonly evidence: readonly Evidence[];
  readonly derived_from?: readonly string[];
  /** How a path walks it; absent outside a path. */
  readonly direction?: "forward" | "reverse";
  readonly note?: string;
}

export interface Hop {
  readonly statements: readonly Statement[];
}

export interface ScorePart {
  readonly name: string;
  readonly value: number;
  readonly weight: number;
}

export interface Path {
  readonly entities: readonly EntityRef[];
  readonly hops: readonly Hop[];
  readonly length: number;
  readonly sign: Sign;
  readonly score: number;
  readonly score_parts: readonly ScorePart[];
  readonly explanation: string;
}

export type Verdict = "supports" | "opposes" | "mixed" | "unknown";

export interface NetEffect {
  readonly supports: number;
  readonly opposes: number;
  readonly neutral: number;
  readonly unknown: number;
  readonly exact: boolean;
  readonly verdict: Verdict;
  readonly sentence: string;
}

export type TruncatedBy = "limit" | "time" | "hub" | null;

/** What is said of a list besides its members. */
export interface Extent {
  readonly complete: boolean;
  readonly truncated_by: TruncatedBy;
  readonly total: number;
  readonly total_is_exact: boolean;
  readonly cursor: string | null;
  readonly snapshot: string;
}

/** The last line of a stream of paths. */
export interface PathSummary extends Extent {
  readonly returned: number;
  readonly net_effect: NetEffect;
  readonly bound: number | null;
}

export interface PathResult extends Extent {
  readonly paths: readonly Path[];
  readonly net_effect: NetEffect;
}

export interface Match extends EntityRef {
  /** The name or synonym that fitted. */
  readonly matched: string;
  readonly degree: number;
}

export interface SearchResult extends Extent {
  readonly matches: readonly Match[];
}

export interface Relaxation {
  readonly parameter: string;
  readonly given: string;
  readonly instead: string;
  readonly paths: number;
  readonly exact: boolean;
  readonly sentence: string;
}

export interface WhyNot {
  readonly total: number;
  readonly connected: boolean | null;
  readonly distance: number | null;
  readonly relaxations: readonly Relaxation[];
  readonly sentence: string;
  readonly complete: boolean;
}

export interface Subgraph {
  readonly entities: readonly EntityRef[];
  readonly statements: readonly Statement[];
  readonly title: string;
  readonly snapshot: string;
  readonly credits: readonly string[];
}

export interface Version {
  readonly mechkg: string;
  readonly graph: string;
  readonly snapshot: string;
  readonly entities: number;
  readonly statements: number;
}

/** An error of the service: RFC 9457, with what this one offers besides. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly parameter?: string;
  readonly suggestions?: readonly { readonly id: string; readonly name: string }[];
  readonly candidates?: readonly { readonly id: string; readonly name: string }[];
}
