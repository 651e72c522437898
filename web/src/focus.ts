/** Keeps the keyboard where the reader is: what has the focus and goes away hands it on. */

/** What takes over, from the nearest: a row, an entity of the figure, a part of the page. */
const HEIRS = '[data-path][tabindex="0"], [data-entity][tabindex="0"]';

function chainOf(element: Element): readonly Element[] {
  const chain: Element[] = [];
  for (let one = element.parentElement; one; one = one.parentElement) {
    chain.push(one);
  }
  return chain;
}

/** The first ancestor that is still there and can take the focus, or has something in it that can. */
function heirOf(chain: readonly Element[]): HTMLElement | SVGElement | null {
  for (const one of chain.filter((ancestor) => ancestor.isConnected)) {
    const inside = one.matches("section") ? one.querySelector<HTMLElement>(HEIRS) : null;
    if (inside) {
      return inside;
    }
    if (one instanceof HTMLElement && one.hasAttribute("tabindex")) {
      return one;
    }
  }
  return document.getElementById("answer");
}

/** Watches for a focus that falls to the body because what had it was removed or disabled. */
export function keepFocus(): void {
  let last: Element | null = null;
  let chain: readonly Element[] = [];
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element) {
      last = target;
      chain = chainOf(target);
    }
  });
  const look = () => {
    const lost = last !== null && (!last.isConnected || last.matches(":disabled"));
    if (lost && document.activeElement === document.body) {
      last = null;
      heirOf(chain)?.focus({ preventScroll: true });
    }
  };
  new MutationObserver(() => {
    look();
    // What is disabled loses the focus only when the page is next drawn.
    if (last?.matches(":disabled")) {
      requestAnimationFrame(() => setTimeout(look));
    }
  }).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled"],
  });
}
