/** The caption of a figure: what it shows, statement by statement, with numbers of references. */

import { bracketed, numbersOf } from "../references";
import type { EntityRef, Path, Statement } from "../types";
import { counted, phrase, predicateLabel } from "../words";

interface Told {
  readonly text: string;
  readonly statements: Statement[];
}

const HEDGED: Readonly<Record<string, string>> = {
  suggested: "as suggested",
  hypothesised: "as hypothesised",
  contested: "contested",
};

/** One clause for each pair of entities and wording, in the order of the paths. */
function clausesOf(paths: readonly Path[]): readonly Told[] {
  const names = new Map<string, string>();
  const told = new Map<string, Told>();
  const nameOf = (id: string) => names.get(id) || id;
  for (const path of paths) {
    for (const { id, name } of path.entities as readonly EntityRef[]) {
      names.set(id, name || id);
    }
    for (const one of path.hops.flatMap(({ statements }) => statements)) {
      const hedge = HEDGED[one.hedge] ?? "";
      const words = `${one.negated ? "not: " : ""}${predicateLabel(one.predicate)}`;
      const text = `${nameOf(one.subject)} ${words} ${nameOf(one.object)}${hedge && ` (${hedge})`}`;
      const kept = told.get(text);
      if (!kept) {
        told.set(text, { text, statements: [one] });
      } else if (!kept.statements.some(({ id }) => id === one.id)) {
        kept.statements.push(one);
      }
    }
  }
  return [...told.values()];
}

/** The kinds of evidence behind statements, the commonest first: "literature (9), article (2)". */
function kindsOf(paths: readonly Path[]): string {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (const { id, evidence } of paths.flatMap(({ hops }) => hops.flatMap((h) => h.statements))) {
    if (!seen.has(id)) {
      seen.add(id);
      for (const { kind } of evidence) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
    }
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${phrase(kind)} (${count})`)
    .join(", ");
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export interface CaptionParts {
  readonly title: string;
  readonly claim: string;
  readonly paths: readonly Path[];
  readonly snapshot: string;
  readonly edited: boolean;
}

const MARKS =
  "Arrows: the subject raises the object; bars: it lowers it; thin lines and open tips: " +
  "supposed, not asserted.";

/** The caption as text, to be pasted under the figure. */
export function captionOf({ title, claim, paths, snapshot, edited }: CaptionParts): string {
  const clauses = clausesOf(paths).map(({ text, statements }) => {
    const numbers = bracketed(numbersOf(statements));
    return numbers ? `${text} ${numbers}` : text;
  });
  const kinds = kindsOf(paths);
  const parts = [
    `${title}.`,
    claim && (/[.?!]$/.test(claim) ? claim : `${claim}.`),
    clauses.length > 0 && `${capitalised(clauses.join("; "))}.`,
    MARKS,
    kinds && `Evidence: ${kinds}.`,
    `Drawn from ${counted(paths.length, "path")}${edited ? " and changed by hand" : ""}, MechKG snapshot ${snapshot}.`,
  ];
  return parts.filter(Boolean).join(" ");
}
