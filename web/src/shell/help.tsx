/** The keys, and how to read what is shown. */

import { useEffect, useRef } from "preact/hooks";
import { KEYS, setSingleKeys, singleKeys } from "../keys";
import * as store from "../store";

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = store.helping.value;
  useEffect(() => {
    if (open) {
      dialog.current?.showModal();
    } else {
      dialog.current?.close();
    }
  }, [open]);
  const shut = () => {
    store.helping.value = false;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard closes a dialog with Escape.
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={shut}
      onClick={(event) => event.target === dialog.current && shut()}
    >
      <div class="within">
        <header>
          <h2 id="help-title">Help</h2>
          <button type="button" class="close" aria-label="Close" onClick={shut}>
            ×
          </button>
        </header>
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
          target, <b>−</b> lowers it, <b>·</b> means no effect, <b>?</b> is unknown. The net effect
          counts all paths, also those that are not loaded.
        </p>
        <p>
          A score is the sum of its parts, each value × weight; a larger one is better. Inferred
          statements stay out until they are asked for under Filters.
        </p>
        <p>
          The address holds the question and the view: copy it to share what you see.{" "}
          <a href="/docs">The interface for programs</a> answers the same.
        </p>
      </div>
    </dialog>
  );
}
