/** The page: the question above, then paths, figure and evidence side by side. */

import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Ask } from "./ask/ask";
import { Compare } from "./compare";
import { Curate } from "./curate";
import { OpenEnds } from "./ends";
import { Evidence } from "./evidence";
import { TakeAlong } from "./export";
import { Figure } from "./figure";
import { Paths } from "./paths";
import { isWhole, openSide, sentenceOf } from "./question";
import { Footer } from "./shell/footer";
import { Header } from "./shell/header";
import { Help } from "./shell/help";
import { Start } from "./shell/start";
import "./shell/tokens.css";
import "./shell/shell.css";
import * as store from "./store";

/** `/embed` is the figure alone, for a frame on another page. */
const embedded = location.pathname === "/embed";

/** Reads no state, so that an answer draws again what shows it and nothing else. */
export function App() {
  return embedded ? (
    <Embedded />
  ) : (
    <>
      <a class="skip" href="#answer">
        Skip to the answer
      </a>
      <Header />
      <Page>
        <Ask />
        <Answer />
      </Page>
      <Footer />
      <Announcement />
      <TakeAlong />
      <Curate />
      <Help />
    </>
  );
}

function Embedded() {
  const found = useComputed(() => store.loaded.value.length > 0).value;
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

function Page({ children }: { readonly children: ComponentChildren }) {
  const asked = useComputed(() => isWhole(store.asked.value)).value;
  return <main class={asked ? "page asked" : "page"}>{children}</main>;
}

/** A part of its own, for what is announced draws nothing else again. */
function Announcement() {
  return (
    <p class="unseen" role="status" aria-live="polite">
      {store.announcement.value}
    </p>
  );
}

function Answer() {
  const found = useComputed(() => store.loaded.value.length > 0).value;
  const asked = useComputed(() => isWhole(store.asked.value)).value;
  const open = useComputed(() => openSide(store.asked.value) !== "").value;
  const comparing = useComputed(() => store.comparing.value !== null).value;
  const reading = store.reading.value;
  return (
    <div id="answer" class="answer" tabIndex={-1}>
      {!asked ? (
        <Start />
      ) : open ? (
        <OpenEnds />
      ) : comparing ? (
        <Compare />
      ) : (
        <div class={found ? `columns ${reading ? "reading" : ""}` : "columns bare"}>
          <Paths />
          {found && <Figure />}
          {found && <Evidence />}
        </div>
      )}
    </div>
  );
}
