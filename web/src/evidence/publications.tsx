/** The publications of a piece of evidence: title, link, and citations to paste. */

import { useState } from "preact/hooks";
import { bibtex, citation, publicationLink } from "../links";
import type { Evidence } from "../types";
import { short } from "../words";

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
      {piece.publications.map((id, i) => {
        const title = piece.titles[i] ?? "";
        const link = publicationLink(id);
        return (
          <div key={id} class="publication">
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
      {told && (
        <p class="told" role="status">
          {told}
        </p>
      )}
    </>
  );
}
