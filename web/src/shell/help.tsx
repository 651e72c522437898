/** The keys, and how to read what is shown. */

import { KEYS, setSingleKeys, singleKeys } from "../keys";
import * as store from "../store";
import { Dialog } from "./dialog";

export function Help() {
  const close = () => {
    store.helping.value = false;
  };
  return (
    <Dialog name="help" title="Help" open={store.helping.value} onClose={close}>
      <h3>Keys</h3>
      <dl class="keys">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <label class="choice">
        <input
          type="checkbox"
          checked={singleKeys.value}
          onChange={(event) => setSingleKeys(event.currentTarget.checked)}
        />
        <span>Single letters are shortcuts</span>
      </label>
      <h3>How to read it</h3>
      <p>
        A path is a chain of statements. Its sign is the product of theirs: <b>+</b> raises the
        target, <b>−</b> lowers it, <b>·</b> states a link, not an effect, <b>?</b> leaves the
        direction open. The net effect counts all paths, also those that are not loaded.
      </p>
      <p>
        A score is the sum of its parts, each value × weight; a larger one is better. Inferred
        statements stay out until they are asked for under Filters.
      </p>
      <p>
        The address holds the question and the view: copy it to share what you see.{" "}
        <a href="/docs">The interface for programs</a> answers the same.
      </p>
    </Dialog>
  );
}
