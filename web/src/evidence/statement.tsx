/** One statement as a sentence, with what it rests on. */

import { useState } from "preact/hooks";
import { StatementActions } from "../curate/actions";
import { placeOf } from "../links";
import * as store from "../store";
import type { Evidence, Statement } from "../types";
import {
  counted,
  evidenceLabel,
  number,
  phrase,
  predicateLabel,
  SIGNS,
  short,
  supportedBy,
} from "../words";
import { Publications } from "./publications";
import { fetchFailure, fetchStatements, nameOf, statementOf } from "./statements";

/** What a reader looks for first; the rest follows in the order of the source. */
const FIRST = ["species", "model", "disease_context", "cell"];

const rank = (type: string) => (FIRST.includes(type) ? FIRST.indexOf(type) : FIRST.length);

interface Props {
  readonly statement: Statement;
  readonly pieces: readonly Evidence[];
}

export function StatementCard({ statement, pieces }: Props) {
  const { subject, predicate, object, negated, modality, hedge, context, qualifiers } = statement;
  const { corroboration, curated } = statement;
  const sign = SIGNS.get(statement.sign);
  const contexts = context.map(({ type, value, label }) => ({
    type,
    value: label || phrase(value),
  }));
  const ordered = [...contexts, ...qualifiers].sort((a, b) => rank(a.type) - rank(b.type));
  return (
    <article class="statement">
      <h4>
        <span class={`sign ${sign?.name}`} title={`The statement ${sign?.word}`}>
          <span aria-hidden="true">{sign?.mark}</span>
          <span class="unseen">{sign?.name}: </span>
        </span>
        <span>
          <bdi>{short(nameOf(subject), 120)}</bdi>{" "}
          <em>
            {negated && <strong>not: </strong>}
            {predicateLabel(predicate)}
          </em>{" "}
          <bdi>{short(nameOf(object), 120)}</bdi>
        </span>
      </h4>
      <p class="traits">
        <a href={`/about/statement/${encodeURIComponent(statement.id)}`}>
          {short(statement.id, 40)}
        </a>
        {modality !== "asserted" && <span class="trait">{short(phrase(modality), 60)}</span>}
        {hedge !== "asserted" && hedge !== modality && <span class="trait">{hedge}</span>}
        {negated && <span class="trait">denied</span>}
        <span class="trait">{sign?.name}</span>
        {corroboration && corroboration.routes > 0 && (
          <span class="trait" title="Other ways of three steps between the two, sharing no entity">
            {supportedBy(corroboration.routes)}
          </span>
        )}
        {curated && (
          <span class="trait" title={`Such as ${short(curated.mechanisms.join(", "), 200)}`}>
            used in {counted(curated.count, "curated mechanism")}
          </span>
        )}
      </p>
      {ordered.length > 0 && (
        <dl class="qualifiers">
          {ordered.map(({ type, value }) => (
            <div key={`${type} ${value}`}>
              <dt>
                <bdi>{short(phrase(type), 60)}</bdi>
              </dt>
              <dd>
                <bdi>{short(value, 300)}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Pieces pieces={pieces} />
      {statement.derived_from && statement.derived_from.length > 0 && (
        <Premises ids={statement.derived_from} />
      )}
      <StatementActions statement={statement} />
    </article>
  );
}

/** How many pieces of evidence, and premises, are written out at a time. */
const PAGE = 20;

function Pieces({ pieces }: { readonly pieces: readonly Evidence[] }) {
  const [most, setMost] = useState(PAGE);
  return pieces.length ? (
    <>
      <ul class="pieces">
        {pieces.slice(0, most).map((piece, i) => (
          <li key={i}>
            <span class="kind">
              {short(evidenceLabel(piece.kind), 60)}
              {piece.location && (
                <>
                  {" "}
                  <abbr title={placeOf(piece.location)}>{short(piece.location, 40)}</abbr>
                </>
              )}
            </span>
            <Publications piece={piece} />
            {piece.context.length > 0 && (
              <span class="muted">
                <bdi>
                  {piece.context
                    .map(({ type, value, label }) => `${phrase(type)}: ${label || phrase(value)}`)
                    .join("; ")}
                </bdi>
              </span>
            )}
            {piece.knowledge_level !== "not_provided" && (
              <span class="muted">
                {phrase(piece.knowledge_level)}
                {piece.agent_type !== "not_provided" && `, ${phrase(piece.agent_type)}`}
              </span>
            )}
          </li>
        ))}
      </ul>
      <Further total={pieces.length} most={most} onMore={setMost} />
    </>
  ) : (
    <p class="muted">Nothing is recorded as evidence.</p>
  );
}

interface FurtherProps {
  readonly total: number;
  readonly most: number;
  readonly onMore: (most: number) => void;
}

function Further({ total, most, onMore }: FurtherProps) {
  return total > most ? (
    <p class="further">
      <button type="button" class="quiet" onClick={() => onMore(most + 5 * PAGE)}>
        Show {number(Math.min(5 * PAGE, total - most))} more
      </button>
      <span class="muted">
        {" "}
        {number(most)} of {number(total)} shown
      </span>
    </p>
  ) : null;
}

/** What an inferred statement follows from, opened in its place. */
function Premises({ ids }: { readonly ids: readonly string[] }) {
  const [open, setOpen] = useState(false);
  const [most, setMost] = useState(PAGE);
  const toggle = () => {
    setOpen(!open);
    if (!open) {
      void fetchStatements(ids);
    }
  };
  const known = ids.flatMap((id) => statementOf(id) ?? []);
  return (
    <div class="premises">
      <button type="button" class="quiet" aria-expanded={open} onClick={toggle}>
        Follows from {counted(ids.length, "statement")}
      </button>
      {open &&
        known
          .slice(0, most)
          .map((one) => <StatementCard key={one.id} statement={one} pieces={one.evidence} />)}
      {open && <Further total={known.length} most={most} onMore={setMost} />}
      {open && known.length < ids.length && !fetchFailure.value && <p class="muted">Fetching…</p>}
      {open && known.length > 0 && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            store.chosen.value = ids;
          }}
        >
          Show only these
        </button>
      )}
    </div>
  );
}
