/** Which entities of the graph are in most statements, and where its statements come from. */

import type { Overview } from "../types";
import { categoryLabel, counted, short } from "../words";

export function LinkedEntities({ entities }: { readonly entities: Overview["linked"] }) {
  return entities.length > 0 ? (
    <>
      <h2>Entities in most statements</h2>
      <ul class="linked">
        {entities.map(({ id, name, category, statements }) => (
          <li key={id}>
            <a href={`/about/${encodeURIComponent(id)}`}>
              <bdi>{short(name || id, 80)}</bdi>
            </a>{" "}
            <small>
              {categoryLabel(category)}, {counted(statements, "statement")}
            </small>
          </li>
        ))}
      </ul>
    </>
  ) : null;
}

/** Only an address of the web is a link: what a file says of its sources is anyone's text. */
const WEB = /^https?:\/\//;

export function Sources({ sources }: { readonly sources: Overview["sources"] }) {
  return (
    <>
      <h2>Sources and licences</h2>
      {sources.length > 0 ? (
        <ul class="sources">
          {sources.map(({ name, version, url, licence }) => (
            <li key={`${name} ${version}`}>
              {WEB.test(url) ? (
                <a href={url} rel="noreferrer">
                  <bdi>{short(name, 120)}</bdi>
                </a>
              ) : (
                <bdi>{short(name, 120)}</bdi>
              )}{" "}
              <small>
                <bdi>
                  {short([version, licence || "licence not stated"].filter(Boolean).join(", "))}
                </bdi>
              </small>
            </li>
          ))}
        </ul>
      ) : (
        <p class="note">What was loaded names no source.</p>
      )}
      <p class="note">
        <a href="/.well-known/void">The whole description</a> for programs (VoID and DCAT).
      </p>
    </>
  );
}
