/** The marks of a figure: boxes with names, lines with tips, labels. */

import { memo } from "preact/compat";
import { type DrawnEdge, type DrawnEntity, type Label, traitsOf } from "./layout";
import { outline, shapeOf } from "./outlines";
import { cross, tip } from "./tips";

const NAME_LEADING = 16;
const NAME_RISE = 4.5;
const LABEL_LEADING = 14;
const LABEL_RISE = 4.2;

/** How a mark stands out: on the selected path, beside it, or neither as none is selected. */
export type Stress = "on" | "off" | "";

interface EntityProps {
  readonly entity: DrawnEntity;
  readonly stress: Stress;
  readonly focus: boolean;
  readonly reached: boolean;
  readonly found: boolean;
  readonly label: string;
}

/** The box of an entity: a button that arrow keys reach. */
export const EntityMark = memo(({ entity, stress, focus, reached, found, label }: EntityProps) => {
  const shape = shapeOf(entity.shape);
  const first = NAME_RISE - ((entity.lines.length - 1) * NAME_LEADING) / 2;
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button of its own.
    <g
      class={`entity ${shape} ${stress} ${focus ? "focus" : ""} ${found ? "found" : ""}`}
      data-entity={entity.id}
      role="button"
      // Names of SVG attributes keep their case: a tabIndex is none.
      tabindex={reached ? 0 : -1}
      aria-label={label}
      style={{ transform: `translate(${entity.x}px, ${entity.y}px)` }}
    >
      <path class="halo" d={outline(shape, entity.width + 10, entity.height + 10)} />
      <path class="box" d={outline(shape, entity.width, entity.height)} />
      <text>
        {entity.lines.map((line, i) => (
          <tspan key={i} x="0" y={first + i * NAME_LEADING}>
            {line}
            {/* A space parts the words of two lines where they are read or copied as one text. */}
            <tspan font-size="0"> </tspan>
          </tspan>
        ))}
      </text>
      <title>{label}</title>
    </g>
  );
});

interface EdgeProps {
  readonly edge: DrawnEdge;
  readonly stress: Stress;
  readonly title: string;
  readonly reached: boolean;
}

/** The line of parallel statements, with a wide unseen one under it that is easy to meet. */
export const EdgeMark = memo(({ edge, stress, title, reached }: EdgeProps) => (
  // biome-ignore lint/a11y/useSemanticElements: SVG has no link of its own to a part of a page.
  <g
    class={`edge ${traitsOf(edge).join(" ")} ${stress}`}
    data-edge={edge.key}
    role="link"
    tabindex={reached ? 0 : -1}
    aria-label={title}
  >
    <path class="reach" d={edge.path} />
    <path class="line" d={edge.path} />
    {edge.marker !== "none" && <path class="tip" d={tip(edge.path, edge.sign)} />}
    {edge.negated && <path class="cross" d={cross(edge.path)} />}
    <title>{title}</title>
  </g>
));

/** Parts one wording from the next, so that two are not read as one. */
const comma = (next: Label | undefined) => (next && !next.continues ? "," : "");

/** What is written on a line, which passes behind it: its predicates, and how much they rest on. */
export const EdgeLabel = memo(({ edge, stress }: Omit<EdgeProps, "title" | "reached">) => {
  const rows = edge.labels;
  const first = edge.label_y + LABEL_RISE - ((rows.length - 1) * LABEL_LEADING) / 2;
  return (
    <g class={`label ${traitsOf(edge).join(" ")} ${stress}`} data-label={edge.key}>
      <rect
        x={edge.label_x - edge.label_width / 2}
        y={edge.label_y - edge.label_height / 2}
        width={edge.label_width}
        height={edge.label_height}
      />
      <text>
        {rows.map(({ text, count }, i) => (
          <tspan key={i} x={edge.label_x} y={first + i * LABEL_LEADING}>
            {text}
            {count ? (
              <tspan class="tally" dx="4">
                {count}
                {comma(rows[i + 1])}
              </tspan>
            ) : (
              comma(rows[i + 1])
            )}
            <tspan font-size="0"> </tspan>
          </tspan>
        ))}
      </text>
    </g>
  );
});
