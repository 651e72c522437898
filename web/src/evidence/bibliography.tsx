/** The references of the figure, numbered as in sentences and caption, to copy all at once. */

import { useState } from "preact/hooks";
import { FORMS } from "../citing";
import { copied } from "../clipboard";
import { publicationLink } from "../links";
import { bibliography } from "../references";
import { counted, number, short } from "../words";

/** The most references that are written out; a copy has all. */
const MOST = 200;

export function Bibliography() {
  const { list } = bibliography.value;
  const [told, setTold] = useState("");
  const copy = async (name: string, text: string) => {
    const done = await copied(text);
    setTold(done ? `${counted(list.length, "reference")} copied as ${name}` : text);
  };
  if (list.length === 0) {
    return null;
  }
  return (
    <section class="references" aria-label="References">
      <h3>
        References of the figure
        <span class="count">{number(list.length)}</span>
      </h3>
      <p class="copying">
        Copy all:{" "}
        {FORMS.map(({ name, write }) => (
          <button key={name} type="button" class="quiet" onClick={() => copy(name, write(list))}>
            {name}
          </button>
        ))}
      </p>
      {told && (
        <p class="told" role="status">
          {told}
        </p>
      )}
      <ol>
        {list.slice(0, MOST).map(({ id, title, isSource }) => {
          const link = publicationLink(id);
          return (
            <li key={id}>
              {title && <bdi>{short(title.replace(/\.?$/, "."), 300)} </bdi>}
              {link ? (
                <a href={link} target="_blank" rel="noopener noreferrer">
                  {id}
                </a>
              ) : (
                !isSource && <bdi>{short(id, 100)}</bdi>
              )}
            </li>
          );
        })}
      </ol>
      {list.length > MOST && (
        <p class="muted">
          {number(MOST)} of {number(list.length)} shown; a copy has all.
        </p>
      )}
    </section>
  );
}
