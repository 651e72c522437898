/** The page: the question above, then paths, figure and evidence side by side. */

import { Ask } from "./ask/ask";
import { Compare } from "./compare";
import { Evidence } from "./evidence";
import { TakeAlong } from "./export";
import { Figure } from "./figure";
import { Paths } from "./paths";
import { isWhole, sentenceOf } from "./question";
import { Examples } from "./shell/examples";
import { Footer } from "./shell/footer";
import { Header } from "./shell/header";
import { Help } from "./shell/help";
import "./shell/tokens.css";
import "./shell/shell.css";
import * as store from "./store";

/** `/embed` is the figure alone, for a frame on another page. */
const embedded = location.pathname === "/embed";

export function App() {
  const found = store.loaded.value.length > 0;
  if (embedded) {
    return (
      <main class="embedded">
        <h1 class="unseen">{sentenceOf(store.asked.value)}</h1>
        {found ? <Figure /> : <Paths />}
        {!isWhole(store.asked.value) && (
          <p class="bare-embed">This frame asks nothing: its address names no source and target.</p>
        )}
        <Footer />
        <TakeAlong />
      </main>
    );
  }
  const comparing = store.comparing.value !== null && isWhole(store.asked.value);
  return (
    <>
      <a class="skip" href="#answer">
        Skip to the answer
      </a>
      <Header />
      <main class={isWhole(store.asked.value) ? "page asked" : "page"}>
        <Ask />
        <div id="answer" class="answer" tabIndex={-1}>
          {comparing ? <Compare /> : <Answer found={found} />}
        </div>
      </main>
      <Footer />
      <Announcement />
      <TakeAlong />
      <Help />
    </>
  );
}

/** A part of its own, for what is announced draws nothing else again. */
function Announcement() {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {store.announcement.value}
    </p>
  );
}

function Answer({ found }: { readonly found: boolean }) {
  if (!isWhole(store.asked.value)) {
    return <Examples />;
  }
  return (
    <div class={found ? "columns" : "columns bare"}>
      <Paths />
      {found && <Figure />}
      {found && <Evidence />}
    </div>
  );
}
