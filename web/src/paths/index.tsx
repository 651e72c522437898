/** The answer as a list: what all paths say together, then each path as a sentence. */

import type { Signal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Failure } from "../api";
import { again, more, stop } from "../asking";
import { type Grouping, grouped, type Sorting } from "../ranking";
import { brokenAt } from "../removed";
import * as store from "../store";
import { counted, number, short } from "../words";
import "./paths.css";
import { keepTabStop, moveTabStop, walkRows } from "./roving";
import { PathRow, spanOf } from "./row";
import { Verdict } from "./verdict";
import { Weights } from "./weights";
import { WhyNot } from "./why-not";

const GROUPINGS: readonly (readonly [Grouping, string])[] = [
  ["none", "none"],
  ["mediator", "mediator"],
  ["metapath", "metapath"],
];

const SORTINGS: readonly (readonly [Sorting, string])[] = [
  ["score", "score"],
  ["length", "length"],
  ["evidence", "publications"],
];

/** Where the answer is one column, what stands below the list is a press away. */
const JUMPS = [
  ["To the figure", ".figure"],
  ["To the evidence", "#evidence"],
] as const;

function jump(selector: string): void {
  const place = document.querySelector<HTMLElement>(selector);
  place?.scrollIntoView();
  place?.querySelector<HTMLElement>("input, button")?.focus({ preventScroll: true });
}

/** How many rows are drawn before the figure: as many as a screen shows. */
const SEEN_FIRST = 12;

export function Paths() {
  const status = store.status.value;
  const unfolded = store.unfolded.value;
  const rows = store.ranked.value;
  const found = store.loaded.value.length > 0;
  return (
    <section
      class="paths"
      aria-label="Paths"
      tabIndex={-1}
      aria-busy={status === "streaming" || (found && !unfolded)}
    >
      <h2 class="unseen">Paths</h2>
      <Failed />
      {status === "done" && !found && <WhyNot />}
      {found && (
        <>
          {store.summary.value && <Verdict effect={store.summary.value.net_effect} />}
          <p class="jump">
            {JUMPS.map(([words, selector]) => (
              <button key={selector} type="button" class="quiet" onClick={() => jump(selector)}>
                {words}
              </button>
            ))}
          </p>
          <div class="list-head">
            <p class="extent">
              <Extent />
            </p>
            <Choice label="Sort by" signal={store.sorting} options={SORTINGS} />
            <Choice label="Group by" signal={store.grouping} options={GROUPINGS} />
          </div>
          <Drawn />
          <Weights />
          <List rows={rows} most={unfolded ? rows.length : SEEN_FIRST} />
          <Further />
        </>
      )}
    </section>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly signal: Signal<Value>;
  readonly options: readonly (readonly [Value, string])[];
}

function Choice<Value extends string>({ label, signal, options }: ChoiceProps<Value>) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select
        value={signal.value}
        onChange={(event) => {
          signal.value = event.currentTarget.value as Value;
        }}
      >
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How many of the paths in view the figure draws: the reader need not count ticks. */
function Drawn() {
  const inView = store.ranked.value.length;
  const drawn = store.ranked.value.filter(
    ({ path, index }) => store.shown.value.has(index) && !brokenAt(path),
  ).length;
  return (
    <p class="drawn">
      The figure draws{" "}
      {drawn === inView
        ? `all ${counted(inView, "path")}`
        : `${number(drawn)} of ${counted(inView, "path")}`}
      .{" "}
      <button
        type="button"
        class="quiet"
        disabled={drawn === inView}
        onClick={() => store.checkAll(true)}
      >
        Draw all
      </button>
      <button
        type="button"
        class="quiet"
        disabled={drawn === 0}
        onClick={() => store.checkAll(false)}
      >
        Draw none
      </button>
    </p>
  );
}

interface ListProps {
  readonly rows: readonly store.Ranked[];
  readonly most: number;
}

function List({ rows, most }: ListProps) {
  const grouping = store.grouping.value;
  const span = useMemo(() => spanOf(rows), [rows]);
  const groups = useMemo(() => grouped(rows.slice(0, most), grouping), [rows, most, grouping]);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => keepTabStop(box.current));
  const list = (members: readonly store.Ranked[], name: string) => (
    <ol class="rows" aria-label={name || "Paths, best first"}>
      {members.map((row) => (
        <PathRow key={row.index} row={row} span={span} />
      ))}
    </ol>
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows lead from button to button.
    <div
      ref={box}
      onKeyDown={walkRows}
      onFocusCapture={(event) => moveTabStop(event.currentTarget, event.target)}
    >
      {groups.map((group) =>
        group.name ? (
          <details key={group.name} class="group" open>
            <summary>
              <bdi>{short(group.name, 160)}</bdi>
              <span class="count">{number(group.rows.length)}</span>
            </summary>
            {list(group.rows, group.name)}
          </details>
        ) : (
          list(group.rows, "")
        ),
      )}
    </div>
  );
}

const CUTS = { limit: "cut by limit", time: "cut by time", hub: "cut at a hub" } as const;

/** "50 of 1,204, cut by limit". */
function Extent() {
  const summary = store.summary.value;
  const count = store.loaded.value.length;
  if (!summary) {
    return store.status.value === "streaming" ? (
      <>{counted(count, "path")} so far…</>
    ) : (
      <>{counted(count, "path")}; stopped before all were found</>
    );
  }
  const { total, total_is_exact, complete, truncated_by } = summary;
  const cut = truncated_by ? `, ${CUTS[truncated_by]}` : "";
  const hubs = store.hubsHidden.value;
  const others = store.outOfView.value - hubs;
  return (
    <>
      {complete || (total_is_exact && count >= total)
        ? total === 1
          ? "The only path"
          : `All ${counted(total, "path")}`
        : `${number(count)} of ${total_is_exact ? "" : "at least "}${number(total)}${cut}`}
      {hubs > 0 && `; ${number(hubs)} hidden as through hubs`}
      {others > 0 && `; ${number(others)} hidden by filters`}
    </>
  );
}

function Further() {
  const status = store.status.value;
  const summary = store.summary.value;
  const left = summary ? summary.total - store.loaded.value.length : 0;
  if (status === "streaming") {
    return (
      <p class="further">
        <span class="muted">Looking for more…</span>{" "}
        <button type="button" class="quiet" onClick={stop}>
          Stop
        </button>
      </p>
    );
  }
  if (status === "stopped") {
    return (
      <p class="further">
        <button type="button" onClick={() => void again()}>
          Find all again
        </button>
      </p>
    );
  }
  return summary?.cursor && left > 0 ? (
    <p class="further">
      <button type="button" onClick={() => void more()}>
        Show {number(Math.min(50, left))} more
      </button>
      <span class="muted">
        {" "}
        of {summary.total_is_exact ? "" : "at least "}
        {number(left)} left
      </span>
    </p>
  ) : null;
}

/** A headline that does not say what the message begins with. */
const titleOf = ({ problem, message }: Failure) =>
  problem.title && !message.startsWith(problem.title) ? problem.title : "This did not work";

function Failed() {
  const failure = store.failure.value;
  // What is wrong with an end is told beside its field.
  const known = failure?.problem.parameter;
  if (!failure || known === "source" || known === "target") {
    return null;
  }
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{titleOf(failure)}</strong>
      </p>
      <p>
        <bdi>{short(failure.message, 600)}</bdi>
      </p>
      <button type="button" onClick={() => void again()}>
        Try again
      </button>
    </div>
  );
}
