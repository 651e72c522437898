/** The publications of a piece of evidence: title, link, and citations to paste. */

import { useState } from "preact/hooks";
import { bibtex, citation, publicationLink } from "../links";
import { numberOf } from "../references";
import type { Evidence } from "../types";
import { counted, number, short } from "../words";

/** The most publications of one piece that are written out: no reader checks more one by one. */
const MOST = 100;

export function Publications({ piece }: { readonly piece: Evidence }) {
  const [told, setTold] = useState("");
  const copy = async (text: string, what: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setTold(`${what} copied`);
    } catch {
      // A page that is not served securely has no clipboard: the text is shown to be copied.
      setTold(text);
    }
  };
  return (
    <>
      {piece.publications.slice(0, MOST).map((id, i) => {
        const title = piece.titles[i] ?? "";
        const link = publicationLink(id);
        const cited = numberOf(id);
        return (
          <div key={id} class="publication">
            {cited !== undefined && (
              <span class="cited" title="Its number in sentences, caption and references">
                [{cited}]
              </span>
            )}
            {title && (
              <cite>
                <bdi>{short(title, 400)}</bdi>
              </cite>
            )}
            <span class="ways">
              {link ? (
                <a href={link} target="_blank" rel="noopener noreferrer">
                  {id}
                </a>
              ) : (
                <bdi>{short(id, 100)}</bdi>
              )}
              <span>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`Cite ${id}: copy`}
                  onClick={() => copy(citation({ id, title }), "Citation")}
                >
                  Cite
                </button>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`BibTeX of ${id}: copy`}
                  onClick={() => copy(bibtex({ id, title }), "BibTeX")}
                >
                  BibTeX
                </button>
              </span>
            </span>
          </div>
        );
      })}
      {piece.publications.length > MOST && (
        <p class="muted">
          {number(MOST)} of {counted(piece.publications.length, "publication")} shown; the table of
          statements holds them all.
        </p>
      )}
      {told && (
        <p class="told" role="status">
          {told}
        </p>
      )}
    </>
  );
}
