"""What axe finds on a page, and which pages are looked at in which window."""

import os
from collections.abc import Sequence
from typing import Any, TypeVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

T = TypeVar("T")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passed is not told: writing it down takes as long as the examination.
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}
FULL = os.environ.get("PORTAL_FULL") == "1"


def found_by_axe(page: Page) -> list[Any]:
    found: list[Any] = Axe().run(page, options=OPTIONS).response["violations"]
    return found


def share(pages: Sequence[T], width: int) -> list[T]:
    """Each page in one window, the wide and the narrow one by turns; in the full run each page in each window."""
    return [*pages] if FULL else [*pages][width < 640 :: 2]
