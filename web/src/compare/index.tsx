/** Two sources side by side: what each does, what they share, what only one has. */

import { askWith } from "../asking";
import { grounds } from "../paths/verdict";
import * as store from "../store";
import { counted, number, SIGNS, short } from "../words";
import {
  type Comparison,
  compareAgain,
  comparison,
  comparisonAddress,
  endOfSide,
  openSide,
  type Side,
  type SideName,
  sharedSentence,
} from "./comparison";
import "./compare.css";
import { ComparedFigure } from "./figure";
import { Mediators } from "./mediators";
import { Metapaths } from "./metapaths";

/** Letters of the sentence, at most: room for both sides and what each takes in. */
const MOST = 4000;

export function Compare() {
  const { result, failure } = comparison.value;
  const rival = store.comparing.value;
  if (failure) {
    return <Failed message={failure.message} parameter={failure.problem.parameter} />;
  }
  if (!result || !rival) {
    return <p class="compare muted">Comparing…</p>;
  }
  return (
    <section class="compare" aria-label="Comparison">
      <p class="lead">
        <bdi>{short(sharedSentence(result), MOST)}</bdi>
      </p>
      <ComparedFigure result={result} />
      <div class="sides">
        <SideCard name="left" side={result.left} />
        <SideCard name="right" side={result.right} />
      </div>
      <Mediators result={result} />
      <Metapaths result={result} />
      <p class="note">
        <Bounds result={result} /> The best paths of both sides:{" "}
        <a href={comparisonAddress(store.asked.value, rival, "tsv")}>table (TSV)</a>.
      </p>
    </section>
  );
}

function Bounds({ result }: { readonly result: Comparison }) {
  if (result.complete) {
    return <>All paths of both sides were looked at.</>;
  }
  const cut = result.truncated_by ? ` (cut by ${result.truncated_by})` : "";
  return (
    <>
      Not all is listed{cut}: {number(result.mediators.length)} of{" "}
      {result.total_is_exact ? "" : "at least "}
      {counted(result.total, "mediator")}.
      {!result.total_is_exact &&
        " What seems to belong to one side may belong to both: only the best paths were looked at."}
    </>
  );
}

function SideCard({ name, side }: { readonly name: SideName; readonly side: Side }) {
  const title = side.entities.map((entity) => entity.name || entity.id).join(", ");
  const effect = side.net_effect;
  return (
    <article class={`side ${effect?.verdict ?? "unknown"}`}>
      <h2>
        <bdi>{short(title, 120)}</bdi>
      </h2>
      <p class="decision">
        {effect && (
          <strong>
            <bdi>{short(effect.claim, 300)}</bdi>
          </strong>
        )}{" "}
        <span class="muted">
          {side.total_is_exact ? "" : "at least "}
          {counted(side.total, "path")}, {counted(side.mediators, "mediator")}
        </span>
      </p>
      {effect && (
        <p class="muted">
          <bdi>{short(grounds(effect), MOST)}</bdi>
        </p>
      )}
      <ol class="best">
        {side.paths.map((path) => (
          <li key={path.entities.map((entity) => entity.id).join(" ")}>
            <span class={`sign ${SIGNS.get(path.sign)?.name}`}>
              <span aria-hidden="true">{SIGNS.get(path.sign)?.mark}</span>
              <span class="unseen">{SIGNS.get(path.sign)?.name}: </span>
            </span>
            <bdi>{short(path.explanation, 300)}</bdi>
          </li>
        ))}
      </ol>
      {side.total > 0 ? (
        <button type="button" onClick={() => openSide(endOfSide(name))}>
          Open {side.total > side.paths.length ? `all ${number(side.total)} paths` : "its paths"}
        </button>
      ) : (
        <button type="button" onClick={() => openSide(endOfSide(name))}>
          Why are there no paths?
        </button>
      )}
    </article>
  );
}

function Failed({ message, parameter }: { message: string; parameter: string | undefined }) {
  const { failure } = comparison.value;
  const offered = failure?.problem.candidates ?? failure?.problem.suggestions ?? [];
  const choose = (id: string, name: string) => {
    const end = { ask: id, name: name || id };
    if (parameter === "right") {
      store.rival.value = end;
      askWith({});
    } else {
      askWith({ [parameter === "target" ? "target" : "source"]: end });
    }
  };
  return (
    <section class="compare" aria-label="Comparison">
      <div class="problem" role="alert">
        <p>
          <bdi>{short(message, 600)}</bdi>
        </p>
        <ul class="chips">
          {offered.map(({ id, name }) => (
            <li key={id}>
              <button type="button" onClick={() => choose(id, name)}>
                <bdi>{short(name || id, 80)}</bdi> <small>{id}</small>
              </button>
            </li>
          ))}
        </ul>
        <button type="button" onClick={compareAgain}>
          Try again
        </button>
      </div>
    </section>
  );
}
