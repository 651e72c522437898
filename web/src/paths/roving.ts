/** The list of paths as one tab stop: arrows lead from row to row and within one. */

const SENTENCES = "[data-path]";

const all = (list: HTMLElement) => [...list.querySelectorAll<HTMLElement>(SENTENCES)];

/** Lets Tab reach the row that was reached last, else the pressed one, else the first. */
export function keepTabStop(list: HTMLElement | null): void {
  if (list && !list.querySelector(`${SENTENCES}[tabindex="0"]`)) {
    const rows = all(list);
    const stop = rows.find((one) => one.ariaPressed === "true") ?? rows[0];
    stop?.setAttribute("tabindex", "0");
  }
}

export function moveTabStop(list: HTMLElement, target: EventTarget | null): void {
  const row = target instanceof Element ? target.closest(".row")?.querySelector(SENTENCES) : null;
  if (row && row.getAttribute("tabindex") !== "0") {
    for (const one of list.querySelectorAll(`${SENTENCES}[tabindex="0"]`)) {
      one.setAttribute("tabindex", "-1");
    }
    row.setAttribute("tabindex", "0");
  }
}

/** What an arrow key leads to; undefined where it leads nowhere. */
function destination(list: HTMLElement, from: HTMLElement, key: string): HTMLElement | undefined {
  const row = from.closest<HTMLElement>(".row");
  const rows = all(list);
  const at = rows.findIndex((one) => row?.contains(one));
  const within = [...(row?.querySelectorAll<HTMLElement>(":scope > :is(button, label)") ?? [])].map(
    (one) => one.querySelector<HTMLElement>("input") ?? one,
  );
  const place = within.indexOf(from);
  const ways: Record<string, HTMLElement | undefined> = {
    ArrowDown: rows[at + 1],
    ArrowUp: rows[at - 1],
    Home: rows[0],
    End: rows.at(-1),
    ArrowRight: within[place + 1],
    ArrowLeft: within[place - 1],
  };
  return ways[key];
}

export function walkRows(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const from = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || !(from instanceof HTMLElement)) {
    return;
  }
  const next = from.closest(".row") ? destination(event.currentTarget, from, event.key) : undefined;
  if (next && !from.closest(".parts")) {
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}
