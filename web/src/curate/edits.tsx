/** What a changeset does to each statement and entity: what was, and what is. */

import type { Edit, Finding } from "../types";
import { counted, short } from "../words";

/** How many edits and findings are written out. */
const MOST = 50;

type Said = Readonly<Record<string, unknown>>;

const FEW = 400;

const written = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? "");

/** A piece of evidence, a context or a qualifier as a line; anything else as it is. */
function item(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return String(value);
  }
  const texts = Object.values(value)
    .flat()
    .filter((one) => typeof one !== "object");
  return texts.filter((one) => one !== "" && one !== "not_provided").join(" · ");
}

/** Of lists, the items that only one of them has. */
function only(value: unknown, other: unknown): readonly string[] {
  if (!Array.isArray(value)) {
    const text = written(value);
    return ["", "[]", "{}", "null"].includes(text) ? [] : [text];
  }
  const there = new Set((Array.isArray(other) ? other : []).map((one) => JSON.stringify(one)));
  return value.filter((one) => !there.has(JSON.stringify(one))).map(item);
}

/** The members that differ, in the order of the value. */
function differences(before: Said, after: Said) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    if (written(before[name]) === written(after[name])) {
      return [];
    }
    const [was, is] = [only(before[name], after[name]), only(after[name], before[name])];
    return [{ name, was, is }];
  });
}

function EditRow({ edit }: { readonly edit: Edit }) {
  const before = (edit.statement_before ?? edit.entity_before) as Said | null | undefined;
  const after = (edit.statement_after ?? edit.entity_after) as Said | null | undefined;
  const kind = edit.statement_before || edit.statement_after ? "statement" : "entity";
  const what = !before ? "added" : !after ? "taken out" : "changed";
  const rows = before && after ? differences(before, after) : facts(after ?? before ?? {});
  return (
    <li class={`edit ${what.replace(" ", "-")}`}>
      <p>
        <span class="trait">
          {kind} {what}
        </span>{" "}
        <bdi>{short(written(after?.["id"] ?? before?.["id"]), 120)}</bdi>
      </p>
      <dl>
        {rows.map(({ name, was, is }) => (
          <div key={name}>
            <dt>{name.replaceAll("_", " ")}</dt>
            <dd>
              {was.map((text, i) => (
                <del key={i}>{short(text, FEW)}</del>
              ))}
              {is.map((text, i) => (
                <ins key={i}>{short(text, FEW)}</ins>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** What was added or taken out, without what it says nothing of. */
const facts = (said: Said) =>
  Object.keys(said).flatMap((name) => {
    const is = only(said[name], []);
    return name === "id" || is.length === 0 ? [] : [{ name, was: [], is }];
  });

export function Edits({ edits }: { readonly edits: readonly Edit[] }) {
  return (
    <>
      <ul class="edits">
        {edits.slice(0, MOST).map((edit, i) => (
          <EditRow key={i} edit={edit} />
        ))}
      </ul>
      {edits.length > MOST && (
        <p class="muted">{counted(edits.length - MOST, "more edit")} not shown here.</p>
      )}
    </>
  );
}

export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return findings.length ? (
    <section aria-label="Findings of the checks">
      <h3>Findings</h3>
      <ul class="findings">
        {findings.slice(0, MOST).map((finding, i) => (
          <li key={i} class={finding.severity}>
            <strong>{finding.severity}</strong> <span class="muted">{finding.check}</span>{" "}
            <bdi>{short(finding.message, FEW)}</bdi>
          </li>
        ))}
      </ul>
      {findings.length > MOST && (
        <p class="muted">{counted(findings.length - MOST, "more finding")} not shown here.</p>
      )}
    </section>
  ) : null;
}
