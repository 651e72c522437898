/** What a curator may do with a statement; a reader without a token sees nothing of it. */

import type { Statement } from "../types";
import { isCurating, showForm, showHistory } from "./changes";

export function StatementActions({ statement }: { readonly statement: Statement }) {
  if (!isCurating.value) {
    return null;
  }
  const inferred = (statement.derived_from?.length ?? 0) > 0;
  const button = (words: string, what: () => void) => (
    <button type="button" class="quiet" aria-label={`${words} ${statement.id}`} onClick={what}>
      {words}
    </button>
  );
  return (
    <p class="curating">
      {!inferred && button("Dispute", () => showForm("dispute", statement))}
      {!inferred && button("Correct", () => showForm("correct", statement))}
      {!inferred && !statement.negated && button("Deny", () => showForm("deny", statement))}
      {!inferred && button("Retract", () => showForm("retract", statement))}
      {button("History", () => void showHistory(statement.id))}
    </p>
  );
}
