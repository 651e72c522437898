/** A field for an entity: typed words, or one of the entities that have such a name. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { get } from "../api";
import { learnOverviewOnce, openEnds } from "../overview";
import { ANY, type End } from "../question";
import type { Match, SearchResult } from "../types";
import { categoryLabel, number, short } from "../words";

const MOST = 12;
/** Categories that are offered, at most. */
const KINDS = 3;
/** Typing that goes on within this time is one question. */
const PAUSE = 70;

interface Props {
  readonly label: string;
  readonly value: End;
  readonly invalid?: boolean;
  readonly placeholder?: string;
  readonly describedBy?: string;
  readonly field?: string;
  readonly onChange: (end: End) => void;
  /** Whether the end may stand for any entity of a category. */
  readonly opens?: boolean;
  /** Enter on an entity, when nothing more has to be chosen. */
  readonly onChosen: (end: End) => void;
}

export function Combobox(props: Props) {
  const { label, value, onChange, onChosen } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const { found, failed, search, leave } = useSearch();
  const matches = found?.matches ?? [];
  const kinds = props.opens ? openEnds(value.name).slice(0, KINDS) : [];
  const ends = [
    ...matches.map((match): End => ({ ask: match.id, name: match.name || match.id })),
    ...kinds,
  ];
  const list = open && value.name.trim() !== "" && (found !== null || failed);

  const choose = (end: End) => {
    setOpen(false);
    setActive(-1);
    onChange(end);
    onChosen(end);
  };
  const shut = () => {
    setOpen(false);
    // Names that nobody waits for would only hold up the answer.
    leave();
  };
  const type = (text: string) => {
    const any = props.opens && text.trim() === ANY;
    onChange(any ? { ask: ANY, name: text, open: true } : { ask: text.trim(), name: text });
    if (props.opens) {
      void learnOverviewOnce();
    }
    setOpen(true);
    setActive(-1);
    search(text);
  };
  const move = (step: number) => {
    if (!open) {
      setOpen(true);
      search(value.name);
    } else if (ends.length) {
      // One place more than there are options: none of them, only the typed words.
      const places = ends.length + 1;
      setActive(((active + 1 + step + places) % places) - 1);
    }
  };
  const press = (event: KeyboardEvent) => {
    const chosen = ends[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && list && chosen) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Enter") {
      shut();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <div class="combobox">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        role="combobox"
        data-field={props.field}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxLength={200}
        placeholder={props.placeholder}
        aria-autocomplete="list"
        aria-expanded={list}
        aria-controls={`${id}-list`}
        aria-activedescendant={list && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={props.invalid || undefined}
        aria-describedby={props.describedBy}
        value={value.name}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={press}
        onBlur={shut}
      />
      <div id={`${id}-list`} class="options" role="listbox" aria-label={label} hidden={!list}>
        {matches.map((match, i) => (
          <Option
            key={match.id}
            id={`${id}-${i}`}
            match={match}
            active={i === active}
            onChoose={() => choose({ ask: match.id, name: match.name || match.id })}
          />
        ))}
        {kinds.map((kind, i) => (
          <Row
            key={kind.ask}
            id={`${id}-${matches.length + i}`}
            active={matches.length + i === active}
            onChoose={() => choose(kind)}
          >
            <span class="name">any {short(kind.name, 80)}</span>
            <span class="kind">ranked by its best path</span>
            <span class="id">{short(kind.ask, 60)}</span>
          </Row>
        ))}
      </div>
      {list && <Extent found={found} failed={failed} />}
    </div>
  );
}

interface RowProps {
  readonly id: string;
  readonly active: boolean;
  readonly onChoose: () => void;
  readonly children?: ComponentChildren;
}

interface OptionProps extends RowProps {
  readonly match: Match;
}

function Option({ match, ...row }: OptionProps) {
  const name = match.name || match.id;
  return (
    <Row {...row}>
      <span class="name">
        <bdi>{short(name, 120)}</bdi>
        {match.matched && match.matched.toLowerCase() !== name.toLowerCase() && (
          <span class="matched">
            {" "}
            also <bdi>{short(match.matched, 80)}</bdi>
          </span>
        )}
      </span>
      <span class="kind">{categoryLabel(match.category)}</span>
      <span class="id">{short(match.id, 60)}</span>
    </Row>
  );
}

function Row({ id, active, onChoose, children }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) {
      row.current?.scrollIntoView({ block: "nearest" });
    }
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keyboard.
    // biome-ignore lint/a11y/useFocusableInteractive: the combobox keeps the focus.
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={active}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      {children}
    </div>
  );
}

/** What the list leaves out, or why there is none. */
function Extent({
  found,
  failed,
}: {
  readonly found: SearchResult | null;
  readonly failed: boolean;
}) {
  const told = failed
    ? "Names cannot be looked up now: type a whole name, then ask."
    : !found || found.total === 0
      ? "No entity has a name like this."
      : found.complete
        ? ""
        : `${found.matches.length} of ${number(found.total)}: type more to narrow them down.`;
  return told ? (
    <p class="extent" role="status">
      {told}
    </p>
  ) : null;
}

/** Looks names up as they are typed; only the newest answer counts. */
function useSearch() {
  const [found, setFound] = useState<SearchResult | null>(null);
  const [failed, setFailed] = useState(false);
  const asked = useRef(new AbortController());
  const timer = useRef(0);
  const leave = () => {
    clearTimeout(timer.current);
    asked.current.abort();
  };
  useEffect(() => leave, []);
  const search = (text: string) => {
    leave();
    const q = text.trim();
    if (!q) {
      setFound(null);
      return;
    }
    const own = new AbortController();
    asked.current = own;
    timer.current = window.setTimeout(async () => {
      try {
        const query = new URLSearchParams({ q, limit: String(MOST) });
        const answer = await get<SearchResult>(`/api/v1/search?${query}`, own.signal);
        setFound(answer);
        setFailed(false);
      } catch {
        if (!own.signal.aborted) {
          setFound(null);
          setFailed(true);
        }
      }
    }, PAUSE);
  };
  return { found, failed, search, leave };
}
