/** The metagraph as a map: categories in a ring, joined by how many statements; press one. */

import { useState } from "preact/hooks";
import type { Overview } from "../types";
import { categoryLabel, counted, number, predicateLabel } from "../words";

/** Categories in the ring; more would not be told apart. */
const RING = 9;
const ROWS = 12;
const WIDTH = 640;
const HEIGHT = 330;

type Relation = Overview["relations"][number];

interface Place {
  readonly category: string;
  readonly entities: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Places the categories that most statements join, the first on top, clockwise. */
function placesOf({ categories, relations }: Overview): readonly Place[] {
  const statements = new Map<string, number>();
  for (const { subject, object, statements: count } of relations) {
    statements.set(subject, (statements.get(subject) ?? 0) + count);
    statements.set(object, (statements.get(object) ?? 0) + count);
  }
  const shown = categories
    .filter(({ category }) => statements.has(category))
    .sort((a, b) => (statements.get(b.category) ?? 0) - (statements.get(a.category) ?? 0))
    .slice(0, RING);
  const most = Math.max(...shown.map(({ entities }) => entities), 1);
  return shown.map(({ category, entities }, i) => {
    const angle = (2 * Math.PI * i) / shown.length - Math.PI / 2;
    return {
      category,
      entities,
      x: WIDTH / 2 + Math.cos(angle) * 215,
      y: HEIGHT / 2 - 8 + Math.sin(angle) * 118,
      radius: 7 + 17 * Math.sqrt(entities / most),
    };
  });
}

/** Statements between two categories, in either direction, by their places. */
function linesOf(places: readonly Place[], relations: readonly Relation[]) {
  const at = new Map(places.map(({ category }, i) => [category, i]));
  const lines = new Map<string, { a: number; b: number; statements: number }>();
  for (const { subject, object, statements } of relations) {
    const [from, to] = [at.get(subject), at.get(object)];
    if (from !== undefined && to !== undefined && from !== to) {
      const [a, b] = [Math.min(from, to), Math.max(from, to)];
      const line = lines.get(`${a} ${b}`) ?? { a, b, statements: 0 };
      line.statements += statements;
      lines.set(`${a} ${b}`, line);
    }
  }
  return [...lines.values()];
}

export function Metagraph({ overview }: { readonly overview: Overview }) {
  const [chosen, setChosen] = useState("");
  const places = placesOf(overview);
  if (places.length === 0) {
    return null;
  }
  const choose = (category: string) => setChosen(chosen === category ? "" : category);
  const touching = ({ subject, object }: Relation) => subject === chosen || object === chosen;
  const rows = chosen ? overview.relations.filter(touching) : overview.relations;
  return (
    <>
      <h2>What is related to what</h2>
      <div class="metagraph">
        <Ring places={places} relations={overview.relations} chosen={chosen} choose={choose} />
        <div>
          <ul class="categories" aria-label="Categories">
            {places.map(({ category, entities }) => (
              <li key={category}>
                <button
                  type="button"
                  aria-pressed={chosen === category}
                  onClick={() => choose(category)}
                >
                  {categoryLabel(category)} <span class="count">{number(entities)}</span>
                </button>
              </li>
            ))}
          </ul>
          <Relations rows={rows} chosen={chosen} total={overview.relations_total} />
        </div>
      </div>
    </>
  );
}

interface RingProps {
  readonly places: readonly Place[];
  readonly relations: readonly Relation[];
  readonly chosen: string;
  readonly choose: (category: string) => void;
}

/** The picture; the buttons beside it say and do the same for those who do not see or point. */
function Ring({ places, relations, chosen, choose }: RingProps) {
  const lines = linesOf(places, relations);
  const on = (i: number) => places[i]?.category === chosen;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {lines.map(({ a, b, statements }) => (
        <line
          key={`${a} ${b}`}
          class={chosen && !on(a) && !on(b) ? "faint" : ""}
          x1={places[a]?.x}
          y1={places[a]?.y}
          x2={places[b]?.x}
          y2={places[b]?.y}
          stroke-width={0.75 + Math.log2(1 + statements) * 0.6}
        />
      ))}
      {places.map(({ category, x, y, radius }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the buttons beside do the same.
        // biome-ignore lint/a11y/useKeyWithClickEvents: the buttons beside do the same.
        <g
          key={category}
          class={category === chosen ? "chosen" : ""}
          onClick={() => choose(category)}
        >
          <circle cx={x} cy={y} r={radius} />
          <text x={x} y={y + radius + 15} text-anchor="middle">
            {categoryLabel(category)}
          </text>
        </g>
      ))}
    </svg>
  );
}

interface RelationsProps {
  readonly rows: readonly Relation[];
  readonly chosen: string;
  readonly total: number;
}

function Relations({ rows, chosen, total }: RelationsProps) {
  const shown = rows.slice(0, ROWS);
  return (
    <>
      <ul class="relations" aria-label="Relations" aria-live="polite">
        {shown.map(({ subject, predicate, object, statements }) => (
          <li key={`${subject} ${predicate} ${object}`}>
            <span>
              {categoryLabel(subject)} <em>{predicateLabel(predicate)}</em> {categoryLabel(object)}
            </span>
            <span class="count">{number(statements)}</span>
          </li>
        ))}
      </ul>
      <p class="note">
        {chosen
          ? `The ${counted(shown.length, "most frequent relation")} of ${categoryLabel(chosen)}.`
          : `The ${counted(shown.length, "most frequent relation")} of ${number(total)}; press a category for its own.`}{" "}
        Counts are of statements, those of categories of entities.
      </p>
    </>
  );
}
