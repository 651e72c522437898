/** The graph at a glance, and questions to begin with: what the start page and its fields offer. */

import { computed, signal } from "@preact/signals";
import { get } from "./api";
import type { End } from "./question";
import type { Overview } from "./types";
import { categoryLabel } from "./words";

export interface Example {
  readonly source: End;
  readonly target: End;
  readonly why: string;
}

const guided = (source: string, target: string, why: string): Example => ({
  source: { ask: source, name: source },
  target: { ask: target, name: target },
  why,
});

/** Guided questions of the bundled ontology; those of another graph are counted from it. */
const GUIDED: readonly Example[] = [
  guided(
    "neural stem cell",
    "Remyelination",
    "What a graft secretes, and what that does to myelin",
  ),
  guided(
    "neural stem cell",
    "neuron",
    "Protection, replacement, and an inflammation that does both",
  ),
  guided("mesenchymal stem cell", "Remyelination", "The other cell in trials, by other ways"),
  guided("neural stem cell", "multiple sclerosis", "From the cell to the disease"),
  guided("GDNF", "neuron", "One factor and its evidence"),
];

/** What the graph holds; null until it is known, or where the service does not say. */
export const overview = signal<Overview | null>(null);

export const examples = computed<readonly Example[]>(() => {
  const known = overview.value;
  return known?.graph === "ms-nsc" ? GUIDED : (known?.examples ?? []).map(exampleOf);
});

function exampleOf({ source, target }: Overview["examples"][number]): Example {
  return {
    source: { ask: source.id, name: source.name || source.id },
    target: { ask: target.id, name: target.name || target.id },
    why: `${categoryLabel(source.category)} to ${categoryLabel(target.category)}`,
  };
}

/** Categories whose label begins with what is typed, as ends that stand for any of their entities. */
export function openEnds(text: string): readonly End[] {
  const typed = text.trim().toLowerCase();
  return (overview.value?.categories ?? [])
    .filter(
      ({ label, category }) =>
        typed && [label, category].some((one) => one.toLowerCase().startsWith(typed)),
    )
    .map(({ category, label }) => ({ ask: category, name: label, open: true }));
}

/** Learns the graph at a glance, unless it is known. */
export async function learnOverviewOnce(): Promise<void> {
  if (!overview.peek()) {
    await learnOverview();
  }
}

export async function learnOverview(): Promise<void> {
  try {
    overview.value = await get<Overview>("/api/v1/overview");
  } catch {
    // The start page then offers its fields only; what is wrong, a question will say.
    overview.value = null;
  }
}
