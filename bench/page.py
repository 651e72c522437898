"""The explorer as a visitor feels it: `python -m bench.page`.

Real Chromium, real server on loopback. Prints, for the bundled ontology and the Hetionet part: the
first visit (milliseconds until the page can be used, bytes on the wire), Enter to drawn for
3-hop questions, and the slowest frame while a figure of 300 entities and 800 statements is panned.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from bench.graphs import shared_directory
from ontology.bundle import compile_bundle
from tests.api.servers import serving
from tests.web.graphs import load_hetionet, publish_wide
from tests.web.visits import browsing, visiting

VISITS = 5

ONTOLOGY = (
    ("neural stem cell", "multiple sclerosis"),
    ("mesenchymal stem cell", "Remyelination"),
    ("glial cell derived neurotrophic factor", "Remyelination"),
    ("neural stem cell", "neuron"),
    ("mesenchymal stem cell", "multiple sclerosis"),
)

HETIONET = (
    ("DB00945", "DOID:2377"),
    ("DB00563", "DOID:2377"),
    ("DB01221", "DOID:10652"),
    ("DB00959", "DOID:2377"),
    ("DB01041", "DOID:2377"),
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
          window.drawnIn = performance.now() - start;
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


def measure_question(browser: Browser, url: str, source: str, target: str) -> float:
    """Return milliseconds from Enter to the frame that shows the figure."""
    with visiting(browser, url) as visit:
        page = visit.open("/?max_hops=3")
        for name, text in (("From", source), ("To", target)):
            box = page.get_by_role("combobox", name=name)
            box.fill(text)
            page.get_by_role("option").first.wait_for()
            box.press("Enter")
        page.evaluate(AFTER_ENTER)
        page.get_by_role("combobox", name="To").press("Enter")
        page.wait_for_function("window.drawnIn")
        return float(page.evaluate("window.drawnIn"))


def measure_pan(browser: Browser, url: str) -> tuple[float, float, str]:
    """Return milliseconds to draw, the slowest frame while panning, and what is drawn."""
    with visiting(browser, url) as visit:
        page = visit.open("/")
        page.goto(f"{url}/?source=W:0&target=W:299&min_hops=1&max_hops=4&limit=2000")
        page.locator("[data-drawn]").wait_for()
        start = page.evaluate("performance.now()")
        slowest = _pan(page)
        marks = page.evaluate(
            "[document.querySelectorAll('svg.canvas .entity').length,"
            " document.querySelectorAll('svg.canvas .edge').length].join(' entities, ') + ' edges'"
        )
        return start, slowest, marks


def _pan(page: Page) -> float:
    box = page.locator("svg.canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
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
        for name in {"ontology", "hetionet"} & urls.keys():
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
    asked = [measure_question(browser, url, *pair) for pair in pairs for _ in range(2)]
    told = ", ".join(f"{one:.0f}" for one in asked)
    print(f"{name}: Enter to drawn {told} ms; median {median(asked):.0f} ms")


if __name__ == "__main__":
    main()
