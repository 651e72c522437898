"""Twelve tasks on the page, by mouse and by keyboard: `python -m bench.tasks --data DIR`.

Real Chromium, real servers on loopback. A press is a click, or a key that is no letter of a text; a
keyboard reaches what it presses by Tab from where the focus is, so its presses are the most that a
reader needs. Seconds are those of the keystroke-level model (Card, Moran and Newell, *The
keystroke-level model for user performance time with interactive systems*, 1980): 0.28 a key, 1.1 to
point and 0.2 to click, and what the page was waited for.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from mechkg.kg.curation.store import fork
from mechkg.kg.curation.tokens import Tokens
from mechkg.ontology.curation import conclusions
from tests.api.servers import serving
from tests.web.visits import Visit, browsing, visiting

KEY: Final = 0.28
POINT: Final = 1.1
CLICK: Final = 0.2
"""Seconds of the keystroke-level model, for an average skilled typist."""

MOST_TABS: Final = 150

FOCUSED: Final = "(one) => one === document.activeElement"


@dataclass
class Hand:
    """What presses: a mouse, or a keyboard alone; counts presses, letters and time waited."""

    visit: Visit
    keyboard: bool
    presses: int = 0
    letters: int = 0
    waited: float = 0.0

    @property
    def page(self) -> Page:
        """The page that it works on."""
        return self.visit.page

    @property
    def seconds(self) -> float:
        """How long a practised person takes."""
        each = KEY if self.keyboard else POINT + CLICK
        return self.presses * each + self.letters * KEY + self.waited

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time of the block as waited."""
        start = time.perf_counter()
        yield
        self.waited += time.perf_counter() - start

    def see(self, place: Locator, text: str | re.Pattern[str] = "") -> None:
        """Wait until a place is seen, with a text."""
        with self.waiting():
            expect(place.first).to_be_visible()
            if text:
                expect(place.first).to_contain_text(text)

    def key(self, *names: str) -> None:
        """Press keys, whichever hand it is."""
        for name in names:
            self.page.keyboard.press(name)
            self.presses += 1

    def reach(self, place: Locator) -> None:
        """Bring the keyboard to a place by Tab."""
        for _ in range(MOST_TABS):
            if place.first.evaluate(FOCUSED):
                return
            self.key("Tab")
        raise LookupError(f"{MOST_TABS} tabs do not lead to {place}")

    def press(self, place: Locator, key: str = "Enter") -> None:
        """Click a place, or reach it and press a key."""
        self.see(place)
        if self.keyboard:
            self.reach(place)
            self.key(key)
        else:
            place.first.click()
            self.presses += 1

    def tick(self, place: Locator) -> None:
        """Tick a box."""
        self.press(place, "Space")

    def write(self, place: Locator, text: str) -> None:
        """Type a text in a field."""
        self.see(place)
        if self.keyboard:
            self.reach(place)
        else:
            place.first.click()
            self.presses += 1
        self.page.keyboard.type(text)
        self.letters += len(text)

    def choose(self, place: Locator, value: str) -> None:
        """Choose in a list: two clicks, or a key once it is reached."""
        self.see(place)
        if self.keyboard:
            self.reach(place)
        place.first.select_option(value)
        self.presses += 1 if self.keyboard else 2

    def ask(self, source: str, target: str) -> None:
        """Ask a question and wait for its figure."""
        self.name("From", source)
        self.name("To", target)
        self.key("Enter")
        self.drawn()

    def name(self, field: str, text: str) -> None:
        """Type a name; `/` leads a keyboard to the first field."""
        if self.keyboard and field == "From":
            self.key("/")
        self.write(self.page.get_by_role("combobox", name=field, exact=True), text)

    def drawn(self) -> None:
        """Wait for the figure."""
        with self.waiting():
            self.page.locator("[data-drawn][aria-busy=false]").wait_for()

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Return a button."""
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def facet(self, group: str, value: str) -> Locator:
        """Return the box of a value of a facet."""
        return self.page.get_by_role("group", name=group, exact=True).get_by_label(
            re.compile(f"^{value}")
        )


def find_out(hand: Hand) -> None:
    """Find out whether neuromyelitis optica is in the graph."""
    hand.name("From", "neuromyelitis")
    hand.see(
        hand.page.locator(".combobox .options, .combobox .extent"), re.compile("neuromy|No entity")
    )


def human_evidence(hand: Hand) -> None:
    """Why do neural stem cells help remyelination, human evidence only."""
    hand.ask("NSC", "Remyelination")
    hand.press(hand.page.locator("summary", has_text="Filters"))
    hand.tick(hand.facet("Context", "species: human"))
    hand.see(hand.button(re.compile("^Lift: with species: human")))


def secreted(hand: Hand) -> None:
    """Which factors does a graft secrete that raise remyelination."""
    hand.ask("NSC", "Remyelination")
    hand.press(hand.page.locator("summary", has_text="Filters"))
    hand.tick(hand.facet("Predicate", "secretes"))
    hand.tick(hand.facet("Effect of the path", "raises"))
    hand.see(hand.button(re.compile("^Lift: with raises")))


def compare(hand: Hand) -> None:
    """Neural against mesenchymal stem cells."""
    hand.ask("NSC", "Remyelination")
    hand.press(hand.button("Compare with another source"))
    hand.page.keyboard.type("MSC")
    hand.letters += 3
    hand.key("Enter")
    hand.see(hand.page.get_by_role("region", name="Comparison"))


def drug(hand: Hand) -> None:
    """A drug to a disease on the Hetionet part."""
    hand.ask("Metformin", "Alzheimer's disease")


def hub(hand: Hand) -> None:
    """A hub gene: what it leads to."""
    hand.name("From", "APP")
    hand.key("Tab", "Enter") if hand.keyboard else hand.press(hand.button("Find paths"))
    hand.press(hand.button("any disease"))
    hand.see(hand.page.get_by_role("region", name="Ends").get_by_role("listitem"))


def typo(hand: Hand) -> None:
    """A name with a typing error."""
    hand.name("From", "nueral stem cell")
    hand.see(hand.page.locator(".combobox [role=option]"), "neural stem cell")
    hand.key("ArrowDown", "Enter")
    hand.page.keyboard.type("neuron")
    hand.letters += 6
    hand.key("Enter")
    hand.drawn()


def open_end(hand: Hand) -> None:
    """One end open: which drug leads to remyelination."""
    hand.write(hand.page.get_by_role("combobox", name="To", exact=True), "Remyelination")
    hand.key("Enter")
    hand.press(hand.button("any drug"))
    hand.see(hand.page.get_by_role("region", name="Ends").get_by_role("listitem"))


def correct(hand: Hand) -> None:
    """Correct a wrong claim; the token is pasted in one press."""
    hand.ask("NSC", "GDNF")
    hand.press(hand.button("Changes"))
    dialog = hand.page.get_by_role("dialog")
    hand.write(dialog.get_by_label("Token"), "")
    hand.page.keyboard.insert_text(TOKEN["ours"])
    hand.presses += 1
    hand.press(dialog.get_by_role("button", name="Use it"))
    hand.see(dialog.get_by_role("button", name="Add a statement"))
    hand.key("Escape")
    hand.press(hand.page.locator(".figure .reads"))
    hand.press(hand.button("Correct SC061"))
    hand.choose(dialog.get_by_label("Effect"), "lowers")
    hand.write(dialog.get_by_label("Reason"), "not in humans")
    hand.press(dialog.get_by_role("button", name="Propose"))
    hand.see(dialog, re.compile("Changeset|error"))


def export(hand: Hand) -> None:
    """Export a figure for two columns of a paper."""
    hand.ask("NSC", "Remyelination")
    hand.press(hand.button("Take along"))
    hand.choose(hand.page.get_by_label("Made for"), "two-column")
    with hand.waiting(), hand.page.expect_download():
        hand.press(hand.button("PDF picture"))


def cite(hand: Hand) -> None:
    """Cite an answer: its references as BibTeX."""
    hand.ask("NSC", "Remyelination")
    hand.press(hand.page.locator(".figure .reads"))
    references = hand.page.get_by_role("region", name="References")
    hand.press(references.get_by_role("button", name="BibTeX"))
    hand.see(hand.page.get_by_role("status").filter(has_text=re.compile("[Cc]opied")))


def share(hand: Hand) -> None:
    """Share an answer and open it again."""
    hand.ask("NSC", "Remyelination")
    hand.press(hand.button("Take along"))
    hand.press(hand.button("Copy Address"))
    hand.see(hand.page.get_by_role("dialog"), "Copied")
    address = hand.page.evaluate("navigator.clipboard.readText()")
    with hand.waiting():
        hand.page.goto(address)
    hand.drawn()


TOKEN: Final[dict[str, str]] = {}
TASKS: Final[tuple[tuple[Callable[[Hand], None], str], ...]] = (
    (find_out, "ms-nsc"), (human_evidence, "ms-nsc"), (secreted, "ms-nsc"), (compare, "ms-nsc"),
    (drug, "hetionet"), (hub, "hetionet"), (typo, "ms-nsc"), (open_end, "ms-nsc"),
    (correct, "ours"), (export, "ms-nsc"), (cite, "ms-nsc"), (share, "ms-nsc"),
)  # fmt: skip


def measured(browser: Any, url: str, task: Callable[[Hand], None], *, keyboard: bool) -> Hand:
    """Do a task once with a hand."""
    permissions = ["clipboard-read", "clipboard-write"]
    with visiting(browser, url, permissions=permissions, refused=(422,)) as visit:
        visit.open("/")
        hand = Hand(visit, keyboard)
        task(hand)
    return hand


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of the snapshots")
    data = parser.parse_args().data
    if not (data / "ours").exists():
        fork(data, "ms-nsc", "ours", infer=conclusions)
    TOKEN["ours"] = Tokens(data).add("task", "accept")
    print("| task | mouse: presses, letters, seconds | keyboard: presses, letters, seconds |")
    print("|---|---|---|")
    with ExitStack() as stack:
        urls = {
            graph: stack.enter_context(serving(data, data / f"{graph}.log", graph=graph)).url
            for graph in ("ms-nsc", "hetionet", "ours")
        }
        browser = stack.enter_context(browsing())
        for task, graph in TASKS:
            hands = [measured(browser, urls[graph], task, keyboard=k) for k in (False, True)]
            cells = [f"{one.presses}, {one.letters}, {one.seconds:.1f}" for one in hands]
            name = (task.__doc__ or "").rstrip(".")
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
