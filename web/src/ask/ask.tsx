/** The question: from where to where, how far, which way, and in words. */

import { useComputed } from "@preact/signals";
import { ask, askWith, stop } from "../asking";
import { examples } from "../overview";
import {
  type End,
  isWhole,
  MAX_HOPS,
  NOBODY,
  openSide,
  type Question,
  sentenceOf,
} from "../question";
import * as store from "../store";
import type { EntityRef, Problem } from "../types";
import { categoryLabel } from "../words";
import "./ask.css";
import { Chips } from "./chips";
import { Combobox } from "./combobox";
import { Filters } from "./filters";

const HOPS = Array.from({ length: MAX_HOPS }, (_, i) => i + 1);

const focusField = (field: string) =>
  document.querySelector<HTMLInputElement>(`[data-field="${field}"]`)?.focus();

/** Asks what is whole, or goes to the end that is missing. */
function proceed(): void {
  const { source } = store.question.peek();
  if (isWhole(store.question.peek())) {
    void ask();
  } else {
    focusField(source.ask ? "target" : "source");
  }
}

export function Ask() {
  const question = store.question.value;
  const rival = store.rival.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    proceed();
  };
  return (
    <search class="ask">
      <form onSubmit={submit} aria-label="Question" noValidate>
        <div class="fields">
          <Field end="source" label="From" onChosen={proceed} />
          <button
            type="button"
            class="swap"
            aria-label="Swap from and to"
            title="Swap"
            onClick={() => {
              store.change({ source: question.target, target: question.source });
              if (isWhole(store.question.peek())) {
                void ask();
              }
            }}
          >
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
              <path d="M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3" />
            </svg>
          </button>
          <Field end="target" label="To" onChosen={proceed} />
          <Steps question={question} />
          <Submit />
        </div>
        {rival && (
          <div class="rival">
            <Combobox
              label="Compare with"
              field="rival"
              placeholder={NAME}
              value={rival}
              onChange={(end) => {
                store.rival.value = end;
              }}
              onChosen={proceed}
            />
            <button
              type="button"
              class="quiet"
              onClick={() => {
                store.rival.value = null;
                store.comparing.value = null;
              }}
            >
              Compare no more
            </button>
          </div>
        )}
      </form>
      {(question.source.ask || question.target.ask) && (
        <h1 class="sentence">
          <bdi>{sentenceOf(question, rival?.ask ? rival : null)}</bdi>
        </h1>
      )}
      <Taken />
      <Stale />
      <Chips />
      {isWhole(store.asked.value) && (
        <div class="refine">
          <Filters />
          {!rival && !openSide(store.asked.value) && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                store.rival.value = NOBODY;
                requestAnimationFrame(() => focusField("rival"));
              }}
            >
              Compare with another source
            </button>
          )}
        </div>
      )}
    </search>
  );
}

/** Says which entities the answer took the typed names for. */
function Taken() {
  const taken = useComputed(() => {
    const path = store.loaded.value[0];
    const { source, target } = store.asked.value;
    const ends = [
      [source, "source", path?.entities[0]],
      [target, "target", path?.entities.at(-1)],
    ] as const;
    const known = store.summary.value?.groundings ?? [];
    return ends.flatMap(([end, parameter, entity]) => {
      const read = known.find((one) => one.parameter === parameter);
      const id = read?.id ?? entity?.id;
      // A path may begin at a kind of what was asked for: that is said by the list.
      const category = entity && entity.id === id ? entity.category : "";
      return path && id && !end.open && (read || isCalled(entity, end))
        ? [{ id, category, name: read?.name || entity?.name || id, sentence: read?.sentence ?? "" }]
        : [];
    });
  }).value;
  return taken.length > 0 ? (
    <p class="taken">
      {taken.map(({ id, name, category, sentence }) => (
        <span key={id}>
          <a href={`/about/${encodeURIComponent(id)}`}>
            <bdi>{name}</bdi>
          </a>{" "}
          {category && `${categoryLabel(category)} · `}
          {id}
          {sentence && <bdi>. {sentence}</bdi>}
        </span>
      ))}
    </p>
  ) : null;
}

const isCalled = (entity: EntityRef | undefined, { ask, name }: End) =>
  entity?.id === ask || entity?.name.toLowerCase() === name.trim().toLowerCase();

/** Says so where the fields hold another question than the answer below is of. */
function Stale() {
  const differs = useComputed(() => {
    const { source, target } = store.asked.value;
    const question = store.question.value;
    return (
      isWhole(store.asked.value) &&
      (question.source.ask !== source.ask || question.target.ask !== target.ask)
    );
  }).value;
  return differs ? (
    <p class="stale">
      Below is the answer to another question: <bdi>{sentenceOf(store.asked.value)}</bdi> Press Find
      paths to ask the one above.
    </p>
  ) : null;
}

/** Two buttons, told apart by key: one that turned into the other under a press would submit. */
function Submit() {
  return store.status.value === "streaming" ? (
    <button key="stop" type="button" class="primary" onClick={stop}>
      Stop
    </button>
  ) : (
    <button key="ask" type="submit" class="primary">
      Find paths
    </button>
  );
}

function Steps({ question }: { readonly question: Question }) {
  const change = (part: Partial<Question>) => {
    store.change(part);
    if (isWhole(question)) {
      askWith(part);
    }
  };
  return (
    <>
      <label class="choice">
        <span>Steps</span>
        <select
          value={String(question.maxHops)}
          onChange={(event) => change({ maxHops: Number(event.currentTarget.value) })}
        >
          {HOPS.map((hops) => (
            <option key={hops} value={String(hops)}>
              {hops === 1 ? "1" : `up to ${hops}`}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        <span>Direction</span>
        <select
          value={question.direction}
          onChange={(event) =>
            change({
              direction: event.currentTarget.value === "directed" ? "directed" : "undirected",
            })
          }
        >
          <option value="directed">from → to</option>
          <option value="undirected">either way</option>
        </select>
      </label>
    </>
  );
}

interface FieldProps {
  readonly end: "source" | "target";
  readonly label: string;
  readonly onChosen: () => void;
}

/** What a field takes, where no example of this graph is known. */
const NAME = "a name or an identifier";

function Field({ end, label, onChosen }: FieldProps) {
  const example = examples.value[0]?.[end].name;
  const problem = store.failure.value?.problem;
  const wrong =
    problem?.parameter === end && store.asked.value[end].ask === store.question.value[end].ask;
  const told = `${end}-problem`;
  return (
    <div class="field">
      <Combobox
        label={label}
        field={end}
        placeholder={example ? `e.g. ${example}` : NAME}
        value={store.question.value[end]}
        opens
        invalid={wrong}
        {...(wrong && { describedBy: told })}
        onChange={(value) => store.change({ [end]: value })}
        onChosen={onChosen}
      />
      {wrong && problem && <Offered id={told} end={end} problem={problem} />}
    </div>
  );
}

/** Entities to choose among where a name fits several, or none quite. */
function Offered({ id, end, problem }: { id: string; end: "source" | "target"; problem: Problem }) {
  const offered = problem.candidates ?? problem.suggestions ?? [];
  const asked = store.asked.value[end].name;
  return (
    <div class="offered" id={id}>
      <p>
        {problem.candidates ? `“${asked}” fits several.` : `No entity is called “${asked}”.`}{" "}
        {offered.length > 0 && (problem.candidates ? "Which one?" : "Did you mean one of these?")}
      </p>
      <ul>
        {offered.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              onClick={() => askWith({ [end]: { ask: one.id, name: one.name || one.id } })}
            >
              <bdi>{one.name || one.id}</bdi>{" "}
              <small>
                {one.category && `${categoryLabel(one.category)} · `}
                {one.id}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
