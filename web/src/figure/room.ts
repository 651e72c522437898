/** How much room a figure has, without making the browser lay the page out to tell it. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Extent } from "./zoom";

/** Follows the size of a place, from when it is first laid out; `null` until then. */
export function useRoom(
  place: RefObject<HTMLElement | null>,
  onChange: () => void,
): RefObject<Extent | null> {
  const room = useRef<Extent | null>(null);
  const act = useRef(onChange);
  act.current = onChange;
  useLayoutEffect(() => {
    const watch = new ResizeObserver(([seen]) => {
      if (seen) {
        room.current = seen.contentRect;
        act.current();
      }
    });
    if (place.current) {
      watch.observe(place.current);
    }
    return () => watch.disconnect();
  }, []);
  return room;
}
