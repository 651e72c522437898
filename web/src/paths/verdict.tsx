/** What a source does to a target, and what all paths say of it, not only those that are loaded. */

import type { NetEffect } from "../types";
import { number, short } from "../words";

/** Hedges on which a headline may not stand as if it were plain knowledge. */
const WEAK: ReadonlySet<string | null> = new Set(["suggested", "hypothesised", "contested"]);

const COUNTS = [
  ["supports", "raise", "+", "raises"],
  ["opposes", "lower", "−", "lowers"],
  ["neutral", "state a link, not an effect", "·", "neutral"],
  ["unknown", "leave the direction open", "?", "unknown"],
] as const;

export function Verdict({ effect }: { readonly effect: NetEffect }) {
  const total = COUNTS.reduce((sum, [name]) => sum + effect[name], 0) || 1;
  return (
    <section
      class={`verdict ${effect.verdict} ${isWeak(effect) ? "weak" : ""}`}
      aria-label="Net effect"
    >
      <p class="headline">
        <strong>
          <bdi>{short(effect.claim, 300)}</bdi>
        </strong>
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
        <bdi>{short(grounds(effect), 400)}</bdi>
        {!effect.exact && " Counting was cut short: there are more."}
      </p>
    </section>
  );
}

/** Whether a headline rests on too little to be shown as plain knowledge. */
function isWeak(effect: NetEffect): boolean {
  return effect.basis === "association" || WEAK.has(effect.hedge);
}

/** What the claim rests on: the rest of the sentence. */
export function grounds(effect: NetEffect): string {
  const rest = effect.sentence.slice(effect.claim.length).replace(/^[:.]\s*/, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
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
