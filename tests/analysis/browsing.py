"""A real browser for the tests of pages."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def started_browser() -> Iterator[Any]:
    """Start Debian's Chromium; skips the test where it or playwright is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class OpenedPage:
    """A page, with all that it logged and all that it requested."""

    page: Any
    logged: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Go to an address, and wait until the page has its runs."""
        self.page.goto("about:blank")
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready=yes]")

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds. Playwright's own waiting evaluates text as code, which the page forbids."""
        end = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < end, "it never came to hold"
            self.page.wait_for_timeout(50)

    def hash(self) -> str:
        return str(self.page.evaluate("location.hash"))


@contextmanager
def opened_page(browser: Any) -> Iterator[OpenedPage]:
    """Open a page; at its end nothing may have been logged, and nothing of a transcript may have run."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    opened = OpenedPage(page)
    page.on("console", lambda message: opened.logged.append(message.text))
    page.on("pageerror", lambda error: opened.logged.append(str(error)))
    page.on("request", lambda request: opened.requested.append(request.url))
    yield opened
    assert [] == opened.logged
    assert page.evaluate("window.hacked") is None
    page.close()
