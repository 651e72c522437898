/** The entities between each side and the target: shared ones, and those of one side only. */

import { computed } from "@preact/signals";
import * as store from "../store";
import { counted, number, SIGNS, short } from "../words";
import {
  type Comparison,
  comparison,
  endOfSide,
  type Mediator,
  type Origin,
  openThrough,
  type SideName,
} from "./comparison";

export function Mediators({ result }: { readonly result: Comparison }) {
  const of = (origin: Origin) => result.mediators.filter((one) => one.origin === origin);
  const columns = [
    ["left", `Only ${endOfSide("left").name}`, result.only_left],
    ["both", "Shared", result.shared],
    ["right", `Only ${endOfSide("right").name}`, result.only_right],
  ] as const;
  return (
    <section aria-label="Mediators">
      <h2>Mediators</h2>
      <div class="origins">
        {columns.map(([origin, title, total]) => {
          const rows = of(origin);
          return (
            <section key={origin} aria-label={short(title, 80)}>
              <h3>
                <bdi>{short(title, 80)}</bdi>
                <span class="count">{number(total)}</span>
              </h3>
              {total === 0 && <p class="muted">None.</p>}
              <ul>
                {rows.map((one) => (
                  <Row key={one.entity.id} mediator={one} />
                ))}
              </ul>
              {rows.length < total && (
                <p class="muted">
                  {number(rows.length)} of {number(total)} listed.
                </p>
              )}
            </section>
          );
        })}
      </div>
    </section>
  );
}

/** Sentences that the sides have already: each is printed once on the page. */
const printed = computed<ReadonlyMap<string, string>>(() => {
  const { result } = comparison.value;
  const first = new Map<string, string>();
  for (const path of [...(result?.left.paths ?? []), ...(result?.right.paths ?? [])]) {
    first.set(path.explanation, "");
  }
  for (const { entity, left, right } of result?.mediators ?? []) {
    for (const told of [left, right]) {
      if (told && !first.has(told.explanation)) {
        first.set(told.explanation, entity.id);
      }
    }
  }
  return first;
});

function Row({ mediator }: { readonly mediator: Mediator }) {
  const name = mediator.entity.name || mediator.entity.id;
  const sides = (["left", "right"] as const).filter((side) => mediator[side]);
  return (
    <li>
      <b>
        <bdi>{short(name, 120)}</bdi>
      </b>
      {sides.map((side) => (
        <Through key={side} side={side} mediator={mediator} both={sides.length > 1} />
      ))}
    </li>
  );
}

interface Props {
  readonly side: SideName;
  readonly mediator: Mediator;
  readonly both: boolean;
}

function Through({ side, mediator, both }: Props) {
  const told = mediator[side];
  const end = endOfSide(side);
  if (!told) {
    return null;
  }
  const sign = SIGNS.get(told.sign);
  return (
    <div class="through">
      <span class={`sign ${sign?.name}`}>
        <span aria-hidden="true">{sign?.mark}</span>
        <span class="unseen">{sign?.name}: </span>
      </span>
      <span>
        {printed.value.get(told.explanation) === mediator.entity.id && (
          <bdi>{short(told.explanation, 240)}</bdi>
        )}{" "}
        <button
          type="button"
          class="quiet"
          aria-label={`${counted(told.paths, "path")} from ${end.name} through ${short(mediator.entity.name, 80)}`}
          onClick={() => openThrough(side, store.endOf(mediator.entity))}
        >
          {counted(told.paths, "path")}
          {both && ` from ${short(end.name, 40)}`}
        </button>
      </span>
    </div>
  );
}
