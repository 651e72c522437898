/** One path: its sentence, sign and score; shown, pinned or opened by a press. */

import { useComputed } from "@preact/signals";
import { memo } from "preact/compat";
import { scoreOf } from "../ranking";
import { bracketed, numbersOf } from "../references";
import { brokenAt } from "../removed";
import * as store from "../store";
import type { Path } from "../types";
import { counted, decimal, phrase, SIGNS, short } from "../words";
import { Wording } from "./wording";

export interface Span {
  readonly low: number;
  readonly high: number;
}

/** The lowest and highest score of a list. */
export function spanOf(rows: readonly store.Ranked[]): Span {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { score } of rows) {
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  return { low, high };
}

/** A bar of the worst score is still seen. */
const LEAST = 0.08;

const widthOf = (score: number, { low, high }: Span) =>
  high > low ? LEAST + (1 - LEAST) * ((score - low) / (high - low)) : 1;

interface Props {
  readonly row: store.Ranked;
  readonly span: Span;
}

const isSame = (one: Props, other: Props) =>
  one.row === other.row && one.span.low === other.span.low && one.span.high === other.span.high;

/** A row follows its own state, so that a press redraws the rows it changes and no other. */
export const PathRow = memo(Row, isSame);

function Row({ row: { path, index, score }, span }: Props) {
  const selected = useComputed(() => store.selected.value === index).value;
  const shown = useComputed(() => store.shown.value.has(index)).value;
  const pinned = useComputed(() => store.pinned.value.includes(index)).value;
  const touched = useComputed(() => store.touches(store.pointed.value, path)).value;
  const numbers = useComputed(() => (store.shown.value.has(index) ? referencesOf(path) : "")).value;
  const broken = useComputed(() =>
    store.shown.value.has(index) || store.selected.value === index ? brokenAt(path) : undefined,
  ).value;
  const sign = SIGNS.get(path.sign);
  return (
    <li
      class={`row${selected ? " selected" : ""}${shown ? "" : " absent"}${touched ? " touched" : ""}`}
      onPointerEnter={() => store.pointAt({ path: index })}
      onPointerLeave={() => store.pointAt(null)}
    >
      <label class="show" title="Show in the figure">
        <input
          type="checkbox"
          checked={shown}
          tabIndex={-1}
          aria-label={`Show in the figure: path ${index + 1}`}
          onChange={(event) => store.check(index, event.currentTarget.checked)}
        />
      </label>
      <button
        type="button"
        class="sentence-button"
        data-path={index}
        tabIndex={-1}
        aria-pressed={selected}
        onClick={() => store.select(selected ? null : index)}
      >
        <span class={`sign ${sign?.name}`} title={`The path ${sign?.word}`}>
          <span aria-hidden="true">{sign?.mark}</span>
          <span class="unseen">{sign?.name}: </span>
        </span>
        <Wording explanation={path.explanation} />
        <span class="meta">
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${(widthOf(score, span) * 100).toFixed(1)}%` }} />
          </span>
          {counted(path.length, "step")} · score {decimal(score)}
          {curatedSteps(path) > 0 && ` · ${curatedSteps(path)} in curated mechanisms`}
          {numbers && (
            <span class="numbers" title="References of the figure">
              {numbers}
            </span>
          )}
          {broken && (
            <span class="broken">
              Not drawn: it leads through <bdi>{short(broken.name || broken.id, 60)}</bdi>, which
              you removed.
            </span>
          )}
        </span>
      </button>
      <button
        type="button"
        class="pin"
        aria-pressed={pinned}
        tabIndex={-1}
        aria-label={`Pin on top: path ${index + 1}`}
        title={pinned ? "Unpin" : "Pin on top"}
        onClick={() => store.pin(index)}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M6 2h4l-.5 5L12 9.5H4L6.500 7zM8 9.500V14" />
        </svg>
      </button>
      {selected && <Assumptions path={path} />}
      {selected && <Parts path={path} />}
    </li>
  );
}

/** How many steps of a path curated mechanisms lead over. */
const curatedSteps = (path: Path) =>
  path.hops.filter(({ statements }) => statements.some(({ curated }) => curated)).length;

const referencesOf = (path: Path) =>
  bracketed(numbersOf(path.hops.flatMap(({ statements }) => statements)));

/** What must hold for the effect to pass on from step to step, and how much of it then passes. */
function Assumptions({ path: { assumptions, entities } }: { readonly path: Path }) {
  return assumptions.length ? (
    <div class="assumptions">
      <p>
        The effect passes on only if {assumptions.length === 1 ? "this holds" : "all of this holds"}
        :
      </p>
      <ul>
        {assumptions.map(({ name, position, reason, weight }) => (
          <li key={`${position} ${name}`}>
            At <bdi>{short(entities[position]?.name ?? "")}</bdi>: {reason || phrase(name)}{" "}
            <span class="muted">(weight {decimal(weight)})</span>
          </li>
        ))}
      </ul>
    </div>
  ) : null;
}

/** How a score comes about: a sum of parts, each value × weight. */
function Parts({ path }: { readonly path: Path }) {
  const weights = store.weights.value;
  return (
    <details class="parts">
      <summary>Score parts</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Value</th>
            <th scope="col">Weight</th>
            <th scope="col">Product</th>
          </tr>
        </thead>
        <tbody>
          {path.score_parts.map(({ name, value, weight }) => {
            const own = weights[name] ?? weight;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{decimal(value)}</td>
                <td>{decimal(own)}</td>
                <td>{decimal(value * own)}</td>
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              Score
            </th>
            <td>{decimal(scoreOf(path, weights))}</td>
          </tr>
        </tfoot>
      </table>
    </details>
  );
}
