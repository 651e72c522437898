/**
 * The outlines of boxes, one a family of categories, as `kg/draw/shapes.py` draws them: a page and
 * the SVG file that is taken from it must show the same figure. Centred on the origin, y downwards.
 */

export const SHAPES = [
  "pill",
  "rectangle",
  "hexagon",
  "parallelogram",
  "octagon",
  "cut",
  "arch",
  "sides",
  "rounded",
] as const;
export type Shape = (typeof SHAPES)[number];

const SLANT = 11;

type Corner = readonly [number, number];
type Outline = (x: number, y: number) => string;

const closed = (corners: readonly Corner[]) => `M${corners.map((c) => c.join(" ")).join("L")}Z`;

/** A polygon that is its own image when turned by half a circle, from its right half. */
const turned = (right: readonly Corner[]) =>
  closed([...right, ...right.map(([x, y]): Corner => [-x, -y])]);

const box: Outline = (x, y) => `M${-x} ${-y}H${x}V${y}H${-x}Z`;

const cornered = (x: number, y: number, top: number, bottom: number) =>
  `M${top - x} ${-y}H${x - top}a${top} ${top} 0 0 1 ${top} ${top}` +
  `V${y - bottom}a${bottom} ${bottom} 0 0 1 ${-bottom} ${bottom}` +
  `H${bottom - x}a${bottom} ${bottom} 0 0 1 ${-bottom} ${-bottom}` +
  `V${top - y}a${top} ${top} 0 0 1 ${top} ${-top}Z`;

const OUTLINES: Record<Shape, Outline> = {
  pill: (x, y) => cornered(x, y, y, y),
  rounded: (x, y) => cornered(x, y, 8, 8),
  arch: (x, y) => cornered(x, y, Math.min(16, y), 0),
  rectangle: box,
  sides: (x, y) => `${box(x, y)}M${6 - x} ${-y}V${y}M${x - 6} ${-y}V${y}`,
  hexagon: (x, y) =>
    turned([
      [x, 0],
      [x - SLANT, y],
      [SLANT - x, y],
    ]),
  parallelogram: (x, y) =>
    turned([
      [x, -y],
      [x - SLANT, y],
    ]),
  octagon: (x, y) => {
    const c = Math.min(9, y * 0.6);
    return turned([
      [x - c, -y],
      [x, c - y],
      [x, y - c],
      [x - c, y],
    ]);
  },
  cut: (x, y) => {
    const c = Math.min(12, y);
    return turned([
      [x, -y],
      [x, y - c],
      [x - c, y],
    ]);
  },
};

/** The shape of a name that the server sent; an unheard one is drawn as what has no family. */
export function shapeOf(name: string): Shape {
  return SHAPES.find((shape) => shape === name) ?? "rounded";
}

/** The SVG path of a shape of a width and height. */
export function outline(shape: Shape, width: number, height: number): string {
  return OUTLINES[shape](width / 2, height / 2);
}
