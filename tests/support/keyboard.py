"""A visitor without a mouse. What does something is counted; what only moves the focus is not, as no pointer's way is.

A choice in the palette (ctrl+K, words, Enter) is one action and typing, as a click on a link and typing would be."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from .browser import PATIENCE, Visit

MOST_TABS = 120


@dataclass
class Hand:
    """Somebody's hand on the keys of a page."""

    visit: Visit
    actions: int = 0

    def press(self, *keys: str) -> None:
        """Keys that do something."""
        for key in keys:
            self.actions += 1
            self.visit.keys(key)

    def move(self, *keys: str) -> None:
        """Keys that only move the focus."""
        self.visit.keys(*keys)

    def type(self, text: str) -> None:
        """Words into what has the focus, in place of those that are there."""
        self.visit.keys("Control+a")
        self.visit.say(text)

    def reach(self, wanted: Locator, key: str = "Tab") -> None:
        """Moves the focus until it is there."""
        wanted.wait_for(state="attached", timeout=PATIENCE)
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.visit.keys(key)
        raise AssertionError(f"{wanted} cannot be reached with {key}")

    def choose(self, wanted: Locator, key: str = "Enter") -> None:
        """Goes there and presses it."""
        self.reach(wanted)
        self.press(key)

    def palette(self, words: str, choice: str) -> None:
        """Types into the palette and takes what it offers first, which has to be ``choice``."""
        self.visit.keys("Control+k")
        self.visit.page.get_by_role("combobox").wait_for()
        self.visit.say(words)
        first = self.visit.page.locator('[role="option"][aria-selected="true"]')
        expect(first).to_contain_text(choice, timeout=PATIENCE)
        self.press("Enter")
