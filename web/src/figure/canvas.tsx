/** The figure itself: one SVG, panned and zoomed, walked by arrow keys, with one listener a kind. */

import type { Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { describeEdges, describeEntities } from "./describe";
import { useDrag } from "./drag";
import { type DrawnEdge, type DrawnEntity, type Layout, traitsOf } from "./layout";
import { EdgeLabel, EdgeMark, EntityMark, type Stress } from "./marks";
import { shapeOf } from "./outlines";
import type { Pointed } from "./view";
import { endFrom, isArrow, lineFrom, nextLine, placed, stepFrom, WAYS } from "./walk";
import type { Extent, Place, Zoom } from "./zoom";
import { useZoom } from "./zoom";

/** How far an arrow key with Ctrl moves an entity, in pixels. */
const NUDGE = 20;

export interface CanvasProps {
  readonly layout: Layout;
  readonly title: string;
  /** The entities and statements of the selected path, or null where none is selected. */
  readonly stressed: ReadonlySet<string> | null;
  /** The entities that are looked for, to be marked. */
  readonly found?: ReadonlySet<string>;
  /** What the legend hides: shapes and effects. */
  readonly hidden: ReadonlySet<string>;
  /** The question that the figure answers, known by its identity. */
  readonly question: object;
  /** The entity whose place is kept when the figure changes. */
  readonly anchor: string | null;
  /** How large the view is, once that is known. */
  readonly room: RefObject<Extent | null>;
  /** Set when the figure opens larger than the view. */
  readonly cut: Signal<boolean>;
  readonly onEntity: (entity: DrawnEntity) => void;
  readonly onEdge: (edge: DrawnEdge) => void;
  /** Absent where entities cannot be moved. */
  readonly onMove?: (entity: DrawnEntity, x: number, y: number) => void;
  readonly onPoint: (what: Pointed | null) => void;
  readonly onReady: (zoom: Zoom) => void;
}

/**
 * The entities and lines that the legend lets through: what the question named stays, and what lost
 * its last line goes.
 */
function visible(layout: Layout, hidden: ReadonlySet<string>) {
  const shown = layout.entities.filter(
    (entity) => entity.focus || !hidden.has(shapeOf(entity.shape)),
  );
  const ids = new Set(shown.map((entity) => entity.id));
  const edges = layout.edges.filter(
    (edge) =>
      ids.has(edge.source) &&
      ids.has(edge.target) &&
      !traitsOf(edge).some((trait) => hidden.has(trait)),
  );
  const joined = (all: readonly DrawnEdge[]) =>
    new Set(all.flatMap(({ source, target }) => [source, target]));
  const [before, now] = [joined(layout.edges), joined(edges)];
  const entities = shown.filter(({ focus, id }) => focus || now.has(id) || !before.has(id));
  const words = {
    entities: describeEntities(entities, edges),
    edges: describeEdges(entities, edges),
  };
  return { entities, edges, words };
}

export function Canvas(props: CanvasProps) {
  const { layout, stressed, hidden } = props;
  const { view, scene, controls } = useZoom(layout, props.room, props.cut);
  const { entities, edges, words } = useMemo(() => visible(layout, hidden), [layout, hidden]);
  const [reached, setReached] = useState("");
  const start = entities.find((entity) => entity.focus) ?? entities[0];
  const line = edges.find((edge) => edge.key === reached);
  const current = entities.find((entity) => entity.id === reached) ?? start;
  const dropped = useDrag({ view, zoom: controls, entities, edges, onMove: props.onMove });

  // Before the first frame: the legend that comes with a figure takes from its room in that frame.
  useLayoutEffect(() => props.onReady(controls), [controls]);
  useRelayout(props, controls);

  const stressOf = (...ids: readonly string[]): Stress =>
    stressed ? (ids.some((id) => stressed.has(id)) ? "on" : "off") : "";

  const marked = (target: EventTarget | null) => {
    const place = target instanceof Element ? target : null;
    const id = place?.closest("[data-entity]")?.getAttribute("data-entity");
    const line = place?.closest<SVGElement>("[data-edge], [data-label]")?.dataset;
    const key = line?.["edge"] ?? line?.["label"];
    return {
      entity: entities.find((one) => one.id === id),
      edge: edges.find((one) => one.key === key),
    };
  };

  const open = (target: EventTarget | null) => {
    const { entity, edge } = marked(target);
    if (entity) {
      setReached(entity.id);
      props.onEntity(entity);
    } else if (edge) {
      setReached(edge.key);
      props.onEdge(edge);
    }
  };

  const point = (target: EventTarget | null) => {
    const { entity, edge } = marked(target);
    props.onPoint(entity ? { entity: entity.id } : edge ? { statements: edge.statements } : null);
  };

  const walk = (event: KeyboardEvent) => {
    if (!current || event.metaKey || event.altKey) {
      return;
    }
    if (event.ctrlKey) {
      const by = isArrow(event.key) ? WAYS[event.key] : null;
      if (by && !line) {
        event.preventDefault();
        props.onMove?.(current, current.x + by[0] * NUDGE, current.y + by[1] * NUDGE);
      }
      return;
    }
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(event.target);
      return;
    }
    const zooming = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
    if (zooming) {
      controls.by(zooming);
    } else if (event.key === "0") {
      controls.fit();
    }
    if (!isArrow(event.key)) {
      return;
    }
    event.preventDefault();
    const toLine = event.shiftKey
      ? line
        ? nextLine(line, event.key, edges)
        : lineFrom(current, event.key, edges)
      : undefined;
    const toEntity = event.shiftKey
      ? undefined
      : line
        ? endFrom(line, event.key, entities)
        : stepFrom(current, event.key, entities, edges);
    if (toLine) {
      reach(toLine.key, "edge", placed(toLine));
    } else if (toEntity) {
      reach(toEntity.id, "entity", toEntity);
    }
  };

  const reach = (id: string, kind: "entity" | "edge", place: Place) => {
    setReached(id);
    controls.reveal(place);
    for (const mark of scene.current?.querySelectorAll<SVGGElement>(`[data-${kind}]`) ?? []) {
      if (mark.dataset[kind] === id) {
        mark.focus({ preventScroll: true });
      }
    }
  };

  const boxes = entities.map((entity) => (
    <EntityMark
      key={entity.id}
      entity={entity}
      stress={stressOf(entity.id)}
      focus={entity.focus}
      reached={entity === current && !line}
      found={props.found?.has(entity.id) ?? false}
      label={words.entities.get(entity.id) ?? ""}
    />
  ));
  const lines = edges.map((edge) => (
    <EdgeMark
      key={edge.key}
      edge={edge}
      stress={stressOf(...edge.statements)}
      title={words.edges.get(edge.key) ?? ""}
      reached={edge === line}
    />
  ));
  return (
    <svg
      ref={view}
      class={layout.labelled ? "canvas" : "canvas overview"}
      role="application"
      aria-label={props.title}
      aria-describedby="figure-keys"
      onClick={(event) => dropped() || open(event.target)}
      onPointerOver={(event) => point(event.target)}
      onFocusCapture={(event) => {
        const { entity, edge } = marked(event.target);
        setReached((before) => entity?.id ?? edge?.key ?? before);
        point(event.target);
      }}
      onPointerLeave={() => props.onPoint(null)}
      onBlurCapture={() => props.onPoint(null)}
      onKeyDown={walk}
    >
      <g ref={scene}>
        {/* Lines pass round the boxes of a figure, but under those of an overview. */}
        {layout.labelled && <g>{boxes}</g>}
        <g>{lines}</g>
        {layout.labelled ? (
          <g>
            {edges.map((edge) => (
              <EdgeLabel key={edge.key} edge={edge} stress={stressOf(...edge.statements)} />
            ))}
          </g>
        ) : (
          <g>{boxes}</g>
        )}
      </g>
    </svg>
  );
}

/**
 * Shows the figure of a new question from its beginning. In that of the same question what the
 * reader acted on keeps its place; else the first entity does, if the view has been moved.
 */
function useRelayout({ layout, anchor, question }: CanvasProps, controls: Zoom): void {
  const before = useRef<{ layout: Layout; question: object } | null>(null);
  useLayoutEffect(() => {
    const same = before.current?.question === question ? before.current.layout : null;
    const held =
      anchor ?? (controls.isMoved() ? layout.entities.find((one) => one.focus)?.id : null);
    const find = (from: Layout | null) => from?.entities.find((one) => one.id === held);
    const [old, now] = [find(same), find(layout)];
    if (old && now) {
      controls.hold(old, now);
    } else if (!same || !controls.isMoved()) {
      controls.open();
    }
    before.current = { layout, question };
  }, [layout]);
}
