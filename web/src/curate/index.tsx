/** Changes by curators: the list to review, one changeset, the form of a change, a history. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "../shell/dialog";
import type { Changeset } from "../types";
import { short } from "../words";
import * as changes from "./changes";
import "./curate.css";
import { Edits, Findings } from "./edits";
import { ChangeForm, titleOf } from "./form";

export function Curate() {
  const open = changes.open.value;
  return (
    <Dialog
      name="curate"
      title={open ? headingOf(open) : ""}
      open={open !== null}
      onClose={changes.close}
    >
      {open && <Contents open={open} />}
    </Dialog>
  );
}

function Contents({ open }: { readonly open: changes.Open }) {
  const failure = changes.failure.value;
  return (
    <>
      {open.kind !== "list" && (
        <button type="button" class="quiet" onClick={changes.showChanges}>
          All changes
        </button>
      )}
      <p class="told" role="status">
        {changes.notice.value || (changes.busy.value && "One moment, please.")}
      </p>
      {failure && (
        <p class="problem" role="alert">
          {short(failure.message, 600)}
        </p>
      )}
      {open.kind === "list" && <List />}
      {open.kind === "changeset" && <One />}
      {open.kind === "history" && <Past />}
      {open.kind === "form" && (
        <>
          <ChangeForm form={open.form} statement={open.statement} />
          <Findings findings={failure?.problem.findings ?? []} />
        </>
      )}
    </>
  );
}

function headingOf(open: changes.Open): string {
  switch (open.kind) {
    case "list":
      return "Changes";
    case "changeset":
      return `Changeset ${open.id}`;
    case "history":
      return `History of ${short(open.id, 60)}`;
    case "form":
      return titleOf(open.form, open.statement);
  }
}

/** A curator is known by a token, which is entered once and kept for this tab. */
function Token() {
  const [text, setText] = useState("");
  return changes.isCurating.value ? (
    <p>
      <button type="button" onClick={() => changes.showForm("add", null)}>
        Add a statement
      </button>{" "}
      <button type="button" class="quiet" onClick={() => changes.useToken("")}>
        Forget the token
      </button>
    </p>
  ) : (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        changes.useToken(text);
      }}
    >
      <label>
        <span>
          Token <small>of mechkg token; kept until this tab is closed</small>
        </span>
        <input
          type="password"
          autocomplete="off"
          required
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Use it</button>
    </form>
  );
}

function List() {
  const listed = changes.listed.value;
  return (
    <>
      <Token />
      {!listed && !changes.failure.value && <p class="muted">Fetching…</p>}
      {listed?.length === 0 && <p class="muted">Nothing was changed so far.</p>}
      <ul class="changesets">
        {listed?.map((one) => (
          <li key={one.id}>
            <Summary changeset={one}>
              <button
                type="button"
                class="quiet"
                aria-label={`Open changeset ${one.id}`}
                onClick={() => void changes.showChangeset(one.id)}
              >
                {one.id}
              </button>
            </Summary>
          </li>
        ))}
      </ul>
      {changes.cut.value && (
        <button type="button" onClick={() => void changes.fetchList(changes.cut.peek())}>
          More
        </button>
      )}
    </>
  );
}

interface SummaryProps {
  readonly changeset: Changeset;
  readonly children?: ComponentChildren;
}

function Summary({ changeset, children }: SummaryProps) {
  const { status, author, time, reason, reviewer, undoes } = changeset;
  return (
    <p class="summary">
      {children} <span class={`trait ${status}`}>{status}</span> <bdi>{short(reason, 200)}</bdi>{" "}
      <span class="muted">
        <bdi>{short(author, 64)}</bdi>, {time.slice(0, 16).replace("T", " ")}
        {reviewer && reviewer !== author && `, reviewed by ${short(reviewer, 64)}`}
        {undoes && `, takes ${undoes} back`}
      </span>
    </p>
  );
}

function One() {
  const changeset = changes.shown.value;
  if (!changeset) {
    return changes.failure.value ? null : <p class="muted">Fetching…</p>;
  }
  return (
    <>
      <Summary changeset={changeset} />
      {changeset.review_reason && <p>Rejected: {short(changeset.review_reason, 400)}</p>}
      <Findings findings={changes.findings.value} />
      <h3>{changeset.status === "accepted" ? "What it did" : "What it would do"}</h3>
      <Edits edits={changeset.edits ?? []} />
      {changes.isCurating.value && <Review changeset={changeset} />}
    </>
  );
}

/** Accept, reject or take back; the last two with a reason. */
function Review({ changeset }: { readonly changeset: Changeset }) {
  const [reason, setReason] = useState("");
  const proposed = changeset.status === "proposed";
  if (changeset.status === "rejected") {
    return null;
  }
  const { id } = changeset;
  return (
    <form
      class="review"
      onSubmit={(event) => {
        event.preventDefault();
        void (proposed ? changes.reject(id, reason) : changes.undo(id, reason));
      }}
    >
      {proposed && (
        <button
          type="button"
          class="primary"
          disabled={changes.busy.value}
          onClick={() => void changes.accept(id)}
        >
          Accept
        </button>
      )}
      <label>
        <span>Reason</span>
        <input
          type="text"
          autocomplete="off"
          required
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={changes.busy.value}>
        {proposed ? "Reject" : "Undo"}
      </button>
    </form>
  );
}

function Past() {
  const history = changes.history.value;
  if (!history) {
    return changes.failure.value ? null : <p class="muted">Fetching…</p>;
  }
  return history.changesets.length ? (
    <ol class="history">
      {history.changesets.map((one) => (
        <li key={one.id}>
          <Summary changeset={one}>
            <button type="button" class="quiet" onClick={() => void changes.showChangeset(one.id)}>
              {one.id}
            </button>
          </Summary>
          <Edits edits={one.edits ?? []} />
        </li>
      ))}
    </ol>
  ) : (
    <p class="muted">It was not changed since it was loaded.</p>
  );
}
