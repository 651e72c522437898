/** What stands over a figure: how it is seen, what was changed, and where it goes. */

import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren, RefObject } from "preact";
import * as figure from "./view";
import type { Zoom } from "./zoom";

const VIEWS = [
  ["merged", "All paths"],
  ["one", "One path"],
  ["table", "Table"],
] as const;

const ICONS = {
  in: "M8 3v10M3 8h10",
  out: "M3 8h10",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  undo: "M6 3L3 6l3 3M3 6h6a4 4 0 0 1 0 8H6",
  redo: "M10 3l3 3-3 3M13 6H7a4 4 0 0 0 0 8h3",
};

function Icon({ path }: { readonly path: string }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

/** `children` are the tools of what is drawn, absent from a table. */
export function Toolbar({ children }: { readonly children: ComponentChildren }) {
  const [undo, redo] = [figure.canUndo.value, figure.canRedo.value];
  return (
    <div class="tools">
      <fieldset class="views">
        <legend class="unseen">Show</legend>
        {VIEWS.map(([view, words]) => (
          <label key={view}>
            <input
              type="radio"
              name="figure-view"
              value={view}
              checked={figure.view.value === view}
              onChange={() => figure.show(view)}
            />
            <span>{words}</span>
          </label>
        ))}
      </fieldset>
      {(undo || redo) && (
        <div class="edits">
          {undo && (
            <button type="button" class="tool worded" onClick={figure.undo}>
              <Icon path={ICONS.undo} /> Undo
            </button>
          )}
          {redo && (
            <button type="button" class="tool worded" onClick={figure.redo}>
              <Icon path={ICONS.redo} /> Redo
            </button>
          )}
          {undo && (
            <button type="button" class="tool worded" onClick={figure.reset}>
              Reset
            </button>
          )}
        </div>
      )}
      {children}
      {figure.view.value !== "table" && <Arranging />}
      <span class="spring" />
      <button
        type="button"
        class="tool worded reads"
        aria-expanded={figure.reading.value}
        aria-controls="evidence"
        onClick={figure.toggleEvidence}
      >
        Evidence
      </button>
      <button type="button" class="take" onClick={figure.takeAlong}>
        Take along
      </button>
    </div>
  );
}

const ARRANGEMENTS = [
  ["layered", "Layered"],
  ["radial", "Radial"],
] as const;

/** How entities are arranged; they are moved by hand in either. */
function Arranging() {
  return (
    <label class="arranging">
      <span>Layout</span>
      <select
        value={figure.arrangement.value}
        onChange={(event) =>
          figure.arrange(event.currentTarget.value === "radial" ? "radial" : "layered")
        }
      >
        {ARRANGEMENTS.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ZoomingProps {
  readonly zoom: RefObject<Zoom | null>;
  readonly cut: ReadonlySignal<boolean>;
}

/** The buttons that zoom, over the corners of the figure. */
export function Zooming({ zoom, cut }: ZoomingProps) {
  const button = (words: string, path: string, act: () => void) => (
    <button type="button" class="tool" aria-label={words} title={words} onClick={act}>
      <Icon path={path} />
    </button>
  );
  return (
    <>
      {cut.value && (
        <button type="button" class="tool worded cut" onClick={() => zoom.current?.fit()}>
          Larger than the view: show all
        </button>
      )}
      <fieldset class="zooming" aria-label="Zoom">
        {button("Zoom in", ICONS.in, () => zoom.current?.by(1.3))}
        {button("Zoom out", ICONS.out, () => zoom.current?.by(1 / 1.3))}
        {button("Fit the figure", ICONS.fit, () => zoom.current?.fit())}
      </fieldset>
    </>
  );
}
