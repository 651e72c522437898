/** The empty page: what can be asked, what this graph holds, and questions to press. */

import { useEffect } from "preact/hooks";
import { askWith, learnLabels } from "../asking";
import { type Example, examples, learnOverview, overview } from "../overview";
import { ANY, EMPTY_QUESTION, type End } from "../question";
import * as store from "../store";
import { counted } from "../words";
import { LinkedEntities, Sources } from "./holdings";
import { Metagraph } from "./metagraph";

export function Start() {
  useEffect(() => {
    void learnOverview();
    void learnLabels();
  }, []);
  const known = overview.value;
  return (
    <section class="welcome" aria-label="Start">
      <h1>How does one thing lead to another?</h1>
      <p>
        Name where a mechanism starts and where it ends. You see each path between them as a
        sentence, as a figure, and with the evidence for every step.
      </p>
      {known && (
        <>
          <p class="extent">
            This graph, <bdi>{known.graph}</bdi>, holds{" "}
            {counted(known.entities, "entity", "entities")} of{" "}
            {counted(known.categories.length, "category", "categories")} and{" "}
            {counted(known.statements, "statement")}.
          </p>
          <OtherEnd />
          <Examples />
          <Metagraph overview={known} />
          <LinkedEntities entities={known.linked} />
          <Sources sources={known.sources} />
        </>
      )}
    </section>
  );
}

/** Where one end is named: the other one is anything, or any entity of a category. */
function OtherEnd() {
  const { source, target } = store.question.value;
  const [side, named] = source.ask ? (["target", source] as const) : (["source", target] as const);
  if (!named.ask || (source.ask && target.ask)) {
    return null;
  }
  const kinds = (overview.value?.categories ?? []).map(
    ({ category, label }): End => ({ ask: category, name: label, open: true }),
  );
  const name = named.name || named.ask;
  return (
    <section class="other-end" aria-labelledby="other-end">
      <h2 id="other-end">
        <bdi>{side === "source" ? `What leads to ${name}?` : `What does ${name} lead to?`}</bdi>
      </h2>
      <p>Name the other end above, or rank all that have paths:</p>
      <ul>
        {[ANYTHING, ...kinds.slice(0, MOST_KINDS)].map((end) => (
          <li key={end.ask}>
            <button type="button" onClick={() => askWith({ [side]: end })}>
              {end.ask === ANY ? end.name : `any ${end.name}`}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const ANYTHING: End = { ask: ANY, name: "anything", open: true };
/** The categories that are offered: those of the most entities. */
const MOST_KINDS = 12;

function Examples() {
  return examples.value.length > 0 ? (
    <>
      <h2>For example</h2>
      <ul class="examples">
        {examples.value.map((example) => (
          <li key={`${example.source.ask} ${example.target.ask}`}>
            <ExampleButton example={example} />
          </li>
        ))}
      </ul>
    </>
  ) : null;
}

function ExampleButton({ example: { source, target, why } }: { readonly example: Example }) {
  return (
    <button type="button" onClick={() => askWith({ ...EMPTY_QUESTION, source, target })}>
      <span>
        <bdi>{source.name}</bdi> <span aria-hidden="true">→</span>
        <span class="unseen">to</span> <bdi>{target.name}</bdi>
      </span>
      <small>{why}</small>
    </button>
  );
}
