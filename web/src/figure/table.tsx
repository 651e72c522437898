/** The figure as a table: every statement that it draws, in words. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../api";
import type { Entity, Statement } from "../types";
import { counted, number, phrase, predicateLabel, short } from "../words";
import { type Request, subgraphBody } from "./relayout";

interface Answer {
  readonly entities: readonly Entity[];
  readonly statements: readonly Statement[];
}

interface TableProps {
  readonly request: Request;
  readonly chosen: ReadonlySet<string>;
  readonly onOpen: (statements: readonly string[]) => void;
}

/** How many rows are drawn at a time: a browser takes a second for some thousands. */
const ROWS = 500;

const EFFECTS = new Map<number | null, string>([
  [1, "raises"],
  [-1, "lowers"],
  [0, "no effect meant"],
  [null, "unknown"],
]);

const effectOf = (statement: Statement) =>
  statement.negated ? "denied" : (EFFECTS.get(statement.sign) ?? "unknown");

export function Table({ request, chosen, onOpen }: TableProps) {
  const { answer, problem, again } = useStatements(request);
  const [shown, setShown] = useState(ROWS);
  if (problem) {
    return (
      <p class="problem" role="alert">
        {problem}{" "}
        <button type="button" onClick={again}>
          Try again
        </button>
      </p>
    );
  }
  if (!answer) {
    return <p class="muted">Fetching the statements…</p>;
  }
  const names = new Map(
    answer.entities.map((entity) => [entity.id, short(entity.name || entity.id)]),
  );
  const total = answer.statements.length;
  const rows = answer.statements.slice(0, shown).map((one) => (
    <tr key={one.id} class={chosen.has(one.id) ? "chosen" : ""}>
      <th scope="row">
        <bdi>{names.get(one.subject)}</bdi>
      </th>
      <td>
        {one.negated && "not: "}
        {predicateLabel(one.predicate)}
      </td>
      <td>
        <bdi>{names.get(one.object)}</bdi>
      </td>
      <td class={`effect ${effectOf(one).replace(" ", "-")}`}>{effectOf(one)}</td>
      <td>
        {short(phrase(one.modality), 60)}
        {one.derived_from?.length ? ", inferred" : ""}
      </td>
      <td>
        {one.qualifiers
          .map(({ type, value }) => `${short(phrase(type), 60)}: ${short(value)}`)
          .join("; ")}
      </td>
      <td>
        <button
          type="button"
          aria-label={`Evidence of ${one.id}: ${counted(one.evidence.length, "piece")}`}
          onClick={() => onOpen([one.id])}
        >
          {one.evidence.length || "none"}
        </button>
      </td>
    </tr>
  ));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="statements" aria-label="Statements of the figure" tabIndex={0}>
      <table>
        <caption>
          {rows.length < total && `${number(rows.length)} of `}
          {counted(total, "statement")} of the figure
        </caption>
        <thead>
          <tr>
            {["Subject", "Predicate", "Object", "Effect", "Modality", "Context", "Evidence"].map(
              (words) => (
                <th key={words} scope="col">
                  {words}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{rows}</tbody>
      </table>
      {rows.length < total && (
        <button type="button" class="rest" onClick={() => setShown(shown + ROWS)}>
          Show {number(Math.min(ROWS, total - rows.length))} more
        </button>
      )}
    </section>
  );
}

function useStatements(request: Request) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState("");
  const [attempt, setAttempt] = useState(0);
  const key = request.content.links.map((link) => link.id).join(" ");
  useEffect(() => {
    const asked = new AbortController();
    setProblem("");
    if (!key) {
      setAnswer({ entities: [], statements: [] });
      return undefined;
    }
    post<Answer>("/api/v1/subgraph", subgraphBody(request, "json"), asked.signal).then(
      setAnswer,
      (error: unknown) => {
        if (!asked.signal.aborted) {
          setProblem(error instanceof Error ? error.message : String(error));
        }
      },
    );
    return () => asked.abort();
  }, [key, attempt]);
  return { answer, problem, again: () => setAttempt(attempt + 1) };
}
