/** References in the forms that reference managers read: BibTeX, RIS, CSL-JSON, and as text. */

import { bibtex, citation, publicationLink } from "./links";

export interface Reference {
  readonly id: string;
  readonly title: string;
  /** Whether it is a source of statements, no publication. */
  readonly isSource?: boolean;
}

const doiOf = (id: string) => /^doi:(.*)$/i.exec(id)?.[1] ?? "";
const pmidOf = (id: string) => /^PMID:(\d+)$/i.exec(id)?.[1] ?? "";

/** A line of RIS holds no line break. */
const line = (tag: string, value: string) => `${tag}  - ${value.replace(/\s+/g, " ").trim()}`;

/** RIS (the format of Reference Manager): `JOUR` for an article, `DATA` for a source. */
function ris(reference: Reference): string {
  const { id, title, isSource } = reference;
  const link = publicationLink(id);
  const lines = [
    line("TY", isSource ? "DATA" : pmidOf(id) || doiOf(id) ? "JOUR" : "GEN"),
    title && line("TI", title),
    doiOf(id) && line("DO", doiOf(id)),
    pmidOf(id) && line("AN", pmidOf(id)),
    link && line("UR", link),
    !isSource && line("ID", id),
    "ER  - ",
  ];
  return lines.filter(Boolean).join("\r\n");
}

/** An item of CSL-JSON, the input of citation processors. */
function csl({ id, title, isSource }: Reference): object {
  const link = publicationLink(id);
  return {
    id,
    type: isSource ? "dataset" : pmidOf(id) || doiOf(id) ? "article-journal" : "document",
    ...(title && { title }),
    ...(doiOf(id) && { DOI: doiOf(id) }),
    ...(pmidOf(id) && { PMID: pmidOf(id) }),
    ...(link && { URL: link }),
  };
}

export interface Form {
  readonly name: string;
  readonly write: (references: readonly Reference[]) => string;
}

/** The forms of a whole list of references. */
export const FORMS: readonly Form[] = [
  {
    name: "Text",
    write: (all) => all.map((one, i) => `${i + 1}. ${citation(one)}`).join("\n"),
  },
  { name: "BibTeX", write: (all) => all.map(bibtex).join("\n\n") },
  { name: "RIS", write: (all) => all.map(ris).join("\r\n") },
  { name: "CSL-JSON", write: (all) => JSON.stringify(all.map(csl), null, 2) },
];
