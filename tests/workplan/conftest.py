import os
from typing import Any

import pytest

from core.book import parse


@pytest.fixture
def books_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of workbooks are read by the child's code without a child for each; in the full run with one."""

    def here(module: str, *, source: Any) -> bytes:
        assert module == "core.book"
        return parse.as_json(source)

    if os.environ.get("PORTAL_FULL") != "1":
        monkeypatch.setattr("core.book.run", here)
