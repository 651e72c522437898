/** An answer as a person reads it. */

import { type Answer, addressOf, prefixesOf, shortened, type Term } from "./answers";

/** More rows than this make a page slow; a download has all of them. */
const SHOWN = 1000;

export function Results({ answer, query }: { answer: Answer; query: string }) {
  switch (answer.kind) {
    case "boolean":
      return <p class="answer">{answer.value ? "Yes" : "No"}</p>;
    case "graph":
      return <pre>{answer.text}</pre>;
    case "table":
      return <Table names={answer.names} rows={answer.rows} query={query} />;
  }
}

interface TableProps {
  readonly names: readonly string[];
  readonly rows: readonly Record<string, Term>[];
  readonly query: string;
}

function Table({ names, rows, query }: TableProps) {
  const prefixes = prefixesOf(query);
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, SHOWN).map((row, place) => (
            <tr key={place}>
              {names.map((name) => (
                <td key={name}>
                  <Shown term={row[name]} prefixes={prefixes} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ShownProps {
  readonly term: Term | undefined;
  readonly prefixes: readonly (readonly [string, string])[];
}

function Shown({ term, prefixes }: ShownProps) {
  if (!term) {
    return null;
  }
  const address = term.type === "uri" ? addressOf(term.value) : null;
  const text = term.type === "uri" ? shortened(term.value, prefixes) : term.value;
  return address ? (
    <a href={address} rel="noreferrer" title={term.value}>
      {text}
    </a>
  ) : (
    <span lang={term["xml:lang"]} title={term.datatype}>
      {text}
    </span>
  );
}

/** How much there is, and how much of it is shown. */
export function summary(answer: Answer, seconds: number): string {
  const time = `${seconds.toFixed(2)} s`;
  if (answer.kind !== "table") {
    return time;
  }
  const count = answer.rows.length;
  const rows = `${count.toLocaleString("en")} ${count === 1 ? "row" : "rows"}`;
  const cut = count > SHOWN ? `, the first ${SHOWN.toLocaleString("en")} shown` : "";
  return `${rows}${cut}, ${time}`;
}
