/** What a pointer does on a figure beside pressing: it moves entities, and a finger moves the view. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { CanvasProps } from "./canvas";
import type { DrawnEdge, DrawnEntity } from "./layout";
import type { Zoom } from "./zoom";

/** How far a pointer moves, in pixels, until it is no press any more. */
const SLACK = 4;

interface Dragging {
  readonly view: RefObject<SVGSVGElement | null>;
  readonly zoom: Zoom;
  readonly entities: readonly DrawnEntity[];
  readonly edges: readonly DrawnEdge[];
  readonly onMove?: CanvasProps["onMove"];
}

/**
 * Lets a mouse or a pen move entities, and one finger the view to the left and right: up and down
 * it scrolls the page (`touch-action: pan-y`). Returns whether a press was the end of a move.
 */
export function useDrag(given: Dragging): () => boolean {
  const latest = useRef(given);
  latest.current = given;
  const moved = useRef(false);
  useLayoutEffect(() => {
    const element = given.view.current;
    const start = (event: PointerEvent) => {
      moved.current = false;
      if (!event.isPrimary || event.button !== 0) {
        stop();
      } else if (event.pointerType === "touch") {
        follow(event, sliding(latest.current.zoom));
      } else {
        const mark = (event.target as Element).closest<SVGGElement>("[data-entity]");
        const entity = latest.current.entities.find(({ id }) => id === mark?.dataset["entity"]);
        if (mark && entity && latest.current.onMove) {
          follow(event, carrying(mark, entity, latest));
        }
      }
    };
    let stop = () => {};
    const follow = (first: PointerEvent, action: Action) => {
      stop();
      const listening = new AbortController();
      const { signal } = listening;
      const by = (event: PointerEvent) =>
        [event.clientX - first.clientX, event.clientY - first.clientY] as const;
      stop = () => {
        listening.abort();
        if (moved.current) {
          action.end(null);
        }
      };
      addEventListener(
        "pointermove",
        (event) => {
          const [dx, dy] = by(event);
          moved.current ||= Math.hypot(dx, dy) > SLACK;
          if (moved.current && event.isPrimary) {
            action.step(dx, dy);
          }
        },
        { signal },
      );
      addEventListener(
        "pointerup",
        (event) => {
          listening.abort();
          if (moved.current) {
            action.end(by(event));
          }
        },
        { signal },
      );
      addEventListener("pointercancel", () => stop(), { signal });
    };
    element?.addEventListener("pointerdown", start);
    return () => {
      element?.removeEventListener("pointerdown", start);
      stop();
    };
  }, []);
  return () => {
    const was = moved.current;
    moved.current = false;
    return was;
  };
}

interface Action {
  /** Called as the pointer moves, with its way from where it was pressed. */
  readonly step: (dx: number, dy: number) => void;
  /** Called at the end with the whole way, or null where the move is given up. */
  readonly end: (way: readonly [number, number] | null) => void;
}

function sliding(zoom: Zoom): Action {
  let [x, y] = [0, 0];
  return {
    step: (dx, dy) => {
      zoom.pan(dx - x, dy - y);
      [x, y] = [dx, dy];
    },
    end: () => {},
  };
}

function carrying(
  mark: SVGGElement,
  entity: DrawnEntity,
  latest: { readonly current: Dragging },
): Action {
  const { view, zoom, edges } = latest.current;
  const own = new Set(
    edges.filter(({ source, target }) => source === entity.id || target === entity.id),
  );
  const lines = [...own].flatMap(({ key }) => [
    ...(view.current?.querySelectorAll(
      `[data-edge="${CSS.escape(key)}"], [data-label="${CSS.escape(key)}"]`,
    ) ?? []),
  ]);
  const place = (dx: number, dy: number) => {
    const scale = zoom.scale();
    return [entity.x + dx / scale, entity.y + dy / scale] as const;
  };
  return {
    step: (dx, dy) => {
      const [x, y] = place(dx, dy);
      mark.classList.add("carried");
      mark.style.transform = `translate(${x}px, ${y}px)`;
      for (const line of lines) {
        line.classList.add("adrift");
      }
    },
    end: (way) => {
      mark.classList.remove("carried");
      for (const line of lines) {
        line.classList.remove("adrift");
      }
      if (way) {
        latest.current.onMove?.(entity, ...place(...way));
      } else {
        mark.style.transform = `translate(${entity.x}px, ${entity.y}px)`;
      }
    },
  };
}
