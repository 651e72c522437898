/** What the reader took out of the figure, and which paths that leaves undrawn. */

import { computed } from "@preact/signals";
import { readEdits } from "./figure/edits";
import * as store from "./store";
import type { EntityRef, Path } from "./types";

/** The entities that were taken out, by identifier. */
const removed = computed<ReadonlySet<string>>(
  () =>
    new Set(
      readEdits(store.edits.value).flatMap(({ kind, entity }) =>
        kind === "remove" ? [entity] : [],
      ),
    ),
);

/** An entity between the ends of a path that was taken out: the path is then not drawn. */
export const brokenAt = ({ entities }: Path): EntityRef | undefined =>
  removed.value.size > 0
    ? entities.slice(1, -1).find(({ id }) => removed.value.has(id))
    : undefined;
