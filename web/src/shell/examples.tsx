/** The empty page: what can be asked, and questions to press. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../api";
import { askWith } from "../asking";
import { EMPTY_QUESTION } from "../question";
import * as store from "../store";
import type { SearchResult } from "../types";

interface Example {
  readonly source: string;
  readonly target: string;
  readonly why: string;
}

const EXAMPLES: readonly Example[] = [
  {
    source: "neural stem cell",
    target: "Remyelination",
    why: "What a graft secretes, and what that does to myelin",
  },
  {
    source: "neural stem cell",
    target: "neuron",
    why: "Protection, replacement, and an inflammation that does both",
  },
  {
    source: "mesenchymal stem cell",
    target: "Remyelination",
    why: "The other cell in trials, by other ways",
  },
  { source: "neural stem cell", target: "multiple sclerosis", why: "From the cell to the disease" },
  { source: "GDNF", target: "neuron", why: "One factor and its evidence" },
];

/** Examples are of the bundled ontology; those of another graph are its own. */
function useExamples(): readonly Example[] {
  const [known, setKnown] = useState<readonly Example[]>([]);
  const graph = store.version.value?.graph;
  useEffect(() => {
    if (!graph) {
      return;
    }
    if (graph === "ms-nsc") {
      setKnown(EXAMPLES);
      return;
    }
    const offer = async () => {
      const ends = EXAMPLES.flatMap(({ source, target }) => [source, target]);
      const found = new Set<string>();
      for (const name of new Set(ends)) {
        const query = new URLSearchParams({ q: name, limit: "1" });
        const [match] = (await get<SearchResult>(`/api/v1/search?${query}`)).matches;
        if (match?.name.toLowerCase() === name.toLowerCase()) {
          found.add(name);
        }
      }
      setKnown(EXAMPLES.filter(({ source, target }) => found.has(source) && found.has(target)));
    };
    offer().catch(() => setKnown([]));
  }, [graph]);
  return known;
}

export function Examples() {
  const examples = useExamples();
  return (
    <section class="welcome" aria-label="Examples">
      <h1>How does one thing lead to another?</h1>
      <p>
        Name where a mechanism starts and where it ends. You see each path between them as a
        sentence, as a figure, and with the evidence for every step.
      </p>
      {examples.length > 0 && (
        <>
          <h2>For example</h2>
          <ul class="examples">
            {examples.map(({ source, target, why }) => (
              <li key={`${source} ${target}`}>
                <button
                  type="button"
                  onClick={() =>
                    askWith({
                      ...EMPTY_QUESTION,
                      source: { ask: source, name: source },
                      target: { ask: target, name: target },
                    })
                  }
                >
                  <span>
                    {source} <span aria-hidden="true">→</span>
                    <span class="unseen">to</span> {target}
                  </span>
                  <small>{why}</small>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
