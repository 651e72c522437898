/** What paths must pass, what they must avoid and which filters hold: each is lifted by a press. */

import { ask, askWith } from "../asking";
import { FACETS } from "../facets";
import { type End, FILTERS, type FilterName } from "../question";
import * as store from "../store";
import { counted, phrase, short } from "../words";

/** The evidence that admits what is inferred besides what is asserted. */
const EVERYTHING = "any";
/** More values of a filter than this are one chip. */
const MANY = 6;

const labelOf = (filter: FilterName, value: string) =>
  FACETS.findLast(
    (one) =>
      one.filter === filter &&
      (one.key !== "source" || value.includes(":")) &&
      (one.key !== "kind" || !value.includes(":")),
  )?.label(value) ?? phrase(value);

export function Chips() {
  const question = store.question.value;
  const release = (where: "via" | "avoid", end: End) => {
    store.release(where, end.ask);
    void ask();
  };
  const lift = (filter: FilterName, value: string) => {
    store.toggleFilter(filter, value);
    void ask();
  };
  const chips = [
    ...(["via", "avoid"] as const).flatMap((where) =>
      question[where].map((end) => ({
        key: `${where} ${end.ask}`,
        kind: where === "via" ? "through" : "avoiding",
        words: end.name,
        lift: () => release(where, end),
      })),
    ),
    ...store.narrowings.value.map(({ facet, value, wanted }) => ({
      key: `${facet} ${value}`,
      kind: wanted ? "with" : "without",
      words: FACETS.find(({ key }) => key === facet)?.label(value) ?? value,
      lift: () => store.narrow(facet, value, wanted),
    })),
    ...(question.minRoutes
      ? [
          {
            key: "routes",
            kind: "only",
            words: `steps with at least ${counted(question.minRoutes, "route")}`,
            lift: () => askWith({ minRoutes: 0 }),
          },
        ]
      : []),
    ...FILTERS.flatMap((filter) =>
      question[filter].length > MANY
        ? {
            key: filter,
            kind: `only ${filter}`,
            words: `one of ${question[filter].length}`,
            lift: () => askWith({ [filter]: [] }),
          }
        : question[filter].map((value) => ({
            key: `${filter} ${value}`,
            kind: value === EVERYTHING ? "with" : `only ${filter}`,
            words: value === EVERYTHING ? "inferred statements" : labelOf(filter, value),
            lift: () => lift(filter, value),
          })),
    ),
  ];
  return chips.length ? (
    <ul class="chips" aria-label="Constraints">
      {chips.map((chip) => (
        <li key={chip.key}>
          <button type="button" onClick={chip.lift} aria-label={`Lift: ${chip.kind} ${chip.words}`}>
            <span class="kind">{chip.kind}</span> <bdi>{short(chip.words, 60)}</bdi>
            <span aria-hidden="true"> ×</span>
          </button>
        </li>
      ))}
    </ul>
  ) : null;
}
