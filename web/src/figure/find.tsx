/** Finds entities of the figure by name: they are marked, and the view is led from one to the next. */

import type { Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { counted, number } from "../words";
import type { DrawnEntity, Layout } from "./layout";
import * as figure from "./view";
import type { Zoom } from "./zoom";

const folded = (text: string) => text.normalize("NFKC").toLowerCase().trim();

/** The entities whose name or identifier holds a text, in the order of the figure. */
export function matchesOf(layout: Layout | null, text: string): readonly DrawnEntity[] {
  const wanted = folded(text);
  return wanted && layout
    ? layout.entities.filter(({ id, name }) => folded(`${name} ${id}`).includes(wanted))
    : [];
}

interface FindProps {
  readonly text: Signal<string>;
  readonly found: readonly DrawnEntity[];
  readonly zoom: RefObject<Zoom | null>;
}

export function Find({ text, found, zoom }: FindProps) {
  const [at, setAt] = useState(0);
  const go = (place: number) => {
    const next = found[(place + found.length) % found.length];
    setAt((place + found.length) % Math.max(found.length, 1));
    if (next) {
      zoom.current?.centre(next);
      figure.announce(
        `${next.name}: ${number(found.indexOf(next) + 1)} of ${number(found.length)}.`,
      );
    } else if (text.peek().trim()) {
      figure.announce("No entity of the figure has this name.");
    }
  };
  const key = text.value;
  useEffect(() => go(0), [key]);
  return (
    <search class="find">
      <input
        type="search"
        aria-label="Find in the figure"
        placeholder="Find in the figure"
        value={key}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            go(at + (event.shiftKey ? -1 : 1));
          } else if (event.key === "Escape" && text.peek()) {
            event.preventDefault();
            text.value = "";
          }
        }}
      />
      {key.trim() && (
        <span class="muted" title={counted(found.length, "entity", "entities")}>
          {found.length > 0 ? `${number(at + 1)} of ${number(found.length)}` : "none"}
        </span>
      )}
    </search>
  );
}
