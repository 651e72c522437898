/** Filters as facets: what the paths hold, counted, to admit only some of it. */

import { useState } from "preact/hooks";
import { ask, more } from "../asking";
import { countsOf, excluding, FACETS, type Facet } from "../facets";
import { CONSISTENT, FILTERS } from "../question";
import * as store from "../store";
import { counted, number, short } from "../words";

const FEW = 7;
const HUBS = [0, 100, 50, 25, 15] as const;

export function Filters() {
  const [open, setOpen] = useState(false);
  const question = store.question.value;
  const ticked =
    FILTERS.reduce((sum, name) => sum + question[name].length, 0) + (store.hubLimit.value ? 1 : 0);
  return (
    <details class="filters" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Filters{ticked > 0 && <span class="badge">{ticked}</span>}</summary>
      <div class="facets">
        {open && FACETS.map((facet) => <FacetBox key={facet.key} facet={facet} />)}
        {open && <Hubs />}
      </div>
      <p class="note">
        Every step of a path must be of what its list has ticked. Counts are of paths: those loaded,
        or in a list that is ticked, those loaded before it was. Evidence kinds and sources count as
        one list.
      </p>
      {ticked > 0 && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            store.clearFilters();
            void ask();
          }}
        >
          Lift all filters
        </button>
      )}
    </details>
  );
}

function FacetBox({ facet }: { readonly facet: Facet }) {
  const [all, setAll] = useState(false);
  const { rows, paths, before } = countsOf(facet);
  const ticked = store.question.value[facet.filter];
  const contexts = facet.key === "context";
  if (!rows.length && facet.key !== "kind") {
    return null;
  }
  const seen = all ? rows : rows.filter(([value], i) => i < FEW || ticked.includes(value));
  const toggle = (value: string) => {
    store.toggleFilter(facet.filter, value);
    void ask();
  };
  const box = (value: string, words: string, count: number | null) => (
    <label key={value} class="tick">
      <input type="checkbox" checked={ticked.includes(value)} onChange={() => toggle(value)} />
      <bdi>{words.trim() ? short(words, 80) : "(blank)"}</bdi>
      {count !== null && <span class="count">{number(count)}</span>}
    </label>
  );
  const line = (value: string, words: string, count: number | null) =>
    contexts && /\w=/.test(value) && !ticked.includes(value) ? (
      <div key={value} class="tick-line">
        {box(value, words, count)}
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
      box(value, words, count)
    );
  const listed = seen.filter(([value]) => value !== CONSISTENT);
  return (
    <fieldset>
      <legend>{facet.title}</legend>
      <p class="basis">
        of {counted(paths, "path")}
        {before ? " before" : ""}
      </p>
      {contexts && box(CONSISTENT, facet.label(CONSISTENT), null)}
      {listed.map(([value, count]) => line(value, facet.label(value), count))}
      {facet.key === "kind" && box("any", "All, inferred too", null)}
      {seen.length < rows.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          {counted(rows.length - seen.length, "more", "more")}
        </button>
      )}
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
