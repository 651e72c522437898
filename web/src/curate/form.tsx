/** The form of one change: what it sets, what shows it, and why. */

import { useState } from "preact/hooks";
import { nameOf } from "../evidence/statements";
import type { Statement } from "../types";
import { predicateLabel, short } from "../words";
import { busy, type Form, noteOf, propose } from "./changes";

const EFFECTS = ["raises", "lowers", "none", "unknown", "both"];
const HEDGES = ["asserted", "reported", "suggested", "contested", "hypothesised"];

const TITLES: Readonly<Record<Form, string>> = {
  dispute: "Dispute",
  correct: "Correct",
  deny: "Deny",
  retract: "Retract",
  add: "Add a statement",
};

const MEANINGS: Readonly<Record<Form, string>> = {
  dispute: "It is marked as contested, with what speaks against it.",
  correct: "What is set here replaces what the statement says.",
  deny: "Its denial is added; the statement itself stays.",
  retract: "It is taken out of the graph; its history is kept.",
  add: "Both ends are identifiers of entities that the graph has.",
};

/** A prefix and what it stands before: a number alone says not where it is from. */
const CURIE = "\\s*[A-Za-z][\\w.\\-]*:\\S+\\s*";

type Fields = Readonly<Record<string, string>>;

export const titleOf = (form: Form, statement: Statement | null) =>
  statement ? `${TITLES[form]} ${short(statement.id, 60)}` : TITLES[form];

/** A quote goes with the statement's note, beside the publication that it is of. */
const withQuote = (before: string, quote: string) =>
  [before, quote && `“${quote}”`].filter(Boolean).join("; ");

function evidenceOf(fields: Fields): object[] {
  const publication = fields["publication"]?.trim() ?? "";
  const source = fields["source"]?.trim() ?? "";
  const piece = {
    kind: publication ? "literature" : "database",
    source,
    publications: publication ? [publication] : [],
    knowledge_level: "knowledge_assertion",
    agent_type: "manual_agent",
  };
  return publication || source ? [piece] : [];
}

function changeOf(form: Form, statement: Statement | null, fields: Fields, note: string): object {
  const evidence = evidenceOf(fields);
  const quote = fields["quote"] ?? "";
  const id = statement?.id ?? "";
  if (form === "retract") {
    return { op: "retract_statement", id };
  }
  if (form === "dispute" || form === "deny") {
    return { op: `${form}_statement`, id, evidence, note: withQuote("", quote) };
  }
  const said = {
    ...set(statement, fields),
    ...(quote && { note: withQuote(note, quote) }),
  };
  return form === "correct"
    ? { op: "correct_statement", id, set: said, ...(evidence.length && { evidence }) }
    : { op: "add_statement", evidence, ...said };
}

/** The members that differ from what the statement says. */
function set(statement: Statement | null, fields: Fields): Record<string, string> {
  const names = ["subject", "predicate", "object", "effect", "hedge"] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields[name]?.trim() ?? "";
      return value && value !== statement?.[name] ? [[name, value]] : [];
    }),
  );
}

interface Props {
  readonly form: Form;
  readonly statement: Statement | null;
}

export function ChangeForm({ form, statement }: Props) {
  const [fields, setFields] = useState<Fields>({});
  const current = (name: keyof Statement & string) =>
    fields[name] ?? (form === "correct" ? String(statement?.[name] ?? "") : "");
  const type = (name: string) => (event: Event) =>
    setFields({ ...fields, [name]: (event.currentTarget as HTMLInputElement).value });
  const send = async (accept: boolean) => {
    const adds = form === "correct" && statement && fields["quote"];
    const note = adds ? await noteOf(statement.id) : "";
    if (note !== undefined) {
      const change = changeOf(form, statement, fields, note);
      await propose([change], fields["reason"] ?? "", accept);
    }
  };
  const text = (name: string, label: string, hint = "", required = false, pattern?: string) => (
    <label>
      <span>
        {label} {hint && <small>{hint}</small>}
      </span>
      <input
        type="text"
        autocomplete="off"
        required={required}
        pattern={pattern}
        title={pattern && hint}
        value={fields[name] ?? ""}
        onInput={type(name)}
      />
    </label>
  );
  const end = (name: "subject" | "predicate" | "object", label: string) => (
    <label>
      <span>{label}</span>
      <input type="text" autocomplete="off" required value={current(name)} onInput={type(name)} />
    </label>
  );
  const choice = (name: "effect" | "hedge", label: string, values: readonly string[]) => (
    <label>
      <span>{label}</span>
      <select value={current(name)} onChange={type(name)}>
        {form === "add" && <option value="">as the predicate says</option>}
        {values.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  );
  const sets = form === "correct" || form === "add";
  return (
    <form
      class="change"
      onSubmit={(event) => {
        event.preventDefault();
        void send((event.submitter as HTMLButtonElement | null)?.value === "accept");
      }}
    >
      {statement && (
        <p>
          <bdi>{short(nameOf(statement.subject))}</bdi>{" "}
          <em>{predicateLabel(statement.predicate)}</em>{" "}
          <bdi>{short(nameOf(statement.object))}</bdi>
        </p>
      )}
      <p class="muted">{MEANINGS[form]}</p>
      {sets && (
        <div class="fields">
          {end("subject", "Subject")}
          {end("predicate", "Predicate")}
          {end("object", "Object")}
          {choice("effect", "Effect", EFFECTS)}
          {choice("hedge", "Hedge", form === "add" ? HEDGES.slice(1) : HEDGES)}
        </div>
      )}
      {form !== "retract" && (
        <div class="fields">
          {text("publication", "Publication", "PMID:34242705, DOI:10.1186/…", false, CURIE)}
          {text("source", "Source", "infores:pubmed")}
          {text("quote", "Quote", "the words that say so")}
        </div>
      )}
      {text("reason", "Reason", "why the change is made", true)}
      <p class="send">
        <button type="submit" value="propose" disabled={busy.value}>
          Propose
        </button>
        <button type="submit" class="primary" value="accept" disabled={busy.value}>
          Apply
        </button>
      </p>
    </form>
  );
}
