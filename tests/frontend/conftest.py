"""The gallery: base.html and the components alone, without a database."""

from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


@pytest.fixture
def gallery(settings: Any) -> Any:
    settings.ROOT_URLCONF = "tests.frontend.urls"
    options = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**options, "DIRS": [*options["DIRS"], HERE / "templates"]}]
    return settings
