/** Take along: the figure in every form that the server writes, and as text to paste. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isEmpty } from "../figure/relayout";
import * as figure from "../figure/view";
import { Dialog } from "../shell/dialog";
import { copyPicture, download } from "./download";
import "./export.css";
import { fetchShelves, type Shelf } from "./formats";
import { isPicture, Look, lookOf } from "./looks";
import { fileStem } from "./naming";
import { curl, frame, python } from "./snippets";

export function TakeAlong() {
  return (
    <Dialog
      name="take-along"
      title="Take along"
      open={figure.taking.value}
      onClose={figure.stopTaking}
    >
      <Contents />
    </Dialog>
  );
}

function Contents() {
  const { content } = figure.request.value;
  const stem = fileStem(figure.names.value, new Date(), figure.snapshot.value);
  const empty = isEmpty(content);
  return empty ? (
    <p>There is no figure yet: ask a question first.</p>
  ) : (
    <>
      <p class="muted">
        The figure as it stands: {content.links.length.toLocaleString("en-GB")} statements of
        snapshot {figure.snapshot.value}.
      </p>
      <Files stem={stem} />
      <Texts stem={stem} />
    </>
  );
}

function Files({ stem }: { readonly stem: string }) {
  const { shelves, problem, again } = useShelves();
  const [told, setTold] = useState("");
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState("");
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const bodyOf = (format: string) => ({
    ...figure.subgraphBody(figure.request.peek(), format),
    ...lookOf(format),
  });
  const take = (format: string) =>
    act(format, async (signal) => `Saved ${await download(bodyOf(format), format, stem, signal)}`);
  const copy = () =>
    act("png", async (signal) => {
      await copyPicture(bodyOf("png"), signal);
      return "The picture is on the clipboard";
    });
  const act = async (name: string, what: (signal: AbortSignal) => Promise<string>) => {
    setBusy(name);
    setFailed("");
    setTold("");
    try {
      setTold(await what(stop.current.signal));
    } catch (error) {
      if (!stop.current.signal.aborted) {
        setFailed(error instanceof Error ? error.message : String(error));
      }
    } finally {
      setBusy("");
    }
  };
  return (
    <section aria-label="Files">
      {problem && (
        <p class="problem" role="alert">
          {problem}{" "}
          <button type="button" onClick={again}>
            Try again
          </button>
        </p>
      )}
      {!shelves && !problem && <p class="muted">Asking what the server writes…</p>}
      {shelves?.map((shelf) => (
        <fieldset key={shelf.title}>
          <legend>{shelf.title}</legend>
          {shelf.formats.some(({ name }) => isPicture(name)) && <Look />}
          {shelf.formats.map(({ name, label }) => (
            <button
              key={name}
              type="button"
              disabled={busy !== ""}
              aria-busy={busy === name}
              onClick={() => take(name)}
            >
              {label}
            </button>
          ))}
          {shelf.formats.some(({ name }) => name === "png") && (
            <button type="button" disabled={busy !== ""} onClick={copy}>
              Copy as a picture
            </button>
          )}
        </fieldset>
      ))}
      <p class="told" role="status">
        {told || `File name: ${stem}`}
      </p>
      {failed && (
        <p class="problem" role="alert">
          {failed}
        </p>
      )}
    </section>
  );
}

function useShelves() {
  const [shelves, setShelves] = useState<readonly Shelf[] | null>(null);
  const [problem, setProblem] = useState("");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const asked = new AbortController();
    setProblem("");
    fetchShelves(asked.signal).then(setShelves, (error: unknown) => {
      if (!asked.signal.aborted) {
        setProblem(error instanceof Error ? error.message : String(error));
      }
    });
    return () => asked.abort();
  }, [attempt]);
  return { shelves, problem, again: () => setAttempt(attempt + 1) };
}

function Texts({ stem }: { readonly stem: string }) {
  const question = {
    address: new URL("/api/v1/subgraph", location.origin).href,
    body: { ...figure.subgraphBody(figure.request.value, "svg"), snapshot: figure.snapshot.value },
    file: `${stem}.svg`,
  };
  const texts = [
    ["Address", figure.permalink(), "This view, of this snapshot"],
    ["curl", curl(question), "The figure from a shell"],
    ["Python", python(question), "The figure from a program"],
    ["Embed", frame(figure.embedLink(), figure.request.value.title), "A frame for another page"],
  ] as const;
  return (
    <section aria-label="Texts to paste" class="texts">
      <h3>Copy</h3>
      {texts.map(([name, text, meaning]) => (
        <Copied key={name} {...{ name, text, meaning }} />
      ))}
    </section>
  );
}

interface CopiedProps {
  readonly name: string;
  readonly text: string;
  readonly meaning: string;
}

function Copied({ name, text, meaning }: CopiedProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [told, setTold] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setTold("Copied");
    } catch {
      // A page that is not served securely has no clipboard: the text is marked to be copied by hand.
      area.current?.select();
      setTold("Marked: copy it with your keyboard");
    }
  };
  return (
    <div class="copied">
      <label>
        <span>
          {name} <small>{meaning}</small>
        </span>
        <textarea ref={area} readOnly rows={1} spellcheck={false} value={text} />
      </label>
      <button type="button" aria-label={`Copy ${name}`} onClick={copy}>
        Copy
      </button>
      <span class="told" role="status">
        {told}
      </span>
    </div>
  );
}
