/** Asks the service. What goes wrong is a `Failure`, whose message is fit for a reader. */

import { signal } from "@preact/signals";
import type { Path, PathSummary, Problem } from "./types";

/** The version of the graph that an address asks for; empty: the current one. */
export const pinnedSnapshot = signal("");

/** A request to the interface names the version; what lies beside it has only one. */
const pinnedAt = (path: string) => (path.startsWith("/api/v1/") ? pinnedSnapshot.peek() : "");

const JSON_TYPE = "application/json";

/** What the service refused, or why it could not be asked at all. */
export class Failure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }

  /** The last part of the problem's type: `unknown-entity`. */
  get kind(): string {
    return this.problem.type.split("/").at(-1) ?? "";
  }
}

const unreachable: Problem = {
  type: "unreachable",
  title: "The service does not answer",
  status: 0,
  detail:
    "The service does not answer. Check that it runs and that you are online, then try again.",
};

async function refusal(response: Response): Promise<Failure> {
  try {
    return new Failure((await response.json()) as Problem);
  } catch {
    const detail = `The service answered ${response.status}. Try again in a moment.`;
    return new Failure({ type: "", title: detail, status: response.status, detail });
  }
}

async function fetched(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    // What the page itself stopped is no failure of the service.
    throw init.signal?.aborted ? error : new Failure(unreachable);
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const init = { headers: { Accept: JSON_TYPE }, ...(signal && { signal }) };
  const snapshot = pinnedAt(path);
  const pin =
    snapshot && `${path.includes("?") ? "&" : "?"}snapshot=${encodeURIComponent(snapshot)}`;
  return (await (await fetched(path + pin, init)).json()) as T;
}

export function send(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  const snapshot = pinnedAt(path);
  return fetched(path, {
    method: "POST",
    headers: { "Content-Type": JSON_TYPE },
    body: JSON.stringify(snapshot ? { ...body, snapshot } : body),
    ...(signal && { signal }),
  });
}

export async function post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  return (await (await send(path, body, signal)).json()) as T;
}

/** Asks with the token of a curator: reads drafts, or with a body writes, once. */
export async function asCurator<T>(path: string, token: string, body?: object): Promise<T> {
  const headers: Record<string, string> = { Accept: JSON_TYPE };
  if (token) {
    headers["Authorization"] = `Bearer ${token}`;
  }
  if (body) {
    headers["Content-Type"] = JSON_TYPE;
    headers["Idempotency-Key"] = crypto.getRandomValues(new Uint32Array(4)).join("-");
  }
  const init = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
  return (await (await fetched(path, init)).json()) as T;
}

const BROKEN: Problem = {
  type: "broken-stream",
  title: "The answer broke off",
  status: 0,
  detail: "The answer broke off on its way; the paths that came are right. Try again for the rest.",
};

/** Streams paths, best first, each handed over as it comes; the summary is returned. */
export async function streamPaths(
  query: object,
  onPath: (path: Path) => void,
  signal: AbortSignal,
): Promise<PathSummary> {
  const response = await send("/api/v1/paths/stream", query, signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      const lines = (rest + part.value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.filter(Boolean)) {
        const told = JSON.parse(line) as Path | PathSummary | Problem;
        if ("hops" in told) {
          onPath(told);
        } else if ("returned" in told) {
          return told;
        } else {
          throw new Failure(told);
        }
      }
    }
  } catch (error) {
    throw signal.aborted || error instanceof Failure ? error : new Failure(BROKEN);
  }
  throw new Failure(BROKEN);
}
