/** The panel of an entity: what stands around it, counted; and what can be done with it. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { categoryLabel, counted, number, predicateLabel, short } from "../words";
import type { Link } from "./edits";
import type { DrawnEntity } from "./layout";
import { fetchGroups, fetchMembers, type Group, type Neighbour, type Page } from "./neighbours";

/** The most entities that one press adds: a figure of more cannot be read. */
const MOST_ADDED = 40;

export interface PanelActions {
  readonly expand: (entity: string, links: readonly Link[]) => void;
  readonly collapse: (entity: string) => void;
  readonly remove: (entity: string) => void;
  readonly evidence: (entity: string) => void;
  readonly via: (entity: DrawnEntity) => void;
  readonly avoid: (entity: DrawnEntity) => void;
  readonly searchFrom: (entity: DrawnEntity) => void;
  readonly close: () => void;
}

interface PanelProps {
  readonly entity: DrawnEntity;
  readonly expanded: boolean;
  /** The statements of the figure: what is shown already is not offered. */
  readonly shown: ReadonlySet<string>;
  readonly actions: PanelActions;
}

const linksOf = (members: readonly Neighbour[]): Link[] =>
  members.flatMap((member) =>
    member.statements.map(({ id, subject, object }) => ({ id, subject, object })),
  );

export function Panel({ entity, expanded, shown, actions }: PanelProps) {
  const box = useRef<HTMLDivElement>(null);
  const { groups, problem, again } = useGroups(entity.id);
  // Before the reader sees it: a key pressed then is already for the panel.
  useLayoutEffect(() => box.current?.focus({ preventScroll: true }), [entity.id]);
  const act = (what: () => void) => () => {
    what();
    actions.close();
  };
  const button = (words: string, what: () => void) => (
    <button type="button" onClick={act(what)}>
      {words}
    </button>
  );
  return (
    <div
      ref={box}
      class="panel"
      role="dialog"
      aria-label={short(entity.name)}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          actions.close();
        }
      }}
    >
      <header>
        <div>
          <h3>
            <bdi>{short(entity.name)}</bdi>
          </h3>
          <p>
            {categoryLabel(entity.category)} ·{" "}
            <a href={`/about/${encodeURIComponent(entity.id)}`}>{short(entity.id)}</a>
          </p>
        </div>
        <button type="button" class="close" aria-label="Close" onClick={actions.close}>
          ×
        </button>
      </header>
      <div class="actions">
        {button("Evidence", () => actions.evidence(entity.id))}
        {button("Search from here", () => actions.searchFrom(entity))}
        {button("Via", () => actions.via(entity))}
        {button("Avoid", () => actions.avoid(entity))}
        {expanded && button("Collapse", () => actions.collapse(entity.id))}
        {button("Remove", () => actions.remove(entity.id))}
      </div>
      <h4>Around it</h4>
      {problem && (
        <p class="problem" role="alert">
          {problem}{" "}
          <button type="button" onClick={again}>
            Try again
          </button>
        </p>
      )}
      {!groups && !problem && <p class="muted">Counting…</p>}
      {groups?.length === 0 && <p class="muted">No other statement is about it.</p>}
      <ul class="groups">
        {groups?.map((group) => (
          <GroupRow
            key={`${entity.id} ${group.predicate} ${group.direction}`}
            {...{ entity, group, shown }}
            onAdd={(links) => actions.expand(entity.id, links)}
          />
        ))}
      </ul>
    </div>
  );
}

function useGroups(entity: string) {
  const [groups, setGroups] = useState<readonly Group[] | null>(null);
  const [problem, setProblem] = useState("");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const asked = new AbortController();
    setGroups(null);
    setProblem("");
    fetchGroups(entity, asked.signal).then(setGroups, (error: unknown) => {
      if (!asked.signal.aborted) {
        setProblem(error instanceof Error ? error.message : String(error));
      }
    });
    return () => asked.abort();
  }, [entity, attempt]);
  return { groups, problem, again: () => setAttempt(attempt + 1) };
}

interface GroupProps {
  readonly entity: DrawnEntity;
  readonly group: Group;
  readonly shown: ReadonlySet<string>;
  readonly onAdd: (links: readonly Link[]) => void;
}

function GroupRow({ entity, group, shown, onAdd }: GroupProps) {
  const [page, setPage] = useState<Page | null>(null);
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const asked = useRef(new AbortController());
  useEffect(() => () => asked.current.abort(), []);

  const load = async <T,>(what: () => Promise<T>): Promise<T | undefined> => {
    setBusy(true);
    setProblem("");
    try {
      return await what();
    } catch (error) {
      if (!asked.current.signal.aborted) {
        setProblem(error instanceof Error ? error.message : String(error));
      }
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const more = async () => {
    const next = await load(() =>
      fetchMembers(entity.id, group, asked.current.signal, { cursor: page?.cursor ?? "" }),
    );
    if (next) {
      setPage({ ...next, members: [...(page?.members ?? []), ...next.members] });
    }
  };
  const toggle = () => {
    setOpen(!open);
    if (!open && !page) {
      void more();
    }
  };
  const addAll = async () => {
    if (busy) {
      return;
    }
    const all = await load(() =>
      fetchMembers(entity.id, group, asked.current.signal, { limit: MOST_ADDED }),
    );
    if (all) {
      onAdd(linksOf(all.members));
    }
  };
  const words = predicateLabel(group.predicate);
  const phrase = group.direction === "out" ? `${words} →` : `← ${words}`;
  const spoken = group.direction === "out" ? `it ${words}` : `${words} it`;
  const most = Math.min(group.entities, MOST_ADDED);
  return (
    <li>
      <div class="group">
        <button
          type="button"
          class="opener"
          aria-expanded={open}
          aria-label={`${spoken}: ${counted(group.entities, "entity", "entities")}`}
          onClick={toggle}
        >
          <span class="phrase">{phrase}</span>
          <span class="count" title={counted(group.statements, "statement")}>
            {number(group.entities)}
          </span>
        </button>
        <button
          type="button"
          class="add"
          aria-disabled={busy}
          aria-label={`Add ${counted(most, "entity", "entities")}: ${spoken}`}
          title={
            most < group.entities
              ? `Adds the first ${most} of ${group.entities}`
              : "Add to the figure"
          }
          onClick={addAll}
        >
          {most < group.entities ? `+${most}` : "+"}
        </button>
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {open && (
        <ul class="members">
          {page?.members.map((member) => (
            <Member key={member.entity.id} {...{ member, shown, onAdd }} />
          ))}
          {busy && <li class="muted">Fetching…</li>}
          {page?.cursor && !busy && (
            <li>
              <button type="button" class="more" onClick={more}>
                More ({page.members.length} of {number(page.total)})
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

interface MemberProps {
  readonly member: Neighbour;
  readonly shown: ReadonlySet<string>;
  readonly onAdd: (links: readonly Link[]) => void;
}

function Member({ member, shown, onAdd }: MemberProps) {
  const links = linksOf([member]).filter((link) => !shown.has(link.id));
  return (
    <li>
      <bdi>{short(member.entity.name || member.entity.id)}</bdi>
      {links.length ? (
        <button
          type="button"
          class="add"
          aria-label={`Add ${short(member.entity.name)}`}
          onClick={() => onAdd(links)}
        >
          +
        </button>
      ) : (
        <span class="muted">shown</span>
      )}
    </li>
  );
}
