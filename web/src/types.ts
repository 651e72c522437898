/** What the service answers, named as the page reads it; `schema.ts` is generated from its API. */

import type * as schema from "./schema";

export type {
  Changeset,
  ChangesetList,
  Edit,
  Evidence,
  Finding,
  History,
  Match,
  NetEffect,
  OpenEnd,
  OpenEndsResult,
  Overview,
  Path,
  PathResult,
  PathSummary,
  Qualifier,
  Relaxation,
  ScorePart,
  SearchResult,
  Version,
  WhyNot,
} from "./schema";

/** +1 raises, -1 lowers, 0 has no direction, null is unknown. */
export type Sign = schema.Path["sign"];

export type EntityRef = schema.PathEntity;
export type Entity = EntityRef;

export type TruncatedBy = schema.PathResult["truncated_by"];

/** What is said of a list besides its members. */
export type Extent = Pick<
  schema.PathResult,
  "complete" | "truncated_by" | "total" | "total_is_exact" | "cursor" | "snapshot"
>;

/** A statement alone or of a hop: `direction` is how a path walks it, `note` absent there. */
export type Statement = Omit<schema.HopStatement, "direction"> &
  Partial<Pick<schema.HopStatement, "direction"> & Pick<schema.Statement, "note">>;

export interface Hop {
  readonly statements: readonly Statement[];
}

export type Subgraph = Pick<schema.Subgraph, "title" | "snapshot" | "credits"> & {
  readonly entities: readonly EntityRef[];
  readonly statements: readonly Statement[];
};

interface Named {
  readonly id: string;
  readonly name: string;
  readonly category?: string;
}

/** An error of the service: RFC 9457, with what this one offers besides; what is null stays out. */
export type Problem = Pick<schema.Problem, "type" | "title" | "status" | "detail"> & {
  readonly parameter?: string;
  readonly suggestions?: readonly Named[];
  readonly candidates?: readonly Named[];
  readonly findings?: readonly schema.Finding[];
};
