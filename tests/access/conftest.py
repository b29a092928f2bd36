"""One world for all tests of a file: building it takes longer than asking it a hundred questions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.access import world as worlds
from tests.access.world import World
from tests.victims.raw import empty_the_area


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    # All combinations take longer than anybody may sit still; what one request stamps is rolled back.
    patience = dict.fromkeys(("SESSION_IDLE_LIMIT", "SEALED_LOCK"), timedelta(hours=2))
    changed = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"), **patience)
    with changed, django_db_blocker.unblock(), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)
        empty_the_area()  # case records are committed on connections of their own
