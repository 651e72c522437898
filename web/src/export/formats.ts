/** The forms in which the server writes a figure, as its own description lists them. */

import { get } from "../api";

export interface Format {
  readonly name: string;
  readonly label: string;
}

export interface Shelf {
  readonly title: string;
  readonly formats: readonly Format[];
}

interface Described {
  readonly paths: Record<string, { post?: { responses: Record<string, { content?: Content }> } }>;
}
type Content = Record<string, { schema?: { description?: string } }>;

/** Where a format is looked for; what the server has beyond these stands on the last shelf. */
const SHELVES: readonly (readonly [string, readonly string[]])[] = [
  ["Picture", ["svg", "png", "pdf"]],
  ["Table and references", ["tsv", "bibtex", "mermaid"]],
  ["Graph", ["turtle", "kgx-tsv", "kgx-jsonl", "cx2"]],
];
const REST = "More";
/** What the page itself asks for. */
const OWN = new Set(["json", "layout"]);

/** "Turtle (turtle)" */
const DESCRIPTION = /^(.*) \(([\w.-]+)\)$/;

/** The formats of POST /api/v1/subgraph, on their shelves. */
export async function fetchShelves(signal: AbortSignal): Promise<readonly Shelf[]> {
  const described = await get<Described>("/openapi.json", signal);
  const content = described.paths["/api/v1/subgraph"]?.post?.responses["200"]?.content ?? {};
  const formats = Object.values(content).flatMap(({ schema }): Format[] => {
    const [, label, name] = DESCRIPTION.exec(schema?.description ?? "") ?? [];
    return label && name && !OWN.has(name) ? [{ name, label }] : [];
  });
  return shelved(formats);
}

export function shelved(formats: readonly Format[]): readonly Shelf[] {
  const placed = new Set(SHELVES.flatMap(([, names]) => names));
  const shelves = SHELVES.map(([title, names]) => ({
    title,
    formats: names.flatMap((name) => formats.filter((one) => one.name === name)),
  }));
  const rest = formats.filter((one) => !placed.has(one.name));
  return [...shelves, { title: REST, formats: rest }].filter((one) => one.formats.length > 0);
}
