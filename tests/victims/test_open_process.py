"""A process of the open area has nothing of the sealed one: no module, address, connection, right or key."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

LOOK = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.db import connections
from tests.access import census
import oas_trafficking.urls
print(json.dumps({
    "loaded": sorted(name for name in sys.modules if name.partition(".")[0] == "victims" or name == "pkcs11"),
    "views": sorted(n for n, r, v in census.urls() if v.__module__.startswith("victims")),
    "connections": sorted(connections),
    "settings": sorted(name for name in dir(settings) if name.startswith("SEALED_")),
    "apps": [name for name in settings.INSTALLED_APPS if name == "victims"],
    "timed": sorted({row["task"].split(".")[0] == "victims" for row in settings.CELERY_BEAT_SCHEDULE.values()}),
}))
"""


def look(areas: str) -> dict[str, list[str]]:
    env = {**os.environ, "OAS_AREAS": areas, "DJANGO_SETTINGS_MODULE": "oas_trafficking.settings"}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=Path(settings.BASE_DIR), env=env, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


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
