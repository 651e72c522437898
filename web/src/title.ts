/** The title names the question, so that tabs, history and bookmarks differ. */

import { effect } from "@preact/signals";
import { isWhole, sentenceOf } from "./question";
import * as store from "./store";

export function followTitle(): void {
  effect(() => {
    const question = store.asked.value;
    document.title = isWhole(question)
      ? `${sentenceOf(question, store.comparing.value)} · MechKG`
      : "MechKG";
  });
}
