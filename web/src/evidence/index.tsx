/** The evidence of the open statements: by source, what is asserted before what is inferred. */

import { useMemo, useState } from "preact/hooks";
import * as store from "../store";
import type { Evidence as Piece, Statement } from "../types";
import { counted, evidenceLabel, number, short, sourceLabel } from "../words";
import { Bibliography } from "./bibliography";
import "./evidence.css";
import { StatementCard } from "./statement";
import { fetchFailure, fetching, fetchStatements, open, statementOf } from "./statements";

/** How many statements are written out at first: a reader asks for the rest. */
const PAGE = 20;

interface Row {
  readonly statement: Statement;
  readonly pieces: readonly Piece[];
}

interface Shelf {
  readonly name: string;
  readonly inferred: boolean;
  readonly rows: Row[];
}

const shelfOf = ({ kind, source }: Piece) => `${evidenceLabel(kind)} · ${sourceLabel(source)}`;

/** Statements by source; a statement of two sources stands under both, with what each gives. */
function shelved(statements: readonly Statement[]): readonly Shelf[] {
  const shelves = new Map<string, Shelf>();
  for (const statement of statements) {
    const inferred = (statement.derived_from?.length ?? 0) > 0;
    const pieces = new Map<string, Piece[]>(statement.evidence.length ? [] : [["No source", []]]);
    for (const piece of statement.evidence) {
      const name = inferred ? "Inferred" : shelfOf(piece);
      const kept = pieces.get(name);
      kept ? kept.push(piece) : pieces.set(name, [piece]);
    }
    for (const [name, some] of pieces) {
      const shelf = shelves.get(name) ?? { name, inferred, rows: [] };
      shelf.rows.push({ statement, pieces: some });
      shelves.set(name, shelf);
    }
  }
  return [...shelves.values()].sort((a, b) => Number(a.inferred) - Number(b.inferred));
}

/** What is open, and how much of it. */
function scopeOf(count: number): string {
  const statements = counted(count, "statement");
  if (store.chosen.value.length) {
    return statements;
  }
  return `${statements} of the ${store.selected.value === null ? "best" : "selected"} path`;
}

/** Closes the evidence and gives the keyboard back to the button that opens it. */
function shut(): void {
  store.reading.value = false;
  document.querySelector<HTMLElement>(".figure .reads")?.focus();
}

export function Evidence() {
  const ids = open.value;
  const key = ids.join(" ");
  const [seen, setSeen] = useState({ key, most: PAGE });
  const most = seen.key === key ? seen.most : PAGE;
  const statements = useMemo(
    () => ids.flatMap((id) => statementOf(id) ?? []),
    [key, store.loaded.value, fetching.value],
  );
  const written = store.unfolded.value ? most : 0;
  const shelves = useMemo(() => shelved(statements.slice(0, written)), [statements, written]);
  const failure = fetchFailure.value;
  return (
    <section
      class="evidence"
      aria-label="Evidence"
      tabIndex={-1}
      id="evidence"
      onKeyDown={(event) => {
        if (event.key === "Escape" && store.reading.peek()) {
          event.stopPropagation();
          shut();
        }
      }}
    >
      <header>
        <h2>Evidence</h2>
        {ids.length > 0 && <p class="muted">{scopeOf(ids.length)}</p>}
        {store.chosen.value.length > 0 && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              store.chosen.value = [];
            }}
          >
            Whole path
          </button>
        )}
        <button type="button" class="quiet shut" aria-label="Close the evidence" onClick={shut}>
          ×
        </button>
      </header>
      {ids.length === 0 && (
        <p class="muted">
          Choose a path, or press an entity or a line of the figure, to read what it rests on.
        </p>
      )}
      {fetching.value && <p class="muted">Fetching…</p>}
      {failure && (
        <p class="problem" role="alert">
          {failure.message}{" "}
          <button type="button" onClick={() => void fetchStatements(ids)}>
            Try again
          </button>
        </p>
      )}
      {shelves.slice(0, most).map(({ name, inferred, rows }) => (
        <section key={name} class={inferred ? "shelf inferred" : "shelf"}>
          <h3>
            {short(name, 80)}
            <span class="count">{number(rows.length)}</span>
          </h3>
          {rows.map(({ statement, pieces }) => (
            <StatementCard key={statement.id} statement={statement} pieces={pieces} />
          ))}
        </section>
      ))}
      {shelves.length > most && (
        <p class="further">
          <button type="button" onClick={() => setSeen({ key, most: most + 5 * PAGE })}>
            Show {counted(Math.min(5 * PAGE, shelves.length - most), "more source")}
          </button>
          <span class="muted">
            {" "}
            {number(most)} of {number(shelves.length)} shown
          </span>
        </p>
      )}
      {statements.length > most && (
        <p class="further">
          <button type="button" onClick={() => setSeen({ key, most: most + 5 * PAGE })}>
            Show {number(Math.min(5 * PAGE, statements.length - most))} more
          </button>
          <span class="muted">
            {" "}
            {number(most)} of {number(statements.length)} shown
          </span>
        </p>
      )}
      {store.unfolded.value && <Bibliography />}
    </section>
  );
}
