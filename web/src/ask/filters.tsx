/** Filters as facets: what the paths hold, counted, to admit only some of it. */

import { useState } from "preact/hooks";
import { ask, more } from "../asking";
import { choicesOf, SEARCHED, type SearchedFacet, valuesOf } from "../facet-counts";
import { excluding, FACETS, type Facet } from "../facets";
import { CONSISTENT, FILTERS, isFiltered } from "../question";
import * as store from "../store";
import { counted, number, short } from "../words";

const FEW = 7;
const ROUTES = [0, 1, 2, 3, 5, 10] as const;
const HUBS = [0, 100, 50, 25, 15] as const;

/** What ticking a value does: the first two look at the loaded paths, the last searches again. */
const MODES = [
  ["with", "Show paths with it"],
  ["without", "Hide paths with it"],
  ["only", "Search again: every step of it"],
] as const;
type Mode = (typeof MODES)[number][0];

export function Filters() {
  const [open, setOpen] = useState(false);
  const [mode, setMode] = useState<Mode>(isFiltered(store.question.peek()) ? "only" : "with");
  const question = store.question.value;
  const ticked =
    FILTERS.reduce((sum, name) => sum + question[name].length, 0) +
    store.narrowings.value.length +
    (store.hubLimit.value ? 1 : 0) +
    (question.minRoutes ? 1 : 0) +
    (store.searchText.value ? 1 : 0);
  return (
    <details class="filters" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Filters{ticked > 0 && <span class="badge">{ticked}</span>}</summary>
      {open && (
        <>
          <div class="filter-heads">
            <Modes mode={mode} onChange={setMode} />
            <Find />
          </div>
          <div class="facets">
            {mode === "only"
              ? SEARCHED.map((facet) => <SearchBox key={facet.key} facet={facet} />)
              : FACETS.map((facet) => (
                  <FacetBox key={facet.key} facet={facet} wanted={mode === "with"} />
                ))}
            {mode === "only" && <Routes />}
            <Hubs />
          </div>
          <p class="note">{NOTES[mode]}</p>
        </>
      )}
      {ticked > 0 && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            const searched = isFiltered(store.question.peek());
            store.clearFilters();
            if (searched) {
              void ask();
            }
          }}
        >
          Lift all filters
        </button>
      )}
    </details>
  );
}

const NOTES: Readonly<Record<Mode, string>> = {
  with: "A path is shown if at least one of its steps has all that is ticked here. Each number says how many of the loaded paths are left once it is ticked.",
  without:
    "A path is hidden if one of its steps has what is ticked here. Each number says how many of the loaded paths are left once it is ticked.",
  only: "Every step of a path must be of what its list has ticked. Evidence kinds and sources count as one list.",
};

function Modes({ mode, onChange }: { readonly mode: Mode; readonly onChange: (to: Mode) => void }) {
  return (
    <fieldset class="modes">
      <legend class="unseen">What ticking does</legend>
      {MODES.map(([value, words]) => (
        <label key={value} class="choice">
          <input
            type="radio"
            name="filter-mode"
            checked={mode === value}
            onChange={() => onChange(value)}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Find() {
  return (
    <label class="choice">
      <span>Find in the sentences</span>
      <input
        type="search"
        value={store.searchText.value}
        onInput={(event) => {
          store.searchText.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}

interface FacetBoxProps {
  readonly facet: Facet;
  readonly wanted: boolean;
}

/** The values that loaded paths have, each with how many are left in view once it is pressed. */
function FacetBox({ facet, wanted }: FacetBoxProps) {
  const [all, setAll] = useState(false);
  const choices = choicesOf(facet, wanted);
  const seen = all ? choices : choices.filter(({ chosen }, i) => chosen || i < FEW);
  return choices.length > 0 ? (
    <fieldset>
      <legend>{facet.title}</legend>
      {seen.map(({ value, chosen, result }) => (
        <label key={value} class="tick">
          <input
            type="checkbox"
            checked={chosen}
            onChange={() => store.narrow(facet.key, value, wanted)}
          />
          <bdi>{worded(facet.label(value))}</bdi>
          <span class="count">{number(result)}</span>
        </label>
      ))}
      {seen.length < choices.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {counted(choices.length - seen.length, "more", "more")}
        </button>
      )}
    </fieldset>
  ) : null;
}

const worded = (words: string) => (words.trim() ? short(words, 80) : "(blank)");

/** The values of a facet by which the service searches again. */
function SearchBox({ facet }: { readonly facet: SearchedFacet }) {
  const [all, setAll] = useState(false);
  const rows = valuesOf(facet);
  const ticked = store.question.value[facet.filter];
  const contexts = facet.key === "context";
  if (!rows.length && facet.key !== "kind") {
    return null;
  }
  const seen = all ? rows : rows.filter((value, i) => i < FEW || ticked.includes(value));
  const toggle = (value: string) => {
    store.toggleFilter(facet.filter, value);
    void ask();
  };
  const box = (value: string, words: string) => (
    <label key={value} class="tick">
      <input type="checkbox" checked={ticked.includes(value)} onChange={() => toggle(value)} />
      <bdi>{worded(words)}</bdi>
    </label>
  );
  const line = (value: string, words: string) =>
    contexts && /\w=/.test(value) && !ticked.includes(value) ? (
      <div key={value} class="tick-line">
        {box(value, words)}
        <button
          type="button"
          class="quiet"
          aria-label={`Leave out ${words}`}
          onClick={() => toggle(excluding(value))}
        >
          not
        </button>
      </div>
    ) : (
      box(value, words)
    );
  const listed = seen.filter((value) => value !== CONSISTENT);
  return (
    <fieldset>
      <legend>{facet.title}</legend>
      {contexts && box(CONSISTENT, facet.label(CONSISTENT))}
      {listed.map((value) => line(value, facet.label(value)))}
      {facet.key === "kind" && box("any", "All, inferred too")}
      {seen.length < rows.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {counted(rows.length - seen.length, "more", "more")}
        </button>
      )}
    </fieldset>
  );
}

/** How well the rest of the graph must support each step. */
function Routes() {
  const least = store.question.value.minRoutes;
  return (
    <fieldset>
      <legend>Support</legend>
      <label class="choice stacked">
        <span>Independent routes that support each step</span>
        <select
          value={String(least)}
          onChange={(event) => {
            store.change({ minRoutes: Number(event.currentTarget.value) });
            void ask();
          }}
        >
          {[...new Set([...ROUTES, least])].map((routes) => (
            <option key={routes} value={String(routes)}>
              {routes ? `at least ${routes}` : "any number"}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}

function Hubs() {
  const loaded = store.loaded.value.length;
  return (
    <fieldset>
      <legend>Hubs</legend>
      <p class="basis">
        {number(store.hubsHidden.value)} of {counted(loaded, "loaded path")} hidden
      </p>
      <label class="choice stacked">
        <span>Hide paths through entities of many relations</span>
        <select
          value={String(store.hubLimit.value)}
          onChange={(event) => {
            store.hubLimit.value = Number(event.currentTarget.value);
          }}
        >
          {[...new Set([...HUBS, store.hubLimit.value])].map((most) => (
            <option key={most} value={String(most)}>
              {most ? `more than ${most}` : "hide none"}
            </option>
          ))}
        </select>
      </label>
      <p class="basis">Taken on average along a path (geometric mean).</p>
      {store.hubLimit.value > 0 && store.summary.value?.cursor && (
        <p class="basis">
          Paths that are not loaded are not looked at.{" "}
          <button type="button" class="quiet" onClick={() => void more()}>
            Load more
          </button>
        </p>
      )}
    </fieldset>
  );
}
