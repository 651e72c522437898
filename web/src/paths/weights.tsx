/** Sliders that weigh the parts of a score; the loaded paths are put in their order at once. */

import * as store from "../store";

const MEANINGS: Readonly<Record<string, string>> = {
  length: "Prefer short paths",
  hubs: "Avoid hubs",
  doubt: "Avoid doubt",
  generic: "Avoid loose relations",
  corroboration: "Prefer what other routes support",
  curated: "Prefer what curated mechanisms use",
  assumptions: "Avoid assumptions",
  rank: "Keep the order before what was learned",
  relations: "Prefer relations of curated mechanisms",
  degrees: "Prefer degrees of curated mechanisms",
  shared: "Prefer what other paths share",
  crowding: "Avoid kinds of path that are many",
  shortcuts: "Prefer entities that are joined otherwise, too",
  mechanisms: "Prefer what curated mechanisms of the target use",
  support: "Prefer support as curated mechanisms have it",
};
/** A part that is the same for all paths that it concerns: weighing it changes nothing. */
const SAME = "offset";
/** A weight may grow to so many times the service's own. */
const MOST = 3;

export function Weights() {
  const parts = (store.loaded.value[0]?.score_parts ?? []).filter(({ name }) => name !== SAME);
  const weights = store.weights.value;
  const changed = Object.keys(weights).length > 0;
  if (!parts.length) {
    return null;
  }
  return (
    <details class="weights">
      <summary>Ranking{changed && <span class="badge">changed</span>}</summary>
      {parts.map(({ name, weight }) => {
        const own = weights[name] ?? weight;
        const most = Math.abs(weight || 1) * MOST;
        return (
          <label key={name} class="slider">
            <span>{MEANINGS[name] ?? name}</span>
            <input
              type="range"
              min="0"
              max={String(most)}
              step={String(most / 60)}
              value={String(Math.abs(own))}
              aria-valuetext={`${Math.abs(own).toFixed(2)} per ${name}`}
              onInput={(event) => {
                const size = Number(event.currentTarget.value);
                store.weights.value = { ...weights, [name]: weight < 0 ? -size : size };
              }}
            />
            <output>{Math.abs(own).toFixed(2)}</output>
          </label>
        );
      })}
      <p class="note">
        Puts the loaded paths in order
        {store.summary.value?.complete
          ? "."
          : "; a path that is not loaded might rank higher: load more to be sure."}
        {changed && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              store.weights.value = {};
            }}
          >
            Reset
          </button>
        )}
      </p>
    </details>
  );
}
