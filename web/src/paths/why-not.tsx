/** Why there are no paths: which constraint keeps them out, to be lifted by a press. */

import { get } from "../api";
import { askWith, explain, whyNot, whyNotFailed } from "../asking";
import { CONSISTENT, FILTERS, type FilterName, type Question } from "../question";
import * as store from "../store";
import type { Relaxation } from "../types";
import { counted, short } from "../words";

export function WhyNot() {
  const told = whyNot.value;
  const failed = whyNotFailed.value;
  const question = store.asked.value;
  const cut = store.summary.value?.truncated_by;
  const helpful = told?.relaxations.filter(({ paths }) => paths > 0) ?? [];
  const useless = told?.relaxations.filter(({ paths }) => paths === 0) ?? [];
  return (
    <section class="why-not" aria-label="Why not">
      <h3>{cut ? "No paths found before the search was cut" : "No paths"}</h3>
      {!told && !failed && <p class="muted">Looking for what keeps them out…</p>}
      {failed && (
        <p role="alert">
          {failed.message}{" "}
          <button type="button" onClick={() => void explain()}>
            Try again
          </button>
        </p>
      )}
      {told && (
        <p>
          <bdi>{short(named(told.sentence, question), 600)}</bdi>
        </p>
      )}
      <ul class="relaxations">
        {helpful.map((one) => (
          <li key={`${one.parameter} ${one.given}`}>
            <Remedy relaxation={one} question={question} />
          </li>
        ))}
      </ul>
      {useless.length > 0 && (
        <details>
          <summary>{counted(useless.length, "change")} alone would not help</summary>
          <ul>
            {useless.map((one) => (
              <li key={`${one.parameter} ${one.given}`}>
                <bdi>{short(named(one.sentence, question), 300)}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
      {told && (
        <p>
          <button
            type="button"
            onClick={() => askWith({ source: question.target, target: question.source })}
          >
            Ask the other way round
          </button>
        </p>
      )}
    </section>
  );
}

/** A sentence with the names of the entities that it tells by identifier. */
const named = (sentence: string, { via, avoid }: Question) =>
  [...via, ...avoid].reduce((text, { ask, name }) => text.replaceAll(ask, name), sentence);

function Remedy({ relaxation, question }: { relaxation: Relaxation; question: Question }) {
  const gain = `${relaxation.exact ? "" : "at least "}${counted(relaxation.paths, "path")}`;
  return (
    <>
      <bdi>{short(named(relaxation.sentence, question), 300)}</bdi>{" "}
      <button type="button" onClick={async () => askWith(await changeOf(relaxation, question))}>
        Show {gain}
      </button>
    </>
  );
}

const isFilter = (name: string): name is FilterName => FILTERS.some((one) => one === name);

interface Known {
  readonly predicates: readonly { readonly id: string }[];
}

/** The question without a constraint; null where the page has no such constraint to lift. */
async function changeOf(
  { parameter, given, instead }: Relaxation,
  question: Question,
): Promise<Partial<Question>> {
  if (parameter === "context") {
    return { context: question.context.filter((value) => value === CONSISTENT) };
  }
  if (parameter === "consistent") {
    return { context: question.context.filter((value) => value !== CONSISTENT) };
  }
  if (parameter === "min_routes") {
    return { minRoutes: 0 };
  }
  if (isFilter(parameter)) {
    return { [parameter]: [] };
  }
  if (parameter === "via" || parameter === "avoid") {
    return { [parameter]: question[parameter].filter(({ ask }) => ask !== given) };
  }
  if (parameter === "generic") {
    // Generic relations are admitted only where they are asked for by name.
    const { predicates } = await get<Known>("/api/v1/schema");
    return { predicate: predicates.map(({ id }) => id) };
  }
  if (parameter === "inferred") {
    return { evidence: question.evidence.length ? [...question.evidence, "inferred"] : ["any"] };
  }
  return parameter === "max_hops" ? { maxHops: Number(instead) } : { direction: "undirected" };
}
