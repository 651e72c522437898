/** How pictures are finished: for a slide or a column of a paper, in grey, without a background. */

import { signal } from "@preact/signals";
import * as figure from "../figure/view";

const PICTURES: ReadonlySet<string> = new Set(["svg", "png", "pdf"]);

export const isPicture = (format: string) => PICTURES.has(format);

/** The sizes that the service draws, with the greatest width and height in millimetres. */
const SIZES = [
  { size: "drawn", words: "As on the screen", most: null },
  { size: "slide", words: "Slide", most: [300, 160] },
  { size: "two-column", words: "Two columns of a paper", most: [180, 240] },
  { size: "one-column", words: "One column of a paper", most: [88, 240] },
] as const;

type Size = (typeof SIZES)[number];

/** How pictures are finished, for as long as the page is open. */
const look = signal<{ size: Size; grey: boolean; clear: boolean; print: boolean }>({
  size: SIZES[0],
  grey: false,
  clear: false,
  print: false,
});

/** The parameters of a picture: no other format takes them. */
export function lookOf(format: string): object {
  const { size, grey, clear, print } = look.peek();
  return isPicture(format)
    ? {
        ...(size.most && { size: size.size }),
        ...(grey && { palette: "grey" }),
        ...(clear && { background: "none" }),
        ...(print && format === "png" && { dpi: 300 }),
      }
    : {};
}

/** Pixels of a picture beside the figure: its margins; its title, legend and citation. */
const [AROUND, ABOUT, LEAST] = [48, 170, 608];
/** The size of letters on lines, in pixels; a point is 1/72 inch, a millimetre 1/25.4. */
const LETTERS = 12;
/** Smaller letters are hard to read in print. */
const READABLE = 6;

/** How large letters are in a picture of a size, in points. */
function lettersIn({ most }: Size): number | null {
  const layout = figure.drawing.value.layout;
  if (!most || !layout) {
    return null;
  }
  const width = Math.max(layout.width + AROUND, LEAST);
  const each = Math.min(most[0] / width, most[1] / (layout.height + ABOUT));
  return (LETTERS * each * 72) / 25.4;
}

const CHOICES = [
  ["grey", "Shades of grey"],
  ["clear", "Without a background"],
  ["print", "PNG for print (300 dpi)"],
] as const;

export function Look() {
  const letters = lettersIn(look.value.size);
  return (
    <div class="look">
      <label>
        <span>Made for</span>{" "}
        <select
          value={look.value.size.size}
          onChange={(event) => {
            const size = SIZES.find((one) => one.size === event.currentTarget.value) ?? SIZES[0];
            const print = look.peek().print || size.size.endsWith("column");
            look.value = { ...look.peek(), size, print };
          }}
        >
          {SIZES.map(({ size, words }) => (
            <option key={size} value={size}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {CHOICES.map(([name, words]) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={look.value[name]}
            onChange={(event) => {
              look.value = { ...look.peek(), [name]: event.currentTarget.checked };
            }}
          />{" "}
          {words}
        </label>
      ))}
      {letters !== null && (
        <p class="muted">
          Letters of about {letters.toFixed(1)} points
          {letters < READABLE && ": small in print; draw fewer paths, or take two columns"}.
        </p>
      )}
    </div>
  );
}
