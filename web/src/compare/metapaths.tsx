/** The kinds of paths, and how many of each a side has. */

import { categoryLabel, number, predicateLabel, short } from "../words";
import { type Comparison, endOfSide } from "./comparison";

/** The table shows so many kinds until all are asked for. */
const FEW = 12;

/** A metapath in words: predicates joined by `|`, with `^` before one that is walked in reverse. */
const inWords = (metapath: readonly string[]) =>
  metapath
    .map((term, i) =>
      i % 2 === 0
        ? categoryLabel(term)
        : `— ${term
            .split("|")
            .map((one) =>
              one.startsWith("^") ? `← ${predicateLabel(one.slice(1))}` : predicateLabel(one),
            )
            .join(" / ")} →`,
    )
    .join(" ");

export function Metapaths({ result }: { readonly result: Comparison }) {
  const rows = (some: Comparison["metapaths"]) =>
    some.map(({ metapath, left, right }) => (
      <tr key={metapath.join(" ")}>
        <th scope="row">{short(inWords(metapath), 300)}</th>
        <td>{number(left)}</td>
        <td>{number(right)}</td>
      </tr>
    ));
  const table = (some: Comparison["metapaths"], caption: string) => (
    <table>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Metapath</th>
          <th scope="col">{short(endOfSide("left").name, 40)}</th>
          <th scope="col">{short(endOfSide("right").name, 40)}</th>
        </tr>
      </thead>
      <tbody>{rows(some)}</tbody>
    </table>
  );
  const rest = result.metapaths.slice(FEW);
  return result.metapaths.length ? (
    <section class="metapaths" aria-label="Kinds of paths">
      <h2>Kinds of paths</h2>
      {table(result.metapaths.slice(0, FEW), "Paths of each kind")}
      {rest.length > 0 && (
        <details>
          <summary>{number(rest.length)} more</summary>
          {table(rest, "Further kinds of paths")}
        </details>
      )}
    </section>
  ) : null;
}
