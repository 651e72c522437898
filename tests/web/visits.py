"""A browser on the page, and everything on it that must not happen."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

__all__ = ["Visit", "WAIT", "browsing", "visiting"]

ROOT = Path(__file__).parents[2]
WAIT = 120_000
"""Milliseconds for the page to change: enough for a machine with eight times the load."""
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

RULES = """async (tags) => {
  // A tag alone would take the rules in that axe leaves out: level AAA.
  const rulesOf = (tags) => axe.getRules(tags).filter((rule) => !rule.tags.includes("wcag2aaa"))
    .map((rule) => rule.ruleId);
  const {violations} = await axe.run(document, {
    ...(tags ? {runOnly: {type: "rule", values: rulesOf(tags)}}
      : {rules: {"target-size": {enabled: true}, "color-contrast": {enabled: true}}}),
    resultTypes: ["violations"],
  });
  const told = ({any, all, none}) => [...any, ...all, ...none].map((one) => one.message).join("; ");
  return violations.flatMap(({id, nodes}) => nodes.map((node) =>
    [id, node.html.slice(0, 300), told(node).slice(0, 300)]));
}"""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run a Chromium until the block ends."""
    told = subprocess.run(
        [ROOT / "requirements/browser"], check=True, capture_output=True, text=True
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=told.stdout.strip(), args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One visitor: the page, the requests to other hosts, the errors on the console."""

    page: Page
    url: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    refused: tuple[int, ...] = ()
    """Statuses that the test provokes: browsers put them on the console themselves."""

    def open(self, path: str = "/") -> Page:
        """Go to an address of the service and wait until the page can be used."""
        self.page.goto(self.url + path)
        self.page.locator("html[data-ready]").wait_for()
        return self.page

    def violations(self, *tags: str) -> list[Any]:
        """Return what axe finds wrong with the page as it stands, by the rules of some tags or all.

        The rules that depend on colours have the tag `cat.color`.
        """
        self.page.evaluate("document.getAnimations().forEach((one) => one.finish())")
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        return self.page.evaluate(RULES, tags or None)  # type: ignore[no-any-return]

    def hear(self, message: ConsoleMessage) -> None:
        told = any(f"status of {status} " in message.text for status in self.refused)
        if message.type in {"error", "warning"} and not told:
            self.errors.append(f"{message.type}: {message.text} ({message.location})")


@contextmanager
def visiting(browser: Browser, url: str, **options: Any) -> Iterator[Visit]:
    """Open a visitor with a profile of its own; on leaving, hold that nothing went wrong."""
    refused = options.pop("refused", ())
    options.setdefault("viewport", {"width": 1440, "height": 900})
    options.setdefault("reduced_motion", "reduce")
    context: BrowserContext = browser.new_context(**options)
    context.set_default_timeout(WAIT)
    try:
        visit = Visit(context.new_page(), url, refused=refused)
        host = urlsplit(url).netloc

        def watch(request: Any) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in {"data", "blob", "file"} and parts.netloc != host:
                visit.foreign.append(request.url)

        context.on("request", watch)
        context.on("console", visit.hear)
        context.on("weberror", lambda error: visit.errors.append(str(error.error)))
        yield visit
        harmed = visit.page.evaluate("window.harmed")
    finally:
        context.close()
    assert visit.foreign == [], visit.foreign
    assert visit.errors == [], visit.errors
    assert harmed is None
