/** Publications as links and citations. Only identifiers of a known form become links. */

const FORMS: readonly (readonly [RegExp, (id: string) => string])[] = [
  [/^PMID:(\d{1,9})$/i, (id) => `https://pubmed.ncbi.nlm.nih.gov/${id}/`],
  [/^doi:(10\.\d{4,9}\/\S+)$/i, (id) => `https://doi.org/${encodeURI(id)}`],
  [/^(?:PMCID:|PMC:)?(PMC\d{1,9})$/i, (id) => `https://pmc.ncbi.nlm.nih.gov/articles/${id}/`],
  [/^clinicaltrials:(NCT\d{8})$/i, (id) => `https://clinicaltrials.gov/study/${id}`],
];

/** The address of a publication, always https; null where its identifier has no known form. */
export function publicationLink(publication: string): string | null {
  for (const [form, address] of FORMS) {
    const id = form.exec(publication)?.[1];
    if (id) {
      return address(id);
    }
  }
  return null;
}

export interface Publication {
  readonly id: string;
  readonly title: string;
}

/** "Title. PMID:123. https://…" */
export function citation({ id, title }: Publication): string {
  return [title.replace(/\.?$/, title ? "." : ""), id, publicationLink(id)]
    .filter(Boolean)
    .join(" ");
}

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

const escaped = (text: string) =>
  text.replace(/[\\{}$&#_%~^]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);

/** A BibTeX entry of what is known: identifier, title, address. */
export function bibtex({ id, title }: Publication): string {
  const link = publicationLink(id);
  const doi = /^doi:(.*)$/i.exec(id)?.[1];
  const fields = [
    title && `  title = {{${escaped(title)}}}`,
    doi ? `  doi = {${doi.replace(/[{}\\]/g, "")}}` : `  note = {${escaped(id)}}`,
    link && `  url = {${link.replace(/[{}\\]/g, "")}}`,
  ].filter(Boolean);
  return `@misc{${id.replace(/[^A-Za-z0-9]+/g, "")},\n${fields.join(",\n")}\n}`;
}

/** "P4S3" as a reader says it; other locations stay as they are. */
export function placeOf(location: string): string {
  const [, paragraph, sentence] = /^P(\d+)S(\d+)$/.exec(location) ?? [];
  return paragraph ? `paragraph ${paragraph}, sentence ${sentence}` : location;
}
