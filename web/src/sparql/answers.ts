/** A query to the endpoint of this server, and what its answers look like. */

export interface Term {
  readonly type: string;
  readonly value: string;
  readonly datatype?: string;
  readonly "xml:lang"?: string;
}

export type Answer =
  | { readonly kind: "table"; readonly names: string[]; readonly rows: Record<string, Term>[] }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "graph"; readonly text: string };

interface Results {
  readonly head: { readonly vars?: string[] };
  readonly boolean?: boolean;
  readonly results?: { readonly bindings: Record<string, Term>[] };
}

const ACCEPT = "application/sparql-results+json, text/turtle";

/** The answer to a query; an error carries the sentence of the service's problem. */
export async function answer(query: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch("/sparql", {
    method: "POST",
    headers: { Accept: ACCEPT, "Content-Type": "application/sparql-query" },
    body: query,
    signal,
  });
  if (!response.ok) {
    throw new Error(await complaint(response));
  }
  if (response.headers.get("Content-Type")?.startsWith("text/turtle")) {
    return { kind: "graph", text: await response.text() };
  }
  return read((await response.json()) as Results);
}

function read({ head, boolean, results }: Results): Answer {
  if (boolean !== undefined) {
    return { kind: "boolean", value: boolean };
  }
  return { kind: "table", names: head.vars ?? [], rows: results?.bindings ?? [] };
}

async function complaint(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? response.statusText;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

/** The prefixes that a query declares, longest namespaces first. */
export function prefixesOf(query: string): (readonly [string, string])[] {
  return [...query.matchAll(/PREFIX\s+([\w.-]*):\s*<([^>]*)>/gi)]
    .map(([, prefix = "", start = ""]) => [prefix, start] as const)
    .sort(([, one], [, other]) => other.length - one.length);
}

/** An IRI as a table shows it: by a prefix of the query where one fits. */
export function shortened(iri: string, prefixes: readonly (readonly [string, string])[]): string {
  const found = prefixes.find(([, start]) => start && iri.startsWith(start));
  return found ? `${found[0]}:${iri.slice(found[1].length)}` : iri;
}

const OWN = "https://w3id.org/mechkg/";

/** Where a click on an IRI leads: to this server for our own, else to the IRI if it is a web address. */
export function addressOf(iri: string): string | null {
  if (iri.startsWith(OWN)) {
    return `/id/${iri.slice(OWN.length)}`;
  }
  return /^https?:\/\//.test(iri) ? iri : null;
}
