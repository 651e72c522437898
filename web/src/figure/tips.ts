/**
 * What stands at the end of a line: an arrow head, a bar, an open head, as `kg/draw/marks.py` has
 * them; and the cross of a statement that is denied.
 */

import type { Sign } from "../types";

type Point = readonly [number, number];

const LENGTH = 10;
const NUMBER = /-?\d+(?:\.\d+)?(?:e-?\d+)?/gi;

/** The points of an SVG path of one `M` and cubic curves. */
export function points(path: string): Point[] {
  const numbers = (path.match(NUMBER) ?? []).map(Number);
  const found: Point[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    found.push([numbers[i] ?? 0, numbers[i + 1] ?? 0]);
  }
  return found;
}

/** The end of a curve and the unit vector in which it ends. */
function heading(curve: readonly Point[]): { end: Point; along: Point } {
  const end = curve.at(-1) ?? [0, 0];
  for (let i = curve.length - 2; i >= 0; i -= 1) {
    const [x, y] = curve[i] ?? end;
    const length = Math.hypot(end[0] - x, end[1] - y);
    if (length > 0.5) {
      return { end, along: [(end[0] - x) / length, (end[1] - y) / length] };
    }
  }
  return { end, along: [1, 0] };
}

/** A spot behind a point and to its side. */
function spot([x, y]: Point, [dx, dy]: Point, back: number, aside: number): string {
  const round = (value: number) => Math.round(value * 10) / 10;
  return `${round(x - dx * back - dy * aside)} ${round(y - dy * back + dx * aside)}`;
}

/** The SVG path of the tip of a line that ends where the tip does. */
export function tip(path: string, sign: Sign): string {
  const { end, along } = heading(points(path));
  const at = (back: number, aside: number) => spot(end, along, back, aside);
  if (sign === -1) {
    return `M${at(1, 7)}L${at(1, -7)}`;
  }
  const back = sign === 1 ? LENGTH : LENGTH - 1;
  const [left, right] = [at(back, 4.5), at(back, -4.5)];
  return sign === 1 ? `M${at(0, 0)}L${left}L${right}Z` : `M${left}L${at(0, 0)}L${right}`;
}

/** The SVG path of two crossed strokes a little before the tip, where no label stands. */
export function cross(path: string): string {
  const segment = points(path).slice(-4);
  const centre = along(segment, 0.45);
  const ahead = along(segment, 0.5);
  const length = Math.hypot(ahead[0] - centre[0], ahead[1] - centre[1]) || 1;
  const way: Point = [(ahead[0] - centre[0]) / length, (ahead[1] - centre[1]) / length];
  const at = (back: number, aside: number) => spot(centre, way, back, aside);
  return `M${at(6, 6)}L${at(-6, -6)}M${at(6, -6)}L${at(-6, 6)}`;
}

/** The point of a cubic Bézier at `t` from 0 to 1, in Bernstein's form. */
function along(segment: readonly Point[], t: number): Point {
  const weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
  const sum = (axis: 0 | 1) =>
    weights.reduce((total, weight, i) => total + weight * (segment[i]?.[axis] ?? 0), 0);
  return [sum(0), sum(1)];
}
