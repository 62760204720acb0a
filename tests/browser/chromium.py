"""Which Chromium the tests drive: `$L2C_CHROMIUM`, the system's, or Playwright's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

NOWHERE = (
    "No Chromium was found. Name one in L2C_CHROMIUM, install the distribution's package, "
    "or run `playwright install chromium`."
)


def find(playwright: Playwright) -> str | None:
    """The path of the browser, or None where none can be had."""
    named = os.environ.get("L2C_CHROMIUM")
    if named:
        return named
    for name in SYSTEM_NAMES:
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def launch(playwright: Playwright, executable: str) -> Browser:
    """A browser without a window. Its own sandbox does not work for root, in a container."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return playwright.chromium.launch(
        executable_path=executable, args=["--no-sandbox"] if as_root else []
    )
