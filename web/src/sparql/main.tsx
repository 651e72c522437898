/** The page at /sparql: an editor, examples to click, and the answer. */

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, answer } from "./answers";
import { type Editor, makeEditor } from "./editor";
import { EXAMPLES } from "./examples";
import "./page.css";
import { Results, summary } from "./results";

interface Shown {
  readonly query: string;
  readonly answer?: Answer;
  readonly problem?: string;
  readonly seconds: number;
}

const asked = () => new URLSearchParams(location.hash.slice(1)).get("query");

function Page() {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const running = useRef<AbortController | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [busy, setBusy] = useState(false);

  const run = async () => {
    const query = editor.current?.text() ?? "";
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    setBusy(true);
    history.replaceState(null, "", `#${new URLSearchParams({ query })}`);
    const begun = performance.now();
    const told = () => ({ query, seconds: (performance.now() - begun) / 1000 });
    try {
      setShown({ answer: await answer(query, control.signal), ...told() });
    } catch (error) {
      if (!control.signal.aborted) {
        setShown({ problem: error instanceof Error ? error.message : String(error), ...told() });
      }
    } finally {
      if (running.current === control) {
        setBusy(false);
      }
    }
  };

  useEffect(() => {
    if (place.current && !editor.current) {
      const first = asked();
      editor.current = makeEditor(place.current, first ?? EXAMPLES[0]?.query ?? "", run);
      if (first) {
        void run();
      }
    }
  });

  const choose = (query: string) => {
    editor.current?.show(query);
    void run();
  };

  return (
    <>
      <header>
        <h1>SPARQL</h1>
        <p>
          Ask the statements, their evidence and the paths between entities. Back to{" "}
          <a href="/">the explorer</a>.
        </p>
      </header>
      <main>
        <section aria-label="Query">
          <div ref={place} />
          <p class="actions">
            <button type="button" onClick={run} disabled={busy}>
              {busy ? "Running …" : "Run"}
            </button>
            <kbd>Ctrl</kbd>+<kbd>Enter</kbd>
          </p>
          <output aria-live="polite" aria-busy={busy}>
            {shown && <Told shown={shown} />}
          </output>
        </section>
        <nav aria-label="Examples">
          <h2>Examples</h2>
          <ul>
            {EXAMPLES.map(({ title, query }) => (
              <li key={title}>
                <button type="button" class="example" onClick={() => choose(query)}>
                  {title}
                </button>
              </li>
            ))}
          </ul>
        </nav>
      </main>
    </>
  );
}

function Told({ shown }: { shown: Shown }) {
  if (!shown.answer) {
    return <p role="alert">{shown.problem}</p>;
  }
  const kinds =
    shown.answer.kind === "graph"
      ? ["turtle", "ntriples", "jsonld", "rdfxml"]
      : ["csv", "json", "tsv", "xml"];
  return (
    <>
      <p class="summary">
        {summary(shown.answer, shown.seconds)}. Take it as{" "}
        {kinds.map((format) => (
          <a key={format} href={`/sparql?${new URLSearchParams({ query: shown.query, format })}`}>
            {format}
          </a>
        ))}
      </p>
      <Results answer={shown.answer} query={shown.query} />
    </>
  );
}

const app = document.getElementById("app");
if (app) {
  app.textContent = "";
  render(<Page />, app);
}
