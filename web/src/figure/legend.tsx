/** The legend: only what the figure holds; a press on a row hides what it stands for. */

import { type Layout, traitsOf } from "./layout";
import { outline, SHAPES, shapeOf } from "./outlines";
import { tip } from "./tips";

const PLAIN = {
  sign: 0,
  marker: "open",
  inferred: false,
  negated: false,
  hedged: false,
} as const;

/** Traits of lines in the order and words of the SVG's legend, each with the line that shows it. */
const TRAITS = [
  { trait: "raises", words: "raises", sample: { ...PLAIN, sign: 1 } },
  { trait: "lowers", words: "lowers", sample: { ...PLAIN, sign: -1 } },
  { trait: "neutral", words: "no effect meant", sample: PLAIN },
  { trait: "unknown", words: "direction unknown", sample: { ...PLAIN, sign: null } },
  { trait: "symmetric", words: "symmetric", sample: { ...PLAIN, marker: "none" } },
  { trait: "inferred", words: "inferred", sample: { ...PLAIN, inferred: true } },
  { trait: "hedged", words: "hypothesised", sample: { ...PLAIN, sign: 1, hedged: true } },
  { trait: "negated", words: "denied", sample: { ...PLAIN, negated: true } },
] as const;

/** What the figures beside words mean, by the mark that they are told by. */
const NOTES = [
  ["·", "· n", "pieces of evidence"],
  ["×", "×n", "parallel statements"],
] as const;

const SAMPLE = "M1 8C11 8 21 8 30 8";

interface LegendProps {
  readonly layout: Layout;
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (what: string) => void;
}

export function Legend({ layout, hidden, onToggle }: LegendProps) {
  const families = new Map(layout.legend.map((row) => [shapeOf(row.shape), row.family]));
  const traits = new Set(layout.edges.flatMap(traitsOf));
  const counts = layout.edges.flatMap(({ labels }) => labels.map(({ count }) => count)).join("");
  const item = (what: string, words: string, sample: preact.JSX.Element) => (
    <li key={what}>
      <button
        type="button"
        class="legend-item"
        aria-pressed={!hidden.has(what)}
        title={hidden.has(what) ? `Show: ${words}` : `Hide: ${words}`}
        onClick={() => onToggle(what)}
      >
        {sample}
        <span>{words}</span>
      </button>
    </li>
  );
  return (
    <ul class="legend" aria-label="Legend; press to hide or show">
      {SHAPES.filter((shape) => families.has(shape)).map((shape) =>
        item(
          shape,
          families.get(shape) ?? "",
          <svg viewBox="-16 -9 32 18" width="32" height="18" aria-hidden="true">
            <g class={`entity ${shape}`}>
              <path class="box" d={outline(shape, 30, 16)} />
            </g>
          </svg>,
        ),
      )}
      {TRAITS.filter(({ trait }) => traits.has(trait)).map(({ trait, words, sample }) =>
        item(
          trait,
          words,
          <svg viewBox="0 0 32 16" width="32" height="16" aria-hidden="true">
            <g class={`edge ${traitsOf(sample).join(" ")}`}>
              <path class="line" d={SAMPLE} />
              {sample.marker !== "none" && <path class="tip" d={tip(SAMPLE, sample.sign)} />}
              {sample.negated && <path class="cross" d="M10 3L20 13M20 3L10 13" />}
            </g>
          </svg>,
        ),
      )}
      {NOTES.filter(([mark]) => counts.includes(mark)).map(([mark, sample, words]) => (
        <li key={mark} class="legend-note">
          <span class="tally">{sample}</span> {words}
        </li>
      ))}
    </ul>
  );
}
