"""What a reader does on the page, by roles and names."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.web.visits import WAIT

__all__ = ["ask", "drawn", "entities", "evidence", "field", "options", "rows", "status"]

expect.set_options(timeout=WAIT)


def field(page: Page, name: str) -> Locator:
    """Return the field of an end: From, To, Compare with."""
    return page.get_by_role("combobox", name=name, exact=True)


def options(page: Page, name: str) -> Locator:
    """Return the entities that a field offers."""
    return page.get_by_role("listbox", name=name, exact=True).get_by_role("option")


def ask(page: Page, source: str, target: str) -> None:
    """Type both ends, press Enter, wait for the figure."""
    field(page, "From").fill(source)
    field(page, "To").fill(target)
    field(page, "To").press("Enter")
    drawn(page)


def drawn(page: Page) -> Locator:
    """Wait until a figure is drawn and the list beside it is whole; return the figure."""
    page.locator("[data-drawn][aria-busy=false]").wait_for()
    page.locator(".paths[aria-busy=true]").wait_for(state="detached")
    return page.get_by_role("region", name="Figure")


def rows(page: Page) -> Locator:
    """Return the paths of the list, each the button that opens it."""
    return page.get_by_role("region", name="Paths").locator("button[data-path]")


def evidence(page: Page) -> Locator:
    """Open the evidence, where it is not open, and return it."""
    opener = page.locator(".figure").get_by_role("button", name="Evidence", expanded=False)
    if opener.is_visible():
        opener.click()
    return page.get_by_role("region", name="Evidence", exact=True)


def entities(page: Page) -> Locator:
    """Return the entities of the figure."""
    return page.get_by_role("application").get_by_role("button")


def status(page: Page) -> Locator:
    """Return the live region that says what happened."""
    return page.get_by_role("status")
