/** The entities of an open side, best path first: verdict, number of paths, and by which road. */

import { EFFECTS, type EffectName } from "../question";
import * as store from "../store";
import type { OpenEnd } from "../types";
import { counted, number, short } from "../words";
import { endsAddress, findAgain, found, moreEnds, openEnd } from "./ends";
import "./ends.css";

/** What a verdict is called, with its mark and look. */
const VERDICTS = {
  raises: ["+", "raises it", "raises"],
  lowers: ["−", "lowers it", "lowers"],
  both: ["±", "both ways", "unknown"],
  unknown: ["?", "direction unknown", "unknown"],
  none: ["·", "no effect meant", "neutral"],
} as const;

export function OpenEnds() {
  const { result, ends, failure } = found.value;
  if (failure) {
    return (
      <div class="ends problem" role="alert">
        <p>
          <bdi>{short(failure.message, 600)}</bdi>
        </p>
        <button type="button" onClick={findAgain}>
          Try again
        </button>
      </div>
    );
  }
  return (
    <section class="ends" aria-label="Ends" aria-busy={result === null}>
      <h2 class="unseen">Ends, best path first</h2>
      <p class="lead">
        {result ? <bdi>{short(result.sentence, 1000)}</bdi> : <span class="muted">Searching…</span>}
      </p>
      <Effect />
      <ol>
        {ends.map((end, i) => (
          <Row key={end.entity.id} end={end} rank={i + 1} />
        ))}
      </ol>
      {result && <Further />}
    </section>
  );
}

function Effect() {
  return (
    <label class="choice">
      <span>Verdict</span>
      <select
        value={store.effect.value}
        onChange={(event) => {
          store.effect.value = event.currentTarget.value as EffectName;
        }}
      >
        {EFFECTS.map((name) => (
          <option key={name} value={name}>
            {name ? VERDICTS[name][1] : "any"}
          </option>
        ))}
      </select>
    </label>
  );
}

function Row({ end, rank }: { readonly end: OpenEnd; readonly rank: number }) {
  const [mark, words, look] = VERDICTS[end.net_effect.verdict];
  const name = end.entity.name || end.entity.id;
  const paths = `${end.total_is_exact ? "" : "at least "}${counted(end.total, "path")}`;
  return (
    <li>
      <button type="button" class="end" onClick={() => openEnd(end)}>
        <span class="rank" aria-hidden="true">
          {number(rank)}
        </span>
        <span class={`sign ${look}`} title={words}>
          <span aria-hidden="true">{mark}</span>
          <span class="unseen">{words}: </span>
        </span>
        <span class="what">
          <b>
            <bdi>{short(name, 120)}</bdi>
          </b>{" "}
          <span class="muted">{paths}</span>
          <span class="road">
            <bdi>{short((end.supporting ?? end.path).explanation, 600)}</bdi>
          </span>
        </span>
      </button>
    </li>
  );
}

function Further() {
  const { result, ends } = found.value;
  if (!result) {
    return null;
  }
  const address = (format: string) => endsAddress(store.asked.value, store.effect.value, format);
  return (
    <p class="further">
      {result.cursor && (
        <button type="button" onClick={() => void moreEnds()}>
          Show more
        </button>
      )}{" "}
      <span class="muted">
        {number(ends.length)} of {result.total_is_exact ? "" : "at least "}
        {counted(result.total, "end")}
        {result.truncated_by === "time" && ", cut by time"}.
      </span>{" "}
      {ends.length > 0 && (
        <>
          <a href={address("csv")}>Table (CSV)</a>, <a href={address("svg")}>figure (SVG)</a>
        </>
      )}
    </p>
  );
}
