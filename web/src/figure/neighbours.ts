/** What stands around an entity: counted first, listed by the page when a group is opened. */

import { get } from "../api";
import type { EntityRef, Statement } from "../types";

export interface Group {
  readonly predicate: string;
  readonly direction: "out" | "in";
  readonly statements: number;
  readonly entities: number;
}

export interface Neighbour {
  readonly entity: EntityRef;
  readonly statements: readonly Statement[];
}

interface Answer {
  readonly groups: readonly Group[];
  readonly neighbours: readonly Neighbour[];
  readonly total: number;
  readonly cursor: string | null;
}

export interface Page {
  readonly members: readonly Neighbour[];
  readonly total: number;
  readonly cursor: string | null;
}

const PAGE = 10;

const address = (entity: string, query: Record<string, string>) =>
  `/api/v1/entities/${encodeURIComponent(entity)}/neighbourhood?${new URLSearchParams(query)}`;

/** The groups round an entity, with their counts; one member at most is sent along. */
export async function fetchGroups(entity: string, signal: AbortSignal): Promise<readonly Group[]> {
  return (await get<Answer>(address(entity, { limit: "1" }), signal)).groups;
}

/** A page of the members of a group. */
export async function fetchMembers(
  entity: string,
  { predicate, direction }: Group,
  signal: AbortSignal,
  { cursor = "", limit = PAGE }: { cursor?: string | null; limit?: number } = {},
): Promise<Page> {
  const query = { predicate, direction, limit: String(limit), ...(cursor && { cursor }) };
  const answer = await get<Answer>(address(entity, query), signal);
  return {
    // Predicates below the group's own come along with it; they have groups of their own.
    members: answer.neighbours
      .map((one) => ({
        entity: one.entity,
        statements: one.statements.filter((statement) => statement.predicate === predicate),
      }))
      .filter((one) => one.statements.length > 0),
    total: answer.total,
    cursor: answer.cursor,
  };
}
