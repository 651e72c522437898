/** The figure of a comparison: the best path of each side through what both sides share. */

import { computed } from "@preact/signals";
import { placesOf } from "../figure/edits";
import { follow, type Request } from "../figure/relayout";
import { number } from "../words";
import { type Comparison, comparison, endOfSide, type Mediator, type SideName } from "./comparison";

/** Shared mediators of a figure, and those of one side alone: more cannot be read. */
const MOST_SHARED = 8;
const MOST_OWN = 4;

const SIDES: readonly SideName[] = ["left", "right"];

interface Drawn {
  readonly shared: readonly Mediator[];
  readonly own: readonly Mediator[];
}

const NOTHING: Drawn = { shared: [], own: [] };

function drawnOf({ mediators }: Comparison): Drawn {
  const best = (origin: Mediator["origin"], most: number) =>
    mediators.filter((one) => one.origin === origin).slice(0, most);
  return {
    shared: best("both", MOST_SHARED),
    own: SIDES.flatMap((side) => best(side, MOST_OWN)),
  };
}

export const drawn = computed<Drawn>(() => {
  const { result } = comparison.value;
  return result ? drawnOf(result) : NOTHING;
});

/** The best paths of each side through the mediators that are drawn. */
const throughs = ({ shared, own }: Drawn) =>
  [...shared, ...own].flatMap((one) => SIDES.flatMap((side) => one[side] ?? []));

const each = (ids: readonly (string | undefined)[]) => [
  ...new Set(ids.filter((id) => id !== undefined)),
];

export const request = computed<Request>(() => {
  const paths = throughs(drawn.value);
  const ends = comparison.value.result && SIDES.map((side) => endOfSide(side).name).join(" and ");
  return {
    content: {
      // Only their names are asked for: the service knows what they join.
      links: each(paths.flatMap(({ statements }) => statements)).map((id) => ({
        id,
        subject: "",
        object: "",
      })),
      sources: each(paths.map(({ entities }) => entities[0])),
      targets: each(paths.map(({ entities }) => entities.at(-1))),
    },
    places: placesOf([]),
    title: `What ${ends} share`,
    settled: true,
  };
});

export const { drawing, again } = follow(request);

/** What is shared, and the lines that lead to it and on: the rest of the figure is set back. */
export const sharedMarks = computed<ReadonlySet<string> | null>(() => {
  const { shared } = drawn.value;
  const paths = throughs({ shared, own: [] });
  return shared.length > 0
    ? new Set(paths.flatMap(({ entities, statements }) => [...entities, ...statements]))
    : null;
});

/** Says what of a comparison the figure holds. */
export function contentSentence(result: Comparison): string {
  const { shared, own } = drawn.value;
  const of = (some: number, all: number) =>
    some < all ? `${number(some)} of ${number(all)}` : `${number(all)}`;
  return (
    `Drawn: the best path of each side through ${of(shared.length, result.shared)} shared ` +
    `and ${of(own.length, result.only_left + result.only_right)} other mediators. ` +
    "What is shared is in full colour, the rest set back; statements that join a side and the " +
    "target directly are not drawn."
  );
}
