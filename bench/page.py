"""The explorer as a visitor feels it: `python -m bench.page`.

Real Chromium, real server on loopback. Prints, for the bundled ontology and the Hetionet part: the
first visit (milliseconds until the page can be used, bytes on the wire), Enter to drawn for
3-hop questions on a page that was just opened, and the slowest frame while a figure of 300 entities
and 800 statements is panned.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from bench.graphs import shared_directory
from mechkg.ontology.compile_bundle import compile_bundle
from tests.api.servers import serving
from tests.web.graphs import load_hetionet, publish_wide
from tests.web.visits import browsing, visiting

VISITS = 5

PAUSES = {"at once": 0, "after a pause": 400}
"""Milliseconds from the last letter to Enter. After a pause, as of a hand that moves to the key,
what completes a name is shown; at once, Enter meets the page as it looks that up."""

ONTOLOGY = (
    ("neural stem cell", "multiple sclerosis"),
    ("mesenchymal stem cell", "Remyelination"),
    ("glial cell derived neurotrophic factor", "Remyelination"),
    ("neural stem cell", "neuron"),
    ("mesenchymal stem cell", "multiple sclerosis"),
)

HETIONET = (
    ("Acetylsalicylic acid", "multiple sclerosis"),
    ("Methylprednisolone", "multiple sclerosis"),
    ("Acetylsalicylic acid", "atherosclerosis"),
    ("Methylprednisolone", "amyotrophic lateral sclerosis"),
    ("Acetylsalicylic acid", "otosclerosis"),
)

AFTER_ENTER = """
() => new Promise((done) => {
  document.addEventListener("keydown", ({key}) => {
    if (key !== "Enter") return;
    const start = performance.now();
    const look = () => {
      const figure = document.querySelector("[data-drawn]");
      if (figure && figure.getAttribute("aria-busy") !== "true") {
        requestAnimationFrame(() => requestAnimationFrame(() => {
          document.documentElement.dataset.drawnIn = performance.now() - start;
        }));
      } else {
        requestAnimationFrame(look);
      }
    };
    look();
  }, {capture: true});
  done();
})"""

FRAMES = """
() => {
  window.frames_ = [];
  let last = performance.now();
  const tick = (now) => {
    window.frames_.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}"""


def measure_visit(browser: Browser, url: str) -> tuple[float, int, int]:
    """Return milliseconds until the page can be used, bytes on the wire, requests."""
    with visiting(browser, url) as visit:
        session = visit.page.context.new_cdp_session(visit.page)
        session.send("Network.enable")
        sizes: list[int] = []
        session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        visit.open("/")
        ready = visit.page.evaluate("performance.getEntriesByName('ready')[0]?.startTime")
        visit.page.wait_for_load_state("networkidle")
        return ready, int(sum(sizes)), len(sizes)


def measure_question(
    browser: Browser, url: str, pair: tuple[str, str], direction: str, pause: int
) -> float:
    """Return milliseconds from Enter to the frame that shows the figure."""
    with visiting(browser, url) as visit:
        page = visit.open("/")
        page.get_by_label("Direction").select_option(direction)
        for name, text in zip(("From", "To"), pair, strict=True):
            page.get_by_role("combobox", name=name).fill(text)
        page.evaluate(AFTER_ENTER)
        page.wait_for_timeout(pause)
        page.get_by_role("combobox", name="To").press("Enter")
        page.locator("html[data-drawn-in]").wait_for()
        return float(page.evaluate("document.documentElement.dataset.drawnIn"))


def measure_pan(browser: Browser, url: str) -> tuple[float, float, str]:
    """Return milliseconds to draw, the slowest frame while panning, and what is drawn."""
    with visiting(browser, url) as visit:
        shown = ",".join(map(str, range(1, 1000)))
        page = visit.open(f"/?source=W:0&target=W:299&max_hops=4&limit=1000&show={shown}")
        page.locator("[data-drawn][aria-busy=false]").wait_for()
        start = page.evaluate("performance.now()")
        slowest = _pan(page)
        marks = page.evaluate(
            "[document.querySelectorAll('[data-entity]').length, "
            "document.querySelectorAll('g[data-edge]').length].join(' entities, ') + ' statements'"
        )
        return start, slowest, marks


def _pan(page: Page) -> float:
    box = page.locator("svg.canvas").bounding_box()
    assert box
    x, y = box["x"] + 6, box["y"] + 6  # past all entities, which a mouse moves
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(1, 90):
        page.mouse.move(x + 3 * step * (-1) ** (step // 30), y + step)
    page.mouse.up()
    for _ in range(10):
        page.mouse.wheel(0, -60)
    frames: Sequence[float] = page.evaluate("window.frames_")
    return max(frames)


@contextmanager
def servers(data: Path) -> Iterator[dict[str, str]]:
    """Run a server for each graph; the Hetionet part only where it was handed over."""
    compile_bundle(data)
    publish_wide(data)
    tables = shared_directory() / "data" / "hetio"
    graphs = {"ontology": "ms-nsc", "wide": "wide"}
    if tables.is_dir():
        load_hetionet(data, tables)
        graphs["hetionet"] = "hetionet"
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(serving(data, data / f"{graph}.log", graph=graph)).url
            for name, graph in graphs.items()
        }


def main() -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as place,
        servers(Path(place)) as urls,
        browsing() as browser,
    ):
        for name in sorted({"ontology", "hetionet"} & urls.keys(), reverse=True):
            _tell_visits(browser, name, urls[name])
        drawn, slowest, marks = measure_pan(browser, urls["wide"])
        print(f"wide: {marks}; drawn {drawn:.0f} ms after navigation; ", end="")
        print(f"slowest frame while panned and zoomed {slowest:.0f} ms")


def _tell_visits(browser: Browser, name: str, url: str) -> None:
    visits = [measure_visit(browser, url) for _ in range(VISITS)]
    times = ", ".join(f"{ready:.0f}" for ready, _, _ in visits)
    _, size, count = visits[-1]
    print(f"{name}: interactive in {times} ms; {size / 1000:.1f} kB in {count} requests")
    pairs = ONTOLOGY if name == "ontology" else HETIONET
    way = "directed" if name == "ontology" else "undirected"
    for when, pause in PAUSES.items():
        asked = [
            measure_question(browser, url, pair, way, pause) for pair in pairs for _ in range(2)
        ]
        told = ", ".join(f"{one:.0f}" for one in asked)
        print(f"{name}: Enter {when} to drawn {told} ms; median {median(asked):.0f} ms")


if __name__ == "__main__":
    main()
