/** What a source does to a target, and what all paths say of it, not only those that are loaded. */

import * as store from "../store";
import type { Verdict as Decision, NetEffect } from "../types";
import { number, short } from "../words";

const HEADLINES: Readonly<Record<Decision, string>> = {
  raises: "Raises",
  lowers: "Lowers",
  both: "Raises and lowers",
  unknown: "Direction unknown",
  none: "No effect stated",
};

/** What decided, where the verdict alone would say too much or too little. */
const BASES: Readonly<Record<string, string>> = {
  denied: "Effect denied",
  trial: "Decided by trials",
  weak_chains: "Too weak to tell",
};

/** Hedges on which a headline may not stand as if it were plain knowledge. */
const WEAK: ReadonlySet<string | null> = new Set(["suggested", "hypothesised", "contested"]);

const COUNTS = [
  ["supports", "raise", "+", "raises"],
  ["opposes", "lower", "−", "lowers"],
  ["neutral", "no effect meant", "·", "neutral"],
  ["unknown", "unknown", "?", "unknown"],
] as const;

export function Verdict({ effect }: { readonly effect: NetEffect }) {
  const [first] = store.loaded.value;
  const ends = [first?.entities[0]?.name, first?.entities.at(-1)?.name];
  const total = COUNTS.reduce((sum, [name]) => sum + effect[name], 0) || 1;
  return (
    <section
      class={`verdict ${effect.verdict} ${isWeak(effect) ? "weak" : ""}`}
      aria-label="Net effect"
    >
      <p class="headline">
        <strong>{headline(effect)}</strong>
        <span>
          <bdi>{short(ends[0] ?? "", 80)}</bdi> → <bdi>{short(ends[1] ?? "", 80)}</bdi>
        </span>
      </p>
      <div class="balance" aria-hidden="true">
        {COUNTS.map(([name, , , look]) =>
          effect[name] ? (
            <span
              key={name}
              class={look}
              style={{ flexGrow: String(Math.max(effect[name] / total, 0.02)) }}
            />
          ) : null,
        )}
      </div>
      <Counts effect={effect} />
      <p class="told">
        <bdi>{short(effect.sentence, 400)}</bdi>
        {!effect.exact && " Counting was cut short: there are more."}
      </p>
    </section>
  );
}

/** Whether a headline rests on too little to be shown as plain knowledge. */
function isWeak(effect: NetEffect): boolean {
  return effect.basis === "association" || WEAK.has(effect.hedge);
}

/** The verdict in a few words; one that rests on weak evidence says so. */
export function headline(effect: NetEffect): string {
  const words = BASES[effect.basis] ?? HEADLINES[effect.verdict];
  if (effect.basis === "association") {
    return `${words} (by association)`;
  }
  return WEAK.has(effect.hedge) ? `${words} (${effect.hedge} only)` : words;
}

/** How many paths have each sign. */
export function Counts({ effect }: { readonly effect: NetEffect }) {
  return (
    <ul class="counts">
      {COUNTS.map(([name, words, mark, look]) => (
        <li key={name} class={effect[name] ? "" : "muted"}>
          <span class={`sign ${look}`} aria-hidden="true">
            {mark}
          </span>{" "}
          <b>{number(effect[name])}</b> {words}
        </li>
      ))}
    </ul>
  );
}
