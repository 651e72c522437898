/** The caption under the figure: folded, for it is as long as the figure is large. */

import { useState } from "preact/hooks";
import { copied } from "../clipboard";
import * as figure from "./view";

export function Caption() {
  const [open, setOpen] = useState(false);
  return (
    <details class="caption" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Caption</summary>
      {open && <Words />}
    </details>
  );
}

function Words() {
  const text = figure.caption.value;
  const [told, setTold] = useState("");
  return (
    <div class="words">
      <p>
        <bdi>{text}</bdi>
      </p>
      <button
        type="button"
        class="tool worded"
        onClick={async () => setTold((await copied(text)) ? "Copied" : "Mark the text to copy it")}
      >
        Copy caption
      </button>{" "}
      <span class="muted" role="status">
        {told}
      </span>
    </div>
  );
}
