/** The name of a file that is taken along: pair, date and snapshot. */

const MOST = 60;

/** A name as a part of a file's: letters and digits of any script, joined by hyphens. */
export function slug(name: string): string {
  const words =
    name
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return words.join("-").slice(0, MOST).replace(/-+$/, "") || "figure";
}

/** `neural-stem-cell--remyelination_2026-11-22_ab12cd34`, without a suffix. */
export function fileStem(ends: readonly string[], day: Date, snapshot: string): string {
  const pair = ends.map(slug).join("--") || "figure";
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  return [pair, date, snapshot.replace(/\W/g, "").slice(0, 8)].filter(Boolean).join("_");
}

const NAMED = /filename="?[^";]*?-subgraph\.([\w.]+)"?/;

/** The suffix that the server gives a file, else the format's name. */
export function suffixOf(disposition: string | null, format: string): string {
  return NAMED.exec(disposition ?? "")?.[1] ?? format;
}
