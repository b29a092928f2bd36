"""A process of the open area has nothing of the sealed one: no module, address, connection, right or key."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from oas_trafficking.permissions import NEEDED_PAGES

LOOK = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.db import connections
from tests.access import census
import oas_trafficking.urls
from oas_trafficking.permissions import NEEDED, is_served
print(json.dumps({
    "loaded": sorted(name for name in sys.modules if name.partition(".")[0] == "victims" or name == "pkcs11"),
    "views": sorted(n for n, r, v in census.urls() if v.__module__.startswith("victims")),
    "connections": sorted(connections),
    "settings": sorted(name for name in dir(settings) if name.startswith("SEALED_")),
    "apps": [name for name in settings.INSTALLED_APPS if name == "victims"],
    "strange": sorted(n for n, r, v in census.urls() if is_served(v, n) and not v.__module__.startswith(NEEDED)),
    "timed": sorted({row["task"].split(".")[0] == "victims" for row in settings.CELERY_BEAT_SCHEDULE.values()}),
}))
"""


def look(areas: str, *wanted: str) -> dict[str, list[str]]:
    """Of the process with these areas; without words, all but what has a test of its own."""
    env = {**os.environ, "OAS_AREAS": areas, "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=Path(settings.BASE_DIR), env=env, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return {name: value for name, value in found.items() if name in wanted or (not wanted and name != "strange")}


def test_the_open_area_knows_nothing() -> None:
    assert look("open") == {
        "loaded": [],
        "views": [],
        "connections": ["audit", "default"],
        "settings": ["SEALED_DATABASE", "SEALED_KEYS_DATABASE"],
        "apps": [],
        "timed": [False],
    }


def test_the_other_process_does() -> None:
    found = look("open,sealed")
    assert found["connections"] == ["audit", "default", "keys", "sealed"]
    assert found["apps"] == ["victims"]
    assert found["timed"] == [False, True]


def test_the_clock_of_the_sealed_area_asks_for_its_own_work_alone() -> None:
    """Two clocks that know the open area's work would ask for it twice."""
    assert look("sealed")["timed"] == [True]


@pytest.mark.parametrize("variable", ["DATABASE_SEALED_URL", "DATABASE_KEYS_URL"])
def test_a_sealed_process_without_its_logins_does_not_start(variable: str) -> None:
    env = {**os.environ, "OAS_AREAS": "sealed", "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings"}
    del env[variable]
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=Path(settings.BASE_DIR), env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"Set {variable} in the environment" in done.stderr


def test_the_sealed_process_serves_the_static_pages_of_the_frame_and_no_other_of_the_open_area() -> None:
    assert look("sealed", "strange")["strange"] == sorted(NEEDED_PAGES)


@pytest.fixture
def alone(settings: Any) -> Client:
    """As a process of the sealed area alone answers."""
    settings.SERVES_OPEN = False
    middleware = list(settings.MIDDLEWARE)
    middleware.insert(middleware.index(settings.LOGIN_MIDDLEWARE), "oas_trafficking.middleware.SealedAloneMiddleware")
    settings.MIDDLEWARE = middleware
    return Client()


@pytest.mark.django_db
def test_its_start_pages_lead_to_the_cases_and_its_menu_to_what_is_there(alone: Client, cast: Any) -> None:
    assert alone.get(reverse("report_list")).status_code == 404
    assert alone.get("/api/v1/").status_code == 404
    assert alone.get(reverse("account_login")).status_code == 200
    alone.force_login(cast.beto)
    assert alone.get(reverse("report_list")).status_code == 404
    assert alone.get(reverse("home")).url == reverse("case_list")  # type: ignore[attr-defined]
    page = alone.get(reverse("profile"))
    assert list(page.context["nav_items"]) == []
    assert alone.get(reverse("team")).status_code == 404
