/** The editor of queries. It lives in a shadow root, where its styles need no inline style tag. */

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching,
  HighlightStyle,
  StreamLanguage,
  syntaxHighlighting,
} from "@codemirror/language";
import { sparql } from "@codemirror/legacy-modes/mode/sparql";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export interface Editor {
  readonly text: () => string;
  readonly show: (text: string) => void;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--keyword)", fontWeight: "600" },
  { tag: [tags.string, tags.number, tags.bool], color: "var(--literal)" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "var(--variable)" },
  { tag: tags.atom, color: "inherit", fontWeight: "400" },
  { tag: tags.comment, color: "var(--comment)", fontStyle: "italic" },
]);

const LOOK = EditorView.theme({
  "&": { fontSize: "0.95rem", border: "1px solid var(--line)", borderRadius: "4px" },
  ".cm-content": { minHeight: "14rem", caretColor: "CanvasText" },
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.5" },
  ".cm-gutters": { background: "transparent", border: "none", color: "var(--comment)" },
  ".cm-cursor": { borderLeftColor: "CanvasText" },
  "&.cm-focused": { outline: "3px solid Highlight", outlineOffset: "1px" },
});

export function makeEditor(place: HTMLElement, text: string, run: () => void): Editor {
  const root = place.attachShadow({ mode: "open" });
  const ask = {
    key: "Mod-Enter",
    run: () => {
      run();
      return true;
    },
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        StreamLanguage.define(sparql),
        syntaxHighlighting(COLOURS),
        LOOK,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "SPARQL query" }),
        keymap.of([ask, ...defaultKeymap, ...historyKeymap, indentWithTab]),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    show: (next) =>
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
  };
}
