/** The figure of a mechanism: all paths merged, one path, or its statements as a table. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { counted } from "../words";
import { Canvas } from "./canvas";
import "./canvas.css";
import "./figure.css";
import "./panel.css";
import { Caption } from "./captioned";
import { Find, matchesOf } from "./find";
import type { DrawnEdge, DrawnEntity } from "./layout";
import { Legend } from "./legend";
import { Panel, type PanelActions } from "./panel";
import { useRoom } from "./room";
import { Table } from "./table";
import { Toolbar, Zooming } from "./toolbar";
import * as figure from "./view";
import type { Zoom } from "./zoom";

export function Figure() {
  const { layout, busy, problem } = figure.drawing.value;
  const request = figure.request.value;
  const opened = useSignal<string | null>(null);
  const cut = useSignal(false);
  const sought = useSignal("");
  const zoom = useRef<Zoom | null>(null);
  const frame = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => new Set(request.content.links.map((link) => link.id)), [request]);
  const matches = useMemo(() => matchesOf(layout, sought.value), [layout, sought.value]);
  const found = useMemo(() => new Set(matches.map(({ id }) => id)), [matches]);
  const entity = layout?.entities.find((one) => one.id === opened.value);
  const room = useRoom(stage, () => {
    zoom.current?.settle();
    const pressed = figure.drawing.peek().layout?.entities.find(({ id }) => id === opened.peek());
    if (pressed) {
      zoom.current?.reveal(pressed);
    }
  });
  const close = useCallback(() => {
    const id = opened.peek();
    opened.value = null;
    refocus(frame.current, id);
  }, []);
  const actions = useMemo<PanelActions>(() => ({ ...figure.actions, close }), [close]);
  useEffect(() => {
    opened.value = null;
  }, [figure.view.value]);

  const openEntity = useCallback((one: DrawnEntity) => {
    opened.value = one.id;
    figure.actions.choose(one.id);
  }, []);
  const openEdge = useCallback((edge: DrawnEdge) => figure.openEvidence(edge.statements), []);
  const keep = useCallback((made: Zoom) => {
    zoom.current = made;
  }, []);

  const table = figure.view.value === "table";
  const beside = !table && entity !== undefined;
  const empty = layout !== null && layout.entities.length === 0;
  return (
    <section
      ref={frame}
      class="figure"
      aria-label="Figure"
      aria-busy={busy}
      data-drawn={layout && !busy && !empty ? figure.drawnPaths.value : undefined}
    >
      <Toolbar>
        {!table && layout && !empty && <Find text={sought} found={matches} zoom={zoom} />}
      </Toolbar>
      <p id="figure-keys" class="unseen">
        Arrow keys walk from entity to entity, with Shift to the lines; Enter opens what is reached;
        Ctrl with an arrow key moves an entity; plus, minus and 0 zoom.
      </p>
      <div class={beside ? "stage beside" : "stage"}>
        <div ref={stage} class="view" />
        {problem && (
          <p class="problem" role="alert">
            {problem}{" "}
            <button type="button" onClick={figure.again}>
              Try again
            </button>
          </p>
        )}
        {table ? (
          <Table
            request={request}
            chosen={figure.chosen.value}
            onOpen={(statements) => figure.openEvidence(statements)}
          />
        ) : (
          layout &&
          !empty && (
            <Canvas
              layout={layout}
              title={`${request.title}: ${counted(layout.entities.length, "entity", "entities")}, ${counted(shown.size, "statement")}`}
              stressed={figure.stressed.value}
              found={found}
              hidden={figure.hidden.value}
              question={figure.asked.value}
              anchor={figure.anchor.value}
              room={room}
              cut={cut}
              onEntity={openEntity}
              onEdge={openEdge}
              onMove={figure.move}
              onPoint={figure.pointAt}
              onReady={keep}
            />
          )
        )}
        {!table && layout && !empty && <Zooming zoom={zoom} cut={cut} />}
        {beside && (
          <Panel
            entity={entity}
            expanded={figure.isExpandedAt(entity.id)}
            shown={shown}
            actions={actions}
          />
        )}
      </div>
      {!table && layout && !empty && (
        <Legend layout={layout} hidden={figure.hidden.value} onToggle={figure.toggleHidden} />
      )}
      {layout && !empty && <Caption />}
    </section>
  );
}

/** Gives the keyboard back to the entity whose panel was closed. */
function refocus(frame: HTMLElement | null, id: string | null): void {
  for (const mark of frame?.querySelectorAll<SVGGElement>("[data-entity]") ?? []) {
    if (mark.dataset["entity"] === id) {
      mark.focus({ preventScroll: true });
    }
  }
}
