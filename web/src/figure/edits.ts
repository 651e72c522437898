/** What a reader changes in a figure: what it holds, how it is arranged, where entities are. */

/** A statement as far as a figure must know it: what it joins. */
export interface Link {
  readonly id: string;
  readonly subject: string;
  readonly object: string;
}

export type Edit =
  | { readonly kind: "expand"; readonly entity: string; readonly links: readonly Link[] }
  | { readonly kind: "remove"; readonly entity: string }
  /** The centre of the entity, in pixels of the arrangement. */
  | { readonly kind: "move"; readonly entity: string; readonly x: number; readonly y: number }
  | { readonly kind: "arrange"; readonly entity: Arrangement };

export type Arrangement = "layered" | "radial";

/** Where the entities of a figure are, beside what the server decides. */
export interface Places {
  readonly arrangement: Arrangement;
  readonly moved: ReadonlyMap<string, readonly [number, number]>;
}

/** The statements of a figure and the entities that it shows even without a statement. */
export interface Content {
  readonly links: readonly Link[];
  readonly sources: readonly string[];
  readonly targets: readonly string[];
}

const touches = (link: Link, entity: string) => link.subject === entity || link.object === entity;

/** A path as far as a figure must know it: the entities it leads through, and its statements. */
export interface Walk {
  readonly entities: readonly string[];
  readonly links: readonly string[];
}

/**
 * A figure without the paths through what was taken out, so that nothing is left that no path joins.
 * Ends without a path go, too, unless no path is left at all.
 */
function unbroken(content: Content, edits: readonly Edit[], walks: readonly Walk[]): Content {
  const out = new Set(edits.flatMap(({ kind, entity }) => (kind === "remove" ? [entity] : [])));
  const whole = walks.filter(({ entities }) => !entities.slice(1, -1).some((id) => out.has(id)));
  if (whole.length === walks.length) {
    return content;
  }
  const kept = new Set(whole.flatMap(({ links }) => links));
  const joined = new Set(whole.flatMap(({ entities }) => entities));
  const isJoined = (id: string) => whole.length === 0 || joined.has(id);
  return {
    links: content.links.filter(({ id }) => kept.has(id)),
    sources: content.sources.filter(isJoined),
    targets: content.targets.filter(isJoined),
  };
}

/** A figure without the statements that no others join to one of its ends. O(statements * depth). */
function attached({ links, sources, targets }: Content): Content {
  const reached = new Set([...sources, ...targets]);
  let [kept, before] = [0, -1];
  while (kept > before) {
    before = kept;
    for (const { subject, object } of links) {
      if (reached.has(subject) || reached.has(object)) {
        reached.add(subject).add(object);
      }
    }
    kept = reached.size;
  }
  return { links: links.filter(({ subject }) => reached.has(subject)), sources, targets };
}

/** A figure after its edits, in order; each statement once. `walks` are the paths that it draws. */
export function edited(given: Content, edits: readonly Edit[], walks: readonly Walk[]): Content {
  const whole = unbroken(given, edits, walks);
  const links = new Map(whole.links.map((link) => [link.id, link]));
  let { sources, targets } = whole;
  for (const edit of edits) {
    if (edit.kind === "expand") {
      for (const link of edit.links) {
        links.set(link.id, link);
      }
    } else if (edit.kind === "remove") {
      const isKept = (entity: string) => entity !== edit.entity;
      sources = sources.filter(isKept);
      targets = targets.filter(isKept);
      for (const link of links.values()) {
        if (touches(link, edit.entity)) {
          links.delete(link.id);
        }
      }
    }
  }
  const content = { links: [...links.values()], sources, targets };
  return edits.some(({ kind }) => kind === "remove") ? attached(content) : content;
}

/** Where edits put entities: what was moved before the figure was arranged anew is not any more. */
export function placesOf(edits: readonly Edit[]): Places {
  let arrangement: Arrangement = "layered";
  const moved = new Map<string, readonly [number, number]>();
  for (const edit of edits) {
    if (edit.kind === "arrange") {
      arrangement = edit.entity;
      moved.clear();
    } else if (edit.kind === "move") {
      moved.set(edit.entity, [edit.x, edit.y]);
    }
  }
  return { arrangement, moved };
}

/** The edits with an entity moved: where it was moved before is of no account. */
export const movedTo = (edits: readonly Edit[], entity: string, x: number, y: number): Edit[] => [
  ...edits.filter((edit) => edit.kind !== "move" || edit.entity !== entity),
  { kind: "move", entity, x: Math.round(x), y: Math.round(y) },
];

/** The edits with the figure arranged anew. */
export const arrangedAs = (edits: readonly Edit[], entity: Arrangement): Edit[] => [
  ...edits.filter(({ kind }) => kind !== "move" && kind !== "arrange"),
  ...(entity === "layered" ? [] : [{ kind: "arrange", entity } as const]),
];

/** The edits without those that added statements round an entity. */
export function collapsed(edits: readonly Edit[], entity: string): readonly Edit[] {
  return edits.filter((edit) => edit.kind !== "expand" || edit.entity !== entity);
}

export const isExpanded = (edits: readonly Edit[], entity: string) =>
  edits.some((edit) => edit.kind === "expand" && edit.entity === entity);

/*
 * Edits in an address: `add*ENTITY*ID*SUBJECT*OBJECT*ID...`, `cut*ENTITY`, `put*ENTITY*X*Y`,
 * `lay*ARRANGEMENT`, one after the other, where a dot is the edit's own entity. A star needs no escape in a query.
 */

const KINDS = new Set(["add", "cut", "put", "lay"]);
const WORDS = new Set([...KINDS, ".", ""]);
const SAME = ".";
/** The server takes no place farther out, in pixels. */
const FARTHEST = 1e5;

const hex = (character: string) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;

const escaped = (part: string) => {
  const safe = part.replace(/[%*]/g, hex);
  return WORDS.has(safe) ? safe.replace(/^./, hex) : safe;
};

const restored = (part: string) =>
  part.replace(/%([0-9a-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );

export function writeEdits(edits: readonly Edit[]): string {
  return edits
    .flatMap((edit) => {
      const end = (entity: string) => (entity === edit.entity ? SAME : escaped(entity));
      if (edit.kind === "move") {
        return ["put", escaped(edit.entity), `${edit.x}`, `${edit.y}`];
      }
      if (edit.kind === "arrange") {
        return ["lay", edit.entity];
      }
      return edit.kind === "remove"
        ? ["cut", escaped(edit.entity)]
        : [
            "add",
            escaped(edit.entity),
            ...edit.links.flatMap(({ id, subject, object }) => [
              escaped(id),
              end(subject),
              end(object),
            ]),
          ];
    })
    .join("*");
}

/** The edits of an address; what cannot be read is left out. */
export function readEdits(text: string): readonly Edit[] {
  const rows: string[][] = [];
  for (const part of text.split("*")) {
    if (KINDS.has(part)) {
      rows.push([part]);
    } else {
      rows.at(-1)?.push(part);
    }
  }
  return rows.flatMap(readEdit);
}

function readEdit([kind, named = "", ...parts]: readonly string[]): Edit[] {
  const entity = restored(named);
  if (kind === "lay") {
    return entity === "radial" ? [{ kind: "arrange", entity }] : [];
  }
  if (kind === "put") {
    const [x = Number.NaN, y = Number.NaN] = parts.map(Number);
    const isPlace = Math.abs(x) < FARTHEST && Math.abs(y) < FARTHEST;
    return entity && isPlace ? [{ kind: "move", entity, x: Math.round(x), y: Math.round(y) }] : [];
  }
  if (!entity || kind === "cut") {
    return entity ? [{ kind: "remove", entity }] : [];
  }
  const end = (part: string) => (part === SAME ? entity : restored(part));
  const links: Link[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [id = "", subject = "", object = ""] = parts.slice(i, i + 3);
    if (id && subject && object) {
      links.push({ id: restored(id), subject: end(subject), object: end(object) });
    }
  }
  return [{ kind: "expand", entity, links }];
}
