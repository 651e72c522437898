/** A path's sentence, with what is said beside the mechanism set back: contexts, and doubts. */

import { short } from "../words";

/** Where the sentence is over and what qualifies it begins. */
const DOUBT = " Weakest hop: ";

/** Contexts of a hop in brackets; a name may have brackets of its own. */
const WHERE =
  /\((?:in |ex |on |at |by |with |under |during |after |through |via |aspect: )[^()]*(?:\([^()]*\)[^()]*)*\)/g;

function Clauses({ text }: { readonly text: string }) {
  const parts: (string | preact.JSX.Element)[] = [];
  let end = 0;
  for (const match of text.matchAll(WHERE)) {
    parts.push(
      text.slice(end, match.index),
      <span key={match.index} class="where">
        {match[0]}
      </span>,
    );
    end = match.index + match[0].length;
  }
  return (
    <>
      {parts}
      {text.slice(end)}
    </>
  );
}

export function Wording({ explanation }: { readonly explanation: string }) {
  const text = short(explanation, 4000);
  const at = text.indexOf(DOUBT);
  return (
    <bdi>
      <Clauses text={at < 0 ? text : text.slice(0, at)} />
      {at >= 0 && <span class="doubt">{text.slice(at)}</span>}
    </bdi>
  );
}
