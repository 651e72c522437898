/** The figure of a comparison: both sources left, what they share in the middle, the target right. */

import { useSignal } from "@preact/signals";
import { useCallback, useRef, useState } from "preact/hooks";
import { download } from "../export/download";
import { fileStem } from "../export/naming";
import { Canvas } from "../figure/canvas";
import "../figure/canvas.css";
import "../figure/figure.css";
import type { DrawnEdge, DrawnEntity } from "../figure/layout";
import { Legend } from "../figure/legend";
import { isEmpty, subgraphBody } from "../figure/relayout";
import { useRoom } from "../figure/room";
import { Zooming } from "../figure/toolbar";
import type { Zoom } from "../figure/zoom";
import { counted } from "../words";
import { type Comparison, endOfSide } from "./comparison";
import * as shared from "./drawing";

/** Pictures that are saved from here; every other form is that of a question's own figure. */
const PICTURES = ["svg", "png", "pdf"] as const;

const openEntity = ({ id }: DrawnEntity) => location.assign(`/about/${encodeURIComponent(id)}`);
const openEdge = ({ key }: DrawnEdge) =>
  location.assign(`/about/statement/${encodeURIComponent(key)}`);
const ignore = () => undefined;

export function ComparedFigure({ result }: { readonly result: Comparison }) {
  const { layout, busy, problem } = shared.drawing.value;
  const request = shared.request.value;
  const cut = useSignal(false);
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const zoom = useRef<Zoom | null>(null);
  const stage = useRef<HTMLDivElement>(null);
  const room = useRoom(stage, () => zoom.current?.settle());
  const keep = useCallback((made: Zoom) => {
    zoom.current = made;
  }, []);
  const toggle = (what: string) => {
    const now = new Set(hidden.peek());
    hidden.value = now.delete(what) ? now : now.add(what);
  };
  if (isEmpty(request.content)) {
    return null;
  }
  return (
    <section class="figure compared" aria-label="Paths of both sides" aria-busy={busy}>
      {problem && (
        <p class="problem" role="alert">
          {problem}{" "}
          <button type="button" onClick={shared.again}>
            Try again
          </button>
        </p>
      )}
      <p id="figure-keys" class="unseen">
        Arrow keys walk from entity to entity, with Shift to the lines; Enter opens the page of what
        is reached; plus, minus and 0 zoom.
      </p>
      <div
        ref={stage}
        class="stage"
        style={{ height: `min(80vh, ${(layout?.height ?? 0) + 48}px)` }}
      >
        {layout && (
          <Canvas
            layout={layout}
            title={`${request.title}: ${counted(layout.entities.length, "entity", "entities")}`}
            stressed={shared.sharedMarks.value}
            hidden={hidden.value}
            question={result}
            anchor={null}
            room={room}
            cut={cut}
            onEntity={openEntity}
            onEdge={openEdge}
            onPoint={ignore}
            onReady={keep}
          />
        )}
        {layout && <Zooming zoom={zoom} cut={cut} />}
      </div>
      {layout && <Legend layout={layout} hidden={hidden.value} onToggle={toggle} />}
      <p class="note">
        {shared.contentSentence(result)} <Pictures snapshot={result.snapshot} />
      </p>
    </section>
  );
}

function Pictures({ snapshot }: { readonly snapshot: string }) {
  const [told, setTold] = useState("");
  const save = async (format: string) => {
    const stem = fileStem([endOfSide("left").name, endOfSide("right").name], new Date(), snapshot);
    const { signal } = new AbortController();
    try {
      const body = subgraphBody(shared.request.peek(), format);
      setTold(`Saved ${await download(body, format, stem, signal)}`);
    } catch (error) {
      setTold(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      {PICTURES.map((format) => (
        <button key={format} type="button" class="quiet" onClick={() => save(format)}>
          Save as {format.toUpperCase()}
        </button>
      ))}{" "}
      <span role="status">{told}</span>
    </>
  );
}
