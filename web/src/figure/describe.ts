/** A figure in words: what its marks say to those who hear it. */

import { categoryLabel, counted, phrase, predicateLabel } from "../words";
import type { DrawnEdge, DrawnEntity } from "./layout";

/** What each entity of a figure is called aloud: "neural stem cell, Cell, 3 statements out". */
export function describeEntities(
  entities: readonly DrawnEntity[],
  edges: readonly DrawnEdge[],
): ReadonlyMap<string, string> {
  const out = new Map<string, number>();
  const into = new Map<string, number>();
  for (const { source, target, statements } of edges) {
    out.set(source, (out.get(source) ?? 0) + statements.length);
    into.set(target, (into.get(target) ?? 0) + statements.length);
  }
  const told = ({ id, name, category }: DrawnEntity) =>
    [
      name.slice(0, 300) || id,
      categoryLabel(category),
      `${counted(out.get(id) ?? 0, "statement")} out`,
      into.has(id) && `${into.get(id)} in`,
    ]
      .filter(Boolean)
      .join(", ");
  return new Map(entities.map((entity) => [entity.id, told(entity)]));
}

const EFFECTS = new Map<number | null, string>([
  [1, "raises it"],
  [-1, "lowers it"],
  [0, "no effect meant"],
  [null, "direction unknown"],
]);

/** What each line of a figure says, by its key: "GDNF protects neuron: raises it; 1 statement". */
export function describeEdges(
  entities: readonly DrawnEntity[],
  edges: readonly DrawnEdge[],
): ReadonlyMap<string, string> {
  const names = new Map(entities.map((one) => [one.id, one.name.slice(0, 200) || one.id]));
  return new Map(edges.map((edge) => [edge.key, describeEdge(edge, names)]));
}

function describeEdge(edge: DrawnEdge, names: ReadonlyMap<string, string>): string {
  const traits = [
    edge.negated ? "denied" : edge.marker === "none" ? "symmetric" : EFFECTS.get(edge.sign),
    edge.inferred && "inferred",
    edge.hedged && phrase(edge.modality),
  ].filter(Boolean);
  return (
    `${names.get(edge.source)} ${edge.negated ? "not: " : ""}${predicateLabel(edge.predicate)} ` +
    `${names.get(edge.target)}: ${traits.join(", ")}; ` +
    `${counted(edge.statements.length, "statement")}, ` +
    counted(edge.evidence, "piece of evidence", "pieces of evidence")
  );
}
