/** The empty page: what can be asked, what this graph holds, and questions to press. */

import { useEffect } from "preact/hooks";
import { askWith } from "../asking";
import { type Example, examples, learnOverview, overview } from "../overview";
import { EMPTY_QUESTION } from "../question";
import { counted } from "../words";
import { LinkedEntities, Sources } from "./holdings";
import { Metagraph } from "./metagraph";

export function Start() {
  useEffect(() => {
    void learnOverview();
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
          <Examples />
          <Metagraph overview={known} />
          <LinkedEntities entities={known.linked} />
          <Sources sources={known.sources} />
        </>
      )}
    </section>
  );
}

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
