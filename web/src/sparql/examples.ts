/** The competency questions of the bundled ontology, as they stand in ontology/queries. */

export interface Example {
  readonly title: string;
  readonly query: string;
}

const files = import.meta.glob<string>("../../../ontology/queries/*.rq", {
  query: "?raw",
  import: "default",
  eager: true,
});

function readExample(text: string): Example {
  const title = /^# Question: (.*)$/m.exec(text)?.[1] ?? "";
  return { title, query: text.slice(text.indexOf("\nPREFIX") + 1).trim() };
}

const PATHS: Example = {
  title: "By which paths do neural stem cells lead to neurons, and what does each rest on?",
  query: `PREFIX CL: <http://purl.obolibrary.org/obo/CL_>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
PREFIX mechkg: <https://w3id.org/mechkg/vocab/>
PREFIX path: <https://w3id.org/mechkg/path/>

SELECT ?rank ?explanation (COUNT(DISTINCT ?publication) AS ?publications) WHERE {
    (CL:0000047 CL:0000540 2 10) path:find (?path ?rank ?score ?sign ?length ?explanation) .
    ?path path:statement ?statement .
    OPTIONAL { ?statement mechkg:evidence/biolink:publications ?publication }
}
GROUP BY ?rank ?explanation
ORDER BY ?rank`,
};

export const EXAMPLES: readonly Example[] = [
  PATHS,
  ...Object.entries(files)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([, text]) => readExample(text)),
];
