/** The name of the page and the ways out of it. */

import { showChanges } from "../curate/changes";
import * as store from "../store";

export function Header() {
  return (
    <header class="head">
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width="24" height="24" />
        MechKG
      </a>
      <nav aria-label="Elsewhere">
        <a href="/table">Table</a>
        <a href="/sparql">SPARQL</a>
        <a href="/docs">API</a>
        <button type="button" class="quiet" onClick={() => showChanges()}>
          Changes
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            store.helping.value = true;
          }}
        >
          Help <kbd>?</kbd>
        </button>
      </nav>
    </header>
  );
}
