/** Pan and zoom: one transform on one group, whatever the figure holds. */

import type { Signal } from "@preact/signals";
import { select } from "d3-selection";
import {
  type D3ZoomEvent,
  type ZoomBehavior,
  type ZoomTransform,
  zoom,
  zoomIdentity,
  zoomTransform,
} from "d3-zoom";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

export interface Extent {
  readonly width: number;
  readonly height: number;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Zoom {
  /** Zooms by a factor round the middle of the view. */
  readonly by: (factor: number) => void;
  /** Shows the whole figure. */
  readonly fit: () => void;
  /** Shows a figure for the first time: whole if that can be read, else its beginning, `cut`. */
  readonly open: () => void;
  /** Places the figure anew in a view of another size, unless the reader has moved it. */
  readonly settle: () => void;
  /** Whether the reader has moved the view since it was opened. */
  readonly isMoved: () => boolean;
  /** Keeps a place of the old figure where it stands in the view, in the new figure. */
  readonly hold: (before: Place, after: Place) => void;
  /** Brings a place into the middle of the view, large enough to be read. */
  readonly centre: (place: Place) => void;
  /** Moves the view by so many pixels of the screen. */
  readonly pan: (dx: number, dy: number) => void;
  /** How many pixels of the screen one of the figure is. */
  readonly scale: () => number;
  /** Brings a place into view, if it is not. */
  readonly reveal: (place: Place) => void;
}

const RANGE: [number, number] = [0.05, 4];
const MARGIN = 16;
/** At this scale labels of 12 pixels have 11: a figure opens no smaller. */
const LEGIBLE = 11 / 12;
/** A small figure is not blown up: its letters stay those of the page. */
const LARGEST = 1.1;

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Whether an event pans or zooms. A double click opens things: zooming would move them away from the
 * pointer. A wheel scrolls the page where it can be scrolled, unless Ctrl is pressed, as it is for
 * two fingers on a touchpad. A mouse on an entity moves the entity; one finger is for `useDrag`.
 */
function isZooming(event: MouseEvent | TouchEvent): boolean {
  if ("touches" in event) {
    return event.touches.length > 1;
  }
  if (event.type === "wheel") {
    const { scrollHeight, clientHeight } = document.documentElement;
    return event.ctrlKey || event.metaKey || scrollHeight <= clientHeight + 1;
  }
  const onEntity = event.target instanceof Element && event.target.closest("[data-entity]");
  return event.type !== "dblclick" && !event.button && !onEntity;
}

/** Shows the whole figure on paper, whatever part of it is on the screen. */
function printWhole(
  view: RefObject<SVGSVGElement | null>,
  scene: RefObject<SVGGElement | null>,
  size: { readonly current: Extent },
): () => void {
  const before = () => {
    const { width, height } = size.current;
    view.current?.setAttribute("viewBox", `-4 -4 ${width + 8} ${height + 8}`);
    scene.current?.removeAttribute("transform");
  };
  const after = () => {
    view.current?.removeAttribute("viewBox");
    if (view.current) {
      scene.current?.setAttribute("transform", zoomTransform(view.current).toString());
    }
  };
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  return () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  };
}

/**
 * Joins a view (an SVG element) and its scene (the group that moves) to d3-zoom. `cut` tells
 * whether the figure opened larger than the view; it is no news once the reader has moved it.
 * To ask the browser for the size of a figure that was just written would lay it out twice: `room`
 * knows it.
 */
export function useZoom(extent: Extent, room: RefObject<Extent | null>, cut: Signal<boolean>) {
  const view = useRef<SVGSVGElement>(null);
  const scene = useRef<SVGGElement>(null);
  const behaviour = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  const gliding = useRef(0);
  const moved = useRef(false);
  /** How the whole figure was placed last; nothing once a part of it was. */
  const placed = useRef<(() => ZoomTransform) | null>(null);
  const size = useRef(extent);
  size.current = extent;
  const leave = () => {
    moved.current = true;
    placed.current = null;
    cut.value = false;
  };
  const roomy = (): Extent =>
    room.current ?? {
      width: view.current?.clientWidth ?? 0,
      height: view.current?.clientHeight ?? 0,
    };

  useLayoutEffect(() => {
    const element = view.current;
    if (!element) {
      return;
    }
    const made = zoom<SVGSVGElement, unknown>()
      .scaleExtent(RANGE)
      .extent(() => {
        const { width, height } = roomy();
        return [
          [0, 0],
          [width, height],
        ];
      })
      .filter(isZooming)
      .clickDistance(4)
      .on("start", ({ sourceEvent }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        if (sourceEvent) {
          cancelAnimationFrame(gliding.current);
        }
      })
      .on("zoom", ({ transform, sourceEvent }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        scene.current?.setAttribute("transform", transform.toString());
        if (sourceEvent) {
          leave();
        }
      });
    select(element).call(made).on("dblclick.zoom", null);
    behaviour.current = made;
    return () => {
      select(element).on(".zoom", null);
    };
  }, []);

  useLayoutEffect(() => printWhole(view, scene, size), []);

  const controls = useMemo<Zoom>(() => {
    const set = (transform: ZoomTransform) => {
      if (view.current && behaviour.current) {
        select(view.current).call(behaviour.current.transform, transform);
      }
    };
    const now = () => (view.current ? zoomTransform(view.current) : zoomIdentity);
    const whole = () => {
      const { width, height } = roomy();
      const fits = Math.min(
        (width - 2 * MARGIN) / Math.max(size.current.width, 1),
        (height - 2 * MARGIN) / Math.max(size.current.height, 1),
      );
      return Math.max(RANGE[0], Math.min(fits, LARGEST));
    };
    const centred = (scale: number, least = Number.NEGATIVE_INFINITY) => {
      const { width, height } = roomy();
      const x = (width - size.current.width * scale) / 2;
      const y = (height - size.current.height * scale) / 2;
      return zoomIdentity.translate(Math.max(x, least), y).scale(scale);
    };
    const fitted = () => {
      cut.value = false;
      return centred(whole());
    };
    const opened = () => {
      const scale = Math.max(whole(), LEGIBLE);
      cut.value = scale > whole();
      // What does not fit begins at the left, where a mechanism begins.
      return centred(scale, MARGIN);
    };
    const place = (by: () => ZoomTransform) => {
      moved.current = false;
      placed.current = by;
      return by();
    };
    const glide = (to: ZoomTransform) => {
      if (still()) {
        set(to);
        return;
      }
      const from = now();
      const start = performance.now();
      const step = (time: number) => {
        const t = Math.min(1, Math.max(0, (time - start) / 180));
        const eased = 1 - (1 - t) ** 3;
        const mix = (a: number, b: number) => a + (b - a) * eased;
        set(zoomIdentity.translate(mix(from.x, to.x), mix(from.y, to.y)).scale(mix(from.k, to.k)));
        if (t < 1) {
          gliding.current = requestAnimationFrame(step);
        }
      };
      cancelAnimationFrame(gliding.current);
      gliding.current = requestAnimationFrame(step);
    };
    return {
      isMoved: () => moved.current,
      pan: (dx, dy) => {
        leave();
        const { x, y, k } = now();
        set(zoomIdentity.translate(x + dx, y + dy).scale(k));
      },
      scale: () => now().k,
      by: (factor) => {
        leave();
        const { width, height } = roomy();
        const { x, y, k } = now();
        const scale = Math.max(RANGE[0], Math.min(k * factor, RANGE[1]));
        const grown = scale / k;
        glide(
          zoomIdentity
            .translate(width / 2 - (width / 2 - x) * grown, height / 2 - (height / 2 - y) * grown)
            .scale(scale),
        );
      },
      fit: () => glide(place(fitted)),
      open: () => set(place(opened)),
      settle: () => {
        if (placed.current) {
          cancelAnimationFrame(gliding.current);
          set(placed.current());
        }
      },
      hold: (before, after) => {
        placed.current = null;
        const { x, y, k } = now();
        set(
          zoomIdentity
            .translate(x + (before.x - after.x) * k, y + (before.y - after.y) * k)
            .scale(k),
        );
      },
      centre: (place) => {
        const { width, height } = roomy();
        const scale = Math.max(now().k, LEGIBLE);
        leave();
        glide(
          zoomIdentity
            .translate(width / 2 - place.x * scale, height / 2 - place.y * scale)
            .scale(scale),
        );
      },
      reveal: (place) => {
        const { width, height } = roomy();
        const { x, y, k } = now();
        const [px, py] = [place.x * k + x, place.y * k + y];
        const inside = (value: number, most: number) => Math.max(60, Math.min(value, most - 60));
        const [dx, dy] = [inside(px, width) - px, inside(py, height) - py];
        if (dx || dy) {
          leave();
          glide(zoomIdentity.translate(x + dx, y + dy).scale(k));
        }
      },
    };
  }, []);

  return { view, scene, controls };
}
